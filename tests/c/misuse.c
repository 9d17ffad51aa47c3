/* What callers in C get wrong, one after the other: freeing twice, reusing a buffer that is full, no error wanted, an
 * answer at the wrong time, an exchange given up at any point. A status each time, never a leak or a crash; this program
 * runs under the sanitizers and under valgrind too. */

#include "check.h"

static const int64_t NOW = 1700000000;
static fedigraft_instance *instance;

/* A buffer may be freed any number of times. One that is full is refused, so that a loop cannot leak. */
static void buffers(void)
{
    fedigraft_buf buf = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    const uint8_t *data;
    size_t len;
    must(fedigraft_html_sanitise(FEDIGRAFT_STR("<p>one</p>"), &buf, &error), &error);
    data = buf.data;
    len = buf.len;
    CHECK(fedigraft_html_sanitise(FEDIGRAFT_STR("<p>two</p>"), &buf, &error) == FEDIGRAFT_INVALID_ARGUMENT);
    CHECK(buf.data == data && buf.len == len && has(&buf, "<p>one</p>"));
    CHECK(strstr(fedigraft_error_detail(error), "\"at\":\"out\"") != NULL);
    fedigraft_error_free(error);
    fedigraft_buf_free(&buf);
    CHECK(buf.data == NULL && buf.len == 0);
    fedigraft_buf_free(&buf);
    fedigraft_buf_free(&buf);
    must(fedigraft_html_sanitise(FEDIGRAFT_STR("<p>three</p>"), &buf, NULL), NULL);
    fedigraft_buf_free(&buf);
    /* Nothing at all is a result too. */
    must(fedigraft_html_sanitise(NULL, 0, &buf, NULL), NULL);
    CHECK(buf.data == NULL && buf.len == 0);
}

/* Nobody has to want an error, and nothing is written when a call fails. */
static void errors(void)
{
    fedigraft_buf buf = FEDIGRAFT_BUF_INIT;
    fedigraft_key *key = NULL;
    fedigraft_instance *none = NULL;
    fedigraft_exchange *exchange = NULL;
    fedigraft_error *error = NULL;
    char detail[512];
    CHECK(fedigraft_post_read(FEDIGRAFT_STR("{"), &buf, NULL) == FEDIGRAFT_MALFORMED && buf.data == NULL);
    CHECK(fedigraft_key_from_pem(FEDIGRAFT_STR("no key"), &key, NULL) == FEDIGRAFT_MALFORMED && key == NULL);
    CHECK(fedigraft_instance_new(FEDIGRAFT_STR("{}"), &none, NULL) != FEDIGRAFT_OK && none == NULL);
    CHECK(fedigraft_resume(instance, NOW, FEDIGRAFT_STR("{}"), &exchange, NULL) != FEDIGRAFT_OK && exchange == NULL);
    /* What an error says lives as long as the error, and the error outlives the call's arguments. */
    CHECK(fedigraft_post_read(FEDIGRAFT_STR("["), &buf, &error) == FEDIGRAFT_MALFORMED);
    CHECK(strlen(fedigraft_error_detail(error)) < sizeof detail);
    strcpy(detail, fedigraft_error_detail(error));
    CHECK(strcmp(detail, fedigraft_error_detail(error)) == 0 && fedigraft_error_code(error) == FEDIGRAFT_MALFORMED);
    /* A call that goes well leaves an old error alone. */
    must(fedigraft_html_to_text(FEDIGRAFT_STR("<p>x</p>"), &buf, &error), &error);
    CHECK(strcmp(detail, fedigraft_error_detail(error)) == 0);
    fedigraft_buf_free(&buf);
    fedigraft_error_free(error);
}

/* The handle is gone, what was begun with it goes on. */
static void exchange_outlives_instance(void)
{
    fedigraft_instance *own = NULL;
    fedigraft_exchange *exchange = NULL;
    fedigraft_buf step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &own, NULL), NULL);
    must(fedigraft_look_up(own, NOW, FEDIGRAFT_STR("@ann@chirp.example"), &exchange, NULL), NULL);
    fedigraft_instance_free(own);
    must(fedigraft_exchange_step(exchange, &step, &body, NULL), NULL);
    CHECK(has(&step, "@ann"));
    fedigraft_buf_free(&step);
    fedigraft_exchange_free(exchange);
}

/* WebFinger for Ann: a load, then the end. */
static fedigraft_exchange *begin(void)
{
    fedigraft_exchange *exchange = NULL;
    fedigraft_error *error = NULL;
    must(fedigraft_receive(instance, NOW, FEDIGRAFT_STR("{\"method\":\"GET\",\"target\":"
                           "\"/.well-known/webfinger?resource=acct:ann@chirp.example\",\"headers\":[[\"Host\","
                           "\"chirp.example\"]],\"client\":null}"), NULL, 0, &exchange, &error), &error);
    return exchange;
}

static const char *ANN = "[{\"value\":{\"id\":\"1\",\"username\":\"ann\",\"federated\":true}}]";

/* What is asked next must hold the text. */
static void asks(fedigraft_exchange *exchange, const char *text)
{
    fedigraft_buf step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    fedigraft_error *error = NULL;
    must(fedigraft_exchange_step(exchange, &step, &body, &error), &error);
    CHECK(has(&step, text));
    fedigraft_buf_free(&step);
    fedigraft_buf_free(&body);
}

/* An answer to another step, of another kind, or twice: refused, and the exchange stands where it stood. */
static void answers_at_the_wrong_time(void)
{
    fedigraft_exchange *exchange = begin();
    asks(exchange, "{\"step\":1,\"load\":");
    asks(exchange, "{\"step\":1,\"load\":");
    CHECK(fedigraft_exchange_answer_load(exchange, 0, NOW, bytes_of(ANN), strlen(ANN), NULL) == FEDIGRAFT_OUT_OF_STEP);
    CHECK(fedigraft_exchange_answer_load(exchange, 2, NOW, bytes_of(ANN), strlen(ANN), NULL) == FEDIGRAFT_OUT_OF_STEP);
    CHECK(fedigraft_exchange_answer_sign(exchange, 1, NOW, FEDIGRAFT_STR("x"), NULL) == FEDIGRAFT_OUT_OF_STEP);
    CHECK(fedigraft_exchange_answer_fetch(exchange, 1, NOW, FEDIGRAFT_STR("{\"url\":\"https://a.example/\",\"status\":200,"
          "\"headers\":[],\"address\":\"1.1.1.1\"}"), NULL, 0, NULL) == FEDIGRAFT_OUT_OF_STEP);
    asks(exchange, "{\"step\":1,\"load\":");
    must(fedigraft_exchange_answer_load(exchange, 1, NOW, bytes_of(ANN), strlen(ANN), NULL), NULL);
    CHECK(fedigraft_exchange_answer_load(exchange, 1, NOW, bytes_of(ANN), strlen(ANN), NULL) == FEDIGRAFT_OUT_OF_STEP);
    asks(exchange, "\"done\"");
    asks(exchange, "\"done\"");
    CHECK(fedigraft_exchange_answer_failed(exchange, 2, NOW, FEDIGRAFT_STR("x"), 0, NULL) == FEDIGRAFT_OUT_OF_STEP);
    fedigraft_exchange_free(exchange);
}

/* Given up at any point: nothing has happened, nothing is held. */
static void freed_in_the_middle(void)
{
    fedigraft_exchange *exchange = begin();
    fedigraft_exchange_free(exchange);
    exchange = begin();
    asks(exchange, "load");
    fedigraft_exchange_free(exchange);
    exchange = begin();
    must(fedigraft_exchange_answer_load(exchange, 1, NOW, bytes_of(ANN), strlen(ANN), NULL), NULL);
    fedigraft_exchange_free(exchange);
    exchange = begin();
    must(fedigraft_exchange_answer_failed(exchange, 1, NOW, FEDIGRAFT_STR("no database"), 1, NULL), NULL);
    fedigraft_exchange_free(exchange);
}

/* The step's buffers are refused when they are full, and neither is written then. */
static void step_with_full_buffers(void)
{
    fedigraft_exchange *exchange = begin();
    fedigraft_buf step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    must(fedigraft_exchange_step(exchange, &step, &body, NULL), NULL);
    CHECK(fedigraft_exchange_step(exchange, &step, &body, NULL) == FEDIGRAFT_INVALID_ARGUMENT);
    CHECK(fedigraft_exchange_step(exchange, &body, &step, NULL) == FEDIGRAFT_INVALID_ARGUMENT && body.data == NULL);
    fedigraft_buf_free(&step);
    fedigraft_exchange_free(exchange);
}

int main(void)
{
    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &instance, NULL), NULL);
    buffers();
    errors();
    exchange_outlives_instance();
    answers_at_the_wrong_time();
    freed_in_the_middle();
    step_with_full_buffers();
    fedigraft_instance_free(instance);
    printf("every mistake was told\n");
    return 0;
}
