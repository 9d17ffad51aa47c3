//! What is served to anybody: one answer for what is hidden and for what is missing, in every way of asking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value)]

mod world;

use serde_json::{Value, json};
use world::{Response, World};

const A: &str = "https://a.example";

fn scene() -> World {
    let world = World::new(&[A]);
    world.host(A).borrow_mut().person("1", "ann");
    world
}

fn set(world: &World, id: &str, change: &Value) -> String {
    let mut post = json!({"id": id, "author": "1", "visibility": "public", "published": "2027-01-15T08:00:00Z",
        "content": {"format": "plain", "text": "hello"}});
    post.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    world.host(A).borrow_mut().posts.insert(id.into(), post.clone());
    if post["author"] == "1" {
        world.perform(A, &json!({"type": "publish", "post": post})).unwrap();
        world.work();
    }
    world.host(A).borrow().instance.post_uri(id)
}

fn ask(world: &World, method: &str, url: &str, headers: &Value) -> Response {
    let head = json!({"method": method, "target": &url[A.len()..], "headers": headers});
    world.answer(A, &head, b"")
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

#[test]
fn what_is_hidden_is_what_is_missing_in_every_way_of_asking() {
    let world = scene();
    world.host(A).borrow_mut().person("2", "carl");
    let shown = set(&world, "shown", &json!({}));
    let hidden = [
        set(&world, "followers", &json!({"visibility": "followers"})),
        set(&world, "direct", &json!({"visibility": "direct"})),
        set(&world, "later", &json!({"not_before": world.now + 60})),
        set(&world, "orphan", &json!({"author": "nobody"})),
        set(&world, "renamed", &json!({})),
    ];
    world.host(A).borrow_mut().posts.get_mut("renamed").unwrap()["id"] = "another".into();
    let missing = format!("{A}/ap/posts/nothing");
    let etag = header(&world.get(&shown), "etag").unwrap().to_owned();
    for method in ["GET", "HEAD"] {
        for headers in [
            json!([]),
            json!([["If-None-Match", etag]]),
            json!([["If-None-Match", "*"]]),
            json!([["Accept", "text/html"]]),
        ] {
            let expected = ask(&world, method, &missing, &headers);
            assert_eq!(expected.status, 404);
            for url in &hidden {
                for query in ["", "?page=true", "?cursor=1"] {
                    let answer = ask(&world, method, &format!("{url}{query}"), &headers);
                    assert_eq!(
                        (answer.status, &answer.headers, &answer.body),
                        (404, &expected.headers, &expected.body),
                        "{method} {url}{query}"
                    );
                }
            }
        }
    }
    // Their activities are missing too; a scheduled one has none yet.
    let creates: Vec<String> = {
        let host = world.host(A);
        let host = host.borrow();
        let of = |post: &str| host.instance.post_uri(post);
        host.store
            .iter()
            .filter(|((n, _), v)| n == "activity" && v["object"] != of("shown").as_str())
            .map(|((_, key), _)| key.clone())
            .collect()
    };
    assert!(creates.len() >= 3);
    for url in creates {
        assert_eq!(world.get(&url).status, 404, "{url}");
    }
    // None is in the outbox.
    world.host(A).borrow_mut().posts.remove("renamed");
    let outbox = world.host(A).borrow().instance.outbox_uri("1");
    let page: Value = serde_json::from_slice(&world.get(&format!("{outbox}?page=true")).body).unwrap();
    assert_eq!(page["orderedItems"].as_array().unwrap().len(), 1, "{page}");
}

#[test]
fn a_profile_that_does_not_federate_is_nowhere() {
    let world = scene();
    let uri = set(&world, "p", &json!({}));
    let host = world.host(A);
    let instance = host.borrow().instance.clone();
    let finger = |resource: &str| format!("{A}/.well-known/webfinger?resource={resource}");
    let urls = [
        (instance.actor_uri("1"), instance.actor_uri("9")),
        (instance.outbox_uri("1"), instance.outbox_uri("9")),
        (format!("{}?page=true", instance.outbox_uri("1")), instance.outbox_uri("9")),
        (instance.followers_uri("1"), instance.followers_uri("9")),
        (instance.following_uri("1"), instance.following_uri("9")),
        (uri, instance.post_uri("9")),
        (finger("acct:ann@a.example"), finger("acct:nobody@a.example")),
        (finger(&instance.actor_uri("1")), finger(&instance.actor_uri("9"))),
    ];
    for (shown, _) in &urls {
        assert_eq!(world.get(shown).status, 200, "{shown}");
    }
    host.borrow_mut().profiles.get_mut("1").unwrap()["federated"] = false.into();
    for (hidden, missing) in &urls {
        let (hidden, missing) = (world.get(hidden), world.get(missing));
        assert_eq!((hidden.status, &hidden.headers, &hidden.body), (404, &missing.headers, &missing.body));
    }
    // Nor is a profile found under an id that is not its own.
    host.borrow_mut().profiles.get_mut("1").unwrap()["federated"] = true.into();
    for alias in ["%40ann", "@ann"] {
        assert_eq!(world.get(&format!("{A}/ap/users/{alias}")).status, 404, "{alias}");
    }
}

#[test]
fn what_an_edit_took_out_is_not_served_any_more() {
    let world = scene();
    set(&world, "p", &json!({"content": {"format": "plain", "text": "my number is secret1"}}));
    let edited = json!({"id": "p", "author": "1", "visibility": "public", "published": "2027-01-15T08:00:00Z",
        "updated": "2027-01-16T08:00:00Z", "content": {"format": "plain", "text": "never mind"}});
    world.host(A).borrow_mut().posts.insert("p".into(), edited.clone());
    world.perform(A, &json!({"type": "update", "post": edited})).unwrap();
    world.work();
    let urls: Vec<String> = {
        let host = world.host(A);
        let host = host.borrow();
        host.store.keys().filter(|(name, _)| name == "activity").map(|(_, key)| key.clone()).collect()
    };
    assert_eq!(urls.len(), 2);
    for url in urls {
        let answer = world.get(&url);
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["id"], url.as_str());
        assert_eq!(document["object"]["content"], "<p>never mind</p>", "{document}");
    }
}

#[test]
fn a_deleted_post_says_so_and_nothing_more() {
    let world = scene();
    let uri = set(&world, "p", &json!({}));
    let post = world.host(A).borrow_mut().posts.remove("p").unwrap();
    world.perform(A, &json!({"type": "delete", "post": post})).unwrap();
    world.work();
    let gone = world.get(&uri);
    assert_eq!(gone.status, 410);
    assert!(!String::from_utf8_lossy(&gone.body).contains("hello"));
    let served = world
        .host(A)
        .borrow()
        .store
        .iter()
        .filter(|((n, _), _)| n == "activity")
        .map(|((_, k), _)| k.clone())
        .collect::<Vec<_>>();
    for url in served {
        assert!(!String::from_utf8_lossy(&world.get(&url).body).contains("hello"), "{url}");
    }
}

#[test]
fn an_etag_spares_the_body_and_head_has_none() {
    let world = scene();
    let uri = world.host(A).borrow().instance.actor_uri("1");
    let full = world.get(&uri);
    let etag = header(&full, "etag").unwrap().to_owned();
    let same = ask(&world, "GET", &uri, &json!([["If-None-Match", format!("\"other\", {etag}")]]));
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(ask(&world, "GET", &uri, &json!([["If-None-Match", "\"other\""]])).status, 200);
    let head = ask(&world, "HEAD", &uri, &json!([]));
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(header(&head, "content-length").unwrap(), full.body.len().to_string());
    assert_eq!(header(&head, "etag").unwrap(), etag);
}

#[test]
fn an_endpoint_answers_its_own_methods() {
    let world = scene();
    let instance = world.host(A).borrow().instance.clone();
    for (method, url, allow) in [
        ("GET", instance.inbox_uri("1"), "POST"),
        ("HEAD", instance.shared_inbox_uri(), "POST"),
        ("POST", instance.actor_uri("1"), "GET, HEAD"),
        ("DELETE", instance.post_uri("p"), "GET, HEAD"),
        ("PUT", instance.shared_inbox_uri(), "POST"),
    ] {
        let answer = ask(&world, method, &url, &json!([]));
        assert_eq!((answer.status, header(&answer, "allow")), (405, Some(allow)), "{method} {url}");
    }
}
