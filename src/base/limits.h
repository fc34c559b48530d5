// SPDX-License-Identifier: LGPL-3.0-or-later
//
// limits.h: every bound of the program in one place, each with the sum behind it.
//
// A queue, buffer, loop or arena that has no line here has no right to exist. A bound that is met
// is FAULT_FULL, never a crash. Change a number only together with the sum in its comment.
#ifndef LEVEE_BASE_LIMITS_H
#define LEVEE_BASE_LIMITS_H

enum {
    // One block of an arena: the largest row of an ordinary answer (64 KiB) fits without a second
    // block.
    LIMIT_ARENA_BLOCK_SIZE = 64 * 1024,
    // One unit of work: an answer of 10,000 rows x 1 KiB, twice (rows, then JSON) plus slack.
    LIMIT_ARENA_SIZE = 256 * 1024 * 1024,
    // A value quoted in an error: a path, a code, a cell; longer ones are cut and marked.
    LIMIT_TEXT_ARGUMENT_SIZE = 160,
    LIMIT_TEXT_ARGUMENTS = 4,
    // A sentence with its four arguments written out, four bytes a character.
    LIMIT_TEXT_SIZE = 4096,
    // Depth of JSON from outside: ours never exceeds 6.
    LIMIT_JSON_DEPTH = 32,
    // A command's body: a pasted table of 5,000 rows x 200 bytes.
    LIMIT_COMMAND_BODY_SIZE = 1024 * 1024,
    // One entry's body and payload: what a 20 ms slice of the writer can hash, store and apply.
    LIMIT_ENTRY_BODY_SIZE = 1024 * 1024,
    LIMIT_ENTRY_PAYLOAD_SIZE = 1024 * 1024,
    // Rows of a batch in one entry: 8,192 rows x 2 us (measured) stay under the 20 ms slice.
    LIMIT_BATCH_PART_ROWS = 8192,
    // Commands waiting for the writer: 64 clients x 16 in flight.
    LIMIT_QUEUE_COMMANDS = 1024,
    // Commands that share one durable commit.
    LIMIT_GROUP_COMMANDS = 256,
    // Rows of one page of a query.
    LIMIT_QUERY_ROWS = 1000,
    // A page of series points: 11 years of days.
    LIMIT_SERIES_POINTS = 4096,
    // A path, NUL included: Linux allows 4096, but faults must be able to quote a useful part.
    LIMIT_PATH_SIZE = 1024,
    // Prepared statements of one module on one connection: the store needs most.
    LIMIT_DATABASE_STATEMENTS = 512,
    // Size of an imported file: 100,000 series x 366 days x 30 bytes would be 1 GiB.
    LIMIT_IMPORT_SIZE = 1024 * 1024 * 1024,
    // A pack's source: the largest planned (work safety) is 40 KiB. Lua's parser walks all local
    // names of all enclosing functions for each name: at 64 KiB the worst text takes 0.1 s.
    LIMIT_PACK_SIZE = 64 * 1024,
    // What Lua may hold while a pack runs, and in one piece: 32 MiB is the promise (T-33); a text
    // of LIMIT_PACK_SIZE needs under 3 MiB. One piece bounds every string, so that no copy or
    // comparison inside one instruction takes longer than 0.1 ms.
    LIMIT_PACK_MEMORY = 8 * 1024 * 1024,
    LIMIT_PACK_PIECE = 256 * 1024,
    // Instructions and milliseconds of processor time of a pack: ours need 1,000 and 2 ms.
    LIMIT_PACK_INSTRUCTIONS = 1000 * 1000,
    LIMIT_PACK_RUN_MS = 100,
    // Values of a pack's table (16 times ours), their depth (ours: 6), packs in a folder.
    LIMIT_PACK_VALUES = 16384,
    LIMIT_PACK_DEPTH = 16,
    LIMIT_PACKS = 64,
    // Mistakes reported at once: more than anybody mends before checking again.
    LIMIT_PACK_MISTAKES = 100,
    // A text of a pack, in bytes; items of one list; nodes of one formula.
    LIMIT_PACK_TEXT_SIZE = 1024,
    LIMIT_PACK_ITEMS = 256,
    LIMIT_PACK_FORMULA_NODES = 64,
    // Series x periods that `levee judge` lays out: about 90 bytes a cell with all columns, 3 GB.
    LIMIT_JUDGE_CELLS = 32 * 1024 * 1024,
    // A request's head and body over HTTP.
    LIMIT_HTTP_BODY_SIZE = 32 * 1024 * 1024,
    LIMIT_HTTP_HEAD_SIZE = 16 * 1024,
};

#endif
