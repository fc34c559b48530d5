// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger.c: `levee ledger verify | prove | checkpoint | show`: the ledger without its store.
//
//     levee ledger verify                      reads everything, names what is damaged; exit 76
//     levee ledger verify --held FILE          and holds it against a checkpoint that you kept
//     levee ledger verify --proof FILE         checks a receipt, without the ledger when --key is
//     given levee ledger prove SEQUENCE              the receipt of an entry levee ledger prove
//     --from SIZE           that the newest head extends the one over SIZE entries levee ledger
//     checkpoint                  the newest signed head, and the key that checks it levee ledger
//     show SEQUENCE               an entry, with the place of each field in its bytes
//
// The file is opened read-only, beside a service that writes it or on a copy; neither the service
// nor its vault is needed. Results go to stdout, in words or as JSON (--format json).
#include "cli/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/program.h"

static int run_verify(struct cli_ledger_request *request);
static int run_checkpoint(struct cli_ledger_request *request);

static const struct {
    const char *name;
    int (*run)(struct cli_ledger_request *request);
} actions[] = {
    {"verify", run_verify},
    {"prove", cli_ledger_prove},
    {"checkpoint", run_checkpoint},
    {"show", cli_ledger_show},
};
enum { ACTION_COUNT = sizeof actions / sizeof actions[0] };

// ---- Writing

void cli_ledger_say_with(enum text_key key, const struct text_argument *argument)
{
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    printf("%s\n", sentence);
}

int cli_ledger_write_json(json_t *object)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span text = json_write(object, &arena);
    int code = 0;
    if (text.data != NULL)
        printf("%.*s\n", (int)text.size, text.data);
    else
        code = cli_fail((fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL), &fault));
    json_decref(object);
    arena_reset(&arena);
    return code;
}

void cli_ledger_set_hex(json_t *object, const char *field, const void *bytes, size_t size)
{
    struct arena arena = {0};
    static const char digits[] = "0123456789abcdef";
    const unsigned char *byte = bytes;
    char *hex = arena_allocate(&arena, 2 * size + 1);
    for (size_t i = 0; i < size && hex != NULL; i++) {
        hex[2 * i] = digits[byte[i] >> 4];
        hex[2 * i + 1] = digits[byte[i] & 15];
    }
    json_object_set_new(object, field, hex == NULL ? json_null() : json_string(hex));
    arena_reset(&arena);
}

// A fault as JSON on stdout, so that a program sees what is damaged; the sentence on stderr as
// ever.
static int fail(const struct cli_ledger_request *request, const struct fault *fault)
{
    if (request->is_json) {
        json_t *answer = json_object(), *arguments = json_object();
        for (int i = 0; i < LIMIT_TEXT_ARGUMENTS && text_parameter(fault->key, i) != NULL; i++) {
            const struct text_argument *argument = &fault->argument[i];
            json_object_set_new(arguments, text_parameter(fault->key, i),
                                argument->kind == TEXT_ARGUMENT_INTEGER
                                    ? json_integer(argument->integer)
                                    : json_string(argument->string));
        }
        json_object_set_new(answer, "is_whole", json_false());
        json_object_set_new(answer, "key", json_string(text_name(fault->key)));
        json_object_set_new(answer, "arguments", arguments);
        cli_ledger_write_json(answer);
    }
    return cli_fail(fault);
}

// ---- Files

enum fault_code cli_ledger_read_text(const char *path, struct arena *arena, struct span *ret_text,
                                     struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    char *text = arena_allocate(arena, CLI_LEDGER_RECEIPT_SIZE);
    enum fault_code code = FAULT_NONE;
    size_t size = 0;
    if (text == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    else if (file == NULL)
        code = fault_set(fault, FAULT_MISSING, TEXT_BASE_FILE_UNREADABLE, text_string(path),
                         text_string("open"));
    else
        size = fread(text, 1, CLI_LEDGER_RECEIPT_SIZE, file);
    if (code == FAULT_NONE && (ferror(file) != 0 || size == CLI_LEDGER_RECEIPT_SIZE))
        code = fault_set(fault, FAULT_INVALID, TEXT_LEDGER_RECEIPT_MALFORMED);
    if (file != NULL)
        fclose(file);
    if (code == FAULT_NONE)
        *ret_text = (struct span){text, size};
    return code;
}

enum fault_code cli_ledger_open(const struct cli_ledger_request *request,
                                struct ledger **ret_ledger, struct fault *fault)
{
    struct ledger_options options = {.path = request->path};
    return ledger_open(&options, ret_ledger, fault);
}

// ---- verify

static void show_progress(void *context, int64_t done, int64_t size)
{
    (void)context;
    fprintf(stderr, "\r%lld / %lld ", (long long)done, (long long)size);
}

static int write_report(const struct cli_ledger_request *request,
                        const struct ledger_report *report)
{
    char id[LEDGER_ID_TEXT_SIZE];
    ledger_write_id(report->ledger_id, -1, id, sizeof id);
    if (!request->is_json) {
        cli_ledger_say(TEXT_LEDGER_WHOLE, text_string(id), text_integer(report->entry_count),
                       text_integer(report->checkpoint_count), text_integer(report->signed_size));
        return 0;
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "is_whole", json_true());
    json_object_set_new(answer, "ledger", json_string(id));
    json_object_set_new(answer, "entries", json_integer(report->entry_count));
    json_object_set_new(answer, "checkpoints", json_integer(report->checkpoint_count));
    json_object_set_new(answer, "signed_size", json_integer(report->signed_size));
    cli_ledger_set_hex(answer, "root", report->root.bytes, LEDGER_HASH_SIZE);
    return cli_ledger_write_json(answer);
}

static int run_verify(struct cli_ledger_request *request)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_report report = {0};
    struct ledger_audit_options options = {.path = request->path,
                                           .public_key = request->has_key ? request->key : NULL};
    if (request->argument != NULL)
        return cli_refuse("ledger", TEXT_CLI_ARGUMENT_UNWANTED, text_string(request->argument));
    if (request->proof != NULL)
        return cli_ledger_check(request);
    if (isatty(STDERR_FILENO))
        options.progress = show_progress;
    enum fault_code code = FAULT_NONE;
    if (request->held != NULL)
        code = cli_ledger_read_text(request->held, &arena, &options.held_note, &fault);
    if (code == FAULT_NONE)
        code = ledger_audit(&options, &report, &fault);
    if (options.progress != NULL)
        fprintf(stderr, "\r                                        \r");
    arena_reset(&arena);
    return code == FAULT_NONE ? write_report(request, &report) : fail(request, &fault);
}

// ---- checkpoint

static int run_checkpoint(struct cli_ledger_request *request)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span note = {0};
    struct ledger *ledger = NULL;
    char key[LEDGER_KEY_TEXT_SIZE] = "";
    int exit_code = 0;
    if (request->argument != NULL)
        return cli_refuse("ledger", TEXT_CLI_ARGUMENT_UNWANTED, text_string(request->argument));
    enum fault_code code = cli_ledger_open(request, &ledger, &fault);
    if (code == FAULT_NONE) {
        ledger_write_key(ledger, key, sizeof key);
        code = ledger_read_checkpoint(ledger, INT64_MAX, &arena, &note, &fault);
    }
    if (code != FAULT_NONE) {
        exit_code = cli_fail(&fault);
    } else if (request->is_json) {
        json_t *answer = json_object();
        json_object_set_new(answer, "checkpoint", json_stringn(note.data, note.size));
        json_object_set_new(answer, "key", json_string(key));
        exit_code = cli_ledger_write_json(answer);
    } else {
        // The note alone on stdout, so that it can be kept as it is.
        printf("%.*s", (int)note.size, note.data);
        fprintf(stderr, "%s %s\n", cli_say(TEXT_LEDGER_KEY_IS), key);
    }
    ledger_close(ledger);
    arena_reset(&arena);
    return exit_code;
}

// ---- The command line

static int find_action(const char *name)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (strcmp(actions[i].name, name) == 0)
            return i;
    return -1;
}

enum { OPTION_DATA, OPTION_FORMAT, OPTION_FROM, OPTION_PROOF, OPTION_HELD, OPTION_KEY };

// Takes one option. 0, or the exit code.
static int take_option(struct cli_ledger_request *request, int option, const char *value)
{
    switch (option) {
    case OPTION_DATA:
        snprintf(request->path, sizeof request->path, "%s/ledger.db", value);
        return 0;
    case OPTION_FORMAT:
        request->is_json = strcmp(value, "json") == 0;
        return request->is_json || strcmp(value, "text") == 0
                   ? 0
                   : cli_refuse("ledger", TEXT_LEDGER_FORMAT_UNKNOWN, text_string(value));
    case OPTION_FROM:
        return span_to_integer(span_from(value), &request->from) && request->from > 0
                   ? 0
                   : cli_refuse("ledger", TEXT_LEDGER_NUMBER_WANTED, text_string(value));
    case OPTION_PROOF: request->proof = value; return 0;
    case OPTION_HELD: request->held = value; return 0;
    default:
        request->has_key = ledger_read_key(span_from(value), request->key);
        return request->has_key ? 0
                                : cli_refuse("ledger", TEXT_LEDGER_KEY_INVALID, text_string(value));
    }
}

int cli_run_ledger(int argc, char **argv)
{
    static const struct cli_option table[] = {
        [OPTION_DATA] = {"data", "FOLDER", TEXT_LEDGER_OPTION_DATA},
        [OPTION_FORMAT] = {"format", "text|json", TEXT_LEDGER_OPTION_FORMAT},
        [OPTION_FROM] = {"from", "SIZE", TEXT_LEDGER_OPTION_FROM},
        [OPTION_PROOF] = {"proof", "FILE", TEXT_LEDGER_OPTION_PROOF},
        [OPTION_HELD] = {"held", "FILE", TEXT_LEDGER_OPTION_HELD},
        [OPTION_KEY] = {"key", "KEY", TEXT_LEDGER_OPTION_KEY},
        {NULL},
    };
    struct cli_ledger_request request = {0};
    struct cli_reader reader = {argc, argv, table, TEXT_LEDGER_USAGE};
    const char *folder = getenv("LEVEE_DATA"), *value = NULL, *action = NULL;
    take_option(&request, OPTION_DATA, folder == NULL ? PROGRAM_FOLDER : folder);
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        int code = 0;
        if (at == CLI_ARGUMENT && action == NULL)
            action = value;
        else if (at == CLI_ARGUMENT && request.argument == NULL)
            request.argument = value;
        else if (at == CLI_ARGUMENT)
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        else
            code = at < 0 ? -1 : take_option(&request, at, value);
        if (code != 0)
            return at < 0 ? cli_exit(at) : code;
    }
    int index = action == NULL ? -1 : find_action(action);
    if (index < 0)
        return cli_refuse(argv[0], TEXT_LEDGER_ACTION_UNKNOWN,
                          text_string(action == NULL ? "" : action));
    return actions[index].run(&request);
}
