#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""week.py: the bad week of July 2020, morning by morning, from outside.

Owns: nothing of the program. It founds a replay as `levee demo` does, serves it, signs in as the offices would,
turns the mornings and holds every fact of the story to what the API says. The tests are the mornings, in their
order; each goes on where the one before ended. usage: python3 tests/story/week.py [PART-OF-NAME]
"""
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "api"))
import harness  # noqa: E402

WAIT_S = 60
CITIES = 14


class Week:
    """The replay being played: its server and who has signed in."""

    folder = None
    server = None
    clients = {}
    notice = None  # Dalian's
    series = None


def start():
    if Week.server is None:
        Week.folder = tempfile.mkdtemp(prefix="levee-story-")
        code, _, _ = harness.run("demo", "--data", Week.folder + "/store")
        assert code == 0
        Week.server = harness.Server(Week.folder + "/store")
    return Week.server


def end():
    if Week.server is not None:
        Week.server.stop()
        Week.server = None
    if Week.folder is not None:
        shutil.rmtree(Week.folder)


def as_account(name):
    if name not in Week.clients:
        Week.clients[name] = start().client().sign_in(name)
    return Week.clients[name]


def ask(path, account="province"):
    answer = as_account(account).get("/api/v1/" + path)
    assert answer.status == 200, answer
    return answer.json()["rows"]


def do(name, body, account):
    answer = as_account(account).command(name, body)
    assert answer.status == 200, answer
    return answer.json()


def turn_to(day):
    """Turns mornings until it is `day`, and waits until what became known has been judged."""
    while ask("replay")[0]["day"] < day:
        do("replay.next", {}, "leader")
        until = time.monotonic() + WAIT_S
        while not ask("replay")[0]["is_ready"]:
            assert time.monotonic() < until, "the morning is not finished"
            time.sleep(0.05)
    now = ask("replay")[0]
    assert now["day"] == day and now["is_ready"], now


def open_notices(field=None):
    return [row for row in ask("notices?is_open=1&limit=500") if field in (None, row["field"])]


def dalian():
    return ask("notices/" + Week.notice)[0]


def keys(sentences):
    return [sentence["key"] for sentence in sentences]


def sentence(sentences, key):
    found = [s for s in sentences if s["key"] == key]
    assert len(found) == 1, (key, keys(sentences))
    return found[0]["arguments"]


def points(method="ears-c1", more="", start_day="2020-07-16", end_day="2020-08-06"):
    rows = ask(f"series/{Week.series}/points?from={start_day}&to={end_day}&method={method}{more}")
    return {row["period"]: row for row in rows}


def place_levels():
    return {row["code"]: row for row in ask("overview/divisions")}


# ---- Wednesday 22 July: calm -------------------------------------------------------------------

def test_wednesday_22_opens_calm_with_one_worry_in_lindi():
    turn_to("2020-07-22")
    session = as_account("province").get("/api/v1/session").json()
    assert session["store"]["kind"] == "replay"
    assert session["store"]["time"] == "2020-07-22T07:00:00+08:00"
    assert open_notices("epidemic") == []
    situations = ask("overview/situations")
    assert [row["origin"] for row in situations] == ["simulated"], situations
    assert {row["field"] for row in open_notices()} == {"petition", "finance"}
    places = {row["division_code"] for row in open_notices()}
    assert places == {"219903", "219905"}, places
    assert not any(row["is_overdue"] for row in open_notices()), "a quiet worry is in hand"
    title = situations[0]["title"]["arguments"]
    assert title["place"]["en"] == "Lindi", title
    spread, cover = title["event"]["arguments"]["first"], title["event"]["arguments"]["second"]
    assert spread["key"] == "situation.spread_up" and spread["arguments"]["places"]["arguments"]["count"] == 2, spread
    assert cover["arguments"]["period"] == "2020-09", "cash covers wages until September"
    units = {unit["en"].split()[-2] for unit in situations[0]["units"]}
    assert units == {"finance", "labour"}, units


def test_wednesday_22_no_real_place_has_a_colour():
    levels = place_levels()
    real = [row for code, row in levels.items() if not code.startswith("2199")]
    assert len(real) >= CITIES
    assert all(row["level"] == 0 for row in real), real
    assert levels["210200"]["last_rise"] == "2020-04-02", "Dalian: no rise since 2 April"
    assert levels["219900"]["level"] > 0 and levels["219900"]["origin"] == "simulated"


def test_the_rule_fired_four_times_before_and_not_for_fushun():
    first = [row for row in ask("notices?field=epidemic&limit=500")]
    places = sorted(row["division_code"] for row in first)
    assert places == ["210100", "210100", "210200", "210600"], places
    assert not any(row["division_code"] == "210400" for row in first), "Fushun's first row is no case"
    days = sorted(row["raised_at"][:10] for row in first)  # known on the morning after
    assert days == ["2020-03-02", "2020-04-03", "2020-05-11", "2020-06-15"], days


def due(account="lindi"):
    return {(row["division_en"], row["indicator_en"]): row for row in ask("today/due", account)}


def test_wednesday_22_figures_are_due_and_those_held_are_filled_in():
    cover = "Months of wages that cash covers"
    rows = [row for (_, name), row in due().items() if name == cover]
    assert len(rows) == 8 and all(row["period"] == "2020-06" for row in rows), rows
    assert sorted(row["division_en"] for row in rows if row["is_held"]) == ["Ceshui County", "Xunqiao County"]
    held = due()[("Shizha County", "Treasury cash cover")]
    assert held["is_held"] and held["value"] and held["source_en"], "held already: nobody types it again"
    assert {place for place, _ in due("county")} == {"Ceshui County"}
    assert due("province") == {}, "the counties' figures are not the province's to type"


def test_wednesday_22_a_figure_is_typed_and_corrected_by_typing_again():
    asked = ask("overview/foot")[0]["minutes_asked"]
    key = ("Shizha County", "Months of wages that cash covers")
    for value, minutes in (("6.4", 2), ("5.9", 1)):
        row = due()[key]
        do("readings.type", {"series": row["series"], "period": "2020-06", "value": value, "minutes": minutes}, "lindi")
        row = due()[key]
        assert row["is_held"] and row["value"] == value, row
        points = ask(f"series/{row['series']}/points?from=2020-06&to=2020-06", "lindi")
        assert points[0]["value"] == float(value)
    assert points[0]["value_then"] == 6.4 and points[0]["is_corrected"], "both stay"
    assert ask("overview/foot")[0]["minutes_asked"] == asked + 3
    answer = as_account("dalian").command("readings.type", {"series": row["series"], "period": "2020-06", "value": "1"})
    assert answer.status == 404, answer


# ---- Thursday 23 July: one case ----------------------------------------------------------------

def test_thursday_23_a_notice_rings_after_111_days():
    turn_to("2020-07-23")
    found = open_notices("epidemic")
    assert len(found) == 1, found
    Week.notice, Week.series = found[0]["id"], found[0]["series"]
    row = dalian()
    assert (row["division_code"], row["level"], row["state"], row["origin"]) == ("210200", 1, "raised", "real")
    assert row["title"]["key"] == "notice.title_first"
    assert row["title"]["arguments"]["span"]["arguments"]["count"] == 111
    seen = sentence(row["explanation"], "notice.seen_first")
    assert (seen["value"], seen["period"]) == (1, "2020-07-22")
    assert "notice.cost" in keys(row["explanation"]), "a check costs one shift, a miss costs weeks"


def test_thursday_23_the_record_is_counts_and_no_lead_time_is_claimed():
    row = dalian()
    record = row["record"][0]
    assert (record["rule"], record["fired"], record["came_true"]) == ("first-case", 4, 0), record
    assert "percent" not in str(record), "no percentage below 20"
    assert row["lead_time"]["key"] == "notice.lead_time_none", row["lead_time"]


def test_thursday_23_every_level_above_sees_it_and_the_owner_takes_it_over():
    above = {row["en"]: row["time"] for row in dalian()["seen_above"]}
    assert above["Dalian"] == above["Liaoning"] == "2020-07-23T07:00:00+08:00", above
    todo = [row for row in ask("today", "dalian") if row["notice"] == Week.notice]
    assert todo and todo[0]["action"] == "notice.take_over", todo
    time.sleep(1.1)  # times are told to the second
    do("notice.take_over", {"notice": Week.notice}, "dalian")
    assert dalian()["state"] == "taken_over"
    late = [row for row in ask(f"notices/{Week.notice}/timeline") if row["type"] == "notice.taken_over"][0]
    assert late["time"] > "2020-07-23T07:00:00+08:00", "an act has its own time, not the morning's"
    steps = [row["type"] for row in ask(f"notices/{Week.notice}/timeline")]
    assert "notice.raised" in steps and "notice.taken_over" in steps, steps


# ---- Friday and Saturday: the level rises by itself ----------------------------------------------

def test_friday_24_and_saturday_25_the_level_rises_by_itself():
    turn_to("2020-07-24")
    assert dalian()["level"] == 2
    turn_to("2020-07-25")
    row = dalian()
    assert (row["level"], row["state"]) == (3, "taken_over")
    assert sentence(row["explanation"], "notice.seen_sum")["sum"] == 12
    assert len(open_notices("epidemic")) == 1, "one open notice, not one a day"


def test_saturday_25_official_acts_stand_beside_it_with_their_sources():
    acts = [row for row in ask(f"series/{Week.series}/acts") if row["kind"] == "official"]
    assert any(row["time"] == "2020-07-23T09:14:00+08:00" for row in acts), acts
    assert all(row["source_zh"] and row["source_en"] and row["authority_en"] for row in acts)
    assert any(row["day_zh"] == "2020-07-23 周四傍晚" and row["day_en"] == "2020-07-23 Thu evening" for row in acts), acts
    for row in acts:
        for name in ("day_en", "source_en", "authority_en"):
            assert not re.search("[\u4e00-\u9fff]", row[name]), "two languages stand in two fields, not in one text"
    situation = ask("situations/" + dalian()["situation"])[0]
    assert situation["level"] == 3 and situation["incident_grade"] is None, "an act is not our level"


# ---- Sunday 26 July: not believed ----------------------------------------------------------------

def test_sunday_26_the_zero_is_not_believed():
    turn_to("2020-07-26")
    point = points()["2020-07-25"]
    assert point["value"] == 0 and point["is_believed"] is False
    why = sentence(point["doubt"]["reason"], "doubt.zero_disputed")
    assert why["before"] == "1, 2, 9"
    assert why["chance"] == 2, "exp(-4) is 2 of 100"
    assert why["other"] == 13, "the second source has +13"
    assert "doubt.feed_still" in keys(point["doubt"]["reason"]), "our copy stood still; no city reported zero"


def test_sunday_26_the_title_is_a_sentence_in_terms_of_the_data():
    title = ask("situations/" + dalian()["situation"])[0]["title"]["arguments"]
    assert title["place"]["en"] == "Dalian", title
    level, doubt = title["event"]["arguments"]["first"], title["event"]["arguments"]["second"]
    what = level["arguments"]["first"]["arguments"]
    assert (what["sum"], what["span"]["arguments"]["count"]) == (12, 4), "12 believed cases in 4 days"
    assert level["arguments"]["second"]["key"] == "situation.level_held", level
    assert doubt == {"key": "situation.not_believed", "arguments": {"period": "2020-07-25"}}, doubt


def test_sunday_26_the_record_first_shown_is_that_of_the_rule_that_gave_the_level():
    record = dalian()["record"]
    assert [row["rule"] for row in record] == ["ten-in-seven", "first-case", "three-in-seven", "fifty-in-fourteen"]
    assert (record[1]["fired"], record[1]["came_true"]) == (4, 0), "what the notice is about is no record of it"
    fired = ask("rules/first-case/record?indicator=epidemic.cases&origin=real&before=2020-07-22")
    assert [row["period"] for row in fired] == ["2020-06-14", "2020-05-10", "2020-04-02", "2020-03-01"], fired
    assert not any(row["came_true"] for row in fired) and all(row["is_decided"] for row in fired)


def test_sunday_26_what_stands_behind_the_counts():
    doubts = ask("doubts?is_open=1")
    assert [(row["division_code"], row["period"]) for row in doubts] == [("210200", "2020-07-25")], doubts
    foot = ask("overview/foot")[0]
    assert foot["not_believed"] == len(doubts)
    states = [row["state"] for row in ask("instructions")]
    assert foot["instructions_on_time"] == states.count("on_time")
    assert foot["instructions_slipped"] == states.count("late") + states.count("slipped")
    assert foot["minutes_asked"] == sum(row["minutes"] for row in ask("figures/typed"))
    line = [row for row in ask("overview/fields") if row["field"] == "epidemic"][0]["distance"]
    assert (line["place"]["en"], line["value"]) == ("Dalian", 9), "the newest figure that is believed"


def test_sunday_26_the_level_is_held_and_the_feed_is_asked():
    row = dalian()
    assert row["level"] == 3
    assert row["held"]["key"] == "notice.held_not_believed", row["held"]
    question = row["questions"][0]
    assert question["state"] == "asked" and question["deadline_at"] == "2020-07-26T09:00:00+08:00", question
    todo = [line for line in ask("today", "feed") if line["kind"] == "question"]
    assert todo and todo[0]["action"] == "reading.answer", todo
    assert ask("overview/foot")[0]["not_believed"] == 1


# ---- Monday 27 July: the missing day -------------------------------------------------------------

def test_monday_27_the_missing_day_arrives_and_tieling_joins():
    turn_to("2020-07-27")
    now = points()
    assert now["2020-07-26"]["value"] == 12 and now["2020-07-26"]["is_believed"]
    assert now["2020-07-25"]["doubt"]["answer"] == "corrected"
    assert now["2020-07-25"]["doubt"]["moved_to"] == "2020-07-26"
    joined = {row["division_code"]: row["situation"] for row in open_notices("epidemic")}
    assert joined == {"210200": dalian()["situation"], "211200": dalian()["situation"]}, joined
    assert dalian()["level"] == 3


def test_monday_27_as_of_joins_what_was_known():
    then = points(more="&as_of=2020-07-26T07:00:00%2B08:00")
    assert "2020-07-26" not in then or then["2020-07-26"]["value"] is None
    assert then["2020-07-25"]["is_believed"] is False and then["2020-07-25"]["doubt"]["answer"] is None
    assert points()["2020-07-25"]["is_corrected"] is True


# ---- Wednesday 29 July: the textbook is silent -----------------------------------------------------

def test_wednesday_29_the_detectors_are_silent_and_the_notice_stays():
    turn_to("2020-07-29")
    for method, last in (("ears-c1", "2020-07-26"), ("ears-c2", "2020-07-27")):
        alarms = [day for day, row in sorted(points(method).items()) if method in row["alarms"]]
        assert alarms[-1] == last, (method, alarms)
    point = points("ears-c1")["2020-07-26"]
    assert point["value"] == 12 and f"{point['upper']:.2f}" == "11.92", point
    row = dalian()
    assert row["is_open"] and row["level"] == 3, (row["is_open"], row["level"])


def test_wednesday_29_could_we_have_known_earlier():
    earlier = ask("situations/" + dalian()["situation"])[0]["known_earlier"]
    assert earlier["days"] == 13, earlier
    assert earlier["gap"], "the gap is named"
    assert dalian()["lead_time"]["key"] == "notice.lead_time_none", "no count could warn before 22 July"


def test_wednesday_29_judge_gives_the_number_on_the_page():
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("series,time,value\n")
        rows = points("ears-c1", start_day="2020-06-01")
        file.writelines(f"dalian,{day},{row['value']}\n" for day, row in sorted(rows.items()))
        file.flush()
        _, said, _ = harness.run("judge", file.name, "--method", "ears-c1", "--from", "2020-07-22")
    judged = {line.split(",")[1]: line.split(",") for line in said.splitlines()[1:]}
    for day in ("2020-07-24", "2020-07-26", "2020-07-27", "2020-07-28"):
        assert abs(float(judged[day][4]) - rows[day]["upper"]) < 1e-9, (day, judged[day], rows[day])


def test_wednesday_29_orange_is_brought_down_one_level_up_only():
    before = dalian()
    for command, body in (("notice.judge", {"verdict": "not_upheld"}), ("notice.judge", {"verdict": "changed", "level": 1}),
                          ("notice.lower", {"level": 1})):
        answer = as_account("dalian").command(command, {"notice": Week.notice, "reason": "over", **body})
        assert answer.status == 403, (command, answer)
    do("notice.judge", {"notice": Week.notice, "verdict": "upheld", "reason": "44 in a week"}, "dalian")
    answer = as_account("dalian").command("notice.close", {"notice": Week.notice, "outcome": "false_alarm", "reason": "over"})
    assert answer.status == 403, answer
    do("notice.ask_lower", {"notice": Week.notice, "level": 2, "reason": "the detectors are silent"}, "dalian")
    todo = [row for row in ask("today", "province") if row["notice"] == Week.notice]
    assert [row["action"] for row in todo] == ["notice.lower"], todo
    answer = as_account("province").command("notice.lower", {"notice": Week.notice, "level": 2, "reason": "asked"})
    assert answer.status == 409 and answer.json()["error"]["key"] == "notice.quiet_short", answer
    assert dalian()["level"] == before["level"] == 3


# ---- Always --------------------------------------------------------------------------------------

def test_real_and_invented_never_mix():
    fictional = {row["code"] for level in (2, 3) for row in ask(f"divisions?level={level}&limit=1000")
                 if row["is_fictional"]}
    assert len(fictional) == 9, fictional
    for path in ("notices?limit=500", "situations?limit=500", "series?limit=500", "overview/situations"):
        for row in ask(path):
            is_invented = row["division_code"] in fictional
            assert row["origin"] == ("simulated" if is_invented else "real"), (path, row)
    for code, row in place_levels().items():
        assert code in fictional or row["level"] == 0 or row["origin"] == "real", row


def test_an_office_sees_its_own_division_only():
    assert {row["division_code"][:4] for row in ask("notices?limit=500", "lindi")} == {"2199"}
    answer = as_account("lindi").get("/api/v1/notices/" + Week.notice)
    assert answer.status == 404 or answer.json()["rows"] == [], answer


def test_the_leader_looks_and_does_not_act():
    answer = as_account("leader").command("notice.close", {"notice": Week.notice, "outcome": "false_alarm",
                                                           "reason": "no"})
    assert answer.status == 403, answer


def test_one_flipped_byte_is_named():
    if harness.run("ledger", "verify", "--help", check=False)[0] == 64:
        raise harness.Skip("this build has no levee ledger")
    as_account("province")
    Week.clients.clear()
    Week.server.stop()
    Week.server = None
    copy = Week.folder + "/copy"
    shutil.copytree(Week.folder + "/store", copy)
    code, _, said = harness.run("ledger", "verify", "--data", copy, check=False)
    assert code == 0, said
    database = sqlite3.connect(f"file:{copy}/ledger.db?mode=ro", uri=True)
    data = database.execute("SELECT bytes FROM entry WHERE sequence = 1234").fetchone()[0]
    database.close()
    file = bytearray(pathlib.Path(copy + "/ledger.db").read_bytes())
    place = file.find(data[:64])
    assert place > 0 and file.count(data[:64]) == 1
    file[place + 40] ^= 1
    pathlib.Path(copy + "/ledger.db").write_bytes(file)
    code, out, said = harness.run("ledger", "verify", "--data", copy, check=False)
    assert code == 76, (code, out, said)
    assert "1234" in out + said, (out, said)


if __name__ == "__main__":
    harness.main(dict(globals()))
