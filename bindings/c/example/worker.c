/* The worker (worker.h). Every run is one exchange and one commit. */

#define _POSIX_C_SOURCE 200809L
#include "worker.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commit.h"
#include "leases.h"
#include "sql.h"
#include "store.h"

#define MOST_THREADS 16
#define POLL_SECONDS 1
#define PURGE_SECONDS 3600

static struct federation *federation;
static pthread_t threads[MOST_THREADS];
static int running;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static int stopping;
static int64_t purged_at;

/* Runs one leased row: a job goes on, a delivery is tried. */
static void run(sqlite3 *db, const struct lease *lease)
{
    const uint8_t *document = (const uint8_t *)lease->document;
    fedigraft_exchange *exchange = NULL;
    fedigraft_error *error = NULL;
    struct done done;
    fedigraft_status begun = lease->queue == JOBS
        ? fedigraft_resume(federation->instance, now(), document, strlen(lease->document), &exchange, &error)
        : fedigraft_send(federation->instance, now(), document, strlen(lease->document), &exchange, &error);
    if (begun != FEDIGRAFT_OK) {
        complain(lease->queue == JOBS ? "a job" : "a delivery", error);
    } else if (exchange_run(federation, exchange, db, FETCH_FREELY, -1, &done) == RAN_DONE) {
        enum committed came = commit(federation, db, &done, lease);
        done_free(&done);
        if (came != NOT_COMMITTED)
            return;
    }
    /* Kept for later: the database is away, or a newer version wrote this row. */
    leases_put_off(db, lease, now());
}

/* Runs one row that is due: 1; 0 when there is none, -1 when the database is away. */
static int run_one(sqlite3 *db)
{
    enum queue queue;
    for (queue = JOBS; queue <= DELIVERIES; queue++) {
        struct lease lease;
        int claimed = leases_claim(db, queue, now(), &lease);
        if (claimed == 1) {
            run(db, &lease);
            lease_free(&lease);
        }
        if (claimed != 0)
            return claimed;
    }
    return 0;
}

/* Waits until there may be something to do; 0 when it is time to stop. */
static int wait_for_work(int *purge)
{
    struct timespec until;
    int go_on;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += POLL_SECONDS;
    pthread_mutex_lock(&lock);
    if (!stopping)
        pthread_cond_timedwait(&woken, &lock, &until);
    *purge = now() - purged_at >= PURGE_SECONDS;
    if (*purge)
        purged_at = now();
    go_on = !stopping;
    pthread_mutex_unlock(&lock);
    return go_on;
}

static void *work(void *unused)
{
    sqlite3 *db = sql_open(federation->database);
    int purge = 0, is_stopping = 0;
    (void)unused;
    while (!is_stopping) {
        if (db == NULL)
            db = sql_open(federation->database);
        if (db == NULL || run_one(db) != 1)
            is_stopping = !wait_for_work(&purge);
        else
            is_stopping = atomic_load(&federation->network.stopping);
        if (purge && db != NULL)
            store_purge(db, now());
        purge = 0;
    }
    sqlite3_close(db);
    return NULL;
}

int worker_start(struct federation *with, int count)
{
    federation = with;
    while (running < count && running < MOST_THREADS)
        if (pthread_create(&threads[running], NULL, work, NULL) == 0)
            running++;
        else
            return -1;
    return 0;
}

void worker_wake(void)
{
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&woken);
    pthread_mutex_unlock(&lock);
}

void worker_stop(void)
{
    pthread_mutex_lock(&lock);
    stopping = 1;
    pthread_cond_broadcast(&woken);
    pthread_mutex_unlock(&lock);
    while (running > 0)
        pthread_join(threads[--running], NULL);
}
