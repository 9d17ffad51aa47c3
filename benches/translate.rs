//! Reading a 2 KB `Create` with HTML, rendering a post and rendering a profile, beside parsing the bytes alone.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use fedigraft::content;
use fedigraft::instance::Instance;
use fedigraft::json;
use fedigraft::model::{Content, Field, Image, Media, Mention, Post, Profile, Time, Visibility};
use fedigraft::translate::activity::Activity;
use fedigraft::translate::{activity, post, profile};

const PEM: &str =
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----\n";

/// A `Create` as Mastodon sends it, about 2 KB.
fn create() -> String {
    let html = concat!(
        r#"<p><span class=\"h-card\" translate=\"no\"><a href=\"https://remote.example/@bob\" class=\"u-url mention\">@<span>bob</span></a></span> "#,
        "I have never been disappointed by it, and when you look for a good one it is worth the time to read what others say.</p>",
        r#"<p>More at <a href=\"https://news.example.org/2026/10/a-long-story-about-gardens\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">news.example.org/2026/10/a-lon</span><span class=\"invisible\">g-story-about-gardens</span></a> "#,
        r#"<a href=\"https://social.example/tags/gardens\" class=\"mention hashtag\" rel=\"tag\">#<span>gardens</span></a></p>"#,
    );
    format!(
        r#"{{"@context":["https://www.w3.org/ns/activitystreams",{{"ostatus":"http://ostatus.org#","sensitive":"as:sensitive"}}],
"id":"https://social.example/users/ann/statuses/1/activity","type":"Create","actor":"https://social.example/users/ann","published":"2026-10-05T15:00:00Z",
"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://social.example/users/ann/followers","https://remote.example/users/bob"],
"object":{{"id":"https://social.example/users/ann/statuses/1","type":"Note","summary":null,"inReplyTo":null,"published":"2026-10-05T15:00:00Z",
"url":"https://social.example/@ann/1","attributedTo":"https://social.example/users/ann","to":["https://www.w3.org/ns/activitystreams#Public"],
"cc":["https://social.example/users/ann/followers","https://remote.example/users/bob"],"sensitive":false,"content":"{html}","contentMap":{{"en":"{html}"}},
"attachment":[{{"type":"Document","mediaType":"image/png","url":"https://files.example/1.png","name":"A garden","width":640,"height":480}}],
"tag":[{{"type":"Mention","href":"https://remote.example/users/bob","name":"@bob@remote.example"}},{{"type":"Hashtag","href":"https://social.example/tags/gardens","name":"\u0023gardens"}}]}}}}"#
    )
}

fn read(bytes: &[u8]) -> (Activity, post::RemotePost) {
    let activity = activity::read(json::read(bytes).unwrap().value).unwrap();
    let read = post::read_within(&activity).unwrap();
    (activity, read)
}

fn bench(c: &mut Criterion) {
    let bytes = create();
    println!("the Create has {} bytes", bytes.len());
    let (activity, note) = read(bytes.as_bytes());
    c.bench_function("raw: serde_json parses the Create", |b| {
        b.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(bytes.as_bytes())).unwrap());
    });
    c.bench_function("read: strict JSON of the Create", |b| {
        b.iter(|| json::read(black_box(bytes.as_bytes())).unwrap());
    });
    c.bench_function("raw: its HTML is sanitised", |b| {
        let html = activity.object.embedded().unwrap().get("content").unwrap().as_str().unwrap();
        b.iter(|| content::sanitise::html(black_box(html)));
    });
    c.bench_function("read: parsed Create to activity and post", |b| {
        let parsed = json::read(bytes.as_bytes()).unwrap().value;
        b.iter_batched(
            || parsed.clone(),
            |value| {
                let activity = activity::read(value).unwrap();
                let read = post::read_within(&activity).unwrap();
                (activity, read)
            },
            BatchSize::SmallInput,
        );
    });
    c.bench_function("read: bytes of the Create to activity and post", |b| {
        b.iter(|| read(black_box(bytes.as_bytes())));
    });
    assert_eq!(note.skipped, []);

    let instance = Instance::open(br#"{"origin":"https://social.example"}"#).unwrap();
    let ann = Profile {
        federated: true,
        display_name: "Ann".into(),
        bio: Content::plain("Gardener. I write about plants and what grows between the stones #gardens"),
        avatar: Some(Image { url: "/a.png".into(), ..Image::default() }),
        fields: vec![Field {
            name: "Web".into(),
            value: "https://ann.example.org/".into(),
            verified_at: None,
        }],
        ..Profile::new("42", "ann")
    };
    let mut local = Post::new("7", "42", Visibility::Public);
    local.content = Content::plain(
        "@bob@remote.example I have never been disappointed by it, and when you look for a good one it is worth \
         the time.\n\nMore at https://news.example.org/2026/10/a-long-story-about-gardens #gardens",
    );
    local.language = Some("en".into());
    local.published = Time::parse("2026-10-05T15:00:00Z");
    local.media = vec![Media { url: "/1.png".into(), alt: Some("A garden".into()), ..Media::default() }];
    local.mentions = vec![Mention {
        handle: Some("@bob@remote.example".into()),
        uri: Some("https://remote.example/users/bob".into()),
        url: None,
    }];
    c.bench_function("raw: the text of the post becomes HTML", |b| {
        struct Nobody;
        impl content::Linker for Nobody {
            fn mention(&self, _: &str, _: Option<&str>) -> Option<content::MentionLink> {
                None
            }
            fn hashtag(&self, _: &str) -> Option<String> {
                None
            }
        }
        b.iter(|| content::text::to_html(black_box(&local.content.text), &Nobody));
    });
    c.bench_function("render: post to Note", |b| {
        b.iter(|| post::render(&instance, &ann, black_box(&local), &[]).unwrap());
    });
    c.bench_function("render: post to the bytes of a Note", |b| {
        b.iter(|| post::render(&instance, &ann, black_box(&local), &[]).unwrap().to_string());
    });
    c.bench_function("render: profile to actor", |b| {
        b.iter(|| profile::render(&instance, black_box(&ann), PEM).unwrap());
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
