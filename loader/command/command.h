/* SPDX-License-Identifier: MIT */
/* The subcommands: an argument vector in, an exit status out. */
#ifndef COMMAND_H
#define COMMAND_H

int command_run(int count, char **arguments);
int command_top(int count, char **arguments);
int command_record(int count, char **arguments);
int command_report(int count, char **arguments);
int command_doctor(int count, char **arguments);
int command_misses(int count, char **arguments);
int command_breakdown(int count, char **arguments);
int command_compare(int count, char **arguments);
int command_matrix(int count, char **arguments);
int command_diff(int count, char **arguments);
int command_serve(int count, char **arguments);
int command_validate(int count, char **arguments);
int command_space(int count, char **arguments);
int command_assist(int count, char **arguments);

#endif
