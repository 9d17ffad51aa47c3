/* Which addresses are public. IPv4 by the IANA special-purpose registry (RFC 6890); IPv6 only 2000::/3, less what the
 * registry reserves there. An IPv4-mapped address is judged by its IPv4 address. */

#include "addresses.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

struct block {
    unsigned char prefix[6];
    int bits;
};

static const struct block DENIED_V4[] = {
    {{0}, 8},              /* this network */
    {{10}, 8},             /* private */
    {{100, 64}, 10},       /* carrier NAT */
    {{127}, 8},            /* loopback */
    {{169, 254}, 16},      /* link-local, where clouds keep their metadata */
    {{172, 16}, 12},       /* private */
    {{192, 0, 0}, 24},     /* protocol assignments */
    {{192, 0, 2}, 24},     /* documentation */
    {{192, 88, 99}, 24},   /* 6to4 relays */
    {{192, 168}, 16},      /* private */
    {{198, 18}, 15},       /* benchmarks */
    {{198, 51, 100}, 24},  /* documentation */
    {{203, 0, 113}, 24},   /* documentation */
    {{224}, 4},            /* multicast */
    {{240}, 4},            /* reserved, broadcast */
};
static const struct block GLOBAL_V6 = {{0x20}, 3};
static const struct block DENIED_V6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 32}, /* Teredo carries an IPv4 address */
    {{0x20, 0x01, 0x00, 0x10}, 28}, /* ORCHID */
    {{0x20, 0x01, 0x00, 0x20}, 28}, /* ORCHIDv2 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4 carries an IPv4 address */
    {{0x3f, 0xff, 0x00}, 20},       /* documentation */
};

static int inside(const unsigned char *address, const struct block *block)
{
    int whole = block->bits / 8, rest = block->bits % 8;
    return memcmp(address, block->prefix, (size_t)whole) == 0
           && (rest == 0 || (address[whole] ^ block->prefix[whole]) >> (8 - rest) == 0);
}

/* The bytes of an address: 4, 16, or 0 for another family. */
static int bytes_of(const struct sockaddr *address, unsigned char bytes[16])
{
    static const unsigned char MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address->sa_family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return 4;
    }
    if (address->sa_family != AF_INET6)
        return 0;
    memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    if (memcmp(bytes, MAPPED, sizeof MAPPED) != 0)
        return 16;
    memmove(bytes, bytes + 12, 4);
    return 4;
}

int address_is_public(const struct sockaddr *address)
{
    unsigned char bytes[16];
    size_t i;
    switch (bytes_of(address, bytes)) {
    case 4:
        for (i = 0; i < sizeof DENIED_V4 / sizeof DENIED_V4[0]; i++)
            if (inside(bytes, &DENIED_V4[i]))
                return 0;
        return 1;
    case 16:
        if (((const struct sockaddr_in6 *)(const void *)address)->sin6_scope_id != 0 || !inside(bytes, &GLOBAL_V6))
            return 0;
        for (i = 0; i < sizeof DENIED_V6 / sizeof DENIED_V6[0]; i++)
            if (inside(bytes, &DENIED_V6[i]))
                return 0;
        return 1;
    default:
        return 0;
    }
}

int address_is_loopback(const struct sockaddr *address)
{
    static const unsigned char ONE[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    unsigned char bytes[16];
    int len = bytes_of(address, bytes);
    return (len == 4 && bytes[0] == 127) || (len == 16 && memcmp(bytes, ONE, sizeof ONE) == 0);
}
