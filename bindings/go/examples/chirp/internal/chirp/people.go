package chirp

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/text"
)

// MaxFields is how many lines of links and facts a profile has.
const MaxFields = 4

var nameForm = regexp.MustCompile(`^[a-z0-9_]{1,30}$`)

// Field is a line of a profile: a name, and a value that is plain text.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Person is somebody who signed up here, or somebody from elsewhere whom someone here knows: who has a URI, their
// permanent name there, and a domain. elsewhere.go stores them.
type Person struct {
	ID               ID
	Name, Domain     string
	URI, URL         string // "" for own people
	DisplayName, Bio string
	BioHTML          string // of people from elsewhere, sanitised before it came here
	Avatar           string
	Fields           []Field
	Language         string // of their next post
	Locked           bool   // followers need approval
	Discoverable     bool   // shown in search and suggestions
	Federated        bool   // agreed to be reachable from other sites
	Created          time.Time
	home             string
}

// Local says whether this person signed up here.
func (p *Person) Local() bool { return p.URI == "" }

// Handle is "@alice" for own people, "@bob@site.example" for others.
func (p *Person) Handle() string {
	if p.Domain == "" {
		return "@" + p.Name
	}
	return "@" + p.Name + "@" + p.Domain
}

// FullHandle is the handle that works anywhere: "@alice@chirp.example".
func (p *Person) FullHandle() string {
	if p.Domain == "" {
		return "@" + p.Name + "@" + p.home
	}
	return p.Handle()
}

// Path is the profile page here.
func (p *Person) Path() string { return "/" + p.Handle() }

// ShownName is the display name, or the name.
func (p *Person) ShownName() string {
	if p.DisplayName == "" {
		return p.Name
	}
	return p.DisplayName
}

// BioMarkup is the bio as safe HTML.
func (p *Person) BioMarkup() template.HTML {
	if p.Local() {
		return text.ToHTML(p.Bio, nobody, "nofollow noopener")
	}
	return template.HTML(p.BioHTML) // sanitised before UpsertPerson took it
}

// Markup is the value as safe HTML. Own links say rel="me": whoever they lead to can point back.
func (p *Person) Markup(field Field) template.HTML {
	if p.Local() {
		return text.ToHTML(field.Value, nobody, "me nofollow noopener")
	}
	return text.ToHTML(field.Value, nobody, "nofollow noopener")
}

func nobody(string) bool { return false }

// Person is the person with this id.
func (s *Site) Person(ctx context.Context, q database.Querier, id ID) (*Person, error) {
	return s.onePerson(ctx, q, "people WHERE id = ?", id)
}

// OwnPerson is the one of our own with this id or "@name".
func (s *Site) OwnPerson(ctx context.Context, q database.Querier, key string) (*Person, error) {
	if strings.HasPrefix(key, "@") {
		return s.onePerson(ctx, q, "people WHERE name = ? AND uri IS NULL", key[1:])
	}
	return s.onePerson(ctx, q, "people WHERE id = ? AND uri IS NULL", ParseID(key))
}

// ByHandle is the person called "alice", "@alice", "@alice@<here>" or "@bob@site.example".
func (s *Site) ByHandle(ctx context.Context, q database.Querier, handle string) (*Person, error) {
	name, domain, _ := strings.Cut(strings.TrimPrefix(handle, "@"), "@")
	if strings.EqualFold(domain, s.Home()) {
		domain = ""
	}
	return s.onePerson(ctx, q, "people WHERE name = ? AND domain = ?", name, domain)
}

// ByURI is the person from elsewhere with this uri.
func (s *Site) ByURI(ctx context.Context, q database.Querier, uri string) (*Person, error) {
	return s.onePerson(ctx, q, "people WHERE uri = ?", uri)
}

// SearchPeople finds people whose handle or display name contains the query: those who may be found, and an exact
// name.
func (s *Site) SearchPeople(ctx context.Context, q database.Querier, query string) ([]*Person, error) {
	name := strings.TrimPrefix(query, "@")
	pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(name) + "%"
	return s.people(ctx, q,
		`people WHERE (discoverable = 1 AND (name || '@' || domain LIKE :pattern ESCAPE '\'
		                                     OR display_name LIKE :pattern ESCAPE '\'))
		           OR (name = :name AND domain = '')
		 ORDER BY name <> :name, domain <> '', name LIMIT 20`,
		sql.Named("pattern", pattern), sql.Named("name", name))
}

// Suggestions are own people whom the person does not follow yet, those with recent posts first.
func (s *Site) Suggestions(ctx context.Context, q database.Querier, person *Person) ([]*Person, error) {
	return s.people(ctx, q,
		`people WHERE uri IS NULL AND discoverable = 1 AND id <> :me
		   AND NOT EXISTS (SELECT 1 FROM follows WHERE follower_id = :me AND followee_id = people.id)
		 ORDER BY (SELECT max(published) FROM posts WHERE author_id = people.id) DESC NULLS LAST, id DESC LIMIT 4`,
		sql.Named("me", person.ID))
}

// Join adds one of our own, in a transaction of its own: hashing a password takes long, and nobody shall wait for it.
// A [Problem] says why that cannot be.
func (s *Site) Join(ctx context.Context, name, password, displayName string, federated bool) (person *Person, err error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !nameForm.MatchString(name) {
		return nil, Problem("A name has 1 to 30 letters from a to z, digits or underscores.")
	}
	hash, err := s.hashPassword(password)
	if err != nil {
		return nil, err
	}
	err = s.Write(ctx, func(tx database.Tx) error {
		added, err := change(ctx, tx,
			`INSERT INTO people (name, password, display_name, federated, created) VALUES (?, ?, ?, ?, ?)
			 ON CONFLICT (name, domain) DO NOTHING`,
			name, hash, head(strings.TrimSpace(displayName), 60), federated, clock.Text(clock.Now()))
		if err == nil && !added {
			err = Problem(fmt.Sprintf("The name “%s” is taken.", name))
		}
		if err != nil {
			return err
		}
		person, err = s.OwnPerson(ctx, tx, "@"+name)
		return err
	})
	return person, err
}

// EditPerson changes the profile of one of our own to what person says; tells ProfileEdited.
func (s *Site) EditPerson(ctx context.Context, tx database.Tx, person Person) (*Person, error) {
	kept := []Field{}
	for _, field := range person.Fields {
		field.Name, field.Value = head(strings.TrimSpace(field.Name), 40), head(strings.TrimSpace(field.Value), 200)
		if field.Value != "" && len(kept) < MaxFields {
			kept = append(kept, field)
		}
	}
	fields, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx,
		`UPDATE people SET display_name = ?, bio = ?, fields = ?, avatar = ?, locked = ?, discoverable = ?,
		                   federated = ? WHERE id = ? AND uri IS NULL`,
		head(strings.TrimSpace(person.DisplayName), 60), head(strings.TrimSpace(person.Bio), 500), string(fields),
		null(person.Avatar), person.Locked, person.Discoverable, person.Federated, person.ID); err != nil {
		return nil, err
	}
	edited, err := s.Person(ctx, tx, person.ID)
	if err != nil {
		return nil, err
	}
	return edited, s.tell(ctx, tx, Event{Kind: ProfileEdited, Who: edited})
}

// people reads people; from is what follows FROM, with people in it.
func (s *Site) people(ctx context.Context, q database.Querier, from string, args ...any) ([]*Person, error) {
	return collect(ctx, q, func(rows *sql.Rows) (*Person, error) {
		p := &Person{home: s.Home()}
		var fields, created string
		if err := rows.Scan(&p.ID, &p.Name, &p.Domain, &p.URI, &p.URL, &p.DisplayName, &p.Bio, &p.BioHTML, &p.Avatar,
			&fields, &p.Language, &p.Locked, &p.Discoverable, &p.Federated, &created); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(fields), &p.Fields); err != nil {
			return nil, err
		}
		var err error
		p.Created, err = clock.Read(created)
		return p, err
	}, `SELECT people.id, name, domain, coalesce(uri, ''), coalesce(url, ''), display_name, bio,
	           coalesce(bio_html, ''), coalesce(avatar, ''), fields, language, locked, discoverable, federated,
	           people.created FROM `+from, args...)
}

func (s *Site) onePerson(ctx context.Context, q database.Querier, from string, args ...any) (*Person, error) {
	found, err := s.people(ctx, q, from, args...)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// peopleByID reads many people at once. Unknown ids are left out.
func (s *Site) peopleByID(ctx context.Context, q database.Querier, ids []ID) (map[ID]*Person, error) {
	found, err := s.people(ctx, q, "people WHERE id IN (SELECT value FROM json_each(?))", list(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[ID]*Person, len(found))
	for _, person := range found {
		byID[person.ID] = person
	}
	return byID, nil
}

// list is ids as JSON, for json_each.
func list(ids []ID) string {
	written, _ := json.Marshal(append([]ID{}, ids...)) // numbers: cannot fail
	return string(written)
}

// head is the first characters of a text.
func head(text string, characters int) string {
	if runes := []rune(text); len(runes) > characters {
		return string(runes[:characters])
	}
	return text
}
