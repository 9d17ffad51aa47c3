/* The calls of the test vectors: the handles they name, their inputs, the functions of the header. */
#ifndef VECTOR_CALLS_H
#define VECTOR_CALLS_H

#include "vector_values.h"

static json_t *handles; /* the JSON of handles.json */

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

#endif
