// SPDX-License-Identifier: GPL-3.0-or-later
//
// program.c: puts the modules' tables together and opens the store with them.
//
// The tables are const in their modules; here they are copied once, one behind the other, into
// arrays that live as long as the process. Two commands of one name are a mistake of ours.
#include "cli/program.h"

#include <assert.h>
#include <string.h>

#include "chain/chain.h"
#include "demo/demo.h"
#include "judgement/judgement.h"
#include "matter/matter.h"
#include "store/command.h"
#include "store/store.h"

enum { COMMANDS = 128 };

static struct command_row commands[COMMANDS];
static size_t command_count;

static void add_commands(const struct command_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < command_count; k++)
            assert(strcmp(commands[k].name, rows[i].name) != 0);
        assert(command_count < COMMANDS);
        commands[command_count++] = rows[i];
    }
}

static void gather_tables(void)
{
    if (command_count > 0)
        return;
    add_commands(matter_command_table, matter_command_count);
    add_commands(judgement_command_table, judgement_command_count);
    add_commands(demo_command_table, demo_command_count);
}

enum fault_code program_load_packs(const char *packs_folder, struct program *ret_program,
                                   struct fault *fault)
{
    *ret_program = (struct program){0};
    enum fault_code code =
        packs_folder == NULL
            ? pack_load_shipped(&ret_program->arena, &ret_program->packs, fault)
            : pack_load_folder(packs_folder, &ret_program->arena, &ret_program->packs, fault);
    if (code != FAULT_NONE)
        program_close(ret_program);
    return code;
}

enum fault_code program_open(const struct program_request *request, struct program *ret_program,
                             struct fault *fault)
{
    gather_tables();
    enum fault_code code = program_load_packs(request->packs_folder, ret_program, fault);
    if (code != FAULT_NONE)
        return code;
    struct store_options options = {
        .folder = request->folder,
        .clock = time_clock_machine(),
        .commands = commands,
        .command_count = command_count,
        .chain = chain_table,
        .chain_count = chain_count,
        .finishers = judgement_finisher_table,
        .finisher_count = judgement_finisher_count,
        .due = chain_due,
        .changed = request->changed,
        .changed_context = request->changed_context,
        .must_hold = request->must_hold,
        .runs_on = request->runs_on,
    };
    code = store_open(&options, &ret_program->store, fault);
    if (code != FAULT_NONE)
        program_close(ret_program);
    return code;
}

void program_close(struct program *program)
{
    store_close(program->store);
    arena_reset(&program->arena);
    *program = (struct program){0};
}
