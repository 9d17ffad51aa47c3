/* What happened elsewhere, as the board keeps it. */
#ifndef EVENTS_H
#define EVENTS_H

#include <jansson.h>
#include <sqlite3.h>

/* As struct host's happened (exchange.h). */
int happened_to_board(sqlite3 *db, const json_t *event);

/* Keeps who somebody is, from a native Profile; 0 or -1. */
int seen_by_board(sqlite3 *db, const json_t *profile);

#endif
