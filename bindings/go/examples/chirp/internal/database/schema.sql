-- The database of chirp (SQLite). People and posts may come from elsewhere: then `uri` says where they
-- live, and `html` / `bio_html` hold markup that was sanitised before it came here. Own ones have uri NULL.
-- Times are RFC 3339 text in UTC with whole seconds ("2025-06-01T12:34:56Z"), so they sort as text.

CREATE TABLE people (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,              -- permanent, never used again
    name         TEXT    NOT NULL COLLATE NOCASE,
    domain       TEXT    NOT NULL DEFAULT '' COLLATE NOCASE,     -- '' for own people
    uri          TEXT    UNIQUE,
    url          TEXT,                                           -- their own page elsewhere
    password     TEXT,                                           -- a werkzeug hash; own people only
    display_name TEXT    NOT NULL DEFAULT '',
    bio          TEXT    NOT NULL DEFAULT '',
    bio_html     TEXT,
    avatar       TEXT,                                           -- "/media/…", or a URL elsewhere
    fields       TEXT    NOT NULL DEFAULT '[]',                  -- JSON [{"name", "value"}]; HTML value elsewhere
    language     TEXT    NOT NULL DEFAULT 'en',                  -- of their next post
    locked       INTEGER NOT NULL DEFAULT 0,                     -- followers need approval
    discoverable INTEGER NOT NULL DEFAULT 1,                     -- shown in search and suggestions
    federated    INTEGER NOT NULL DEFAULT 0,                     -- agreed to be reachable from other sites
    created      TEXT    NOT NULL,
    UNIQUE (name, domain),
    CHECK ((uri IS NULL) = (domain = '')),
    CHECK ((uri IS NULL) = (password IS NOT NULL))
);

CREATE TABLE posts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    author_id    INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    reply_to_id  INTEGER,                                        -- may name a post that is gone
    reply_to_uri TEXT,                                           -- of a parent that lives elsewhere
    title        TEXT    NOT NULL DEFAULT '',
    text         TEXT    NOT NULL DEFAULT '',                    -- plain, as written
    html         TEXT,
    warning      TEXT    NOT NULL DEFAULT '',
    sensitive    INTEGER NOT NULL DEFAULT 0,                     -- pictures stay folded
    language     TEXT    NOT NULL DEFAULT '',
    visibility   TEXT    NOT NULL CHECK (visibility IN ('public', 'unlisted', 'followers', 'direct')),
    uri          TEXT    UNIQUE,
    url          TEXT,
    published    TEXT    NOT NULL,
    edited       TEXT
);
CREATE INDEX posts_by_time ON posts (published, id);
CREATE INDEX posts_by_author ON posts (author_id, published, id);
CREATE INDEX posts_by_parent ON posts (reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX posts_by_parent_uri ON posts (reply_to_uri) WHERE reply_to_uri IS NOT NULL;

CREATE TABLE mentions (
    post_id   INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, person_id)
) WITHOUT ROWID;
CREATE INDEX mentions_by_person ON mentions (person_id);

CREATE TABLE tags (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag     TEXT    NOT NULL,                                    -- lower case, without #
    PRIMARY KEY (post_id, tag)
) WITHOUT ROWID;
CREATE INDEX tags_by_name ON tags (tag, post_id);

CREATE TABLE media (
    id         INTEGER PRIMARY KEY,
    post_id    INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    url        TEXT    NOT NULL,                                 -- "/media/…", or a URL elsewhere
    media_type TEXT    NOT NULL,
    alt        TEXT    NOT NULL DEFAULT '',
    width      INTEGER,
    height     INTEGER
);
CREATE INDEX media_by_post ON media (post_id);

CREATE TABLE follows (
    follower_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    followee_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'accepted')),
    created     TEXT    NOT NULL,
    PRIMARY KEY (follower_id, followee_id),
    CHECK (follower_id <> followee_id)
) WITHOUT ROWID;
CREATE INDEX follows_by_followee ON follows (followee_id, state);

CREATE TABLE likes (
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    post_id   INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    created   TEXT    NOT NULL,
    PRIMARY KEY (person_id, post_id)
) WITHOUT ROWID;
CREATE INDEX likes_by_post ON likes (post_id);

CREATE TABLE boosts (
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    post_id   INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    created   TEXT    NOT NULL,
    PRIMARY KEY (person_id, post_id)
) WITHOUT ROWID;
CREATE INDEX boosts_by_post ON boosts (post_id);
CREATE INDEX boosts_by_time ON boosts (created, post_id);

CREATE TABLE notifications (
    id        INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,   -- who is told
    kind      TEXT    NOT NULL,                                  -- see notifications.py
    actor_id  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,   -- who did it
    post_id   INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    created   TEXT    NOT NULL,
    seen      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notifications_once ON notifications (person_id, kind, actor_id, coalesce(post_id, 0));

PRAGMA user_version = 1;
