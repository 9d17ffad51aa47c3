/* Header values are bytes; in JSON each byte is one code point below 256 (latin-1), so that none is lost. */
#ifndef LATIN1_H
#define LATIN1_H

#include <jansson.h>
#include <stddef.h>

/* The bytes as a JSON string; NULL without memory. */
json_t *latin1_to_json(const char *bytes, size_t len);

/* The JSON string as bytes, NUL-terminated; free it. NULL when it is no string or has other code points. */
char *latin1_from_json(const json_t *text);

/* Adds [name, value] to a list of header lines; 0 or -1. */
int latin1_add_header(json_t *headers, const char *name, size_t name_len, const char *value, size_t value_len);

#endif
