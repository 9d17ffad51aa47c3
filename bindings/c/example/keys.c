/* Key pairs of local actors (keys.h). The row in the database counts; the parsed form of a PEM is remembered, so that
 * a fan-out parses it once. Handles never change: any number of threads may sign with one. */

#define _POSIX_C_SOURCE 200809L
#include "keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "sql.h"

#define MOST_REMEMBERED 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char *pem;
    fedigraft_key *key;
} remembered[MOST_REMEMBERED];
static size_t remembered_len;

static void wipe(char *text)
{
    volatile char *p = text;
    while (p != NULL && *p != '\0')
        *p++ = '\0';
    free(text);
}

/* The private PEM; a new one when the actor has none. The first of two writers wins. */
static char *pem_of(sqlite3 *db, const char *actor)
{
    static const char *find = "SELECT private_pem FROM fedigraft_keys WHERE actor = ?";
    fedigraft_key *key = NULL;
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    char *text = NULL;
    int found = sql_value(db, &text, find, "s", actor);
    if (found != 0)
        return text;
    if (fedigraft_key_generate(&key, &error) == FEDIGRAFT_OK && fedigraft_key_to_pem(key, &pem, &error) == FEDIGRAFT_OK
        && (text = calloc(1, pem.len + 1)) != NULL) {
        memcpy(text, pem.data, pem.len);
        sql_run(db, "INSERT INTO fedigraft_keys (actor, private_pem, created_at) VALUES (?, ?, ?) "
                    "ON CONFLICT (actor) DO NOTHING", "ssi", actor, text, now());
    } else {
        complain("making a key", error);
    }
    wipe(text);
    text = NULL;
    fedigraft_buf_free(&pem);
    fedigraft_key_free(key);
    sql_value(db, &text, find, "s", actor);
    return text;
}

/* The parsed key. `*own` is set when the caller must free it: too many are remembered already. */
static const fedigraft_key *key_of(sqlite3 *db, const char *actor, fedigraft_key **own)
{
    char *pem = actor != NULL ? pem_of(db, actor) : NULL;
    fedigraft_error *error = NULL;
    fedigraft_key *key = NULL;
    size_t i;
    *own = NULL;
    if (pem == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    for (i = 0; i < remembered_len && key == NULL; i++)
        if (strcmp(remembered[i].pem, pem) == 0)
            key = remembered[i].key;
    if (key == NULL) {
        if (fedigraft_key_from_pem((const uint8_t *)pem, strlen(pem), &key, &error) != FEDIGRAFT_OK) {
            complain("reading a key", error);
        } else if (remembered_len < MOST_REMEMBERED) {
            remembered[remembered_len].pem = pem;
            remembered[remembered_len++].key = key;
            pem = NULL;
        } else {
            *own = key;
        }
    }
    pthread_mutex_unlock(&lock);
    wipe(pem);
    return key;
}

int keys_public(sqlite3 *db, const char *actor, json_t **value)
{
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    fedigraft_key *own;
    const fedigraft_key *key = key_of(db, actor, &own);
    if (key != NULL) {
        if (fedigraft_key_public_pem(key, &pem, &error) == FEDIGRAFT_OK)
            *value = json_pack("{s:o, s:s, s:s%}", "key_id", json_sprintf("%s#main-key", actor), "algorithm", "rsa",
                               "public_key_pem", (const char *)pem.data, pem.len);
        else
            complain("writing a public key", error);
    }
    fedigraft_buf_free(&pem);
    fedigraft_key_free(own);
    return *value != NULL ? 0 : -1;
}

static int digit(char c)
{
    static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

int keys_sign(sqlite3 *db, const char *actor, const char *base64, fedigraft_buf *signature)
{
    fedigraft_error *error = NULL;
    fedigraft_key *own;
    const fedigraft_key *key = key_of(db, actor, &own);
    unsigned char *bytes = base64 != NULL ? malloc(strlen(base64) + 1) : NULL;
    unsigned held = 0, bits = 0;
    size_t len = 0, i;
    int status = -1;
    for (i = 0; bytes != NULL && digit(base64[i]) >= 0; i++) {
        held = (held << 6 | (unsigned)digit(base64[i])) & 0xfff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[len++] = (unsigned char)(held >> bits & 0xff);
        }
    }
    if (key != NULL && bytes != NULL) {
        if (fedigraft_key_sign(key, bytes, len, signature, &error) == FEDIGRAFT_OK)
            status = 0;
        else
            complain("signing", error);
    }
    free(bytes);
    fedigraft_key_free(own);
    return status;
}

void keys_forget(void)
{
    while (remembered_len > 0) {
        wipe(remembered[--remembered_len].pem);
        fedigraft_key_free(remembered[remembered_len].key);
    }
}
