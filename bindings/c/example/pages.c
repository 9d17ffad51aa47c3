/* The board's pages (pages.h). */

#define _POSIX_C_SOURCE 200809L
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "forms.h"
#include "guests.h"
#include "html.h"
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

static void begin_page(FILE *out)
{
    fputs("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/board.css\"><title>", out);
    html_escape(out, title);
    fputs("</title><header><h1>", out);
    html_link_to(out, "/", title);
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

/* Writes all notes of a query and ends it; gives how many. */
static int notes(FILE *out, sqlite3 *db, sqlite3_stmt *rows)
{
    int count = 0;
    for (; sql_next(rows) == 1; count++)
        html_note(out, db, rows);
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
    html_escape(out, query(request, "to"));
    fputs("\"><label>Note <textarea name=\"text\">", out);
    html_escape(out, handle);
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
        html_escape(out, sql_text(rows, 3));
        fprintf(out, " %s ", sql_text(rows, 2)[0] == 'f' ? "follows" : "asked to follow");
        html_link_to(out, sql_text(rows, 1), sql_text(rows, 0));
        fputs("</li>\n", out);
    }
    sqlite3_finalize(rows);
    fputs("</ul><form method=\"post\" action=\"/follow\"><label>@user@server <input name=\"who\"></label><label><input "
          "type=\"checkbox\" name=\"no_longer\" value=\"1\"> no longer</label>", out);
    who(out, "Follow");
    rows = letters_from_elsewhere(db, MOST);
    while (sql_next(rows) == 1)
        html_letter(out, rows);
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
        html_escape(out, sql_text(person, 2));
        fputs("</h2>\n", out);
        notes(out, db, board_notes_by(db, sqlite3_column_int64(person, 0), 0, MOST));
        status = 200;
    }
    sqlite3_finalize(person);
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
