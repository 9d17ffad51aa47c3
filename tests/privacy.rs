//! Nothing that is not public gets out, whatever is asked and in whatever order.
//!
//! Each case is a random story: posts of all visibilities, profiles that switch federation on and off, edits,
//! deletions, likes and shares, followers that come and go. Every byte that any endpoint serves and every
//! delivery is searched for words that only a post holds which that reader may not see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value, clippy::cast_precision_loss)]
#![allow(clippy::format_push_string, clippy::let_and_return)]

mod world;

use proptest::prelude::*;
use serde_json::{Value, json};
use world::World;
use world::stranger::Stranger;

const A: &str = "https://a.example";
const FOLLOWER: &str = "https://follower.example";
const NAMED: &str = "https://named.example";
const FORMER: &str = "https://former.example";
const SHOWN: [&str; 4] = ["public", "unlisted", "followers", "direct"];

#[derive(Clone, Debug)]
enum Deed {
    Publish { post: usize, shown: usize },
    Narrow { post: usize, shown: usize },
    Edit { post: usize },
    Delete { post: usize },
    Share { post: usize },
    Like { post: usize },
    Switch { on: bool },
    Work,
    AskAll,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0..3_usize, 0..4_usize).prop_map(|(post, shown)| Deed::Publish { post, shown }),
        2 => (0..3_usize, 0..4_usize).prop_map(|(post, shown)| Deed::Narrow { post, shown }),
        1 => (0..3_usize).prop_map(|post| Deed::Edit { post }),
        1 => (0..3_usize).prop_map(|post| Deed::Delete { post }),
        2 => (0..3_usize).prop_map(|post| Deed::Share { post }),
        1 => (0..3_usize).prop_map(|post| Deed::Like { post }),
        1 => any::<bool>().prop_map(|on| Deed::Switch { on }),
        3 => Just(Deed::Work),
        2 => Just(Deed::AskAll),
    ];
    proptest::collection::vec(deed, 1..24)
}

/// Ann, with a follower, a former follower, and somebody she names.
fn scene() -> World {
    let world = World::new(&[A, FOLLOWER, NAMED, FORMER]);
    world.host(A).borrow_mut().person("1", "ann");
    world.host(A).borrow_mut().person("2", "carl");
    for (origin, name) in [(FOLLOWER, "fay"), (NAMED, "ned"), (FORMER, "fred")] {
        world.host(origin).borrow_mut().person("7", name);
    }
    for origin in [FOLLOWER, FORMER] {
        for id in ["1", "2"] {
            let ann = world.host(A).borrow().instance.actor_uri(id);
            world.perform(origin, &json!({"type": "follow", "profile": "7", "actor": ann})).unwrap();
        }
    }
    world.work();
    for id in ["1", "2"] {
        let ann = world.host(A).borrow().instance.actor_uri(id);
        world.perform(FORMER, &json!({"type": "unfollow", "profile": "7", "actor": ann})).unwrap();
    }
    world.work();
    world.sent.borrow_mut().clear();
    world
}

/// A word that only this post holds, in this visibility.
fn secret(post: usize, shown: usize, turn: usize) -> String {
    format!("secret{post}x{}x{turn}x", SHOWN[shown])
}

fn set(world: &World, post: usize, shown: usize, turn: usize) -> Value {
    let id = format!("p{post}");
    let value = json!({
        "id": id, "author": "1", "visibility": SHOWN[shown], "published": "2027-01-15T08:00:00Z",
        "updated": format!("2027-01-16T08:00:{:02}Z", turn % 60),
        "spoiler": secret(post, shown, turn), "title": null,
        "media": [{"url": format!("/media/{}.png", secret(post, shown, turn)), "media_type": "image/png", "alt": secret(post, shown, turn)}],
        "content": {"format": "plain", "text": format!("{} @ned@named.example", secret(post, shown, turn))},
    });
    world.host(A).borrow_mut().posts.insert(id, value.clone());
    value
}

/// Every URL of Ann's server that exists, with and without pages.
fn urls(world: &World) -> Vec<String> {
    let host = world.host(A);
    let host = host.borrow();
    let mut urls = vec![
        format!("{A}/.well-known/webfinger?resource=acct:ann@a.example"),
        format!("{A}/nodeinfo/2.1"),
        format!("{A}/ap/actor"),
    ];
    for id in ["1", "2"] {
        urls.push(host.instance.actor_uri(id));
        for list in
            [host.instance.outbox_uri(id), host.instance.followers_uri(id), host.instance.following_uri(id)]
        {
            urls.push(format!("{list}?page=true"));
            urls.push(list);
        }
    }
    urls.extend((0..3).map(|post| host.instance.post_uri(&format!("p{post}"))));
    urls.extend(
        host.store
            .keys()
            .filter(|(name, key)| name == "activity" && key.starts_with(A))
            .map(|(_, key)| key.clone()),
    );
    urls
}

/// Asks for everything there is, as nobody and as a former follower with a signature.
fn ask_all(world: &World, spy: &Stranger) -> Result<(), TestCaseError> {
    for url in urls(world) {
        let served = world.get(&url);
        let text = String::from_utf8_lossy(&served.body).into_owned();
        prop_assert!(!text.contains("xfollowersx") && !text.contains("xdirectx"), "{} serves {}", url, text);
        let federated = world.host(A).borrow().profiles["1"]["federated"] == true;
        let about_ann = text.contains("secret")
            || text.contains("/ap/users/1") && !url.contains("/users/2") && url != format!("{A}/ap/actor");
        prop_assert!(federated || !about_ann, "{} serves {} although ann does not federate", url, text);
    }
    let (mut head, _) = spy.signed_bytes(world, A, b"");
    head["method"] = "GET".into();
    for post in 0..3 {
        head["target"] = format!("/ap/posts/p{post}").into();
        let served = world.answer(A, &head, b"");
        let text = String::from_utf8_lossy(&served.body).into_owned();
        prop_assert!(!text.contains("xfollowersx") && !text.contains("xdirectx"));
    }
    Ok(())
}

/// What went to whom since the last look.
fn look_at_sent(world: &World) -> Result<(), TestCaseError> {
    for (from, url, body) in std::mem::take(&mut *world.sent.borrow_mut()) {
        let text = String::from_utf8_lossy(&body).into_owned();
        if from != A {
            continue;
        }
        if text.contains("xdirectx") {
            prop_assert!(url.starts_with(NAMED), "a direct post went to {}", url);
        }
        if text.contains("xfollowersx") {
            prop_assert!(
                url.starts_with(NAMED) || url.starts_with(FOLLOWER),
                "a post for followers went to {}",
                url
            );
        }
        prop_assert!(
            !url.starts_with(FORMER) || !text.contains("secret"),
            "a former follower was sent {}",
            text
        );
        prop_assert!(!text.contains("\"bto\"") && !text.contains("\"bcc\"") && !text.contains("not_before"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_not_public_gets_out(story in deeds()) {
        let world = scene();
        let spy = Stranger::new(&world, "spy.example", "spy");
        for (turn, deed) in story.into_iter().enumerate() {
            match deed {
                Deed::Publish { post, shown } => {
                    let value = set(&world, post, shown, turn);
                    world.perform(A, &json!({"type": "publish", "post": value})).unwrap();
                }
                // The host changes the visibility and tells nobody: what is queued must notice.
                Deed::Narrow { post, shown } => {
                    set(&world, post, shown, turn);
                }
                Deed::Edit { post } => {
                    let value = world.host(A).borrow().posts.get(&format!("p{post}")).cloned();
                    if let Some(value) = value {
                        world.perform(A, &json!({"type": "update", "post": value})).unwrap();
                    }
                }
                Deed::Delete { post } => {
                    let value = world.host(A).borrow_mut().posts.remove(&format!("p{post}"));
                    if let Some(value) = value {
                        world.perform(A, &json!({"type": "delete", "post": value})).unwrap();
                    }
                }
                Deed::Share { post } => {
                    let uri = world.host(A).borrow().instance.post_uri(&format!("p{post}"));
                    let _ = world.perform(A, &json!({"type": "share", "profile": "2", "object": uri}));
                }
                Deed::Like { post } => {
                    let uri = world.host(A).borrow().instance.post_uri(&format!("p{post}"));
                    let _ = world.perform(A, &json!({"type": "like", "profile": "2", "object": uri}));
                }
                Deed::Switch { on } => {
                    world.host(A).borrow_mut().profiles.get_mut("1").unwrap()["federated"] = on.into();
                }
                Deed::Work => { world.work(); }
                Deed::AskAll => ask_all(&world, &spy)?,
            }
            look_at_sent(&world)?;
        }
        world.work();
        look_at_sent(&world)?;
        ask_all(&world, &spy)?;
    }
}
