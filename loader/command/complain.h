/* SPDX-License-Identifier: MIT */
/* One line on stderr, headed by the program's name: what is wrong and what to do. */
#ifndef COMPLAIN_H
#define COMPLAIN_H

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What getopt_long() did not know, or missed a value of; `option` is what it returned. subcommand NULL: there is none.
 */
void complain_option(const char *subcommand, int option, char **arguments);

#endif
