/* The board's pages: reading, and writing with a password. Server-side HTML without scripts. */
#ifndef PAGES_H
#define PAGES_H

#include "server.h"

/* Once, before the server starts. */
void pages_open(const char *database, const char *title);

/* Answers a request (server.h). */
struct MHD_Response *pages(struct request *request, unsigned *status);

#endif
