//! Who pretends to be somebody else, and who takes away what is not theirs. Each case fails when its rule is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value)]

mod world;

use serde_json::{Value, json};
use world::World;
use world::stranger::Stranger;

const A: &str = "https://a.example";
const M: &str = "m.example";
const V: &str = "victim.example";

/// Ann on A, a stranger, and somebody the stranger would like to be.
fn scene() -> (World, Stranger, Stranger) {
    let world = World::new(&[A]);
    world.host(A).borrow_mut().person("1", "ann");
    let mallory = Stranger::new(&world, M, "mallory");
    let victim = Stranger::new(&world, V, "mallory");
    (world, mallory, victim)
}

fn ann(world: &World) -> String {
    world.host(A).borrow().instance.actor_uri("1")
}

fn take_events(world: &World) -> Vec<Value> {
    world.host(A).borrow_mut().take_events()
}

/// Ann follows the stranger, and it accepted.
fn follows(world: &World, who: &Stranger) {
    let key = format!("{} {}", ann(world), who.actor);
    let follow = json!({"v": 1, "state": "accepted", "activity": format!("{A}/ap/activities/x"), "at": 0});
    world.host(A).borrow_mut().store.insert(("follow".into(), key), follow);
}

/// Serves a WebFinger answer of `host` about `user`.
fn finger(world: &World, host: &str, user: &str, subject: &str, actor: &str) {
    let url = format!("https://{host}/.well-known/webfinger?resource=acct%3A{user}%40{host}");
    let jrd = json!({"subject": format!("acct:{subject}"),
        "links": [{"rel": "self", "type": "application/activity+json", "href": actor}]});
    world.put_response(&url, 200, "application/jrd+json", jrd.to_string().into_bytes());
}

/// A WebFinger that knows no such account.
fn nobody(world: &World, host: &str, user: &str) {
    let url = format!("https://{host}/.well-known/webfinger?resource=acct%3A{user}%40{host}");
    world.put_response(&url, 404, "text/html", vec![]);
}

#[test]
fn a_sender_whose_document_has_become_a_redirect_is_not_the_one_it_points_to() {
    let (world, mallory, victim) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    mallory.send(&world, A, &mallory.activity("Delete", mallory.actor.clone()));
    take_events(&world);
    // The key is still known, the actor is not; its document now leads to somebody else's.
    world.redirect(&mallory.actor, &victim.actor);
    let mut again = mallory.activity("Follow", ann(&world));
    again["id"] = format!("{}#again", mallory.actor).into();
    assert_eq!(mallory.send(&world, A, &again).status, 401);
    assert!(take_events(&world).is_empty());
}

#[test]
fn a_post_is_not_the_work_of_whom_its_authors_document_points_to() {
    let (world, mallory, victim) = scene();
    follows(&world, &mallory);
    let author = format!("https://{M}/users/author");
    world.redirect(&author, &victim.actor);
    let note = mallory.note("1", &json!({"attributedTo": author, "cc": [ann(&world)]}));
    let uri = note["id"].as_str().unwrap().to_owned();
    world.put(&uri, &note);
    // Named by a Create, shared, and looked up.
    mallory.send(&world, A, &mallory.activity("Create", uri.clone()));
    mallory.send(&world, A, &mallory.activity("Announce", uri.clone()));
    world.work();
    assert!(take_events(&world).is_empty());
    assert_eq!(world.look_up(A, &uri).unwrap(), Value::Null);
    assert!(world.host(A).borrow().get("remote_post", &uri).is_none());
}

#[test]
fn only_the_one_author_of_a_post_can_bring_it() {
    let (world, mallory, victim) = scene();
    follows(&world, &mallory);
    for authors in [
        json!([{"type": "Group", "id": mallory.actor}, {"type": "Person", "id": victim.actor}]),
        json!([mallory.actor, {"type": "Person", "id": victim.actor}]),
    ] {
        let note = mallory.note("1", &json!({"attributedTo": authors}));
        mallory.send(&world, A, &mallory.activity("Create", note));
        for event in take_events(&world) {
            assert_eq!(event["post"]["author"], mallory.actor.as_str());
        }
    }
}

#[test]
fn an_undo_takes_nothing_away_that_its_sender_did_not_do() {
    let (world, mallory, victim) = scene();
    let post = json!({"id": "p", "author": "1", "visibility": "public", "published": "2027-01-15T08:00:00Z",
        "content": {"format": "plain", "text": "hello"}});
    world.host(A).borrow_mut().posts.insert("p".into(), post.clone());
    let done = world.perform(A, &json!({"type": "publish", "post": post})).unwrap();
    let uri = done["result"]["uri"].clone();
    let published = world.work();
    let ours = published[0]["activity"].as_str().unwrap().to_owned();
    let theirs = victim.activity("Like", uri.clone());
    victim.send(&world, A, &theirs);
    let kept = |id: &Value| world.host(A).borrow().get("activity", id.as_str().unwrap()).is_some();
    for id in [Value::from(ours), theirs["id"].clone()] {
        let inner = json!({"id": id, "type": "Like", "actor": mallory.actor, "object": uri});
        mallory.send(&world, A, &mallory.activity("Undo", inner));
        assert!(kept(&id), "{id}");
    }
    let undo = victim.activity("Undo", theirs.clone());
    victim.send(&world, A, &undo);
    assert!(!kept(&theirs["id"]));
}

#[test]
fn a_handle_counts_when_the_actors_own_host_says_the_same() {
    let (world, _, victim) = scene();
    nobody(&world, V, "mallory");
    // Mallory's server claims the victim's actor under a handle of its own, straight and by a redirect.
    finger(&world, M, "mallory", "mallory@m.example", &victim.actor);
    assert_eq!(world.look_up(A, "@mallory@m.example").unwrap(), Value::Null);
    let hop = format!("https://{M}/hop");
    world.redirect(&hop, &victim.actor);
    finger(&world, M, "mallory", "mallory@m.example", &hop);
    assert_eq!(world.look_up(A, "@mallory@m.example").unwrap(), Value::Null);
    // Also when the victim's host confirms its own handle for it, which is another one.
    finger(&world, V, "mallory", "mallory@victim.example", &victim.actor);
    finger(&world, M, "mallory", "mallory@m.example", &victim.actor);
    assert_eq!(world.look_up(A, "@mallory@m.example").unwrap(), Value::Null);
    assert!(world.host(A).borrow().get("remote_actor", &victim.actor).is_none());
    assert_eq!(world.look_up(A, "@mallory@victim.example").unwrap()["uri"], victim.actor.as_str());
}

#[test]
fn an_account_domain_and_a_server_of_another_name_confirm_each_other() {
    let (world, _, victim) = scene();
    finger(&world, "brand.example", "mallory", "mallory@brand.example", &victim.actor);
    finger(&world, V, "mallory", "mallory@brand.example", &victim.actor);
    let found = world.look_up(A, "@mallory@brand.example").unwrap();
    assert_eq!(found["profile"]["handle"], "@mallory@brand.example");
    // Asked under the server's own name, the account is the same.
    let (world, _, victim) = scene();
    finger(&world, "brand.example", "mallory", "mallory@brand.example", &victim.actor);
    finger(&world, V, "mallory", "mallory@brand.example", &victim.actor);
    let found = world.look_up(A, "@mallory@victim.example").unwrap();
    assert_eq!(found["profile"]["handle"], "@mallory@brand.example");
}

#[test]
fn a_server_cannot_answer_for_another_domain() {
    let (world, _, victim) = scene();
    let actor = Stranger::new(&world, M, "celebrity");
    nobody(&world, V, "celebrity");
    finger(&world, M, "celebrity", "celebrity@victim.example", &actor.actor);
    // The domain does not know of it, or names another actor, or somebody else.
    assert_eq!(world.look_up(A, "@celebrity@m.example").unwrap(), Value::Null);
    finger(&world, V, "celebrity", "celebrity@victim.example", &victim.actor);
    assert_eq!(world.look_up(A, "@celebrity@m.example").unwrap(), Value::Null);
    finger(&world, V, "celebrity", "celebrity@other.example", &actor.actor);
    assert_eq!(world.look_up(A, "@celebrity@m.example").unwrap(), Value::Null);
    // The user name of the actor must be that of the handle.
    finger(&world, M, "other", "other@m.example", &actor.actor);
    assert_eq!(world.look_up(A, "@other@m.example").unwrap(), Value::Null);
    // Nobody answers for us.
    finger(&world, M, "ann", "ann@m.example", &ann(&world));
    assert_eq!(world.look_up(A, "@ann@m.example").unwrap(), Value::Null);
    finger(&world, M, "ann", "ann@a.example", &format!("https://{M}/users/ann"));
    assert_eq!(world.look_up(A, "@ann@m.example").unwrap(), Value::Null);
}

#[test]
fn a_block_holds_under_every_name_of_the_host() {
    for host in ["m.example.", "M.EXAMPLE", "sub.m.example", "a.b.c.sub.m.example"] {
        let (world, ..) = scene();
        world.host(A).borrow_mut().blocked.push(M.into());
        let stranger = Stranger::new(&world, host, "x");
        let answer = stranger.send(&world, A, &stranger.activity("Follow", ann(&world)));
        assert_eq!(answer.status, 403, "{host}");
        assert_eq!(world.requests(), 0, "{host}");
        assert!(take_events(&world).is_empty(), "{host}");
    }
    // A neighbour of the blocked host is not blocked.
    let (world, ..) = scene();
    world.host(A).borrow_mut().blocked.push(M.into());
    let stranger = Stranger::new(&world, "xm.example", "x");
    assert_eq!(stranger.send(&world, A, &stranger.activity("Follow", ann(&world))).status, 202);
}

#[test]
fn a_key_on_a_blocked_host_is_refused_too() {
    let (world, mallory, victim) = scene();
    world.host(A).borrow_mut().blocked.push(V.into());
    let mut follow = mallory.activity("Follow", ann(&world));
    follow["actor"] = mallory.actor.clone().into();
    let (head, body) = victim.signed(&world, A, &follow);
    assert_eq!(world.answer(A, &head, &body).status, 403);
    assert_eq!(world.requests(), 0);
}

#[test]
fn what_a_blocked_person_wrote_is_not_taken_from_others() {
    let (world, mallory, victim) = scene();
    follows(&world, &mallory);
    let note = victim.note("1", &json!({"cc": [ann(&world)]}));
    let uri = note["id"].as_str().unwrap().to_owned();
    world.put(&uri, &note);
    for blocked in [V.to_owned(), victim.actor.clone()] {
        world.host(A).borrow_mut().blocked = vec![blocked.clone()];
        let mut share = mallory.activity("Announce", uri.clone());
        share["id"] = format!("{}#{}", mallory.actor, blocked.len()).into();
        assert_eq!(mallory.send(&world, A, &share).status, 202);
        world.work();
        assert!(take_events(&world).is_empty(), "{blocked}");
    }
    world.host(A).borrow_mut().blocked.clear();
    let mut share = mallory.activity("Announce", uri);
    share["id"] = format!("{}#last", mallory.actor).into();
    mallory.send(&world, A, &share);
    world.work();
    assert_eq!(take_events(&world).len(), 1);
}

#[test]
fn another_actors_key_does_not_become_ones_own_by_listing_it() {
    let (world, mallory, victim) = scene();
    // The victim is known with its key.
    victim.send(&world, A, &victim.activity("Follow", ann(&world)));
    let before = world.host(A).borrow().get("remote_key", &victim.key_id).cloned();
    let mut document = mallory.document();
    document["publicKey"] = json!([
        document["publicKey"],
        {"id": victim.key_id, "owner": mallory.actor, "publicKeyPem": mallory.key.public().to_pem()},
        {"id": format!("{}#second", mallory.actor), "owner": victim.actor, "publicKeyPem": mallory.key.public().to_pem()},
    ]);
    world.put(&mallory.actor, &document);
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    assert_eq!(world.host(A).borrow().get("remote_key", &victim.key_id).cloned(), before);
    assert!(world.host(A).borrow().get("remote_key", &format!("{}#second", mallory.actor)).is_none());
}

#[test]
fn with_several_keys_a_bare_actor_names_none() {
    let (world, mut mallory, _) = scene();
    let mut document = mallory.document();
    let second = json!({"id": format!("{}#second", mallory.actor), "owner": mallory.actor, "publicKeyPem": mallory.key.public().to_pem()});
    document["publicKey"] = json!([document["publicKey"], second]);
    world.put(&mallory.actor, &document);
    mallory.key_id = mallory.actor.clone();
    assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, 401);
}

#[test]
fn a_key_document_needs_an_owner_on_its_host_that_lists_it() {
    let (world, mut mallory, victim) = scene();
    mallory.key_id = format!("https://{M}/keys/1");
    let key = |owner: &str| json!({"id": mallory.key_id, "type": "CryptographicKey", "owner": owner, "publicKeyPem": mallory.key.public().to_pem()});
    let send = |answer: u16| {
        world.host(A).borrow_mut().store.clear();
        world.requests();
        for _ in 0..3 {
            assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, answer);
        }
        take_events(&world).len()
    };
    // An owner elsewhere, one that is absent, one that lists another key: asked once, then remembered.
    world.put(&mallory.key_id, &key(&victim.actor));
    assert_eq!((send(401), world.requests()), (0, 1));
    world.put(&mallory.key_id, &key(&format!("https://{M}/users/nobody")));
    world.put_response(&format!("https://{M}/users/nobody"), 404, "text/html", vec![]);
    assert_eq!((send(401), world.requests()), (0, 2));
    world.put(&mallory.key_id, &key(&mallory.actor));
    let mut other = mallory.document();
    other["publicKey"]["id"] = format!("{}#main-key", mallory.actor).into();
    world.put(&mallory.actor, &other);
    assert_eq!((send(401), world.requests()), (0, 2));
    mallory.publish(&world);
    assert_eq!(send(202), 1);
}
