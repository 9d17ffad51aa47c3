/* Header values between bytes and JSON (latin1.h). */

#include "latin1.h"

#include <stdlib.h>

json_t *latin1_to_json(const char *bytes, size_t len)
{
    char *text = malloc(2 * len + 1), *out = text;
    json_t *made;
    size_t i;
    if (text == NULL)
        return NULL;
    for (i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x80)
            *out++ = (char)(0xc0 | byte >> 6);
        *out++ = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
    }
    made = json_stringn(text, (size_t)(out - text));
    free(text);
    return made;
}

char *latin1_from_json(const json_t *text)
{
    size_t len = json_string_length(text), i;
    const char *in = json_string_value(text);
    char *bytes = in != NULL ? malloc(len + 1) : NULL, *out = bytes;
    if (bytes == NULL)
        return NULL;
    for (i = 0; i < len; i++) {
        unsigned char first = (unsigned char)in[i];
        if (first >= 0x80) {
            /* c2 and c3 begin the code points 0x80 to 0xff. */
            if (first > 0xc3 || ++i == len) {
                free(bytes);
                return NULL;
            }
            first = (unsigned char)(first << 6 | ((unsigned char)in[i] & 0x3f));
        }
        *out++ = (char)first;
    }
    *out = '\0';
    return bytes;
}

int latin1_add_header(json_t *headers, const char *name, size_t name_len, const char *value, size_t value_len)
{
    json_t *line = json_array();
    if (json_array_append_new(line, latin1_to_json(name, name_len)) == 0
        && json_array_append_new(line, latin1_to_json(value, value_len)) == 0)
        return json_array_append_new(headers, line);
    json_decref(line);
    return -1;
}
