/* Enough JSON to follow a step without a library: a value is found by its path and given as a piece of the text.
 * A real host uses the JSON library it has. */
#ifndef JSON_H
#define JSON_H

#include "check.h"

/* A value inside a JSON text; `at` is NULL when there is none. */
typedef struct {
    const char *at;
    size_t len;
} json;

static inline const char *json_blank(const char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
        p++;
    return p;
}

/* Behind the string that begins at `p`. */
static inline const char *json_behind_text(const char *p)
{
    for (p++; *p != '"'; p++) {
        CHECK(*p != '\0');
        if (*p == '\\')
            p++;
    }
    return p + 1;
}

/* Behind the value that begins at `p`. */
static inline const char *json_behind(const char *p)
{
    int depth = 0;
    do {
        p = json_blank(p);
        CHECK(*p != '\0');
        if (*p == '"') {
            p = json_behind_text(p);
        } else if (*p == '{' || *p == '[') {
            depth++;
            p++;
        } else if (*p == '}' || *p == ']') {
            depth--;
            p++;
        } else if (*p == ',' || *p == ':') {
            p++;
        } else {
            while (*p != '\0' && strchr(",:]} \n\r\t", *p) == NULL)
                p++;
        }
    } while (depth > 0);
    return p;
}

/* The member `name` of an object. */
static inline json json_member(json object, const char *name)
{
    json none = {NULL, 0};
    const char *p = object.at;
    if (p == NULL || *p != '{')
        return none;
    for (p = json_blank(p + 1); *p == '"';) {
        const char *key = p + 1, *behind_key = json_behind_text(p);
        const char *value = json_blank(json_blank(behind_key) + 1), *behind = json_behind(value);
        if ((size_t)(behind_key - 1 - key) == strlen(name) && strncmp(key, name, strlen(name)) == 0) {
            json found = {value, (size_t)(behind - value)};
            return found;
        }
        p = json_blank(behind);
        p = *p == ',' ? json_blank(p + 1) : p;
    }
    return none;
}

/* The element `index` of an array. */
static inline json json_element(json array, size_t index)
{
    json none = {NULL, 0};
    const char *p = array.at;
    if (p == NULL || *p != '[')
        return none;
    for (p = json_blank(p + 1); *p != ']'; index--) {
        const char *behind = json_behind(p);
        if (index == 0) {
            json found = {p, (size_t)(behind - p)};
            return found;
        }
        p = json_blank(behind);
        p = *p == ',' ? json_blank(p + 1) : p;
    }
    return none;
}

/* Whether a value is exactly this text, quotes included for a string. */
static inline int json_is(json value, const char *text)
{
    return value.at != NULL && value.len == strlen(text) && strncmp(value.at, text, value.len) == 0;
}

/* A copy of a value as it stands; free it with free(). */
static inline char *json_copy(json value)
{
    char *copy = (char *)malloc(value.len + 1);
    CHECK(value.at != NULL && copy != NULL);
    memcpy(copy, value.at, value.len);
    copy[value.len] = '\0';
    return copy;
}

/* A copy of what a string says, with its short escapes undone; free it with free(). */
static inline char *json_text(json value)
{
    char *copy, *out;
    const char *p;
    CHECK(value.at != NULL && *value.at == '"');
    copy = (char *)malloc(value.len);
    CHECK(copy != NULL);
    for (p = value.at + 1, out = copy; p < value.at + value.len - 1; p++) {
        if (*p == '\\') {
            p++;
            CHECK(*p != 'u');
            *out++ = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p == 'r' ? '\r' : *p;
        } else {
            *out++ = *p;
        }
    }
    *out = '\0';
    return copy;
}

/* A text as a JSON string; free it with free(). */
static inline char *json_quoted(const char *text, size_t len)
{
    char *copy = (char *)malloc(2 * len + 3), *out = copy;
    size_t i;
    CHECK(copy != NULL);
    *out++ = '"';
    for (i = 0; i < len; i++) {
        CHECK((unsigned char)text[i] >= ' ' || text[i] == '\n');
        if (text[i] == '"' || text[i] == '\\' || text[i] == '\n')
            *out++ = '\\';
        *out++ = text[i] == '\n' ? 'n' : text[i];
    }
    *out++ = '"';
    *out = '\0';
    return copy;
}

/* The bytes a base64 string stands for; `out` has room for its length. Gives how many. */
static inline size_t json_base64(json value, unsigned char *out)
{
    static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0, held = 0;
    size_t len = 0, i;
    for (i = 1; i + 1 < value.len && value.at[i] != '='; i++) {
        const char *digit = strchr(digits, value.at[i]);
        CHECK(digit != NULL);
        held = held << 6 | (unsigned)(digit - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[len++] = (unsigned char)(held >> bits & 0xff);
        }
    }
    return len;
}

#endif
