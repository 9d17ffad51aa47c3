//! A test for each row of the table of quirks: each looks at what is written.

use fedigraft::model::{Field, Image, Kind, Media, Post, Profile, Visibility};
use fedigraft::translate::activity::{self, Sender};
use fedigraft::translate::quirks::QUIRKS;
use fedigraft::translate::{post, profile};
use serde_json::{Value, json};

use super::{ann, bob, instance, note, time};

/// A post that uses everything.
fn full() -> Post {
    let mut post = note("hello #tag @bob@remote.example");
    post.mentions.push(bob());
    post.in_reply_to = Some("https://remote.example/notes/1".into());
    post.published = Some(time("2026-10-05T15:00:00.123456+02:00"));
    post.updated = Some(time("2026-10-05T16:00:00Z"));
    post.media.push(Media { url: "/1.png".into(), ..Media::default() });
    post
}

fn fields() -> Profile {
    let image = Image { url: "/a.png".into(), ..Image::default() };
    Profile {
        avatar: Some(image.clone()),
        header: Some(image),
        fields: vec![Field { name: "Web".into(), value: "https://ann.example/x".into(), verified_at: None }],
        ..ann()
    }
}

fn refused(change: fn(&mut Post)) -> bool {
    let mut post = full();
    change(&mut post);
    post::render(&instance(), &ann(), &post, &[]).is_err()
}

fn addresses(value: &Value, name: &str) -> Vec<String> {
    value[name].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn holds(id: &str) -> bool {
    let instance = instance();
    let activity_id = instance.activity_uri("1");
    let actor_id = instance.actor_uri("42");
    let sender = Sender { id: &activity_id, actor: &actor_id };
    let object = post::render(&instance, &ann(), &full(), &[]).unwrap();
    let article = post::render(&instance, &ann(), &Post { kind: Kind::Article, ..full() }, &[]).unwrap();
    let bare = post::render(&instance, &ann(), &note("x"), &[]).unwrap();
    let create = activity::create(sender, &object);
    let like = activity::like(sender, "https://r.example/1", "https://r.example/u");
    let actor = profile::render(&instance, &fields(), "PEM").unwrap();
    let plain_actor = profile::render(&instance, &ann(), "PEM").unwrap();
    let accept = activity::accept(sender, "https://r.example/f", "https://r.example/u");
    let both = [&object, &create];
    match id {
        "actor_string" => [&create, &like, &accept].iter().all(|a| a["actor"].is_string()),
        "whole_follow_in_answer" => {
            ["id", "type", "actor", "object"].iter().all(|m| accept["object"][m].is_string())
        }
        "whole_activity_in_undo" => {
            let undo = activity::undo(sender, &like);
            ["id", "type", "actor", "object"].iter().all(|m| undo["object"][m] == like[m])
        }
        "published" => refused(|p| p.published = None) && object["published"].is_string(),
        "no_atom_uri" => [&object, &article, &create].iter().all(|d| !d.to_string().contains("tomUri")),
        "key_fragment" => actor["publicKey"]["id"] == json!(format!("{actor_id}#main-key")),
        "times" => {
            object["published"] == "2026-10-05T13:00:00.123Z" && object["updated"] == "2026-10-05T16:00:00Z"
        }
        "url_on_id_host" => {
            refused(|p| p.url = Some("https://www.example.com/7".into()))
                && object["url"].as_str().unwrap().starts_with("https://social.example.com/")
        }
        "activity_on_actor_host" => {
            activity_id.starts_with(instance.origin()) && actor_id.starts_with(instance.origin())
        }
        "single_pictures" => actor["icon"].is_object() && actor["image"].is_object(),
        "reply_string" => object["inReplyTo"].is_string() && bare.get("inReplyTo").is_none(),
        "author_string" => object["attributedTo"].is_string(),
        "same_audience" => {
            ["to", "cc"].iter().all(|m| create[m] == create["object"][m] && create[m].is_array())
        }
        "audience_arrays" => {
            let mut direct = note("x");
            direct.visibility = Visibility::Direct;
            let direct = post::render(&instance, &ann(), &direct, &[]).unwrap();
            [&object, &create, &like, &accept, &direct]
                .iter()
                .all(|d| d["to"].is_array() && d["cc"].is_array())
        }
        "list_arrays" => [&object, &bare].iter().all(|o| o["tag"].is_array() && o["attachment"].is_array()),
        "public_iri" => both
            .iter()
            .all(|d| addresses(d, "to").contains(&"https://www.w3.org/ns/activitystreams#Public".into())),
        "actor_members" => plain_actor["summary"] == "" && plain_actor["manuallyApprovesFollowers"] == false,
        "media_type" => {
            refused(|p| p.media = vec![Media { url: "/x".into(), ..Media::default() }])
                && object["attachment"][0]["mediaType"] == "image/png"
        }
        "edit_time" => object["updated"].is_string() && bare.get("updated").is_none(),
        "mention_twice" => {
            let uri = "https://remote.example/users/1";
            addresses(&object, "cc").contains(&uri.into())
                && object["tag"].as_array().unwrap().iter().any(|t| t["href"] == uri)
        }
        "field_anchor" => {
            actor["attachment"][0]["value"]
                == r#"<a href="https://ann.example/x" rel="me nofollow noopener" target="_blank"><span class="invisible">https://</span><span>ann.example/x</span></a>"#
        }
        "inline_context" => {
            [&object, &actor].iter().all(|d| {
                d["@context"].as_array().unwrap().iter().filter_map(Value::as_str).all(|c| {
                    c == "https://www.w3.org/ns/activitystreams" || c == "https://w3id.org/security/v1"
                })
            })
        }
        _ => panic!("the row {id} has no test"),
    }
}

#[test]
fn every_row_is_met() {
    let mut seen = std::collections::HashSet::new();
    for quirk in QUIRKS {
        assert!(seen.insert(quirk.id), "{} is there twice", quirk.id);
        assert!(holds(quirk.id), "{}: {} {}", quirk.id, quirk.software, quirk.demand);
        assert!(!quirk.source.is_empty());
    }
}
