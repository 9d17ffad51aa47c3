/* SQLite in one call each (sql.h). */

#define _POSIX_C_SOURCE 200809L
#include "sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain(sqlite3 *db, const char *sql)
{
    fprintf(stderr, "database: %s, at: %.60s\n", sqlite3_errmsg(db), sql);
}

sqlite3 *sql_open(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
        && sqlite3_busy_timeout(db, 30000) == SQLITE_OK
        && sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON", NULL, NULL, NULL) == SQLITE_OK)
        return db;
    complain(db, path);
    sqlite3_close(db);
    return NULL;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, const char *kinds, va_list values)
{
    sqlite3_stmt *rows = NULL;
    int i, status = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
    for (i = 0; status == SQLITE_OK && kinds[i] != '\0'; i++) {
        if (kinds[i] == 's')
            status = sqlite3_bind_text(rows, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
        else
            status = sqlite3_bind_int64(rows, i + 1, va_arg(values, int64_t));
    }
    if (status == SQLITE_OK)
        return rows;
    complain(db, sql);
    sqlite3_finalize(rows);
    return NULL;
}

int sql_next(sqlite3_stmt *rows)
{
    switch (rows == NULL ? SQLITE_ERROR : sqlite3_step(rows)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        if (rows != NULL)
            complain(sqlite3_db_handle(rows), sqlite3_sql(rows));
        return -1;
    }
}

int sql_run(sqlite3 *db, const char *sql, const char *kinds, ...)
{
    va_list values;
    sqlite3_stmt *rows;
    int got;
    va_start(values, kinds);
    rows = prepare(db, sql, kinds, values);
    va_end(values);
    got = sql_next(rows);
    sqlite3_finalize(rows);
    return got < 0 ? -1 : sqlite3_changes(db);
}

sqlite3_stmt *sql_ask(sqlite3 *db, const char *sql, const char *kinds, ...)
{
    va_list values;
    sqlite3_stmt *rows;
    va_start(values, kinds);
    rows = prepare(db, sql, kinds, values);
    va_end(values);
    return rows;
}

const char *sql_text(sqlite3_stmt *rows, int i)
{
    const char *text = (const char *)sqlite3_column_text(rows, i);
    return text != NULL ? text : "";
}

int sql_value(sqlite3 *db, char **out, const char *sql, const char *kinds, ...)
{
    va_list values;
    sqlite3_stmt *rows;
    int got;
    va_start(values, kinds);
    rows = prepare(db, sql, kinds, values);
    va_end(values);
    got = sql_next(rows);
    if (got == 1 && (*out = strdup(sql_text(rows, 0))) == NULL)
        got = -1;
    sqlite3_finalize(rows);
    return got;
}

int sql_begin(sqlite3 *db)
{
    return sql_run(db, "BEGIN IMMEDIATE", "") < 0 ? -1 : 0;
}

int sql_commit(sqlite3 *db)
{
    return sql_run(db, "COMMIT", "") < 0 ? -1 : 0;
}

void sql_rollback(sqlite3 *db)
{
    /* SQLite may have rolled back by itself already. */
    if (!sqlite3_get_autocommit(db))
        sql_run(db, "ROLLBACK", "");
}
