package chirp

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// IsAddress says whether a query is a full handle ("@bob@site.example") or a URL.
func IsAddress(query string) bool {
	name, domain, _ := strings.Cut(strings.TrimPrefix(query, "@"), "@")
	return strings.HasPrefix(query, "https://") || strings.HasPrefix(query, "http://") ||
		(name != "" && domain != "" && !strings.Contains(query, " "))
}

// Locate gives the path of the page that a full handle or a URL leads to: of what is known here, or of what a
// subscriber of OnUnknown found for somebody who is logged in. "" says that there is none. origin is another name of
// this site.
func (s *Site) Locate(ctx context.Context, viewer *Person, query, origin string) (path string, err error) {
	if strings.Contains(query, "://") {
		path, err = s.byURL(ctx, viewer, query, origin)
	} else {
		path, err = pathOf(s.ByHandle(ctx, s.DB, query))
	}
	if err == nil || !errors.Is(err, ErrNotFound) || viewer == nil {
		return path, ignore(err)
	}
	for _, ask := range s.finders {
		who, post, err := ask(ctx, query)
		if err == nil {
			err = s.Write(ctx, func(tx database.Tx) (err error) {
				switch {
				case post != nil:
					path, err = pathOf(s.UpsertPost(ctx, tx, post))
				case who != nil:
					path, err = pathOf(s.UpsertPerson(ctx, tx, who))
				}
				return err
			})
		}
		if err != nil {
			slog.Info("a subscriber could not find out who that is", "error", err)
		} else if path != "" {
			return path, nil
		}
	}
	return "", nil
}

// byURL finds a page of our own site by its address, or something from elsewhere by its uri or page.
func (s *Site) byURL(ctx context.Context, viewer *Person, url, origin string) (path string, err error) {
	for _, ours := range []string{s.Origin + "/", origin + "/"} {
		path, ok := strings.CutPrefix(url, ours)
		if !ok {
			continue
		}
		if strings.HasPrefix(path, "@") {
			return pathOf(s.ByHandle(ctx, s.DB, path))
		}
		return pathOf(s.Visible(ctx, s.DB, viewer, ParseID(strings.TrimPrefix(path, "posts/"))))
	}
	path, err = pathOf(s.onePerson(ctx, s.DB, "people WHERE uri = ?1 OR url = ?1", url))
	if !errors.Is(err, ErrNotFound) {
		return path, err
	}
	ids, err := collect(ctx, s.DB, number, "SELECT id FROM posts WHERE uri = ?1 OR url = ?1", url)
	if err != nil || len(ids) == 0 {
		return "", cmp.Or(err, ErrNotFound)
	}
	return pathOf(s.Visible(ctx, s.DB, viewer, ids[0]))
}

// pathOf is the page of what was found.
func pathOf[T interface{ Path() string }](found T, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return found.Path(), nil
}

// ignore is an error, unless it only says that nothing was found.
func ignore(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
