//! Answers to steps, one by one: the wrong step, the wrong kind, the wrong length; failures; what a fetch may
//! bring; what stored documents may say. Each case fails when its rule is gone.

mod world;

use fedigraft::Code;
use fedigraft::exchange::{self, Exchange};
use fedigraft::http::Head;
use serde_json::{Value, json};
use world::stranger::Stranger;
use world::{Response, World};

const A: &str = "https://a.example";
const M: &str = "m.example";

fn scene() -> (World, Stranger) {
    let world = World::new(&[A]);
    world.host(A).borrow_mut().person("1", "ann");
    let mallory = Stranger::new(&world, M, "mallory");
    (world, mallory)
}

fn ann(world: &World) -> String {
    world.host(A).borrow().instance.actor_uri("1")
}

fn follow(world: &World, who: &Stranger) -> Exchange {
    let (head, body) = who.signed(world, A, &who.activity("Follow", ann(world)));
    let head = Head::from_json(head.to_string().as_bytes()).unwrap();
    exchange::receive(&world.host(A).borrow().instance, world.now, head, body).unwrap()
}

fn step(exchange: &Exchange) -> Value {
    serde_json::from_slice(&exchange.step().unwrap().0).unwrap()
}

fn number(step: &Value) -> u32 {
    u32::try_from(step["step"].as_u64().unwrap()).unwrap()
}

/// The host's true answer to the `load` the exchange is at.
fn loaded(world: &World, step: &Value) -> String {
    let host = world.host(A);
    let values: Vec<Value> = step["load"]
        .as_array()
        .unwrap()
        .iter()
        .map(|want| host.borrow_mut().load(want).map_or(Value::Null, |value| json!({"value": value})))
        .collect();
    Value::from(values).to_string()
}

/// Drives to the first step of a kind.
fn until(world: &World, exchange: &mut Exchange, kind: &str) -> Value {
    loop {
        let step = step(exchange);
        if step.get(kind).is_some() {
            return step;
        }
        if step.get("load").is_some() {
            exchange.answer_load(number(&step), world.now, loaded(world, &step).as_bytes()).unwrap();
        } else if step.get("sign").is_some() {
            exchange.answer_sign(number(&step), world.now, b"signature").unwrap();
        } else {
            panic!("no {kind} before {step}");
        }
    }
}

/// What the sender of a Follow is told when the fetch of its actor is answered so.
fn told(change: impl FnOnce(&World, &Stranger, &mut Value, &mut Vec<u8>)) -> (u16, String, Value) {
    let (world, mallory) = scene();
    let mut exchange = follow(&world, &mallory);
    let step = until(&world, &mut exchange, "fetch");
    let mut head = json!({"url": step["fetch"]["url"], "status": 200, "address": "1.1.1.1",
        "headers": [["content-type", "application/activity+json"]]});
    let mut body = mallory.document().to_string().into_bytes();
    change(&world, &mallory, &mut head, &mut body);
    exchange.answer_fetch(number(&step), world.now, head.to_string().as_bytes(), &body).unwrap();
    let (done, body) = world.drive(A, &mut exchange).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let status = u16::try_from(done["response"]["status"].as_u64().unwrap()).unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned(), done)
}

fn is_503(done: &Value) {
    assert_eq!(done["response"]["status"], 503, "{done}");
    let headers = done["response"]["headers"].as_array().unwrap();
    assert!(headers.iter().any(|header| header[0] == "retry-after"), "{done}");
    for effects in ["events", "store", "jobs", "deliveries", "once"] {
        assert_eq!(done[effects], json!([]), "{done}");
    }
}

#[test]
fn an_answer_to_the_wrong_step_leaves_the_exchange_where_it_was() {
    let (world, mallory) = scene();
    let mut exchange = follow(&world, &mallory);
    loop {
        let before = exchange.step().unwrap().0;
        let step: Value = serde_json::from_slice(&before).unwrap();
        let at = number(&step);
        let head = json!({"url": step["fetch"]["url"], "status": 200, "headers": [], "address": "1.1.1.1"});
        let head = head.to_string();
        for wrong in [0, at - 1, at + 1, u32::MAX] {
            for error in [
                exchange.answer_load(wrong, world.now, b"[]").unwrap_err(),
                exchange.answer_fetch(wrong, world.now, head.as_bytes(), b"").unwrap_err(),
                exchange.answer_sign(wrong, world.now, b"x").unwrap_err(),
                exchange.answer_failed(wrong, world.now, "no", true).unwrap_err(),
            ] {
                assert_eq!(error.code(), Code::OutOfStep);
            }
        }
        // The right number with another kind of answer, or one of another length or shape.
        if step.get("load").is_none() {
            assert_eq!(exchange.answer_load(at, world.now, b"[]").unwrap_err().code(), Code::OutOfStep);
        } else {
            let wants = step["load"].as_array().unwrap().len();
            for values in [json!([]), json!(vec![Value::Null; wants + 1]), json!(vec![7; wants]), json!({})] {
                let error = exchange.answer_load(at, world.now, values.to_string().as_bytes()).unwrap_err();
                assert_eq!(error.reason(), "bad_values");
            }
        }
        if step.get("fetch").is_none() {
            let error = exchange.answer_fetch(at, world.now, head.as_bytes(), b"").unwrap_err();
            assert_eq!(error.code(), Code::OutOfStep);
        } else {
            for bad in [
                r#"{"url":"x"}"#,
                r#"{"url":"x","status":99}"#,
                r#"{"url":"x","status":200,"address":"nowhere"}"#,
            ] {
                exchange.answer_fetch(at, world.now, bad.as_bytes(), b"").unwrap_err();
            }
        }
        if step.get("sign").is_none() {
            assert_eq!(exchange.answer_sign(at, world.now, b"x").unwrap_err().code(), Code::OutOfStep);
        } else {
            assert_eq!(exchange.answer_sign(at, world.now, b"").unwrap_err().reason(), "no_signature");
        }
        if step.get("done").is_some() {
            assert_eq!(
                exchange.answer_failed(at, world.now, "no", true).unwrap_err().code(),
                Code::OutOfStep
            );
        }
        assert_eq!(exchange.step().unwrap().0, before);
        if step.get("load").is_some() {
            exchange.answer_load(at, world.now, loaded(&world, &step).as_bytes()).unwrap();
        } else if step.get("sign").is_some() {
            exchange.answer_sign(at, world.now, b"signature").unwrap();
        } else if step.get("fetch").is_some() {
            let head = json!({"url": step["fetch"]["url"], "status": 200, "address": "1.1.1.1", "headers": [["content-type", "application/activity+json"]]});
            let body = mallory.document().to_string();
            exchange.answer_fetch(at, world.now, head.to_string().as_bytes(), body.as_bytes()).unwrap();
        } else {
            assert_eq!(step["done"]["response"]["status"], 202, "{step}");
            return;
        }
        assert_eq!(number(&self::step(&exchange)), at + 1);
    }
}

#[test]
fn a_load_that_fails_is_never_absence() {
    // Each load of a Follow in turn fails.
    for failing in 0..20 {
        let (world, mallory) = scene();
        let mut exchange = follow(&world, &mallory);
        let mut seen = 0;
        let done = loop {
            let step = step(&exchange);
            if let Some(done) = step.get("done") {
                break done.clone();
            } else if let Some(wants) = step["load"].as_array() {
                let mut values: Value = serde_json::from_str(&loaded(&world, &step)).unwrap();
                for index in 0..wants.len() {
                    if seen == failing {
                        values[index] = json!({"error": "the database is locked"});
                    }
                    seen += 1;
                }
                let values = values.to_string();
                exchange.answer_load(number(&step), world.now, values.as_bytes()).unwrap();
            } else if step.get("sign").is_some() {
                exchange.answer_sign(number(&step), world.now, b"signature").unwrap();
            } else {
                let head = json!({"url": step["fetch"]["url"], "status": 200, "address": "1.1.1.1", "headers": [["content-type", "application/activity+json"]]});
                let body = mallory.document().to_string();
                exchange
                    .answer_fetch(number(&step), world.now, head.to_string().as_bytes(), body.as_bytes())
                    .unwrap();
            }
        };
        if failing < seen {
            is_503(&done);
        } else {
            assert_eq!(done["response"]["status"], 202);
            assert!(failing > 5, "a Follow needs several loads");
        }
    }
}

#[test]
fn a_step_that_could_not_be_done_stores_nothing() {
    for kind in ["load", "sign", "fetch"] {
        let (world, mallory) = scene();
        let mut exchange = follow(&world, &mallory);
        let step = until(&world, &mut exchange, kind);
        exchange.answer_failed(number(&step), world.now, "no route to host", true).unwrap();
        is_503(&self::step(&exchange)["done"]);
        // For good: no 503, and nothing stored but that there is no key.
        let mut exchange = follow(&world, &mallory);
        let step = until(&world, &mut exchange, kind);
        exchange.answer_failed(number(&step), world.now, "no such host", false).unwrap();
        let done = self::step(&exchange)["done"].clone();
        assert!(matches!(done["response"]["status"].as_u64(), Some(401 | 500)), "{done}");
        assert_eq!(
            (&done["events"], &done["deliveries"], &done["once"]),
            (&json!([]), &json!([]), &json!([]))
        );
    }
}

#[test]
fn an_exchange_that_takes_too_long_ends_in_503() {
    let (world, mallory) = scene();
    for (late, ends) in [(10, false), (11, true)] {
        let mut exchange = follow(&world, &mallory);
        let step = until(&world, &mut exchange, "fetch");
        let head = json!({"url": step["fetch"]["url"], "status": 200, "address": "1.1.1.1", "headers": [["content-type", "application/activity+json"]]});
        let body = mallory.document().to_string();
        exchange
            .answer_fetch(number(&step), world.now + late, head.to_string().as_bytes(), body.as_bytes())
            .unwrap();
        let after = self::step(&exchange);
        assert_eq!(after.get("done").is_some(), ends, "{after}");
        if ends {
            is_503(&after["done"]);
        }
    }
    // A clock that goes back does not give more time, and no clock makes it stumble.
    for now in [0, i64::MIN, i64::MAX] {
        let mut exchange = follow(&world, &mallory);
        exchange.answer_load(1, now, loaded(&world, &step(&exchange)).as_bytes()).unwrap();
        step(&exchange);
        let action = json!({"type": "follow", "profile": "1", "actor": mallory.actor}).to_string();
        let instance = world.host(A).borrow().instance.clone();
        let mut exchange = exchange::perform(&instance, now, action.as_bytes()).unwrap();
        let _ = world.drive(A, &mut exchange);
    }
}

#[test]
fn an_inbox_makes_at_most_two_fetches() {
    let (world, mut mallory) = scene();
    // The key's URL points on and on, each hop a fetch of its own.
    mallory.key_id = format!("https://{M}/hop0#key");
    for hop in 0..9 {
        world.redirect(&format!("https://{M}/hop{hop}"), &format!("https://{M}/hop{}", hop + 1));
    }
    let response = mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    assert_eq!((response.status, world.requests()), (503, 2));
}

#[test]
fn a_document_is_at_most_three_redirects_away() {
    let (world, mallory) = scene();
    for (hops, found) in [(3, true), (4, false)] {
        let urls: Vec<String> = (0..hops).map(|hop| format!("https://{M}/{hops}/{hop}")).collect();
        for (from, to) in urls.iter().zip(urls.iter().skip(1).chain([&mallory.actor])) {
            world.redirect(from, to);
        }
        let result = world.look_up(A, &urls[0]);
        assert_eq!(result.is_ok_and(|found| found["uri"] == mallory.actor.as_str()), found, "{hops}");
    }
    // The same for WebFinger.
    for (hops, found) in [(3, true), (4, false)] {
        world.host(A).borrow_mut().store.clear();
        let mut url = format!("https://{M}/.well-known/webfinger?resource=acct%3Amallory%40{M}");
        for hop in 0..hops {
            let next = format!("https://{M}/finger/{hops}/{hop}");
            world.redirect(&url, &next);
            url = next;
        }
        let jrd = json!({"subject": format!("acct:mallory@{M}"),
            "links": [{"rel": "self", "type": "application/activity+json", "href": mallory.actor}]});
        world.put_response(&url, 200, "application/jrd+json", jrd.to_string().into_bytes());
        let result = world.look_up(A, &format!("@mallory@{M}"));
        assert_eq!(result.is_ok_and(|found| found["uri"] == mallory.actor.as_str()), found, "{hops}");
    }
}

#[test]
fn a_redirect_is_judged_like_a_first_request() {
    let cases = [
        ("http://m.example/x", "redirect_downgrade"),
        ("https://a.example/ap/users/1", "own_origin"),
        ("https://A.example:443/ap/users/1", "own_origin"),
        ("https://localhost/x", "private_host"),
        ("https://10.0.0.1/x", "url_with_address"),
        ("https://[::1]/x", "url_with_address"),
        ("https://u:p@m.example/x", "url_with_user"),
        ("https://m.example:8443/x", "url_with_port"),
        ("https://a.example./x", "url_with_final_dot"),
        ("ftp://m.example/x", "redirect_downgrade"),
        ("https://", "bad_redirect"),
    ];
    for (to, reason) in cases {
        let (world, _) = scene();
        let url = format!("https://{M}/from");
        world.redirect(&url, to);
        let error = world.look_up(A, &url).unwrap_err();
        assert_eq!(error.reason(), reason, "{to}");
        assert_eq!(world.requests(), 1, "{to}");
        // The same for WebFinger.
        let finger = format!("https://{M}/.well-known/webfinger?resource=acct%3Ax%40{M}");
        world.redirect(&finger, to);
        let error = world.look_up(A, &format!("@x@{M}")).unwrap_err();
        assert_eq!(error.reason(), reason, "{to}");
        assert_eq!(world.requests(), 1, "{to}");
    }
    // A blocked host is not even asked.
    let (world, mallory) = scene();
    world.host(A).borrow_mut().blocked.push(M.into());
    let url = "https://other.example/from";
    world.redirect(url, &mallory.actor);
    assert_eq!(world.look_up(A, url).unwrap(), Value::Null);
    assert_eq!(world.requests(), 1);
    // Each hop is signed anew, for its own URL.
    let (world, mallory) = scene();
    world.redirect(url, &mallory.actor);
    let instance = world.host(A).borrow().instance.clone();
    let mut exchange = exchange::look_up(&instance, world.now, url).unwrap();
    let first = until(&world, &mut exchange, "fetch")["fetch"].clone();
    let head =
        json!({"url": url, "status": 302, "headers": [["location", mallory.actor]], "address": "1.1.1.1"});
    let at = number(&step(&exchange));
    exchange.answer_fetch(at, world.now, head.to_string().as_bytes(), b"").unwrap();
    let second = until(&world, &mut exchange, "fetch")["fetch"].clone();
    let header = |fetch: &Value, name: &str| {
        let headers = fetch["headers"].as_array().unwrap().clone();
        headers.iter().find(|h| h[0].as_str().unwrap().eq_ignore_ascii_case(name)).map(|h| h[1].clone())
    };
    assert_eq!(header(&first, "host").unwrap(), "other.example");
    assert_eq!(header(&second, "host").unwrap(), M);
    assert!(header(&second, "signature").is_some());
}

#[test]
fn what_a_fetch_may_bring() {
    type Change = Box<dyn FnOnce(&World, &Stranger, &mut Value, &mut Vec<u8>)>;
    let status = |status: u16| -> Change { Box::new(move |_, _, head, _| head["status"] = status.into()) };
    let cases: Vec<(&str, Change, u16)> = vec![
        ("itself", Box::new(|_, _, _, _| ()), 202),
        ("another url", Box::new(|_, _, h, _| h["url"] = "https://m.example/users/other".into()), 401),
        ("another host", Box::new(|_, _, h, _| h["url"] = "https://other.example/users/mallory".into()), 401),
        ("a private address", Box::new(|_, _, h, _| h["address"] = "::ffff:127.0.0.1".into()), 401),
        ("no address", Box::new(|_, _, h, _| h["address"] = Value::Null), 401),
        ("no type", Box::new(|_, _, h, _| h["headers"] = json!([])), 401),
        ("a page", Box::new(|_, _, h, _| h["headers"] = json!([["content-type", "text/html"]])), 401),
        (
            "bare json",
            Box::new(|_, _, h, _| h["headers"] = json!([["content-type", "application/json"]])),
            401,
        ),
        ("no json", Box::new(|_, _, _, b| b.truncate(9)), 401),
        ("no utf-8", Box::new(|_, _, _, b| b.insert(2, 0xff)), 401),
        ("too large", Box::new(|_, _, _, b| b.resize(1024 * 1024 + 1, b' ')), 401),
        ("too deep", Box::new(|_, _, _, b| *b = [vec![b'['; 65], vec![b']'; 65]].concat()), 401),
        (
            "two ids",
            Box::new(|_, _, _, b| b.splice(0..1, br#"{"id":"https://m.example/x","#.to_vec()).for_each(drop)),
            401,
        ),
        ("201", status(201), 401),
        ("204", status(204), 401),
        ("304", status(304), 401),
        ("400", status(400), 401),
        ("401", status(401), 401),
        ("403", status(403), 401),
        ("404", status(404), 401),
        ("410", status(410), 401),
        ("408", status(408), 503),
        ("425", status(425), 503),
        ("429", status(429), 503),
        ("500", status(500), 503),
        ("502", status(502), 503),
        ("599", status(599), 503),
    ];
    for (what, change, expected) in cases {
        let (status, code, done) = told(change);
        assert_eq!(status, expected, "{what}: {done}");
        assert_eq!(done["events"].as_array().unwrap().len(), usize::from(status == 202), "{what}");
        match status {
            401 => assert_eq!(code, "key_unavailable", "{what}"),
            503 => is_503(&done),
            _ => {}
        }
        if status != 202 {
            assert!(done["deliveries"] == json!([]) && done["once"] == json!([]), "{what}");
        }
    }
}

#[test]
fn stored_documents_are_not_trusted_blindly() {
    type Damage = fn(&mut Value);
    let names = ["remote_actor", "remote_key", "follow", "remote_post"];
    let damages: [(&str, Damage, u64); 4] = [
        ("newer", |v| v["v"] = 2.into(), 503),
        ("no version", |v| v["v"] = Value::Null, 500),
        ("another id", |v| v["id"] = "https://m.example/users/other".into(), 500),
        ("not an object", |v| *v = json!({"v": 1}), 500),
    ];
    for name in names {
        for (what, damage, status) in damages {
            if (name, what) == ("follow", "another id") {
                continue;
            }
            let (world, mallory) = scene();
            mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
            let note = mallory.note("1", &json!({"cc": [ann(&world)]}));
            mallory.send(&world, A, &mallory.activity("Create", note.clone()));
            world.host(A).borrow_mut().take_events();
            for ((kind, _), value) in &mut world.host(A).borrow_mut().store {
                if kind == name {
                    damage(value);
                }
            }
            let activity = match name {
                "follow" => mallory.activity("Undo", mallory.activity("Follow", ann(&world))),
                "remote_post" => mallory.activity("Delete", note["id"].clone()),
                _ => mallory.activity("Like", format!("{A}/ap/posts/none")),
            };
            let response = mallory.send(&world, A, &activity);
            assert_eq!(u64::from(response.status), status, "{name} {what}");
            assert!(world.host(A).borrow().events.is_empty(), "{name} {what}");
        }
    }
    // An actor that was not fetched from its origin is none.
    let (world, mallory) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    let key = ("remote_actor".to_owned(), mallory.actor.clone());
    world.host(A).borrow_mut().store.get_mut(&key).unwrap()["verified"] = "said so".into();
    assert_eq!(mallory.send(&world, A, &mallory.activity("Like", format!("{A}/ap/posts/1"))).status, 500);
    // A row found by handle must have that handle.
    let (world, mallory) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    let row = world.host(A).borrow().get("remote_actor", &mallory.actor).cloned().unwrap();
    let instance = world.host(A).borrow().instance.clone();
    let mut exchange = exchange::look_up(&instance, world.now, "@other@m.example").unwrap();
    exchange.answer_load(1, world.now, json!([{"value": row}]).to_string().as_bytes()).unwrap();
    assert_eq!(exchange.step().unwrap_err().reason(), "damaged_document");
}

#[test]
fn a_stored_activity_of_ours_must_be_the_one_asked_for() {
    let (world, mallory) = scene();
    mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
    let id = world
        .host(A)
        .borrow()
        .store
        .keys()
        .find(|(name, key)| name == "activity" && key.starts_with(A))
        .unwrap()
        .1
        .clone();
    assert_eq!(world.get(&id).status, 200);
    for (change, status) in
        [(json!({"id": "https://a.example/ap/activities/other"}), 500), (json!({"v": 2}), 503)]
    {
        let key = ("activity".to_owned(), id.clone());
        let before = world.host(A).borrow().get("activity", &id).cloned().unwrap();
        let mut value = before.clone();
        value.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        world.host(A).borrow_mut().store.insert(key.clone(), value);
        assert_eq!(world.get(&id).status, status);
        world.host(A).borrow_mut().store.insert(key, before);
    }
}

#[test]
fn nobody_makes_us_ask_for_a_thousand_profiles_or_make_a_key() {
    let (world, mallory) = scene();
    let many: Vec<String> = (0..20_000).map(|n| format!("{A}/ap/users/{n}")).collect();
    let note = mallory.note("1", &json!({"cc": many}));
    let (head, body) = mallory.signed(&world, A, &mallory.activity("Create", note));
    let head = Head::from_json(head.to_string().as_bytes()).unwrap();
    let instance = world.host(A).borrow().instance.clone();
    let mut exchange = exchange::receive(&instance, world.now, head, body).unwrap();
    let (done, _) = world.drive(A, &mut exchange).unwrap();
    assert_eq!(done["response"]["status"], 202);
    assert!(number(&step(&exchange)) < 20, "{}", step(&exchange)["step"]);
    // The store makes a key at the first question: none for whom nobody may see.
    world.host(A).borrow_mut().profiles.get_mut("1").unwrap()["federated"] = false.into();
    let before = world.host(A).borrow().keys.len();
    for id in ["1", "2", "nobody"] {
        assert_eq!(world.get(&format!("{A}/ap/users/{id}")).status, 404);
    }
    assert_eq!(world.host(A).borrow().keys.len(), before);
}

#[test]
fn a_deletion_by_somebody_unknown_costs_no_fetch() {
    let (world, mallory) = scene();
    let note = mallory.note("1", &json!({}));
    assert_eq!(mallory.send(&world, A, &mallory.activity("Delete", note["id"].clone())).status, 202);
    assert_eq!(world.requests(), 0);
    assert!(world.host(A).borrow().store.is_empty());
}

#[test]
fn an_actor_that_cannot_be_read_now_is_asked_again_by_its_sender() {
    // The key is known, the actor is not: whatever is wrong with its document must not be final.
    type Answer = fn(&Stranger) -> Response;
    let answers: [(Answer, u16); 4] = [
        (|_| Response { status: 502, headers: vec![], body: vec![] }, 503),
        (|_| Response { status: 410, headers: vec![], body: vec![] }, 401),
        (
            |_| Response {
                status: 200,
                headers: vec![("content-type".into(), "application/activity+json".into())],
                body: b"{".to_vec(),
            },
            401,
        ),
        (
            |m| {
                let mut document = m.document();
                document["inbox"] = format!("{A}/ap/inbox").into();
                let headers = vec![("content-type".into(), "application/activity+json".into())];
                Response { status: 200, headers, body: document.to_string().into_bytes() }
            },
            401,
        ),
    ];
    for (answer, status) in answers {
        let (world, mallory) = scene();
        mallory.send(&world, A, &mallory.activity("Follow", ann(&world)));
        world.host(A).borrow_mut().store.retain(|(name, _), _| name == "remote_key");
        world.host(A).borrow_mut().take_events();
        world.elsewhere.borrow_mut().insert(mallory.actor.clone(), answer(&mallory));
        let response = mallory.send(&world, A, &mallory.activity("Like", format!("{A}/ap/posts/1")));
        assert_eq!(response.status, status);
    }
}
