// SPDX-License-Identifier: GPL-3.0-or-later
//
// matter.h: anything with an owner, a state, a deadline and a timeline.
//
// Owns: the kinds of matters, their states and which step leads from which state to which; who may
// take a step; how an entry about a matter is emitted; who owns what by the duty table; who is rung
// next. Three kinds share the engine:
//
//     notice     raised ─ take_over ─► taken_over ─ judge ─► in_response ─ close ─► closed
//                   └────────── judge ──────────────┘  └► not_upheld ── close ─► closed
//     question   asked ─ answer ─► answered
//     measure    planned ─ finish ─► done | dropped
//
// A deadline is computed once, from the rule that holds then, and stored; when it passes, the
// writer runs `deadline.pass`, in due order, once, even when late. Ringing goes up a ladder
// (ring.c): the owner, the owner again, the deputy, the level above, until somebody answers.
//
// Invariants: every step is an entry; a closed matter takes no step; lowering from orange or red is
// never decided in the division that owns it.
#ifndef LEVEE_MATTER_MATTER_H
#define LEVEE_MATTER_MATTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/json.h"
#include "store/command.h"

// What is done to a matter. Beside each: which command does it.
enum matter_step {
    MATTER_TAKE_OVER, // notice.take_over
    MATTER_JUDGE,     // notice.judge
    MATTER_CHANGE,    // notice.raise, notice.lower, notice.ask_lower
    MATTER_CLOSE,     // notice.close
    MATTER_ANSWER,    // reading.answer
    MATTER_FINISH,    // measure.finish
    MATTER_HAND_OVER, // matter.hand_over
    MATTER_STEPS
};

// True when a matter of this kind may take that step in that state.
bool matter_may(struct span kind, struct span state, enum matter_step step);

// Loads one row of a query for this command. FAULT_MISSING with `missing` and `id` as its argument
// when the query gives none. The caller owns *ret_row.
enum fault_code matter_load(struct command *command, enum query_name query, const char *parameter,
                            int64_t id, enum text_key missing, json_t **ret_row,
                            struct fault *fault);
// Refuses a step that the state does not allow, with a sentence that names the state.
enum fault_code matter_check_step(const json_t *row, const char *kind, enum matter_step step,
                                  struct fault *fault);
// True when the actor stands strictly above the division whose interval of positions this is.
bool matter_is_above(const struct store_actor *actor, int64_t low, int64_t high);
// Emits an entry of form 1. `body` is taken over; NULL: FAULT_FULL.
enum fault_code matter_emit(struct command *command, const char *type, int64_t division,
                            json_t *body, int64_t *ret_sequence, struct fault *fault);

// --- Duties (duty.c) ----------------------------------------------------------------------------

// Who answers: the first of `roles` (a JSON list of codes) that the duty table fills for the field
// in the division or the nearest above it; with `is_above`, only above it. *ret_duty is a row of
// the query duty_for, or NULL when nobody is named. The caller owns it.
enum fault_code matter_find_duty(struct command *command, const char *field, const json_t *roles,
                                 int64_t division, bool is_above, json_t **ret_duty,
                                 struct fault *fault);

// --- Tables -------------------------------------------------------------------------------------

extern const struct command_row matter_command_table[];
extern const size_t matter_command_count;

// Commands of ring.c and duty.c, for the table.
enum fault_code ring_run_start(struct command *command, struct fault *fault);
enum fault_code ring_run_record(struct command *command, struct fault *fault);
enum fault_code ring_run_acknowledge(struct command *command, struct fault *fault);
enum fault_code ring_run_deadline(struct command *command, struct fault *fault);
enum fault_code duty_run_assign(struct command *command, struct fault *fault);

#endif
