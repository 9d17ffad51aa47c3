//! Posts as they are written.

use fedigraft::model::{
    Content, Emoji, InteractionPolicy, InteractionRule, Kind, Link, Media, Mention, Party, Post, Visibility,
};
use fedigraft::translate::{mention, post};
use serde_json::{Value, json};

use super::{ann, bob, instance, note, render, time};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const FOLLOWERS: &str = "https://social.example.com/ap/users/42/followers";

fn refused(post: &Post) -> (String, String) {
    let error = post::render(&instance(), &ann(), post, &[]).unwrap_err();
    (error.reason().to_owned(), error.place().to_owned())
}

#[test]
fn addressees_follow_the_visibility() {
    let bob_uri = "https://remote.example/users/1";
    let cases = [
        (Visibility::Public, json!([PUBLIC]), json!([FOLLOWERS, bob_uri])),
        (Visibility::Unlisted, json!([FOLLOWERS]), json!([PUBLIC, bob_uri])),
        (Visibility::Followers, json!([FOLLOWERS]), json!([bob_uri])),
        (Visibility::Direct, json!([bob_uri]), json!([])),
    ];
    for (visibility, to, cc) in cases {
        let mut post = note("x");
        post.visibility = visibility;
        post.mentions.push(bob());
        let object = render(&post);
        assert_eq!((&object["to"], &object["cc"]), (&to, &cc), "{visibility:?}");
        assert!(object.get("bto").is_none() && object.get("bcc").is_none());
    }
}

#[test]
fn a_plain_note_has_its_members_and_no_others() {
    let object = render(&note("hello"));
    let names: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "@context",
            "id",
            "type",
            "attributedTo",
            "url",
            "published",
            "to",
            "cc",
            "sensitive",
            "content",
            "source",
            "tag",
            "attachment"
        ]
    );
    assert_eq!(object["id"], "https://social.example.com/ap/posts/7");
    assert_eq!(object["url"], "https://social.example.com/posts/7");
    assert_eq!(object["attributedTo"], "https://social.example.com/ap/users/42");
    assert_eq!(object["published"], "2026-10-05T15:00:00Z");
    assert_eq!(object["source"], json!({"content": "hello", "mediaType": "text/plain"}));
    assert_eq!(
        object["@context"],
        json!(["https://www.w3.org/ns/activitystreams", {"sensitive": "as:sensitive"}])
    );
}

#[test]
fn language_warning_reply_and_edit() {
    let mut post = note("hallo");
    post.language = Some("de".into());
    post.spoiler = Some(" a\nwarning ".into());
    post.in_reply_to = Some("https://remote.example/notes/1".into());
    post.updated = Some(time("2026-10-05T16:00:00.5+01:00"));
    let object = render(&post);
    assert_eq!(object["contentMap"], json!({"de": object["content"]}));
    assert_eq!((&object["summary"], &object["sensitive"]), (&json!("a warning"), &json!(true)));
    assert_eq!(object["inReplyTo"], "https://remote.example/notes/1");
    assert_eq!(object["updated"], "2026-10-05T15:00:00.500Z");
    post.in_reply_to = Some("6".into());
    post.updated = post.published;
    let object = render(&post);
    assert_eq!(object["inReplyTo"], "https://social.example.com/ap/posts/6");
    assert!(object.get("updated").is_none(), "a post never edited must not show as edited");
}

#[test]
fn media_become_documents() {
    let mut post = note("");
    post.media.push(Media {
        url: "/media/a b.png".into(),
        alt: Some("A cat".into()),
        width: Some(640),
        height: Some(480),
        blurhash: Some("UeKUpMxua2t757oJodS3_kIXMxsp".into()),
        focal_point: Some([0.0, -0.5]),
        ..Media::default()
    });
    post.media.push(Media {
        url: "https://cdn.example/v".into(),
        media_type: Some("video/mp4".into()),
        duration: Some(12.5),
        ..Media::default()
    });
    let object = render(&post);
    assert_eq!(
        object["attachment"],
        json!([
            {"type": "Document", "mediaType": "image/png", "url": "https://social.example.com/media/a%20b.png",
             "name": "A cat", "width": 640, "height": 480, "blurhash": "UeKUpMxua2t757oJodS3_kIXMxsp",
             "focalPoint": [0.0, -0.5]},
            {"type": "Document", "mediaType": "video/mp4", "url": "https://cdn.example/v", "duration": "PT12.5S"},
        ])
    );
    assert_eq!(object["@context"][1]["focalPoint"], json!({"@container": "@list", "@id": "toot:focalPoint"}));
}

#[test]
fn tags_for_mentions_hashtags_and_emoji() {
    let mut post = note("");
    post.mentions = vec![
        Mention { handle: Some("bob@remote.example".into()), ..Mention::default() },
        Mention {
            handle: Some("@carl".into()),
            uri: Some("https://social.example.com/ap/users/43".into()),
            url: None,
        },
    ];
    post.hashtags = vec!["#Rust".into(), "rust".into(), "größe".into()];
    post.emojis = vec![Emoji { shortcode: ":blob:".into(), url: "/e/blob.gif".into(), media_type: None }];
    assert_eq!(
        render(&post)["tag"],
        json!([
            {"type": "Mention", "href": "https://remote.example/users/1", "name": "@bob@remote.example"},
            {"type": "Mention", "href": "https://social.example.com/ap/users/43", "name": "@carl@example.com"},
            {"type": "Hashtag", "href": "https://social.example.com/tags/Rust", "name": "#Rust"},
            {"type": "Hashtag", "href": "https://social.example.com/tags/gr%C3%B6%C3%9Fe", "name": "#größe"},
            {"id": "https://social.example.com/e/blob.gif", "type": "Emoji", "name": ":blob:",
             "icon": {"type": "Image", "url": "https://social.example.com/e/blob.gif", "mediaType": "image/gif"}},
        ])
    );
}

#[test]
fn what_a_text_mentions_is_asked_for_once_and_then_linked() {
    let text = "hi @bob@remote.example and @BOB@remote.example, @carl, @carl@www.example.com #Cats #cats";
    let mut post = note(text);
    let wanted: Vec<String> =
        mention::wanted(&instance(), &post).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(wanted, ["@bob@remote.example", "@carl@example.com"]);
    let object = render(&post);
    assert_eq!(
        object["tag"],
        json!([
            {"type": "Mention", "href": "https://remote.example/users/1", "name": "@bob@remote.example"},
            {"type": "Hashtag", "href": "https://social.example.com/tags/Cats", "name": "#Cats"},
        ])
    );
    assert_eq!(object["cc"], json!([FOLLOWERS, "https://remote.example/users/1"]));
    let html = object["content"].as_str().unwrap();
    assert!(html.contains(r#"href="https://remote.example/@bob""#), "{html}");
    // Nobody answered to @carl: it stays text.
    assert!(html.contains("@carl"), "{html}");
    // A host's own HTML mentions by its anchors.
    let mut html = note("");
    html.content = Content::html(r#"<p><a href="https://remote.example/@bob" class="mention">@bob</a></p>"#);
    assert_eq!(
        mention::wanted(&instance(), &html).unwrap(),
        mention::wanted(&instance(), &note("@bob@remote.example")).unwrap()
    );
    assert_eq!(render(&html)["tag"][0]["href"], "https://remote.example/users/1");
    // What the host resolved itself is not asked for again.
    post.mentions.push(bob());
    let wanted = mention::wanted(&instance(), &post).unwrap();
    assert_eq!(wanted.len(), 1);
}

#[test]
fn links_the_text_lacks_stand_below_it() {
    let mut post = note("see https://a.example/x");
    post.links = vec![
        Link { url: "https://a.example/x".into(), title: Some("A".into()) },
        Link { url: "https://b.example/?a=1&b=2".into(), title: Some("B < C".into()) },
    ];
    let html = render(&post)["content"].as_str().unwrap().to_owned();
    assert!(html.contains(r#"href="https://b.example/?a=1&amp;b=2""#) && html.contains("B &lt; C"), "{html}");
    assert_eq!(
        html.matches("https://a.example/x").count(),
        render(&note("see https://a.example/x"))["content"]
            .as_str()
            .unwrap()
            .matches("https://a.example/x")
            .count()
    );
}

#[test]
fn an_article_has_a_title_and_a_note_without_text_says_it() {
    let mut post = note("body");
    post.kind = Kind::Article;
    post.title = Some("The  title".into());
    let object = render(&post);
    assert_eq!((&object["type"], &object["name"]), (&json!("Article"), &json!("The title")));
    post.kind = Kind::Note;
    post.content = Content::default();
    let object = render(&post);
    assert!(object.get("name").is_none() && object["content"].as_str().unwrap().contains("The title"));
}

#[test]
fn quotes_name_the_post_in_every_spelling_and_in_the_text() {
    let mut post = note("look");
    post.quote = Some("https://remote.example/notes/1".into());
    let object = render(&post);
    for name in ["quote", "quoteUrl", "quoteUri", "_misskey_quote"] {
        assert_eq!(object[name], "https://remote.example/notes/1");
    }
    assert!(
        object["content"]
            .as_str()
            .unwrap()
            .starts_with(r#"<p class="quote-inline">RE: <a href="https://remote"#)
    );
}

#[test]
fn a_policy_names_circles_by_their_uris() {
    let mut post = note("x");
    let rule = InteractionRule {
        automatic: vec![Party::Followers, Party::Author],
        manual: vec![Party::Public, Party::Uri("https://remote.example/users/1".into())],
    };
    post.interaction_policy = Some(InteractionPolicy { quote: Some(rule), ..InteractionPolicy::default() });
    assert_eq!(
        render(&post)["interactionPolicy"],
        json!({"canQuote": {
            "automaticApproval": [FOLLOWERS, "https://social.example.com/ap/users/42"],
            "manualApproval": [PUBLIC, "https://remote.example/users/1"],
        }})
    );
}

#[test]
fn what_cannot_be_written_is_refused_with_its_place() {
    let change = |change: fn(&mut Post)| {
        let mut post = note("x");
        change(&mut post);
        let (reason, place) = refused(&post);
        format!("{reason} {place}")
    };
    assert_eq!(change(|p| p.published = None), "no_published /published");
    assert_eq!(change(|p| p.author = "43".into()), "foreign_author /author");
    assert_eq!(change(|p| p.id = "https://remote.example/notes/1".into()), "not_ours /id");
    assert_eq!(change(|p| p.url = Some("https://remote.example/1".into())), "foreign_url /url");
    assert_eq!(change(|p| p.url = Some("//remote.example/1".into())), "bad_url /url");
    assert_eq!(change(|p| p.in_reply_to = Some("javascript://x".into())), "bad_uri /in_reply_to");
    assert_eq!(change(|p| p.kind = Kind::Video), "unsupported_kind /kind");
    assert_eq!(change(|p| p.poll = Some(fedigraft::model::Poll::default())), "unsupported_poll /poll");
    assert_eq!(change(|p| p.language = Some("english please".into())), "bad_language /language");
    assert_eq!(change(|p| p.hashtags = vec!["a".into(), "b c".into()]), "bad_hashtag /hashtags/1");
    assert_eq!(
        change(|p| p.media = vec![Media { url: "/m/1".into(), ..Media::default() }]),
        "no_media_type /media/0/media_type"
    );
    assert_eq!(
        change(|p| {
            p.media =
                vec![Media { url: "/m/1".into(), media_type: Some("image/*".into()), ..Media::default() }];
        }),
        "no_media_type /media/0/media_type"
    );
    assert_eq!(
        change(|p| p.media = vec![Media { url: "data:image/png;base64,AA".into(), ..Media::default() }]),
        "bad_url /media/0/url"
    );
    assert_eq!(
        change(|p| p.mentions = vec![Mention { handle: Some("b o b".into()), ..Mention::default() }]),
        "bad_handle /mentions/0/handle"
    );
    assert_eq!(
        change(|p| p.emojis = vec![Emoji { shortcode: "a b".into(), url: "/x.png".into(), media_type: None }]),
        "bad_shortcode /emojis/0/shortcode"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let post = note("hello #x @bob@remote.example");
    assert_eq!(render(&post).to_string(), render(&post).to_string());
    assert_ne!(render(&post), Value::Null);
}
