/* What a fetch asks (asked.h). */

#include "asked.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "latin1.h"

int is_plain_url(const char *url, int allow_http)
{
    static const char *host_bytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *p;
    size_t digits;
    if (strncmp(url, "https://", 8) == 0)
        p = url + 8;
    else if (allow_http && strncmp(url, "http://", 7) == 0)
        p = url + 7;
    else
        return 0;
    if (*p == '[') {
        size_t len = strspn(p + 1, "0123456789ABCDEFabcdef:.");
        if (len == 0 || p[len + 1] != ']')
            return 0;
        p += len + 2;
    } else {
        size_t len = strspn(p, host_bytes);
        if (len == 0)
            return 0;
        p += len;
    }
    if (*p == ':') {
        digits = strspn(p + 1, "0123456789");
        if (digits == 0 || digits > 5)
            return 0;
        p += digits + 1;
    }
    if (*p != '\0' && *p != '/' && *p != '?')
        return 0;
    for (; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~' || *p == '#')
            return 0;
    return 1;
}

/* A NUL would end the line early. */
static int has_no_nul(const json_t *pair)
{
    size_t i;
    for (i = 0; i < 2; i++) {
        const json_t *text = json_array_get(pair, i);
        if (memchr(json_string_value(text), '\0', json_string_length(text)) != NULL)
            return 0;
    }
    return 1;
}

struct curl_slist *header_lines(const json_t *headers)
{
    static const char *const own[] = {"Accept", "Accept-Encoding", "Content-Type", "Expect", "User-Agent"};
    static const char *const instead[] = {"Accept:", "Accept-Encoding: identity", "Content-Type:", "Expect:", "User-Agent:"};
    struct curl_slist *lines = NULL, *more;
    int given[5] = {0};
    size_t i, at;
    json_t *pair;
    json_array_foreach (headers, at, pair) {
        const char *name = json_string_value(json_array_get(pair, 0));
        char *value = latin1_from_json(json_array_get(pair, 1)), *line = NULL;
        if (name != NULL && value != NULL && name[strspn(name, "!#$%&'*+.^_`|~-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                         "abcdefghijklmnopqrstuvwxyz")] == '\0'
            && name[0] != '\0' && strpbrk(value, "\r\n") == NULL && has_no_nul(pair))
            line = malloc(strlen(name) + strlen(value) + 3);
        if (line != NULL) {
            strcpy(line, name);
            strcat(line, value[0] != '\0' ? ": " : ";"); /* curl's way to send an empty value */
            strcat(line, value);
        }
        for (i = 0; i < 5 && line != NULL; i++)
            given[i] |= strcasecmp(name, own[i]) == 0;
        more = line != NULL ? curl_slist_append(lines, line) : NULL;
        free(value);
        free(line);
        if (more == NULL) {
            curl_slist_free_all(lines);
            return NULL;
        }
        lines = more;
    }
    for (i = 0; i < 5; i++)
        if (!given[i] && (more = curl_slist_append(lines, instead[i])) != NULL)
            lines = more;
    return lines;
}
