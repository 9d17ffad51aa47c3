/* What a fetch asks, in the form libcurl takes: nothing added, nothing that could be read in two ways. */
#ifndef ASKED_H
#define ASKED_H

#include <curl/curl.h>
#include <jansson.h>

/* Strict on purpose: a URL that two parsers could read differently is refused. */
int is_plain_url(const char *url, int allow_http);

/* The header lines, and what curl would add by itself taken out. NULL when a line would break the request. */
struct curl_slist *header_lines(const json_t *headers);

#endif
