/* The board's people and notes (board.h). */

#define _POSIX_C_SOURCE 200809L
#include "board.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sql.h"

const struct board_listener *board_listener;

static const char *const TABLES[] = {
    "CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, "
    "display_name TEXT NOT NULL, password TEXT NOT NULL, created INTEGER NOT NULL)",
    /* AUTOINCREMENT: the address of a note that is gone never becomes that of another. */
    "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY AUTOINCREMENT, author INTEGER NOT NULL REFERENCES people, "
    "text TEXT NOT NULL, written INTEGER NOT NULL, answers TEXT)",
    "CREATE INDEX IF NOT EXISTS notes_author ON notes (author, id)",
};

int board_create(sqlite3 *db)
{
    size_t i;
    for (i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++)
        if (sql_run(db, TABLES[i], "") < 0)
            return -1;
    return 0;
}

/* The hash of a password under a setting (a new one, or a hash that is there); free it. */
static char *hashed(const char *password, const char *setting)
{
    struct crypt_data *data = calloc(1, sizeof *data);
    char *found = data != NULL ? crypt_r(password, setting, data) : NULL;
    char *copy = found != NULL && found[0] != '*' ? strdup(found) : NULL;
    free(data);
    return copy;
}

int board_add_person(sqlite3 *db, const char *name, const char *display_name, const char *password)
{
    static const char *allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
    char setting[CRYPT_GENSALT_OUTPUT_SIZE], *hash;
    int added;
    if (name[0] == '\0' || name[strspn(name, allowed)] != '\0' || password[0] == '\0') {
        fprintf(stderr, "a name has the letters a to z, digits and _; a password is not empty\n");
        return -1;
    }
    if (crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof setting) == NULL || (hash = hashed(password, setting)) == NULL)
        return -1;
    added = sql_run(db, "INSERT INTO people (name, display_name, password, created) VALUES (?, ?, ?, ?)", "sssi", name,
                    display_name, hash, (int64_t)time(NULL));
    free(hash);
    return added == 1 ? 0 : -1;
}

int64_t board_log_in(sqlite3 *db, const char *name, const char *password)
{
    sqlite3_stmt *rows = sql_ask(db, "SELECT id, password FROM people WHERE name = ?", "s", name);
    int64_t id = 0;
    if (sql_next(rows) == 1) {
        char *hash = hashed(password, sql_text(rows, 1));
        if (hash != NULL && strcmp(hash, sql_text(rows, 1)) == 0)
            id = sqlite3_column_int64(rows, 0);
        free(hash);
    }
    sqlite3_finalize(rows);
    return id;
}

int64_t board_write(sqlite3 *db, int64_t author, const char *text, const char *answers)
{
    int64_t note = -1;
    if (sql_begin(db) != 0)
        return -1;
    if (sql_run(db, "INSERT INTO notes (author, text, written, answers) VALUES (?, ?, ?, ?)", "isis", author, text,
                (int64_t)time(NULL), answers) == 1) {
        note = sqlite3_last_insert_rowid(db);
        if ((board_listener == NULL || board_listener->wrote(db, note) == 0) && sql_commit(db) == 0)
            return note;
    }
    sql_rollback(db);
    return -1;
}

int board_erase(sqlite3 *db, int64_t author, int64_t note)
{
    char *found = NULL;
    int there, erased = -1;
    if (sql_begin(db) != 0)
        return -1;
    there = sql_value(db, &found, "SELECT id FROM notes WHERE id = ? AND author = ?", "ii", note, author);
    free(found);
    if (there == 0)
        erased = 0;
    else if (there == 1 && (board_listener == NULL || board_listener->erases(db, note) == 0))
        erased = sql_run(db, "DELETE FROM notes WHERE id = ?", "i", note);
    if (erased == 1 && sql_commit(db) == 0)
        return 1;
    sql_rollback(db);
    return erased == 0 ? 0 : -1;
}

sqlite3_stmt *board_person(sqlite3 *db, const char *key)
{
    if (key[0] == '@')
        return sql_ask(db, "SELECT id, name, display_name, created FROM people WHERE name = lower(?)", "s", key + 1);
    return sql_ask(db, "SELECT id, name, display_name, created FROM people WHERE CAST(id AS TEXT) = ?", "s", key);
}

#define NOTES                                                                                              \
    "SELECT n.id, p.id, p.name, p.display_name, n.text, n.written, n.answers FROM notes n JOIN people p ON p.id = " \
    "n.author WHERE "
#define NEWEST " AND n.id < ? ORDER BY n.id DESC LIMIT ?"

sqlite3_stmt *board_notes(sqlite3 *db, int64_t before, int most)
{
    return sql_ask(db, NOTES "1" NEWEST, "ii", before > 0 ? before : INT64_MAX, (int64_t)most);
}

sqlite3_stmt *board_notes_by(sqlite3 *db, int64_t author, int64_t before, int most)
{
    return sql_ask(db, NOTES "n.author = ?" NEWEST, "iii", author, before > 0 ? before : INT64_MAX, (int64_t)most);
}

sqlite3_stmt *board_note(sqlite3 *db, int64_t note)
{
    return sql_ask(db, NOTES "n.id = ?", "i", note);
}

int64_t board_count(sqlite3 *db, int64_t author)
{
    sqlite3_stmt *rows = sql_ask(db, "SELECT COUNT(*) FROM notes WHERE author = ?", "i", author);
    int64_t count = sql_next(rows) == 1 ? sqlite3_column_int64(rows, 0) : -1;
    sqlite3_finalize(rows);
    return count;
}
