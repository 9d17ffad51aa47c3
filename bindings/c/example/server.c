/* The HTTP server (server.h). */

#define _POSIX_C_SOURCE 200809L
#include "server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CONNECTIONS 200
#define IDLE_SECONDS 75
#define PAGE_MAX_BODY 65536 /* the board has no uploads */

static pages_function *pages;
static const struct front *front;

/* microhttpd decodes the path; this is its only moment with the raw target. What it gives is the request's first
 * state. */
static void *begin(void *unused, const char *target, struct MHD_Connection *connection)
{
    struct request *request = calloc(1, sizeof *request);
    (void)unused;
    if (request != NULL) {
        request->connection = connection;
        request->target = strdup(target);
    }
    return request;
}

static void end(void *unused, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
    struct request *request = *state;
    (void)unused, (void)connection, (void)why;
    if (request == NULL)
        return;
    free(request->target);
    free(request->body);
    free(request->note);
    free(request);
}

static enum MHD_Result send_and_drop(struct request *request, unsigned status, struct MHD_Response *response)
{
    enum MHD_Result queued;
    if (response == NULL)
        return MHD_NO;
    if (request->add != NULL)
        request->add(request, response);
    queued = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result refuse(struct request *request, unsigned status, const char *why)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(why), (void *)(uintptr_t)why,
                                                                    MHD_RESPMEM_PERSISTENT);
    if (response != NULL)
        MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    return send_and_drop(request, status, response);
}

/* The head is there. A body that is too large is refused before any of it is read. */
static enum MHD_Result start(struct request *request)
{
    const char *length = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Content-Length");
    request->started = 1;
    request->max_body = PAGE_MAX_BODY;
    if (front != NULL)
        front->looks(request);
    if (length != NULL && strtoull(length, NULL, 10) > request->max_body)
        return refuse(request, 413, "The body is too large.\n");
    return MHD_YES;
}

/* More of the body. One without a length (chunked) is kept up to the limit and refused at its end. */
static enum MHD_Result more(struct request *request, const char *data, size_t *len)
{
    if (*len > request->max_body - request->body_len) {
        request->too_large = 1;
    } else if (!request->too_large) {
        char *grown = realloc(request->body, request->body_len + *len + 1);
        if (grown == NULL)
            return MHD_NO;
        memcpy(grown + request->body_len, data, *len);
        request->body = grown;
        request->body_len += *len;
        grown[request->body_len] = '\0';
    }
    *len = 0;
    return MHD_YES;
}

static enum MHD_Result handle(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *len, void **state)
{
    struct request *request = *state;
    struct MHD_Response *response;
    unsigned status = 500;
    (void)unused, (void)connection, (void)version;
    if (request == NULL || request->target == NULL)
        return MHD_NO;
    request->method = method;
    request->path = url;
    if (!request->started)
        return start(request);
    if (*len > 0)
        return more(request, data, len);
    if (request->too_large)
        return refuse(request, 413, "The body is too large.\n");
    response = request->ours ? front->answers(request, &status) : pages(request, &status);
    return send_and_drop(request, status, response);
}

const char *server_client(struct MHD_Connection *connection, char out[64])
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    socklen_t len;
    out[0] = '\0';
    if (info != NULL) {
        len = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
        getnameinfo(info->client_addr, len, out, 64, NULL, 0, NI_NUMERICHOST);
    }
    return out;
}

/* A whole file as text; free it. */
static char *contents(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = file != NULL ? calloc(1, 65536) : NULL;
    if (text != NULL && fread(text, 1, 65535, file) == 0) {
        free(text);
        text = NULL;
    }
    if (file != NULL)
        fclose(file);
    if (text == NULL)
        perror(path);
    return text;
}

/* The address of "host:port", "[::1]:port" or ":port". */
static struct addrinfo *address_of(const char *listen)
{
    struct addrinfo hints = {0}, *found = NULL;
    char host[256];
    const char *colon = strrchr(listen, ':');
    size_t len = colon != NULL ? (size_t)(colon - listen) : sizeof host;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    if (len < sizeof host) {
        memcpy(host, listen, len);
        host[len] = '\0';
        if (host[0] == '[' && host[len - 1] == ']') {
            memmove(host, host + 1, len - 2);
            host[len - 2] = '\0';
        }
        if (getaddrinfo(host[0] != '\0' ? host : NULL, colon + 1, &hints, &found) == 0)
            return found;
    }
    fprintf(stderr, "%s: expected HOST:PORT\n", listen);
    return NULL;
}

struct MHD_Daemon *server_start(const char *listen, const char *pem, pages_function *with_pages, const struct front *with)
{
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG;
    struct addrinfo *address = address_of(listen);
    char *secrets = pem != NULL ? contents(pem) : NULL;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, secrets},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, secrets},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_Daemon *daemon = NULL;
    pages = with_pages;
    front = with;
    if (pem == NULL)
        tls[0].option = MHD_OPTION_END;
    if (address != NULL && address->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    if (address != NULL && (pem == NULL || secrets != NULL))
        daemon = MHD_start_daemon(pem != NULL ? flags | MHD_USE_TLS : flags, 0, NULL, NULL, handle, NULL,
                                  MHD_OPTION_SOCK_ADDR, address->ai_addr, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL,
                                  MHD_OPTION_NOTIFY_COMPLETED, end, NULL, MHD_OPTION_CONNECTION_LIMIT,
                                  (unsigned)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                                  MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (daemon == NULL)
        fprintf(stderr, "%s: the server does not start\n", listen);
    if (address != NULL)
        freeaddrinfo(address);
    free(secrets); /* microhttpd has read it */
    return daemon;
}
