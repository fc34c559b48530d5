// SPDX-License-Identifier: LGPL-3.0-or-later
//
// season_threshold.c: from a fitted mean to bound, score and alarm.
//
// docs/detectors 2.3 d-g and 3.3 c-f. With mu0 the mean expected at k, phi the dispersion (at least
// 1), se the standard error of mu0 and tau = phi + se^2/mu0, so that a new value has variance
// mu0 tau around mu0:
//
//     delta   a power makes the law nearly normal:  U = ( mu0^e + z sd )^(1/e)
//                 e = 2/3   sd = 2/3 mu0^(1/6) sqrt(tau)
//                 e = 1/2   sd = 1/2 sqrt(tau)
//                 e = 1     sd = sqrt(mu0 tau)
//     nb      U = quantile of the negative binomial with mean exp(eta), variance phi times that
//     muan    the same with the upper bound of the mean, exp(eta + z se(eta))
//
// As the published software does it (each is needed to give its numbers):
//   - the score of nb and muan sets the log of the mean against counts, (y - eta)/(U - eta);
//   - mu0 of the flexible delta threshold is exp(mu0 + z se), which may be infinite, as may be the
//     mean of muan; these are the only infinities that leave this library;
//   - a silenced point (fewer than limit_cases in limit_period) has bound and score 0 in the 1996
//     method; no bound and no expected value in the flexible one.
#include "analysis/season.h"

// mu0 may be infinite (see above); everything else goes through point_set.
static void set_mu0(struct analysis_point *point, double mu0)
{
    assert(!isnan(mu0));
    point->column[ANALYSIS_MU0] = mu0;
    point->outcome |= 1u << ANALYSIS_MU0;
}

struct season_delta {
    double upper;
    double deviation; // standard deviates of y above mu0 on the transformed scale
};

static struct season_delta transform(enum season_power power, double mu0, double tau, double z,
                                     double y)
{
    if (power == POWER_NONE) {
        double sd = sqrt(mu0 * tau);
        return (struct season_delta){mu0 + z * sd, (y - mu0) / sd};
    }
    if (power == POWER_HALF) {
        double sd = 0.5 * sqrt(tau), base = sqrt(mu0) + z * sd;
        return (struct season_delta){base * base, (sqrt(y) - sqrt(mu0)) / sd};
    }
    double sd = 2.0 / 3 * pow(mu0, 1.0 / 6) * sqrt(tau);
    double centre = pow(mu0, 2.0 / 3), base = centre + z * sd;
    return (struct season_delta){base > 0 ? pow(base, 1.5) : 0, (pow(y, 2.0 / 3) - centre) / sd};
}

static void close_point(struct analysis_point *point, bool is_enough, bool is_alarm)
{
    point->outcome |= ANALYSIS_JUDGED;
    if (!is_enough)
        point->outcome |= ANALYSIS_SILENCED;
    if (is_enough && is_alarm)
        point->outcome |= ANALYSIS_ALARM;
}

static void judge_1996(const struct season_plan *plan, const struct season_model *model, double y,
                       bool is_enough, struct analysis_point *point)
{
    double phi = fmax(model->phi_raw, 1), mu0 = season_model_mu0(model->eta);
    double tau = phi + mu0 * phi * model->spread;
    struct season_delta delta = transform(plan->power, mu0, tau, plan->z, y);
    double score = (y - mu0) / (delta.upper - mu0);
    point_set(point, ANALYSIS_EXPECTED, mu0);
    point_set(point, ANALYSIS_MU0, mu0);
    point_set(point, ANALYSIS_UPPER, is_enough ? delta.upper : 0);
    point_set(point, ANALYSIS_SCORE, is_enough ? score : 0);
    point_set(point, ANALYSIS_QUANTILE_PROB, analysis_normal_cdf(delta.deviation));
    close_point(point, is_enough, score > 1);
}

static void judge_delta(const struct season_plan *plan, const struct season_model *model, double y,
                        bool is_enough, struct analysis_point *point)
{
    double phi = fmax(model->phi_raw, 1), mu0 = season_model_mu0(model->eta);
    double se = mu0 * sqrt(model->disp * model->spread);
    struct season_delta delta = transform(plan->power, mu0, phi + se * se / mu0, plan->z, y);
    double score = (y - mu0) / (delta.upper - mu0);
    if (is_enough) {
        point_set(point, ANALYSIS_EXPECTED, mu0);
        point_set(point, ANALYSIS_UPPER, delta.upper);
    }
    set_mu0(point, exp(mu0 + plan->z * se));
    point_set(point, ANALYSIS_SCORE, score);
    point_set(point, ANALYSIS_PVALUE, analysis_normal_upper(delta.deviation));
    close_point(point, is_enough, score > 1 && y != 0);
}

static void judge_quantile(const struct season_plan *plan, const struct season_model *model,
                           double y, bool is_enough, struct analysis_point *point)
{
    double phi = fmax(model->phi_raw, 1), eta = model->eta;
    double mean = plan->threshold == THRESHOLD_MUAN
                      ? exp(eta + plan->z * sqrt(model->disp * model->spread))
                      : exp(eta);
    set_mu0(point, mean);
    if (isinf(mean)) {
        close_point(point, is_enough, false);
        return;
    }
    // A mean that underflows to zero is no law; the smallest one has the same bound, 0.
    mean = fmax(mean, 1e-300);
    double upper, tail;
    if (phi > 1) {
        double size = mean / (phi - 1), probability = 1 / phi;
        upper = analysis_negative_binomial_quantile(1 - plan->alpha, size, probability);
        tail = analysis_negative_binomial_upper(y, size, probability);
    } else {
        upper = analysis_poisson_quantile(1 - plan->alpha, mean);
        tail = analysis_poisson_upper(y, mean);
    }
    double score = (y - eta) / (upper - eta);
    if (is_enough) {
        point_set(point, ANALYSIS_EXPECTED, exp(eta));
        point_set(point, ANALYSIS_UPPER, upper);
    }
    point_set(point, ANALYSIS_SCORE, score);
    point_set(point, ANALYSIS_PVALUE, tail);
    close_point(point, is_enough, score > 1 && y != 0);
}

void season_judge(const struct season_plan *plan, const struct season_model *model, double y,
                  double recent, struct analysis_point *point)
{
    assert(isfinite(model->eta) && isfinite(model->phi_raw));
    bool is_enough = recent >= plan->limit_cases;
    point_set(point, ANALYSIS_PHI, fmax(model->phi_raw, 1));
    if (model->has_trend) {
        point_set(point, ANALYSIS_TREND_COEF, model->slope);
        point->outcome |= ANALYSIS_TREND;
    }
    if (!plan->is_flexible)
        judge_1996(plan, model, y, is_enough, point);
    else if (plan->threshold == THRESHOLD_DELTA)
        judge_delta(plan, model, y, is_enough, point);
    else
        judge_quantile(plan, model, y, is_enough, point);
}

double season_recent_sum(const struct season_plan *plan, const double *value, size_t first,
                         size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)plan->limit_period && k >= first + i; i++)
        if (!isnan(value[k - i]))
            sum += value[k - i];
    return sum;
}
