//! The normal form of a local profile: what a reader on the other side gets to see.

use crate::content;
use crate::error::{Result, invalid};
use crate::instance::Instance;
use crate::model::{Content, Field, Handle, Image, Profile, Time};
use crate::translate::mention::Links;
use crate::translate::{absolute, media_type, one_line, page, post, profile_key};
use crate::vocab;

/// The normal form of a local profile, the one that [`read`](super::read()) gives for what
/// [`render`](super::render) writes. It is a fixed point: `wire(wire(x)) = wire(x)`.
///
/// | field | in the normal form | why |
/// | --- | --- | --- |
/// | `id` | the actor's URI | a key means nothing elsewhere |
/// | `handle` | `@username@` and the host of the actor's URI | another domain is believed only after WebFinger |
/// | `display_name` | on one line | |
/// | `bio` | sanitised HTML, may be empty | the wire has HTML only |
/// | `avatar`, `header` | absolute URL, media type when it can be told | |
/// | `fields` | both sides on one line, empty ones left out, no `verified_at` | |
/// | `federated` | true | only what federates is written |
/// | `moved_to`, `also_known_as` | absolute, once each | |
/// | `created` | cut to milliseconds | |
/// | `url` | absolute; the instance's profile page when absent | |
/// | `extra` | absent | it stays with the host |
///
/// Errors: `InvalidArgument` with the JSON pointer.
pub fn wire(instance: &Instance, profile: &Profile) -> Result<Profile> {
    let mut profile = normal(instance, profile)?;
    profile.bio.text = content::sanitise::html(&profile.bio.text);
    Ok(profile)
}

/// The normal form with the text as it is sent.
pub(super) fn normal(instance: &Instance, profile: &Profile) -> Result<Profile> {
    let key = profile_key(instance, &profile.id, "/id")?;
    let username = profile.username.trim();
    if Handle::parse(&instance.handle(username)).is_none() {
        return Err(
            invalid("bad_username", "expected a name without white space, @, /, ?, # and :").at("/username")
        );
    }
    let picture = |image: &Option<Image>, at: &str| match image {
        None => Ok(None),
        Some(image) => self::picture(instance, image, at).map(Some),
    };
    let mut also_known_as: Vec<String> = Vec::new();
    for (index, uri) in profile.also_known_as.iter().enumerate() {
        let uri = actor(uri, || format!("/also_known_as/{index}"))?;
        if !also_known_as.contains(&uri) {
            also_known_as.push(uri);
        }
    }
    let id = instance.actor_uri(&key);
    let host = vocab::host(&id).unwrap_or_default().to_ascii_lowercase();
    Ok(Profile {
        handle: Some(format!("@{username}@{host}")),
        display_name: one_line(&profile.display_name),
        bio: Content::html(post::html(&profile.bio, &Links::new(instance, &[], &[])?).html),
        avatar: picture(&profile.avatar, "/avatar")?,
        header: picture(&profile.header, "/header")?,
        fields: fields(&profile.fields),
        kind: profile.kind,
        locked: profile.locked,
        discoverable: profile.discoverable,
        indexable: profile.indexable,
        federated: true,
        moved_to: profile.moved_to.as_deref().map(|uri| actor(uri, || "/moved_to".into())).transpose()?,
        also_known_as,
        created: profile.created.map(Time::on_the_wire),
        url: Some(page(instance, profile.url.as_deref(), || instance.profile_page(username, &key))?),
        ..Profile::new(id, username)
    })
}

fn actor(uri: &str, at: impl Fn() -> String) -> Result<String> {
    match vocab::http_url(uri) {
        Some(uri) => Ok(uri.to_owned()),
        None => Err(invalid("bad_uri", "expected the http(s) URI of an actor").at(at())),
    }
}

fn picture(instance: &Instance, image: &Image, at: &str) -> Result<Image> {
    let url = absolute(instance, &image.url, || format!("{at}/url"))?;
    let given = image.media_type.as_deref().and_then(media_type::clean);
    let alt = image.alt.as_deref().map(str::trim).filter(|alt| !alt.is_empty());
    Ok(Image {
        media_type: given.or_else(|| media_type::of(&url).map(str::to_owned)),
        url,
        alt: alt.map(str::to_owned),
    })
}

fn fields(given: &[Field]) -> Vec<Field> {
    let lines =
        given.iter().map(|f| Field { name: one_line(&f.name), value: one_line(&f.value), verified_at: None });
    lines.filter(|line| !line.name.is_empty() || !line.value.is_empty()).collect()
}
