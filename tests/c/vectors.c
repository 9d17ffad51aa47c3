/* Runs the test vectors (tests/vectors/README.md) through the C interface: every file, every case. Each case that
 * passes is run again with one expected value changed, and must then fail.
 *
 * Ends with 1 when a case fails. The folder is the first argument, or tests/vectors. */

#include <dirent.h>
#include <jansson.h>
#include <stdarg.h>

#include "check.h"

static const char *folder = "tests/vectors";
static int quiet;
static json_t *handles; /* the JSON of handles.json */

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

/* ---- handles --------------------------------------------------------------------------------------------------- */

#define MOST_HANDLES 32

/* The handles of one kind, in the order of handles.json. */
static struct {
    const char *names[MOST_HANDLES];
    fedigraft_instance *instances[MOST_HANDLES];
    fedigraft_key *keys[MOST_HANDLES];
    fedigraft_public_key *public_keys[MOST_HANDLES];
    size_t len;
} opened[3];
static const char *const KINDS[3] = {"instances", "keys", "public_keys"};

static void open_handles(void)
{
    int kind;
    CHECK(has_only(handles, "source instances keys public_keys"));
    for (kind = 0; kind < 3; kind++) {
        fedigraft_error *error = NULL;
        const char *name;
        json_t *value;
        json_object_foreach (json_object_get(handles, KINDS[kind]), name, value) {
            size_t i = opened[kind].len++;
            octets bytes;
            CHECK(i < MOST_HANDLES);
            opened[kind].names[i] = name;
            if (kind == 0) {
                bytes.data = json_dumps(value, JSON_COMPACT);
                CHECK(bytes.data != NULL);
                bytes.len = strlen(bytes.data);
                must(fedigraft_instance_new(at(bytes), bytes.len, &opened[0].instances[i], &error), &error);
            } else {
                CHECK(read_octets(value, &bytes));
                if (kind == 1)
                    must(fedigraft_key_from_pem(at(bytes), bytes.len, &opened[1].keys[i], &error), &error);
                else
                    must(fedigraft_public_key_from_pem(at(bytes), bytes.len, &opened[2].public_keys[i], &error), &error);
            }
            free(bytes.data);
        }
    }
}

static void close_handles(void)
{
    size_t i;
    for (i = 0; i < opened[0].len; i++)
        fedigraft_instance_free(opened[0].instances[i]);
    for (i = 0; i < opened[1].len; i++)
        fedigraft_key_free(opened[1].keys[i]);
    for (i = 0; i < opened[2].len; i++)
        fedigraft_public_key_free(opened[2].public_keys[i]);
}

/* The index of a handle; -1 when nobody has this name. */
static int handle(int kind, const json_t *name)
{
    size_t i;
    for (i = 0; i < opened[kind].len; i++)
        if (json_is_string(name) && strcmp(opened[kind].names[i], json_string_value(name)) == 0)
            return (int)i;
    wrong("an unknown name in %s", KINDS[kind]);
    return -1;
}

/* ---- calls ----------------------------------------------------------------------------------------------------- */

/* The inputs of a case, read. */
typedef struct {
    const fedigraft_instance *instance;
    const fedigraft_key *key;
    const fedigraft_public_key *public_key;
    int64_t now;
    octets bytes[3]; /* those that are bytes, in the order of the header's parameters */
} inputs;

/* What a call gave. */
typedef struct {
    fedigraft_status status;
    fedigraft_buf buf;
    fedigraft_exchange *exchange;
    fedigraft_error *error;
} outcome;

#define BYTES(i) at(in->bytes[i]), in->bytes[i].len

/* Which function, and the names of its inputs in the order of its parameters. */
static const struct {
    const char *call, *names;
} CALLS[] = {
    {"key_from_pem", "pem"},
    {"public_key_from_pem", "pem"},
    {"key_to_pem", "key"},
    {"key_public_pem", "key"},
    {"key_sign", "key message"},
    {"public_key_to_pem", "public_key"},
    {"instance_new", "config"},
    {"instance_describe", "instance"},
    {"instance_uri", "instance kind id"},
    {"request_sign", "key key_id now head body"},
    {"request_key_id", "head"},
    {"request_verify", "instance public_key now head body"},
    {"request_explain", "instance public_key now head body"},
    {"profile_render", "instance profile public_key"},
    {"profile_read", "actor"},
    {"post_render", "instance profile post"},
    {"post_read", "object"},
    {"activity_read", "activity"},
    {"html_sanitise", "html"},
    {"html_to_text", "html"},
    {"content_to_html", "instance content"},
    {"webfinger_render", "instance profile"},
    {"nodeinfo_render", "instance version usage"},
    {"route", "instance head"},
    {"receive", "instance now head body"},
    {"perform", "instance now action"},
    {"look_up", "instance now query"},
    {"resume", "instance now job"},
    {"send", "instance now delivery"},
};

static int read_inputs(const json_t *said, const char *names, inputs *in)
{
    char name[32];
    size_t count = 0, bytes = 0;
    memset(in, 0, sizeof *in);
    while (sscanf(names, "%31s", name) == 1) {
        const json_t *value = json_object_get(said, name);
        int i = 0;
        names = strchr(names, ' ') != NULL ? strchr(names, ' ') + 1 : "";
        count++;
        if (value == NULL)
            return wrong("the input %s is missing", name);
        if (strcmp(name, "instance") == 0)
            in->instance = (i = handle(0, value)) < 0 ? NULL : opened[0].instances[i];
        else if (strcmp(name, "key") == 0)
            in->key = (i = handle(1, value)) < 0 ? NULL : opened[1].keys[i];
        else if (strcmp(name, "public_key") == 0)
            in->public_key = (i = handle(2, value)) < 0 ? NULL : opened[2].public_keys[i];
        else if (strcmp(name, "now") == 0)
            i = json_is_integer(value) ? (in->now = json_integer_value(value), 0) : -1;
        else
            i = read_octets(value, &in->bytes[bytes++]) ? 0 : -1;
        if (i < 0)
            return wrong("the input %s is of the wrong kind", name);
    }
    return count == json_object_size(said) || wrong("a surplus input");
}

/* Makes the call. */
static void call(const char *name, const inputs *in, outcome *out)
{
#define IS(this_one) (strcmp(name, this_one) == 0)
    fedigraft_key *key = NULL;
    fedigraft_public_key *public_key = NULL;
    fedigraft_instance *instance = NULL;
    fedigraft_error **error = &out->error;
    fedigraft_buf *buf = &out->buf;
    if (IS("key_from_pem"))
        out->status = fedigraft_key_from_pem(BYTES(0), &key, error);
    else if (IS("public_key_from_pem"))
        out->status = fedigraft_public_key_from_pem(BYTES(0), &public_key, error);
    else if (IS("key_to_pem"))
        out->status = fedigraft_key_to_pem(in->key, buf, error);
    else if (IS("key_public_pem"))
        out->status = fedigraft_key_public_pem(in->key, buf, error);
    else if (IS("key_sign"))
        out->status = fedigraft_key_sign(in->key, BYTES(0), buf, error);
    else if (IS("public_key_to_pem"))
        out->status = fedigraft_public_key_to_pem(in->public_key, buf, error);
    else if (IS("instance_new"))
        out->status = fedigraft_instance_new(BYTES(0), &instance, error);
    else if (IS("instance_describe"))
        out->status = fedigraft_instance_describe(in->instance, buf, error);
    else if (IS("instance_uri"))
        out->status = fedigraft_instance_uri(in->instance, BYTES(0), BYTES(1), buf, error);
    else if (IS("request_sign"))
        out->status = fedigraft_request_sign(in->key, BYTES(0), in->now, BYTES(1), BYTES(2), buf, error);
    else if (IS("request_key_id"))
        out->status = fedigraft_request_key_id(BYTES(0), buf, error);
    else if (IS("request_verify"))
        out->status = fedigraft_request_verify(in->instance, in->public_key, in->now, BYTES(0), BYTES(1), buf, error);
    else if (IS("request_explain"))
        out->status = fedigraft_request_explain(in->instance, in->public_key, in->now, BYTES(0), BYTES(1), buf, error);
    else if (IS("profile_render"))
        out->status = fedigraft_profile_render(in->instance, BYTES(0), in->public_key, buf, error);
    else if (IS("profile_read"))
        out->status = fedigraft_profile_read(BYTES(0), buf, error);
    else if (IS("post_render"))
        out->status = fedigraft_post_render(in->instance, BYTES(0), BYTES(1), buf, error);
    else if (IS("post_read"))
        out->status = fedigraft_post_read(BYTES(0), buf, error);
    else if (IS("activity_read"))
        out->status = fedigraft_activity_read(BYTES(0), buf, error);
    else if (IS("html_sanitise"))
        out->status = fedigraft_html_sanitise(BYTES(0), buf, error);
    else if (IS("html_to_text"))
        out->status = fedigraft_html_to_text(BYTES(0), buf, error);
    else if (IS("content_to_html"))
        out->status = fedigraft_content_to_html(in->instance, BYTES(0), buf, error);
    else if (IS("webfinger_render"))
        out->status = fedigraft_webfinger_render(in->instance, BYTES(0), buf, error);
    else if (IS("nodeinfo_render"))
        out->status = fedigraft_nodeinfo_render(in->instance, BYTES(0), BYTES(1), buf, error);
    else if (IS("route"))
        out->status = fedigraft_route(in->instance, BYTES(0), buf, error);
    else if (IS("receive"))
        out->status = fedigraft_receive(in->instance, in->now, BYTES(0), BYTES(1), &out->exchange, error);
    else if (IS("perform"))
        out->status = fedigraft_perform(in->instance, in->now, BYTES(0), &out->exchange, error);
    else if (IS("look_up"))
        out->status = fedigraft_look_up(in->instance, in->now, BYTES(0), &out->exchange, error);
    else if (IS("resume"))
        out->status = fedigraft_resume(in->instance, in->now, BYTES(0), &out->exchange, error);
    else
        out->status = fedigraft_send(in->instance, in->now, BYTES(0), &out->exchange, error);
    fedigraft_key_free(key);
    fedigraft_public_key_free(public_key);
    fedigraft_instance_free(instance);
}

/* ---- exchanges ------------------------------------------------------------------------------------------------- */

/* Gives the answer of an item to the step it answers. */
static int give(fedigraft_exchange *exchange, const json_t *answer, const json_t *step, int64_t now)
{
    const json_t *number = json_object_get(answer, "number"), *time = json_object_get(answer, "now");
    const json_t *expected = json_object_get(answer, "error"), *value;
    uint32_t n = (uint32_t)json_integer_value(number != NULL ? number : json_object_get(step, "step"));
    octets head = {NULL, 0}, body = {NULL, 0};
    fedigraft_buf signature = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    fedigraft_status status = FEDIGRAFT_OK;
    int well = 1;
    if (time != NULL)
        now = json_integer_value(time);
    if ((value = json_object_get(answer, "load")) != NULL || (value = json_object_get(answer, "fetch")) != NULL) {
        int is_fetch = json_object_get(answer, "fetch") != NULL;
        well = has_only(answer, is_fetch ? "fetch body now number error" : "load now number error");
        head.data = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        CHECK(head.data != NULL);
        head.len = strlen(head.data);
        if (json_object_get(answer, "body") != NULL)
            well = well && read_octets(json_object_get(answer, "body"), &body);
        if (well)
            status = is_fetch ? fedigraft_exchange_answer_fetch(exchange, n, now, at(head), head.len, at(body), body.len,
                                                                &error)
                              : fedigraft_exchange_answer_load(exchange, n, now, at(head), head.len, &error);
    } else if ((value = json_object_get(answer, "sign")) != NULL) {
        int i = handle(1, value);
        const json_t *bytes = json_object_get(json_object_get(step, "sign"), "bytes");
        well = i >= 0 && has_only(answer, "sign now number error") && json_is_string(bytes)
               && base64(json_string_value(bytes), &body);
        if (well) {
            must(fedigraft_key_sign(opened[1].keys[i], at(body), body.len, &signature, &error), &error);
            status = fedigraft_exchange_answer_sign(exchange, n, now, signature.data, signature.len, &error);
        }
    } else if ((value = json_object_get(answer, "signature")) != NULL) {
        well = has_only(answer, "signature now number error") && read_octets(value, &body);
        if (well)
            status = fedigraft_exchange_answer_sign(exchange, n, now, at(body), body.len, &error);
    } else if ((value = json_object_get(answer, "failed")) != NULL) {
        well = has_only(answer, "failed retryable now number error") && read_octets(value, &body)
               && json_is_boolean(json_object_get(answer, "retryable"));
        if (well)
            status = fedigraft_exchange_answer_failed(exchange, n, now, at(body), body.len,
                                                      json_is_true(json_object_get(answer, "retryable")), &error);
    } else {
        well = wrong("an unknown answer");
    }
    free(head.data);
    free(body.data);
    fedigraft_buf_free(&signature);
    if (well && (status != FEDIGRAFT_OK || expected != NULL)) {
        if (status == FEDIGRAFT_OK || expected == NULL)
            well = wrong("an answer came to %s: %s", fedigraft_status_name(status), fedigraft_error_message(error));
        else
            return same_error(expected, status, error);
    }
    fedigraft_error_free(error);
    return well;
}

/* Goes through one item. */
static int item_passes(fedigraft_exchange *exchange, const json_t *item, int is_last, int64_t now)
{
    static const json_t *none;
    fedigraft_buf text = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    const json_t *expected = json_object_get(item, "error"), *answer = json_object_get(item, "answer");
    fedigraft_status status = fedigraft_exchange_step(exchange, &text, &body, &error);
    json_t *step = NULL;
    int well;
    if (expected != NULL || status != FEDIGRAFT_OK) {
        well = has_only(item, "error") && (is_last || wrong("behind an error nothing comes"));
        if (well && status != FEDIGRAFT_OK && expected != NULL)
            return same_error(expected, status, error);
        well = wrong("a step came to %s: %s", fedigraft_status_name(status), fedigraft_error_message(error));
        fedigraft_error_free(error);
    } else {
        const json_t *bytes = json_object_get(item, "body");
        step = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL);
        well = has_only(item, "step body answer")
               && (equal(json_object_get(item, "step"), step) || wrong_value("step", json_object_get(item, "step"), step))
               && (bytes != NULL ? same_bytes("body", bytes, &body) : body.len == 0 || wrong("a body nobody expected"))
               && (is_last == (answer == none) || wrong("only the last item has no answer"))
               && (answer == none || give(exchange, answer, step, now));
    }
    json_decref(step);
    fedigraft_buf_free(&text);
    fedigraft_buf_free(&body);
    return well;
}

/* ---- cases ----------------------------------------------------------------------------------------------------- */

static int outcome_passes(const json_t *said, const char *name, const inputs *in)
{
    const json_t *out = json_object_get(said, "out"), *error = json_object_get(said, "error");
    const json_t *steps = json_object_get(said, "steps");
    outcome got = {FEDIGRAFT_OK, FEDIGRAFT_BUF_INIT, NULL, NULL};
    size_t i;
    int well = (out != NULL) + (error != NULL) + (steps != NULL) == 1 || wrong("expected one of out, error and steps");
    if (!well)
        return 0;
    call(name, in, &got);
    if (got.status != FEDIGRAFT_OK) {
        if (error != NULL) {
            well = same_error(error, got.status, got.error);
        } else {
            well = wrong("%s: %s", fedigraft_status_name(got.status), fedigraft_error_message(got.error));
            fedigraft_error_free(got.error);
        }
    } else if (out != NULL) {
        well = same_bytes("out", out, &got.buf);
    } else if (steps != NULL && got.exchange != NULL) {
        for (i = 0; well && i < json_array_size(steps); i++)
            well = item_passes(got.exchange, json_array_get(steps, i), i + 1 == json_array_size(steps), in->now)
                   || wrong("in item %d", (int)i + 1);
    } else {
        well = wrong("this call succeeds with something else");
    }
    fedigraft_buf_free(&got.buf);
    fedigraft_exchange_free(got.exchange);
    return well;
}

static int case_passes(const json_t *said)
{
    const char *name = json_string_value(json_object_get(said, "call"));
    inputs in;
    size_t i;
    int well = has_only(said, "name note call in out error steps");
    for (i = 0; well && name != NULL && i < sizeof CALLS / sizeof CALLS[0]; i++)
        if (strcmp(name, CALLS[i].call) == 0) {
            well = read_inputs(json_object_get(said, "in"), CALLS[i].names, &in) && outcome_passes(said, name, &in);
            free(in.bytes[0].data);
            free(in.bytes[1].data);
            free(in.bytes[2].data);
            return well;
        }
    return well && wrong("an unknown function");
}

/* The case with one expected value changed; the last one, where a runner stops looking first. */
static json_t *changed(const json_t *said)
{
    json_t *copy = json_deep_copy(said), *steps = json_object_get(copy, "steps");
    json_t *last = steps != NULL ? json_array_get(steps, json_array_size(steps) - 1) : copy;
    CHECK(copy != NULL && last != NULL);
    if (json_object_get(last, "error") != NULL)
        json_object_set_new(json_object_get(last, "error"), "reason", json_string("changed"));
    else if (json_object_get(last, "body") != NULL)
        json_object_set_new(last, "body", json_string("changed"));
    else if (json_object_get(last, "step") != NULL)
        json_object_set_new(json_object_get(last, "step"), "changed", json_null());
    else
        json_object_set_new(copy, "out", json_pack("{s:s}", "json", "changed"));
    return copy;
}

static json_t *read_file(const char *name)
{
    char path[512];
    json_error_t error;
    json_t *file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = json_load_file(path, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (file == NULL)
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    CHECK(file != NULL);
    return file;
}

int main(int count, char **words)
{
    json_t *names = json_object(), *file, *said;
    struct dirent *entry;
    DIR *dir;
    size_t i;
    int passed = 0, failed = 0;
    if (count > 1)
        folder = words[1];
    handles = read_file("handles.json");
    open_handles();
    dir = opendir(folder);
    CHECK(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".json") != 0 || strcmp(entry->d_name, "handles.json") == 0)
            continue;
        file = read_file(entry->d_name);
        CHECK(has_only(file, "source cases") && json_array_size(json_object_get(file, "cases")) > 0);
        json_array_foreach (json_object_get(file, "cases"), i, said) {
            const char *name = json_string_value(json_object_get(said, "name"));
            json_t *other;
            CHECK(name != NULL && json_object_get(names, name) == NULL); /* each name once */
            json_object_set_new(names, name, json_true());
            if (!case_passes(said)) {
                fprintf(stderr, "%s: %s failed\n", entry->d_name, name);
                failed++;
                continue;
            }
            other = changed(said);
            quiet = 1;
            if (case_passes(other)) {
                fprintf(stderr, "%s: %s passes with a changed expectation too\n", entry->d_name, name);
                failed++;
            }
            quiet = 0;
            json_decref(other);
            passed++;
        }
        json_decref(file);
    }
    closedir(dir);
    close_handles();
    json_decref(names);
    json_decref(handles);
    printf("%d cases passed, %d failed\n", passed, failed);
    return failed > 0 || passed < 40;
}
