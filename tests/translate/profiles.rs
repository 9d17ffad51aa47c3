//! Actors, both ways, and the keys they publish.

use fedigraft::model::{Content, Field, Image, Profile, ProfileKind};
use fedigraft::translate::profile::{self, RemoteActor};
use serde_json::{Value, json};

use super::{ann, instance, time};

const PEM: &str = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";

fn render(profile: &Profile) -> Value {
    profile::render(&instance(), profile, PEM).unwrap()
}

#[test]
fn an_actor_has_what_every_server_asks_for() {
    let document = render(&ann());
    let id = "https://social.example.com/ap/users/42";
    assert_eq!(document["id"], id);
    assert_eq!(document["type"], "Person");
    assert_eq!(document["preferredUsername"], "ann");
    assert_eq!(document["webfinger"], "ann@example.com");
    assert_eq!(document["url"], "https://social.example.com/@ann");
    for name in ["inbox", "outbox", "followers", "following"] {
        assert_eq!(document[name], format!("{id}/{name}"));
    }
    assert_eq!(document["endpoints"]["sharedInbox"], "https://social.example.com/ap/inbox");
    assert_eq!(
        document["publicKey"],
        json!({"id": format!("{id}#main-key"), "owner": id, "publicKeyPem": PEM})
    );
    assert_eq!(document["summary"], "");
    for name in ["manuallyApprovesFollowers", "discoverable", "indexable"] {
        assert_eq!(document[name], false);
    }
    assert_eq!(document["attachment"], json!([]));
}

#[test]
fn pictures_fields_and_a_move() {
    let mut profile = ann();
    profile.kind = ProfileKind::Service;
    profile.bio = Content::plain("a < b");
    profile.avatar = Some(Image { url: "/a.png".into(), media_type: None, alt: Some("me".into()) });
    profile.fields = vec![
        Field {
            name: "Web".into(),
            value: "https://ann.example/?a=1&b".into(),
            verified_at: Some(time("2199-01-01T00:00:00Z")),
        },
        Field { name: "Pro<b>".into(), value: "she & her".into(), verified_at: None },
        Field::default(),
    ];
    profile.created = Some(time("2020-01-02T03:04:05Z"));
    profile.moved_to = Some("https://new.example/u/1".into());
    profile.also_known_as = vec!["https://old.example/u/1".into(), "https://old.example/u/1".into()];
    let document = render(&profile);
    assert_eq!(document["type"], "Service");
    assert!(document["summary"].as_str().unwrap().contains("a &lt; b"));
    assert_eq!(
        document["icon"],
        json!({"type": "Image", "url": "https://social.example.com/a.png", "mediaType": "image/png", "name": "me"})
    );
    assert_eq!(
        document["attachment"],
        json!([
            {"type": "PropertyValue", "name": "Web", "value": "<a href=\"https://ann.example/?a=1&amp;b\" rel=\"me nofollow noopener\" target=\"_blank\"><span class=\"invisible\">https://</span><span>ann.example/?a=1&amp;b</span></a>"},
            {"type": "PropertyValue", "name": "Pro<b>", "value": "she &amp; her"},
        ])
    );
    assert_eq!(document["published"], "2020-01-02T03:04:05Z");
    assert_eq!(document["movedTo"], "https://new.example/u/1");
    assert_eq!(document["alsoKnownAs"], json!(["https://old.example/u/1"]));
    assert!(!document.to_string().contains("2199"));
}

#[test]
fn the_instance_has_an_actor() {
    let document = profile::instance_actor(&instance(), PEM);
    assert_eq!(document["type"], "Application");
    assert_eq!(document["preferredUsername"], "example.com");
    assert_eq!(document["publicKey"]["owner"], document["id"]);
    let read = profile::read(&document).unwrap();
    assert_eq!(read.profile.kind, ProfileKind::Application);
    assert_eq!(read.keys[0].id, "https://social.example.com/ap/actor#main-key");
    assert_eq!(read.webfinger.as_deref(), Some("example.com@example.com"));
}

#[test]
fn what_cannot_be_written_is_refused_with_its_place() {
    let refused = |change: fn(&mut Profile)| {
        let mut profile = ann();
        change(&mut profile);
        let error = profile::render(&instance(), &profile, PEM).unwrap_err();
        format!("{} {}", error.reason(), error.place())
    };
    assert_eq!(refused(|p| p.username = "an n".into()), "bad_username /username");
    assert_eq!(refused(|p| p.username = "a@b".into()), "bad_username /username");
    assert_eq!(refused(|p| p.id = "https://remote.example/u/1".into()), "not_ours /id");
    assert_eq!(refused(|p| p.url = Some("https://remote.example/".into())), "foreign_url /url");
    assert_eq!(refused(|p| p.moved_to = Some("@new@x.example".into())), "bad_uri /moved_to");
    assert_eq!(refused(|p| p.also_known_as = vec!["x".into()]), "bad_uri /also_known_as/0");
    assert_eq!(
        refused(|p| p.avatar = Some(Image { url: "a.png".into(), ..Image::default() })),
        "bad_url /avatar/url"
    );
}

fn actor(members: Value) -> Value {
    let mut document = json!({
        "type": "Person", "id": "https://r.example/u/1", "preferredUsername": "bob",
        "inbox": "https://r.example/u/1/inbox",
        "publicKey": {"id": "https://r.example/u/1#main-key", "owner": "https://r.example/u/1", "publicKeyPem": PEM},
    });
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn read(members: Value) -> RemoteActor {
    profile::read(&actor(members)).unwrap()
}

#[test]
fn actors_in_every_shape() {
    let bob = read(json!({
        "name": " Bob\n", "summary": "<p onclick=x>hi</p>", "manuallyApprovesFollowers": {"@value": true}, "discoverable": "true",
        "icon": [{"type": "Image", "url": "https://r.example/a.png"}, {"type": "Image", "url": "https://r.example/b.png"}],
        "image": "https://r.example/h.jpg", "endpoints": "https://r.example/endpoints", "sharedInbox": "https://r.example/inbox",
        "url": ["acct:bob@r.example", "https://evil.example/", {"type": "Link", "href": "https://r.example/@bob"}],
        "alsoKnownAs": "https://old.example/u", "webfinger": "acct:bob@example.net", "published": "2020-01-01T00:00:00",
        "followers": {"id": "https://r.example/u/1/f", "type": "Collection"},
        "attachment": [
            {"type": "PropertyValue", "name": "Web", "value": "<a href=\"https://b.example/x\" rel=\"me\"><span class=\"invisible\">https://</span><span class=\"\">b.example/x</span></a>"},
            {"type": "schema:PropertyValue", "name": "Plain", "value": "a b"},
            {"type": "Note", "name": "n", "content": "c"}, "nonsense", {"name": "no type", "value": "x"},
        ],
    }));
    let p = &bob.profile;
    assert_eq!(
        (p.handle.as_deref(), p.display_name.as_str(), p.locked, p.discoverable, p.indexable),
        (Some("@bob@r.example"), "Bob", true, true, false)
    );
    assert!(p.bio.text.contains("hi") && !p.bio.text.contains("onclick"));
    assert_eq!(
        (p.avatar.as_ref().unwrap().url.as_str(), p.header.as_ref().unwrap().media_type.as_deref()),
        ("https://r.example/a.png", Some("image/jpeg"))
    );
    assert_eq!(p.url.as_deref(), Some("https://r.example/@bob"));
    assert_eq!(p.also_known_as, ["https://old.example/u"]);
    let values: Vec<&str> = p.fields.iter().map(|f| f.value.as_str()).collect();
    assert_eq!(values, ["https://b.example/x", "a b"]);
    assert_eq!(bob.shared_inbox.as_deref(), Some("https://r.example/inbox"));
    assert_eq!(bob.followers.as_deref(), Some("https://r.example/u/1/f"));
    assert_eq!(bob.webfinger.as_deref(), Some("bob@example.net"));
    assert!(p.federated);
}

#[test]
fn a_shared_inbox_elsewhere_is_not_used() {
    assert_eq!(
        read(json!({"endpoints": {"sharedInbox": "https://victim.example/inbox"}})).shared_inbox,
        None
    );
    // micro.blog: the domain of the actor is the customer's, its inboxes are not.
    let hosted = read(
        json!({"inbox": "https://micro.example/b/inbox", "endpoints": {"sharedInbox": "https://micro.example/shared"}}),
    );
    assert_eq!(hosted.shared_inbox.as_deref(), Some("https://micro.example/shared"));
}

#[test]
fn what_is_no_actor() {
    let reason = |members: Value| profile::read(&actor(members)).unwrap_err().reason();
    assert_eq!(reason(json!({"type": "Note", "inbox": null})), "not_an_actor");
    assert_eq!(reason(json!({"type": null})), "not_an_actor");
    assert_eq!(reason(json!({"inbox": "ftp://r.example/i"})), "no_inbox");
    assert_eq!(reason(json!({"id": "bob"})), "no_id");
    assert_eq!(profile::read(&json!([])).unwrap_err().reason(), "not_an_object");
    assert!(profile::read(&actor(json!({"type": "Feed"}))).is_ok());
}

#[test]
fn keys_of_actors_stubs_and_key_documents() {
    let owner = "https://r.example/u/1";
    let several = actor(json!({"publicKey": [
        {"id": "https://r.example/u/1#a", "publicKeyPem": PEM},
        {"id": "https://r.example/u/1#b", "owner": {"id": "https://other.example/u"}, "publicKeyPem": PEM},
        {"id": "https://r.example/u/1#a", "owner": owner, "publicKeyPem": "other"},
        {"id": "https://r.example/u/1#c", "owner": owner}, null, "https://r.example/key",
        {"id": "https://r.example/u/1#d", "owner": "javascript:x", "publicKeyPem": PEM},
    ]}));
    let keys: Vec<(String, String)> = profile::keys(&several).into_iter().map(|k| (k.id, k.owner)).collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        keys,
        [pair("https://r.example/u/1#a", owner), pair("https://r.example/u/1#b", "https://other.example/u")]
    );
    for kind in ["Key", "CryptographicKey", "sec:Key"] {
        let document =
            json!({"type": kind, "id": "https://r.example/k", "owner": owner, "publicKeyPem": PEM});
        assert_eq!(profile::keys(&document)[0].owner, owner);
        assert!(!profile::is_actor(&document));
    }
    // A bare key that names no owner belongs to nobody.
    assert!(profile::keys(&json!({"id": "https://r.example/k", "publicKeyPem": PEM})).is_empty());
    let stub = json!({"type": "Person", "id": owner, "preferredUsername": "bob", "publicKey": {"id": "https://r.example/u/1/main-key", "owner": owner, "publicKeyPem": PEM}});
    assert_eq!(profile::keys(&stub)[0].id, "https://r.example/u/1/main-key");
    assert_eq!(profile::read(&stub).unwrap_err().reason(), "no_inbox");
    let many: Vec<Value> =
        (0..50).map(|n| json!({"id": format!("https://r.example/k{n}"), "publicKeyPem": PEM})).collect();
    assert_eq!(profile::keys(&actor(json!({"publicKey": many}))).len(), 10);
    assert!(profile::keys(&json!("x")).is_empty());
}
