/* What the example programs share: stopping with a clear message, and looking into JSON without a JSON library. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fedigraft.h"

/* A server's configuration; it answers everything an exchange may ask for. */
#define LOADS                                                                                       \
    "[\"profile\",\"post\",\"posts\",\"key\",\"activity\",\"follow\",\"followers\",\"following\","             \
    "\"local_followers\",\"inboxes\",\"remote_actor\",\"remote_post\",\"remote_key\",\"once\",\"blocked\"," \
    "\"origin\",\"tombstone\"]"
#define CHIRP "{\"origin\":\"https://chirp.example\",\"name\":\"Chirp\",\"loads\":" LOADS "}"

/* Stops the program when something is not as it must be. */
#define CHECK(what)                                                                   \
    do {                                                                              \
        if (!(what)) {                                                                \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #what);       \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

/* Stops the program with the error's own words when a call failed. */
static inline void must(fedigraft_status status, fedigraft_error **error)
{
    if (status != FEDIGRAFT_OK) {
        fprintf(stderr, "%s: %s\n", fedigraft_status_name(status), fedigraft_error_message(*error));
        exit(1);
    }
}

/* The bytes of a text literal or variable, as the library wants them. */
static inline const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

/* A copy of a buffer as a C string, for strstr and printf; free it with free(). */
static inline char *copy_text(const fedigraft_buf *buf)
{
    char *text = (char *)malloc(buf->len + 1);
    CHECK(text != NULL);
    if (buf->len > 0)
        memcpy(text, buf->data, buf->len);
    text[buf->len] = '\0';
    return text;
}

/* Whether a buffer holds a text. */
static inline int has(const fedigraft_buf *buf, const char *text)
{
    char *copy = copy_text(buf);
    int found = strstr(copy, text) != NULL;
    free(copy);
    return found;
}

#endif
