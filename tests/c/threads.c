/* Many threads on one instance and one key; two threads on one exchange. */

#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

#include "check.h"

#define THREADS 10
#define ROUNDS 25

static const char *KEY_ID = "https://remote.example/users/bob#main-key";
static const int64_t NOW = 1700000000;

static fedigraft_instance *instance;
static fedigraft_key *key;
static fedigraft_public_key *public_key;

/* Signs and verifies requests of its own with the handles that all threads share. */
static void *sign_and_verify(void *number)
{
    fedigraft_error *error = NULL;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        fedigraft_buf added = FEDIGRAFT_BUF_INIT, verdict = FEDIGRAFT_BUF_INIT;
        char body[64], head[2048];
        sprintf(body, "{\"id\":\"%d/%d\"}", *(const int *)number, round);
        must(fedigraft_request_sign(key, bytes_of(KEY_ID), strlen(KEY_ID), NOW,
                                    FEDIGRAFT_STR("{\"method\":\"POST\",\"target\":\"/ap/inbox\",\"headers\":["
                                                  "[\"Host\",\"chirp.example\"],[\"Content-Type\",\"text/plain\"]]}"),
                                    bytes_of(body), strlen(body), &added, &error), &error);
        CHECK(added.len < 1500);
        sprintf(head,
                "{\"method\":\"POST\",\"target\":\"/ap/inbox\",\"headers\":["
                "[\"Host\",\"chirp.example\"],[\"Content-Type\",\"text/plain\"],%.*s}",
                (int)added.len - 1, (const char *)added.data + 1);
        must(fedigraft_request_verify(instance, public_key, NOW, bytes_of(head), strlen(head),
                                      bytes_of(body), strlen(body), &verdict, &error), &error);
        CHECK(has(&verdict, "\"accepted\":true"));
        fedigraft_buf_free(&added);
        fedigraft_buf_free(&verdict);
    }
    return NULL;
}

static fedigraft_exchange *exchange;
static pthread_barrier_t start;
static char *long_answer;
static size_t long_answer_len;

/* Answers with so much that it takes a while to read. */
static void *answer_at_length(void *unused)
{
    (void)unused;
    pthread_barrier_wait(&start);
    CHECK(fedigraft_exchange_answer_load(exchange, 1, NOW, bytes_of(long_answer), long_answer_len, NULL)
          != FEDIGRAFT_OK);
    return NULL;
}

/* Two threads enter one exchange: the second one is told so and may try again. True when they met. */
static int meet_inside(void)
{
    fedigraft_error *error = NULL;
    pthread_t other;
    int attempt, met = 0;
    must(fedigraft_look_up(instance, NOW, FEDIGRAFT_STR("@bob@remote.example"), &exchange, &error), &error);
    CHECK(pthread_barrier_init(&start, NULL, 2) == 0);
    CHECK(pthread_create(&other, NULL, answer_at_length, NULL) == 0);
    pthread_barrier_wait(&start);
    for (attempt = 0; attempt < 100000 && !met; attempt++) {
        fedigraft_buf step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
        fedigraft_status status = fedigraft_exchange_step(exchange, &step, &body, &error);
        if (status == FEDIGRAFT_BUSY) {
            CHECK(fedigraft_error_is_retryable(error));
            met = 1;
        }
        fedigraft_error_free(error);
        error = NULL;
        fedigraft_buf_free(&step);
        fedigraft_buf_free(&body);
    }
    CHECK(pthread_join(other, NULL) == 0);
    pthread_barrier_destroy(&start);
    fedigraft_exchange_free(exchange);
    return met;
}

int main(void)
{
    fedigraft_error *error = NULL;
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    pthread_t threads[THREADS];
    int numbers[THREADS], i;

    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &instance, &error), &error);
    must(fedigraft_key_generate(&key, &error), &error);
    must(fedigraft_key_public_pem(key, &pem, &error), &error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), &error);
    fedigraft_buf_free(&pem);

    for (i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, sign_and_verify, &numbers[i]) == 0);
    }
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);

    long_answer_len = 8 * 1024 * 1024;
    long_answer = (char *)malloc(long_answer_len);
    CHECK(long_answer != NULL);
    memset(long_answer, ' ', long_answer_len);
    for (i = 0; i < 50 && !meet_inside(); i++)
        ;
    CHECK(i < 50);

    free(long_answer);
    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
    fedigraft_instance_free(instance);
    printf("%d threads shared a key; two met in one exchange and one was told to wait\n", THREADS);
    return 0;
}
