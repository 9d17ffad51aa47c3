/* Verifies a received request with the sender's public key, and lets the library explain a refusal. */

#include "check.h"

static const char *BODY = "{\"type\":\"Like\"}";
static const char *FORGED = "{\"type\":\"Lick\"}";
static const char *KEY_ID = "https://remote.example/users/bob#main-key";
static const int64_t NOW = 1700000000;

/* The head of a request as the server received it: the given one with `added` headers, JSON [[name,value],...]. */
static char *received_head(const fedigraft_buf *added)
{
    static const char *start =
        "{\"method\":\"POST\",\"target\":\"/ap/inbox\",\"client\":\"203.0.113.9\",\"headers\":["
        "[\"Host\",\"chirp.example\"],[\"Content-Type\",\"application/activity+json\"],";
    char *head = (char *)malloc(strlen(start) + added->len + 2);
    CHECK(head != NULL);
    sprintf(head, "%s%.*s}", start, (int)added->len - 1, (const char *)added->data + 1);
    return head;
}

int main(void)
{
    fedigraft_error *error = NULL;
    fedigraft_key *key = NULL;
    fedigraft_public_key *public_key = NULL;
    fedigraft_instance *instance = NULL;
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT, added = FEDIGRAFT_BUF_INIT, answer = FEDIGRAFT_BUF_INIT;
    char *head;

    must(fedigraft_instance_new(FEDIGRAFT_STR("{\"origin\":\"https://chirp.example\"}"), &instance, &error), &error);

    /* The sender, somewhere else, signs a delivery to this server. */
    must(fedigraft_key_generate(&key, &error), &error);
    must(fedigraft_request_sign(key, bytes_of(KEY_ID), strlen(KEY_ID), NOW,
                                FEDIGRAFT_STR("{\"method\":\"POST\",\"target\":\"/ap/inbox\",\"headers\":["
                                              "[\"Host\",\"chirp.example\"],"
                                              "[\"Content-Type\",\"application/activity+json\"]]}"),
                                bytes_of(BODY), strlen(BODY), &added, &error), &error);
    head = received_head(&added);

    /* Which key to fetch? */
    must(fedigraft_request_key_id(bytes_of(head), strlen(head), &answer, &error), &error);
    CHECK(has(&answer, "\"key_id\":\"https://remote.example/users/bob#main-key\""));
    fedigraft_buf_free(&answer);

    must(fedigraft_key_public_pem(key, &pem, &error), &error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), &error);

    must(fedigraft_request_verify(instance, public_key, NOW + 5, bytes_of(head), strlen(head),
                                  bytes_of(BODY), strlen(BODY), &answer, &error), &error);
    CHECK(has(&answer, "\"accepted\":true"));
    fedigraft_buf_free(&answer);

    /* One letter of the body is changed: the call is OK, the verdict says no. */
    must(fedigraft_request_verify(instance, public_key, NOW + 5, bytes_of(head), strlen(head),
                                  bytes_of(FORGED), strlen(FORGED), &answer, &error), &error);
    CHECK(has(&answer, "\"accepted\":false"));
    CHECK(has(&answer, "\"code\":\"digest_mismatch\""));
    CHECK(!has(&answer, "evidence"));
    fedigraft_buf_free(&answer);

    /* A day later, for the operator: every rule, what was seen and what was expected. */
    must(fedigraft_request_explain(instance, public_key, NOW + 86400, bytes_of(head), strlen(head),
                                   bytes_of(BODY), strlen(BODY), &answer, &error), &error);
    CHECK(has(&answer, "\"accepted\":false"));
    CHECK(has(&answer, "\"signature_base\":\"(request-target): post /ap/inbox\\nhost: chirp.example\\n"));
    CHECK(has(&answer, "\"likely_cause\""));
    printf("%.*s\n", (int)answer.len, (const char *)answer.data);

    free(head);
    fedigraft_buf_free(&answer);
    fedigraft_buf_free(&added);
    fedigraft_buf_free(&pem);
    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
    fedigraft_instance_free(instance);
    return 0;
}
