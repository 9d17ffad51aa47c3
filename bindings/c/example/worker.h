/* The worker: runs jobs and sends deliveries on threads of its own.
 *
 * Any number of workers may share a database, in one process or in many: each row is leased before it is worked on. */
#ifndef WORKER_H
#define WORKER_H

#include "exchange.h"

/* Starts the threads; 0 or -1. Once in a process. */
int worker_start(struct federation *federation, int threads);

/* Looks at the queue now. */
void worker_wake(void);

/* Lets every thread finish what it is at, then ends. */
void worker_stop(void);

#endif
