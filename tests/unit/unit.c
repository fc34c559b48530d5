// SPDX-License-Identifier: GPL-3.0-or-later
//
// unit.c: runs the tests that tools/test_list found, one after another, and prints TAP lines.
//
// usage: PROGRAM [PART-OF-NAME]      exit 1 when a test failed
//
// Each test runs in a child process, so that a crash is one failure and not the end of the run,
// and one that hangs is ended after two minutes. Its folder lies in memory where there is room:
// what a disk does when it is synced, full or cut off is for tests/crash to try.
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

struct unit_case {
    const char *name;
    void (*run)(void);
};
extern const struct unit_case unit_cases[]; // made by tools/test_list

enum { EXIT_FAILED = 1, EXIT_SKIPPED = 77, CASE_SECONDS_MAX = 120 };
static int failure_count;
static bool is_skipped;

bool unit_check(bool is_true, const char *file, int line, const char *format, ...)
{
    if (is_true)
        return true;
    failure_count++;
    printf("# %s:%d: ", file, line);
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
    return false;
}

bool unit_check_equal(long long a, long long b, const char *a_text, const char *b_text,
                      const char *file, int line)
{
    return unit_check(a == b, file, line, "%s is %lld, %s is %lld", a_text, a, b_text, b);
}

void unit_skip(const char *reason)
{
    is_skipped = true;
    printf("# skipped: %s\n", reason);
}

const char *unit_shared(const char *path)
{
    static char full[1024];
    const char *root = getenv("LEVEE_SHARED");
    snprintf(full, sizeof full, "%s/%s", root == NULL ? "../shared" : root, path);
    return access(full, R_OK) == 0 ? full : NULL;
}

// Is it a folder to write in, with room enough for any test?
static bool is_roomy(const char *path)
{
    enum { ROOM_MIB = 1024 };
    struct statvfs room;
    return access(path, W_OK | X_OK) == 0 && statvfs(path, &room) == 0 &&
           room.f_bavail * (room.f_frsize / 1024) / 1024 >= ROOM_MIB;
}

const char *unit_folder(void)
{
    static char folder[64];
    if (folder[0] == '\0') {
        bool has_memory = is_roomy("/dev/shm");
        snprintf(folder, sizeof folder, "%s/levee-unit-XXXXXX", has_memory ? "/dev/shm" : "/tmp");
        if (mkdtemp(folder) == NULL)
            abort();
    }
    return folder;
}

static void remove_folder(void)
{
    char command[128];
    if (failure_count == 0 && strstr(unit_folder(), "/levee-unit-") != NULL) {
        snprintf(command, sizeof command, "rm -rf '%s'", unit_folder());
        if (system(command) != 0)
            printf("# %s stays\n", unit_folder());
    }
}

static int run_case(const struct unit_case *test)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(CASE_SECONDS_MAX);
        test->run();
        remove_folder();
        fflush(stdout);
        exit(failure_count > 0 ? EXIT_FAILED : is_skipped ? EXIT_SKIPPED : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    int failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (const struct unit_case *test = unit_cases; test->name != NULL; test++) {
        if (argc > 1 && strstr(test->name, argv[1]) == NULL)
            continue;
        int status = run_case(test);
        printf("%sok - %s%s\n", status == 0 || status == EXIT_SKIPPED ? "" : "not ", test->name,
               status == EXIT_SKIPPED ? " # SKIP" : "");
        failed += status != 0 && status != EXIT_SKIPPED;
    }
    return failed > 0;
}
