/* The HTTP server (libmicrohttpd): one thread for each connection, the board's pages, and room for something in front
 * of them. It knows nothing of federation. */
#ifndef SERVER_H
#define SERVER_H

#include <microhttpd.h>
#include <stddef.h>

/* A request as it came in. */
struct request {
    struct MHD_Connection *connection;
    const char *method;
    const char *path; /* decoded, without the query */
    char *target;     /* raw path and query, as on the request line: signatures cover these bytes */
    char *body;       /* NUL-terminated beside its length */
    size_t body_len, max_body;
    int ours;         /* whoever stands in front answers it */
    struct MHD_Response *refusal; /* of a body that is too large */
    int started, too_large;
    void (*add)(struct request *request, struct MHD_Response *response); /* headers for the answer of a page; or NULL */
    void *note; /* for whoever stands in front; freed with free() */
};

/* Something in front of the pages. */
struct front {
    /* Looks at the head alone: sets ours and max_body, or add. Not one byte of the body was read. */
    void (*looks)(struct request *request);
    /* Answers a request that is ours; NULL closes the connection. */
    struct MHD_Response *(*answers)(struct request *request, unsigned *status);
};

/* The pages: answers any other request. */
typedef struct MHD_Response *pages_function(struct request *request, unsigned *status);

/* Starts it on "host:port", with TLS when `pem` (a file with key and certificates) is not NULL. NULL, with a line on
 * standard error, when it cannot. `front` may be NULL. */
struct MHD_Daemon *server_start(const char *listen, const char *pem, pages_function *pages, const struct front *front);

/* The address of the peer, for limits; "" when unknown. `out` has room for 64 bytes. */
const char *server_client(struct MHD_Connection *connection, char out[64]);

#endif
