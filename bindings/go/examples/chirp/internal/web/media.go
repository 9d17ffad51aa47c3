package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/pictures"
)

// Uploaded pictures: taken from forms, and served.

const maxPicture = 5 << 20 // bytes

var mediaTypes = map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}

// picture is the one that came with a form; nil when the field was left empty.
func (v *visit) picture(field string) (*pictures.Picture, error) {
	file, header, err := v.r.FormFile(field)
	if err != nil || header.Filename == "" {
		return nil, nil // no such field, or an empty one
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxPicture+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxPicture {
		return nil, chirp.Problem(fmt.Sprintf("A picture may have at most %d MB.", maxPicture>>20))
	}
	picture, err := pictures.Read(content)
	if err != nil {
		return nil, chirp.Problem(err.Error())
	}
	return picture, nil
}

// media serves a stored picture, with nothing in it that a browser would run.
func (v *visit) media() error {
	name := v.r.PathValue("name")
	mediaType := mediaTypes[path.Ext(name)]
	if mediaType == "" || strings.ContainsAny(name, `/\`) {
		return chirp.ErrNotFound
	}
	file, err := os.OpenInRoot(v.site.Media, name)
	if errors.Is(err, os.ErrPermission) {
		return err
	}
	if err != nil { // there is none, or it leads out of the folder
		return chirp.ErrNotFound
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil || !about.Mode().IsRegular() {
		return chirp.ErrNotFound
	}
	header := v.w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(v.w, v.r, "", about.ModTime(), file)
	return nil
}
