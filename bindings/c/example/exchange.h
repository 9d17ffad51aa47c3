/* The exchange loop: the heart of an embedding.
 *
 * Every unit of work is an exchange. It says step by step what it needs: documents (load), a request (fetch), a
 * signature (sign); at the end (done) it says what came of it, and only that has effects. See commit.h. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <fedigraft.h>
#include <jansson.h>
#include <semaphore.h>
#include <sqlite3.h>

#include "fetch.h"

/* What the library asks of the host's own tables, and tells it. Each gets the connection of whoever runs the exchange. */
struct host {
    /* profile, post, posts, blocked. 0, with a new reference in *value or NULL there when it is known not to exist;
     * -1 when that cannot be told now. */
    int (*load)(sqlite3 *db, const char *name, const char *key, const char *cursor, json_t **value);
    /* Something happened elsewhere. Inside the transaction; -1 rolls all of it back, and the sender tries again. */
    int (*happened)(sqlite3 *db, const json_t *event);
};

/* Federation, as all threads share it. */
struct federation {
    fedigraft_instance *instance;
    const struct host *host;
    const char *database;   /* the file; each thread opens connections of its own */
    struct network network;
    sem_t room;             /* how many requests from elsewhere may be fetching at once */
    void (*wake)(void);     /* there is new work in the queue */
};

/* Whether this run may wait for the network. */
enum fetching {
    FETCH_FREELY,
    FETCH_IF_THERE_IS_ROOM, /* for requests from elsewhere: slow strangers never hold all threads */
    FETCH_NEVER             /* a transaction is open */
};

enum ran { RAN_DONE, RAN_FAILED, RAN_OUT_OF_ROOM, RAN_INTO_A_FETCH };

/* What an exchange came to. Free it with done_free(). */
struct done {
    json_t *document;    /* the "done": response, events, store, jobs, deliveries, once, result */
    fedigraft_buf body;  /* of the response */
};

/* Runs an exchange to its end and frees it, whatever happens. `client` is as for fetch(). *out is written on RAN_DONE
 * only; every other outcome has had no effect at all. */
enum ran exchange_run(struct federation *federation, fedigraft_exchange *exchange, sqlite3 *db, enum fetching fetching,
                      int client, struct done *out);

void done_free(struct done *done);

/* The time as the library wants it. */
int64_t now(void);

/* Writes one line about a failed call and frees the error. */
void complain(const char *doing, fedigraft_error *error);

#endif
