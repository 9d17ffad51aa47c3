package fedigraft

// What local users do, by name. A post or a profile is named by the host's key: then Host is asked for it, in the
// same transaction; Perform takes the document itself. The post that is liked or shared is named by its URI, one
// of the host's own by its key too.
//
// With tx an action joins that transaction and commits nothing; with nil it opens one and commits it. Publish,
// Update and Delete never fetch. Follow, Accept, Like and their opposites may have to fetch an actor that is not
// known yet, and refuse to in a transaction: ErrRefused with the reason "fetch_in_transaction". Call LookUp before.
//
// Only who commits can wake the worker: after a transaction of its own the host calls Wake.

import (
	"context"
	"database/sql"
	"encoding/json"
)

// Result is what an action came to.
type Result struct {
	// Federated is false when nobody elsewhere is told; Why says the reason, when there is one to say.
	Federated bool   `json:"federated"`
	Why       string `json:"why"`
	// URI is that of the post.
	URI string `json:"uri"`
	// Activity is the URI of what was sent.
	Activity string `json:"activity"`
	// State is that of a follow: "pending", "accepted" or "none".
	State string `json:"state"`
	// Document is the whole result as JSON.
	Document json.RawMessage `json:"-"`
}

// Publish sends a new post to whom it concerns. What leaves waits in the queue until tx is committed; call Wake after
// the commit, or the worker sees it at its next look (Config.Poll). The same goes for every action with a tx.
func (f *Federation) Publish(ctx context.Context, tx Tx, post string) (Result, error) {
	return f.about(ctx, tx, "publish", post)
}

// Update sends an edit; Updated of the post says when.
func (f *Federation) Update(ctx context.Context, tx Tx, post string) (Result, error) {
	return f.about(ctx, tx, "update", post)
}

// Delete tells everybody who got the post that it is gone. Call it before its row goes.
func (f *Federation) Delete(ctx context.Context, tx Tx, post string) (Result, error) {
	return f.about(ctx, tx, "delete", post)
}

// Follow: the local profile asks to follow the remote actor.
func (f *Federation) Follow(ctx context.Context, tx Tx, profile, actor string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "follow", Profile: profile, Actor: actor})
}

// Unfollow: the local profile follows the remote actor no longer.
func (f *Federation) Unfollow(ctx context.Context, tx Tx, profile, actor string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "unfollow", Profile: profile, Actor: actor})
}

// Accept: the local profile lets the remote actor follow.
func (f *Federation) Accept(ctx context.Context, tx Tx, profile, actor string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "accept", Profile: profile, Actor: actor})
}

// Reject: the local profile does not let the remote actor follow, or not any more.
func (f *Federation) Reject(ctx context.Context, tx Tx, profile, actor string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "reject", Profile: profile, Actor: actor})
}

// Like: the local profile likes a post. One of the host's own: nobody elsewhere is told.
func (f *Federation) Like(ctx context.Context, tx Tx, profile, post string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "like", Profile: profile, Object: post})
}

// Unlike: the local profile takes its like back.
func (f *Federation) Unlike(ctx context.Context, tx Tx, profile, post string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "unlike", Profile: profile, Object: post})
}

// Share: the local profile shares (boosts) a public post.
func (f *Federation) Share(ctx context.Context, tx Tx, profile, post string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "share", Profile: profile, Object: post})
}

// Unshare: the local profile takes its share back.
func (f *Federation) Unshare(ctx context.Context, tx Tx, profile, post string) (Result, error) {
	return f.Perform(ctx, tx, Action{Type: "unshare", Profile: profile, Object: post})
}

// UpdateProfile tells followers that a profile changed.
func (f *Federation) UpdateProfile(ctx context.Context, tx Tx, profile string) (Result, error) {
	return f.with(ctx, tx, "update_profile", profile)
}

// DeleteProfile tells followers that a profile is gone for good. Its id can never be used again.
func (f *Federation) DeleteProfile(ctx context.Context, tx Tx, profile string) (Result, error) {
	return f.with(ctx, tx, "delete_profile", profile)
}

// Perform does any action. With tx everything is read and written there, and the host commits and calls Wake;
// with nil a transaction of its own is opened and committed, and the worker is woken.
func (f *Federation) Perform(ctx context.Context, tx Tx, action Action) (Result, error) {
	exchange, err := f.instance.Perform(f.driver.now(), action)
	if err != nil {
		return Result{}, err
	}
	if none(tx) {
		result, err := f.finish(ctx, exchange)
		return readResult(result, err)
	}
	defer exchange.Close()
	if err := f.database.join(ctx, tx); err != nil {
		return Result{}, err
	}
	driver := Driver{Fetcher: noFetcher{}, Clock: f.driver.Clock}
	done, err := driver.Run(ctx, exchange, joined{f.host, tx})
	if err != nil {
		return Result{}, err
	}
	err = commit(ctx, tx, done, &f.handlers, f.driver.now(), nil)
	return readResult(done.Result, err)
}

// about does an action with one of the host's posts.
func (f *Federation) about(ctx context.Context, tx Tx, kind, id string) (Result, error) {
	var post *Post
	err := f.ask(ctx, tx, func(tx Tx) (err error) {
		post, err = f.host.Post(ctx, tx, id)
		return known(post != nil, err, "post")
	})
	if err != nil {
		return Result{}, err
	}
	return f.Perform(ctx, tx, Action{Type: kind, Post: post})
}

// with does an action with one of the host's profiles.
func (f *Federation) with(ctx context.Context, tx Tx, kind, id string) (Result, error) {
	var profile *Profile
	err := f.ask(ctx, tx, func(tx Tx) (err error) {
		profile, err = f.host.Profile(ctx, tx, id)
		return known(profile != nil, err, "profile")
	})
	if err != nil {
		return Result{}, err
	}
	return f.Perform(ctx, tx, Action{Type: kind, Whole: profile})
}

// ask asks the host, in its transaction or in one of our own.
func (f *Federation) ask(ctx context.Context, tx Tx, function func(Tx) error) error {
	if none(tx) {
		return f.database.read(ctx, function)
	}
	return function(tx)
}

// known makes an error of what the host does not know.
func known(found bool, err error, what string) error {
	if err == nil && !found || isNotFound(err) {
		return invalid("not_found", what, "the host has no "+what+" of this id")
	}
	return err
}

// none is true for no transaction, also for a nil *sql.Tx.
func none(tx Tx) bool {
	inside, pointer := tx.(*sql.Tx)
	return tx == nil || pointer && inside == nil
}

func readResult(document json.RawMessage, err error) (Result, error) {
	if err != nil || len(document) == 0 {
		return Result{}, err
	}
	// What can only concern others, such as a follow, says nothing of it.
	result := Result{Document: document, Federated: true}
	err = parse(document, &result)
	return result, err
}

// noFetcher refuses to fetch: no transaction stays open while the network is waited for.
type noFetcher struct{}

func (noFetcher) Fetch(context.Context, *FetchRequest) (*Fetched, error) {
	return nil, &Error{
		Code: CodeRefused, Reason: "fetch_in_transaction",
		Message: "this needs a document from another server, and a transaction is open; call LookUp with the URI " +
			"before the transaction begins",
	}
}
