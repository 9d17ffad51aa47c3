/* Says of each address given whether it is public, loopback or neither: one word a line. */

#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <stdio.h>

#include "addresses.h"

int main(int count, char **words)
{
    int i;
    for (i = 1; i < count; i++) {
        struct addrinfo hints = {0}, *found;
        hints.ai_flags = AI_NUMERICHOST;
        hints.ai_socktype = SOCK_STREAM;
        if (getaddrinfo(words[i], NULL, &hints, &found) != 0) {
            puts("unreadable");
            continue;
        }
        puts(address_is_public(found->ai_addr) ? "public" : address_is_loopback(found->ai_addr) ? "loopback" : "neither");
        freeaddrinfo(found);
    }
    return 0;
}
