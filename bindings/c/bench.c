/* What a call costs in C, the figure that the bindings' own costs come on top of. Medians of nine rounds, the pairs
 * interleaved; printed, never judged. */

#define _POSIX_C_SOURCE 200809L
#include <fedigraft.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 9
#define HEAD "{\"method\":\"POST\",\"target\":\"/ap/inbox\",\"headers\":[[\"Host\",\"chirp.example\"]," \
             "[\"Content-Type\",\"application/activity+json\"]"

static const int64_t NOW = 1700000000;
static fedigraft_instance *instance;
static fedigraft_key *key;
static fedigraft_public_key *public_key;
static char signed_head[4096], body[2048];

static void must(fedigraft_status status, fedigraft_error *error)
{
    if (status != FEDIGRAFT_OK) {
        fprintf(stderr, "%s: %s\n", fedigraft_status_name(status), fedigraft_error_message(error));
        exit(2);
    }
}

static void nothing(void)
{
    if (fedigraft_abi_version() != FEDIGRAFT_ABI_VERSION)
        exit(2);
}

static void uri(void)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    must(fedigraft_instance_uri(instance, FEDIGRAFT_STR("actor"), FEDIGRAFT_STR("1"), &out, NULL), NULL);
    fedigraft_buf_free(&out);
}

static void sanitise(void)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    must(fedigraft_html_sanitise(FEDIGRAFT_STR("<p>hi</p>"), &out, NULL), NULL);
    fedigraft_buf_free(&out);
}

static void failure(void)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    if (fedigraft_post_read(FEDIGRAFT_STR("x"), &out, &error) == FEDIGRAFT_OK)
        exit(2);
    fedigraft_error_free(error);
}

static void raw_signature(void)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    must(fedigraft_key_sign(key, (const uint8_t *)body, 300, &out, NULL), NULL);
    fedigraft_buf_free(&out);
}

static void sign(void)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    must(fedigraft_request_sign(key, FEDIGRAFT_STR("https://remote.example/u/1#main-key"), NOW, FEDIGRAFT_STR(HEAD "]}"),
                                (const uint8_t *)body, strlen(body), &out, NULL), NULL);
    fedigraft_buf_free(&out);
}

static void verify(void)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    must(fedigraft_request_verify(instance, public_key, NOW, (const uint8_t *)signed_head, strlen(signed_head),
                                  (const uint8_t *)body, strlen(body), &out, NULL), NULL);
    fedigraft_buf_free(&out);
}

static const struct {
    const char *what;
    void (*one)(void);
    long times;
} WORK[] = {
    {"a call with nothing in or out", nothing, 1000000},
    {"bytes in, bytes out (instance_uri)", uri, 100000},
    {"bytes in, bytes out (html_sanitise)", sanitise, 20000},
    {"a failing call, its error freed", failure, 100000},
    {"RSA-2048 signature alone (key_sign)", raw_signature, 200},
    {"one delivery signed, 2 KB (request_sign)", sign, 200},
    {"one delivery verified, 2 KB (request_verify)", verify, 1000},
};
#define KINDS (sizeof WORK / sizeof WORK[0])

static double seconds(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static int by_size(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return a < b ? -1 : a > b;
}

/* Signs for one thread. */
static void *sign_many(void *unused)
{
    int i;
    (void)unused;
    for (i = 0; i < 1000; i++)
        sign();
    return NULL;
}

/* Signatures of `threads` threads in one second. */
static double rate(int threads)
{
    pthread_t running[16];
    double start = seconds();
    int i;
    for (i = 0; i < threads; i++)
        if (pthread_create(&running[i], NULL, sign_many, NULL) != 0)
            exit(2);
    for (i = 0; i < threads; i++)
        pthread_join(running[i], NULL);
    return threads * 1000 / (seconds() - start);
}

int main(void)
{
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT, added = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    double took[KINDS][ROUNDS], one[ROUNDS], two[ROUNDS], ten[ROUNDS];
    size_t kind;
    int round;
    long i;

    must(fedigraft_instance_new(FEDIGRAFT_STR("{\"origin\":\"https://chirp.example\"}"), &instance, &error), error);
    must(fedigraft_key_generate(&key, &error), error);
    must(fedigraft_key_public_pem(key, &pem, &error), error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), error);
    memset(body, 'x', sizeof body - 1);
    must(fedigraft_request_sign(key, FEDIGRAFT_STR("https://remote.example/u/1#main-key"), NOW, FEDIGRAFT_STR(HEAD "]}"),
                                (const uint8_t *)body, strlen(body), &added, &error), error);
    snprintf(signed_head, sizeof signed_head, HEAD ",%.*s}", (int)added.len - 1, (const char *)added.data + 1);

    for (round = 0; round < ROUNDS; round++) {
        for (kind = 0; kind < KINDS; kind++) {
            double start = seconds();
            for (i = 0; i < WORK[kind].times; i++)
                WORK[kind].one();
            took[kind][round] = (seconds() - start) / (double)WORK[kind].times;
        }
        one[round] = rate(1);
        two[round] = rate(2);
        ten[round] = rate(10);
    }
    for (kind = 0; kind < KINDS; kind++) {
        qsort(took[kind], ROUNDS, sizeof(double), by_size);
        printf("%-46s %10.3f µs\n", WORK[kind].what, took[kind][ROUNDS / 2] * 1e6);
    }
    qsort(one, ROUNDS, sizeof(double), by_size);
    qsort(two, ROUNDS, sizeof(double), by_size);
    qsort(ten, ROUNDS, sizeof(double), by_size);
    printf("%-46s %10.0f /s, two %.2f times, ten %.2f times that\n", "deliveries signed by one thread", one[ROUNDS / 2],
           two[ROUNDS / 2] / one[ROUNDS / 2], ten[ROUNDS / 2] / one[ROUNDS / 2]);

    fedigraft_buf_free(&pem);
    fedigraft_buf_free(&added);
    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
    fedigraft_instance_free(instance);
    return 0;
}
