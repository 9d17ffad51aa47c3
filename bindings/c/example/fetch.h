/* The fetcher: one request, one answer, within bounds (libcurl).
 *
 * The library asks for a request and checks the answer; what it cannot see is kept here. The address is checked when
 * the connection is opened, after the name was resolved, so that no second look-up can move it. No redirect, no
 * proxy, nothing from the environment; headers as given; a total deadline; the size bounded while it streams. */
#ifndef FETCH_H
#define FETCH_H

#include <fedigraft.h>
#include <jansson.h>
#include <stdatomic.h>

/* How requests are made. Shared by all threads. */
struct network {
    const char *ca_file; /* trusted beside the system's certificates, PEM; NULL for none */
    long timeout_ms;     /* for one request in all, whatever the exchange allows */
    atomic_int stopping; /* set it, and every request ends within about a second */
};

/* An answer, or why there is none. */
struct fetched {
    const char *failed; /* NULL, or a word without user data */
    int retryable;
    long status;
    json_t *headers; /* [[name, value], …] */
    char *body;
    size_t body_len;
    char address[64]; /* the peer connected to */
};

/* Makes the request of a "fetch" step. `client` is the socket of whoever waits for it, -1 for nobody: when it hangs
 * up, so does this. Free the answer with fetched_free(), whatever came of it. */
void fetch(struct network *network, const json_t *ask, const fedigraft_buf *body, int client, struct fetched *out);

void fetched_free(struct fetched *fetched);

#endif
