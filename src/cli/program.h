// SPDX-License-Identifier: GPL-3.0-or-later
//
// program.h: the store as the whole program knows it: all commands, the chain, the packs.
//
// Owns: the one place in which the tables of the modules meet. A subcommand that opens a store does
// it here, so that a command that one of them sends means the same in all. The packs are those that
// the program carries inside, or those of a folder.
//
//     struct program program = {0};
//     code = program_open(&(struct program_request){.folder = folder}, &program, fault);
//     ... program.store, program.packs ...
//     program_close(&program);
#ifndef LEVEE_CLI_PROGRAM_H
#define LEVEE_CLI_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "pack/pack.h"

struct store;

// The data folder when none is named.
#define PROGRAM_FOLDER "var/levee"

struct program_request {
    const char *folder;
    const char *packs_folder; // NULL: the packs inside the program
    bool runs_on;             // see store_options
    bool must_hold;           // FAULT_BUSY instead of becoming the holder's client
    void (*changed)(void *context, int64_t sequence); // see store_options; may be NULL
    void *changed_context;
};

struct program {
    struct store *store;
    struct pack_set packs;
    struct arena arena; // of the packs
};

// Loads the packs and opens the store. On a fault *ret_program is closed.
enum fault_code program_open(const struct program_request *request, struct program *ret_program,
                             struct fault *fault);
// Loads the packs alone; *ret_program has no store.
enum fault_code program_load_packs(const char *packs_folder, struct program *ret_program,
                                   struct fault *fault);
// Closes the store, if there is one, and gives the packs back. Safe on a zeroed program.
void program_close(struct program *program);

#endif
