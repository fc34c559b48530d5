// SPDX-License-Identifier: GPL-3.0-or-later
//
// program.c: the port that runs a program with the message on its standard input.
//
// No shell: argv is as it stands in ports.json, its first word an absolute path. The program gets
// no environment but PATH and LANG, no descriptor of ours, and a group of its own; after
// port->allowed_ms the group is killed. Exit code 0 means that the message has arrived. The message
// fits a pipe, so that writing it does not block.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports/ports_priv.h"

static_assert(LIMIT_PORT_MESSAGE_SIZE <= 65536, "a message fits a pipe of Linux");

static enum fault_code refuse(const struct port *port, const char *reason, struct fault *fault)
{
    return fault_set(fault, FAULT_IO, TEXT_PORTS_FAILED, text_string(port->name),
                     text_string(reason));
}

// Starts it with standard input from `input`. Returns 0 or an errno.
static int start(const struct port *port, int input, pid_t *ret_process)
{
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", language[] = "LANG=C.UTF-8";
    char *environment[] = {path, language, NULL};
    union {
        const char *const *from;
        char *const *to;
    } door = {.from = port->argument}; // posix_spawn only reads; its type is older than const
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    int reason =
        posix_spawn(ret_process, port->argument[0], &actions, &attributes, door.to, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

// Waits until it has ended, `allowed_ms` at most; then kills its group.
static bool await(pid_t process, int allowed_ms, int *ret_status)
{
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    struct pollfd poll_on = {.fd = descriptor, .events = POLLIN};
    bool is_in_time = descriptor >= 0 && poll(&poll_on, 1, allowed_ms) == 1;
    if (descriptor >= 0)
        close(descriptor);
    if (!is_in_time)
        kill(-process, SIGKILL);
    while (waitpid(process, ret_status, 0) < 0 && errno == EINTR)
        continue;
    return is_in_time;
}

enum fault_code port_send_command(const struct port *port, struct span message, struct fault *fault)
{
    int pipe_ends[2], status = 0;
    pid_t process = 0;
    assert(message.size <= LIMIT_PORT_MESSAGE_SIZE);
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return refuse(port, strerror(errno), fault);
    int reason = start(port, pipe_ends[0], &process);
    close(pipe_ends[0]);
    if (reason == 0 && write(pipe_ends[1], message.data, message.size) < 0)
        status = 0; // it does not read: its exit code decides
    close(pipe_ends[1]);
    if (reason != 0)
        return refuse(port, strerror(reason), fault);
    if (!await(process, port->allowed_ms, &status))
        return refuse(port, "timeout", fault);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return refuse(port, "exit", fault);
    return FAULT_NONE;
}
