/* The store (store.h). */

#define _POSIX_C_SOURCE 200809L
#include "store.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "schema.h"
#include "sql.h"

#define PAGE 100
#define ONCE_SECONDS (180 * 86400)

int store_create(sqlite3 *db)
{
    size_t i;
    for (i = 0; i < sizeof SCHEMA / sizeof SCHEMA[0]; i++)
        if (sql_run(db, SCHEMA[i], "") < 0)
            return -1;
    return 0;
}

/* ---- loads ----------------------------------------------------------------------------------------------------- */

/* The document in the first column of the first row. */
static int document(sqlite3_stmt *rows, json_t **value)
{
    int got = sql_next(rows);
    if (got == 1 && (*value = json_loads(sql_text(rows, 0), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)) == NULL)
        got = -1;
    sqlite3_finalize(rows);
    return got < 0 ? -1 : 0;
}

/* The two URIs of a follow's key, "<follower> <followee>"; free the first, the second is inside it. */
static char *follow_key(const char *key, const char **followee)
{
    char *copy = strdup(key), *blank = copy != NULL ? strchr(copy, ' ') : NULL;
    if (blank == NULL) {
        free(copy);
        return NULL;
    }
    *blank = '\0';
    *followee = blank + 1;
    return copy;
}

/* One page of a list, ascending; the cursor is the last item of the page before. */
static int page(sqlite3 *db, const char *query, const char *count, const char *key, const char *cursor, json_t **value)
{
    sqlite3_stmt *rows = sql_ask(db, query, "ssi", key, cursor != NULL ? cursor : "", (int64_t)PAGE + 1);
    json_t *items = json_array(), *next = NULL;
    int got;
    while ((got = sql_next(rows)) == 1) {
        if (json_array_size(items) == PAGE) {
            next = json_incref(json_array_get(items, PAGE - 1));
            break;
        }
        json_array_append_new(items, json_string(sql_text(rows, 0)));
    }
    sqlite3_finalize(rows);
    *value = json_pack("{s:o, s:o?}", "items", items, "next", next);
    if (got >= 0 && count != NULL) {
        rows = sql_ask(db, count, "s", key);
        got = sql_next(rows);
        json_object_set_new(*value, "total", json_integer(got == 1 ? sqlite3_column_int64(rows, 0) : 0));
        sqlite3_finalize(rows);
    }
    if (got >= 0)
        return 0;
    json_decref(*value);
    *value = NULL;
    return -1;
}

#define ACCEPTED " AND state = 'accepted'"
#define LIST(column, where)                                                                                  \
    "SELECT DISTINCT " column " FROM fedigraft_follows WHERE " where ACCEPTED " AND " column " > ? ORDER BY " \
    column " LIMIT ?"
#define COUNT(where) "SELECT COUNT(*) FROM fedigraft_follows WHERE " where ACCEPTED

static const struct {
    const char *name, *query, *count;
} LISTS[] = {
    {"followers", LIST("follower", "followee = ?"), COUNT("followee = ?")},
    {"following", LIST("followee", "follower = ?"), COUNT("follower = ?")},
    {"local_followers", LIST("follower", "followee = ?"), NULL},
    {"inboxes", LIST("inbox", "inbox IS NOT NULL AND followee = ?"), NULL},
};

int store_load(sqlite3 *db, const char *name, const char *key, const char *cursor, int64_t now, json_t **value)
{
    size_t i;
    for (i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (strcmp(name, LISTS[i].name) == 0)
            return page(db, LISTS[i].query, LISTS[i].count, key, cursor, value);
    if (strcmp(name, "key") == 0)
        return keys_public(db, key, value);
    if (strcmp(name, "once") == 0) {
        sqlite3_stmt *rows = sql_ask(db, "SELECT 1 FROM fedigraft_once WHERE key = ?", "s", key);
        int got = sql_next(rows);
        sqlite3_finalize(rows);
        *value = got == 1 ? json_true() : NULL;
        return got < 0 ? -1 : 0;
    }
    if (strcmp(name, "follow") == 0) {
        const char *followee;
        char *follower = follow_key(key, &followee);
        int status = follower == NULL ? 0 : document(sql_ask(db, "SELECT document FROM fedigraft_follows "
            "WHERE follower = ? AND followee = ? AND (expires_at IS NULL OR expires_at > ?)", "ssi",
            follower, followee, now), value);
        free(follower);
        return status;
    }
    if (strcmp(name, "remote_actor") == 0 && strncmp(key, "acct:", 5) == 0)
        return document(sql_ask(db, "SELECT document FROM fedigraft_actors WHERE handle = lower(?) "
            "AND (expires_at IS NULL OR expires_at > ?) ORDER BY version DESC, id", "si", key, now), value);
    if (strcmp(name, "remote_actor") == 0)
        return document(sql_ask(db, "SELECT document FROM fedigraft_actors WHERE id = ? "
            "AND (expires_at IS NULL OR expires_at > ?)", "si", key, now), value);
    return document(sql_ask(db, "SELECT document FROM fedigraft_documents WHERE name = ? AND key = ? "
        "AND (expires_at IS NULL OR expires_at > ?)", "ssi", name, key, now), value);
}

/* ---- store entries --------------------------------------------------------------------------------------------- */

/* One entry, and where it goes. */
struct entry {
    const char *op, *name, *key;
    const json_t *value;
    int64_t version, now;
    char *expires, *text; /* NULL: never; the document */
};

/* What "put", "put_if_newer" and "add" do when the row is there. What has expired counts as absent. */
static char *upsert(const char *head, const char *keys, const char *updates, const char *table, const struct entry *entry)
{
    char *sql = malloc(1024);
    int add = strcmp(entry->op, "add") == 0, newer = strcmp(entry->op, "put_if_newer") == 0;
    if (sql == NULL || (!add && !newer && strcmp(entry->op, "put") != 0)) {
        free(sql);
        return NULL;
    }
    snprintf(sql, 1024, "%s ON CONFLICT (%s) DO %s%s%s%s%s", head, keys, add ? "NOTHING" : "UPDATE SET ",
             add ? "" : updates, newer ? " WHERE " : "", newer ? table : "",
             newer ? ".version < excluded.version" : "");
    return sql;
}

static int put_follow(sqlite3 *db, const struct entry *entry)
{
    const char *followee, *state = json_string_value(json_object_get(entry->value, "state"));
    char *follower = follow_key(entry->key, &followee), *sql;
    int status = -1;
    if (follower == NULL || state == NULL) {
        free(follower);
        return -1;
    }
    sql = upsert("INSERT INTO fedigraft_follows (follower, followee, state, inbox, version, expires_at, document) "
                 "VALUES (?1, ?2, ?3, (SELECT COALESCE(shared_inbox, inbox) FROM fedigraft_actors WHERE id = ?1), "
                 "?4, CAST(?5 AS INTEGER), ?6)", "follower, followee",
                 "state = excluded.state, inbox = excluded.inbox, version = excluded.version, "
                 "expires_at = excluded.expires_at, document = excluded.document", "fedigraft_follows", entry);
    if (sql != NULL
        && sql_run(db, "DELETE FROM fedigraft_follows WHERE follower = ? AND followee = ? AND expires_at <= ?", "ssi",
                   follower, followee, entry->now) >= 0
        && sql_run(db, sql, "sssiss", follower, followee, state, entry->version, entry->expires, entry->text) >= 0)
        status = 0;
    free(sql);
    free(follower);
    return status;
}

static int put_actor(sqlite3 *db, const struct entry *entry)
{
    const char *inbox = json_string_value(json_object_get(entry->value, "inbox"));
    const char *shared = json_string_value(json_object_get(entry->value, "shared_inbox"));
    const char *said = json_string_value(json_object_get(entry->value, "handle"));
    char *handle = NULL;
    char *sql = upsert("INSERT INTO fedigraft_actors (id, handle, inbox, shared_inbox, version, expires_at, document) "
                       "VALUES (?, lower(?), ?, ?, ?, CAST(? AS INTEGER), ?)", "id",
                       "handle = excluded.handle, inbox = excluded.inbox, shared_inbox = excluded.shared_inbox, "
                       "version = excluded.version, expires_at = excluded.expires_at, document = excluded.document",
                       "fedigraft_actors", entry);
    int status = -1, put = -1;
    if (said != NULL && *said != '\0') {
        said += strncmp(said, "acct:", 5) == 0 ? 5 : 0;
        said += *said == '@';
        if ((handle = malloc(strlen(said) + 6)) != NULL) {
            strcpy(handle, "acct:");
            strcat(handle, said);
        }
    }
    if (sql != NULL
        && sql_run(db, "DELETE FROM fedigraft_actors WHERE id = ? AND expires_at <= ?", "si", entry->key, entry->now) >= 0)
        put = sql_run(db, sql, "ssssiss", entry->key, handle, inbox, shared, entry->version, entry->expires, entry->text);
    if (put == 0 /* not newer */
        || (put > 0 && sql_run(db, "UPDATE fedigraft_follows SET inbox = ? WHERE follower = ?", "ss",
                               shared != NULL ? shared : inbox, entry->key) >= 0))
        status = 0;
    free(handle);
    free(sql);
    return status;
}

static int put_document(sqlite3 *db, const struct entry *entry)
{
    char *sql = upsert("INSERT INTO fedigraft_documents (name, key, version, expires_at, document) "
                       "VALUES (?, ?, ?, CAST(? AS INTEGER), ?)", "name, key",
                       "version = excluded.version, expires_at = excluded.expires_at, document = excluded.document",
                       "fedigraft_documents", entry);
    int status = -1;
    if (sql != NULL
        && sql_run(db, "DELETE FROM fedigraft_documents WHERE name = ? AND key = ? AND expires_at <= ?", "ssi",
                   entry->name, entry->key, entry->now) >= 0
        && sql_run(db, sql, "ssiss", entry->name, entry->key, entry->version, entry->expires, entry->text) >= 0)
        status = 0;
    free(sql);
    return status;
}

static int drop(sqlite3 *db, const struct entry *entry)
{
    if (strcmp(entry->name, "inboxes") == 0) /* nobody is behind this inbox any more */
        return sql_run(db, "DELETE FROM fedigraft_follows WHERE inbox = ?", "s", entry->key) < 0 ? -1 : 0;
    if (strcmp(entry->name, "follow") == 0) {
        const char *followee;
        char *follower = follow_key(entry->key, &followee);
        int dropped = follower == NULL ? -1 : sql_run(db, "DELETE FROM fedigraft_follows WHERE follower = ? "
                                                          "AND followee = ?", "ss", follower, followee);
        free(follower);
        return dropped < 0 ? -1 : 0;
    }
    if (strcmp(entry->name, "remote_actor") == 0) /* its follows go along */
        return sql_run(db, "DELETE FROM fedigraft_follows WHERE follower = ?1 OR followee = ?1", "s", entry->key) < 0
               || sql_run(db, "DELETE FROM fedigraft_actors WHERE id = ?", "s", entry->key) < 0 ? -1 : 0;
    return sql_run(db, "DELETE FROM fedigraft_documents WHERE name = ? AND key = ?", "ss", entry->name, entry->key) < 0
               ? -1 : 0;
}

static int apply(sqlite3 *db, const json_t *said, int64_t now)
{
    const json_t *expires = json_object_get(said, "expires");
    struct entry entry = {0};
    char number[24];
    int status = -1;
    entry.op = json_string_value(json_object_get(said, "op"));
    entry.name = json_string_value(json_object_get(said, "name"));
    entry.key = json_string_value(json_object_get(said, "key"));
    entry.value = json_object_get(said, "value");
    entry.version = json_integer_value(json_object_get(said, "version"));
    entry.now = now;
    if (json_is_integer(expires)) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(expires));
        entry.expires = number;
    }
    if (entry.op == NULL || entry.name == NULL || entry.key == NULL)
        return -1;
    if (strcmp(entry.op, "remove") == 0)
        return drop(db, &entry);
    if ((entry.text = json_dumps(entry.value, JSON_COMPACT | JSON_ENCODE_ANY)) == NULL)
        return -1;
    if (strcmp(entry.name, "follow") == 0)
        status = put_follow(db, &entry);
    else if (strcmp(entry.name, "remote_actor") == 0)
        status = put_actor(db, &entry);
    else
        status = put_document(db, &entry);
    free(entry.text);
    return status;
}

int store_apply(sqlite3 *db, const json_t *entries, int64_t now)
{
    const json_t *entry;
    size_t i;
    json_array_foreach (entries, i, entry)
        if (apply(db, entry, now) != 0)
            return -1;
    return 0;
}

int store_enter_once(sqlite3 *db, const json_t *keys, int64_t now)
{
    const json_t *key;
    size_t i;
    json_array_foreach (keys, i, key) {
        int entered = sql_run(db, "INSERT INTO fedigraft_once (key, done_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
                              "si", json_string_value(key), now);
        if (entered != 1)
            return entered;
    }
    return 1;
}

int store_purge(sqlite3 *db, int64_t now)
{
    return sql_run(db, "DELETE FROM fedigraft_documents WHERE expires_at <= ?", "i", now) < 0
           || sql_run(db, "DELETE FROM fedigraft_actors WHERE expires_at <= ?", "i", now) < 0
           || sql_run(db, "DELETE FROM fedigraft_follows WHERE expires_at <= ?", "i", now) < 0
           || sql_run(db, "DELETE FROM fedigraft_once WHERE done_at <= ?", "i", now - ONCE_SECONDS) < 0 ? -1 : 0;
}
