/* SPDX-License-Identifier: MIT */
/*
 * Figures and strings as people read them. What comes from a traced program (arguments, names of files and threads) is
 * untrusted: it must not reach a terminal as control sequences, nor a JSON parser as broken UTF-8.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

#define FIGURE_SIZE 32

/* A figure ready to print; by value, so that several fit one printf. */
struct figure {
	char text[FIGURE_SIZE];
};

struct figure figure_count(uint64_t count);                  /* "7,672", "-" for 0, "n/a" */
struct figure figure_plain(uint64_t count);                  /* the same for a sentence: 0 is "0" */
struct figure figure_bytes(uint64_t bytes);                  /* "604 KiB", "1.5 MiB", "-", "n/a" */
struct figure figure_duration(uint64_t nanoseconds);         /* "58 us", "1.2 ms", "-", "n/a" */
struct figure figure_precise_duration(uint64_t nanoseconds); /* with three digits: "12.1 ms" */
struct figure figure_short_duration(uint64_t nanoseconds);   /* "1.2u" for narrow columns */
struct figure figure_share(uint64_t part, uint64_t whole);   /* percent: "27.7", "-" for none, "n/a" */

/* A copy with every byte that is no valid UTF-8 replaced by U+FFFD; NULL when out of memory. */
char *text_valid_utf8(const char *string);

/* The same, and every control character as '?'. */
char *text_printable(const char *string);

/* Columns a valid UTF-8 string takes when each character takes one. */
size_t text_columns(const char *string);

#endif
