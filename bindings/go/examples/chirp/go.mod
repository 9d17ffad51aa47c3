module github.com/fedigraft/fedigraft/bindings/go/examples/chirp

go 1.24

require (
	github.com/fedigraft/fedigraft/bindings/go v0.0.0
	github.com/mattn/go-sqlite3 v1.14.16
)

replace github.com/fedigraft/fedigraft/bindings/go => ../..

// Debian's packages: golang-github-mattn-go-sqlite3-dev.
replace github.com/mattn/go-sqlite3 => /usr/share/gocode/src/github.com/mattn/go-sqlite3
