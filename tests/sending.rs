//! What is sent, to whom, how often, and what stops it. Each case fails when its rule is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value)]

mod world;

use std::collections::BTreeMap;

use fedigraft::exchange;
use serde_json::{Value, json};
use world::stranger::Stranger;
use world::{Response, World};

const A: &str = "https://a.example";
const M: &str = "m.example";
const INBOX: &str = "https://m.example/users/mallory/inbox";

/// Ann on A with a follower elsewhere whose inbox takes everything.
fn scene() -> (World, Stranger) {
    let world = World::new(&[A]);
    world.host(A).borrow_mut().person("1", "ann");
    world.host(A).borrow_mut().person("2", "carl");
    let fan = Stranger::new(&world, M, "mallory");
    world.put_response(INBOX, 202, "text/plain", vec![]);
    let ann = world.host(A).borrow().instance.actor_uri("1");
    fan.send(&world, A, &fan.activity("Follow", ann));
    world.work();
    world.requests();
    world.host(A).borrow_mut().take_events();
    (world, fan)
}

fn set(world: &World, change: &Value) -> Value {
    let mut post = json!({"id": "p", "author": "1", "visibility": "public", "published": "2027-01-15T08:00:00Z",
        "content": {"format": "plain", "text": "hello"}});
    post.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    world.host(A).borrow_mut().posts.insert("p".into(), post.clone());
    post
}

/// Publishes a post and runs the jobs, not the delivery.
fn queued(world: &World, visibility: &str) -> Value {
    let post = set(world, &json!({"visibility": visibility}));
    world.perform(A, &json!({"type": "publish", "post": post})).unwrap();
    loop {
        let job = world.host(A).borrow().jobs.values().next().cloned();
        let Some(job) = job else { break };
        world.run(A, "job", &job);
    }
    let deliveries = world.host(A).borrow().deliveries.values().cloned().collect::<Vec<_>>();
    assert_eq!(deliveries.len(), 1);
    deliveries[0].clone()
}

fn answered(world: &World, status: u16, headers: &[(&str, &str)]) {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    world.elsewhere.borrow_mut().insert(INBOX.into(), Response { status, headers, body: vec![] });
}

fn waiting(world: &World) -> Vec<Value> {
    world.host(A).borrow().deliveries.values().cloned().collect()
}

#[test]
fn what_is_not_allowed_any_more_is_not_sent() {
    type Change = fn(&World);
    let cases: [(&str, &str, Change); 9] = [
        ("the profile no longer federates", "public", |w| {
            w.host(A).borrow_mut().profiles.get_mut("1").unwrap()["federated"] = false.into();
        }),
        ("the profile is gone", "public", |w| drop(w.host(A).borrow_mut().profiles.remove("1"))),
        ("the post is gone", "public", |w| drop(w.host(A).borrow_mut().posts.remove("p"))),
        ("the post is for followers now", "public", |w| drop(set(w, &json!({"visibility": "followers"})))),
        ("the post is direct now", "followers", |w| drop(set(w, &json!({"visibility": "direct"})))),
        ("the post is not out yet", "public", |w| drop(set(w, &json!({"not_before": w.now + 60})))),
        ("the post is another's now", "public", |w| drop(set(w, &json!({"author": "2"})))),
        ("the host is blocked", "public", |w| w.host(A).borrow_mut().blocked.push(M.into())),
        ("the activity is gone", "public", |w| {
            w.host(A).borrow_mut().store.retain(|(n, _), _| n != "activity");
        }),
    ];
    for (what, visibility, change) in cases {
        let (world, _) = scene();
        let delivery = queued(&world, visibility);
        change(&world);
        assert_eq!(world.run(A, "delivery", &delivery)["outcome"], "withheld", "{what}");
        assert_eq!(world.requests(), 0, "{what}");
        assert!(waiting(&world).is_empty(), "{what}");
    }
}

#[test]
fn a_delivery_goes_to_an_inbox_that_the_activity_names_or_that_follows() {
    let (world, _) = scene();
    world.put_response("https://other.example/inbox", 202, "text/plain", vec![]);
    let mut delivery = queued(&world, "public");
    // A Follow's answer is for one inbox.
    let accept = world
        .host(A)
        .borrow()
        .store
        .iter()
        .find(|((n, _), v)| n == "activity" && v["kind"] == "accept")
        .unwrap()
        .1["id"]
        .clone();
    delivery["activity"] = accept;
    delivery["inbox"] = "https://other.example/inbox".into();
    assert_eq!(world.run(A, "delivery", &delivery)["outcome"], "withheld");
    assert_eq!(world.requests(), 0);
    // A direct post without anybody's name in it reaches nobody.
    let (world, _) = scene();
    let mut record = {
        queued(&world, "public");
        let host = world.host(A);
        let host = host.borrow();
        host.store.iter().find(|((n, _), v)| n == "activity" && v["kind"] == "create").unwrap().1.clone()
    };
    let delivery = waiting(&world)[0].clone();
    for change in [
        json!({"visibility": "direct"}),
        json!({"visibility": "followers"}),
        json!({"document": {"to": [], "cc": []}}),
        json!({"profile": "2"}),
        json!({"post": "another"}),
        json!({"actor": format!("{A}/ap/users/2")}),
    ] {
        let before = record.clone();
        record.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let key = ("activity".to_owned(), record["id"].as_str().unwrap().to_owned());
        world.host(A).borrow_mut().store.insert(key, record.clone());
        let visibility = change["visibility"].as_str().unwrap_or("public");
        set(&world, &json!({"visibility": visibility}));
        assert_ne!(world.run(A, "delivery", &delivery)["outcome"], "delivered", "{change}");
        assert_eq!(world.requests(), 0, "{change}");
        record = before;
    }
}

#[test]
fn an_inbox_must_be_a_public_place_and_answer_itself() {
    for inbox in [
        "http://m.example/inbox",
        "https://127.0.0.1/inbox",
        "https://localhost/inbox",
        "https://m.example:25/inbox",
        "https://a.example/ap/inbox",
    ] {
        let (world, _) = scene();
        let mut delivery = queued(&world, "public");
        delivery["inbox"] = inbox.into();
        assert_eq!(world.run(A, "delivery", &delivery)["outcome"], "gave_up", "{inbox}");
        assert_eq!(world.requests(), 0, "{inbox}");
    }
    // The address that answered, and the URL.
    let (world, _) = scene();
    let delivery = queued(&world, "public");
    *world.address.borrow_mut() = "10.0.0.1".into();
    let result = world.run(A, "delivery", &delivery);
    assert_eq!((&result["outcome"], &result["why"]), (&json!("gave_up"), &json!("private_address")));
    let (world, _) = scene();
    let delivery = queued(&world, "public");
    let mut exchange = world.begin(A, "delivery", &delivery);
    let (json, _) = loop {
        let step: Value = serde_json::from_slice(&exchange.step().unwrap().0).unwrap();
        if step.get("fetch").is_some() {
            break exchange.step().map(|(json, body)| (json, body.to_vec())).unwrap();
        }
        world.advance(A, &mut exchange).unwrap();
    };
    let step: Value = serde_json::from_slice(&json).unwrap();
    let head = json!({"url": "https://other.example/inbox", "status": 202, "address": "1.1.1.1"});
    let number = u32::try_from(step["step"].as_u64().unwrap()).unwrap();
    exchange.answer_fetch(number, world.now, head.to_string().as_bytes(), b"").unwrap();
    let (done, _) = world.drive(A, &mut exchange).unwrap();
    assert_eq!(done["result"]["why"], "another_url_answered");
}

#[test]
fn each_answer_has_its_consequence() {
    for (status, outcome, left) in [
        (200, "delivered", 0),
        (202, "delivered", 0),
        (301, "gave_up", 0),
        (307, "gave_up", 0),
        (400, "gave_up", 0),
        (401, "retry", 1),
        (403, "gave_up", 0),
        (404, "gave_up", 0),
        (408, "retry", 1),
        (410, "gone", 0),
        (429, "retry", 1),
        (500, "retry", 1),
        (501, "gave_up", 0),
        (503, "retry", 1),
    ] {
        let (world, _) = scene();
        let delivery = queued(&world, "public");
        answered(&world, status, &[("location", "https://other.example/inbox")]);
        world.put_response("https://other.example/inbox", 202, "text/plain", vec![]);
        assert_eq!(world.run(A, "delivery", &delivery)["outcome"], outcome, "{status}");
        assert_eq!(world.requests(), 1, "{status}");
        assert_eq!(waiting(&world).len(), left, "{status}");
        let events = world.host(A).borrow_mut().take_events();
        assert_eq!(events.iter().any(|e| e["type"] == "delivery_failed"), outcome == "gave_up", "{status}");
        let follows = world.host(A).borrow().store.keys().any(|(name, _)| name == "follow");
        assert_eq!(follows, status != 410, "{status}");
    }
}

#[test]
fn a_retry_waits_as_long_as_the_peer_asks_and_ends_some_day() {
    let (mut world, _) = scene();
    let delivery = queued(&world, "public");
    answered(&world, 503, &[("Retry-After", "7200")]);
    assert_eq!(world.run(A, "delivery", &delivery)["at"], world.now + 7200);
    let mut attempts = 1;
    let mut last = Value::Null;
    while let Some(row) = waiting(&world).pop() {
        world.now = row["not_before"].as_i64().unwrap();
        last = world.run(A, "delivery", &row);
        attempts += 1;
        assert!(attempts < 100);
    }
    assert_eq!(last["outcome"], "gave_up");
    assert_eq!(world.requests(), 16);
}

#[test]
fn a_host_that_keeps_failing_is_left_in_peace_and_forgiven_at_once() {
    let (mut world, _) = scene();
    let first = queued(&world, "public");
    answered(&world, 503, &[]);
    for _ in 0..5 {
        let row = waiting(&world).pop().unwrap();
        world.now = row["not_before"].as_i64().unwrap();
        world.run(A, "delivery", &row);
    }
    assert_eq!(world.requests(), 5);
    // Another delivery to the same host is put off without a request, and keeps its attempts.
    let mut other = first.clone();
    other["id"] = "other".into();
    let result = world.run(A, "delivery", &other);
    assert_eq!((&result["outcome"], world.requests()), (&json!("retry"), 0));
    let row = waiting(&world).pop().unwrap();
    assert_eq!((&row["attempt"], row["not_before"].as_i64() > Some(world.now)), (&json!(5), true));
    // The origin's row must be that origin's.
    let key = ("origin".to_owned(), format!("https://{M}"));
    let health = world.host(A).borrow().get("origin", &key.1).cloned().unwrap();
    let mut swapped = health.clone();
    swapped["id"] = "https://other.example".into();
    world.host(A).borrow_mut().store.insert(key.clone(), swapped);
    assert_eq!(world.run(A, "delivery", &row)["why"], "damaged_document");
    world.host(A).borrow_mut().store.insert(key.clone(), health);
    // A sign of life ends it.
    answered(&world, 202, &[]);
    world.now += 4000;
    let row = waiting(&world).pop().unwrap();
    assert_eq!(world.run(A, "delivery", &row)["outcome"], "delivered");
    assert!(world.host(A).borrow().get("origin", &key.1).is_none());
}

#[test]
fn a_key_service_that_fails_is_not_held_against_the_peer() {
    let (world, _) = scene();
    let delivery = queued(&world, "public");
    let mut exchange = world.begin(A, "delivery", &delivery);
    let step = loop {
        let step: Value = serde_json::from_slice(&exchange.step().unwrap().0).unwrap();
        if step.get("sign").is_some() {
            break step;
        }
        world.advance(A, &mut exchange).unwrap();
    };
    let number = u32::try_from(step["step"].as_u64().unwrap()).unwrap();
    exchange.answer_failed(number, world.now, "no key service", true).unwrap();
    let (done, _) = world.drive(A, &mut exchange).unwrap();
    assert_eq!((&done["result"]["outcome"], &done["store"]), (&json!("retry"), &json!([])));
    assert_eq!(done["deliveries"][0]["attempt"], 1);
}

#[test]
fn rows_of_another_version_or_shape_are_told_apart() {
    let (world, _) = scene();
    let delivery = queued(&world, "public");
    let instance = world.host(A).borrow().instance.clone();
    let reason = |row: &Value, send: bool| {
        let json = row.to_string();
        let begun = if send {
            exchange::send(&instance, 0, json.as_bytes())
        } else {
            exchange::resume(&instance, 0, json.as_bytes())
        };
        begun.err().map_or(("begun", false), |error| (error.reason(), error.is_retryable()))
    };
    let job = json!({"v": 1, "id": "x", "kind": "fan_out", "activity": delivery["activity"], "cursor": null, "not_before": 0, "attempt": 0});
    for (row, send, bad) in [(&delivery, true, "bad_delivery"), (&job, false, "bad_job")] {
        assert_eq!(reason(row, send), ("begun", false));
        let with = |name: &str, value: Value| {
            let mut row = row.clone();
            row[name] = value;
            row
        };
        assert_eq!(reason(&with("v", 2.into()), send), ("too_new", true));
        assert_eq!(reason(&with("id", 7.into()), send).0, bad);
        assert_eq!(reason(&with("new_in_a_minor_version", 7.into()), send).0, "begun");
        assert_eq!(reason(&json!({"v": 1}), send).0, bad);
        assert_eq!(reason(&json!({}), send).0, bad);
    }
}

#[test]
fn a_fan_out_killed_anywhere_loses_nobody_and_reaches_nobody_twice() {
    let (world, fan) = scene();
    let ann = world.host(A).borrow().instance.actor_uri("1");
    let mut row = world.host(A).borrow().get("remote_actor", &fan.actor).cloned().unwrap();
    for n in 0..600 {
        let actor = format!("https://h{n}.example/users/fan");
        row["id"] = actor.clone().into();
        // Two followers on each host share an inbox.
        row["shared_inbox"] = format!("https://h{}.example/inbox", n / 2 * 2).into();
        row["inbox"] = format!("{actor}/inbox").into();
        if n % 2 == 0 {
            world.put_response(&format!("https://h{n}.example/inbox"), 202, "text/plain", vec![]);
        }
        let follow =
            json!({"v": 1, "state": if n == 598 { "pending" } else { "accepted" }, "activity": "x", "at": 0});
        let host = world.host(A);
        host.borrow_mut().store.insert(("remote_actor".into(), actor.clone()), row.clone());
        host.borrow_mut().store.insert(("follow".into(), format!("{actor} {ann}")), follow);
    }
    world.host(A).borrow_mut().page = 17;
    let post = set(&world, &json!({}));
    world.perform(A, &json!({"type": "publish", "post": post})).unwrap();
    let mut planned: BTreeMap<String, u32> = BTreeMap::new();
    let mut turn = 0;
    loop {
        let due = world.due(A);
        let Some((kind, row)) = due.first() else { break };
        if *kind == "delivery" {
            *planned.entry(row["inbox"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        // Killed after some of its steps, the last time just before the commit.
        turn += 1;
        let mut killed = world.begin(A, kind, row);
        if *kind == "job" {
            for _ in 0..turn % 7 {
                if world.advance(A, &mut killed).unwrap().is_some() {
                    break;
                }
            }
        }
        // Two workers take the same row at once; one commit wins.
        let first = world.drive(A, &mut world.begin(A, kind, row)).unwrap().0;
        if *kind == "job" {
            let second = world.drive(A, &mut world.begin(A, kind, row)).unwrap().0;
            assert_eq!(first, second);
            world.commit(A, kind, row, &second);
        }
        world.commit(A, kind, row, &first);
        assert!(first["deliveries"].as_array().unwrap().len() <= 17, "memory is one page");
    }
    // 300 shared inboxes and the first follower's own.
    assert_eq!(planned.len(), 301);
    assert!(planned.values().all(|times| *times == 1), "{planned:?}");
    let mut reached: BTreeMap<String, u32> = BTreeMap::new();
    for (_, url, status) in world.log.borrow().iter() {
        assert_eq!(*status, 202);
        *reached.entry(url.clone()).or_default() += 1;
    }
    assert_eq!(reached, planned);
}
