// SPDX-License-Identifier: GPL-3.0-or-later
//
// sandbox.c: runs a pack's text once and carries its table out of Lua.
//
// The only file that includes lua.h. A pack declares; it needs no library, so it gets none: not
// string, not table, not even pairs. Strings have no metatable. What is left of Lua are its own
// instructions, and each of them is bounded:
//
//     instructions   a count hook every HOOK_STEP, up to LIMIT_PACK_INSTRUCTIONS
//     time           every eighth hook reads this thread's processor time, LIMIT_PACK_RUN_MS
//     memory         a counting allocator, LIMIT_PACK_MEMORY in all and LIMIT_PACK_PIECE at once,
//     so
//                    that no string is long and no single concatenation or comparison is slow
//     depth          Lua's own limits of nesting (200 C levels) and the piece limit on its stack
//     byte code      refused: lua_load in mode "t"; the text must be UTF-8
//
// No C function runs inside Lua, so none can run away between two hooks: no child process is needed
// (docs/decisions/0011-packs-without-a-library.md). There is no pcall, so no pack can catch the
// hook's error; no coroutine, so every thread has the hook; no setmetatable, so no __gc, no
// __index.
//
// Everything that may raise a Lua error stands inside one lua_pcall; an error out of memory lands
// there too. The copy of the table goes to the arena: positions first, then names sorted, because
// lua_next's order depends on a seed.
#include <assert.h>
#include <lua.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "pack/pack_priv.h"

enum { HOOK_STEP = 64, CLOCK_STEP = 8 * HOOK_STEP, STACK_PER_LEVEL = 6 };

struct sandbox {
    struct pack_reader *reader;
    struct span source;
    struct pack_entry *root;
    size_t memory;
    size_t memory_most;
    int64_t instructions;
    int64_t started_us;
    size_t value_count;
    size_t copied;         // bytes of strings: one string may stand in many places
    enum text_key stopped; // why we stopped it, when we did
    bool is_stopped;
    int line; // where it stood then
    bool is_read;
};

static int64_t read_thread_us(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void *allocate(void *context, void *pointer, size_t size_old, size_t size)
{
    struct sandbox *sandbox = context;
    size_t held = pointer == NULL ? 0 : size_old;
    assert(sandbox->memory >= held);
    if (size == 0) {
        memory_free(pointer);
        sandbox->memory -= held;
        return NULL;
    }
    bool is_growing = size > held;
    if (is_growing &&
        (size > LIMIT_PACK_PIECE || sandbox->memory - held + size > LIMIT_PACK_MEMORY))
        return NULL;
    void *result = memory_resize(pointer, size);
    if (result == NULL)
        return is_growing ? NULL : pointer; // Lua relies on shrinking never to fail.
    sandbox->memory += size - held;
    if (sandbox->memory > sandbox->memory_most)
        sandbox->memory_most = sandbox->memory;
    return result;
}

// Ends the run from inside a hook or while copying. Does not return.
__attribute__((noreturn)) static void stop(lua_State *lua, struct sandbox *sandbox,
                                           enum text_key key)
{
    sandbox->is_stopped = true;
    sandbox->stopped = key;
    lua_pushnil(lua);
    lua_error(lua);
    __builtin_unreachable();
}

static struct sandbox *sandbox_of(lua_State *lua)
{
    void *context = NULL;
    lua_getallocf(lua, &context);
    return context;
}

static void watch(lua_State *lua, lua_Debug *debug)
{
    struct sandbox *sandbox = sandbox_of(lua);
    lua_getinfo(lua, "l", debug);
    if (debug->currentline > 0)
        sandbox->line = debug->currentline;
    sandbox->instructions += HOOK_STEP;
    // Reading the clock is a system call; the instructions between two readings are bounded.
    bool is_late = sandbox->instructions % CLOCK_STEP == 0 &&
                   read_thread_us() - sandbox->started_us > LIMIT_PACK_RUN_MS * 1000;
    if (is_late || sandbox->instructions > LIMIT_PACK_INSTRUCTIONS)
        stop(lua, sandbox, TEXT_PACK_TOO_LONG);
}

static const char *read_source(lua_State *lua, void *context, size_t *ret_size)
{
    (void)lua;
    struct span *left = context;
    struct span all = *left;
    *left = (struct span){NULL, 0};
    *ret_size = all.size;
    return all.size == 0 ? NULL : all.data;
}

static int compare_entries(const void *a, const void *b)
{
    const struct pack_entry *left = a;
    const struct pack_entry *right = b;
    if ((left->name == NULL) != (right->name == NULL))
        return left->name == NULL ? -1 : 1;
    if (left->name != NULL)
        return strcmp(left->name, right->name);
    return left->position < right->position ? -1 : left->position > right->position;
}

static void copy_value(lua_State *lua, struct sandbox *sandbox, int depth,
                       struct pack_value *ret_value);

static void copy_string(lua_State *lua, struct sandbox *sandbox, int index, struct span *ret_text)
{
    size_t size = 0;
    const char *data = lua_tolstring(lua, index, &size);
    struct span text = {data, size};
    sandbox->copied += size;
    if (sandbox->copied > LIMIT_PACK_MEMORY)
        stop(lua, sandbox, TEXT_PACK_TOO_LARGE);
    ret_text->data = span_to_string(text, sandbox->reader->arena);
    ret_text->size = size;
    if (ret_text->data == NULL) {
        sandbox->reader->is_full = true;
        stop(lua, sandbox, TEXT_PACK_MEMORY);
    }
}

// The table is on top. A key that is neither name nor position becomes position 0: read.c refuses
// it where it knows the line.
static void copy_table(lua_State *lua, struct sandbox *sandbox, int depth,
                       struct pack_value *ret_value)
{
    if (depth > LIMIT_PACK_DEPTH || !lua_checkstack(lua, STACK_PER_LEVEL))
        stop(lua, sandbox, TEXT_PACK_TOO_DEEP);
    size_t count = 0;
    for (lua_pushnil(lua); lua_next(lua, -2) != 0; lua_pop(lua, 1))
        count++;
    sandbox->value_count += count;
    if (sandbox->value_count > LIMIT_PACK_VALUES)
        stop(lua, sandbox, TEXT_PACK_TOO_LARGE);
    struct pack_entry *entries = pack_take(sandbox->reader, count * sizeof *entries);
    if (entries == NULL)
        stop(lua, sandbox, TEXT_PACK_MEMORY);
    size_t at = 0;
    for (lua_pushnil(lua); lua_next(lua, -2) != 0; lua_pop(lua, 1)) {
        assert(at < count);
        struct pack_entry *entry = &entries[at++];
        if (lua_type(lua, -2) == LUA_TSTRING) {
            struct span name = {NULL, 0};
            copy_string(lua, sandbox, -2, &name);
            entry->name = name.data;
        } else if (lua_isinteger(lua, -2)) {
            entry->position = lua_tointeger(lua, -2);
        }
        copy_value(lua, sandbox, depth + 1, &entry->value);
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    ret_value->kind = PACK_VALUE_TABLE;
    ret_value->entries = entries;
    ret_value->entry_count = count;
}

// The value is on top and stays there. Recursion is bounded by LIMIT_PACK_DEPTH.
static void copy_value(lua_State *lua, struct sandbox *sandbox, int depth,
                       struct pack_value *ret_value)
{
    switch (lua_type(lua, -1)) {
    case LUA_TBOOLEAN:
        ret_value->kind = PACK_VALUE_BOOLEAN;
        ret_value->boolean = lua_toboolean(lua, -1) != 0;
        break;
    case LUA_TNUMBER:
        ret_value->kind = PACK_VALUE_NUMBER;
        ret_value->number = lua_tonumber(lua, -1);
        break;
    case LUA_TSTRING:
        copy_string(lua, sandbox, -1, &ret_value->string);
        ret_value->kind = span_is_text(ret_value->string) ? PACK_VALUE_STRING : PACK_VALUE_OTHER;
        break;
    case LUA_TTABLE: copy_table(lua, sandbox, depth, ret_value); break;
    default: ret_value->kind = PACK_VALUE_OTHER; break;
    }
}

// Runs inside lua_pcall: loads, runs and copies. Its one argument is unused: the sandbox is the
// allocator's context.
static int run_protected(lua_State *lua)
{
    struct sandbox *sandbox = sandbox_of(lua);
    struct span left = sandbox->source;
    if (lua_load(lua, read_source, &left, "=pack", "t") != LUA_OK)
        lua_error(lua);
    // The chunk's one upvalue is its _ENV: an empty table of its own.
    lua_createtable(lua, 0, 0);
    if (lua_setupvalue(lua, -2, 1) == NULL)
        lua_pop(lua, 1);
    lua_sethook(lua, watch, LUA_MASKCOUNT, HOOK_STEP);
    lua_call(lua, 0, 1);
    lua_sethook(lua, NULL, 0, 0);
    sandbox->line = 1;
    if (!lua_istable(lua, -1))
        stop(lua, sandbox, TEXT_PACK_NO_TABLE);
    copy_value(lua, sandbox, 0, &sandbox->root->value);
    sandbox->is_read = true;
    return 0;
}

// Lua says "pack:12: text"; the line goes apart. Returns the text.
static struct span split_message(struct span message, int *ret_line)
{
    struct span rest = message;
    int64_t line = 0;
    if (!span_starts(message, "pack:"))
        return message;
    span_cut(&rest, ':');
    if (!span_to_integer(span_cut(&rest, ':'), &line) || line < 1 || line > INT32_MAX)
        return message;
    *ret_line = (int)line;
    return span_trim(rest);
}

static void note_failure(lua_State *lua, struct sandbox *sandbox, int status)
{
    struct pack_reader *reader = sandbox->reader;
    int line = sandbox->line;
    if (sandbox->is_stopped) {
        pack_note(reader, line, sandbox->stopped, text_integer(LIMIT_PACK_RUN_MS));
    } else if (status == LUA_ERRMEM || lua_type(lua, -1) != LUA_TSTRING) {
        pack_note(reader, line, TEXT_PACK_MEMORY, text_integer(LIMIT_PACK_MEMORY >> 20));
    } else {
        size_t size = 0;
        const char *data = lua_tolstring(lua, -1, &size);
        struct span message = split_message((struct span){data, size}, &line);
        pack_note(reader, line, TEXT_PACK_LUA, text_span(message));
    }
}

bool pack_run(struct pack_reader *reader, struct span source, struct pack_entry *ret_root)
{
    struct sandbox sandbox = {.reader = reader, .source = source, .root = ret_root, .line = 1};
    if (source.size > LIMIT_PACK_SIZE) {
        pack_note(reader, 1, TEXT_PACK_TOO_BIG, text_integer(LIMIT_PACK_SIZE >> 10));
        return false;
    }
    if (!span_is_text(source)) {
        pack_note(reader, 1, TEXT_PACK_NOT_TEXT);
        return false;
    }
    lua_State *lua = lua_newstate(allocate, &sandbox);
    if (lua == NULL) {
        reader->is_full = true;
        return false;
    }
    sandbox.started_us = read_thread_us();
    lua_pushcfunction(lua, run_protected); // A light C function: no allocation, cannot fail.
    int status = lua_pcall(lua, 0, 0, 0);
    if (status != LUA_OK)
        note_failure(lua, &sandbox, status);
    lua_close(lua);
    assert(sandbox.memory == 0 && sandbox.memory_most <= LIMIT_PACK_MEMORY);
    reader->memory_most = sandbox.memory_most;
    return sandbox.is_read;
}
