/* The store: answers the load names that are the library's own, and applies the entries of a "done".
 *
 * Documents come from the library and go back to it as they are; only what is searched for has a column of its own
 * (bindings/schema.sql). The tables stand beside the host's, in its database: one transaction holds both. */
#ifndef STORE_H
#define STORE_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdint.h>

/* Makes the tables; may run again at any time. 0 or -1. */
int store_create(sqlite3 *db);

/* The value for one name and key: 0 with a new reference in *value, or NULL there when it is known not to exist; -1
 * when the database cannot tell. */
int store_load(sqlite3 *db, const char *name, const char *key, const char *cursor, int64_t now, json_t **value);

/* Applies store entries in order, inside the caller's transaction; 0 or -1. */
int store_apply(sqlite3 *db, const json_t *entries, int64_t now);

/* Notes all keys as done: 1; 0 when one of them was done before (roll back: nothing else counts); -1 on an error. */
int store_enter_once(sqlite3 *db, const json_t *keys, int64_t now);

/* Drops what has expired, and notes of what was done half a year ago. */
int store_purge(sqlite3 *db, int64_t now);

#endif
