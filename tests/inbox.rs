//! What an inbox refuses, ignores and believes. Each case fails when its rule is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value, clippy::cast_precision_loss)]
#![allow(clippy::format_push_string, clippy::let_and_return)]

mod world;

use serde_json::{Value, json};
use world::stranger::Stranger;
use world::{Response, World};

const A: &str = "https://a.example";
const M: &str = "m.example";

/// Ann on A, and a stranger.
fn scene() -> (World, Stranger) {
    let world = World::new(&[A]);
    world.host(A).borrow_mut().person("1", "ann");
    let mallory = Stranger::new(&world, M, "mallory");
    (world, mallory)
}

fn ann(world: &World) -> String {
    world.host(A).borrow().instance.actor_uri("1")
}

/// Ann's public post, published.
fn post(world: &World, id: &str, visibility: &str) -> String {
    let post = json!({"id": id, "author": "1", "visibility": visibility, "published": "2027-01-15T08:00:00Z",
        "content": {"format": "plain", "text": "hello"}});
    world.host(A).borrow_mut().posts.insert(id.to_owned(), post.clone());
    let done = world.perform(A, &json!({"type": "publish", "post": post})).unwrap();
    world.work();
    done["result"]["uri"].as_str().unwrap().to_owned()
}

/// Ann follows the stranger, and it accepted.
fn follows(world: &World, who: &Stranger) {
    let key = format!("{} {}", ann(world), who.actor);
    let follow = json!({"v": 1, "state": "accepted", "activity": format!("{A}/ap/activities/x"), "at": 0});
    world.host(A).borrow_mut().store.insert(("follow".into(), key), follow);
}

fn code(response: &Response) -> (u16, String) {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    (response.status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn events(world: &World) -> Vec<String> {
    let events = world.host(A).borrow_mut().take_events();
    events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

fn untouched(world: &World) {
    let host = world.host(A);
    let host = host.borrow();
    assert!(
        host.events.is_empty() && host.jobs.is_empty() && host.deliveries.is_empty() && host.once.is_empty()
    );
    assert!(
        !host.store.keys().any(|(name, _)| matches!(name.as_str(), "follow" | "remote_post" | "activity"))
    );
}

#[test]
fn a_proven_follow_is_believed() {
    let (world, mallory) = scene();
    let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    assert_eq!((response.status, response.body.len()), (202, 0));
    assert_eq!(events(&world), ["followed"]);
}

#[test]
fn size_type_and_shape_come_first_and_cost_no_fetch() {
    let (world, mallory) = scene();
    let cases: [(u16, &str, Vec<u8>); 7] = [
        (413, "too_large", vec![b' '; 1024 * 1024 + 1]),
        (400, "not_json", b"{".to_vec()),
        (400, "not_utf8", b"{\"id\":\"\xff\"}".to_vec()),
        (413, "too_deep", [vec![b'['; 70], vec![b']'; 70]].concat()),
        (400, "duplicate_key", br#"{"id":"https://m.example/1","type":"Follow","actor":"https://m.example/a","actor":"https://m.example/b","object":"x"}"#.to_vec()),
        (400, "no_actor", br#"{"id":"https://m.example/1","type":"Follow","object":"https://a.example/ap/users/1"}"#.to_vec()),
        (400, "not_an_object", b"[]".to_vec()),
    ];
    for (status, reason, body) in cases {
        let (head, body) = mallory.signed_bytes(&world, A, &body);
        assert_eq!(code(&world.answer(A, &head, &body)), (status, reason.to_owned()));
    }
    for kind in ["application/json", "text/html", "application/ld+json"] {
        let (mut head, body) = mallory.signed(&world, A, &mallory.activity("Follow", ann(&world)));
        for header in head["headers"].as_array_mut().unwrap() {
            if header[0].as_str().unwrap().eq_ignore_ascii_case("content-type") {
                header[1] = kind.into();
            }
        }
        assert_eq!(code(&world.answer(A, &head, &body)), (415, "wrong_content_type".to_owned()), "{kind}");
    }
    assert_eq!(world.requests(), 0);
    untouched(&world);
}

#[test]
fn an_unknown_actor_that_deletes_itself_costs_no_fetch() {
    let (world, mallory) = scene();
    for kind in ["Delete", "Update"] {
        assert_eq!(mallory.send(&world, A, &mallory.activity(kind, mallory.actor.clone())).status, 202);
    }
    assert_eq!(world.requests(), 0);
    untouched(&world);
}

#[test]
fn a_blocked_host_or_actor_is_refused_before_any_fetch() {
    for blocked in [M.to_owned(), format!("https://{M}/users/mallory")] {
        let (world, mallory) = scene();
        world.host(A).borrow_mut().blocked.push(blocked);
        let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
        assert_eq!(code(&response), (403, "blocked".to_owned()));
        assert_eq!(world.requests(), 0);
        untouched(&world);
    }
}

#[test]
fn nothing_unsigned_changed_stale_or_meant_for_another_host_is_believed() {
    let (world, mallory) = scene();
    let follow = mallory.activity("Follow", ann(&world));
    let change = |edit: &dyn Fn(&mut Vec<Value>, &mut Vec<u8>)| {
        let (mut head, mut body) = mallory.signed(&world, A, &follow);
        edit(head["headers"].as_array_mut().unwrap(), &mut body);
        world.answer(A, &head, &body).status
    };
    let is = |name: &'static str| move |h: &Value| h[0].as_str().unwrap().eq_ignore_ascii_case(name);
    assert_eq!(change(&|_, _| ()), 202);
    events(&world);
    assert_eq!(change(&|h, _| h.retain(|h| !is("signature")(h))), 401);
    assert_eq!(change(&|h, _| h.retain(|h| !is("digest")(h))), 401);
    assert_eq!(change(&|_, body| body.push(b' ')), 401);
    assert_eq!(
        change(&|h, _| h.iter_mut().filter(|h| is("host")(h)).for_each(|h| h[1] = "b.example".into())),
        401
    );
    assert_eq!(
        change(&|h, _| h
            .iter_mut()
            .filter(|h| is("date")(h))
            .for_each(|h| h[1] = "Thu, 01 Jan 2026 00:00:00 GMT".into())),
        401
    );
    assert!(events(&world).is_empty());
    let (mut world, mallory) = scene();
    let (head, body) = mallory.signed(&world, A, &mallory.activity("Follow", ann(&world)));
    world.now += 3901;
    assert_eq!(world.answer(A, &head, &body).status, 401);
    untouched(&world);
}

#[test]
fn the_signer_must_be_the_actor() {
    let (world, mallory) = scene();
    let victim = Stranger::new(&world, M, "victim");
    let mut follow = mallory.activity("Follow", ann(&world));
    follow["actor"] = victim.actor.clone().into();
    assert_eq!(code(&mallory.send(&world, A, &follow)), (401, "actor_mismatch".to_owned()));
    untouched(&world);
}

#[test]
fn an_id_on_another_host_is_refused() {
    let (world, mallory) = scene();
    let mut follow = mallory.activity("Follow", ann(&world));
    follow["id"] = "https://other.example/1".into();
    assert_eq!(code(&mallory.send(&world, A, &follow)), (403, "foreign_id".to_owned()));
    untouched(&world);
}

#[test]
fn a_key_must_come_from_its_own_origin() {
    // The key's document says it is another actor, on another host, of another owner, or is a plain upload.
    let cases: [(&str, fn(&mut Value)); 4] = [
        ("another host", |d| d["id"] = "https://victim.example/users/v".into()),
        ("another owner", |d| d["publicKey"]["owner"] = "https://victim.example/users/v".into()),
        ("another key", |d| d["publicKey"]["id"] = "https://m.example/users/mallory#other".into()),
        ("no inbox", |d| d["inbox"] = Value::Null),
    ];
    for (what, edit) in cases {
        let (world, mallory) = scene();
        let mut document = mallory.document();
        edit(&mut document);
        world.put(&mallory.actor, &document);
        let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
        assert_eq!(code(&response), (401, "key_unavailable".to_owned()), "{what}");
        assert!(events(&world).is_empty(), "{what}");
    }
    let (world, mallory) = scene();
    world.put_response(&mallory.actor, 200, "application/json", mallory.document().to_string().into_bytes());
    let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    assert_eq!(code(&response), (401, "key_unavailable".to_owned()));
}

#[test]
fn a_key_on_a_private_address_or_on_our_own_origin_is_never_fetched() {
    for host in ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "intranet", "m.example:8443", "a.example"] {
        let (world, _) = scene();
        let stranger = Stranger::new(&world, host, "x");
        let response = stranger.send(&world, A, &stranger.activity("Follow", ann(&world)));
        assert_eq!(response.status, 401, "{host}");
        assert_eq!(world.requests(), 0, "{host}");
    }
    // A public name that resolves to this machine is caught by the address that answered.
    let (world, mallory) = scene();
    *world.address.borrow_mut() = "127.0.0.1".into();
    assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, 401);
    untouched(&world);
}

#[test]
fn a_missing_key_is_not_asked_for_again_at_once() {
    let (world, mallory) = scene();
    world.put_response(&mallory.actor, 404, "text/html", vec![]);
    for _ in 0..5 {
        assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, 401);
    }
    assert_eq!(world.requests(), 1);
}

#[test]
fn a_key_that_cannot_be_fetched_now_is_no_final_answer() {
    let (world, mallory) = scene();
    world.put_response(&mallory.actor, 502, "text/html", vec![]);
    let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    assert_eq!(response.status, 503);
    assert!(response.headers.iter().any(|(name, _)| name == "retry-after"));
    mallory.publish(&world);
    assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, 202);
}

#[test]
fn a_peer_with_a_new_key_is_refreshed_once() {
    let (mut world, mut mallory) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    world.now += 1000;
    mallory.key = fedigraft::key::PrivateKey::generate().unwrap();
    mallory.publish(&world);
    world.requests();
    assert_eq!(
        mallory.send(&world, A, &mallory.activity("Undo", mallory.activity("Follow", ann(&world)))).status,
        202
    );
    assert_eq!(world.requests(), 1);
    assert_eq!(events(&world), ["followed", "unfollowed"]);
    // Wrong signatures with the fresh key do not make us fetch again and again.
    mallory.key = fedigraft::key::PrivateKey::generate().unwrap();
    for _ in 0..3 {
        assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, 401);
    }
    assert_eq!(world.requests(), 0);
}

#[test]
fn the_forms_of_key_ids_found_in_the_wild() {
    // GoToSocial: a path of its own that answers with a stub; BookWyrm: a slash before the fragment; old
    // PeerTube: the actor itself.
    for form in ["/main-key", "/#main-key", ""] {
        let (world, mut mallory) = scene();
        mallory.key_id = format!("{}{form}", mallory.actor);
        mallory.publish(&world);
        let url = mallory.key_id.split('#').next().unwrap();
        if form == "/main-key" {
            let stub = json!({"id": mallory.actor, "type": "Person", "preferredUsername": "mallory", "publicKey": mallory.document()["publicKey"]});
            world.put(url, &stub);
        } else {
            world.put(url, &mallory.document());
        }
        let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
        assert_eq!(response.status, 202, "{form}: {}", String::from_utf8_lossy(&response.body));
        assert_eq!(events(&world), ["followed"], "{form}");
    }
}

#[test]
fn an_accept_counts_only_for_a_follow_we_sent_to_its_sender() {
    let (world, mallory) = scene();
    let other = Stranger::new(&world, "other.example", "other");
    let done = world.perform(A, &json!({"type": "follow", "profile": "1", "actor": other.actor})).unwrap();
    let follow = done["result"]["activity"].clone();
    let embedded = json!({"id": follow, "type": "Follow", "actor": ann(&world), "object": mallory.actor});
    let unasked = json!({"type": "Follow", "actor": ann(&world), "object": mallory.actor});
    for object in [follow.clone(), embedded, unasked] {
        assert_eq!(mallory.send(&world, A, &mallory.activity("Accept", object)).status, 202);
        assert!(events(&world).is_empty());
    }
    assert_eq!(other.send(&world, A, &other.activity("Accept", follow)).status, 202);
    assert_eq!(events(&world), ["follow_accepted"]);
}

#[test]
fn an_object_belongs_to_its_actor() {
    let (world, mallory) = scene();
    let victim = Stranger::new(&world, M, "victim");
    follows(&world, &mallory);
    follows(&world, &victim);
    let stolen = [
        victim.note("1", &json!({})),
        mallory.note("1", &json!({"attributedTo": victim.actor})),
        mallory.note("1", &json!({"id": "https://other.example/notes/1"})),
        mallory.note("1", &json!({"attributedTo": [victim.actor, mallory.actor]})),
    ];
    for note in stolen {
        mallory.send(&world, A, &mallory.activity("Create", note));
        assert!(events(&world).is_empty());
    }
    victim.send(&world, A, &victim.activity("Create", victim.note("2", &json!({}))));
    assert_eq!(events(&world), ["post_created"]);
    // An edit in the second of the publication counts.
    let at_once = victim.note("2", &json!({"content": "at once", "updated": "2027-01-15T08:00:00Z"}));
    victim.send(&world, A, &victim.activity("Update", at_once));
    assert_eq!(events(&world), ["post_updated"]);
    let edited = victim.note("2", &json!({"content": "changed", "updated": "2027-01-15T09:00:00Z"}));
    mallory.send(&world, A, &mallory.activity("Update", edited.clone()));
    mallory.send(&world, A, &mallory.activity("Delete", format!("{}/notes/2", victim.actor)));
    assert!(events(&world).is_empty());
    victim.send(&world, A, &victim.activity("Update", edited.clone()));
    assert_eq!(events(&world), ["post_updated"]);
    // So does one a moment later.
    let quick = victim.note("2", &json!({"content": "quick", "updated": "2027-01-15T09:00:00.250Z"}));
    victim.send(&world, A, &victim.activity("Update", quick));
    assert_eq!(events(&world), ["post_updated"]);
    // The same edit again, under another id, and an older one, change nothing.
    let mut again = victim.activity("Update", edited);
    again["id"] = format!("{}#again", victim.actor).into();
    victim.send(&world, A, &again);
    assert!(events(&world).is_empty());
    victim.send(&world, A, &victim.activity("Delete", format!("{}/notes/2", victim.actor)));
    assert_eq!(events(&world), ["post_deleted"]);
}

#[test]
fn an_actor_undoes_only_what_it_did() {
    let (world, mallory) = scene();
    let victim = Stranger::new(&world, M, "victim");
    let follow = victim.activity("Follow", ann(&world));
    victim.send(&world, A, &follow);
    assert_eq!(events(&world), ["followed"]);
    mallory.send(&world, A, &mallory.activity("Undo", follow.clone()));
    mallory.send(&world, A, &mallory.activity("Undo", follow["id"].clone()));
    assert!(events(&world).is_empty());
    victim.send(&world, A, &victim.activity("Undo", follow["id"].clone()));
    assert_eq!(events(&world), ["unfollowed"]);
}

#[test]
fn what_an_announce_carries_is_read_from_its_origin() {
    let (world, mallory) = scene();
    let victim = Stranger::new(&world, "victim.example", "v");
    follows(&world, &mallory);
    let lie = victim.note("1", &json!({"content": "<p>a lie</p>"}));
    world.put(lie["id"].as_str().unwrap(), &victim.note("1", &json!({"content": "<p>the truth</p>"})));
    mallory.send(&world, A, &mallory.activity("Announce", lie));
    assert!(events(&world).is_empty());
    world.work();
    let events = world.host(A).borrow_mut().take_events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["remote_post"]["content"]["text"], "<p>the truth</p>");
    assert_eq!(events[0]["author"]["id"], victim.actor.as_str());
}

#[test]
fn a_create_that_only_names_its_object_is_read_from_its_origin() {
    let (world, mallory) = scene();
    follows(&world, &mallory);
    let note = mallory.note("1", &json!({}));
    world.put(note["id"].as_str().unwrap(), &note);
    mallory.send(&world, A, &mallory.activity("Create", note["id"].clone()));
    assert!(events(&world).is_empty());
    world.work();
    assert_eq!(events(&world), ["post_created"]);
}

#[test]
fn a_deletion_that_came_first_keeps_the_post_away() {
    let (world, mallory) = scene();
    follows(&world, &mallory);
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    events(&world);
    let note = mallory.note("1", &json!({}));
    mallory.send(&world, A, &mallory.activity("Delete", note["id"].clone()));
    mallory.send(&world, A, &mallory.activity("Create", note));
    assert!(events(&world).is_empty());
}

#[test]
fn what_concerns_nobody_here_leaves_no_trace() {
    let (world, mallory) = scene();
    assert_eq!(
        mallory.send(&world, A, &mallory.activity("Create", mallory.note("1", &json!({})))).status,
        202
    );
    assert_eq!(mallory.send(&world, A, &mallory.activity("Like", "https://other.example/1")).status, 202);
    assert_eq!(mallory.send(&world, A, &mallory.activity("Announce", "https://other.example/1")).status, 202);
    assert_eq!(mallory.send(&world, A, &mallory.activity("Wonder", "https://other.example/1")).status, 202);
    untouched(&world);
}

#[test]
fn a_stranger_cannot_react_to_what_they_may_not_see() {
    let (world, mallory) = scene();
    for visibility in ["followers", "direct"] {
        let uri = post(&world, visibility, visibility);
        for kind in ["Like", "Announce"] {
            mallory.send(&world, A, &mallory.activity(kind, uri.clone()));
        }
        let reply = mallory.note("r", &json!({"inReplyTo": uri}));
        mallory.send(&world, A, &mallory.activity("Create", reply));
        assert!(events(&world).is_empty(), "{visibility}");
    }
    let uri = post(&world, "open", "public");
    mallory.send(&world, A, &mallory.activity("Like", uri));
    assert_eq!(events(&world), ["liked"]);
}

#[test]
fn a_remote_update_changes_names_but_no_keys_and_no_inbox() {
    let (world, mallory) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    events(&world);
    let mut document = mallory.document();
    document["name"] = "New name".into();
    document["inbox"] = "https://m.example/elsewhere".into();
    document["publicKey"]["publicKeyPem"] =
        fedigraft::key::PrivateKey::generate().unwrap().public().to_pem().into();
    mallory.send(&world, A, &mallory.activity("Update", document));
    let events = world.host(A).borrow_mut().take_events();
    assert_eq!(events[0]["type"], "profile_updated");
    assert_eq!(events[0]["actor"]["display_name"], "New name");
    let host = world.host(A);
    let host = host.borrow();
    assert_eq!(
        host.get("remote_actor", &mallory.actor).unwrap()["inbox"],
        format!("{}/inbox", mallory.actor)
    );
    assert_eq!(host.get("remote_key", &mallory.key_id).unwrap()["pem"], mallory.key.public().to_pem());
}

#[test]
fn a_deleted_account_takes_its_follows_along() {
    let (world, mallory) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    events(&world);
    // The actor is gone: its key can no longer be fetched, the one we know must do.
    world.put_response(&mallory.actor, 410, "text/html", vec![]);
    mallory.send(&world, A, &mallory.activity("Delete", mallory.actor.clone()));
    assert_eq!(events(&world), ["profile_deleted"]);
    assert!(!world.host(A).borrow().store.keys().any(|(name, _)| name == "follow"));
}

#[test]
fn the_inbox_of_somebody_who_does_not_federate_is_missing() {
    let (world, mallory) = scene();
    let (mut head, body) = mallory.signed(&world, A, &mallory.activity("Follow", ann(&world)));
    world.host(A).borrow_mut().profiles.get_mut("1").unwrap()["federated"] = false.into();
    head["target"] = "/ap/users/1/inbox".into();
    let hidden = world.answer(A, &head, &body);
    head["target"] = "/ap/users/999/inbox".into();
    let missing = world.answer(A, &head, &body);
    assert_eq!((hidden.status, &hidden.body), (404, &missing.body));
    // Through the shared inbox it is dropped without a word.
    assert_eq!(mallory.send(&world, A, &mallory.activity("Follow", ann(&world))).status, 202);
    assert!(events(&world).is_empty());
}

#[test]
fn remote_html_arrives_sanitised() {
    let (world, mallory) = scene();
    follows(&world, &mallory);
    let evil = r#"<p onclick="x()">hi<script>alert(1)</script><img src=x onerror=y> <a href="javascript:z()">z</a></p>"#;
    mallory.send(&world, A, &mallory.activity("Create", mallory.note("1", &json!({"content": evil}))));
    let events = world.host(A).borrow_mut().take_events();
    let html = events[0]["post"]["content"]["text"].as_str().unwrap();
    for bad in ["script", "onclick", "onerror", "javascript", "<img"] {
        assert!(!html.contains(bad), "{html}");
    }
    // Bounded: far too much markup becomes text.
    let deep = format!("{}x{}", "<div>".repeat(80_000), "</div>".repeat(80_000));
    mallory.send(&world, A, &mallory.activity("Create", mallory.note("2", &json!({"content": deep}))));
    let events = world.host(A).borrow_mut().take_events();
    assert!(events[0]["post"]["content"]["text"].as_str().unwrap().len() < 200);
}
