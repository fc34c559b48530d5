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
    // Rows of a batch in one entry: they hold the writer for 2 ms (measured), a tenth of its slice,
    // and others' commands go in between.
    LIMIT_BATCH_PART_ROWS = 8192,
    // Bytes of a block of readings that wait to be folded: one overflow page of SQLite and what a
    // row of the table keeps beside it, about 1,500 readings.
    LIMIT_LANDING_BLOCK_SIZE = 4500,
    // Series of one command: 500 x 20 us (measured) stay under the 20 ms slice.
    LIMIT_SERIES_ROWS = 500,
    // Divisions of a tree: twice the 50,000 of a large province down to its villages.
    LIMIT_DIVISIONS = 100 * 1000,
    // Rows of a tree in one entry: 128 x 50 us (measured) stay under the 20 ms slice; rows of one
    // that never ended, in one entry (apply/divisions.dropped.1.sql): 1,024 x 5 us.
    LIMIT_DIVISION_PART_ROWS = 128,
    LIMIT_DIVISION_DROP_ROWS = 1024,
    // Rows of one batch: 16 million x 24 bytes are 384 MiB while they are sorted.
    LIMIT_BATCH_ROWS = 16 * 1024 * 1024,
    // Commands waiting for the writer: 64 clients x 16 in flight.
    LIMIT_QUEUE_COMMANDS = 1024,
    // Commands that share one durable commit.
    LIMIT_GROUP_COMMANDS = 256,
    // A group is committed after so long, so that nobody waits for more than one slice and a sync.
    LIMIT_GROUP_MS = 12,
    // No command should hold the writer longer; one that does is named in the log.
    LIMIT_HOLD_MS = 20,
    // Follow-ups and deadlines of one group.
    LIMIT_FOLLOW_UPS = 64,
    // Entries of one state transaction while a state catches up: 4,096 x 4 KiB of WAL.
    LIMIT_CATCH_UP_ENTRIES = 4096,
    // Connections that read the state: two cores x 4.
    LIMIT_READERS = 8,
    // One read of the state; after that it is given up.
    LIMIT_READ_MS = 1000,
    // Other processes connected to the holder of a store.
    LIMIT_CLIENTS = 16,
    // A WAL is emptied past this when the writer is idle (4 MiB: about 10 ms), and at four times
    // this even when it is not.
    LIMIT_WAL_SIZE = 4 * 1024 * 1024,
    // The length of the ledger's WAL: what it may hold before it is emptied, and one group of 12 ms.
    LIMIT_LEDGER_LOG_SIZE = LIMIT_WAL_SIZE + 1024 * 1024,
    // Batches, and parts of batches, that wait to be folded: 32 lookups a series at most.
    LIMIT_UNFOLDED_BATCHES = 32,
    LIMIT_UNFOLDED_PARTS = 64,
    // Slices of folding that one digest asks for: 8 ms each, two hours, 500 times the largest batch.
    LIMIT_DIGEST_SLICES = 1000 * 1000,
    // Rows of one page of a query.
    LIMIT_QUERY_ROWS = 1000,
    // A page of series points: 11 years of days.
    LIMIT_SERIES_POINTS = 4096,
    // A path, NUL included: Linux allows 4096, but faults must be able to quote a useful part.
    LIMIT_PATH_SIZE = 1024,
    // Prepared statements of one module on one connection: the store needs most.
    LIMIT_DATABASE_STATEMENTS = 512,
    // Mistakes of an imported file that are named; more are only counted.
    LIMIT_IMPORT_MISTAKES = 100,
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
    // Places of a scenario: the counties of a province and its neighbours; travel is their square,
    // 32 MiB. Ten years of days; paths whose order statistics at 2.5 % are steady; days x places x
    // paths that are kept for them, 8 bytes each: 512 MiB.
    LIMIT_SCENARIO_PLACES = 2048,
    LIMIT_SCENARIO_DAYS = 3660,
    LIMIT_SCENARIO_PATHS = 10000,
    LIMIT_SCENARIO_CELLS = 64 * 1024 * 1024,
    // A backtest's grid, series x periods: 10,000 counties x 4 years of weeks; 10 bytes a point.
    LIMIT_BACKTEST_POINTS = 4 * 1024 * 1024,
    // Places of all zones of a scan statistic: 1 GiB; the circles of 22,000 places up to half of
    // the population. Chains of zones: a tree's unions of siblings, 24 bytes and one block each.
    LIMIT_SCAN_PLACES = 256 * 1024 * 1024,
    LIMIT_SCAN_CHAINS = 4 * 1024 * 1024,
    // Cells, place x window, into which a replicate's cases are dealt: 20 bytes each.
    LIMIT_SCAN_CELLS = 64 * 1024 * 1024,
    // A request's head and body over HTTP.
    LIMIT_HTTP_BODY_SIZE = 32 * 1024 * 1024,
    LIMIT_HTTP_HEAD_SIZE = 16 * 1024,
    // A request's target: eight filters of a page, each a path of codes.
    LIMIT_HTTP_TARGET_SIZE = 4096,
    // Header lines of a request: browsers send under 20, two proxies add 10.
    LIMIT_HTTP_HEADERS = 64,
    // Connections in all: a county's 300 desks with two each, and the live events; 3 files each
    // at most would still leave room under 4,096 descriptors.
    LIMIT_HTTP_CONNECTIONS = 1024,
    // Connections from one address: an office of 40 browsers x 6 behind one router.
    LIMIT_HTTP_CONNECTIONS_ADDRESS = 256,
    // Bodies being received, all together: four imports of 32 MiB at once.
    LIMIT_HTTP_BODIES_SIZE = 128 * 1024 * 1024,
    // Body of a sign-in: a name and a password of 128 characters.
    LIMIT_HTTP_SIGN_IN_SIZE = 4096,
    // Commands on their way to the disk at once: 1,400 are durable a second (bench/web), so the last
    // waits for 70 ms; those that come by the token of a ring have room of their own.
    LIMIT_HTTP_COMMANDS = 96,
    LIMIT_HTTP_COMMANDS_RINGS = 32,
    // Listeners of live events: one tab each of 250 desks.
    LIMIT_HTTP_LISTENERS = 256,
    // Password hashes at once: 3 x 64 MiB; those waiting: 32 x 86 ms / 3 stay under a second.
    LIMIT_HTTP_WORK_THREADS = 3,
    LIMIT_HTTP_WORK_QUEUE = 32,
    // Answers kept ready: 16 pages x 64 scopes, at 32 KiB each with both encodings.
    LIMIT_HTTP_CACHE_ENTRIES = 1024,
    LIMIT_HTTP_CACHE_SIZE = 32 * 1024 * 1024,
    // Imports remembered after their end, so that their faults can be asked for.
    LIMIT_HTTP_IMPORTS = 64,
    // Sign-ins that failed, by account and by address: 1,024 of each are watched.
    LIMIT_HTTP_THROTTLES = 1024,
    // Ways out of one office: mail, telephone, duty desk, each level above, twice.
    LIMIT_PORTS = 16,
    // What is sent: a sentence of LIMIT_TEXT_SIZE in both languages, names and a link.
    LIMIT_PORT_MESSAGE_SIZE = 16 * 1024,
    // Messages that wait to be tried again, all ports together.
    LIMIT_PORT_RETRIES = 256,
    // Rows of one exported list: 1,000,000 would be 200 MiB; a list is for people.
    LIMIT_HTTP_EXPORT_ROWS = 100000,
};

#endif
