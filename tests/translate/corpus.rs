//! Every document of real servers beside the repository is read or refused, never a panic; what is read is
//! written and read again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fedigraft::json;
use fedigraft::model::{Format, Kind, Post, Profile};
use fedigraft::translate::{activity, post, profile};
use serde_json::Value;

use super::{given, instance, time};

#[derive(Default)]
struct Counts(BTreeMap<String, (usize, BTreeMap<&'static str, usize>)>);

impl Counts {
    fn read(&mut self, kind: &str) {
        self.0.entry(kind.to_owned()).or_default().0 += 1;
    }

    fn refused(&mut self, kind: &str, reason: &'static str) {
        *self.0.entry(kind.to_owned()).or_default().1.entry(reason).or_default() += 1;
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
}

/// Every object in a document, itself included.
fn objects<'v>(value: &'v Value, out: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            out.push(value);
            members.values().for_each(|inner| objects(inner, out));
        }
        Value::Array(items) => items.iter().for_each(|inner| objects(inner, out)),
        _ => {}
    }
}

fn kind(value: &Value) -> String {
    let first = fedigraft::vocab::Object::of(value).and_then(|o| o.types().next());
    first.unwrap_or("(no type)").to_owned()
}

/// Writes a remote post as if it were ours, and reads it again.
fn again(read: &Post) {
    let mut local = read.clone();
    local.id = "1".into();
    local.author = "42".into();
    local.url = None;
    local.poll = None;
    if local.kind != Kind::Article {
        local.kind = Kind::Note;
    }
    local.published = local.published.or(Some(time("2026-01-01T00:00:00Z")));
    let author = Profile::new("42", "ann");
    // What a stranger may write a host may not (a hashtag of two words, a medium without type): refused is fine.
    let Ok(document) = post::render(&instance(), &author, &local, &[]) else { return };
    let second = post::read(&document).unwrap().post;
    let wire = post::wire(&instance(), &author, &local, &[]).unwrap();
    assert_eq!(second, wire);
    assert_eq!(second.content.format, Format::Html);
}

#[test]
fn every_document_is_read_or_refused() {
    let Some(folder) = given("corpus") else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let (mut posts, mut actors, mut activities) = (Counts::default(), Counts::default(), Counts::default());
    let (mut broken, mut documents, mut skipped) = (0, 0, 0);
    for path in &paths {
        let Ok(document) = json::read(&std::fs::read(path).unwrap()) else {
            broken += 1;
            continue;
        };
        documents += 1;
        let mut all = Vec::new();
        objects(&document.value, &mut all);
        for value in all {
            let kind = kind(value);
            match post::read(value) {
                Ok(read) => {
                    posts.read(&kind);
                    skipped += read.skipped.len();
                    assert!(!read.post.author.is_empty() && !read.post.id.is_empty());
                    again(&read.post);
                }
                Err(error) if ["not_a_post", "no_type"].contains(&error.reason()) => {}
                Err(error) => posts.refused(&kind, error.reason()),
            }
            if profile::is_actor(value) {
                match profile::read(value) {
                    Ok(read) => {
                        actors.read(&kind);
                        skipped += read.skipped.len();
                        let local = Profile { id: "42".into(), url: None, ..read.profile };
                        if let Ok(document) = profile::render(&instance(), &local, "PEM") {
                            assert_eq!(
                                profile::read(&document).unwrap().profile,
                                profile::wire(&instance(), &local).unwrap()
                            );
                        }
                    }
                    Err(error) => actors.refused(&kind, error.reason()),
                }
            }
            let _ = profile::keys(value);
        }
        if document.value.get("actor").is_some() {
            let kind = kind(&document.value);
            match activity::read(document.value) {
                Ok(_) => activities.read(&kind),
                Err(error) => activities.refused(&kind, error.reason()),
            }
        }
    }
    println!("{documents} documents, {broken} that the strict reader refuses, {skipped} parts left out");
    for (name, counts) in [("posts", &posts), ("actors", &actors), ("activities", &activities)] {
        println!("{name}:");
        for (kind, (read, refused)) in &counts.0 {
            println!("  {kind}: {read} read, refused {refused:?}");
        }
    }
    assert!(documents > 1000, "the corpus has more than a thousand documents");
    let total = |counts: &Counts| counts.0.values().map(|(read, _)| read).sum::<usize>();
    assert!(total(&posts) > 400 && total(&actors) > 150 && total(&activities) > 250);
}

#[test]
fn what_real_servers_sent_to_each_other_is_all_read() {
    let Some(folder) = given("vectors/captured") else { return };
    let lines = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for delivery in lines("deliveries.jsonl") {
        let document = json::read(delivery["body"].as_str().unwrap().as_bytes()).unwrap().value;
        let activity = activity::read(document).unwrap();
        if matches!(activity.kind.as_str(), "Create" | "Update") {
            let object = activity.object.embedded().unwrap();
            if profile::is_actor(object) {
                assert_eq!(profile::read(object).unwrap().profile.id, activity.actor);
            } else {
                let read = post::read_within(&activity).unwrap();
                assert_eq!(read.post.author, activity.actor);
                assert!(!read.post.content.text.is_empty() && read.post.published.is_some());
                assert_eq!(read.skipped, []);
            }
        }
        *kinds.entry(activity.kind).or_default() += 1;
    }
    println!("{kinds:?}");
    assert_eq!(kinds.values().sum::<usize>(), 46);
    for actor in lines("actors.jsonl") {
        let (url, document) = (actor["url"].as_str().unwrap(), &actor["doc"]);
        let keys = profile::keys(document);
        assert!(!keys.is_empty(), "{url}");
        match profile::read(document) {
            Ok(read) => assert!(read.profile.handle.is_some() && !read.inbox.is_empty(), "{url}"),
            // GoToSocial serves a key as a stub.
            Err(error) => assert_eq!(error.reason(), "no_inbox", "{url}"),
        }
    }
}
