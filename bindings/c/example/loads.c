/* What the board has (loads.h). Everybody on the board agreed to be read elsewhere; every note is public. */

#define _POSIX_C_SOURCE 200809L
#include "loads.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "sql.h"

#define PAGE 20

static json_t *time_json(int64_t seconds)
{
    char written[32];
    time_t moment = (time_t)seconds;
    struct tm utc;
    strftime(written, sizeof written, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&moment, &utc));
    return json_string(written);
}

/* A note as a native Post. */
static json_t *post_json(sqlite3_stmt *note)
{
    const char *answers = (const char *)sqlite3_column_text(note, 6);
    return json_pack("{s:o, s:o, s:s, s:{s:s, s:s}, s:o, s:s?}", "id", json_sprintf("%s", sql_text(note, 0)), "author",
                     json_sprintf("%s", sql_text(note, 1)), "visibility", "public", "content", "format", "plain", "text",
                     sql_text(note, 4), "published", time_json(sqlite3_column_int64(note, 5)), "in_reply_to", answers);
}

static int load_profile(sqlite3 *db, const char *key, json_t **value)
{
    sqlite3_stmt *person = board_person(db, key);
    int got = sql_next(person);
    if (got == 1)
        *value = json_pack("{s:s, s:s, s:s, s:b, s:b, s:o}", "id", sql_text(person, 0), "username", sql_text(person, 1),
                           "display_name", sql_text(person, 2), "federated", 1, "discoverable", 1, "created",
                           time_json(sqlite3_column_int64(person, 3)));
    sqlite3_finalize(person);
    return got < 0 ? -1 : 0;
}

static int load_post(sqlite3 *db, const char *key, json_t **value)
{
    sqlite3_stmt *note = board_note(db, strtoll(key, NULL, 10));
    int got = sql_next(note);
    if (got == 1 && strcmp(sql_text(note, 0), key) == 0) /* "7x" is no key */
        *value = post_json(note);
    sqlite3_finalize(note);
    return got < 0 ? -1 : 0;
}

static int load_posts(sqlite3 *db, const char *key, const char *cursor, json_t **value)
{
    int64_t author = strtoll(key, NULL, 10), last = 0, total = board_count(db, author);
    sqlite3_stmt *notes = board_notes_by(db, author, cursor != NULL ? strtoll(cursor, NULL, 10) : 0, PAGE);
    json_t *items = json_array();
    int got;
    while ((got = sql_next(notes)) == 1) {
        json_array_append_new(items, post_json(notes));
        last = sqlite3_column_int64(notes, 0);
    }
    sqlite3_finalize(notes);
    if (got == 0 && total >= 0)
        *value = json_pack("{s:O, s:o, s:I}", "items", items, "next", json_array_size(items) == PAGE
                           ? json_sprintf("%lld", (long long)last) : json_null(), "total", (json_int_t)total);
    json_decref(items);
    return *value != NULL ? 0 : -1;
}

int load_of_board(sqlite3 *db, const char *name, const char *key, const char *cursor, json_t **value)
{
    if (strcmp(name, "profile") == 0)
        return load_profile(db, key, value);
    if (strcmp(name, "post") == 0)
        return load_post(db, key, value);
    if (strcmp(name, "posts") == 0)
        return load_posts(db, key, cursor, value);
    return 0; /* blocked: the board blocks nobody */
}
