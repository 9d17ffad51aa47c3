/* The forms (forms.h). */

#define _POSIX_C_SOURCE 200809L
#include "forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

/* A field of a form, decoded (application/x-www-form-urlencoded); "" when it is not there. Free it. */
static char *field(const struct request *request, const char *name)
{
    const char *p = request->body != NULL ? request->body : "";
    size_t len = strlen(name), i;
    for (; *p != '\0'; p += *p == '&') {
        size_t pair = strcspn(p, "&");
        if (strncmp(p, name, len) == 0 && p[len] == '=') {
            char *value = strndup(p + len + 1, pair - len - 1);
            for (i = 0; value != NULL && value[i] != '\0'; i++)
                if (value[i] == '+')
                    value[i] = ' ';
            if (value != NULL)
                MHD_http_unescape(value);
            return value;
        }
        p += pair;
    }
    return strdup("");
}

unsigned do_form(struct request *request, sqlite3 *db, char place[64])
{
    char *name = field(request, "name"), *password = field(request, "password"), *text = field(request, "text");
    char *to = field(request, "to"), *which = field(request, "note"), *someone = field(request, "who");
    char *no_longer = field(request, "no_longer");
    int64_t person = 0, did = 0;
    unsigned status = 404;
    if (name == NULL || password == NULL || text == NULL || to == NULL || which == NULL || someone == NULL
        || no_longer == NULL) {
        status = 500;
    } else if ((person = board_log_in(db, name, password)) == 0) {
        status = 403;
    } else if (strcmp(request->path, "/write") == 0) {
        did = text[0] == '\0' ? 0 : board_write(db, person, text, to[0] != '\0' ? to : NULL);
        status = did > 0 ? 303 : did == 0 ? 400 : 500;
        snprintf(place, 64, "/notes/%lld", (long long)did);
    } else if (strcmp(request->path, "/erase") == 0) {
        did = board_erase(db, person, strtoll(which, NULL, 10));
        status = did > 0 ? 303 : did == 0 ? 404 : 500;
        strcpy(place, "/");
    } else if (strcmp(request->path, "/follow") == 0 && board_listener != NULL) {
        did = no_longer[0] != '\0' ? board_listener->unfollows(db, person, someone)
                                   : board_listener->follows(db, person, someone);
        status = did > 0 ? 303 : did == 0 ? 404 : 502;
        strcpy(place, "/elsewhere");
    }
    free(name), free(password), free(text), free(to), free(which), free(someone), free(no_longer);
    return status;
}
