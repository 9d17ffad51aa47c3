/* The glue (federate.h): who the board is on the network, and what its people do there. */

#define _POSIX_C_SOURCE 200809L
#include "federate.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "commit.h"
#include "events.h"
#include "guests.h"
#include "keys.h"
#include "loads.h"
#include "sql.h"
#include "store.h"
#include "worker.h"

#define MOST_FETCHING 4

static struct federation federation;

static const char *text(const json_t *object, const char *name)
{
    const char *said = json_string_value(json_object_get(object, name));
    return said != NULL ? said : "";
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
    if (load_of_board(db, "post", key, NULL, &post) != 0 || post == NULL)
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
        if (seen_by_board(db, profile) == 0 && following_is(db, person, uri, state) == 0 && act(db, action) == 0
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
    static const struct host host = {load_of_board, happened_to_board};
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
