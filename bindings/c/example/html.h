/* Notes and letters as HTML. */
#ifndef HTML_H
#define HTML_H

#include <sqlite3.h>
#include <stdio.h>

/* A text, escaped; a line break becomes <br>. */
void html_escape(FILE *out, const char *text);

/* A link; an address that is not of the web leads nowhere. */
void html_link_to(FILE *out, const char *url, const char *text);

/* A row of letters_for() or letters_from_elsewhere() (guests.h). */
void html_letter(FILE *out, sqlite3_stmt *row);

/* A row of board_notes() (board.h), with what others say to it. */
void html_note(FILE *out, sqlite3 *db, sqlite3_stmt *row);

#endif
