// SPDX-License-Identifier: GPL-3.0-or-later
//
// sender.h: sends many commands that share commits.
//
// Owns: the count of commands on their way and the first fault among them. Founding a replay sends
// some thousand commands; waiting for each would cost a disk flush each. A sender keeps many in
// the writer's queue, and demo_sender_wait returns when all have been answered. Its user is the
// store's holder. The commands of one sender run in the order in which they were sent.
#ifndef LEVEE_DEMO_SENDER_H
#define LEVEE_DEMO_SENDER_H

#include <pthread.h>

#include "store/command.h"

enum { DEMO_SENDER_AHEAD = 256 }; // a quarter of the writer's queue (LIMIT_QUEUE_COMMANDS)

struct demo_sender {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int on_the_way;
    struct fault fault; // the first one
};

void demo_sender_open(struct demo_sender *sender, struct store *store);
void demo_sender_close(struct demo_sender *sender); // waits
// Sends as the system; `body` is taken over. *ret_id (may be NULL) is the id of what the command
// made; it is written on the writer thread and may be read after demo_sender_wait. Waits while
// DEMO_SENDER_AHEAD commands are on their way.
enum fault_code demo_sender_send(struct demo_sender *sender, const char *name, json_t *body,
                                 int64_t *ret_id, struct fault *fault);
// Waits until every command was answered. The first fault, if there was one.
enum fault_code demo_sender_wait(struct demo_sender *sender, struct fault *fault);
// Sends one command as the system and waits. `key` makes its id together with the name, so that
// the same one is done once; NULL: always. `body` is taken over, `payload` is borrowed.
enum fault_code demo_send(struct store *store, const char *name, int64_t number, json_t *body,
                          struct span payload, struct fault *fault);
// The same for the sake of its answer, which the caller releases; NULL: nobody reads it.
enum fault_code demo_send_for(struct store *store, const char *name, int64_t number, json_t *body,
                              struct span payload, json_t **ret_answer, struct fault *fault);

#endif
