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
    // A request's head and body over HTTP.
    LIMIT_HTTP_BODY_SIZE = 32 * 1024 * 1024,
    LIMIT_HTTP_HEAD_SIZE = 16 * 1024,
};

#endif
