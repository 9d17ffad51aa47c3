/* SQLite in one call each: prepare, bind, run. A connection serves one thread.
 *
 * `kinds` has one letter for each value that follows: s a text (NULL is NULL), i an int64_t. */
#ifndef SQL_H
#define SQL_H

#include <sqlite3.h>
#include <stdint.h>

/* Opens a connection to the file; NULL, with a line on standard error, when that fails. */
sqlite3 *sql_open(const char *path);

/* Runs a statement; gives how many rows it touched, or -1 with a line on standard error. */
int sql_run(sqlite3 *db, const char *sql, const char *kinds, ...);

/* Begins a query: then sql_next() until it gives no row, and sqlite3_finalize(). NULL when it cannot be asked. */
sqlite3_stmt *sql_ask(sqlite3 *db, const char *sql, const char *kinds, ...);

/* 1 with a row, 0 at the end, -1 on an error (NULL is one). */
int sql_next(sqlite3_stmt *rows);

/* Column `i` as text; "" for NULL. Lives until the next row. */
const char *sql_text(sqlite3_stmt *rows, int i);

/* The first column of the first row: 1 and a copy in *out (free it), 0 when there is no row, -1 on an error. */
int sql_value(sqlite3 *db, char **out, const char *sql, const char *kinds, ...);

/* One transaction. Beginning takes the write lock: a read lock that grows later can fail in a busy file. */
int sql_begin(sqlite3 *db);
int sql_commit(sqlite3 *db);
void sql_rollback(sqlite3 *db);

#endif
