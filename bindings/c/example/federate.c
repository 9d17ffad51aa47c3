/* The glue (federate.h): what the board has, when the library asks for it; what happened elsewhere, as the board keeps
 * it; what the board's people do, as actions. */

#define _POSIX_C_SOURCE 200809L
#include "federate.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "commit.h"
#include "guests.h"
#include "keys.h"
#include "sql.h"
#include "store.h"
#include "worker.h"

#define PAGE 20
#define MOST_FETCHING 4

static struct federation federation;

static const char *text(const json_t *object, const char *name)
{
    const char *said = json_string_value(json_object_get(object, name));
    return said != NULL ? said : "";
}

static json_t *time_json(int64_t seconds)
{
    char written[32];
    time_t moment = (time_t)seconds;
    struct tm utc;
    strftime(written, sizeof written, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&moment, &utc));
    return json_string(written);
}

/* ---- what the board has ---------------------------------------------------------------------------------------- */

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

static int load(sqlite3 *db, const char *name, const char *key, const char *cursor, json_t **value)
{
    if (strcmp(name, "profile") == 0)
        return load_profile(db, key, value);
    if (strcmp(name, "post") == 0)
        return load_post(db, key, value);
    if (strcmp(name, "posts") == 0)
        return load_posts(db, key, cursor, value);
    return 0; /* blocked: the board blocks nobody */
}

/* ---- what happened elsewhere ----------------------------------------------------------------------------------- */

static int seen(sqlite3 *db, const json_t *actor)
{
    const char *uri = text(actor, "id"), *name = text(actor, "display_name"), *url = text(actor, "url");
    return guest_seen(db, uri, text(actor, "handle"), name[0] != '\0' ? name : text(actor, "username"),
                      url[0] != '\0' ? url : uri);
}

/* A post that anybody may read is kept; the board has no page for others. */
static int came(sqlite3 *db, const json_t *author, const json_t *post, const char *reply_to)
{
    const char *visibility = text(post, "visibility"), *uri = text(post, "id"), *url = text(post, "url");
    if (strcmp(visibility, "public") != 0 && strcmp(visibility, "unlisted") != 0)
        return 0;
    return seen(db, author) != 0
           || letter_came(db, uri, text(author, "id"), text(json_object_get(post, "content"), "text"),
                          url[0] != '\0' ? url : uri, text(post, "published"), strtoll(reply_to, NULL, 10),
                          text(post, "in_reply_to")) != 0 ? -1 : 0;
}

static int happened(sqlite3 *db, const json_t *event)
{
    const char *type = text(event, "type");
    const json_t *actor = json_object_get(event, "actor"), *post = json_object_get(event, "post");
    const char *who = text(actor, "id");
    int64_t note = strtoll(text(event, "post"), NULL, 10), person = strtoll(text(event, "profile"), NULL, 10);

    if (strcmp(type, "post_created") == 0)
        return came(db, actor, post, text(event, "reply_to"));
    if (strcmp(type, "post_updated") == 0)
        return letter_changed(db, text(post, "id"), text(json_object_get(post, "content"), "text"));
    if (strcmp(type, "post_deleted") == 0)
        return letter_gone(db, text(event, "uri"));
    if (strcmp(type, "liked") == 0)
        return seen(db, actor) != 0 ? -1 : reaction_came(db, "like", who, note);
    if (strcmp(type, "unliked") == 0)
        return reaction_gone(db, "like", who, note);
    if (strcmp(type, "shared") == 0 && json_is_object(json_object_get(event, "remote_post")))
        return came(db, json_object_get(event, "author"), json_object_get(event, "remote_post"), "");
    if (strcmp(type, "shared") == 0)
        return seen(db, actor) != 0 ? -1 : reaction_came(db, "share", who, note);
    if (strcmp(type, "unshared") == 0)
        return reaction_gone(db, "share", who, note);
    if (strcmp(type, "follow_accepted") == 0)
        return following_is(db, person, who, "follows");
    if (strcmp(type, "follow_rejected") == 0)
        return following_is(db, person, who, NULL);
    if (strcmp(type, "profile_updated") == 0)
        return seen(db, actor);
    if (strcmp(type, "profile_deleted") == 0)
        return guest_gone(db, text(event, "uri"));
    return 0; /* followers are in the store; a newer library may tell more */
}

/* ---- what the board's people do -------------------------------------------------------------------------------- */

/* Does an action inside the open transaction: nothing is fetched, and what it comes to is committed with the rest. */
static int act(sqlite3 *db, json_t *action)
{
    char *said = json_dumps(action, JSON_COMPACT);
    fedigraft_exchange *exchange = NULL;
    fedigraft_error *error = NULL;
    struct done done;
    int status = -1;
    json_decref(action);
    if (said == NULL) {
        ;
    } else if (fedigraft_perform(federation.instance, now(), (const uint8_t *)said, strlen(said), &exchange, &error)
               != FEDIGRAFT_OK) {
        complain("an action", error);
    } else if (exchange_run(&federation, exchange, db, FETCH_NEVER, -1, &done) == RAN_DONE) {
        enum committed came_to = apply(&federation, db, &done);
        status = came_to == COMMITTED || came_to == DONE_BEFORE ? 0 : -1;
        done_free(&done);
    }
    free(said);
    return status;
}

static int act_on_note(sqlite3 *db, const char *type, int64_t note)
{
    char key[24];
    json_t *post = NULL;
    snprintf(key, sizeof key, "%lld", (long long)note);
    if (load_post(db, key, &post) != 0 || post == NULL)
        return -1;
    return act(db, json_pack("{s:s, s:o}", "type", type, "post", post));
}

static int wrote(sqlite3 *db, int64_t note)
{
    return act_on_note(db, "publish", note);
}

static int erases(sqlite3 *db, int64_t note)
{
    return act_on_note(db, "delete", note);
}

/* What a handle or an address names: a new reference to {"profile", "uri", …}, or NULL. May fetch: no transaction is
 * open. */
static json_t *look_up(sqlite3 *db, const char *who)
{
    fedigraft_exchange *exchange = NULL;
    fedigraft_error *error = NULL;
    struct done done;
    json_t *found = NULL;
    if (fedigraft_look_up(federation.instance, now(), (const uint8_t *)who, strlen(who), &exchange, &error)
        != FEDIGRAFT_OK) {
        complain("a look-up", error);
    } else if (exchange_run(&federation, exchange, db, FETCH_FREELY, -1, &done) == RAN_DONE) {
        if (!has_effects(&done) || commit(&federation, db, &done, NULL) != NOT_COMMITTED)
            found = json_incref(json_object_get(done.document, "result"));
        done_free(&done);
    }
    return found;
}

static int follow_or_not(sqlite3 *db, int64_t person, const char *who, const char *type, const char *state)
{
    json_t *found = look_up(db, who);
    const json_t *profile = json_object_get(found, "profile");
    const char *uri = text(found, "uri");
    int status = -1;
    if (!json_is_object(profile) || json_object_get(found, "post") != NULL || json_is_string(json_object_get(found, "local"))) {
        status = 0; /* nobody, a post, or somebody who is here */
    } else if (sql_begin(db) == 0) {
        json_t *action = json_pack("{s:s, s:o, s:s}", "type", type, "profile",
                                   json_sprintf("%lld", (long long)person), "actor", uri);
        if (seen(db, profile) == 0 && following_is(db, person, uri, state) == 0 && act(db, action) == 0
            && sql_commit(db) == 0)
            status = 1;
        sql_rollback(db); /* nothing to do after the commit */
        worker_wake();
    }
    json_decref(found);
    return status;
}

static int follows(sqlite3 *db, int64_t person, const char *who)
{
    return follow_or_not(db, person, who, "follow", "asked");
}

static int unfollows(sqlite3 *db, int64_t person, const char *who)
{
    return follow_or_not(db, person, who, "unfollow", NULL);
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

/* Logs what the operator should know, such as that the policy is for development. */
static void warn(void)
{
    fedigraft_buf told = FEDIGRAFT_BUF_INIT;
    if (fedigraft_instance_describe(federation.instance, &told, NULL) == FEDIGRAFT_OK) {
        json_t *described = json_loadb((const char *)told.data, told.len, 0, NULL), *warning;
        size_t i;
        json_array_foreach (json_object_get(described, "warnings"), i, warning)
            fprintf(stderr, "federation: %s\n", json_string_value(warning));
        json_decref(described);
    }
    fedigraft_buf_free(&told);
}

static int open_instance(const struct settings *settings)
{
    static const char *const loads[] = {"activity", "blocked", "follow", "followers", "following", "inboxes", "key",
                                        "local_followers", "once", "origin", "post", "posts", "profile", "remote_actor",
                                        "remote_key", "remote_post", "tombstone"};
    json_t *config = json_pack("{s:s, s:s, s:s, s:{s:s}, s:{s:s, s:s}, s:[]}", "origin", settings->origin, "name",
                               settings->name, "policy", settings->policy, "paths", "post_page", "/notes/{id}", "software",
                               "name", "board", "version", "1.0", "loads");
    fedigraft_error *error = NULL;
    fedigraft_status status = FEDIGRAFT_FAILED;
    char *said;
    size_t i;
    for (i = 0; i < sizeof loads / sizeof loads[0]; i++)
        json_array_append_new(json_object_get(config, "loads"), json_string(loads[i]));
    said = json_dumps(config, JSON_COMPACT);
    json_decref(config);
    if (said != NULL)
        status = fedigraft_instance_new((const uint8_t *)said, strlen(said), &federation.instance, &error);
    free(said);
    if (status != FEDIGRAFT_OK)
        complain("the configuration", error);
    return status == FEDIGRAFT_OK ? 0 : -1;
}

struct federation *federate(const struct settings *settings)
{
    static const struct host host = {load, happened};
    static const struct board_listener listener = {wrote, erases, follows, unfollows};
    sqlite3 *db;
    int made;
    if (fedigraft_abi_version() != FEDIGRAFT_ABI_VERSION) {
        fprintf(stderr, "libfedigraft %s does not fit this program\n", fedigraft_version());
        return NULL;
    }
    if ((db = sql_open(settings->database)) == NULL)
        return NULL;
    made = store_create(db);
    sqlite3_close(db);
    if (made != 0 || open_instance(settings) != 0)
        return NULL;
    warn();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    federation.host = &host;
    federation.database = settings->database;
    federation.network.ca_file = settings->ca_file;
    federation.network.timeout_ms = 10000;
    federation.wake = worker_wake;
    sem_init(&federation.room, 0, MOST_FETCHING);
    board_listener = &listener;
    return &federation;
}

void federate_no_more(void)
{
    board_listener = NULL;
    keys_forget();
    fedigraft_instance_free(federation.instance);
    sem_destroy(&federation.room);
    curl_global_cleanup();
}
