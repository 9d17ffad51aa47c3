/* The exchange loop (exchange.h). */

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keys.h"
#include "store.h"

/* One run: what all of its steps share. */
struct run {
    struct federation *federation;
    fedigraft_exchange *exchange;
    sqlite3 *db;
    enum fetching fetching;
    int client;
};

int64_t now(void)
{
    return (int64_t)time(NULL);
}

void complain(const char *doing, fedigraft_error *error)
{
    fprintf(stderr, "%s: %s\n", doing, fedigraft_error_message(error));
    fedigraft_error_free(error);
}

void done_free(struct done *done)
{
    json_decref(done->document);
    done->document = NULL;
    fedigraft_buf_free(&done->body);
}

/* The value of one document that is asked for, in the form of an answer. An error never reads as null. */
static json_t *loaded(struct run *run, const json_t *wanted)
{
    const char *name = json_string_value(json_object_get(wanted, "name"));
    const char *key = json_string_value(json_object_get(wanted, "key"));
    const char *cursor = json_string_value(json_object_get(wanted, "cursor"));
    json_t *value = NULL;
    int told = -1;
    if (name != NULL && key != NULL) {
        int own = strcmp(name, "profile") == 0 || strcmp(name, "post") == 0 || strcmp(name, "posts") == 0
                  || strcmp(name, "blocked") == 0;
        told = own ? run->federation->host->load(run->db, name, key, cursor, &value)
                   : store_load(run->db, name, key, cursor, now(), &value);
    }
    if (told != 0)
        return json_pack("{s:s, s:b}", "error", "database", "retryable", 1);
    return value != NULL ? json_pack("{s:o}", "value", value) : json_null();
}

static fedigraft_status answer_load(struct run *run, uint32_t step, const json_t *wants, fedigraft_error **error)
{
    json_t *values = json_array(), *want;
    fedigraft_status status;
    char *text;
    size_t i;
    json_array_foreach (wants, i, want)
        json_array_append_new(values, loaded(run, want));
    text = json_dumps(values, JSON_COMPACT);
    json_decref(values);
    if (text == NULL)
        return FEDIGRAFT_FAILED;
    status = fedigraft_exchange_answer_load(run->exchange, step, now(), (const uint8_t *)text, strlen(text), error);
    free(text);
    return status;
}

static fedigraft_status answer_sign(struct run *run, uint32_t step, const json_t *sign, fedigraft_error **error)
{
    fedigraft_buf signature = FEDIGRAFT_BUF_INIT;
    fedigraft_status status;
    if (keys_sign(run->db, json_string_value(json_object_get(sign, "actor")),
                  json_string_value(json_object_get(sign, "bytes")), &signature) == 0)
        status = fedigraft_exchange_answer_sign(run->exchange, step, now(), signature.data, signature.len, error);
    else
        status = fedigraft_exchange_answer_failed(run->exchange, step, now(), FEDIGRAFT_STR("sign_failed"), 1, error);
    fedigraft_buf_free(&signature);
    return status;
}

static fedigraft_status answer_fetch(struct run *run, uint32_t step, const json_t *ask, const fedigraft_buf *body,
                                     fedigraft_error **error)
{
    struct fetched got;
    fedigraft_status status;
    fetch(&run->federation->network, ask, body, run->client, &got);
    if (got.failed != NULL) {
        status = fedigraft_exchange_answer_failed(run->exchange, step, now(), (const uint8_t *)got.failed,
                                                  strlen(got.failed), got.retryable, error);
    } else {
        json_t *head = json_pack("{s:O, s:I, s:O, s:s}", "url", json_object_get(ask, "url"), "status",
                                 (json_int_t)got.status, "headers", got.headers, "address", got.address);
        char *text = json_dumps(head, JSON_COMPACT);
        json_decref(head);
        status = text == NULL ? FEDIGRAFT_FAILED
                              : fedigraft_exchange_answer_fetch(run->exchange, step, now(), (const uint8_t *)text,
                                                                strlen(text), (const uint8_t *)got.body, got.body_len,
                                                                error);
        free(text);
    }
    fetched_free(&got);
    return status;
}

/* Answers one question. RAN_DONE means: go on. */
static enum ran answer(struct run *run, const json_t *asked, const fedigraft_buf *body)
{
    uint32_t step = (uint32_t)json_integer_value(json_object_get(asked, "step"));
    const json_t *what;
    fedigraft_error *error = NULL;
    fedigraft_status status;

    if ((what = json_object_get(asked, "load")) != NULL) {
        status = answer_load(run, step, what, &error);
    } else if ((what = json_object_get(asked, "sign")) != NULL) {
        status = answer_sign(run, step, what, &error);
    } else if ((what = json_object_get(asked, "fetch")) != NULL) {
        if (run->fetching == FETCH_NEVER)
            return RAN_INTO_A_FETCH;
        if (run->fetching == FETCH_IF_THERE_IS_ROOM && sem_trywait(&run->federation->room) != 0)
            return RAN_OUT_OF_ROOM;
        status = answer_fetch(run, step, what, body, &error);
        if (run->fetching == FETCH_IF_THERE_IS_ROOM)
            sem_post(&run->federation->room);
    } else {
        status = FEDIGRAFT_UNSUPPORTED; /* a newer library asks for something else */
    }
    if (status == FEDIGRAFT_OK)
        return RAN_DONE;
    complain("an exchange", error);
    return RAN_FAILED;
}

enum ran exchange_run(struct federation *federation, fedigraft_exchange *exchange, sqlite3 *db, enum fetching fetching,
                      int client, struct done *out)
{
    struct run run = {federation, exchange, db, fetching, client};
    enum ran ran = RAN_DONE;
    json_t *end = NULL;

    while (ran == RAN_DONE && end == NULL) {
        fedigraft_buf text = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
        fedigraft_error *error = NULL;
        json_t *step = NULL;
        if (fedigraft_exchange_step(exchange, &text, &body, &error) != FEDIGRAFT_OK) {
            complain("an exchange", error);
            ran = RAN_FAILED;
        } else if ((step = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL)) == NULL) {
            ran = RAN_FAILED;
        } else if ((end = json_incref(json_object_get(step, "done"))) != NULL) {
            out->document = end;
            out->body = body;
            body.data = NULL; /* it has a new owner */
            body.len = 0;
        } else {
            ran = answer(&run, step, &body);
        }
        json_decref(step);
        fedigraft_buf_free(&text);
        fedigraft_buf_free(&body);
    }
    fedigraft_exchange_free(exchange);
    return ran;
}
