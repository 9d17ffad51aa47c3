package chirp

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// MinPassword is how many characters a password needs.
const MinPassword = 8

// Login checks a name and a password. It takes equally long for a name that does not exist.
// ErrNotFound: they do not match.
func (s *Site) Login(ctx context.Context, q database.Querier, name, password string) (*Person, error) {
	person, err := s.onePerson(ctx, q, "people WHERE name = ? AND uri IS NULL",
		strings.TrimPrefix(strings.TrimSpace(name), "@"))
	hash := s.encodeHash("", nil)
	switch {
	case err == nil:
		hash, err = passwordOf(ctx, q, person)
	case errors.Is(err, ErrNotFound):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if right := matches(hash, password); person == nil || !right {
		return nil, ErrNotFound
	}
	return person, nil
}

// SetPassword changes a password, in a transaction of its own. A [Problem] says that it is too short.
func (s *Site) SetPassword(ctx context.Context, person *Person, password string) error {
	hash, err := s.hashPassword(password)
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx database.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE people SET password = ? WHERE id = ? AND uri IS NULL", hash, person.ID)
		return err
	})
}

// PasswordStamp changes with the password: sessions keep it, so that a new password ends them.
func (s *Site) PasswordStamp(ctx context.Context, q database.Querier, person *Person) (string, error) {
	hash, err := passwordOf(ctx, q, person)
	sum := sha256.Sum256([]byte(hash))
	return hex.EncodeToString(sum[:8]), err
}

func passwordOf(ctx context.Context, q database.Querier, person *Person) (hash string, err error) {
	err = q.QueryRowContext(ctx, "SELECT password FROM people WHERE id = ? AND uri IS NULL", person.ID).Scan(&hash)
	return hash, err
}

func (s *Site) hashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPassword {
		return "", Problem(fmt.Sprintf("A password needs at least %d characters.", MinPassword))
	}
	salt := rand.Text()
	key, err := pbkdf2.Key(sha256.New, password, []byte(salt), s.PasswordCost, sha256.Size)
	return s.encodeHash(salt, key), err
}

// encodeHash writes a hash as werkzeug does: "pbkdf2:sha256:600000$salt$hex".
func (s *Site) encodeHash(salt string, key []byte) string {
	return fmt.Sprintf("pbkdf2:sha256:%d$%s$%x", s.PasswordCost, salt, key)
}

func matches(hash, password string) bool {
	method, rest, _ := strings.Cut(hash, "$")
	salt, want, _ := strings.Cut(rest, "$")
	iterations, err := strconv.Atoi(strings.TrimPrefix(method, "pbkdf2:sha256:"))
	if err != nil {
		return false
	}
	key, err := pbkdf2.Key(sha256.New, password, []byte(salt), iterations, sha256.Size)
	return err == nil && subtle.ConstantTimeCompare([]byte(hex.EncodeToString(key)), []byte(want)) == 1
}
