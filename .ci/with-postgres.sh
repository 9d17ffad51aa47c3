#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own, which ends and is removed with it.
#
#   .ci/with-postgres.sh COMMAND...
#
# FEDIGRAFT_TEST_POSTGRES names the database for the command: a key=value string, as libpq, psycopg, Ruby's pg and
# Go's lib/pq read it. The server listens on a Unix socket only.
set -euo pipefail

bin=$(find /usr/lib/postgresql -maxdepth 3 -path '*/bin' -type d 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "error: PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }

home=$(mktemp -d "${TMPDIR:-/tmp}/fedigraft-pg.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root.
    chown postgres "$home"
    as=(runuser -u postgres --)
fi
end() {
    "${as[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap end EXIT

"${as[@]}" "$bin/initdb" -D "$home/data" -U fedigraft -A trust -E UTF8 --no-locale -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$home/data" -w -l "$home/log" \
    -o "-c listen_addresses='' -k $home -c fsync=off -c max_connections=200" start >/dev/null \
    || { cat "$home/log" >&2; exit 1; }
chmod 755 "$home"
"${as[@]}" "$bin/createdb" -h "$home" -U fedigraft fedigraft

FEDIGRAFT_TEST_POSTGRES="host=$home port=5432 user=fedigraft dbname=fedigraft sslmode=disable" "$@"
