// The tests that need a database. A module of its own, so that fedigraft itself has no dependencies. The drivers are
// those of Debian: golang-github-mattn-go-sqlite3-dev, golang-github-lib-pq-dev.
module github.com/fedigraft/fedigraft/bindings/go/storetest

go 1.24

require (
	github.com/fedigraft/fedigraft/bindings/go v0.0.0
	github.com/lib/pq v0.0.0
	github.com/mattn/go-sqlite3 v0.0.0
)

replace (
	github.com/fedigraft/fedigraft/bindings/go => ../
	github.com/lib/pq => /usr/share/gocode/src/github.com/lib/pq
	github.com/mattn/go-sqlite3 => /usr/share/gocode/src/github.com/mattn/go-sqlite3
)
