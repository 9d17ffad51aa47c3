package chirp

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/pictures"
)

// Uploaded pictures are stored in one folder under names nobody can guess, under URLs that never change.
//
// The name is the permission: a picture of a followers-only post is reachable for those who were given its URL, as it
// is on other sites. Files follow the database: gone when the transaction is, deleted with their post.

// MediaPrefix is what the URLs of uploaded pictures begin with.
const MediaPrefix = "/media/"

// maxAlt is how many characters the description of a picture may have.
const maxAlt = 1500

// SaveMedia writes a picture into the folder, within a transaction: if that is rolled back, the file goes too.
func (s *Site) SaveMedia(ctx context.Context, tx database.Tx, picture *pictures.Picture, alt string) (Media, error) {
	secret := make([]byte, 18)
	rand.Read(secret) // never fails
	name := base64.RawURLEncoding.EncodeToString(secret) + "." + picture.Extension
	if err := os.MkdirAll(s.Media, 0o777); err != nil {
		return Media{}, err
	}
	path := filepath.Join(s.Media, name)
	if err := database.AfterRollback(ctx, tx, func() { os.Remove(path) }); err != nil {
		return Media{}, err
	}
	return Media{MediaPrefix + name, picture.MediaType, Alt(alt), picture.Width, picture.Height},
		os.WriteFile(path, picture.Data, 0o666)
}

// DiscardMedia deletes the file behind a URL of ours once the open transaction is committed.
func (s *Site) DiscardMedia(ctx context.Context, tx database.Tx, url string) error {
	name, ours := strings.CutPrefix(url, MediaPrefix)
	if !ours {
		return nil
	}
	path := filepath.Join(s.Media, filepath.Base(name))
	return database.AfterCommit(ctx, tx, func() { os.Remove(path) })
}

func (s *Site) discardWithPost(ctx context.Context, tx database.Tx, event Event) error {
	if event.Kind != PostDeleted {
		return nil
	}
	for _, item := range event.Post.Media {
		if err := s.DiscardMedia(ctx, tx, item.URL); err != nil {
			return err
		}
	}
	return nil
}
