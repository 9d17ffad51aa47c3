/* Jobs and deliveries as queue rows (leases.h). */

#define _POSIX_C_SOURCE 200809L
#include "leases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql.h"

#define LEASE_SECONDS 300 /* more than the longest exchange takes */
#define LONGEST_DELAY (6 * 3600)

/* The statement for a queue. Only the table's name differs. */
#define FOR(queue, before, after) \
    ((queue) == JOBS ? before "fedigraft_jobs" after : before "fedigraft_deliveries" after)

int leases_put(sqlite3 *db, enum queue queue, const json_t *documents, int64_t now)
{
    const json_t *document;
    size_t i;
    json_array_foreach (documents, i, document) {
        char *text = json_dumps(document, JSON_COMPACT);
        int64_t due = json_integer_value(json_object_get(document, "not_before"));
        int put = text == NULL ? -1 : sql_run(db, FOR(queue, "INSERT INTO ", " (id, due_at, lease, failures, document) "
            "VALUES (?, ?, NULL, 0, ?) ON CONFLICT (id) DO NOTHING"), "sis",
            json_string_value(json_object_get(document, "id")), due > now ? due : now, text);
        free(text);
        if (put < 0)
            return -1;
    }
    return 0;
}

/* Tries to take one row: 1; 0 when nothing is due; 2 when another worker was quicker; -1. */
static int try_to_claim(sqlite3 *db, enum queue queue, int64_t now, struct lease *out)
{
    unsigned char random[16];
    sqlite3_stmt *rows = sql_ask(db, FOR(queue, "SELECT id, document, failures, due_at FROM ",
                                         " WHERE due_at <= ? ORDER BY due_at LIMIT 1"), "i", now);
    int64_t due;
    int got = sql_next(rows), taken;
    size_t i;
    memset(out, 0, sizeof *out);
    if (got != 1) {
        sqlite3_finalize(rows);
        return got;
    }
    out->queue = queue;
    out->id = strdup(sql_text(rows, 0));
    out->document = strdup(sql_text(rows, 1));
    out->failures = sqlite3_column_int64(rows, 2);
    due = sqlite3_column_int64(rows, 3);
    sqlite3_finalize(rows);
    sqlite3_randomness((int)sizeof random, random);
    for (i = 0; i < sizeof random; i++)
        snprintf(out->mark + 2 * i, 3, "%02x", random[i]);
    taken = sql_run(db, FOR(queue, "UPDATE ", " SET due_at = ?, lease = ? WHERE id = ? AND due_at = ?"), "issi",
                    now + LEASE_SECONDS, out->mark, out->id, due);
    if (taken == 1 && out->document != NULL)
        return 1;
    lease_free(out);
    return taken == 0 ? 2 : -1;
}

int leases_claim(sqlite3 *db, enum queue queue, int64_t now, struct lease *out)
{
    int claimed;
    while ((claimed = try_to_claim(db, queue, now, out)) == 2)
        ;
    return claimed;
}

int leases_finish(sqlite3 *db, const struct lease *lease)
{
    return sql_run(db, FOR(lease->queue, "DELETE FROM ", " WHERE id = ? AND lease = ?"), "ss", lease->id, lease->mark);
}

int leases_put_off(sqlite3 *db, const struct lease *lease, int64_t now)
{
    int64_t delay = INT64_C(60) << (lease->failures < 10 ? lease->failures : 10);
    if (delay > LONGEST_DELAY)
        delay = LONGEST_DELAY;
    return sql_run(db, FOR(lease->queue, "UPDATE ", " SET due_at = ?, lease = NULL, failures = failures + 1 "
                           "WHERE id = ? AND lease = ?"), "iss", now + delay, lease->id, lease->mark);
}

void lease_free(struct lease *lease)
{
    free(lease->id);
    free(lease->document);
    memset(lease, 0, sizeof *lease);
}
