/* Requests from elsewhere (inbound.h). The response leaves only after the commit. Whatever fails on this side, the
 * database above all, is answered with 503 and Retry-After, so that the sender comes again and nothing is lost. */

#define _POSIX_C_SOURCE 200809L
#include "inbound.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commit.h"
#include "latin1.h"
#include "sql.h"

static struct federation *federation;

static enum MHD_Result add_line(void *headers, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    value = value != NULL ? value : "";
    return latin1_add_header(headers, name, strlen(name), value, strlen(value)) == 0 ? MHD_YES : MHD_NO;
}

/* The head as the library takes it: the raw target, the lines in order, repeated ones kept; free it. */
static char *head_of(struct request *request)
{
    char client[64], *text;
    json_t *headers = json_array(), *head;
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, add_line, headers);
    server_client(request->connection, client);
    head = json_pack("{s:s, s:o, s:o, s:s?}", "method", request->method, "target",
                     latin1_to_json(request->target, strlen(request->target)), "headers", headers, "client",
                     client[0] != '\0' ? client : NULL);
    text = json_dumps(head, JSON_COMPACT);
    json_decref(head);
    return text;
}

/* Adds header lines of the library to an answer; microhttpd tells the length itself. */
static void add_headers(struct MHD_Response *response, const json_t *headers)
{
    const json_t *line;
    size_t i;
    json_array_foreach (headers, i, line) {
        const char *name = json_string_value(json_array_get(line, 0));
        char *value = latin1_from_json(json_array_get(line, 1));
        if (name != NULL && value != NULL && strcasecmp(name, "content-length") != 0)
            MHD_add_response_header(response, name, value);
        free(value);
    }
}

/* What routing adds to the answer of a page, such as Vary. */
static void add_routed(struct request *request, struct MHD_Response *response)
{
    json_t *headers = json_loads(request->note, 0, NULL);
    add_headers(response, headers);
    json_decref(headers);
}

static void looks(struct request *request)
{
    fedigraft_buf told = FEDIGRAFT_BUF_INIT;
    char *head = head_of(request);
    /* A head that cannot be read is not for the library. */
    if (head != NULL
        && fedigraft_route(federation->instance, (const uint8_t *)head, strlen(head), &told, NULL) == FEDIGRAFT_OK) {
        json_t *route = json_loadb((const char *)told.data, told.len, 0, NULL);
        const json_t *headers = json_object_get(route, "headers");
        if (json_is_true(json_object_get(route, "ours"))) {
            request->ours = 1;
            request->max_body = (size_t)json_integer_value(json_object_get(route, "max_body"));
        } else if (json_array_size(headers) > 0) {
            request->note = json_dumps(headers, JSON_COMPACT);
            request->add = request->note != NULL ? add_routed : NULL;
        }
        json_decref(route);
    }
    fedigraft_buf_free(&told);
    free(head);
}

static struct MHD_Response *unavailable(unsigned *status)
{
    static char body[] = "{\"error\":\"unavailable\",\"message\":\"try again later\"}";
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof body - 1, body, MHD_RESPMEM_PERSISTENT);
    *status = 503;
    if (response != NULL) {
        MHD_add_response_header(response, "Content-Type", "application/json");
        MHD_add_response_header(response, "Retry-After", "30");
    }
    return response;
}

/* The response of a "done", after its commit. */
static struct MHD_Response *response_of(const struct done *done, unsigned *status)
{
    const json_t *said = json_object_get(done->document, "response");
    struct MHD_Response *response = MHD_create_response_from_buffer(
        done->body.len, done->body.len > 0 ? (void *)done->body.data : (void *)"", MHD_RESPMEM_MUST_COPY);
    if (response == NULL || !json_is_object(said)) {
        if (response != NULL)
            MHD_destroy_response(response);
        return unavailable(status);
    }
    *status = (unsigned)json_integer_value(json_object_get(said, "status"));
    add_headers(response, json_object_get(said, "headers"));
    return response;
}

static struct MHD_Response *answers(struct request *request, unsigned *status)
{
    const union MHD_ConnectionInfo *socket = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct MHD_Response *response = NULL;
    fedigraft_exchange *exchange = NULL;
    fedigraft_error *error = NULL;
    struct done done;
    char *head = head_of(request);
    sqlite3 *db = sql_open(federation->database);

    if (db == NULL || head == NULL) {
        ;
    } else if (fedigraft_receive(federation->instance, now(), (const uint8_t *)head, strlen(head),
                                 (const uint8_t *)request->body, request->body_len, &exchange, &error) != FEDIGRAFT_OK) {
        complain("a request from elsewhere", error);
    } else if (exchange_run(federation, exchange, db, FETCH_IF_THERE_IS_ROOM, socket != NULL ? (int)socket->connect_fd : -1,
                            &done) == RAN_DONE) {
        /* Done before: the same activity came twice, and gets the same answer. */
        if (!has_effects(&done) || commit(federation, db, &done, NULL) != NOT_COMMITTED)
            response = response_of(&done, status);
        done_free(&done);
    }
    sqlite3_close(db);
    free(head);
    return response != NULL ? response : unavailable(status);
}

const struct front *inbound(struct federation *with)
{
    static const struct front front = {looks, answers};
    federation = with;
    return &front;
}
