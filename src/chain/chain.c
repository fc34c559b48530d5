// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain.c: the loop of levee, read in one file.
//
//     readings land ─► scan (scan.h; a morning's or a batch's) ─► doubted, raised, updated
//
//     notice.raised    ─► ring.start        the owner is rung
//     notice.updated   ─► ring.start        only when the level rose: the owner is rung anew
//     lowering.asked   ─► ring.start        the level above is rung
//     measure.added    ─► ring.start        the office that must act is rung
//     matter.handed_over ─► ring.start      the new owner is rung
//     reading.doubted  ─► question.ask      the keeper of the feed is asked, two hours
//     question.asked   ─► ring.start        and rung
//     deadline.passed  ─► ring.start        of a ring: the next step of the ladder
//                                           of an act: the level above, because the owner is
//                                           overdue
//     a deadline is due ─► deadline.pass    in due order, once, even when late
//
// A follow-up's id is made from its cause, so a crash between the two repeats nothing and loses
// nothing. Each function sees the cause alone and says the same whenever it is asked.
#include "chain/chain.h"

#include <assert.h>

enum { RING_FIRST = 1, RING_ABOVE = 4 };

static enum fault_code made(json_t *body, json_t **ret_body, struct fault *fault)
{
    if (body == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    *ret_body = body;
    return FAULT_NONE;
}

static json_t *ring(int64_t matter, int64_t step, const char *why)
{
    return json_pack("{s:I, s:I, s:s}", "matter", (json_int_t)matter, "step", (json_int_t)step,
                     "why", why);
}

static enum fault_code ring_new(const struct entry_view *cause, json_t **ret_body,
                                struct fault *fault)
{
    return made(ring(cause->sequence, RING_FIRST, "owner"), ret_body, fault);
}

static enum fault_code ring_risen(const struct entry_view *cause, json_t **ret_body,
                                  struct fault *fault)
{
    if (!json_is_true(json_object_get(cause->body, "is_up")))
        return FAULT_NONE;
    int64_t notice = json_integer_or(cause->body, "notice", 0);
    return made(ring(notice, RING_FIRST, "owner"), ret_body, fault);
}

static enum fault_code ring_new_owner(const struct entry_view *cause, json_t **ret_body,
                                      struct fault *fault)
{
    int64_t matter = json_integer_or(cause->body, "matter", 0);
    return made(ring(matter, RING_FIRST, "owner"), ret_body, fault);
}

static enum fault_code ring_asked(const struct entry_view *cause, json_t **ret_body,
                                  struct fault *fault)
{
    int64_t notice = json_integer_or(cause->body, "notice", 0);
    return made(ring(notice, RING_ABOVE, "asked"), ret_body, fault);
}

static enum fault_code ask_question(const struct entry_view *cause, json_t **ret_body,
                                    struct fault *fault)
{
    return made(json_pack("{s:I, s:O, s:O}", "doubt", (json_int_t)cause->sequence, "roles",
                          json_object_get(cause->body, "roles"), "place",
                          json_object_get(cause->body, "place")),
                ret_body, fault);
}

static enum fault_code ring_next(const struct entry_view *cause, json_t **ret_body,
                                 struct fault *fault)
{
    int64_t matter = json_integer_or(cause->body, "matter", 0);
    int64_t step = json_integer_or(cause->body, "step", 0);
    bool is_ring = span_is(json_text_or(cause->body, "kind", ""), "ring");
    assert(step >= 0);
    return made(is_ring ? ring(matter, step + 1, "level_above")
                        : ring(matter, RING_ABOVE, "overdue"),
                ret_body, fault);
}

const struct chain_row chain_table[] = {
    {"notice.raised", 1, "ring.start", ring_new},
    {"notice.updated", 1, "ring.start", ring_risen},
    {"lowering.asked", 1, "ring.start", ring_asked},
    {"measure.added", 1, "ring.start", ring_new},
    {"matter.handed_over", 1, "ring.start", ring_new_owner},
    {"reading.doubted", 1, "question.ask", ask_question},
    {"question.asked", 1, "ring.start", ring_new},
    {"deadline.passed", 1, "ring.start", ring_next},
};
const size_t chain_count = sizeof chain_table / sizeof chain_table[0];

const struct store_due chain_due = {QUERY_DEADLINES_DUE, "deadline.pass"};
