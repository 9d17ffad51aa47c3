/* What reaches the board from elsewhere (guests.h). */

#include "guests.h"

#include <stddef.h>

#include "sql.h"

static const char *const TABLES[] = {
    "CREATE TABLE IF NOT EXISTS guests (uri TEXT NOT NULL PRIMARY KEY, handle TEXT NOT NULL, name TEXT NOT NULL, "
    "url TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS letters (uri TEXT NOT NULL PRIMARY KEY, guest TEXT NOT NULL REFERENCES guests "
    "ON DELETE CASCADE, html TEXT NOT NULL, url TEXT NOT NULL, written TEXT NOT NULL, note INTEGER REFERENCES notes "
    "ON DELETE CASCADE)",
    "CREATE INDEX IF NOT EXISTS letters_note ON letters (note, written)",
    "CREATE TABLE IF NOT EXISTS reactions (note INTEGER NOT NULL REFERENCES notes ON DELETE CASCADE, guest TEXT NOT NULL "
    "REFERENCES guests ON DELETE CASCADE, kind TEXT NOT NULL, PRIMARY KEY (note, guest, kind))",
    "CREATE TABLE IF NOT EXISTS following (person INTEGER NOT NULL REFERENCES people, guest TEXT NOT NULL REFERENCES "
    "guests ON DELETE CASCADE, state TEXT NOT NULL, PRIMARY KEY (person, guest))",
};

static int done(int rows)
{
    return rows < 0 ? -1 : 0;
}

int guests_create(sqlite3 *db)
{
    size_t i;
    for (i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++)
        if (sql_run(db, TABLES[i], "") < 0)
            return -1;
    return 0;
}

int guest_seen(sqlite3 *db, const char *uri, const char *handle, const char *name, const char *url)
{
    return done(sql_run(db, "INSERT INTO guests (uri, handle, name, url) VALUES (?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE "
                            "SET handle = excluded.handle, name = excluded.name, url = excluded.url", "ssss", uri, handle,
                        name, url));
}

int guest_gone(sqlite3 *db, const char *uri)
{
    return done(sql_run(db, "DELETE FROM guests WHERE uri = ?", "s", uri));
}

int letter_came(sqlite3 *db, const char *uri, const char *guest, const char *html, const char *url, const char *written,
                int64_t note, const char *answers)
{
    return done(sql_run(db, "INSERT INTO letters (uri, guest, html, url, written, note) VALUES (?, ?, ?, ?, ?, COALESCE("
                            "(SELECT id FROM notes WHERE id = ?), (SELECT note FROM letters WHERE uri = ?))) "
                            "ON CONFLICT (uri) DO UPDATE SET html = excluded.html, url = excluded.url", "sssssis", uri,
                        guest, html, url, written, note, answers));
}

int letter_changed(sqlite3 *db, const char *uri, const char *html)
{
    return done(sql_run(db, "UPDATE letters SET html = ? WHERE uri = ?", "ss", html, uri));
}

int letter_gone(sqlite3 *db, const char *uri)
{
    return done(sql_run(db, "DELETE FROM letters WHERE uri = ?", "s", uri));
}

int reaction_came(sqlite3 *db, const char *kind, const char *guest, int64_t note)
{
    return done(sql_run(db, "INSERT INTO reactions (note, guest, kind) SELECT id, ?, ? FROM notes WHERE id = ? "
                            "ON CONFLICT DO NOTHING", "ssi", guest, kind, note));
}

int reaction_gone(sqlite3 *db, const char *kind, const char *guest, int64_t note)
{
    return done(sql_run(db, "DELETE FROM reactions WHERE note = ? AND guest = ? AND kind = ?", "iss", note, guest, kind));
}

int following_is(sqlite3 *db, int64_t person, const char *guest, const char *state)
{
    if (state == NULL)
        return done(sql_run(db, "DELETE FROM following WHERE person = ? AND guest = ?", "is", person, guest));
    return done(sql_run(db, "INSERT INTO following (person, guest, state) VALUES (?, ?, ?) ON CONFLICT (person, guest) "
                            "DO UPDATE SET state = excluded.state", "iss", person, guest, state));
}

#define LETTERS                                                                                                      \
    "SELECT l.uri, l.html, l.url, l.written, g.uri, g.handle, g.name, g.url FROM letters l JOIN guests g ON g.uri = " \
    "l.guest WHERE "

sqlite3_stmt *letters_for(sqlite3 *db, int64_t note)
{
    return sql_ask(db, LETTERS "l.note = ? ORDER BY l.written, l.uri", "i", note);
}

sqlite3_stmt *letters_from_elsewhere(sqlite3 *db, int most)
{
    return sql_ask(db, LETTERS "l.note IS NULL ORDER BY l.written DESC, l.uri LIMIT ?", "i", (int64_t)most);
}

sqlite3_stmt *reactions_to(sqlite3 *db, int64_t note)
{
    return sql_ask(db, "SELECT r.kind, g.handle, g.url FROM reactions r JOIN guests g ON g.uri = r.guest "
                       "WHERE r.note = ? ORDER BY r.kind, g.handle", "i", note);
}

sqlite3_stmt *followed(sqlite3 *db)
{
    return sql_ask(db, "SELECT g.handle, g.url, f.state, p.name FROM following f JOIN guests g ON g.uri = f.guest "
                       "JOIN people p ON p.id = f.person ORDER BY p.name, g.handle", "");
}
