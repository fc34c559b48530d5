// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain_fixture.h: a small province for the tests of the whole loop.
//
// Owns: one replay store per test process, opened with every table; 210000 with Dalian (210200, one
// county), Tieling (211200) and the fictional Lindi (219900, two counties); offices with duties and
// accounts; the shipped packs; and a morning: time moves on, readings land, everything is scanned.
#ifndef LEVEE_CHAIN_CHAIN_FIXTURE_H
#define LEVEE_CHAIN_CHAIN_FIXTURE_H

#include <stdbool.h>

#include "base/arena.h"
#include "judgement/scan.h"
#include "pack/pack.h"
#include "store/command.h"
#include "store/readings.h"

enum place { PROVINCE, DALIAN, PORT, TIELING, LINDI, LINDI_EAST, LINDI_WEST, PLACES };
enum watch {
    CASES_DALIAN,
    CASES_TIELING,
    CASES_SECOND,
    WAGES_EAST,
    WAGES_WEST,
    CASH_EAST,
    WATCHES
};

struct province {
    struct store *store;
    struct arena arena;
    struct pack_set packs;
    int64_t division[PLACES];
    int64_t post[PLACES], unit[PLACES]; // the health post of a place; Lindi's: labour
    int64_t series[WATCHES];
    struct judgement_scan_counts counts; // of the newest scan
};

// A province on the morning of 22 July 2020, everything up to the day before landed and scanned.
void province_open(struct province *province);
// Closes it, after checking that a state built anew from the ledger is the same.
void province_close(struct province *province);
int32_t province_day(int month, int day); // of 2020
// Moves to 07:00 of the day.
void province_advance(struct province *province, int month, int day, int minute);
// Lands one value for a day (or the period that holds it), known now.
void province_land(struct province *province, enum watch watch, int32_t period, int64_t value);
void province_scan(struct province *province);
// The morning of a day: Dalian, Tieling and the second source of the day before (-1: none), a scan.
void province_morning(struct province *province, int day, int64_t dalian, int64_t tieling,
                      int64_t second);

struct store_actor province_actor(struct province *province, const char *account);
// Runs a command as an account; the body is taken. The key of the fault, or -1 when it was done.
int province_run(struct province *province, const char *account, const char *command, json_t *body);
// A query as an account as of an instant (0: now). The caller owns the rows.
json_t *province_ask(struct province *province, const char *account, enum query_name query,
                     json_t *parameters, int64_t as_of);
// The open notice of a series, as the province's office sees it; id 0: none.
int64_t province_notice(struct province *province, enum watch watch);
int64_t province_level(struct province *province, enum watch watch);
int64_t row_integer(const json_t *rows, size_t index, const char *field);
const char *row_text(const json_t *rows, size_t index, const char *field);
// The English sentence of a {"key", "arguments"}, with its arguments in their places.
const char *province_sentence(const json_t *sentence);

#endif
