// SPDX-License-Identifier: GPL-3.0-or-later
//
// manage.c: sentences, progress, passphrases for the subcommands that look after a store.
//
// A passphrase is never an argument: other users of the machine could read it there.
#include "cli/manage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "store/store.h"

void manage_say_with(enum text_key key, const struct text_argument *argument)
{
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "%s\n", sentence);
}

void manage_progress(void *context, int64_t done, int64_t total)
{
    static int64_t shown = -1;
    (void)context;
    int64_t percent = total == 0 ? 100 : done * 100 / total;
    if (!isatty(STDERR_FILENO) || percent == shown)
        return;
    char sentence[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_integer(percent)};
    text_write(TEXT_MANAGE_PROGRESS, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "\r%s%s", sentence, done >= total ? "\n" : "");
    shown = percent;
}

static bool read_line(FILE *in, char buffer[MANAGE_PASSPHRASE_SIZE])
{
    if (fgets(buffer, MANAGE_PASSPHRASE_SIZE, in) == NULL)
        return false;
    buffer[strcspn(buffer, "\r\n")] = '\0';
    return buffer[0] != '\0';
}

// Asks on the terminal, without showing what is typed.
static bool ask(char buffer[MANAGE_PASSPHRASE_SIZE])
{
    struct termios shown, hidden;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) != 0)
        return false;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fputs(cli_say(TEXT_MANAGE_ASK_PASSPHRASE), stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    bool is_read = read_line(stdin, buffer);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return is_read;
}

enum fault_code manage_read_passphrase(const char *path, char buffer[MANAGE_PASSPHRASE_SIZE],
                                       struct span *ret_passphrase, struct fault *fault)
{
    bool is_read = false;
    if (path == NULL) {
        is_read = ask(buffer);
    } else {
        FILE *in = fopen(path, "r");
        if (in == NULL)
            return fault_set(fault, FAULT_MISSING, TEXT_BASE_FILE_UNREADABLE, text_string(path),
                             text_string(strerror(errno)));
        is_read = read_line(in, buffer);
        fclose(in);
    }
    if (!is_read)
        return fault_set(fault, FAULT_INVALID, TEXT_MANAGE_PASSPHRASE_MISSING, {0});
    *ret_passphrase = span_from(buffer);
    return FAULT_NONE;
}

enum fault_code manage_find_actor(struct store *store, const char *account,
                                  struct store_actor *ret_actor, struct fault *fault)
{
    if (account != NULL)
        return store_find_actor(store, span_from(account), ret_actor, fault);
    *ret_actor = store_system_actor();
    ret_actor->division = store_division(store);
    return FAULT_NONE;
}
