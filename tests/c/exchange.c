/* A whole follow, from the host's side: Bob of remote.example follows Ann of chirp.example, and gets his Accept.
 *
 * The program is chirp's host: it answers what the library loads from a small table, makes the requests it asks for
 * (remote.example is played by a second instance in this same program), signs with chirp's key, and commits each
 * "done". A real host does the same with its database, its HTTP client and its queue. */

#include "json.h"

static const int64_t NOW = 1700000000;
static const char *ANN =
    "{\"id\":\"1\",\"username\":\"ann\",\"display_name\":\"Ann\",\"federated\":true}";
static const char *BOB =
    "{\"id\":\"bob\",\"username\":\"bob\",\"display_name\":\"Bob\",\"federated\":true}";
static const char *BOB_URI = "https://remote.example/ap/users/bob";
static const char *BOB_KEY = "https://remote.example/ap/users/bob#main-key";
static const char *FOLLOW =
    "{\"@context\":\"https://www.w3.org/ns/activitystreams\","
    "\"id\":\"https://remote.example/ap/activities/f1\",\"type\":\"Follow\","
    "\"actor\":\"https://remote.example/ap/users/bob\","
    "\"object\":\"https://chirp.example/ap/users/1\"}";

static fedigraft_error *error;

/* ---- remote.example, somewhere else --------------------------------------------------------------------------- */

static fedigraft_instance *remote;
static fedigraft_key *remote_key;
static int accepts_received;

/* Bob's actor document. */
static void bobs_document(fedigraft_buf *out)
{
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    fedigraft_public_key *public_key = NULL;
    must(fedigraft_key_public_pem(remote_key, &pem, &error), &error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), &error);
    must(fedigraft_profile_render(remote, bytes_of(BOB), strlen(BOB), public_key, out, &error), &error);
    fedigraft_public_key_free(public_key);
    fedigraft_buf_free(&pem);
}

/* Chirp's signature, checked by remote.example. */
static void check_signature(json fetch, const fedigraft_buf *body, fedigraft_public_key *signer)
{
    static const char *origin = "https://remote.example";
    fedigraft_buf verdict = FEDIGRAFT_BUF_INIT;
    char *method = json_copy(json_member(fetch, "method"));
    char *url = json_text(json_member(fetch, "url"));
    char *headers = json_copy(json_member(fetch, "headers"));
    char *head = (char *)malloc(strlen(method) + strlen(url) + strlen(headers) + 64);
    CHECK(head != NULL && strncmp(url, origin, strlen(origin)) == 0);
    sprintf(head, "{\"method\":%s,\"target\":\"%s\",\"headers\":%s}", method, url + strlen(origin), headers);
    must(fedigraft_request_verify(remote, signer, NOW, bytes_of(head), strlen(head), body->data, body->len,
                                  &verdict, &error), &error);
    CHECK(has(&verdict, "\"accepted\":true"));
    fedigraft_buf_free(&verdict);
    free(method);
    free(url);
    free(headers);
    free(head);
}

/* ---- chirp.example: what its host keeps ----------------------------------------------------------------------- */

static fedigraft_instance *chirp;
static fedigraft_key *chirp_key; /* one for Ann and one for the instance actor would be usual */
static fedigraft_public_key *chirp_public_key;

/* One row of the library's own table. */
static struct {
    char *name, *key, *value;
} rows[32];
static size_t row_count;

static void put(json entry)
{
    CHECK(row_count < sizeof rows / sizeof rows[0]);
    rows[row_count].name = json_text(json_member(entry, "name"));
    rows[row_count].key = json_text(json_member(entry, "key"));
    rows[row_count].value = json_copy(json_member(entry, "value"));
    row_count++;
}

/* What the host answers for a name and a key, newest first; NULL when there is none. */
static const char *row(const char *name, const char *key)
{
    size_t i;
    for (i = row_count; i-- > 0;)
        if (strcmp(rows[i].name, name) == 0 && strcmp(rows[i].key, key) == 0)
            return rows[i].value;
    return strcmp(name, "profile") == 0 && strcmp(key, "1") == 0 ? ANN : NULL;
}

/* ---- chirp.example: one function for each kind of step --------------------------------------------------------- */

static void answer_load(fedigraft_exchange *exchange, uint32_t number, json wants)
{
    char *values = (char *)calloc(1, 65536);
    json want;
    size_t i;
    CHECK(values != NULL);
    strcat(values, "[");
    for (i = 0; want = json_element(wants, i), want.at != NULL; i++) {
        char *name = json_text(json_member(want, "name")), *key = json_text(json_member(want, "key"));
        const char *value = row(name, key);
        CHECK(value == NULL || strlen(values) + strlen(value) < 65000);
        printf("  load %s %s: %s\n", name, key, value != NULL ? "found" : "none");
        sprintf(values + strlen(values), value != NULL ? "%s{\"value\":%s}" : "%snull", i > 0 ? "," : "", value);
        free(name);
        free(key);
    }
    strcat(values, "]");
    must(fedigraft_exchange_answer_load(exchange, number, NOW, bytes_of(values), strlen(values), &error), &error);
    free(values);
}

static void answer_sign(fedigraft_exchange *exchange, uint32_t number, json sign)
{
    fedigraft_buf signature = FEDIGRAFT_BUF_INIT;
    json encoded = json_member(sign, "bytes");
    unsigned char *bytes = (unsigned char *)malloc(encoded.len);
    size_t len;
    CHECK(bytes != NULL);
    len = json_base64(encoded, bytes);
    printf("  sign %d bytes for %.*s\n", (int)len, (int)json_member(sign, "actor").len, json_member(sign, "actor").at);
    must(fedigraft_key_sign(chirp_key, bytes, len, &signature, &error), &error);
    must(fedigraft_exchange_answer_sign(exchange, number, NOW, signature.data, signature.len, &error), &error);
    fedigraft_buf_free(&signature);
    free(bytes);
}

/* Makes the request: here, by asking the other half of this program. */
static void answer_fetch(fedigraft_exchange *exchange, uint32_t number, json fetch, const fedigraft_buf *body)
{
    static const char *document = "200,\"headers\":[[\"Content-Type\",\"application/activity+json\"]]";
    fedigraft_buf answer = FEDIGRAFT_BUF_INIT;
    char *url = json_text(json_member(fetch, "url")), *head = (char *)malloc(strlen(url) + 256);
    int is_post = json_is(json_member(fetch, "method"), "\"POST\"");
    CHECK(head != NULL);
    printf("  fetch %s %s\n", is_post ? "POST" : "GET", url);
    check_signature(fetch, body, chirp_public_key);
    if (is_post) {
        CHECK(has(body, "\"type\":\"Accept\"") && has(body, "https://remote.example/ap/activities/f1"));
        accepts_received++;
    } else {
        CHECK(strcmp(url, BOB_URI) == 0);
        bobs_document(&answer);
    }
    sprintf(head, "{\"url\":\"%s\",\"address\":\"1.1.1.1\",\"status\":%s}", url, is_post ? "202" : document);
    must(fedigraft_exchange_answer_fetch(exchange, number, NOW, bytes_of(head), strlen(head),
                                         answer.data, answer.len, &error), &error);
    fedigraft_buf_free(&answer);
    free(url);
    free(head);
}

/* Runs an exchange to its end and commits what it came to. Gives the "done"; free it with free(). */
static char *run(fedigraft_exchange *exchange)
{
    for (;;) {
        fedigraft_buf step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
        json whole, load, fetch, sign, done, entry;
        uint32_t number;
        char *text, *end = NULL;
        size_t i;

        must(fedigraft_exchange_step(exchange, &step, &body, &error), &error);
        text = copy_text(&step);
        whole.at = text;
        whole.len = strlen(text);
        number = (uint32_t)strtoul(json_member(whole, "step").at, NULL, 10);
        load = json_member(whole, "load");
        fetch = json_member(whole, "fetch");
        sign = json_member(whole, "sign");
        done = json_member(whole, "done");

        if (load.at != NULL) {
            answer_load(exchange, number, load);
        } else if (fetch.at != NULL) {
            answer_fetch(exchange, number, fetch, &body);
        } else if (sign.at != NULL) {
            answer_sign(exchange, number, sign);
        } else {
            /* One transaction in a real host; the response leaves after it. */
            json entries = json_member(done, "store");
            for (i = 0; entry = json_element(entries, i), entry.at != NULL; i++)
                if (strncmp(json_member(entry, "op").at, "\"put", 4) == 0)
                    put(entry);
            end = json_copy(done);
        }
        free(text);
        fedigraft_buf_free(&step);
        fedigraft_buf_free(&body);
        if (end != NULL) {
            fedigraft_exchange_free(exchange);
            return end;
        }
    }
}

/* ---- the story ------------------------------------------------------------------------------------------------- */

/* Bob's Follow as chirp's server receives it, signed by remote.example. */
static char *bobs_request(void)
{
    static const char *unsigned_head =
        "{\"method\":\"POST\",\"target\":\"/ap/users/1/inbox\",\"client\":\"203.0.113.9\",\"headers\":["
        "[\"Host\",\"chirp.example\"],[\"Content-Type\",\"application/activity+json\"]";
    fedigraft_buf added = FEDIGRAFT_BUF_INIT;
    char *head = (char *)malloc(4096);
    CHECK(head != NULL);
    sprintf(head, "%s]}", unsigned_head);
    must(fedigraft_request_sign(remote_key, bytes_of(BOB_KEY), strlen(BOB_KEY), NOW, bytes_of(head), strlen(head),
                                bytes_of(FOLLOW), strlen(FOLLOW), &added, &error), &error);
    CHECK(added.len < 3000);
    sprintf(head, "%s,%.*s}", unsigned_head, (int)added.len - 1, (const char *)added.data + 1);
    fedigraft_buf_free(&added);
    return head;
}

static void open_both(void)
{
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT;
    static char row_text[2048];
    char *quoted, *pem_text;
    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &chirp, &error), &error);
    must(fedigraft_instance_new(FEDIGRAFT_STR("{\"origin\":\"https://remote.example\"}"), &remote, &error), &error);
    must(fedigraft_key_generate(&chirp_key, &error), &error);
    must(fedigraft_key_generate(&remote_key, &error), &error);
    must(fedigraft_key_public_pem(chirp_key, &pem, &error), &error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &chirp_public_key, &error), &error);
    pem_text = copy_text(&pem);
    quoted = json_quoted(pem_text, strlen(pem_text));
    sprintf(row_text,
            "{\"name\":\"key\",\"key\":\"https://chirp.example/ap/users/1\",\"value\":{\"key_id\":"
            "\"https://chirp.example/ap/users/1#main-key\",\"algorithm\":\"rsa\",\"public_key_pem\":%s}}", quoted);
    {
        json entry = {row_text, 0};
        put(entry);
    }
    free(quoted);
    free(pem_text);
    fedigraft_buf_free(&pem);
}

int main(void)
{
    fedigraft_exchange *exchange = NULL;
    fedigraft_buf route = FEDIGRAFT_BUF_INIT, step = FEDIGRAFT_BUF_INIT, body = FEDIGRAFT_BUF_INIT;
    char *head, *done, *delivery;
    json whole, first;
    size_t i;

    open_both();
    head = bobs_request();

    /* Is it for the library? Asked before one byte of the body is read. */
    must(fedigraft_route(chirp, bytes_of(head), strlen(head), &route, &error), &error);
    CHECK(has(&route, "\"ours\":true") && has(&route, "\"endpoint\":\"inbox\""));
    fedigraft_buf_free(&route);

    /* Receive it: the library fetches Bob's key, verifies, and says what it means. */
    printf("Bob follows Ann\n");
    must(fedigraft_receive(chirp, NOW, bytes_of(head), strlen(head), bytes_of(FOLLOW), strlen(FOLLOW),
                           &exchange, &error), &error);
    /* An answer to another step changes nothing. */
    CHECK(fedigraft_exchange_answer_load(exchange, 7, NOW, FEDIGRAFT_STR("[]"), NULL) == FEDIGRAFT_OUT_OF_STEP);
    done = run(exchange);
    CHECK(strstr(done, "\"status\":202") != NULL);
    CHECK(strstr(done, "\"type\":\"followed\"") != NULL && strstr(done, "\"profile\":\"1\"") != NULL);

    /* Send what it handed over: the Accept, signed now. */
    printf("Ann's server accepts\n");
    whole.at = done;
    whole.len = strlen(done);
    first = json_element(json_member(whole, "deliveries"), 0);
    delivery = json_copy(first);
    free(done);
    must(fedigraft_send(chirp, NOW, bytes_of(delivery), strlen(delivery), &exchange, &error), &error);
    done = run(exchange);
    CHECK(strstr(done, "\"outcome\":\"delivered\"") != NULL && accepts_received == 1);
    free(done);

    /* The same again, with the network down: a failure is an answer too. */
    printf("The same with the network down\n");
    must(fedigraft_send(chirp, NOW, bytes_of(delivery), strlen(delivery), &exchange, &error), &error);
    for (i = 1; i < 20; i++) {
        uint32_t number = (uint32_t)i;
        char *text;
        must(fedigraft_exchange_step(exchange, &step, &body, &error), &error);
        text = copy_text(&step);
        whole.at = text;
        whole.len = strlen(text);
        if (json_member(whole, "load").at != NULL)
            answer_load(exchange, number, json_member(whole, "load"));
        else if (json_member(whole, "sign").at != NULL)
            answer_sign(exchange, number, json_member(whole, "sign"));
        else if (json_member(whole, "fetch").at != NULL)
            must(fedigraft_exchange_answer_failed(exchange, number, NOW, FEDIGRAFT_STR("no route to host"), 1, &error),
                 &error);
        else
            i = 20;
        free(text);
        if (i == 20)
            CHECK(has(&step, "\"outcome\":\"retry\""));
        fedigraft_buf_free(&step);
        fedigraft_buf_free(&body);
    }
    CHECK(i > 20);

    fedigraft_exchange_free(exchange);
    for (i = 0; i < row_count; i++) {
        free(rows[i].name);
        free(rows[i].key);
        free(rows[i].value);
    }
    free(delivery);
    free(head);
    fedigraft_public_key_free(chirp_public_key);
    fedigraft_key_free(chirp_key);
    fedigraft_key_free(remote_key);
    fedigraft_instance_free(chirp);
    fedigraft_instance_free(remote);
    return 0;
}
