// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reporting.c: silence as a signal: a source that reports as a rule, and does not.
//
// docs/detectors 16. Over the last `window` periods before the silence, each phase of the cycle
// (the days of the week with cycle = 7) has a share p of periods that brought a report, by
// Jeffreys' prior (r + 1/2)/(n + 1). A silence of the periods i, the newest included, has the
// chance
//
//     P = product of (1 - p_phase(i)),   alarm P < alpha
//
//     report    1 1 1 1 1 0 1 1 1 1 . . .          silent run: not yet part of the window
//     window   |<------------------>|              it enters when the next report comes
//
// So a source that reports now and then is given time, one that never fails is asked after at once,
// and weekends without reports are no silence. A period with a value is judged too: no alarm.
// Missing values are what this method judges; every other method leaves them out.
#include "analysis/reporting.h"

struct reporting_state {
    struct chart_head head;
    size_t window, cycle;
    double alpha;
    size_t settled;  // periods that have entered the window since the beginning
    size_t silent;   // periods since
    double chance;   // P
    double memory[]; // by phase: reported, counted; then the window's reports, by period mod window
};

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    (void)frequency;
    (void)baseline;
    size_t places = 2 * (size_t)option[REPORTING_CYCLE] + (size_t)option[REPORTING_WINDOW];
    return sizeof(struct reporting_state) + places * sizeof(double);
}

size_t reporting_start(const double *option, int frequency)
{
    (void)frequency;
    return (size_t)option[REPORTING_WINDOW];
}

static void begin(void *memory, const double *option, int frequency)
{
    (void)frequency;
    struct reporting_state *state = memory;
    state->window = (size_t)option[REPORTING_WINDOW];
    state->cycle = (size_t)option[REPORTING_CYCLE];
    state->alpha = option[REPORTING_ALPHA];
    state->chance = 1;
}

// Lets a period into the window, and the oldest out.
static void enter(struct reporting_state *state, double reported)
{
    double *counts = state->memory, *kept = counts + 2 * state->cycle;
    size_t at = state->settled++, slot = at % state->window;
    if (at >= state->window) {
        size_t phase = (at - state->window) % state->cycle;
        counts[2 * phase] -= kept[slot];
        counts[2 * phase + 1] -= 1;
    }
    kept[slot] = reported;
    counts[2 * (at % state->cycle)] += reported;
    counts[2 * (at % state->cycle) + 1] += 1;
}

// Goes on by a period; returns its phase's share as it stood.
static double advance(struct reporting_state *state, bool is_reported)
{
    const double *counts = state->memory + 2 * ((state->head.seen - 1) % state->cycle);
    double share = reporting_share(counts[0], counts[1]);
    if (!is_reported) {
        state->silent++;
        state->chance *= 1 - share;
        return share;
    }
    for (; state->silent > 0; state->silent--)
        enter(state, 0);
    enter(state, 1);
    state->chance = 1;
    return share;
}

static void learn(void *memory, double value, double population)
{
    (void)population;
    advance(memory, !isnan(value));
}

static bool settle(void *memory)
{
    (void)memory;
    return true;
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    (void)population;
    struct reporting_state *state = memory;
    if (state->settled == 0 && isnan(value)) {
        advance(state, false);
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, advance(state, !isnan(value)));
    point_set(point, ANALYSIS_PVALUE, state->chance);
    // A chance too small for a number is a score of the smallest that there is.
    double least = state->chance > 1e-300 ? state->chance : 1e-300;
    point_set(point, ANALYSIS_SCORE, log(least) / log(state->alpha));
    chart_close(point, (double)state->silent, state->chance < state->alpha);
}

const struct chart_method reporting_method = {size_of, begin, learn, settle, step, NULL, NULL};

bool reporting_judge(const struct analysis_panel *panel, const double *option,
                     const struct analysis_output *output)
{
    return chart_judge(&reporting_method, panel, option, reporting_start(option, panel->frequency),
                       output);
}
