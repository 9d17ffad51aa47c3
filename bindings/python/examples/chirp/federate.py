"""chirp, federated: its people can be followed from other servers, and follow people there."""
import os
from typing import Any

from chirp import create_app, db, elsewhere, events as ev, people, posts, social
from fedigraft import Content, Federation, Field, Image, Media, Mention, Post, Posts, Profile

app = create_app({"CHIRP_FEDERATED": True})
fed = Federation(app.config["CHIRP_ORIGIN"], name=app.config["CHIRP_NAME"], database=lambda: db.session(app),
                 software={"name": "chirp", "version": "1.0"}, policy=os.environ.get("CHIRP_POLICY", "strict"))

@fed.profile  # What chirp has, when fedigraft asks for it.
def profile(c: db.Connection, key: str) -> Profile | None:
    p = people.by_handle(c, key) if key.startswith("@") else people.get(c, key)
    return Profile(
        id=str(p.id), username=p.name, display_name=p.display_name, bio=Content(p.bio), federated=p.federated,
        avatar=Image(p.avatar) if p.avatar else None, fields=tuple(Field(f.name, f.value) for f in p.fields),
        locked=p.locked, discoverable=p.discoverable, created=p.created) if p and p.local else None

@fed.post
def post(c: db.Connection, key: str) -> Post | None:
    p = posts.get(c, key)
    return Post(
        id=str(p.id), author=str(p.author.id), visibility=p.visibility, content=Content(p.text), published=p.published,
        in_reply_to=p.reply_to_uri or (str(p.reply_to_id) if p.reply_to_id else None), updated=p.edited,
        spoiler=p.warning or None, sensitive=p.sensitive, language=p.language or None,
        mentions=tuple(Mention(m.full_handle, m.uri, m.url) for m in p.mentions), media=tuple(
            Media(m.url, m.media_type, m.alt, m.width, m.height) for m in p.media)) if p and p.local else None

@fed.posts
def page(c: db.Connection, author: str, cursor: str | None) -> Posts:
    found, total = posts.by_author(c, people.one(c, author), before=int(cursor) if cursor else None)
    return Posts(tuple(filter(None, (post(c, str(p.id)) for p in found))), str(found[-1].id) if found else None, total)

def person(c: db.Connection, a: Profile) -> people.Person:  # Who and what comes from elsewhere, stored.
    return elsewhere.upsert_person(
        c, uri=a.id, handle=a.handle or "", display_name=a.display_name, bio_html=a.bio.text, url=a.url,
        locked=a.locked, avatar_url=a.avatar.url if a.avatar else None, fields=[(f.name, f.value) for f in a.fields])

def write(c: db.Connection, author: Profile, p: Post, **more: Any) -> posts.Post:
    return elsewhere.upsert_post(
        c, uri=p.id, author=person(c, author), html=p.content.text, url=p.url, title=p.title, warning=p.spoiler,
        sensitive=p.sensitive, language=p.language, visibility=p.visibility, published=p.published, edited=p.updated,
        reply_to_uri=p.in_reply_to, tags=p.hashtags, media=[posts.Media(
            m.url, m.media_type or "", m.alt or "", m.width, m.height) for m in p.media], **more)

fed.on("followed", "follow_requested")(lambda c, e: social.follow(c, person(c, e.actor), people.one(c, e.profile)))
fed.on("unfollowed")(lambda c, e: social.unfollow(c, person(c, e.actor), people.one(c, e.profile)))
fed.on("follow_accepted", "follow_rejected")(lambda c, e: social.answer_follow(
    c, people.one(c, e.profile), person(c, e.actor), accepted=e.type == "follow_accepted"))
fed.on("post_created")(lambda c, e: write(
    c, e.actor, e.post, reply_to_id=e.reply_to, mentions=[people.one(c, key) for key in e.mentioned]))
fed.on("post_updated")(lambda c, e: write(c, e.actor, e.post))
fed.on("post_deleted")(lambda c, e: elsewhere.delete_post(c, e.uri))
fed.on("shared")(lambda c, e: e.remote_post and write(c, e.author, e.remote_post))
REACTIONS = {"liked": social.like, "unliked": social.unlike, "shared": social.boost, "unshared": social.unboost}
for on, do in REACTIONS.items():
    fed.on(on)(lambda c, e, d=do: (p := posts.get(c, e.post) or posts.by_uri(c, e.uri)) and d(c, person(c, e.actor), p))
fed.on("profile_updated")(lambda c, e: person(c, e.actor))
fed.on("profile_deleted")(lambda c, e: elsewhere.delete_person(c, e.uri))

for told, say in (ev.post_published, fed.publish), (ev.post_edited, fed.update), (ev.post_deleted, fed.delete):
    ev.ours(app, told, lambda db, post, say=say: say(post.id, connection=db))  # What our own people do.
for told, react in (ev.liked, fed.like), (ev.unliked, fed.unlike), (ev.boosted, fed.share), (ev.unboosted, fed.unshare):
    ev.ours(app, told, lambda db, person, post, react=react: react(person.id, post.uri or post.id, connection=db))
for told, ask in (ev.followed, fed.follow), (ev.unfollowed, fed.unfollow):
    ev.ours(app, told, lambda db, follower, followee, ask=ask, **_: followee.uri and ask(
        follower.id, followee.uri, connection=db))
ev.ours(app, ev.follow_answered, lambda db, follower, followee, accepted: follower.uri and (
    fed.accept if accepted else fed.reject)(followee.id, follower.uri, connection=db))
ev.ours(app, ev.profile_edited, lambda db, person: fed.update_profile(person.id, connection=db))

@ev.unknown_address.connect_via(app)
def find(_app: object, query: str) -> Any:
    if (found := fed.look_up(query)) and found.profile and not found.local:
        with db.transaction() as c:
            return write(c, found.profile, found.post) if found.post else person(c, found.profile)

app.wsgi_app = fed.wsgi(app.wsgi_app)  # type: ignore[method-assign]
app.cli.command("federation-worker")(fed.work)
