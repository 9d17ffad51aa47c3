/* Signs one delivery: make or read a key, sign the request, add the headers it gives. */

#include "check.h"

static const char *HEAD =
    "{\"method\":\"POST\",\"target\":\"/inbox\",\"headers\":["
    "[\"Host\",\"remote.example\"],[\"Content-Type\",\"application/activity+json\"]]}";
static const char *BODY = "{\"type\":\"Follow\"}";
static const char *KEY_ID = "https://chirp.example/ap/users/1#main-key";

int main(void)
{
    fedigraft_error *error = NULL;
    fedigraft_key *made = NULL, *key = NULL;
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT, headers = FEDIGRAFT_BUF_INIT, again = FEDIGRAFT_BUF_INIT;

    CHECK(fedigraft_abi_version() == FEDIGRAFT_ABI_VERSION);
    CHECK(strcmp(fedigraft_version(), FEDIGRAFT_VERSION) == 0);

    /* A key is made once, kept as PEM and read when the server starts. */
    must(fedigraft_key_generate(&made, &error), &error);
    must(fedigraft_key_to_pem(made, &pem, &error), &error);
    CHECK(has(&pem, "BEGIN PRIVATE KEY"));
    must(fedigraft_key_from_pem(pem.data, pem.len, &key, &error), &error);
    fedigraft_buf_free(&pem); /* wipes it */

    must(fedigraft_request_sign(key, bytes_of(KEY_ID), strlen(KEY_ID), 1700000000,
                                bytes_of(HEAD), strlen(HEAD), bytes_of(BODY), strlen(BODY),
                                &headers, &error), &error);
    CHECK(has(&headers, "[\"Date\",\"Tue, 14 Nov 2023 22:13:20 GMT\"]"));
    CHECK(has(&headers, "[\"Digest\",\"SHA-256="));
    CHECK(has(&headers, "keyId=\\\"https://chirp.example/ap/users/1#main-key\\\""));
    printf("%.*s\n", (int)headers.len, (const char *)headers.data);

    /* The same input gives the same signature. */
    must(fedigraft_request_sign(key, bytes_of(KEY_ID), strlen(KEY_ID), 1700000000,
                                bytes_of(HEAD), strlen(HEAD), bytes_of(BODY), strlen(BODY),
                                &again, &error), &error);
    CHECK(again.len == headers.len && memcmp(again.data, headers.data, again.len) == 0);

    /* What is wrong is said in words, and nothing is written. */
    fedigraft_buf_free(&again);
    CHECK(fedigraft_request_sign(key, bytes_of(KEY_ID), strlen(KEY_ID), 1700000000,
                                 FEDIGRAFT_STR("{\"method\":\"POST\"}"), NULL, 0, &again, &error)
          == FEDIGRAFT_INVALID_ARGUMENT);
    CHECK(again.data == NULL && error != NULL);
    CHECK(fedigraft_error_code(error) == FEDIGRAFT_INVALID_ARGUMENT);
    CHECK(!fedigraft_error_is_retryable(error));
    printf("%s\n%s\n", fedigraft_error_message(error), fedigraft_error_detail(error));

    fedigraft_error_free(error);
    fedigraft_buf_free(&headers);
    fedigraft_key_free(made);
    fedigraft_key_free(key);
    return 0;
}
