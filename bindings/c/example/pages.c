/* The board's pages (pages.h). Every form asks for name and password: there is no session to steal, and a form on
 * another site can do nothing. */

#define _POSIX_C_SOURCE 200809L
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "guests.h"
#include "sql.h"

#define MOST 50

static const char *database, *title;

static const char STYLE[] =
    "body{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color:#222;background:#fdfcf8}"
    "article{border-top:1px solid #ddd;padding:.6rem 0}article article{margin-left:1.5rem}"
    "a{color:#0a5}time,.likes,footer{color:#666;font-size:.9rem}textarea{width:100%;height:6rem}label{display:block}";

void pages_open(const char *with_database, const char *with_title)
{
    database = with_database;
    title = with_title;
}

/* ---- HTML ------------------------------------------------------------------------------------------------------ */

static void escape(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\n': fputs("<br>\n", out); break;
        default: fputc(*text, out);
        }
}

/* An attribute that is an address: anything but the web is left out. */
static void href(FILE *out, const char *url)
{
    fputs(" href=\"", out);
    escape(out, strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 || url[0] == '/' ? url : "#");
    fputs("\"", out);
}

static void link_to(FILE *out, const char *url, const char *text)
{
    fputs("<a", out);
    href(out, url);
    fputs(">", out);
    escape(out, text);
    fputs("</a>", out);
}

static void begin_page(FILE *out)
{
    fputs("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/board.css\"><title>", out);
    escape(out, title);
    fputs("</title><header><h1>", out);
    link_to(out, "/", title);
    fputs("</h1><nav><a href=\"/write\">Write</a>", out);
    if (board_listener != NULL)
        fputs(" · <a href=\"/elsewhere\">Elsewhere</a>", out);
    fputs("</nav></header><main>\n", out);
}

/* Name and password, at the end of every form. */
static void who(FILE *out, const char *button)
{
    fprintf(out, "<label>Name <input name=\"name\" autocomplete=\"username\"></label><label>Password <input "
                 "type=\"password\" name=\"password\" autocomplete=\"current-password\"></label><button>%s</button></form>\n",
            button);
}

static void letter(FILE *out, sqlite3_stmt *rows)
{
    fputs("<article class=\"letter\"><p>", out);
    escape(out, sql_text(rows, 6));
    fputs(" ", out);
    link_to(out, sql_text(rows, 7), sql_text(rows, 5));
    fputs(" <time>", out);
    link_to(out, sql_text(rows, 2), sql_text(rows, 3));
    fputs("</time></p>\n", out);
    fputs(sql_text(rows, 1), out); /* HTML from elsewhere, reduced to an allow list before it was stored */
    fputs("\n<footer><a href=\"/write?to=", out);
    {
        /* The address of the post, so that it can be answered. */
        const char *p;
        for (p = sql_text(rows, 0); *p != '\0'; p++)
            fprintf(out, "%%%02x", (unsigned char)*p);
        fputs("&amp;handle=", out);
        for (p = sql_text(rows, 5); *p != '\0'; p++)
            fprintf(out, "%%%02x", (unsigned char)*p);
    }
    fputs("\">Answer</a></footer></article>\n", out);
}

static void note(FILE *out, sqlite3 *db, sqlite3_stmt *rows)
{
    int64_t id = sqlite3_column_int64(rows, 0);
    time_t moment = (time_t)sqlite3_column_int64(rows, 5);
    sqlite3_stmt *found;
    char written[32], path[128];
    struct tm utc;
    strftime(written, sizeof written, "%Y-%m-%d %H:%M", gmtime_r(&moment, &utc));
    fprintf(out, "<article class=\"note\" id=\"note-%lld\"><p>", (long long)id);
    snprintf(path, sizeof path, "/@%.100s", sql_text(rows, 2));
    link_to(out, path, sql_text(rows, 3));
    snprintf(path, sizeof path, "/notes/%lld", (long long)id);
    fputs(" <time>", out);
    link_to(out, path, written);
    fputs("</time></p><p>", out);
    escape(out, sql_text(rows, 4));
    fputs("</p>\n", out);
    found = reactions_to(db, id);
    while (sql_next(found) == 1) {
        fprintf(out, "<p class=\"likes\">%sd by ", sql_text(found, 0));
        link_to(out, sql_text(found, 2), sql_text(found, 1));
        fputs("</p>\n", out);
    }
    sqlite3_finalize(found);
    found = letters_for(db, id);
    while (sql_next(found) == 1)
        letter(out, found);
    sqlite3_finalize(found);
    fputs("</article>\n", out);
}

/* Writes all notes of a query and ends it; gives how many. */
static int notes(FILE *out, sqlite3 *db, sqlite3_stmt *rows)
{
    int count = 0;
    for (; sql_next(rows) == 1; count++)
        note(out, db, rows);
    sqlite3_finalize(rows);
    return count;
}

/* ---- pages ----------------------------------------------------------------------------------------------------- */

static const char *query(struct request *request, const char *name)
{
    const char *value = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
    return value != NULL ? value : "";
}

static unsigned write_page(FILE *out, struct request *request)
{
    const char *handle = query(request, "handle");
    fputs("<form method=\"post\" action=\"/write\"><input type=\"hidden\" name=\"to\" value=\"", out);
    escape(out, query(request, "to"));
    fputs("\"><label>Note <textarea name=\"text\">", out);
    escape(out, handle);
    fputs(handle[0] != '\0' ? " </textarea></label>" : "</textarea></label>", out);
    who(out, "Write");
    return 200;
}

static unsigned elsewhere_page(FILE *out, sqlite3 *db)
{
    sqlite3_stmt *rows = followed(db);
    fputs("<ul id=\"followed\">", out);
    while (sql_next(rows) == 1) {
        fputs("<li>", out);
        escape(out, sql_text(rows, 3));
        fprintf(out, " %s ", sql_text(rows, 2)[0] == 'f' ? "follows" : "asked to follow");
        link_to(out, sql_text(rows, 1), sql_text(rows, 0));
        fputs("</li>\n", out);
    }
    sqlite3_finalize(rows);
    fputs("</ul><form method=\"post\" action=\"/follow\"><label>@user@server <input name=\"who\"></label><label><input "
          "type=\"checkbox\" name=\"no_longer\" value=\"1\"> no longer</label>", out);
    who(out, "Follow");
    rows = letters_from_elsewhere(db, MOST);
    while (sql_next(rows) == 1)
        letter(out, rows);
    sqlite3_finalize(rows);
    return 200;
}

static unsigned note_page(FILE *out, sqlite3 *db, const char *key)
{
    char *end;
    int64_t id = strtoll(key, &end, 10);
    if (*end != '\0' || notes(out, db, board_note(db, id)) == 0)
        return 404;
    fprintf(out, "<form method=\"post\" action=\"/erase\"><input type=\"hidden\" name=\"note\" value=\"%lld\">", (long long)id);
    who(out, "Erase");
    return 200;
}

static unsigned person_page(FILE *out, sqlite3 *db, const char *key)
{
    sqlite3_stmt *person = board_person(db, key);
    unsigned status = 404;
    if (sql_next(person) == 1) {
        fputs("<h2>", out);
        escape(out, sql_text(person, 2));
        fputs("</h2>\n", out);
        notes(out, db, board_notes_by(db, sqlite3_column_int64(person, 0), 0, MOST));
        status = 200;
    }
    sqlite3_finalize(person);
    return status;
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

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

/* Does what a form says. Gives the status, and the place to go to in `place`. */
static unsigned do_form(struct request *request, sqlite3 *db, char place[64])
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

/* ---- answers --------------------------------------------------------------------------------------------------- */

static unsigned page(FILE *out, struct request *request, sqlite3 *db, char place[64])
{
    const char *path = request->path;
    if (strcmp(request->method, "POST") == 0)
        return do_form(request, db, place);
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        return 405;
    if (strcmp(path, "/") == 0) {
        notes(out, db, board_notes(db, 0, MOST));
        return 200;
    }
    if (strcmp(path, "/write") == 0)
        return write_page(out, request);
    if (strcmp(path, "/elsewhere") == 0 && board_listener != NULL)
        return elsewhere_page(out, db);
    if (strncmp(path, "/notes/", 7) == 0)
        return note_page(out, db, path + 7);
    if (strncmp(path, "/@", 2) == 0)
        return person_page(out, db, path + 1);
    return 404;
}

static struct MHD_Response *style(unsigned *status)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof STYLE - 1, (void *)(uintptr_t)STYLE,
                                                                    MHD_RESPMEM_PERSISTENT);
    *status = 200;
    if (response != NULL)
        MHD_add_response_header(response, "Content-Type", "text/css");
    return response;
}

struct MHD_Response *pages(struct request *request, unsigned *status)
{
    struct MHD_Response *response;
    char *html = NULL, place[64] = "";
    size_t len = 0;
    sqlite3 *db;
    FILE *out;
    if (strcmp(request->path, "/board.css") == 0)
        return style(status);
    db = sql_open(database);
    out = db != NULL ? open_memstream(&html, &len) : NULL;
    if (out == NULL) {
        sqlite3_close(db);
        return NULL;
    }
    begin_page(out);
    *status = page(out, request, db, place);
    if (*status == 403)
        fputs("<p>Name and password do not fit.</p>", out);
    else if (*status != 200 && *status != 303)
        fprintf(out, "<p>That did not work (%u).</p>", *status);
    fputs("</main></html>\n", out);
    fclose(out);
    sqlite3_close(db);
    response = MHD_create_response_from_buffer(len, html, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(html);
        return NULL;
    }
    if (*status == 303)
        MHD_add_response_header(response, "Location", place);
    MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    MHD_add_response_header(response, "Content-Security-Policy",
                            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'");
    return response;
}
