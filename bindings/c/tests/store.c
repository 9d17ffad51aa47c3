/* Runs the store vectors (tests/vectors/store/README.md) through the example's store: what it keeps is what the stores of
 * the other languages keep. Ends with 1 when a case fails.
 *
 *     test-store FILE.json… */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"
#include "sql.h"
#include "store.h"

static int wrong(const char *what, const json_t *expected, const json_t *seen)
{
    char *one = json_dumps(expected, JSON_ENCODE_ANY), *other = json_dumps(seen, JSON_ENCODE_ANY);
    fprintf(stderr, "    %s: expected %s\n    but got %s\n", what, one != NULL ? one : "nothing", other != NULL ? other : "nothing");
    free(one);
    free(other);
    return 0;
}

/* Refuses what the format does not know, so that a typing mistake does not make a case pass. */
static int has_only(const json_t *object, const char *const names[])
{
    const char *name;
    json_t *value;
    size_t i;
    json_object_foreach ((json_t *)object, name, value) {
        for (i = 0; names[i] != NULL && strcmp(names[i], name) != 0;)
            i++;
        if (names[i] == NULL) {
            fprintf(stderr, "    an unknown member: %s\n", name);
            return 0;
        }
    }
    return 1;
}

/* In place of exchange.c, the loop: a clock that stands at the time of the item. */
static int64_t clock_at;

int64_t now(void)
{
    return clock_at;
}

/* No vector makes a key fail. */
void complain(const char *doing, fedigraft_error *error)
{
    fprintf(stderr, "    %s: %s\n", doing, fedigraft_error_message(error));
    fedigraft_error_free(error);
}

static void nobody_waits(void)
{
}

/* commit() of the example, with everything but a host: the vectors have no events. */
static int do_commit(sqlite3 *db, const json_t *item, int64_t at)
{
    static const char *const known[] = {"commit", "now", "repeated", NULL}, *const lists[] = {"store", "once", "jobs", "deliveries", NULL};
    struct federation federation = {.wake = nobody_waits};
    struct done done = {.document = json_object_get(item, "commit")};
    if (!has_only(item, known) || !has_only(done.document, lists))
        return 0;
    clock_at = at;
    return commit(&federation, db, &done, NULL) == (json_is_true(json_object_get(item, "repeated")) ? DONE_BEFORE : COMMITTED);
}

/* One answer: {"value": …} or null; NULL when the store cannot tell. */
static json_t *one(sqlite3 *db, const json_t *wanted, const char *cursor, int64_t now)
{
    json_t *value = NULL;
    if (store_load(db, json_string_value(json_object_get(wanted, "name")), json_string_value(json_object_get(wanted, "key")),
                   cursor, now, &value) != 0)
        return NULL;
    return value != NULL ? json_pack("{s:o}", "value", value) : json_null();
}

static int do_load(sqlite3 *db, const json_t *item, int64_t now)
{
    static const char *const known[] = {"load", "now", "values", NULL}, *const asked[] = {"name", "key", "cursor", NULL};
    json_t *values = json_array();
    const json_t *wanted;
    size_t i;
    int well = has_only(item, known);
    json_array_foreach (json_object_get(item, "load"), i, wanted)
        if (!has_only(wanted, asked)
            || json_array_append_new(values, one(db, wanted, json_string_value(json_object_get(wanted, "cursor")), now)) != 0)
            well = 0;
    if (well && !json_equal(values, json_object_get(item, "values")))
        well = wrong("values", json_object_get(item, "values"), values);
    json_decref(values);
    return well;
}

static int do_list(sqlite3 *db, const json_t *item, int64_t now)
{
    static const char *const known[] = {"list", "now", "items", "total", NULL};
    const json_t *total = json_object_get(item, "total");
    json_t *items = json_array(), *page = NULL, *next = NULL;
    int well = has_only(item, known), first = 1;
    do {
        json_t *answer = one(db, json_object_get(item, "list"), json_string_value(next), now);
        json_decref(next);
        json_decref(page);
        page = json_incref(json_object_get(answer, "value"));
        next = json_incref(json_object_get(page, "next"));
        json_decref(answer);
        if (page == NULL)
            well = 0;
        if (first && total != NULL && !json_equal(total, json_object_get(page, "total")))
            well = wrong("total", total, json_object_get(page, "total"));
        json_array_extend(items, json_object_get(page, "items"));
        first = 0;
    } while (well && json_is_string(next));
    if (well && !json_equal(items, json_object_get(item, "items")))
        well = wrong("items", json_object_get(item, "items"), items);
    json_decref(next);
    json_decref(page);
    json_decref(items);
    return well;
}

static int do_sql(sqlite3 *db, const json_t *item)
{
    static const char *const known[] = {"sql", "rows", NULL};
    sqlite3_stmt *found = sql_ask(db, json_string_value(json_object_get(item, "sql")), "");
    json_t *rows = json_array();
    int well = has_only(item, known), i;
    while (sql_next(found) == 1) {
        json_t *row = json_array();
        for (i = 0; i < sqlite3_column_count(found); i++)
            json_array_append_new(row, sqlite3_column_type(found, i) == SQLITE_NULL      ? json_null()
                                       : sqlite3_column_type(found, i) == SQLITE_INTEGER ? json_integer(sqlite3_column_int64(found, i))
                                                                                         : json_string(sql_text(found, i)));
        json_array_append_new(rows, row);
    }
    sqlite3_finalize(found);
    if (well && !json_equal(rows, json_object_get(item, "rows")))
        well = wrong("rows", json_object_get(item, "rows"), rows);
    json_decref(rows);
    return well;
}

static int case_passes(const json_t *said)
{
    static const char *const known[] = {"name", "note", "do", NULL};
    sqlite3 *db = sql_open(":memory:");
    const json_t *item;
    size_t i;
    int well = db != NULL && store_create(db) == 0 && has_only(said, known);
    json_array_foreach (json_object_get(said, "do"), i, item) {
        int64_t now = json_integer_value(json_object_get(item, "now"));
        if (!well)
            break;
        well = json_object_get(item, "commit") != NULL ? do_commit(db, item, now)
               : json_object_get(item, "load") != NULL ? do_load(db, item, now)
               : json_object_get(item, "list") != NULL ? do_list(db, item, now)
                                                       : do_sql(db, item);
        if (!well)
            fprintf(stderr, "    in item %d\n", (int)i + 1);
    }
    sqlite3_close(db);
    return well;
}

int main(int count, char **files)
{
    int passed = 0, failed = 0, i;
    for (i = 1; i < count; i++) {
        json_t *file = json_load_file(files[i], 0, NULL);
        const json_t *said;
        size_t at;
        json_array_foreach (json_object_get(file, "cases"), at, said) {
            if (case_passes(said)) {
                passed++;
            } else {
                fprintf(stderr, "%s failed\n", json_string_value(json_object_get(said, "name")));
                failed++;
            }
        }
        json_decref(file);
    }
    printf("%d cases passed, %d failed\n", passed, failed);
    return failed > 0 || passed < 20;
}
