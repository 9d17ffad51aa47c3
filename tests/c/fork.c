/* fork() after the library was used, as servers do that load an application once and then fork their workers: handles
 * made before serve every child, and an exchange that was begun before goes on in each child by itself.
 *
 * A process that has other threads inside the library at that moment does what POSIX forbids; still its children are not
 * ended by an assertion of AWS-LC (`blindings_inuse`), as a key notices that its process is another one. */

#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define CHILDREN 4
#define ROUNDS 20

static const int64_t NOW = 1700000000;
static fedigraft_instance *instance;
static fedigraft_key *key;
static fedigraft_public_key *public_key;
static fedigraft_buf expected = FEDIGRAFT_BUF_INIT;
static volatile int stop;

/* Keeps the library busy while the process forks. */
static void *busy(void *unused)
{
    (void)unused;
    while (!stop) {
        fedigraft_buf out = FEDIGRAFT_BUF_INIT;
        must(fedigraft_html_sanitise(FEDIGRAFT_STR("<p>hello <b>you</b></p>"), &out, NULL), NULL);
        fedigraft_buf_free(&out);
        must(fedigraft_key_sign(key, FEDIGRAFT_STR("busy"), &out, NULL), NULL);
        fedigraft_buf_free(&out);
    }
    return NULL;
}

/* What a worker does: signs, fails, makes handles of its own, goes on with what was begun before. */
static void work(fedigraft_exchange *begun)
{
    fedigraft_error *error = NULL;
    fedigraft_buf out = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    fedigraft_instance *own = NULL;
    fedigraft_exchange *exchange = NULL;
    fedigraft_key *made = NULL;

    must(fedigraft_key_sign(key, FEDIGRAFT_STR("the same bytes"), &out, &error), &error);
    CHECK(out.len == expected.len && memcmp(out.data, expected.data, out.len) == 0);
    fedigraft_buf_free(&out);

    must(fedigraft_exchange_step(begun, &out, &body, &error), &error);
    CHECK(has(&out, "\"load\""));
    fedigraft_buf_free(&out);
    must(fedigraft_exchange_answer_failed(begun, 1, NOW, FEDIGRAFT_STR("no database"), 1, &error), &error);
    CHECK(fedigraft_exchange_step(begun, &out, &body, &error) != FEDIGRAFT_OK);
    CHECK(fedigraft_error_is_retryable(error));
    fedigraft_error_free(error);
    error = NULL;

    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &own, &error), &error);
    must(fedigraft_look_up(own, NOW, FEDIGRAFT_STR("@ann@chirp.example"), &exchange, &error), &error);
    must(fedigraft_key_generate(&made, &error), &error);
    CHECK(fedigraft_post_read(FEDIGRAFT_STR("no json"), &out, &error) == FEDIGRAFT_MALFORMED);
    fedigraft_error_free(error);
    fedigraft_key_free(made);
    fedigraft_exchange_free(exchange);
    fedigraft_instance_free(own);
}

static void free_all(fedigraft_exchange *begun)
{
    fedigraft_exchange_free(begun);
    fedigraft_buf_free(&expected);
    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
    fedigraft_instance_free(instance);
}

int main(void)
{
    fedigraft_error *error = NULL;
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    fedigraft_exchange *begun = NULL;
    pthread_t thread;
    int round, waited = 0, i;

    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &instance, &error), &error);
    must(fedigraft_key_generate(&key, &error), &error);
    must(fedigraft_key_public_pem(key, &pem, &error), &error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), &error);
    must(fedigraft_key_sign(key, FEDIGRAFT_STR("the same bytes"), &expected, &error), &error);
    must(fedigraft_look_up(instance, NOW, FEDIGRAFT_STR("@bob@remote.example"), &begun, &error), &error);
    fedigraft_buf_free(&pem);

    /* As prefork servers do: no other thread yet. Each child frees what it inherited, as the parent does. */
    for (i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            work(begun);
            free_all(begun);
            exit(0);
        }
    }
    for (i = 0; i < CHILDREN; i++) {
        int status;
        CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }

    /* While another thread is inside. A lock of AWS-LC's random generator may be held for good then, about once in two
     * thousand times: the child's alarm ends it. Nothing else may. */
    CHECK(pthread_create(&thread, NULL, busy, NULL) == 0);
    for (round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        int status;
        CHECK(child >= 0);
        if (child == 0) {
            fedigraft_buf out = FEDIGRAFT_BUF_INIT;
            alarm(5);
            must(fedigraft_key_sign(key, FEDIGRAFT_STR("the same bytes"), &out, &error), &error);
            _exit(out.len == expected.len && memcmp(out.data, expected.data, out.len) == 0 ? 0 : 1);
        }
        CHECK(waitpid(child, &status, 0) == child);
        waited += WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
        CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM));
        CHECK(waited <= 2);
    }
    stop = 1;
    CHECK(pthread_join(thread, NULL) == 0);

    work(begun);
    free_all(begun);
    printf("%d workers shared what was made before the fork\n", CHILDREN + ROUNDS);
    return 0;
}
