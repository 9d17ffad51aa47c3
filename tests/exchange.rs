//! Whole exchanges between hosts: every signature is real, every load, commit and answer is a host's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value, clippy::cast_precision_loss)]
#![allow(clippy::format_push_string, clippy::let_and_return)]

mod world;

use serde_json::{Value, json};
use world::World;

const A: &str = "https://a.example";
const B: &str = "https://b.example";

/// Ann on A and Bob on B, who follows her.
fn two() -> World {
    let world = World::new(&[A, B]);
    world.host(A).borrow_mut().person("1", "ann");
    world.host(B).borrow_mut().person("7", "bob");
    world
}

fn followed() -> World {
    let world = two();
    let ann = world.host(A).borrow().instance.actor_uri("1");
    world.perform(B, &json!({"type": "follow", "profile": "7", "actor": ann})).unwrap();
    world.work();
    world
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn post(world: &World, id: &str, visibility: &str, text: &str) -> Value {
    let post = json!({
        "id": id, "author": "1", "visibility": visibility, "content": {"format": "plain", "text": text},
        "published": "2027-01-15T08:00:00Z",
    });
    world.host(A).borrow_mut().posts.insert(id.to_owned(), post.clone());
    post
}

#[test]
fn a_follow_is_asked_accepted_and_known_on_both_sides() {
    let world = two();
    let found = world.look_up(B, "@ann@a.example").unwrap();
    let ann = found["uri"].as_str().unwrap().to_owned();
    assert_eq!(found["profile"]["handle"], "@ann@a.example");
    let done = world.perform(B, &json!({"type": "follow", "profile": "7", "actor": ann})).unwrap();
    assert_eq!(done["result"]["state"], "pending");
    let results = world.work();
    assert!(results.iter().all(|result| result["outcome"] == "delivered"), "{results:?}");
    assert_eq!(types(&world.host(A).borrow_mut().take_events()), ["followed"]);
    assert_eq!(types(&world.host(B).borrow_mut().take_events()), ["follow_accepted"]);
    let bob = world.host(B).borrow().instance.actor_uri("7");
    let key = format!("{bob} {ann}");
    assert_eq!(world.host(A).borrow().get("follow", &key).unwrap()["state"], "accepted");
    assert_eq!(world.host(B).borrow().get("follow", &key).unwrap()["state"], "accepted");
}

#[test]
fn a_post_reaches_followers_and_an_edit_and_a_deletion_follow_it() {
    let world = followed();
    world.host(B).borrow_mut().take_events();
    let mut note = post(&world, "p1", "public", "hello #fediverse, hello @bob@b.example");
    let done = world.perform(A, &json!({"type": "publish", "post": note})).unwrap();
    let uri = done["result"]["uri"].as_str().unwrap().to_owned();
    world.work();
    let events = world.host(B).borrow_mut().take_events();
    assert_eq!(types(&events), ["post_created"]);
    let seen = &events[0];
    assert_eq!(seen["post"]["id"], uri.as_str());
    assert_eq!(seen["mentioned"], json!(["7"]));
    assert_eq!(seen["followers"], true);
    let html = seen["post"]["content"]["text"].as_str().unwrap();
    assert!(html.contains("u-url mention") && html.contains("mention hashtag"), "{html}");

    note["content"]["text"] = "hello again".into();
    note["updated"] = "2027-01-15T09:00:00Z".into();
    world.host(A).borrow_mut().posts.insert("p1".into(), note.clone());
    world.perform(A, &json!({"type": "update", "post": note})).unwrap();
    world.work();
    assert_eq!(types(&world.host(B).borrow_mut().take_events()), ["post_updated"]);

    world.host(A).borrow_mut().posts.remove("p1");
    world.perform(A, &json!({"type": "delete", "post": note})).unwrap();
    world.work();
    let events = world.host(B).borrow_mut().take_events();
    assert_eq!(types(&events), ["post_deleted"]);
    assert_eq!(events[0]["uri"], uri.as_str());
    assert_eq!(world.get(&uri).status, 410);
}

#[test]
fn a_reply_a_like_and_a_boost_come_back() {
    let world = followed();
    let note = post(&world, "p1", "public", "hello");
    let uri = world.perform(A, &json!({"type": "publish", "post": note})).unwrap()["result"]["uri"].clone();
    let bob = world.host(B).borrow().instance.actor_uri("7");
    world.perform(A, &json!({"type": "follow", "profile": "1", "actor": bob})).unwrap();
    world.work();
    world.host(A).borrow_mut().take_events();
    let reply = json!({
        "id": "r1", "author": "7", "visibility": "public", "in_reply_to": uri,
        "content": {"format": "plain", "text": "hello back"}, "published": "2027-01-15T08:05:00Z",
    });
    world.host(B).borrow_mut().posts.insert("r1".into(), reply.clone());
    world.perform(B, &json!({"type": "publish", "post": reply})).unwrap();
    world.work();
    let events = world.host(A).borrow_mut().take_events();
    assert_eq!(types(&events), ["post_created"]);
    assert_eq!(events[0]["reply_to"], "p1");
    assert_eq!(events[0]["mentioned"], json!(["1"]));

    world.sent.borrow_mut().clear();
    for (action, event) in
        [("like", "liked"), ("unlike", "unliked"), ("share", "shared"), ("unshare", "unshared")]
    {
        world.perform(B, &json!({"type": action, "profile": "7", "object": uri})).unwrap();
        world.work();
        let events = world.host(A).borrow_mut().take_events();
        assert_eq!(types(&events), [event]);
        assert_eq!((&events[0]["post"], &events[0]["uri"]), (&json!("p1"), &uri));
        // One delivery each, also when the author follows the one who shares.
        assert_eq!(std::mem::take(&mut *world.sent.borrow_mut()).len(), 1, "{action}");
    }
}

#[test]
fn what_is_not_public_is_served_to_nobody_and_sent_to_those_it_names() {
    let world = followed();
    world.host(B).borrow_mut().take_events();
    for visibility in ["followers", "direct"] {
        let note = post(&world, visibility, visibility, "a secret for @bob@b.example");
        let uri =
            world.perform(A, &json!({"type": "publish", "post": note})).unwrap()["result"]["uri"].clone();
        world.work();
        let events = world.host(B).borrow_mut().take_events();
        assert_eq!(types(&events), ["post_created"], "{visibility}");
        assert_eq!(events[0]["post"]["visibility"], visibility);
        let hidden = world.get(uri.as_str().unwrap());
        let missing = world.get(&format!("{A}/ap/posts/nothing"));
        assert_eq!((hidden.status, &hidden.body, &hidden.headers), (404, &missing.body, &missing.headers));
    }
}

#[test]
fn the_same_activity_twice_has_one_effect() {
    let world = two();
    let ann = world.host(A).borrow().instance.actor_uri("1");
    world.perform(B, &json!({"type": "follow", "profile": "7", "actor": ann})).unwrap();
    let row = world.host(B).borrow().deliveries.values().next().unwrap().clone();
    world.run(B, "delivery", &row);
    world.run(B, "delivery", &row);
    assert_eq!(types(&world.host(A).borrow_mut().take_events()), ["followed"]);
}

#[test]
fn a_locked_profile_decides_for_itself() {
    let world = two();
    world.host(A).borrow_mut().profiles.get_mut("1").unwrap()["locked"] = true.into();
    let ann = world.host(A).borrow().instance.actor_uri("1");
    let bob = world.host(B).borrow().instance.actor_uri("7");
    world.perform(B, &json!({"type": "follow", "profile": "7", "actor": ann})).unwrap();
    world.work();
    assert_eq!(types(&world.host(A).borrow_mut().take_events()), ["follow_requested"]);
    assert!(world.host(B).borrow_mut().take_events().is_empty());
    world.perform(A, &json!({"type": "accept", "profile": "1", "actor": bob})).unwrap();
    world.work();
    assert_eq!(types(&world.host(B).borrow_mut().take_events()), ["follow_accepted"]);
    world.perform(A, &json!({"type": "reject", "profile": "1", "actor": bob})).unwrap();
    world.work();
    assert_eq!(types(&world.host(B).borrow_mut().take_events()), ["follow_rejected"]);
}

#[test]
fn unfollowing_ends_it_on_both_sides() {
    let world = followed();
    let ann = world.host(A).borrow().instance.actor_uri("1");
    world.host(A).borrow_mut().take_events();
    world.perform(B, &json!({"type": "unfollow", "profile": "7", "actor": ann})).unwrap();
    world.work();
    assert_eq!(types(&world.host(A).borrow_mut().take_events()), ["unfollowed"]);
    assert!(!world.host(A).borrow().store.keys().any(|(name, _)| name == "follow"));
    assert!(!world.host(B).borrow().store.keys().any(|(name, _)| name == "follow"));
}

#[test]
fn a_peer_that_is_down_is_tried_again_later() {
    let mut world = followed();
    let note = post(&world, "p1", "public", "hello");
    world.perform(A, &json!({"type": "publish", "post": note})).unwrap();
    world.host(B).borrow_mut().down = true;
    let results = world.work();
    assert!(results.iter().any(|result| result["outcome"] == "retry"), "{results:?}");
    world.host(B).borrow_mut().down = false;
    world.host(B).borrow_mut().take_events();
    world.now += 3600;
    world.work();
    assert_eq!(types(&world.host(B).borrow_mut().take_events()), ["post_created"]);
}

#[test]
fn a_host_may_tell_of_everything_and_what_concerns_nobody_stays_here() {
    let world = followed();
    world.host(A).borrow_mut().person("2", "dora");
    world.host(A).borrow_mut().profiles.get_mut("2").unwrap()["federated"] = false.into();
    post(&world, "p1", "public", "hello");
    let mut hidden = post(&world, "p2", "public", "hello");
    hidden["author"] = "2".into();
    world.host(A).borrow_mut().posts.insert("p2".into(), hidden);
    world.host(A).borrow_mut().take_events();
    let stays = |action: Value, why: &str| {
        let done = world.perform(A, &action).unwrap();
        assert_eq!(done["result"], json!({"federated": false, "why": why}), "{action}");
        assert!(world.work().is_empty(), "{action}");
    };
    stays(json!({"type": "like", "profile": "1", "object": "p1"}), "local_object");
    stays(json!({"type": "like", "profile": "2", "object": "p1"}), "profile_not_federated");
    stays(json!({"type": "share", "profile": "2", "object": "p1"}), "profile_not_federated");
    stays(json!({"type": "share", "profile": "1", "object": "p2"}), "profile_not_federated");
    // A post of ours is named by its key or its URI; either is shared with the followers.
    for action in ["share", "unshare"] {
        world.perform(A, &json!({"type": action, "profile": "1", "object": "p1"})).unwrap();
        assert!(world.work().iter().any(|result| result["outcome"] == "delivered"), "{action}");
    }
    world.host(A).borrow_mut().profiles.get_mut("1").unwrap()["federated"] = false.into();
    let bob = world.host(B).borrow().instance.actor_uri("7");
    stays(json!({"type": "reject", "profile": "1", "actor": bob}), "profile_not_federated");
    assert!(!world.host(A).borrow().store.keys().any(|(name, _)| name == "follow"));
}
