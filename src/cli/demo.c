// SPDX-License-Identifier: GPL-3.0-or-later
//
// demo.c: `levee demo`: makes the replay, turns its mornings, begins again.
//
//     levee demo            founds the replay and brings it to 22 July 2020, 07:00
//     levee demo next       one morning further
//     levee demo reset      throws it away and makes it anew; asks on a terminal
//     levee demo accounts   who can sign in
//
// A store that somebody serves can be turned from here too: replay.next goes over its socket, and
// the server makes the morning. `reset` removes the files of a replay store and of nothing else.
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/span.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "demo/demo.h"
#include "store/found.h"
#include "store/store.h"

enum { OPTION_DATA, OPTION_SEED, OPTION_URL, OPTION_YES };

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_DEMO_OPTION_DATA},
    {"seed", "N", TEXT_DEMO_OPTION_SEED},
    {"url", "URL", TEXT_DEMO_OPTION_URL},
    {"yes", NULL, TEXT_DEMO_OPTION_YES},
    {NULL},
};

struct request {
    const char *action; // NULL: found
    const char *folder;
    const char *url;
    int64_t seed;
    bool is_yes;
};

// Says a sentence with its arguments on stderr, where progress and results for people go.
static void say(enum text_key key, struct text_argument first, struct text_argument second)
{
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {first, second};
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "%s\n", sentence);
}

static void report_morning(void *context, int64_t done, int64_t total)
{
    (void)context;
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_integer(done), text_integer(total)};
    char sentence[LIMIT_TEXT_SIZE];
    text_write(TEXT_DEMO_PROGRESS, cli_language(), argument, sentence, sizeof sentence);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s%s", sentence, done >= total ? "\n" : "");
}

// Makes the folder and those above it; what is there already stays.
static enum fault_code make_folders(const char *path, struct fault *fault)
{
    char part[1024];
    size_t size = strlen(path);
    if (size >= sizeof part)
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_FILE_UNWRITABLE, text_string(path),
                         text_string(strerror(ENAMETOOLONG)));
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return file_unwritable(fault, part, errno);
    }
    return FAULT_NONE;
}

static enum fault_code set_passwords(struct store *store, struct fault *fault)
{
    struct demo_account account[DEMO_ACCOUNTS];
    int count = demo_accounts(account);
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < count && code == FAULT_NONE; i++)
        code = store_set_password(store, account[i].name, span_from(DEMO_PASSWORD), fault);
    return code;
}

// Makes the whole replay in `place`: nobody shall look at half of one.
static enum fault_code make(const char *place, int64_t seed, int64_t *ret_sequence,
                            struct fault *fault)
{
    struct program program = {0};
    struct store_birth birth = {.kind = STORE_REPLAY,
                                .division_code = "210000",
                                .name = cli_say(TEXT_DEMO_STORE_NAME),
                                .time = demo_birth_time()};
    struct program_request open = {.folder = place, .must_hold = true};
    enum fault_code code = store_create(place, &birth, fault);
    if (code == FAULT_NONE)
        code = program_open(&open, &program, fault);
    if (code == FAULT_NONE)
        code = demo_found(program.store, &program.packs, seed, fault);
    if (code == FAULT_NONE)
        code = set_passwords(program.store, fault);
    if (code == FAULT_NONE)
        code = demo_mornings(program.store, &program.packs, demo_opening_time(), report_morning,
                             NULL, fault);
    if (code == FAULT_NONE)
        *ret_sequence = store_sequence(program.store);
    program_close(&program);
    return code;
}

static enum fault_code found(const struct request *request, struct fault *fault)
{
    struct store_founding founding = {.lock = -1};
    int64_t sequence = 0;
    enum fault_code code = make_folders(request->folder, fault);
    if (code == FAULT_NONE)
        code = store_begin_founding(request->folder, &founding, fault);
    if (code != FAULT_NONE)
        return code;
    code = make(founding.place, request->seed, &sequence, fault);
    if (code == FAULT_NONE)
        code = store_end_founding(&founding, fault);
    else
        store_abandon_founding(&founding);
    if (code == FAULT_NONE)
        say(TEXT_DEMO_FOUNDED, text_string(request->folder), text_integer(sequence));
    return code;
}

static enum fault_code next(const struct request *request, struct fault *fault)
{
    struct program program = {0};
    struct program_request open = {.folder = request->folder};
    int64_t time = 0;
    char now[64];
    enum fault_code code = program_open(&open, &program, fault);
    // A morning that was cut off is finished first. A client leaves that to the holder.
    if (code == FAULT_NONE && store_is_holder(program.store))
        code = demo_morning(program.store, &program.packs, fault);
    if (code == FAULT_NONE)
        code = demo_next(program.store, &time, fault);
    if (code == FAULT_NONE && store_is_holder(program.store))
        code = demo_morning(program.store, &program.packs, fault);
    if (code == FAULT_NONE) {
        time_write_instant(time, now, sizeof now);
        say(TEXT_DEMO_TURNED, text_string(now), text_string(request->folder));
    }
    program_close(&program);
    return code;
}

// Only a replay that nobody serves may be thrown away.
static enum fault_code check_reset(const struct request *request, struct fault *fault)
{
    struct program program = {0};
    struct program_request open = {.folder = request->folder, .must_hold = true};
    enum fault_code code = program_open(&open, &program, fault);
    if (code == FAULT_NONE && store_kind_of(program.store) != STORE_REPLAY)
        code = fault_set(fault, FAULT_DENIED, TEXT_DEMO_NO_REPLAY, {0});
    program_close(&program);
    return code;
}

static bool ask(const struct request *request)
{
    char line[16] = "";
    if (request->is_yes)
        return true;
    if (!isatty(STDIN_FILENO))
        return false;
    say(TEXT_DEMO_RESET_ASK, text_string(request->folder), (struct text_argument){0});
    return fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
}

static enum fault_code reset(const struct request *request, struct fault *fault)
{
    if (!ask(request))
        return fault_set(fault, FAULT_DENIED, TEXT_DEMO_RESET_UNASKED,
                         text_string(request->folder));
    enum fault_code code = check_reset(request, fault);
    if (code == FAULT_NONE)
        code = store_unmake(request->folder, fault);
    return code != FAULT_NONE ? code : found(request, fault);
}

static enum fault_code show_accounts(const struct request *request, struct fault *fault)
{
    (void)fault;
    struct demo_account account[DEMO_ACCOUNTS];
    int count = demo_accounts(account);
    if (request->url != NULL)
        printf("\n  %s\n\n", request->url);
    for (int i = 0; i < count; i++)
        printf("  %-10.*s %s   %.*s\n", (int)account[i].name.size, account[i].name.data,
               DEMO_PASSWORD, (int)account[i].words[cli_language()].size,
               account[i].words[cli_language()].data);
    printf("\n%s\n", cli_say(TEXT_DEMO_ACCOUNTS_NOTE));
    fflush(stdout);
    return FAULT_NONE;
}

static const struct {
    const char *name;
    enum fault_code (*run)(const struct request *request, struct fault *fault);
} actions[] = {{"next", next}, {"reset", reset}, {"accounts", show_accounts}};

static int run(const struct request *request)
{
    struct fault fault = {0};
    enum fault_code (*act)(const struct request *, struct fault *) = NULL;
    if (request->action == NULL)
        act = found;
    for (size_t i = 0; act == NULL && i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(actions[i].name, request->action) == 0)
            act = actions[i].run;
    if (act == NULL)
        return cli_refuse("demo", TEXT_CLI_ARGUMENT_UNWANTED, text_string(request->action));
    return act(request, &fault) == FAULT_NONE ? 0 : cli_fail(&fault);
}

int cli_run_demo(int argc, char **argv)
{
    struct cli_reader reader = {argc, argv, table, TEXT_DEMO_USAGE};
    struct request request = {.folder = "var/demo", .seed = DEMO_SEED};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_ARGUMENT && request.action == NULL)
            request.action = value;
        else if (at == CLI_ARGUMENT)
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        else if (at < 0)
            return cli_exit(at);
        else if (at == OPTION_DATA)
            request.folder = value;
        else if (at == OPTION_URL)
            request.url = value;
        else if (at == OPTION_YES)
            request.is_yes = true;
        else if (!span_to_integer(span_from(value), &request.seed) || request.seed < 0)
            return cli_refuse(argv[0], TEXT_DEMO_SEED_WRONG, text_string(value));
    }
    return run(&request);
}
