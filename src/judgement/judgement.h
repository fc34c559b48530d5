// SPDX-License-Identifier: GPL-3.0-or-later
//
// judgement.h: notices, situations, beliefs: the tables that a program gives to its store.
//
// Owns the mechanism of risk research and judgement. A scan (scan.h) finds; a notice is raised,
// rung, taken over, judged, lowered and closed by commands; a reading that cannot be believed is
// kept and asked about; several notices about one event make a situation. Levels are internal and
// never the legal act of warning: that is pinned beside, with its source.
//
//     signal ─► notice ─► situation          reading ─► doubt ─► question ─► answer
//
// Rules that no command can break: one open notice per field, indicator, division and origin; real
// and simulated never meet in one notice or situation; a level rises at once and falls only after
// the pack's number of quiet, complete and believed periods; from orange on it is lowered, not
// upheld or closed only by a division above; every division above sees it from the moment it is
// raised.
#ifndef LEVEE_JUDGEMENT_JUDGEMENT_H
#define LEVEE_JUDGEMENT_JUDGEMENT_H

#include <stddef.h>

#include "store/command.h"
#include "store/query.h"

extern const struct command_row judgement_command_table[];
extern const size_t judgement_command_count;
// Every `then:` of this module's queries.
extern const struct query_finisher judgement_finisher_table[];
extern const size_t judgement_finisher_count;

#endif
