// Package fedigraft grafts federation (ActivityPub) onto the server you already have. The host keeps its HTTP server,
// its database and its users; fedigraft signs, verifies, translates and decides.
//
// # The friendly face
//
// A [Federation] joins a site to the fediverse. The site implements [Host], which answers for its users and posts;
// says with [On] what happens when somebody elsewhere follows, writes or likes; puts [Federation.Handler] in front of
// its own handler; and runs [Federation.Work] for the deliveries.
//
//	fed, err := fedigraft.New(fedigraft.Config{
//		Instance: fedigraft.InstanceConfig{Origin: "https://chirp.example", Name: "Chirp"},
//		Database: db,     // SQLite or PostgreSQL, with any driver
//		Host:     site{}, // Profile, Post, Posts
//	})
//	fedigraft.On(fed, func(ctx context.Context, tx fedigraft.Tx, e fedigraft.PostCreated) error {
//		_, err := tx.ExecContext(ctx, "INSERT INTO timeline …", e.Actor.Handle, e.Post.Content.Text)
//		return err
//	})
//	server := &http.Server{Addr: ":8080", Handler: fed.Handler(mux)}
//	go server.ListenAndServe()
//	err = fed.Work(ctx) // until ctx ends; then server.Shutdown and fed.Close
//
// # Transactions
//
// What a user does and its publication are one transaction of the host's: both happen, or neither.
//
//	tx, err := db.BeginTx(ctx, nil)
//	// … INSERT INTO posts …
//	_, err = fed.Publish(ctx, tx, postID)
//	err = tx.Commit()
//	fed.Wake() // the worker looks now rather than within a second
//
// Handlers run inside the transaction that stores what came with an event. Inside them, and inside the methods of
// Host, use the [Tx] that is passed and never the *sql.DB: a pool of one connection would wait for itself.
//
// # Without a database
//
// [Sign], [SignRequest] and [Transport] sign requests; [Instance.Verify] and [Instance.Explain] judge them.
// [Instance] renders profiles, posts, WebFinger and NodeInfo. [ReadPost], [ReadProfile], [ReadActivity], [Sanitise]
// and [HTMLToText] read what comes from elsewhere. [Instance.Receive] and its siblings open an [Exchange], which a
// [Driver] plays, for hosts that keep their own store.
//
// # Handles
//
// [Instance], [PrivateKey], [PublicKey] and [Exchange] belong to the native library. Close them or let them go; Close
// may be called at any time and twice. All but Exchange are safe for concurrent use.
//
// # Errors
//
// Every error of this package is an [*Error] or wraps one: errors.Is with [ErrRefused] and its siblings tells the
// kinds apart, [Retryable] whether to try again.
//
// # Building
//
// The package needs cgo. The static library beside it becomes part of the program; under the build tag
// fedigraft_shared it is linked as pkg-config says.
package fedigraft
