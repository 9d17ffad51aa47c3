"""A post's page with its thread; writing, editing, deleting; liking and boosting."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chirp import auth, db, media, posts, social, timelines
from chirp.languages import LANGUAGES
from chirp.pictures import NotAPicture, Picture
from chirp.posts import MAX_PICTURES, VISIBILITIES, Draft, Media, Post
from chirp.security import local_path

blueprint = Blueprint("post", __name__)


class Refused(ValueError):
    """What was written cannot be published. The message is for its author."""


def _post(post_id: int) -> Post:
    post = posts.visible(db.connection(), auth.current(), post_id)
    if post is None:
        abort(404)
    return post


def _own(post_id: int) -> Post:
    post = _post(post_id)
    if post.author.id != auth.me().id:
        abort(403, "Only the author can change a post.")
    return post


@blueprint.get("/posts/<int:post_id>")
def show(post_id: int) -> ResponseReturnValue:
    """The post, what it answers, its replies, who liked and boosted it."""
    connection, viewer, post = db.connection(), auth.current(), _post(post_id)
    above, below, start_hidden = timelines.thread(connection, viewer, post)
    return render_template(
        "post.html",
        entry=timelines.entry(connection, viewer, post),
        above=above,
        below=below,
        start_hidden=start_hidden,
        likers=social.likers(connection, post),
        boosters=social.boosters(connection, post),
    )


@blueprint.get("/compose")
@auth.required
def compose() -> ResponseReturnValue:
    """The form for a new post; `?reply_to=` for an answer, `?to=` for a message to somebody."""
    parent = _post(request.args.get("reply_to", type=int) or 0) if "reply_to" in request.args else None
    to = request.args.get("to", "")[:200]
    written = _opening(parent) if parent else f"{to} " if to.startswith("@") else ""
    return render_template("compose.html", parent=parent, written={"text": written}, problem=None)


@blueprint.post("/posts")
@auth.required
def publish() -> ResponseReturnValue:
    """Publish what the form brings."""
    reply_to = request.form.get("reply_to", type=int)
    parent = _post(reply_to) if reply_to else None
    try:
        body, pictures = _text(), _pictures(MAX_PICTURES)
        if not body and not pictures:
            raise Refused("Write something, or add a picture.")
        chosen = request.form.get("visibility", "public")
        visibility = next((one for one in VISIBILITIES if one == chosen), None)
        if visibility is None:
            raise Refused("Choose who may see it.")
    except (Refused, NotAPicture) as problem:
        return render_template("compose.html", parent=parent, written=request.form, problem=problem), 400
    with db.transaction() as connection:
        draft = Draft(
            text=body,
            warning=_warning(),
            sensitive="sensitive" in request.form,
            visibility=visibility,
            language=_language(),
            reply_to=parent,
            media=tuple(media.save(connection, picture, alt) for picture, alt in pictures),
        )
        post = posts.publish(connection, auth.me(), draft)
    return redirect(local_path(request.form.get("next"), post.path))


@blueprint.get("/posts/<int:post_id>/edit")
@auth.required
def edit(post_id: int) -> ResponseReturnValue:
    """The form to change a post."""
    post = _own(post_id)
    written = {
        "text": post.text,
        "warning": post.warning,
        "language": post.language,
        "sensitive": post.sensitive,
    }
    return render_template("edit.html", post=post, written=written, problem=None)


@blueprint.post("/posts/<int:post_id>/edit")
@auth.required
def save(post_id: int) -> ResponseReturnValue:
    """Change a post: its words, its warning, its pictures and their descriptions."""
    post = _own(post_id)
    kept = [
        Media(
            item.url,
            item.media_type,
            request.form.get(f"alt_{n}", "").strip()[: media.MAX_ALT],
            item.width,
            item.height,
        )
        for n, item in enumerate(post.media)
        if f"remove_{n}" not in request.form
    ]
    try:
        body, pictures = _text(), _pictures(MAX_PICTURES - len(kept))
        if not body and not kept and not pictures:
            raise Refused("A post needs some words or a picture.")
    except (Refused, NotAPicture) as problem:
        return render_template("edit.html", post=post, written=request.form, problem=problem), 400
    with db.transaction() as connection:
        for item in post.media:
            if all(item.url != other.url for other in kept):
                media.discard(connection, item.url)
        posts.edit(
            connection,
            post,
            body=body,
            warning=_warning(),
            sensitive="sensitive" in request.form,
            language=_language(),
            media=kept + [media.save(connection, picture, alt) for picture, alt in pictures],
        )
    return redirect(post.path)


@blueprint.get("/posts/<int:post_id>/delete")
@auth.required
def confirm_delete(post_id: int) -> ResponseReturnValue:
    """Ask before deleting."""
    return render_template("delete.html", entry=timelines.entry(db.connection(), auth.me(), _own(post_id)))


@blueprint.post("/posts/<int:post_id>/delete")
@auth.required
def delete(post_id: int) -> ResponseReturnValue:
    """Delete a post for good."""
    post = _own(post_id)
    with db.transaction() as connection:
        posts.delete(connection, post)
    flash("The post is deleted.")
    return redirect(url_for("home.timeline"))


@blueprint.post("/posts/<int:post_id>/<any(like, unlike, boost, unboost):action>")
@auth.required
def react(post_id: int, action: str) -> ResponseReturnValue:
    """Like or boost a post, or take that back."""
    post = _post(post_id)
    if action == "boost" and not post.can_be_boosted:
        abort(400, "This post is not for everyone, so it cannot be boosted.")
    change = {"like": social.like, "unlike": social.unlike, "boost": social.boost, "unboost": social.unboost}[
        action
    ]
    with db.transaction() as connection:
        change(connection, auth.me(), post)
    back = local_path(request.form.get("next"), post.path)
    return redirect(f"{back}#post-{post.id}" if "#" not in back else back)


def _opening(parent: Post) -> str:
    """The handles that an answer begins with: the author and whom they mentioned, but not oneself."""
    people = [parent.author, *parent.mentions]
    handles = [person.handle for person in people if person.id != auth.me().id]
    return "".join(f"{handle} " for handle in dict.fromkeys(handles))


def _text() -> str:
    body = request.form.get("text", "").replace("\r\n", "\n").strip()
    limit = current_app.config["CHIRP_POST_LENGTH"]
    if len(body) > limit:
        raise Refused(f"That is {len(body)} characters; a post may have {limit}.")
    return body


def _warning() -> str:
    return " ".join(request.form.get("warning", "").split())[:200]


def _language() -> str:
    language = request.form.get("language", "")
    return language if language in LANGUAGES else auth.me().language


def _pictures(limit: int) -> list[tuple[Picture, str]]:
    found = []
    for number in range(MAX_PICTURES):
        picture = media.read(request.files.get(f"picture_{number}"))
        if picture:
            found.append((picture, request.form.get(f"picture_alt_{number}", "")))
    if len(found) > limit:
        raise Refused(f"A post may have {MAX_PICTURES} pictures.")
    return found
