// SPDX-License-Identifier: LGPL-3.0-or-later
//
// chance.h: numbers drawn from a seed and a stream's number: the same ones on every machine.
//
// Of the folder only. SplitMix64 (Steele, Lea, Flood 2014): a stream is a counter, mixed; streams
// begin at places that are themselves mixed, so that path 7 is the same however many paths there
// are and whichever thread draws it. Good enough for paths and scenarios; not for secrets.
#ifndef LEVEE_ANALYSIS_CHANCE_H
#define LEVEE_ANALYSIS_CHANCE_H

#include <math.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

static inline uint64_t chance_mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static inline struct chance chance_begin(uint64_t seed, uint64_t stream)
{
    return (struct chance){chance_mix(seed + 0x9E3779B97F4A7C15u) ^
                           chance_mix(~stream * 0xD1342543DE82EF95u)};
}

// Uniform in 0..1, both ends excluded.
static inline double chance_uniform(struct chance *chance)
{
    uint64_t word = chance_mix(chance->state += 0x9E3779B97F4A7C15u);
    return ((double)(word >> 12) + 0.5) * 0x1p-52;
}

double chance_normal(struct chance *chance);
// Gamma law with shape > 0 and scale 1.
double chance_gamma(struct chance *chance, double shape);
// Whole numbers: Poisson with mean >= 0; binomial of `count` >= 0 trials, 0 <= probability <= 1.
double chance_poisson(struct chance *chance, double mean);
double chance_binomial(struct chance *chance, double count, double probability);

#endif
