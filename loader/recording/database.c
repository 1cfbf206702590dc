// SPDX-License-Identifier: MIT
#include "recording/database.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/snapshot.h"

#define STATEMENT_MOST 8192
#define BUSY_MS        5000 /* to wait for somebody else */

void database_fail(struct database *database, const char *format, ...)
{
	va_list arguments;

	if (database->error[0])
		return;
	va_start(arguments, format);
	vsnprintf(database->error, sizeof(database->error), format, arguments);
	va_end(arguments);
}

void database_failed(struct database *database)
{
	int code = sqlite3_errcode(database->handle) & 0xff;

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || (database->reads && code == SQLITE_ERROR))
		database_fail(database, "it is damaged: %s", sqlite3_errmsg(database->handle));
	else
		database_fail(database, "%s", sqlite3_errmsg(database->handle));
}

bool database_begins(FILE *file)
{
	static const char magic[] = "SQLite format 3"; /* and a 0 */
	char begin[sizeof(magic)];

	return fread(begin, sizeof(begin), 1, file) == 1 && !memcmp(begin, magic, sizeof(begin));
}

void database_open(struct database *database, const char *path, int flags)
{
	char *name;

	if (asprintf(&name, "%s%s", path[0] == '/' ? "" : "./", path) < 0) {
		database_fail(database, "out of memory");
		return;
	}
	if (sqlite3_open_v2(name, &database->handle, flags, NULL) != SQLITE_OK)
		database_failed(database);
	free(name);
	sqlite3_busy_timeout(database->handle, BUSY_MS);
}

void database_run(struct database *database, const char *statements)
{
	if (!database->error[0] && sqlite3_exec(database->handle, statements, NULL, NULL, NULL) != SQLITE_OK)
		database_failed(database);
}

sqlite3_stmt *database_prepare(struct database *database, const char *format, ...)
{
	char text[STATEMENT_MOST];
	sqlite3_stmt *statement = NULL;
	va_list arguments;

	if (database->error[0])
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (sqlite3_prepare_v3(database->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
		database_failed(database);
	return statement;
}

static void bind_one(sqlite3_stmt *statement, int place, char type, va_list *values)
{
	uint64_t count;
	double number;

	switch (type) {
	case 'i':
		sqlite3_bind_int64(statement, place, va_arg(*values, sqlite3_int64));
		break;
	case 'u':
		count = va_arg(*values, uint64_t);
		if (count == UNKNOWN)
			sqlite3_bind_null(statement, place);
		else
			sqlite3_bind_int64(statement, place, count);
		break;
	case 'd':
		number = va_arg(*values, double);
		if (isnan(number))
			sqlite3_bind_null(statement, place);
		else
			sqlite3_bind_double(statement, place, number);
		break;
	case 't':
		sqlite3_bind_text(statement, place, va_arg(*values, const char *), -1, SQLITE_STATIC);
		break;
	}
}

static void bind_all(sqlite3_stmt *statement, const char *types, va_list *values)
{
	for (int i = 0; types[i]; i++)
		bind_one(statement, i + 1, types[i], values);
}

void database_bind(struct database *database, sqlite3_stmt *statement, const char *types, ...)
{
	va_list values;

	if (database->error[0])
		return;
	va_start(values, types);
	bind_all(statement, types, &values);
	va_end(values);
}

void database_step(struct database *database, sqlite3_stmt *statement)
{
	if (database->error[0])
		return;
	if (sqlite3_step(statement) != SQLITE_DONE)
		database_failed(database);
	sqlite3_reset(statement);
}

void database_put(struct database *database, sqlite3_stmt *statement, const char *types, ...)
{
	va_list values;

	if (database->error[0])
		return;
	va_start(values, types);
	bind_all(statement, types, &values);
	va_end(values);
	database_step(database, statement);
}

void database_put_once(struct database *database, const char *text, const char *types, ...)
{
	sqlite3_stmt *statement = database_prepare(database, "%s", text);
	va_list values;

	if (!statement)
		return;
	va_start(values, types);
	bind_all(statement, types, &values);
	va_end(values);
	database_step(database, statement);
	sqlite3_finalize(statement);
}

bool database_next(struct database *database, sqlite3_stmt *statement)
{
	int code;

	if (database->error[0])
		return false;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		database_failed(database);
	sqlite3_reset(statement);
	return false;
}

sqlite3_int64 database_ask(struct database *database, const char *question)
{
	sqlite3_stmt *statement = database_prepare(database, "%s", question);
	sqlite3_int64 answer = -1;

	if (database_next(database, statement))
		answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return database->error[0] ? -1 : answer;
}

sqlite3_int64 database_last_id(struct database *database, const char *table)
{
	char question[64];

	snprintf(question, sizeof(question), "SELECT ifnull(max(id), 0) FROM %s", table);
	return database_ask(database, question);
}
