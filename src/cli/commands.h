// SPDX-License-Identifier: GPL-3.0-or-later
//
// commands.h: the subcommands that stand in files of their own, one line each.
//
// A new one: its file src/cli/NAME.c in meson.build, its line here, its row in main.c. Each returns
// the program's exit code.
#ifndef LEVEE_CLI_COMMANDS_H
#define LEVEE_CLI_COMMANDS_H

int cli_run_backtest(int argc, char **argv);
int cli_run_cluster(int argc, char **argv);
int cli_run_compare(int argc, char **argv);
int cli_run_demo(int argc, char **argv);
int cli_run_judge(int argc, char **argv);
int cli_run_ledger(int argc, char **argv);
int cli_run_pack(int argc, char **argv);
int cli_run_quality(int argc, char **argv);
int cli_run_scan(int argc, char **argv);
int cli_run_serve(int argc, char **argv);
int cli_run_trend(int argc, char **argv);
int cli_run_backup(int argc, char **argv);
int cli_run_import(int argc, char **argv);
int cli_run_init(int argc, char **argv);
int cli_run_forecast(int argc, char **argv);
int cli_run_nowcast(int argc, char **argv);
int cli_run_openapi(int argc, char **argv);
int cli_run_query(int argc, char **argv);
int cli_run_rebuild(int argc, char **argv);
int cli_run_restore(int argc, char **argv);
int cli_run_rt(int argc, char **argv);
int cli_run_scenario(int argc, char **argv);

#endif
