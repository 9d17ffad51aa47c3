/* The glue: joins the board to the fediverse. The one file that knows both the board and the library. */
#ifndef FEDERATE_H
#define FEDERATE_H

#include "exchange.h"

/* Who the board is on the network. */
struct settings {
    const char *origin;   /* "https://board.example" */
    const char *name;
    const char *database; /* the board's own file: the store's tables stand beside its own */
    const char *policy;   /* "strict", or "development" for plain HTTP and loopback addresses */
    const char *ca_file;  /* trusted beside the system's certificates; NULL for none */
};

/* Makes the store's tables, opens the instance and joins the board. NULL, with a line on standard error, on failure. */
struct federation *federate(const struct settings *settings);

/* Lets go of everything. No thread may be at work any more. */
void federate_no_more(void);

#endif
