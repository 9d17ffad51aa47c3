/* What a test vector says: bytes in one of four ways, values that must be equal, errors that must be the expected ones. */
#ifndef VECTOR_VALUES_H
#define VECTOR_VALUES_H

#include <jansson.h>
#include <stdarg.h>

#include "check.h"

static int quiet; /* what is wrong is not told */

/* ---- what is wrong --------------------------------------------------------------------------------------------- */

/* Tells what is wrong with a case; gives 0, for `return wrong(…)`. */
static int wrong(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    if (!quiet) {
        fputs("    ", stderr);
        vfprintf(stderr, format, values);
        fputs("\n", stderr);
    }
    va_end(values);
    return 0;
}

static int wrong_value(const char *what, const json_t *expected, const json_t *seen)
{
    char *one = json_dumps(expected, JSON_ENCODE_ANY), *other = json_dumps(seen, JSON_ENCODE_ANY);
    wrong("%s: expected %s\n    but got %s", what, one != NULL ? one : "nothing", other != NULL ? other : "nothing");
    free(one);
    free(other);
    return 0;
}

/* Whether an object has no members but these, blank-separated. */
static int has_only(const json_t *object, const char *names)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return wrong("expected an object");
    json_object_foreach ((json_t *)object, name, value) {
        const char *found = strstr(names, name);
        size_t len = strlen(name);
        while (found != NULL && !((found == names || found[-1] == ' ') && (found[len] == ' ' || found[len] == '\0')))
            found = strstr(found + 1, name);
        if (found == NULL || len == 0)
            return wrong("an unknown member: %s", name);
    }
    return 1;
}

/* Exactly equal but for the order of members; 1 and 1.0 are the same number. */
static int equal(const json_t *one, const json_t *other)
{
    size_t i;
    const char *name;
    json_t *value;
    if (json_is_number(one) && json_is_number(other) && json_typeof(one) != json_typeof(other))
        return json_number_value(one) == json_number_value(other);
    if (one == NULL || other == NULL || json_typeof(one) != json_typeof(other))
        return 0;
    if (json_is_array(one)) {
        if (json_array_size(one) != json_array_size(other))
            return 0;
        for (i = 0; i < json_array_size(one); i++)
            if (!equal(json_array_get(one, i), json_array_get(other, i)))
                return 0;
        return 1;
    }
    if (json_is_object(one)) {
        if (json_object_size(one) != json_object_size(other))
            return 0;
        json_object_foreach ((json_t *)one, name, value)
            if (!equal(value, json_object_get(other, name)))
                return 0;
        return 1;
    }
    return json_equal(one, other);
}

/* ---- bytes ----------------------------------------------------------------------------------------------------- */

/* Bytes as a case writes them; free data with free(). */
typedef struct {
    char *data;
    size_t len;
} octets;

static const uint8_t *at(octets bytes)
{
    return bytes.len > 0 ? (const uint8_t *)bytes.data : NULL;
}

static int base64(const char *text, octets *out)
{
    static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0, held = 0;
    size_t i;
    out->data = (char *)malloc(strlen(text) + 1);
    CHECK(out->data != NULL);
    for (i = 0; text[i] != '\0' && text[i] != '='; i++) {
        const char *digit = strchr(digits, text[i]);
        if (digit == NULL)
            return wrong("not base64");
        held = (held << 6 | (unsigned)(digit - digits)) & 0xfff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out->data[out->len++] = (char)(held >> bits & 0xff);
        }
    }
    return strlen(text) % 4 == 0 || wrong("base64 without padding");
}

/* Reads bytes in one of the four ways. */
static int read_octets(const json_t *said, octets *out)
{
    const json_t *part;
    out->data = NULL;
    out->len = 0;
    if (json_is_string(said)) {
        out->len = json_string_length(said);
        out->data = (char *)malloc(out->len + 1);
        CHECK(out->data != NULL);
        memcpy(out->data, json_string_value(said), out->len);
        return 1;
    }
    if ((part = json_object_get(said, "json")) != NULL && json_object_size(said) == 1) {
        out->data = json_dumps(part, JSON_COMPACT | JSON_ENCODE_ANY);
        CHECK(out->data != NULL);
        out->len = strlen(out->data);
        return 1;
    }
    part = json_object_get(said, "base64");
    if (json_is_string(part) && json_object_size(said) == 1)
        return base64(json_string_value(part), out);
    part = json_object_get(said, "repeat");
    if (json_is_string(part) && json_is_integer(json_object_get(said, "times")) && json_object_size(said) == 2) {
        size_t one = json_string_length(part), times = (size_t)json_integer_value(json_object_get(said, "times")), i;
        out->len = one * times;
        out->data = (char *)malloc(out->len + 1);
        CHECK(out->data != NULL);
        for (i = 0; i < times; i++)
            memcpy(out->data + i * one, json_string_value(part), one);
        return 1;
    }
    return wrong("bytes are written in none of the four ways");
}

/* Whether bytes are what the case expects: {"json"} by value, everything else byte for byte. */
static int same_bytes(const char *what, const json_t *expected, const fedigraft_buf *seen)
{
    const json_t *value = json_object_get(expected, "json");
    octets bytes;
    int same;
    if (value != NULL && json_object_size(expected) == 1) {
        json_t *got = json_loadb((const char *)seen->data, seen->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        same = equal(value, got) || wrong_value(what, value, got);
        json_decref(got);
        return same;
    }
    same = read_octets(expected, &bytes)
           && ((bytes.len == seen->len && (bytes.len == 0 || memcmp(bytes.data, seen->data, bytes.len) == 0))
               || wrong("%s: other bytes: %.*s", what, (int)seen->len, (const char *)seen->data));
    free(bytes.data);
    return same;
}

/* Whether a failure is the expected one. Takes the error over. */
static int same_error(const json_t *expected, fedigraft_status status, fedigraft_error *error)
{
    json_t *detail = json_loads(fedigraft_error_detail(error), 0, NULL), *seen;
    int same;
    seen = json_pack("{s:s, s:O?, s:O?, s:b}", "status", fedigraft_status_name(status), "reason",
                     json_object_get(detail, "reason"), "at", json_object_get(detail, "at"), "retryable",
                     json_is_true(json_object_get(detail, "retryable")));
    same = (error != NULL && fedigraft_error_code(error) == status
            && fedigraft_error_is_retryable(error) == json_is_true(json_object_get(detail, "retryable")))
           || wrong("the error does not fit its status");
    if (same)
        same = equal(expected, seen) || wrong_value("error", expected, seen);
    json_decref(seen);
    json_decref(detail);
    fedigraft_error_free(error);
    return same;
}

#endif
