/* Notes and letters as HTML (html.h). */

#define _POSIX_C_SOURCE 200809L
#include "html.h"

#include <string.h>
#include <time.h>

#include "guests.h"
#include "sql.h"

void html_escape(FILE *out, const char *text)
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
    html_escape(out, strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 || url[0] == '/' ? url : "#");
    fputs("\"", out);
}

void html_link_to(FILE *out, const char *url, const char *text)
{
    fputs("<a", out);
    href(out, url);
    fputs(">", out);
    html_escape(out, text);
    fputs("</a>", out);
}

void html_letter(FILE *out, sqlite3_stmt *rows)
{
    fputs("<article class=\"letter\"><p>", out);
    html_escape(out, sql_text(rows, 6));
    fputs(" ", out);
    html_link_to(out, sql_text(rows, 7), sql_text(rows, 5));
    fputs(" <time>", out);
    html_link_to(out, sql_text(rows, 2), sql_text(rows, 3));
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

void html_note(FILE *out, sqlite3 *db, sqlite3_stmt *rows)
{
    int64_t id = sqlite3_column_int64(rows, 0);
    time_t moment = (time_t)sqlite3_column_int64(rows, 5);
    sqlite3_stmt *found;
    char written[32], path[128];
    struct tm utc;
    strftime(written, sizeof written, "%Y-%m-%d %H:%M", gmtime_r(&moment, &utc));
    fprintf(out, "<article class=\"note\" id=\"note-%lld\"><p>", (long long)id);
    snprintf(path, sizeof path, "/@%.100s", sql_text(rows, 2));
    html_link_to(out, path, sql_text(rows, 3));
    snprintf(path, sizeof path, "/notes/%lld", (long long)id);
    fputs(" <time>", out);
    html_link_to(out, path, written);
    fputs("</time></p><p>", out);
    html_escape(out, sql_text(rows, 4));
    fputs("</p>\n", out);
    found = reactions_to(db, id);
    while (sql_next(found) == 1) {
        fprintf(out, "<p class=\"likes\">%sd by ", sql_text(found, 0));
        html_link_to(out, sql_text(found, 2), sql_text(found, 1));
        fputs("</p>\n", out);
    }
    sqlite3_finalize(found);
    found = letters_for(db, id);
    while (sql_next(found) == 1)
        html_letter(out, found);
    sqlite3_finalize(found);
    fputs("</article>\n", out);
}
