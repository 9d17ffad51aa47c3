-- The tables of the store, for SQLite (3.24 or later) and PostgreSQL alike. They may live in the host's own
-- database, beside its tables: every name starts with fedigraft_. Times are seconds since the epoch.
-- Each statement may run again at any time.

-- Key pairs of local actors. The private half never leaves this table but to sign.
CREATE TABLE IF NOT EXISTS fedigraft_keys (
    actor TEXT NOT NULL PRIMARY KEY,
    private_pem TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Documents by name and key: activity, remote_post, remote_key, origin, tombstone.
CREATE TABLE IF NOT EXISTS fedigraft_documents (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    expires_at BIGINT,
    document TEXT NOT NULL,
    PRIMARY KEY (name, key)
);

-- Remote actors. handle is "acct:user@host" in lower case.
CREATE TABLE IF NOT EXISTS fedigraft_actors (
    id TEXT NOT NULL PRIMARY KEY,
    handle TEXT,
    inbox TEXT,
    shared_inbox TEXT,
    version BIGINT NOT NULL,
    expires_at BIGINT,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fedigraft_actors_handle ON fedigraft_actors (handle);

-- Who follows whom; state is pending or accepted. inbox is where the follower receives: the shared inbox of
-- its server when there is one, copied here so that a page of distinct inboxes is one walk along an index.
CREATE TABLE IF NOT EXISTS fedigraft_follows (
    follower TEXT NOT NULL,
    followee TEXT NOT NULL,
    state TEXT NOT NULL,
    inbox TEXT,
    version BIGINT NOT NULL,
    expires_at BIGINT,
    document TEXT NOT NULL,
    PRIMARY KEY (follower, followee)
);
CREATE INDEX IF NOT EXISTS fedigraft_follows_inbox ON fedigraft_follows (followee, state, inbox);
CREATE INDEX IF NOT EXISTS fedigraft_follows_follower ON fedigraft_follows (followee, state, follower);

-- What was done and must not be done again.
CREATE TABLE IF NOT EXISTS fedigraft_once (
    key TEXT NOT NULL PRIMARY KEY,
    done_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS fedigraft_once_done_at ON fedigraft_once (done_at);

-- Work for later. A worker that claims a row moves due_at ahead by the length of its lease and leaves its mark in
-- lease; when the worker dies, the row is due again by itself.
CREATE TABLE IF NOT EXISTS fedigraft_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL,
    lease TEXT,
    failures INTEGER NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fedigraft_jobs_due_at ON fedigraft_jobs (due_at);

CREATE TABLE IF NOT EXISTS fedigraft_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL,
    lease TEXT,
    failures INTEGER NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fedigraft_deliveries_due_at ON fedigraft_deliveries (due_at);
