// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_chance.c: chance for replicates: Philox4x32-10 and binomial numbers from it.
//
// Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11: ten rounds
// of two 32-bit multiplications turn a counter of 128 bits and a key of 64 into 128 bits. There is
// no state to hand on: stream s of seed k is the counters (0.., s) under the key k. Sixty-four
// counters are turned at once, which the compiler makes wide.
//
// Binomial numbers: by inversion where the mean is below 10 (the probabilities are summed up from
// 0); else by transformed rejection, Hoermann 1993, "The generation of binomial random variates",
// J Stat Comput Simul 46:101, algorithm BTRS. Both are exact up to the rounding of doubles.
#include <assert.h>

#include "analysis/scan.h"

enum { ROUNDS = 10 };
static const uint32_t FACTOR_0 = 0xD2511F53u, FACTOR_1 = 0xCD9E8D57u;
static const uint32_t STEP_0 = 0x9E3779B9u, STEP_1 = 0xBB67AE85u;
static const double INVERSION_MOST = 10;

void scan_chance_begin(struct scan_chance *chance, uint64_t seed, uint64_t stream)
{
    chance->key[0] = (uint32_t)seed;
    chance->key[1] = (uint32_t)(seed >> 32);
    chance->stream = stream;
    chance->block = 0;
    chance->used = SCAN_CHANCE_WORDS;
}

void scan_chance_refill(struct scan_chance *chance)
{
    uint64_t a[SCAN_CHANCE_BLOCKS], b[SCAN_CHANCE_BLOCKS], c[SCAN_CHANCE_BLOCKS];
    uint64_t d[SCAN_CHANCE_BLOCKS];
    uint32_t key_0 = chance->key[0], key_1 = chance->key[1];
    const uint64_t low = 0xFFFFFFFFu;
    for (size_t i = 0; i < SCAN_CHANCE_BLOCKS; i++) {
        a[i] = (chance->block + i) & low;
        b[i] = (chance->block + i) >> 32;
        c[i] = chance->stream & low;
        d[i] = chance->stream >> 32;
    }
    for (int round = 0; round < ROUNDS; round++, key_0 += STEP_0, key_1 += STEP_1)
        for (size_t i = 0; i < SCAN_CHANCE_BLOCKS; i++) {
            uint64_t left = FACTOR_0 * a[i], right = FACTOR_1 * c[i];
            a[i] = (right >> 32) ^ b[i] ^ key_0;
            c[i] = (left >> 32) ^ d[i] ^ key_1;
            b[i] = right & low;
            d[i] = left & low;
        }
    for (size_t i = 0; i < SCAN_CHANCE_BLOCKS; i++) {
        chance->word[2 * i] = a[i] | b[i] << 32;
        chance->word[2 * i + 1] = c[i] | d[i] << 32;
    }
    chance->block += SCAN_CHANCE_BLOCKS;
    chance->used = 0;
}

// P(X = 0), then each further probability from the one before it. probability <= 1/2.
static uint32_t invert(struct scan_chance *chance, uint32_t count, double probability)
{
    double ratio = probability / (1 - probability), none = count * log1p(-probability);
    for (;;) {
        double left = scan_chance_uniform(chance), mass = exp(none);
        for (uint32_t x = 0; x <= count; x++) {
            if (left <= mass)
                return x;
            left -= mass;
            mass *= ratio * (double)(count - x) / (double)(x + 1);
        }
        // Rounding has left a sum below 1, and the number fell behind it: once in 10^15. Again.
    }
}

// ln k! less its main part (k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi)/2.
static double stirling_tail(double k)
{
    static const double tail[] = {0.08106146679532726, 0.04134069595540929, 0.02767792568499834,
                                  0.02079067210376509, 0.01664469118982119, 0.01387612882307075,
                                  0.01189670994589177, 0.01041126526197209, 0.009255462182712733,
                                  0.008330563433362871};
    if (k < 10)
        return tail[(int)k];
    double square = (k + 1) * (k + 1);
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

// BTRS; the names are those of the paper. probability <= 1/2, mean >= 10.
static uint32_t reject(struct scan_chance *chance, uint32_t count, double probability)
{
    double n = count, ratio = probability / (1 - probability);
    double spread = sqrt(n * probability * (1 - probability));
    double b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * probability;
    double c = n * probability + 0.5, accept = 0.92 - 4.2 / b;
    double alpha = (2.83 + 5.1 / b) * spread, mode = floor((n + 1) * probability);
    for (;;) {
        double v = scan_chance_uniform(chance), u = scan_chance_uniform(chance) - 0.5;
        double distance = 0.5 - fabs(u), k = floor((2 * a / distance + b) * u + c);
        if (distance >= 0.07 && v <= accept)
            return (uint32_t)k;
        if (k < 0 || k > n)
            continue;
        double bound = (mode + 0.5) * log((mode + 1) / (ratio * (n - mode + 1))) +
                       (n + 1) * log((n - mode + 1) / (n - k + 1)) +
                       (k + 0.5) * log(ratio * (n - k + 1) / (k + 1)) + stirling_tail(mode) +
                       stirling_tail(n - mode) - stirling_tail(k) - stirling_tail(n - k);
        if (log(v * alpha / (a / (distance * distance) + b)) <= bound)
            return (uint32_t)k;
    }
}

uint32_t scan_chance_binomial(struct scan_chance *chance, uint32_t count, double probability)
{
    assert(probability >= 0 && probability <= 1);
    if (count == 0 || probability == 0)
        return 0;
    if (probability == 1)
        return count;
    bool is_turned = probability > 0.5;
    double less = is_turned ? 1 - probability : probability;
    uint32_t result =
        count * less < INVERSION_MOST ? invert(chance, count, less) : reject(chance, count, less);
    assert(result <= count);
    return is_turned ? count - result : result;
}
