// SPDX-License-Identifier: GPL-3.0-or-later
//
// judgement_priv.h: the commands of the folder's files, for the table in commands.c.
#ifndef LEVEE_JUDGEMENT_JUDGEMENT_PRIV_H
#define LEVEE_JUDGEMENT_JUDGEMENT_PRIV_H

#include "judgement/judgement.h"
#include "matter/matter.h"
#include "matter/say.h"

// record.c: what becomes of a scan's findings.
enum fault_code record_run(struct command *command, struct fault *fault);
enum fault_code record_run_finish(struct command *command, struct fault *fault);
enum fault_code record_run_declare(struct command *command, struct fault *fault);
// notice.c: the life of a notice.
enum fault_code notice_run_take_over(struct command *command, struct fault *fault);
enum fault_code notice_run_judge(struct command *command, struct fault *fault);
enum fault_code notice_run_raise(struct command *command, struct fault *fault);
enum fault_code notice_run_ask_lower(struct command *command, struct fault *fault);
enum fault_code notice_run_lower(struct command *command, struct fault *fault);
enum fault_code notice_run_close(struct command *command, struct fault *fault);
// reason.c: why an act was done, in the one language of who wrote it or in both.
// Refuses a command that gives no reason, half of one, or two.
enum fault_code reason_check(const struct command *command, struct fault *fault);
// The reason as a sentence takes it: the text as it was written, or {"zh", "en"}. A new reference.
json_t *reason_of(const struct command *command);
// reading.c: questions about readings, and figures typed by hand.
enum fault_code reading_run_ask(struct command *command, struct fault *fault);
enum fault_code reading_run_answer(struct command *command, struct fault *fault);
enum fault_code reading_run_type(struct command *command, struct fault *fault);
// pin.c: what is pinned beside: official acts, dated events, instructions.
enum fault_code pin_run_act(struct command *command, struct fault *fault);
enum fault_code pin_run_event(struct command *command, struct fault *fault);
enum fault_code pin_run_instruction(struct command *command, struct fault *fault);
// points.c, overview.c: finishers.
enum fault_code series_points_finish(const struct query_context *context, json_t *rows,
                                     struct fault *fault);
enum fault_code series_table_finish(const struct query_context *context, json_t *rows,
                                    struct fault *fault);
enum fault_code series_list_finish(const struct query_context *context, json_t *rows,
                                   struct fault *fault);
enum fault_code series_one_finish(const struct query_context *context, json_t *rows,
                                  struct fault *fault);
enum fault_code overview_divisions_finish(const struct query_context *context, json_t *rows,
                                          struct fault *fault);
enum fault_code overview_fields_finish(const struct query_context *context, json_t *rows,
                                       struct fault *fault);
// firings.c: what stands behind the counts of a record.
enum fault_code rule_record_finish(const struct query_context *context, json_t *rows,
                                   struct fault *fault);
// title.c: what a situation is called.
enum fault_code situation_title_finish(const struct query_context *context, json_t *rows,
                                       struct fault *fault);
enum fault_code today_due_finish(const struct query_context *context, json_t *rows,
                                 struct fault *fault);

#endif
