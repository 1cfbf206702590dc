/* SPDX-License-Identifier: MIT */
/*
 * An SQLite database whose first error is kept: after one, nothing is carried out any more, so that only the end needs
 * a look.
 */
#ifndef RECORDING_DATABASE_H
#define RECORDING_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DATABASE_ERROR 256

struct database {
	sqlite3 *handle;
	bool reads;                 /* so that what SQLite can't make sense of is the file's fault */
	char error[DATABASE_ERROR]; /* without the file's name; "": none */
};

/* Whether a file begins as every SQLite database does; it is read from where it stands. */
bool database_begins(FILE *file);

/* The file of that path, whatever its name means to SQLite (":memory:"), which others may be reading or writing. */
void database_open(struct database *database, const char *path, int flags);

/* The first error, in words. */
void database_fail(struct database *database, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What SQLite says is wrong. */
void database_failed(struct database *database);

/* One or more statements without results. */
void database_run(struct database *database, const char *statements);

/* NULL after an error. sqlite3_finalize() it. */
sqlite3_stmt *database_prepare(struct database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Bind a value for each letter of `types`: 'i' sqlite3_int64, 'u' uint64_t (UNKNOWN: NULL), 'd' double (NAN: NULL),
 * 't' const char * (NULL: NULL), which must live until the statement is reset.
 */
void database_bind(struct database *database, sqlite3_stmt *statement, const char *types, ...);

/* Carry out a statement without results, whose values are bound, or given like database_bind()'s; it can be again. */
void database_step(struct database *database, sqlite3_stmt *statement);
void database_put(struct database *database, sqlite3_stmt *statement, const char *types, ...);

/* The same for a statement that is needed once. */
void database_put_once(struct database *database, const char *text, const char *types, ...);

/* The next row of results? Resets the statement after the last one. */
bool database_next(struct database *database, sqlite3_stmt *statement);

/* The only number that a question has as its answer; -1 after an error. */
sqlite3_int64 database_ask(struct database *database, const char *question);

/* The largest id in a table; 0: it is empty. */
sqlite3_int64 database_last_id(struct database *database, const char *table);

#endif
