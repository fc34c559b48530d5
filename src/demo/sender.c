// SPDX-License-Identifier: GPL-3.0-or-later
//
// sender.c: a count under a lock; the writer thread lowers it, the sending thread waits for it.
//
// Each command on its way has a small block of its own that says where its id goes; `done` frees
// it. store_post_command copies the request, so that nothing else has to live on.
#include "demo/sender.h"

#include <assert.h>

#include "base/memory.h"

struct errand {
    struct demo_sender *sender;
    int64_t *ret_id;
};

void demo_sender_open(struct demo_sender *sender, struct store *store)
{
    assert(store_is_holder(store));
    *sender = (struct demo_sender){.store = store};
    pthread_mutex_init(&sender->lock, NULL);
    pthread_cond_init(&sender->changed, NULL);
}

void demo_sender_close(struct demo_sender *sender)
{
    struct fault fault = {0};
    (void)!demo_sender_wait(sender, &fault);
    pthread_cond_destroy(&sender->changed);
    pthread_mutex_destroy(&sender->lock);
}

static void finish_errand(void *context, const struct command_result *result)
{
    struct errand *errand = context;
    struct demo_sender *sender = errand->sender;
    pthread_mutex_lock(&sender->lock);
    if (result->code != FAULT_NONE && sender->fault.code == FAULT_NONE)
        sender->fault = *result->fault;
    if (result->code == FAULT_NONE && errand->ret_id != NULL)
        *errand->ret_id = json_integer_value(json_object_get(result->answer, "sequence"));
    sender->on_the_way--;
    pthread_cond_signal(&sender->changed);
    pthread_mutex_unlock(&sender->lock);
    memory_free(errand);
}

// Waits until at most `count` are on their way.
static enum fault_code wait_for(struct demo_sender *sender, int count, struct fault *fault)
{
    pthread_mutex_lock(&sender->lock);
    while (sender->on_the_way > count)
        pthread_cond_wait(&sender->changed, &sender->lock);
    struct fault first = sender->fault;
    pthread_mutex_unlock(&sender->lock);
    if (first.code != FAULT_NONE && fault->code == FAULT_NONE)
        *fault = first;
    return fault->code;
}

enum fault_code demo_sender_wait(struct demo_sender *sender, struct fault *fault)
{
    return wait_for(sender, 0, fault);
}

static void count_one(struct demo_sender *sender, int change)
{
    pthread_mutex_lock(&sender->lock);
    sender->on_the_way += change;
    assert(sender->on_the_way >= 0);
    pthread_mutex_unlock(&sender->lock);
}

enum fault_code demo_sender_send(struct demo_sender *sender, const char *name, json_t *body,
                                 int64_t *ret_id, struct fault *fault)
{
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    struct errand *errand = NULL;
    enum fault_code code = wait_for(sender, DEMO_SENDER_AHEAD - 1, fault);
    if (code != FAULT_NONE)
        goto out;
    errand = memory_allocate(sizeof *errand);
    if (errand == NULL || body == NULL) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
        goto out;
    }
    *errand = (struct errand){sender, ret_id};
    count_one(sender, 1);
    code = store_post_command(sender->store, &request, finish_errand, errand, fault);
    if (code != FAULT_NONE)
        count_one(sender, -1);
    else
        errand = NULL;
out:
    memory_free(errand);
    json_decref(body);
    return code;
}

enum fault_code demo_send_for(struct store *store, const char *name, int64_t number, json_t *body,
                              struct span payload, json_t **ret_answer, struct fault *fault)
{
    struct command_request request = {
        .name = name, .body = body, .payload = payload, .actor = store_system_actor()};
    enum fault_code code = FAULT_NONE;
    if (body == NULL) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
        goto out;
    }
    if (number != 0)
        store_derive_id(store, number, name, request.id);
    code = store_run_command(store, &request, ret_answer, fault);
out:
    json_decref(body);
    return code;
}

enum fault_code demo_send(struct store *store, const char *name, int64_t number, json_t *body,
                          struct span payload, struct fault *fault)
{
    return demo_send_for(store, name, number, body, payload, NULL, fault);
}
