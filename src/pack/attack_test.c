// SPDX-License-Identifier: GPL-3.0-or-later
//
// attack_test.c: texts that try to get out, or to get everything, or never to end (test T-33).
//
// Each attack stands in each of the places in which a pack can make something happen. All must be
// refused, with a mistake, within a second of processor time and 32 MiB, whatever they try.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pack/pack_priv.h"
#include "unit.h"

enum { ATTACK_SIZE = 160 * 1024, MEMORY_MOST = 32 << 20, SECONDS_MOST = 1 };

// Statements. {} inside a place below stands for one of them.
static const char *const attacks[] = {
    // Never to end.
    "while true do end",
    "repeat until false",
    "for i = 1, 1e18 do end",
    "for i = 1, math.huge do end",
    "for i = 1, 9007199254740993 do for j = 1, 9007199254740993 do end end",
    "goto again ::again:: goto again",
    "::again:: local x = 1 goto again",
    "local function f() return f() end f()",
    "local function f() return 1 + f() end f()",
    "local function f(...) return f(1, ...) end f()",
    "local a, b function a() return b() end function b() return a() end a()",
    "local t = {} while true do t[#t + 1] = 1 end",
    "local t = {} for i = 1, 1e9 do t[i] = {} end",
    "local t = {} for i = 1, 1e9 do t['k' .. i] = i end",
    "local t = {} local u = t for i = 1, 1e9 do u.x = {} u = u.x end",
    // To get everything.
    "local s = 'x' while true do s = s .. s end",
    "local s = 'x' for i = 1, 1e9 do s = s .. 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' end",
    "local s = ('x'):rep(1000000000)",
    "local s = string.rep('x', 1000000000)",
    "local s = ('%1000000d'):format(1)",
    "local s = string.format('%99999s', 'x')",
    "('aaaaaaaaaaaaaaaaaaaaaaaaaaaa'):find(('a?'):rep(28) .. ('a'):rep(28))",
    "string.gsub('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '(.-)(.-)(.-)(.-)(.-)b', '')",
    "table.concat({}, 'x', 1, 2^53)",
    "table.unpack({}, 1, 1e7)",
    "table.sort({3, 2, 1}, function() return true end)",
    "local a <const>, b <close> = 1, 2",
    "local s = 'x' for i = 1, 17 do s = s .. s end local n = 0 "
    "while true do if s < s .. '' then n = n + 1 end end",
    "local s = 'x' for i = 1, 17 do s = s .. s end while true do local t = {[s .. 'y'] = 1} end",
    "local t = {} for i = 1, 100 do t[i] = function() return t end end while true do t[1]()[2]() "
    "end",
    // To get out.
    "os.execute('touch /tmp/levee-escaped')",
    "io.open('/etc/passwd')",
    "io.popen('id')",
    "require('os')",
    "package.loadlib('libc.so.6', 'system')",
    "load('return 1')()",
    "loadstring('return 1')()",
    "loadfile('/etc/passwd')",
    "dofile('/etc/passwd')",
    "debug.getregistry()",
    "debug.sethook()",
    "debug.setmetatable('', {__index = {}})",
    "getmetatable('').__index = {}",
    "setmetatable({}, {__gc = function() while true do end end})",
    "setmetatable(_ENV, {__index = function() return 1 end})()",
    "rawset(_G, 'x', 1)",
    "collectgarbage('stop')",
    "coroutine.wrap(function() while true do end end)()",
    "coroutine.create(function() end)",
    "pcall(function() while true do end end)",
    "xpcall(error, function() while true do end end)",
    "_G.os.exit(1)",
    "_ENV.io.write('x')",
    "local _ENV = nil x()",
    "local _ENV = {} os.exit(1)",
    "print('hello')",
    "select('#', 1)",
    "next({})",
    "error({})",
    "(nil)()",
    "('x')()",
    "local t = {} t.x.y = 1",
    "return {} while true do end",
    "utf8.char(1)",
};

// Where a statement can run.
static const char *const places[] = {
    "{} return {}",
    "return (function() {} end)()",
    "local t = { name = (function() {} end)() } return t",
};

// Whole texts: the reading itself is attacked.
static const char *const texts[] = {
    "\x1bLua",
    "\x1bLua\x54\x00\x19\x93\r\n\x1a\n",
    "return",
    "return nil",
    "return 1",
    "return 'x'",
    "return function() end",
    "return {}, 2",
    "return {",
    "return }",
    "return { name = }",
    "return [[",
    "--[[ never closed",
    "return \"never closed",
    "return '\\400'",
    "return '\\u{110000000}'",
    "return { 0x }",
    "return { 1e }",
    "return { [nil] = 1 }",
    "return { [0/0] = 1 }",
    "\xff\xfe",
    "return '\xc0\x80'",
    "break",
    "::a:: ::a::",
    "goto nowhere",
    "local x <const> = 1 x = 2",
    "return ...",
    "local t = {} t.t = t return t",
    "local a, b = {}, {} a.b = b b.a = a return a",
    "local t = {} for i = 1, 30000 do t[i] = i end return t",
    "local t = {} for i = 1, 12 do t = {t, t} end return t",
    "local s = 'x' for i = 1, 17 do s = s .. s end local t = {} "
    "for i = 1, 9000 do t[i] = s end return t",
    "local s = 'x' for i = 1, 17 do s = s .. s end return { [s] = s }",
    "return { name = function() end }",
    "return { [true] = 1, [1.5] = 2, [{}] = 3 }",
    "return { name = '\\xff\\xfe' }",
};

// Texts that are long: `count` times `piece` between `head` and `tail`.
static const struct {
    const char *head;
    const char *piece;
    int count;
    const char *tail;
} long_texts[] = {
    {"return ", "(", 30000, ""},
    {"return ", "{", 30000, ""},
    {"return ", "{", 190, "}"},
    {"return ", "-", 60000, "1"},
    {"return ", "not ", 30000, "1"},
    {"return 1", " .. 1", 20000, ""},
    {"return 1", " ^ 1", 20000, ""},
    {"return a", ".a", 40000, ""},
    {"return f", "()", 40000, ""},
    {"", "do ", 30000, ""},
    {"", "if x then ", 10000, ""},
    {"", "while x do ", 10000, ""},
    {"", "function f() ", 9000, ""},
    {"", "local a ", 10000, ""},
    {"", "local function f() ", 5000, ""},
    {"", "goto a ", 18000, ""},
    {"", "do ::a:: end ", 9000, ""},
    {"return {", "1,", 60000, "}"},
    {"return {", "a={},", 20000, "}"},
    {"return {", "'x',", 30000, "}"},
    {"return { name = '", "x", 120000, "' }"},
    {"return '", "\\z ", 30000, "'"},
    {"return '", "\\u{7FFFFFFF}", 10000, "'"},
    {"--[", "=", 120000, "["},
    {"return ", "a,", 60000, "a"},
    {"a", ",a", 60000, " = 1"},
    {"return 0x", "f", 120000, ""},
    {"return 1", "0", 120000, ""},
    {"", "\n", 120000, "return"},
    {"", ";", 120000, "return"},
    {"", "x", 140000, ""},
};

static double read_seconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_most;
static size_t memory_most;

static struct pack_report report;

// True when the text was stopped by Lua or by a limit, and did not merely declare nothing.
static bool is_ended(void)
{
    return report.count == 1 &&
           (report.mistake[0].key == TEXT_PACK_LUA || report.mistake[0].key == TEXT_PACK_MEMORY ||
            report.mistake[0].key == TEXT_PACK_TOO_LONG);
}

// True when the text is refused in time and measure.
static bool is_stopped(const char *text, size_t size)
{
    struct arena arena = {.size_limit = MEMORY_MOST};
    struct fault fault = {0};
    const struct pack *pack = NULL;
    double began = read_seconds();
    enum fault_code code =
        pack_check("attack.lua", (struct span){text, size}, &arena, &report, &pack, &fault);
    double seconds = read_seconds() - began;
    size_t held = arena.size;
    // What Lua held while it ran is not in the arena.
    static struct pack_report unused;
    unused.count = 0;
    struct pack_reader reader = {.arena = &arena, .report = &unused};
    struct pack_entry root = {0};
    pack_run(&reader, (struct span){text, size}, &root);
    arena_reset(&arena);
    seconds_most = seconds > seconds_most ? seconds : seconds_most;
    memory_most = held + reader.memory_most > memory_most ? held + reader.memory_most : memory_most;
    return code == FAULT_NONE && pack == NULL && report.count > 0 && seconds <= SECONDS_MOST &&
           held + reader.memory_most <= MEMORY_MOST;
}

void test_every_attack_is_stopped(void)
{
    static char text[ATTACK_SIZE];
    int count = 0;
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
        for (size_t j = 0; j < sizeof places / sizeof places[0]; j++) {
            const char *gap = strstr(places[j], "{}");
            int size = snprintf(text, sizeof text, "%.*s%s%s", (int)(gap - places[j]), places[j],
                                attacks[i], gap + 2);
            unit_check(is_stopped(text, (size_t)size) && is_ended(), __FILE__, __LINE__,
                       "not stopped: %s", text);
            count++;
        }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++, count++)
        unit_check(is_stopped(texts[i], strlen(texts[i])), __FILE__, __LINE__, "not stopped: %s",
                   texts[i]);
    for (size_t i = 0; i < sizeof long_texts / sizeof long_texts[0]; i++, count++) {
        size_t size = (size_t)snprintf(text, sizeof text, "%s", long_texts[i].head);
        for (int j = 0; j < long_texts[i].count && size < LIMIT_PACK_SIZE - 100; j++)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s", long_texts[i].piece);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s", long_texts[i].tail);
        CHECK(size < sizeof text);
        unit_check(is_stopped(text, size), __FILE__, __LINE__, "not stopped: %s%s x %d",
                   long_texts[i].head, long_texts[i].piece, long_texts[i].count);
    }
    CHECK(count >= 150);
    printf("# %d attacks stopped; the longest took %.0f ms, the largest %.1f MiB\n", count,
           seconds_most * 1000, (double)memory_most / (1 << 20));
}

// Name resolution walks all local names of all enclosing functions: the parser's worst case that
// fits into LIMIT_PACK_SIZE.
void test_parser_worst_case_is_short(void)
{
    static char text[ATTACK_SIZE];
    size_t size = 0;
    for (int depth = 0; depth < 19; depth++) {
        for (int i = 0; i < 190; i++)
            size += (size_t)snprintf(text + size, sizeof text - size, "local a%d ", i % 10);
        size += (size_t)snprintf(text + size, sizeof text - size, "local function f() ");
    }
    while (size < LIMIT_PACK_SIZE - 200)
        size += (size_t)snprintf(text + size, sizeof text - size, "z=z ");
    CHECK(is_stopped(text, size));
    struct arena arena = {0};
    report.count = 0;
    struct pack_reader reader = {.arena = &arena, .report = &report};
    struct pack_entry root = {0};
    double began = read_seconds();
    pack_run(&reader, (struct span){text, size}, &root);
    CHECK(read_seconds() - began < SECONDS_MOST);
    arena_reset(&arena);
}

// Random cuts and changes of real packs: nothing is asked of them but an answer.
void test_malformed_packs_are_answered(void)
{
    static const char *const files[] = {"packs/epidemic.lua", "packs/petition.lua",
                                        "packs/finance.lua"};
    uint64_t state = 1;
    int wrong = 0;
    for (int i = 0; i < 1500; i++) {
        struct arena arena = {0};
        struct fault fault = {0};
        struct span source = {NULL, 0};
        const struct pack *pack = NULL;
        if (!CHECK(pack_read_file(files[i % 3], &arena, &source, &fault) == FAULT_NONE))
            return;
        char *bytes = (char *)source.data;
        for (int j = 0; j < 1 + i % 5; j++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t at = (size_t)(state >> 33) % source.size;
            const char *other = "{}=,\"'-[]()\n 0x.\\\xff";
            if (i % 7 == 0)
                source.size = at + 1;
            else
                bytes[at] = other[(state >> 20) % strlen(other)];
        }
        CHECK(pack_check("x.lua", source, &arena, &report, &pack, &fault) == FAULT_NONE);
        wrong += pack == NULL;
        arena_reset(&arena);
    }
    CHECK(wrong > 500);
}
