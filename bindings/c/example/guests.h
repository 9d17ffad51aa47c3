/* What reaches the board from elsewhere: who (guests), what they write (letters), what they like.
 *
 * Tables and nothing else: the board's pages read them, federate.c writes them. All give 0 or -1. */
#ifndef GUESTS_H
#define GUESTS_H

#include <sqlite3.h>
#include <stdint.h>

int guests_create(sqlite3 *db);

/* Somebody elsewhere, known by an address for good (uri) and another to read at (url). */
int guest_seen(sqlite3 *db, const char *uri, const char *handle, const char *name, const char *url);
int guest_gone(sqlite3 *db, const char *uri);

/* A public post. `note` is the own note it answers, 0 for none; what answers a letter (the post at `answers`) stands with
 * it. The HTML is clean. */
int letter_came(sqlite3 *db, const char *uri, const char *guest, const char *html, const char *url, const char *written,
                int64_t note, const char *answers);
int letter_changed(sqlite3 *db, const char *uri, const char *html);
int letter_gone(sqlite3 *db, const char *uri);

/* "like" or "share" of an own note. */
int reaction_came(sqlite3 *db, const char *kind, const char *guest, int64_t note);
int reaction_gone(sqlite3 *db, const char *kind, const char *guest, int64_t note);

/* What a person follows: "asked" or "follows"; NULL for no longer. */
int following_is(sqlite3 *db, int64_t person, const char *guest, const char *state);

/* Letters: uri, HTML, url, written, the guest's uri, handle, name and url. Those that answer a note, oldest first, or those
 * that answer none, newest first. */
sqlite3_stmt *letters_for(sqlite3 *db, int64_t note);
sqlite3_stmt *letters_from_elsewhere(sqlite3 *db, int most);

/* Reactions to a note: kind, the guest's handle and url. */
sqlite3_stmt *reactions_to(sqlite3 *db, int64_t note);

/* What is followed: the guest's handle and url, state, the person's name. */
sqlite3_stmt *followed(sqlite3 *db);

#endif
