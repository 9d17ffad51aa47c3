//! Activities, both ways.

use fedigraft::translate::activity::{self, ObjectRef, Sender};
use serde_json::{Value, json};

use super::{note, render, time};

const SENDER: Sender<'_> = Sender {
    id: "https://social.example.com/ap/activities/1",
    actor: "https://social.example.com/ap/users/42",
};
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

#[test]
fn an_activity_has_the_audience_and_context_of_its_object() {
    let mut post = note("x #tag");
    post.mentions.push(super::bob());
    post.updated = Some(time("2026-10-05T16:00:00Z"));
    let object = render(&post);
    for (document, kind, published) in [
        (activity::create(SENDER, &object), "Create", "2026-10-05T15:00:00Z"),
        (activity::update(SENDER, &object), "Update", "2026-10-05T16:00:00Z"),
    ] {
        assert_eq!((&document["type"], &document["published"]), (&json!(kind), &json!(published)));
        assert_eq!((&document["to"], &document["cc"]), (&object["to"], &object["cc"]));
        assert_eq!(
            (&document["to"], &document["cc"]),
            (&document["object"]["to"], &document["object"]["cc"])
        );
        assert_eq!(document["@context"], object["@context"]);
        assert!(document["object"].get("@context").is_none());
        assert_eq!((&document["id"], &document["actor"]), (&json!(SENDER.id), &json!(SENDER.actor)));
    }
}

#[test]
fn what_is_deleted_leaves_only_its_id() {
    let document = activity::delete(SENDER, "https://social.example.com/ap/posts/7", &[PUBLIC.into()], &[]);
    assert_eq!(
        document["object"],
        json!({"id": "https://social.example.com/ap/posts/7", "type": "Tombstone"})
    );
    let document = activity::delete_actor(SENDER);
    assert_eq!((&document["object"], &document["to"]), (&json!(SENDER.actor), &json!([PUBLIC])));
}

#[test]
fn an_answer_holds_the_follow_and_nothing_else() {
    let (follow, follower) = ("https://remote.example/f/1", "https://remote.example/users/1");
    for (document, kind) in [
        (activity::accept(SENDER, follow, follower), "Accept"),
        (activity::reject(SENDER, follow, follower), "Reject"),
    ] {
        assert_eq!(document["type"], kind);
        assert_eq!(document["to"], json!([follower]));
        assert_eq!(
            document["object"],
            json!({"id": follow, "type": "Follow", "actor": follower, "object": SENDER.actor})
        );
    }
}

#[test]
fn undo_holds_the_whole_activity_and_its_audience() {
    let like = activity::like(SENDER, "https://remote.example/notes/1", "https://remote.example/users/1");
    let undo = activity::undo(Sender { id: "https://social.example.com/ap/activities/2", ..SENDER }, &like);
    let mut inner = like.clone();
    inner.as_object_mut().unwrap().remove("@context");
    assert_eq!(undo["object"], inner);
    assert_eq!(undo["to"], json!(["https://remote.example/users/1"]));
    let boost = activity::announce(
        SENDER,
        "https://r.example/1",
        "https://r.example/u",
        "https://f.example/",
        time("2026-10-05T15:00:00Z"),
    );
    assert_eq!(
        (&boost["to"], &boost["cc"]),
        (&json!([PUBLIC]), &json!(["https://f.example/", "https://r.example/u"]))
    );
    let follow = activity::follow(SENDER, "https://remote.example/users/1");
    assert_eq!(
        (&follow["object"], &follow["to"]),
        (&json!("https://remote.example/users/1"), &json!(["https://remote.example/users/1"]))
    );
}

#[test]
fn an_actor_announces_its_own_change() {
    let document = json!({"@context": ["x"], "id": SENDER.actor, "type": "Person", "followers": "https://social.example.com/f"});
    let update = activity::update_actor(SENDER, &document);
    assert_eq!((&update["to"], &update["cc"]), (&json!([PUBLIC]), &json!(["https://social.example.com/f"])));
    assert_eq!((&update["object"]["id"], &update["@context"]), (&json!(SENDER.actor), &json!(["x"])));
}

fn with(members: Value) -> Value {
    let mut document = json!({
        "type": "Like", "id": "https://r.example/a/1", "actor": "https://r.example/u/1", "object": "https://b.example/n/1",
    });
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

#[test]
fn activities_in_every_shape() {
    let read = |members: Value| activity::read(with(members)).unwrap();
    assert_eq!(read(json!({})).object, ObjectRef::Id("https://b.example/n/1".into()));
    for actor in [
        json!(["https://r.example/u/1"]),
        json!({"id": "https://r.example/u/1", "type": "Person"}),
        json!([{"@id": "https://r.example/u/1"}]),
    ] {
        assert_eq!(read(json!({"actor": actor})).actor, "https://r.example/u/1");
    }
    assert_eq!(read(json!({"type": ["Create"]})).kind, "Create");
    assert_eq!(read(json!({"type": "litepub:EmojiReact"})).kind, "EmojiReact");
    let embedded = read(json!({"object": {"id": "https://b.example/n/1", "type": "Note"}}));
    assert_eq!(embedded.object.id(), Some("https://b.example/n/1"));
    assert_eq!(embedded.object.embedded().unwrap()["type"], "Note");
    assert_eq!(read(json!({"object": {"type": "Follow"}})).object.id(), None);
    let flag =
        read(json!({"type": "Flag", "object": ["https://b.example/u", null, "https://b.example/n/1"]}));
    assert_eq!((flag.object.id(), flag.others.len()), (Some("https://b.example/u"), 1));
    let addressed = read(
        json!({"to": "as:Public", "cc": [null, "https://b.example/u"], "published": "2024-01-01T00:00:00Z", "target": {"id": "https://b.example/t"}}),
    );
    assert_eq!(
        (addressed.to, addressed.cc),
        (vec![PUBLIC.to_owned()], vec!["https://b.example/u".to_owned()])
    );
    assert_eq!(
        (addressed.target.as_deref(), addressed.published.unwrap().seconds()),
        (Some("https://b.example/t"), 1_704_067_200)
    );
}

#[test]
fn what_is_no_activity() {
    let refused = |members: Value| {
        let error = activity::read(with(members)).unwrap_err();
        format!("{} {}", error.reason(), error.place())
    };
    assert_eq!(refused(json!({"id": ""})), "no_id /id");
    assert_eq!(refused(json!({"type": []})), "no_type /type");
    assert_eq!(refused(json!({"actor": 7})), "no_actor /actor");
    assert_eq!(
        refused(json!({"actor": ["https://r.example/u/1", "https://r.example/u/2"]})),
        "several_actors /actor"
    );
    assert_eq!(refused(json!({"object": null})), "no_object /object");
    assert_eq!(refused(json!({"object": "tag:x"})), "no_object /object");
    assert_eq!(refused(json!({"object": [[], 1]})), "no_object /object");
    assert_eq!(activity::read(json!("x")).unwrap_err().reason(), "not_an_object");
}
