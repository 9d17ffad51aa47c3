/* The board: a few people write notes, everybody reads them. This is the server that was there before federation;
 * nothing in here knows of any other server.
 *
 * Functions give -1 on an error of the database, which is told on standard error. */
#ifndef BOARD_H
#define BOARD_H

#include <sqlite3.h>
#include <stdint.h>

/* Where something else can be joined to the board. NULL, and the board is alone. */
struct board_listener {
    /* Inside the open transaction; -1 rolls it back. What is erased is still there. */
    int (*wrote)(sqlite3 *db, int64_t note);
    int (*erases)(sqlite3 *db, int64_t note);
    /* A person wants to follow somebody who is not here, or no longer: 1; 0 when nobody is found; -1. */
    int (*follows)(sqlite3 *db, int64_t person, const char *who);
    int (*unfollows)(sqlite3 *db, int64_t person, const char *who);
};
extern const struct board_listener *board_listener;

/* Makes the tables; may run again at any time. */
int board_create(sqlite3 *db);

/* Adds a person; 0 or -1. The password is kept as a hash. */
int board_add_person(sqlite3 *db, const char *name, const char *display_name, const char *password);

/* The id of the person with this name and password, or 0. */
int64_t board_log_in(sqlite3 *db, const char *name, const char *password);

/* Writes a note, answering the post with the address `answers` or NULL; gives its id. */
int64_t board_write(sqlite3 *db, int64_t author, const char *text, const char *answers);

/* Removes an own note: 1, or 0 when there is none. */
int board_erase(sqlite3 *db, int64_t author, int64_t note);

/* A person by id or "@name": id, name, display name, seconds. */
sqlite3_stmt *board_person(sqlite3 *db, const char *key);

/* Notes, newest first: id, author's id, name and display name, text, seconds, the post it answers. All of them, those
 * of one author, or the one with this id; those older than `before`, 0 for the newest. */
sqlite3_stmt *board_notes(sqlite3 *db, int64_t before, int most);
sqlite3_stmt *board_notes_by(sqlite3 *db, int64_t author, int64_t before, int most);
sqlite3_stmt *board_note(sqlite3 *db, int64_t note);

/* How many notes an author has written. */
int64_t board_count(sqlite3 *db, int64_t author);

#endif
