/* Every function with NULL for every pointer, with NULL and a length, and with garbage: a status, never a crash. */

#include "check.h"

#define REFUSED(call) CHECK((call) == FEDIGRAFT_INVALID_ARGUMENT)

static const uint8_t GARBAGE[] = {0x00, 0xff, 0xfe, '{', '"', 0xc3, '\n', '[', 0x80, '<', 'a', 0x00};
#define JUNK GARBAGE, sizeof GARBAGE
#define NOWHERE NULL, 1
#define EMPTY NULL, 0
#define ANN FEDIGRAFT_STR("{\"id\":\"1\",\"username\":\"ann\"}")
static const int64_t NOW = 1700000000;

static fedigraft_buf out = FEDIGRAFT_BUF_INIT, also = FEDIGRAFT_BUF_INIT;
static fedigraft_key *key;
static fedigraft_public_key *public_key;
static fedigraft_instance *instance;
static fedigraft_exchange *exchange;

/* Frees and readers: NULL is nothing to do. */
static void nothing_to_free(void)
{
    fedigraft_buf_free(NULL);
    fedigraft_buf_free(&out);
    fedigraft_error_free(NULL);
    fedigraft_key_free(NULL);
    fedigraft_public_key_free(NULL);
    fedigraft_instance_free(NULL);
    fedigraft_exchange_free(NULL);
    CHECK(fedigraft_error_code(NULL) == FEDIGRAFT_OK);
    CHECK(strcmp(fedigraft_error_message(NULL), "") == 0);
    CHECK(strcmp(fedigraft_error_detail(NULL), "{}") == 0);
    CHECK(fedigraft_error_is_retryable(NULL) == 0);
    CHECK(strcmp(fedigraft_status_name(-1), "unknown") == 0);
    CHECK(strcmp(fedigraft_status_name(FEDIGRAFT_INTERNAL), "internal") == 0);
    CHECK(fedigraft_version() != NULL && fedigraft_abi_version() == FEDIGRAFT_ABI_VERSION);
}

/* All pointers NULL, and no error wanted. */
static void all_null(void)
{
    REFUSED(fedigraft_features(NULL, NULL));
    REFUSED(fedigraft_key_generate(NULL, NULL));
    REFUSED(fedigraft_key_from_pem(EMPTY, NULL, NULL));
    REFUSED(fedigraft_key_to_pem(NULL, NULL, NULL));
    REFUSED(fedigraft_key_public_pem(NULL, NULL, NULL));
    REFUSED(fedigraft_key_sign(NULL, EMPTY, NULL, NULL));
    REFUSED(fedigraft_public_key_from_pem(EMPTY, NULL, NULL));
    REFUSED(fedigraft_public_key_to_pem(NULL, NULL, NULL));
    REFUSED(fedigraft_instance_new(EMPTY, NULL, NULL));
    REFUSED(fedigraft_instance_describe(NULL, NULL, NULL));
    REFUSED(fedigraft_instance_uri(NULL, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_request_sign(NULL, EMPTY, NOW, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_request_key_id(EMPTY, NULL, NULL));
    REFUSED(fedigraft_request_verify(NULL, NULL, NOW, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_request_explain(NULL, NULL, NOW, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_profile_render(NULL, EMPTY, NULL, NULL, NULL));
    REFUSED(fedigraft_profile_read(EMPTY, NULL, NULL));
    REFUSED(fedigraft_post_render(NULL, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_post_read(EMPTY, NULL, NULL));
    REFUSED(fedigraft_activity_read(EMPTY, NULL, NULL));
    REFUSED(fedigraft_html_sanitise(EMPTY, NULL, NULL));
    REFUSED(fedigraft_html_to_text(EMPTY, NULL, NULL));
    REFUSED(fedigraft_content_to_html(NULL, EMPTY, NULL, NULL));
    REFUSED(fedigraft_webfinger_render(NULL, EMPTY, NULL, NULL));
    REFUSED(fedigraft_nodeinfo_render(NULL, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_route(NULL, EMPTY, NULL, NULL));
    REFUSED(fedigraft_receive(NULL, NOW, EMPTY, EMPTY, NULL, NULL));
    REFUSED(fedigraft_perform(NULL, NOW, EMPTY, NULL, NULL));
    REFUSED(fedigraft_look_up(NULL, NOW, EMPTY, NULL, NULL));
    REFUSED(fedigraft_resume(NULL, NOW, EMPTY, NULL, NULL));
    REFUSED(fedigraft_send(NULL, NOW, EMPTY, NULL, NULL));
    REFUSED(fedigraft_exchange_step(NULL, NULL, NULL, NULL));
    REFUSED(fedigraft_exchange_answer_load(NULL, 1, NOW, EMPTY, NULL));
    REFUSED(fedigraft_exchange_answer_fetch(NULL, 1, NOW, EMPTY, EMPTY, NULL));
    REFUSED(fedigraft_exchange_answer_sign(NULL, 1, NOW, EMPTY, NULL));
    REFUSED(fedigraft_exchange_answer_failed(NULL, 1, NOW, EMPTY, 0, NULL));
}

/* Handles and out are there; each input in turn is NULL with a length. */
static void null_with_a_length(fedigraft_error **e)
{
    fedigraft_key *made = NULL;
    fedigraft_public_key *made_public = NULL;
    fedigraft_instance *opened = NULL;
    fedigraft_exchange *begun = NULL;

#define REFUSED_WITH_WORDS(call)                                       \
    do {                                                               \
        REFUSED(call);                                                 \
        CHECK(strlen(fedigraft_error_message(*e)) > 0);                \
        CHECK(fedigraft_error_code(*e) == FEDIGRAFT_INVALID_ARGUMENT); \
        fedigraft_error_free(*e);                                      \
        *e = NULL;                                                     \
        CHECK(out.data == NULL && also.data == NULL);                  \
    } while (0)

    REFUSED_WITH_WORDS(fedigraft_key_from_pem(NOWHERE, &made, e));
    REFUSED_WITH_WORDS(fedigraft_key_sign(key, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_public_key_from_pem(NOWHERE, &made_public, e));
    REFUSED_WITH_WORDS(fedigraft_instance_new(NOWHERE, &opened, e));
    REFUSED_WITH_WORDS(fedigraft_instance_uri(instance, NOWHERE, FEDIGRAFT_STR("1"), &out, e));
    REFUSED_WITH_WORDS(fedigraft_instance_uri(instance, FEDIGRAFT_STR("actor"), NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_sign(key, NOWHERE, NOW, JUNK, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_sign(key, FEDIGRAFT_STR("k"), NOW, NOWHERE, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_sign(key, FEDIGRAFT_STR("k"), NOW, JUNK, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_key_id(NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_verify(instance, public_key, NOW, NOWHERE, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_verify(instance, public_key, NOW, JUNK, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_verify(NULL, public_key, NOW, JUNK, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_verify(instance, NULL, NOW, JUNK, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_request_explain(instance, public_key, NOW, NOWHERE, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_profile_render(instance, NOWHERE, public_key, &out, e));
    REFUSED_WITH_WORDS(fedigraft_profile_render(instance, FEDIGRAFT_STR("{}"), NULL, &out, e));
    REFUSED_WITH_WORDS(fedigraft_profile_read(NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_post_render(instance, NOWHERE, JUNK, &out, e));
    REFUSED_WITH_WORDS(fedigraft_post_render(instance, ANN, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_post_read(NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_activity_read(NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_html_sanitise(NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_html_to_text(NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_content_to_html(instance, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_webfinger_render(instance, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_nodeinfo_render(instance, NOWHERE, EMPTY, &out, e));
    REFUSED_WITH_WORDS(fedigraft_nodeinfo_render(instance, FEDIGRAFT_STR("2.1"), NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_route(instance, NOWHERE, &out, e));
    REFUSED_WITH_WORDS(fedigraft_receive(instance, NOW, NOWHERE, EMPTY, &begun, e));
    REFUSED_WITH_WORDS(fedigraft_perform(instance, NOW, NOWHERE, &begun, e));
    REFUSED_WITH_WORDS(fedigraft_look_up(instance, NOW, NOWHERE, &begun, e));
    REFUSED_WITH_WORDS(fedigraft_resume(instance, NOW, NOWHERE, &begun, e));
    REFUSED_WITH_WORDS(fedigraft_send(instance, NOW, NOWHERE, &begun, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_step(exchange, &out, NULL, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_step(exchange, NULL, &out, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_step(exchange, &out, &out, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_answer_load(exchange, 1, NOW, NOWHERE, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_answer_fetch(exchange, 1, NOW, NOWHERE, EMPTY, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_answer_fetch(exchange, 1, NOW, JUNK, NOWHERE, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_answer_sign(exchange, 1, NOW, NOWHERE, e));
    REFUSED_WITH_WORDS(fedigraft_exchange_answer_failed(exchange, 1, NOW, NOWHERE, 0, e));
    CHECK(made == NULL && made_public == NULL && opened == NULL && begun == NULL);
}

/* Handles and out are there; inputs are bytes without sense. */
static void garbage(fedigraft_error **e)
{
    fedigraft_key *made = NULL;
    fedigraft_public_key *made_public = NULL;
    fedigraft_instance *opened = NULL;
    fedigraft_exchange *begun = NULL;

#define FAILS(call)                              \
    do {                                         \
        fedigraft_status status = (call);        \
        CHECK(status != FEDIGRAFT_OK);           \
        CHECK(status != FEDIGRAFT_INTERNAL);     \
        CHECK(fedigraft_error_code(*e) == status); \
        fedigraft_error_free(*e);                \
        *e = NULL;                               \
        CHECK(out.data == NULL);                 \
    } while (0)

    FAILS(fedigraft_key_from_pem(JUNK, &made, e));
    FAILS(fedigraft_key_from_pem(FEDIGRAFT_STR("-----BEGIN PRIVATE KEY-----"), &made, e));
    FAILS(fedigraft_public_key_from_pem(JUNK, &made_public, e));
    FAILS(fedigraft_instance_new(JUNK, &opened, e));
    FAILS(fedigraft_instance_new(FEDIGRAFT_STR("{}"), &opened, e));
    FAILS(fedigraft_instance_uri(instance, JUNK, EMPTY, &out, e));
    FAILS(fedigraft_request_sign(key, JUNK, NOW, JUNK, JUNK, &out, e));
    FAILS(fedigraft_request_key_id(JUNK, &out, e));
    FAILS(fedigraft_request_verify(instance, public_key, NOW, JUNK, JUNK, &out, e));
    FAILS(fedigraft_request_explain(instance, public_key, NOW, JUNK, JUNK, &out, e));
    FAILS(fedigraft_profile_render(instance, JUNK, public_key, &out, e));
    FAILS(fedigraft_profile_read(JUNK, &out, e));
    FAILS(fedigraft_post_render(instance, JUNK, JUNK, &out, e));
    FAILS(fedigraft_post_render(instance, ANN, JUNK, &out, e));
    FAILS(fedigraft_post_read(JUNK, &out, e));
    FAILS(fedigraft_activity_read(JUNK, &out, e));
    FAILS(fedigraft_html_sanitise(JUNK, &out, e));
    FAILS(fedigraft_html_to_text(JUNK, &out, e));
    FAILS(fedigraft_content_to_html(instance, JUNK, &out, e));
    FAILS(fedigraft_webfinger_render(instance, JUNK, &out, e));
    FAILS(fedigraft_nodeinfo_render(instance, JUNK, EMPTY, &out, e));
    FAILS(fedigraft_nodeinfo_render(instance, FEDIGRAFT_STR("2.1"), JUNK, &out, e));
    FAILS(fedigraft_route(instance, JUNK, &out, e));
    FAILS(fedigraft_receive(instance, NOW, JUNK, JUNK, &begun, e));
    FAILS(fedigraft_perform(instance, NOW, JUNK, &begun, e));
    FAILS(fedigraft_look_up(instance, NOW, JUNK, &begun, e));
    FAILS(fedigraft_resume(instance, NOW, JUNK, &begun, e));
    FAILS(fedigraft_send(instance, NOW, JUNK, &begun, e));
    FAILS(fedigraft_exchange_answer_load(exchange, 1, NOW, JUNK, e));
    FAILS(fedigraft_exchange_answer_load(exchange, 9, NOW, FEDIGRAFT_STR("[null]"), e));
    FAILS(fedigraft_exchange_answer_fetch(exchange, 1, NOW, JUNK, JUNK, e));
    FAILS(fedigraft_exchange_answer_sign(exchange, 1, NOW, JUNK, e));
    FAILS(fedigraft_exchange_answer_failed(exchange, 1, NOW, JUNK, 1, e));
    FAILS(fedigraft_exchange_answer_failed(exchange, 9, INT64_MIN, EMPTY, 1, e));
    CHECK(made == NULL && made_public == NULL && opened == NULL && begun == NULL);
}

/* A length no memory has: refused before a byte is read. */
static void absurd_lengths(void)
{
    CHECK(fedigraft_html_sanitise(GARBAGE, SIZE_MAX, &out, NULL) == FEDIGRAFT_TOO_LARGE);
    CHECK(fedigraft_post_read(GARBAGE, (size_t)FEDIGRAFT_MAX_INPUT + 1, &out, NULL) == FEDIGRAFT_TOO_LARGE);
}

/* A buffer that still holds bytes is not overwritten. */
static void full_buffer(void)
{
    uint8_t *kept;
    CHECK(fedigraft_features(&out, NULL) == FEDIGRAFT_OK);
    kept = out.data;
    REFUSED(fedigraft_features(&out, NULL));
    CHECK(out.data == kept);
    fedigraft_buf_free(&out);
    fedigraft_buf_free(&out);
    CHECK(out.data == NULL && out.len == 0);
}

/* After all that, exchange, key and instance are as they were. */
static void unharmed(fedigraft_error **e)
{
    must(fedigraft_exchange_step(exchange, &out, &also, e), e);
    CHECK(has(&out, "\"step\":1") && has(&out, "\"load\""));
    fedigraft_buf_free(&out);
    fedigraft_buf_free(&also);
    must(fedigraft_key_to_pem(key, &out, e), e);
    fedigraft_buf_free(&out);
    must(fedigraft_public_key_to_pem(public_key, &out, e), e);
    fedigraft_buf_free(&out);
    must(fedigraft_instance_describe(instance, &out, e), e);
    fedigraft_buf_free(&out);
}

int main(void)
{
    fedigraft_error *error = NULL;

    must(fedigraft_key_generate(&key, &error), &error);
    must(fedigraft_key_public_pem(key, &out, &error), &error);
    must(fedigraft_public_key_from_pem(out.data, out.len, &public_key, &error), &error);
    fedigraft_buf_free(&out);
    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &instance, &error), &error);
    must(fedigraft_look_up(instance, NOW, FEDIGRAFT_STR("@bob@remote.example"), &exchange, &error), &error);

    nothing_to_free();
    all_null();
    null_with_a_length(&error);
    garbage(&error);
    absurd_lengths();
    full_buffer();
    unharmed(&error);

    fedigraft_exchange_free(exchange);
    fedigraft_instance_free(instance);
    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
    return 0;
}
