//! Actor documents: of a profile, and of the instance itself.

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::instance::Instance;
use crate::model::{Image, Profile, ProfileKind};
use crate::translate::context::{Term, context};
use crate::translate::{picture, profile_key};

use super::field;

/// Writes `wire`, the normal form of `profile`.
pub(super) fn actor(instance: &Instance, wire: &Profile, profile: &Profile, pem: &str) -> Result<Value> {
    let key = profile_key(instance, &profile.id, "/id")?;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    put("@context", context(&terms(wire)));
    put("id", json!(wire.id));
    put("type", json!(kind(wire.kind)));
    put("preferredUsername", json!(wire.username));
    put("name", json!(wire.display_name));
    put("summary", json!(wire.bio.text));
    put("url", json!(wire.url));
    put("webfinger", json!(format!("{}@{}", wire.username, instance.account_domain())));
    put("inbox", json!(instance.inbox_uri(&key)));
    put("outbox", json!(instance.outbox_uri(&key)));
    put("followers", json!(instance.followers_uri(&key)));
    put("following", json!(instance.following_uri(&key)));
    put("endpoints", json!({"sharedInbox": instance.shared_inbox_uri()}));
    put("publicKey", public_key(instance, &wire.id, pem));
    put("manuallyApprovesFollowers", json!(wire.locked));
    put("discoverable", json!(wire.discoverable));
    put("indexable", json!(wire.indexable));
    put("published", json!(wire.created));
    put("icon", wire.avatar.as_ref().map_or(Value::Null, image));
    put("image", wire.header.as_ref().map_or(Value::Null, image));
    put("attachment", wire.fields.iter().map(field::write).collect());
    if !wire.also_known_as.is_empty() {
        put("alsoKnownAs", json!(wire.also_known_as));
    }
    put("movedTo", json!(wire.moved_to));
    Ok(Value::Object(out))
}

/// The document of the instance's own actor, which signs what no profile signs. It is readable unsigned.
pub fn instance_actor(instance: &Instance, public_key_pem: &str) -> Value {
    let id = instance.instance_actor_uri();
    // Its name is the domain, as on Mastodon: no person can have it, as it holds a dot or a colon.
    let domain = instance.account_domain();
    json!({
        "@context": context(&[Term::Security, Term::ManuallyApprovesFollowers, Term::Webfinger]),
        "id": id,
        "type": "Application",
        "preferredUsername": domain,
        "name": instance.name(),
        "summary": "",
        "url": format!("{}/", instance.origin()),
        "webfinger": format!("{domain}@{domain}"),
        "inbox": instance.shared_inbox_uri(),
        "endpoints": {"sharedInbox": instance.shared_inbox_uri()},
        "publicKey": public_key(instance, &id, public_key_pem),
        "manuallyApprovesFollowers": true,
    })
}

fn public_key(instance: &Instance, actor: &str, pem: &str) -> Value {
    json!({"id": instance.key_id(actor), "owner": actor, "publicKeyPem": pem})
}

fn image(image: &Image) -> Value {
    picture::write(&image.url, image.media_type.as_deref(), image.alt.as_deref())
}

fn kind(kind: ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Person => "Person",
        ProfileKind::Group => "Group",
        ProfileKind::Service => "Service",
        ProfileKind::Organization => "Organization",
        ProfileKind::Application => "Application",
    }
}

fn terms(wire: &Profile) -> Vec<Term> {
    let mut terms = vec![
        Term::Security,
        Term::ManuallyApprovesFollowers,
        Term::Discoverable,
        Term::Indexable,
        Term::Webfinger,
    ];
    if !wire.fields.is_empty() {
        terms.push(Term::PropertyValue);
    }
    if !wire.also_known_as.is_empty() {
        terms.push(Term::AlsoKnownAs);
    }
    if wire.moved_to.is_some() {
        terms.push(Term::MovedTo);
    }
    terms
}
