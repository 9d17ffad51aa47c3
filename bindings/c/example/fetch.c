/* The fetcher (fetch.h). */

#define _GNU_SOURCE /* POLLRDHUP */
#include "fetch.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "addresses.h"
#include "asked.h"
#include "latin1.h"

#define CONNECT_MS 5000L
#define MOST_HEADER_BYTES 65536

/* One request in progress. */
struct call {
    struct network *network;
    struct fetched *out;
    int client, allow_local;
    int refused, opened; /* addresses */
    size_t max_body, header_bytes;
    int interim, headers_end; /* what comes after the end is a trailer */
    const char *broke; /* the bound that a callback found broken */
};

/* curl wants a socket for an address it has resolved: the one place where the address that counts is known. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct call *call = self;
    (void)purpose;
    if (!address_is_public(&to->addr) && !(call->allow_local && address_is_loopback(&to->addr))) {
        call->refused++;
        return CURL_SOCKET_BAD;
    }
    call->opened++;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int watch(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct call *call = self;
    struct pollfd client = {call->client, POLLRDHUP, 0};
    (void)a, (void)b, (void)c, (void)d;
    if (atomic_load(&call->network->stopping))
        return 1;
    return call->client >= 0 && poll(&client, 1, 0) > 0;
}

static size_t stop_for(struct call *call, const char *reason)
{
    call->broke = reason;
    return 0; /* fewer bytes than given: curl ends the transfer */
}

/* A line that begins with a blank goes on with the value before (RFC 9112, 5.2): joined by one blank. */
static int unfold(json_t *headers, const char *line, size_t len)
{
    json_t *last = json_array_get(headers, json_array_size(headers) - 1), *more, *joined;
    while (len > 0 && (*line == ' ' || *line == '\t'))
        line++, len--;
    more = latin1_to_json(line, len);
    joined = json_sprintf("%s %s", json_string_value(json_array_get(last, 1)), json_string_value(more));
    json_decref(more);
    return json_array_set_new(last, 1, joined);
}

static size_t take_header(char *line, size_t one, size_t len, void *self)
{
    struct call *call = self;
    size_t all = one * len, name;
    call->header_bytes += all;
    if (call->header_bytes > MOST_HEADER_BYTES)
        return stop_for(call, "too_large");
    if (call->headers_end)
        return all;
    if (all >= 12 && memcmp(line, "HTTP/", 5) == 0) {
        json_array_clear(call->out->headers);
        call->interim = line[9] == '1'; /* "HTTP/1.1 100 Continue": another head comes behind it */
        return all;
    }
    for (len = all; len > 0 && strchr("\r\n \t", line[len - 1]) != NULL;)
        len--;
    if (len == 0) {
        call->headers_end = !call->interim;
        return all;
    }
    if ((line[0] == ' ' || line[0] == '\t') && json_array_size(call->out->headers) > 0)
        return unfold(call->out->headers, line, len) == 0 ? all : stop_for(call, "protocol_error");
    for (name = 0; name < len && line[name] != ':';)
        name++;
    if (name == 0 || name == len)
        return stop_for(call, "protocol_error");
    line[name] = '\0';
    {
        size_t value = name + 1;
        while (value < len && (line[value] == ' ' || line[value] == '\t'))
            value++;
        if (strcasecmp(line, "content-encoding") == 0 && len > value
            && !(len - value == 8 && strncasecmp(line + value, "identity", 8) == 0))
            return stop_for(call, "protocol_error"); /* a compressed body is a bound nobody checked */
        if (latin1_add_header(call->out->headers, line, name, line + value, len - value) != 0)
            return stop_for(call, "protocol_error");
    }
    return all;
}

static size_t take_body(char *data, size_t one, size_t len, void *self)
{
    struct call *call = self;
    struct fetched *out = call->out;
    char *grown;
    len *= one;
    if (len > call->max_body - out->body_len)
        return stop_for(call, "too_large");
    grown = realloc(out->body, out->body_len + len + 1);
    if (grown == NULL)
        return stop_for(call, "too_large");
    memcpy(grown + out->body_len, data, len);
    out->body = grown;
    out->body_len += len;
    return len;
}

static void set_up(CURL *curl, struct call *call, const json_t *ask, const fedigraft_buf *body)
{
    double seconds = json_number_value(json_object_get(ask, "timeout"));
    long timeout = (long)(seconds * 1000);
    const char *method = json_string_value(json_object_get(ask, "method"));
    if (timeout <= 0 || timeout > call->network->timeout_ms)
        timeout = call->network->timeout_ms;

    curl_easy_setopt(curl, CURLOPT_URL, json_string_value(json_object_get(ask, "url")));
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* the signature covers the target as it is */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, call->allow_local ? "https,http" : "https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L); /* a redirect comes back as a fetch of its own */
    curl_easy_setopt(curl, CURLOPT_PROXY, "");          /* and no proxy from the environment */
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, call);

    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* threads */
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, call);

    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (call->network->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, call->network->ca_file);

    if (method != NULL && strcmp(method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->len > 0 ? (const char *)body->data : "");
    } else if (method != NULL && strcmp(method, "GET") != 0) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)call->max_body);
}

/* The word for what went wrong. */
static const char *reason(const struct call *call, CURLcode code)
{
    if (call->broke != NULL)
        return call->broke;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "dns_failed";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_FILESIZE_EXCEEDED:
        return "too_large";
    case CURLE_ABORTED_BY_CALLBACK:
        return "cancelled";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return "tls_failed";
    case CURLE_COULDNT_CONNECT:
        return call->refused > 0 && call->opened == 0 ? "address_refused" : "connection_failed";
    case CURLE_URL_MALFORMAT:
        return "url_refused";
    case CURLE_UNSUPPORTED_PROTOCOL: /* of the URL; once connected, of the answer: HTTP/0.9 or no HTTP at all */
        return call->opened > 0 ? "protocol_error" : "url_refused";
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
        return "protocol_error";
    default:
        return "connection_failed";
    }
}

static int may_work_later(const char *why)
{
    return strcmp(why, "address_refused") != 0 && strcmp(why, "url_refused") != 0 && strcmp(why, "too_large") != 0;
}

void fetch(struct network *network, const json_t *ask, const fedigraft_buf *body, int client, struct fetched *out)
{
    struct call call = {network, out, client, 0, 0, 0, 0, 0, 0, 0, NULL};
    const char *url = json_string_value(json_object_get(ask, "url"));
    struct curl_slist *lines = NULL;
    CURL *curl = NULL;
    CURLcode code = CURLE_FAILED_INIT;
    char *address = NULL;

    memset(out, 0, sizeof *out);
    call.allow_local = json_is_true(json_object_get(ask, "allow_local"));
    call.max_body = (size_t)json_integer_value(json_object_get(ask, "max_body"));
    if (url == NULL || !is_plain_url(url, call.allow_local)
        || (lines = header_lines(json_object_get(ask, "headers"))) == NULL) {
        out->failed = "url_refused";
        return;
    }
    out->headers = json_array();
    if (out->headers != NULL && (curl = curl_easy_init()) != NULL) {
        set_up(curl, &call, ask, body);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
        if (curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address != NULL
            && strlen(address) < sizeof out->address)
            strcpy(out->address, address);
    }
    if (code != CURLE_OK) {
        out->failed = reason(&call, code);
        out->retryable = may_work_later(out->failed);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(lines);
}

void fetched_free(struct fetched *fetched)
{
    json_decref(fetched->headers);
    free(fetched->body);
    memset(fetched, 0, sizeof *fetched);
}
