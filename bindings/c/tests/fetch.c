/* Makes the request of a "fetch" step (the first argument, JSON; a body is the second) and prints what came of it as
 * JSON: the answer, or {"failed", "retryable"}. */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"

int main(int count, char **words)
{
    struct network network = {getenv("SSL_CERT_FILE"), 10000, 0};
    fedigraft_buf body = FEDIGRAFT_BUF_INIT;
    struct fetched got;
    json_t *ask = count > 1 ? json_loads(words[1], JSON_ALLOW_NUL, NULL) : NULL, *out;
    if (ask == NULL)
        return 2;
    if (count > 2) {
        body.data = (uint8_t *)words[2];
        body.len = strlen(words[2]);
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    fetch(&network, ask, &body, -1, &got);
    out = got.failed != NULL ? json_pack("{s:s, s:b}", "failed", got.failed, "retryable", got.retryable)
                             : json_pack("{s:I, s:O, s:s, s:I, s:s%}", "status", (json_int_t)got.status, "headers", got.headers,
                                         "address", got.address, "length", (json_int_t)got.body_len, "body",
                                         got.body != NULL ? got.body : "", got.body_len);
    json_dumpf(out, stdout, JSON_COMPACT);
    json_decref(out);
    fetched_free(&got);
    json_decref(ask);
    curl_global_cleanup();
    return 0;
}
