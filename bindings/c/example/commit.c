/* The effects of a "done" (commit.h). */

#include "commit.h"

#include "sql.h"
#include "store.h"

int has_effects(const struct done *done)
{
    static const char *const kinds[] = {"once", "store", "jobs", "deliveries", "events"};
    size_t i;
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (json_array_size(json_object_get(done->document, kinds[i])) > 0)
            return 1;
    return 0;
}

static enum committed write_all(struct federation *federation, sqlite3 *db, const struct done *done)
{
    const json_t *document = done->document, *event;
    int64_t at = now();
    size_t i;
    int entered = store_enter_once(db, json_object_get(document, "once"), at);
    if (entered != 1)
        return entered == 0 ? DONE_BEFORE : NOT_COMMITTED;
    if (store_apply(db, json_object_get(document, "store"), at) != 0
        || leases_put(db, JOBS, json_object_get(document, "jobs"), at) != 0
        || leases_put(db, DELIVERIES, json_object_get(document, "deliveries"), at) != 0)
        return NOT_COMMITTED;
    json_array_foreach (json_object_get(document, "events"), i, event)
        if (federation->host->happened(db, event) != 0)
            return NOT_COMMITTED;
    return COMMITTED;
}

enum committed apply(struct federation *federation, sqlite3 *db, const struct done *done)
{
    enum committed came;
    if (!has_effects(done))
        return COMMITTED;
    if (sql_run(db, "SAVEPOINT effects", "") < 0)
        return NOT_COMMITTED;
    came = write_all(federation, db, done);
    if ((came != COMMITTED && sql_run(db, "ROLLBACK TO effects", "") < 0) || sql_run(db, "RELEASE effects", "") < 0)
        return NOT_COMMITTED;
    return came;
}

enum committed commit(struct federation *federation, sqlite3 *db, const struct done *done, const struct lease *lease)
{
    enum committed came = COMMITTED;
    if (sql_begin(db) != 0)
        return NOT_COMMITTED;
    if (lease != NULL) {
        int finished = leases_finish(db, lease);
        came = finished == 1 ? COMMITTED : finished == 0 ? LEASE_LOST : NOT_COMMITTED;
    }
    if (came == COMMITTED)
        came = apply(federation, db, done);
    /* What was done before is not done again, but its row in the queue goes. */
    if ((came == COMMITTED || came == DONE_BEFORE) && sql_commit(db) == 0) {
        federation->wake();
        return came;
    }
    sql_rollback(db);
    return came == LEASE_LOST ? LEASE_LOST : NOT_COMMITTED;
}
