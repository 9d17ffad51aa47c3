/* Which addresses a server of the open network may have. */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <sys/socket.h>

/* 1 when a server of the open network may have this address. */
int address_is_public(const struct sockaddr *address);

/* 1 for an address of this machine. */
int address_is_loopback(const struct sockaddr *address);

#endif
