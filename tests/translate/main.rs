//! Translation between the native model and ActivityStreams, both ways.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::needless_pass_by_value)]

mod activities;
mod corpus;
mod golden;
mod parts;
mod profiles;
mod property;
mod quirks;
mod reading;
mod writing;

use std::path::{Path, PathBuf};

use fedigraft::instance::Instance;
use fedigraft::model::{Mention, Post, Profile, Time, Visibility};
use fedigraft::translate::post;
use serde_json::Value;

/// An instance whose accounts live on another domain.
fn instance() -> Instance {
    Instance::open(
        br#"{"origin":"https://social.example.com","account_domain":"example.com","name":"Chirp",
            "aliases":["https://www.example.com"]}"#,
    )
    .unwrap()
}

fn ann() -> Profile {
    Profile { federated: true, display_name: "Ann".into(), ..Profile::new("42", "ann") }
}

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// A public note by Ann.
fn note(text: &str) -> Post {
    let mut post = Post::new("7", "42", Visibility::Public);
    post.content.text = text.into();
    post.published = Some(time("2026-10-05T15:00:00Z"));
    post
}

fn bob() -> Mention {
    Mention {
        handle: Some("@bob@remote.example".into()),
        uri: Some("https://remote.example/users/1".into()),
        url: Some("https://remote.example/@bob".into()),
    }
}

fn render(post: &Post) -> Value {
    post::render(&instance(), &ann(), post, &[bob()]).unwrap()
}

/// The material given beside the repository, when it is there.
fn given(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("FEDIGRAFT_SHARED").map_or_else(beside, PathBuf::from);
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there (FEDIGRAFT_SHARED)", path.display());
    None
}
