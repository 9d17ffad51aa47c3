//go:build !plain

package main

import (
	"cmp"
	"context"
	"os"

	"github.com/fedigraft/fedigraft/bindings/go"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

func init() { extend = federate }

// federate makes a site's people reachable from other servers: they can be followed from there, and follow there.
func federate(site *chirp.Site) (closing func() error, err error) {
	site.Federated = true
	g := graft{site}
	fed, err := fedigraft.New(fedigraft.Config{Database: site.DB, Host: g, Instance: fedigraft.InstanceConfig{
		Origin: site.Origin, Name: site.Name, Software: &fedigraft.Software{Name: "chirp", Version: chirp.Version},
		Policy: fedigraft.Policy{Base: os.Getenv("CHIRP_POLICY")}}})
	if err != nil {
		return nil, err
	}
	fedigraft.On(fed, g.hear)
	about := map[chirp.Kind]func(context.Context, tx, string) (fedigraft.Result, error){ // What our own people do.
		chirp.PostPublished: fed.Publish, chirp.PostEdited: fed.Update, chirp.PostDeleted: fed.Delete,
		chirp.ProfileEdited: fed.UpdateProfile}
	between := map[chirp.Kind]func(context.Context, tx, string, string) (fedigraft.Result, error){
		chirp.Liked: fed.Like, chirp.Unliked: fed.Unlike, chirp.Boosted: fed.Share, chirp.Unboosted: fed.Unshare,
		chirp.Followed: fed.Follow, chirp.Unfollowed: fed.Unfollow,
		chirp.FollowAccepted: fed.Accept, chirp.FollowRejected: fed.Reject}
	site.Ours(func(ctx context.Context, tx database.Tx, e chirp.Event) (err error) {
		if do := about[e.Kind]; do != nil {
			_, err = do(ctx, tx, e.Object())
		} else if e.Whom == nil || !e.Whom.Local() {
			_, err = between[e.Kind](ctx, tx, e.Who.ID.String(), e.Object())
		}
		return cmp.Or(err, database.AfterCommit(ctx, tx, fed.Wake))
	})
	site.OnUnknown(func(ctx context.Context, query string) (*chirp.Stranger, *chirp.Arrival, error) {
		found, err := fed.LookUp(ctx, query)
		switch {
		case err != nil || found.Profile == nil || found.Local != "":
			return nil, nil, err
		case found.Post != nil:
			return nil, arrival(*found.Profile, *found.Post, ""), nil
		}
		return stranger(*found.Profile), nil, nil
	})
	site.Handler, site.Work = fed.Handler(site.Handler), fed.Work
	return fed.Close, nil
}

type tx = fedigraft.Tx

// graft answers what fedigraft asks, and does here what somebody did elsewhere.
type graft struct{ site *chirp.Site }

func (g graft) hear(ctx context.Context, tx tx, event fedigraft.Event) (err error) {
	switch e := event.(type) {
	case fedigraft.Followed:
		return g.site.Meet(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Profile), g.site.Follow)
	case fedigraft.FollowRequested:
		return g.site.Meet(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Profile), g.site.Follow)
	case fedigraft.Unfollowed:
		return g.site.Meet(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Profile), g.site.Unfollow)
	case fedigraft.FollowAccepted:
		return g.site.Meet(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Profile), g.site.AcceptFollow)
	case fedigraft.FollowRejected:
		return g.site.Meet(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Profile), g.site.RejectFollow)
	case fedigraft.PostCreated:
		_, err = g.site.UpsertPost(ctx, tx, arrival(e.Actor, e.Post, e.ReplyTo, e.Mentioned...))
	case fedigraft.PostUpdated:
		_, err = g.site.UpsertPost(ctx, tx, arrival(e.Actor, e.Post, ""))
	case fedigraft.PostDeleted:
		return g.site.ForgetPost(ctx, tx, e.URI)
	case fedigraft.Liked:
		return g.site.React(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Post), e.URI, g.site.Like)
	case fedigraft.Unliked:
		return g.site.React(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Post), e.URI, g.site.Unlike)
	case fedigraft.Shared:
		if e.RemotePost != nil {
			_, err = g.site.UpsertPost(ctx, tx, arrival(*e.Author, *e.RemotePost, ""))
		}
		if err == nil {
			err = g.site.React(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Post), e.URI, g.site.Boost)
		}
	case fedigraft.Unshared:
		return g.site.React(ctx, tx, stranger(e.Actor), chirp.ParseID(e.Post), e.URI, g.site.Unboost)
	case fedigraft.ProfileUpdated:
		_, err = g.site.UpsertPerson(ctx, tx, stranger(e.Actor))
	case fedigraft.ProfileDeleted:
		return g.site.DeletePerson(ctx, tx, e.URI)
	}
	return err
}

func stranger(p fedigraft.Profile) *chirp.Stranger {
	them := &chirp.Stranger{
		URI: p.ID, Handle: p.Handle, DisplayName: p.DisplayName, BioHTML: p.Bio.Text, URL: p.URL, Locked: p.Locked}
	if p.Avatar != nil {
		them.AvatarURL = p.Avatar.URL
	}
	for _, f := range p.Fields {
		them.Fields = append(them.Fields, chirp.Field{Name: f.Name, Value: f.Value})
	}
	return them
}

func arrival(author fedigraft.Profile, p fedigraft.Post, replyTo string, mentioned ...string) *chirp.Arrival {
	post := &chirp.Arrival{
		URI: p.ID, Author: *stranger(author), HTML: p.Content.Text, URL: p.URL, Title: p.Title, Warning: p.Spoiler,
		Sensitive: p.Sensitive, Language: p.Language, Visibility: string(p.Visibility), Published: p.Published,
		Edited: p.Updated, ReplyToID: chirp.ParseID(replyTo), ReplyToURI: p.InReplyTo, Tags: p.Hashtags}
	for _, id := range mentioned {
		post.Mentions = append(post.Mentions, chirp.ParseID(id))
	}
	for _, m := range p.Media {
		post.Media = append(post.Media, chirp.Media{
			URL: m.URL, MediaType: m.MediaType, Alt: m.Alt, Width: m.Width, Height: m.Height})
	}
	return post
}

func (g graft) Profile(ctx context.Context, tx tx, key string) (*fedigraft.Profile, error) {
	p, err := g.site.OwnPerson(ctx, tx, key)
	if err != nil { // also the sql.ErrNoRows of somebody who is not there
		return nil, err
	}
	us := &fedigraft.Profile{
		ID: p.ID.String(), Username: p.Name, DisplayName: p.DisplayName, Bio: fedigraft.Content{Text: p.Bio},
		Federated: p.Federated, Locked: p.Locked, Discoverable: p.Discoverable, Created: p.Created}
	if p.Avatar != "" {
		us.Avatar = &fedigraft.Image{URL: p.Avatar}
	}
	for _, f := range p.Fields {
		us.Fields = append(us.Fields, fedigraft.Field{Name: f.Name, Value: f.Value})
	}
	return us, nil
}

func (g graft) Post(ctx context.Context, tx tx, id string) (*fedigraft.Post, error) {
	p, err := g.site.OwnPost(ctx, tx, chirp.ParseID(id))
	if err != nil {
		return nil, err
	}
	post := &fedigraft.Post{
		ID: p.ID.String(), Author: p.Author.ID.String(), Visibility: fedigraft.Visibility(p.Visibility), Spoiler: p.Warning,
		Content: fedigraft.Content{Text: p.Text}, InReplyTo: cmp.Or(p.ReplyToURI, p.ReplyToID.String()),
		Sensitive: p.Sensitive, Language: p.Language, Published: p.Published, Updated: p.Edited}
	for _, m := range p.Mentions {
		post.Mentions = append(post.Mentions, fedigraft.Mention{Handle: m.FullHandle(), URI: m.URI, URL: m.URL})
	}
	for _, m := range p.Media {
		post.Media = append(post.Media, fedigraft.Media{
			URL: m.URL, MediaType: m.MediaType, Alt: m.Alt, Width: m.Width, Height: m.Height})
	}
	return post, nil
}

func (g graft) Posts(ctx context.Context, tx tx, author, cursor string) (*fedigraft.Posts, error) {
	found, total, err := g.site.ByAuthor(ctx, tx, chirp.ParseID(author), chirp.ParseID(cursor), 20)
	page := &fedigraft.Posts{Total: total}
	for _, p := range found {
		post, err := g.Post(ctx, tx, p.ID.String())
		if err != nil {
			return nil, err
		}
		page.Items, page.Next = append(page.Items, *post), post.ID
	}
	return page, err
}
