// SPDX-License-Identifier: GPL-3.0-or-later
//
// file.c: the port that appends a line to a file, and the recorder of replays and drills.
//
// The line is on the disk when it returns. The file is the owner's alone (0600).
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "ports/ports_priv.h"

enum fault_code port_send_file(const struct port *port, struct span message, struct fault *fault)
{
    union {
        const char *from;
        void *to;
    } door = {.from = message.data}; // writev only reads; its type lacks the const
    char line_feed[] = "\n";
    struct iovec line[] = {{door.to, message.size}, {line_feed, 1}};
    int descriptor = open(port->target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    bool is_done = descriptor >= 0 && writev(descriptor, line, 2) == (ssize_t)message.size + 1 &&
                   fdatasync(descriptor) == 0;
    int reason = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (is_done)
        return FAULT_NONE;
    return file_unwritable(fault, port->target, reason);
}
