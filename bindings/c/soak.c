/* Does the same things very often and prints the memory the process holds: after a warm-up and at the end. Ends with 1
 * when it grew by 2 MiB or more.
 *
 *     soak [--scale 1]     1 is ten million cheap calls, 100,000 signatures and 100,000 whole exchanges */

#define _POSIX_C_SOURCE 200809L
#include <fedigraft.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_GROWTH (2L * 1024 * 1024)
#define HEAD "{\"method\":\"POST\",\"target\":\"/ap/inbox\",\"headers\":[[\"Host\",\"chirp.example\"]," \
             "[\"Content-Type\",\"application/activity+json\"]"

static const int64_t NOW = 1700000000;
static const char CONFIG[] =
    "{\"origin\":\"https://chirp.example\",\"loads\":[\"profile\",\"post\",\"posts\",\"key\",\"activity\",\"follow\","
    "\"followers\",\"following\",\"local_followers\",\"inboxes\",\"remote_actor\",\"remote_post\",\"remote_key\",\"once\","
    "\"blocked\",\"origin\",\"tombstone\"]}";
static const char ANN[] = "[{\"value\":{\"id\":\"1\",\"username\":\"ann\",\"federated\":true}}]";

static fedigraft_instance *instance;
static fedigraft_key *key;
static fedigraft_public_key *public_key;

static void must(fedigraft_status status, fedigraft_error *error)
{
    if (status != FEDIGRAFT_OK) {
        fprintf(stderr, "%s: %s\n", fedigraft_status_name(status), fedigraft_error_message(error));
        exit(2);
    }
}

/* Bytes in, bytes out; every tenth call fails and makes an error. */
static void cheap(long i)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    char id[24];
    if (i % 10 == 0) {
        if (fedigraft_post_read(FEDIGRAFT_STR("no json"), &out, &error) != FEDIGRAFT_MALFORMED)
            exit(2);
        fedigraft_error_free(error);
        return;
    }
    snprintf(id, sizeof id, "%ld", i);
    must(fedigraft_instance_uri(instance, FEDIGRAFT_STR("actor"), (const uint8_t *)id, strlen(id), &out, &error), error);
    fedigraft_buf_free(&out);
}

/* Signs a request and verifies it. */
static void signature(long i)
{
    fedigraft_buf added = FEDIGRAFT_BUF_INIT, verdict = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    char body[32], head[4096];
    snprintf(body, sizeof body, "{\"id\":%ld}", i);
    must(fedigraft_request_sign(key, FEDIGRAFT_STR("https://remote.example/u/1#main-key"), NOW, FEDIGRAFT_STR(HEAD "]}"),
                                (const uint8_t *)body, strlen(body), &added, &error), error);
    snprintf(head, sizeof head, HEAD ",%.*s}", (int)added.len - 1, (const char *)added.data + 1);
    must(fedigraft_request_verify(instance, public_key, NOW, (const uint8_t *)head, strlen(head), (const uint8_t *)body,
                                  strlen(body), &verdict, &error), error);
    fedigraft_buf_free(&added);
    fedigraft_buf_free(&verdict);
}

/* A whole exchange: WebFinger is asked, the profile loaded, the answer given. Every tenth is given up half-way. */
static void exchange(long i)
{
    fedigraft_exchange *begun = NULL;
    fedigraft_error *error = NULL;
    fedigraft_buf step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    must(fedigraft_receive(instance, NOW, FEDIGRAFT_STR("{\"method\":\"GET\",\"target\":\"/.well-known/webfinger?resource="
                           "acct:ann@chirp.example\",\"headers\":[[\"Host\",\"chirp.example\"]],\"client\":null}"), NULL, 0,
                           &begun, &error), error);
    must(fedigraft_exchange_step(begun, &step, &body, &error), error);
    fedigraft_buf_free(&step);
    if (i % 10 != 0) {
        must(fedigraft_exchange_answer_load(begun, 1, NOW, (const uint8_t *)ANN, strlen(ANN), &error), error);
        must(fedigraft_exchange_step(begun, &step, &body, &error), error);
        if (body.len == 0)
            exit(2);
    }
    fedigraft_buf_free(&step);
    fedigraft_buf_free(&body);
    fedigraft_exchange_free(begun);
}

/* The memory this process holds, in bytes (proc(5)). */
static long resident(void)
{
    long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &all, &pages) != 2)
        exit(2);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void many(const char *what, void (*one)(long), long times)
{
    struct timespec start, end;
    long i;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < times; i++)
        one(i);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%10ld %-12s %8.1f s   %ld KiB\n", times, what,
           (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9, resident() / 1024);
    fflush(stdout);
}

static void all(double scale)
{
    many("cheap calls", cheap, (long)(10e6 * scale));
    many("signatures", signature, (long)(100e3 * scale));
    many("exchanges", exchange, (long)(100e3 * scale));
}

int main(int count, char **words)
{
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    double scale = count == 3 && strcmp(words[1], "--scale") == 0 ? atof(words[2]) : count == 1 ? 1 : 0;
    long before, grown;
    if (scale <= 0) {
        fprintf(stderr, "usage: soak [--scale 1]\n");
        return 2;
    }
    must(fedigraft_instance_new((const uint8_t *)CONFIG, strlen(CONFIG), &instance, &error), error);
    must(fedigraft_key_generate(&key, &error), error);
    must(fedigraft_key_public_pem(key, &pem, &error), error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), error);
    fedigraft_buf_free(&pem);

    all(0.01);
    before = resident();
    printf("after the warm-up: %ld KiB\n", before / 1024);
    all(scale);
    grown = resident() - before;
    printf("grown by %ld KiB (allowed: less than %ld)\n", grown / 1024, MOST_GROWTH / 1024);

    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
    fedigraft_instance_free(instance);
    return grown < MOST_GROWTH ? 0 : 1;
}
