/* The effects of a "done": store entries, jobs, deliveries and events, in one transaction or not at all. */
#ifndef COMMIT_H
#define COMMIT_H

#include "exchange.h"
#include "leases.h"

enum committed {
    COMMITTED,
    DONE_BEFORE, /* a key of "once" is there already: nothing was written */
    LEASE_LOST,  /* somebody else has the row: nothing was written */
    NOT_COMMITTED
};

/* 0 when there is nothing to write, as after most reads. */
int has_effects(const struct done *done);

/* Writes everything inside the caller's transaction, which stays open; on anything but COMMITTED nothing of it stands
 * there. */
enum committed apply(struct federation *federation, sqlite3 *db, const struct done *done);

/* One transaction of its own: begins, applies, removes the row of `lease` (NULL for none), commits, wakes the worker. */
enum committed commit(struct federation *federation, sqlite3 *db, const struct done *done, const struct lease *lease);

#endif
