package fedigraft

// Key pairs of local actors: made on first use, kept in the store, used to sign. The row in the database is read
// at every use and is what counts; the parsed form of a PEM is remembered, so that a fan-out parses it once.

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// publicKeyOf gives the public half for the key load.
func publicKeyOf(ctx context.Context, tx Tx, actor string) (any, error) {
	key, err := keyOf(ctx, tx, actor)
	if err != nil {
		return nil, err
	}
	pem, err := key.PublicPEM()
	if err != nil {
		return nil, err
	}
	return map[string]string{"key_id": actor + "#main-key", "algorithm": "rsa", "public_key_pem": string(pem)}, nil
}

// noKey says that an actor has no key yet.
type noKey struct{ actor string }

func (noKey) Error() string { return "fedigraft: the actor has no key pair yet" }

// keyOf gives the private key of a local actor, or the error noKey.
func keyOf(ctx context.Context, tx Tx, actor string) (*PrivateKey, error) {
	found, err := column(ctx, tx, "SELECT private_pem FROM fedigraft_keys WHERE actor = $1", actor)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, noKey{actor}
	}
	return parsedKeys.get(found[0])
}

// makeKey makes the key pair of an actor. The first of two writers wins.
func makeKey(ctx context.Context, tx Tx, actor, pem string, now time.Time) error {
	_, err := execute(ctx, tx, "INSERT INTO fedigraft_keys (actor, private_pem, created_at) VALUES ($1, $2, $3) "+
		"ON CONFLICT (actor) DO NOTHING", actor, pem, now.Unix())
	return err
}

// makingKeys runs a function, and again when a key was missing and has been made and saved.
func makingKeys(function func() error, save func(actor, pem string) error) error {
	for {
		err := function()
		var missing noKey
		if !errors.As(err, &missing) {
			return err
		}
		pem, err := generatePEM()
		if err != nil {
			return err
		}
		if err := save(missing.actor, pem); err != nil {
			return err
		}
	}
}

// generatePEM makes a new key and gives its PEM, as text: so the column has it, and so it is hashed.
func generatePEM() (string, error) {
	key, err := GeneratePrivateKey()
	if err != nil {
		return "", err
	}
	defer key.Close()
	pem, err := key.PEM()
	return string(pem), err
}

const mostKeysKept = 64

// keyCache remembers parsed keys by a hash of their PEM. Those that are pushed out are freed by the garbage
// collector, when nobody signs with them any more.
type keyCache struct {
	mu   sync.Mutex
	keys map[[sha256.Size]byte]*PrivateKey
}

var parsedKeys = keyCache{keys: map[[sha256.Size]byte]*PrivateKey{}}

func (c *keyCache) get(pem string) (*PrivateKey, error) {
	name := sha256.Sum256([]byte(pem))
	c.mu.Lock()
	defer c.mu.Unlock()
	if key, ok := c.keys[name]; ok {
		return key, nil
	}
	key, err := ParsePrivateKey([]byte(pem))
	if err != nil {
		return nil, err
	}
	for old := range c.keys {
		if len(c.keys) < mostKeysKept {
			break
		}
		delete(c.keys, old)
	}
	c.keys[name] = key
	return key, nil
}
