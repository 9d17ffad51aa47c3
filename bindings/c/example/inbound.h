/* Requests from elsewhere: received, committed, answered. Stands in front of the pages (server.h). */
#ifndef INBOUND_H
#define INBOUND_H

#include "exchange.h"
#include "server.h"

/* The front that hands the library what is its own. */
const struct front *inbound(struct federation *federation);

#endif
