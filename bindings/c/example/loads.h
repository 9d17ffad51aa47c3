/* What the board has, when the library asks for it: its people and notes as native Profiles and Posts. */
#ifndef LOADS_H
#define LOADS_H

#include <jansson.h>
#include <sqlite3.h>

/* As struct host's load (exchange.h). */
int load_of_board(sqlite3 *db, const char *name, const char *key, const char *cursor, json_t **value);

#endif
