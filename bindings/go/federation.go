package fedigraft

// The friendly face: one value that joins the host's users, posts and database to the fediverse. The host answers
// what it is asked (Host), is told what happened (On), says what its users do (Publish …, in action.go), puts
// Handler in front of its site (handler.go) and runs Work (worker.go).

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// Config is what New needs. Instance.Origin, Database and Host are required.
type Config struct {
	// Instance says who the site is on the network. Its Loads are filled in.
	Instance InstanceConfig
	// Database is the host's own: SQLite or PostgreSQL, with any driver. The store's tables live there, too.
	Database *sql.DB
	// Host answers for the site's users and posts.
	Host Host
	// Fetcher makes the requests to other servers; nil is a &Network{}.
	Fetcher Fetcher
	// MostFetching is how many requests from elsewhere may wait for a fetch at once, zero for 4; further ones are
	// answered 503, so that slow strangers hold nothing up.
	MostFetching int
	// Workers is how many rows Work runs at once, zero for 2.
	Workers int
	// Poll is the time between two looks at an empty queue, zero for a second. Work that fedigraft commits in this
	// process is seen at once; after a commit of the host's own, Wake says so.
	Poll time.Duration
	// Logger is for the operator; nil is slog.Default().
	Logger *slog.Logger
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
}

// Federation is federation for one site. Safe for concurrent use; register handlers with On before.
type Federation struct {
	instance *Instance
	host     Host
	database *database
	handlers handlers
	// Requests from elsewhere have a limit on fetches that other work does not share.
	driver, inbound *Driver
	workers         int
	poll            time.Duration
	log             *slog.Logger
	bell            bell
	purged          atomic.Int64
}

// New makes a federation. It reads and writes nothing yet. ErrInvalidArgument: the configuration is wrong; Place
// says where.
func New(config Config) (*Federation, error) {
	switch {
	case config.Database == nil:
		return nil, invalid("missing_database", "Database", "expected the site's *sql.DB")
	case config.Host == nil:
		return nil, invalid("missing_host", "Host", "expected what answers for the site's users and posts")
	}
	config.Instance.Loads = slices.Concat([]string{"blocked", "post", "posts", "profile"}, storeNames)
	instance, err := OpenInstance(config.Instance)
	if err != nil {
		return nil, err
	}
	f := &Federation{
		instance: instance,
		host:     config.Host,
		database: &database{db: config.Database},
		workers:  or(config.Workers, 2),
		poll:     or(config.Poll, time.Second),
		log:      or(config.Logger, slog.Default()),
	}
	if config.Fetcher == nil {
		config.Fetcher = defaultNetwork
	}
	f.driver = &Driver{Fetcher: config.Fetcher, Clock: config.Clock}
	f.inbound = &Driver{Fetcher: config.Fetcher, Clock: config.Clock, MostFetching: or(config.MostFetching, 4)}
	for _, warning := range instance.Description().Warnings {
		f.log.Warn("fedigraft: " + warning)
	}
	return f, nil
}

// Instance is who the site is, for its URIs and the primitives.
func (f *Federation) Instance() *Instance { return f.instance }

// Close frees the instance. What is under way ends first; afterwards everything gives ErrClosed.
func (f *Federation) Close() error {
	return f.instance.Close()
}

// CreateTables makes the store's tables. It may run again at any time, and need not: they are made at first use.
func (f *Federation) CreateTables(ctx context.Context) error { return f.database.makeTables(ctx) }

// Found is what a look-up found: a profile, or a post with its author's profile.
type Found struct {
	// URI names it.
	URI     string   `json:"uri"`
	Profile *Profile `json:"profile"`
	Post    *Post    `json:"post"`
	// Local is the host's own id when it is one of its own.
	Local string `json:"local"`
}

// LookUp finds a profile or a post by "@user@domain" or URL, here or elsewhere. May fetch; hold no transaction
// open. ErrNotFound: there is nothing. ErrInvalidArgument: it is neither a handle nor a URL. ErrFailed: a server
// could not be reached; Retryable says whether to try again.
func (f *Federation) LookUp(ctx context.Context, query string) (*Found, error) {
	exchange, err := f.instance.LookUp(f.driver.now(), query)
	if err != nil {
		return nil, err
	}
	result, err := f.finish(ctx, exchange)
	if err != nil {
		return nil, err
	}
	var found *Found
	if err := parse(result, &found); err != nil {
		return nil, err
	}
	switch {
	case found == nil || found.Profile == nil && found.Post == nil:
		return nil, &Error{Code: CodeNotFound, Reason: "not_found", Message: "nothing has this name"}
	case found.URI == "" && found.Post != nil:
		found.URI = found.Post.ID
	case found.URI == "":
		found.URI = found.Profile.ID
	}
	return found, nil
}

// finish plays an exchange in transactions of its own and commits what it comes to.
func (f *Federation) finish(ctx context.Context, exchange *Exchange) (json.RawMessage, error) {
	done, err := f.driver.Run(ctx, exchange, alone{f.host, f.database})
	if err != nil {
		return nil, err
	}
	if err := f.commit(ctx, done); err != nil {
		return nil, err
	}
	if len(done.Result) == 0 {
		return json.RawMessage("null"), nil
	}
	return done.Result, nil
}

// commit writes what a done holds in one transaction.
func (f *Federation) commit(ctx context.Context, done *Done) error {
	if !done.hasEffects() {
		return nil
	}
	err := f.database.write(ctx, func(tx Tx) error {
		return commit(ctx, tx, done, &f.handlers, f.driver.now(), nil)
	})
	if err == nil {
		f.Wake()
	}
	return err
}

// or gives the value, or another one instead of zero.
func or[T comparable](value, instead T) T {
	var zero T
	if value == zero {
		return instead
	}
	return value
}
