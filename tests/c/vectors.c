/* Runs the test vectors (tests/vectors/README.md) through the C interface: every file, every case. Each case that
 * passes is run again with one expected value changed, and must then fail.
 *
 * Ends with 1 when a case fails. The folder is the first argument, or tests/vectors. */

#include <dirent.h>

#include "vector_calls.h"

static const char *folder = "tests/vectors";

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
