/* Key pairs of local actors: made on first use, kept in the store, used to sign. */
#ifndef KEYS_H
#define KEYS_H

#include <fedigraft.h>
#include <jansson.h>
#include <sqlite3.h>

/* The public half for the "key" load; 0 and a new reference, or -1. */
int keys_public(sqlite3 *db, const char *actor, json_t **value);

/* Signs the bytes of a "sign" step, given in base64, with the key of a local actor; 0 or -1. */
int keys_sign(sqlite3 *db, const char *actor, const char *base64, fedigraft_buf *signature);

/* Frees what is remembered. At the end, when no other thread signs. */
void keys_forget(void);

#endif
