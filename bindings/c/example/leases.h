/* Jobs and deliveries as queue rows: put in, claimed for a while, finished or put off.
 *
 * A claim is one compare-and-swap on due_at: it needs no lock while the work runs and ends by itself when the worker
 * is killed. Whoever finishes a row must still hold its lease. */
#ifndef LEASES_H
#define LEASES_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdint.h>

enum queue { JOBS, DELIVERIES };

/* A row that this worker holds. Free it with lease_free(). */
struct lease {
    enum queue queue;
    char *id, *document;
    char mark[33];
    int64_t failures;
};

/* Adds rows; one that is there already stays as it is. 0 or -1. */
int leases_put(sqlite3 *db, enum queue queue, const json_t *documents, int64_t now);

/* Takes the row that has been due longest: 1 and *out, 0 when nothing is due, -1 on an error. */
int leases_claim(sqlite3 *db, enum queue queue, int64_t now, struct lease *out);

/* Removes the row: 1; 0 when the lease ran out and somebody else has it; -1 on an error. */
int leases_finish(sqlite3 *db, const struct lease *lease);

/* Keeps the row for a later try, each time twice as far away. Nothing is ever dropped here. */
int leases_put_off(sqlite3 *db, const struct lease *lease, int64_t now);

void lease_free(struct lease *lease);

#endif
