//! Mentions, hashtags, media, quotes, polls and policies of objects as they come in every shape.

use fedigraft::model::{InteractionRule, Kind, Party};
use serde_json::{Value, json};

use super::reading::read;

#[test]
fn mentions_in_every_shape() {
    let post = read(json!({"tag": [
        {"type": "Mention", "href": "https://b.example/u/1", "name": "@ann@b.example"},
        {"type": "Mention", "href": "https://b.example/u/2", "name": "@bob"},
        {"type": "Mention", "href": "https://b.example/u/3", "name": "carl@other.example"},
        {"type": "Mention", "href": "https://b.example/u/4"},
        {"type": "Mention", "href": "https://b.example/u/5", "name": "@wakest ⁂"},
        {"type": "Mention", "href": "https://b.example/u/1", "name": "@ann@b.example"},
        {"type": "Mention", "href": null, "name": "@x@b.example"},
        "bare", null,
    ]}));
    let handles: Vec<Option<&str>> = post.post.mentions.iter().map(|m| m.handle.as_deref()).collect();
    assert_eq!(
        handles,
        [Some("@ann@b.example"), Some("@bob@b.example"), Some("@carl@other.example"), None, None]
    );
    assert_eq!(post.skipped.len(), 1);
    assert_eq!((post.skipped[0].at.as_str(), post.skipped[0].reason), ("/tag/6", "no_url"));
    let single = read(json!({"tag": {"type": ["Mention"], "href": {"id": "https://b.example/u/1"}}}));
    assert_eq!(single.post.mentions[0].uri.as_deref(), Some("https://b.example/u/1"));
}

#[test]
fn hashtags_and_emoji_in_every_shape() {
    let post = read(json!({"tag": [
        {"type": "Hashtag", "name": "#Rust", "href": "/tags/rust"},
        {"type": "as:Hashtag", "name": "rust"},
        {"type": "Hashtag", "name": "peertube"},
        {"type": "Hashtag", "name": "#two words"},
        {"type": "Hashtag", "tag": "kbin"},
        {"type": "Hashtag", "href": "https://r.example/none"},
        {"type": "Emoji", "name": ":blob:", "id": null, "icon": {"url": "https://r.example/blob.png"}},
        {"type": "toot:Emoji", "name": "mouse", "icon": [{"type": "Image", "url": [{"href": "https://r.example/m"}], "mediaType": "image/gif"}]},
        {"type": "Emoji", "name": "none"},
    ]}))
    .post;
    assert_eq!(post.hashtags, ["Rust", "peertube", "twowords", "kbin"]);
    let emojis: Vec<(&str, Option<&str>)> =
        post.emojis.iter().map(|e| (e.shortcode.as_str(), e.media_type.as_deref())).collect();
    assert_eq!(emojis, [("blob", Some("image/png")), ("mouse", Some("image/gif"))]);
}

#[test]
fn media_in_every_shape() {
    let post = read(json!({"attachment": [
        {"type": "Document", "mediaType": "image/png", "url": "https://r.example/1", "name": "alt", "width": 10, "height": 20.0,
         "blurhash": "abc", "focalPoint": [0.5, -1]},
        {"type": "Image", "url": "https://r.example/2.jpg", "summary": "from summary"},
        {"type": "Image", "url": "https://r.example/3"},
        {"type": "Document", "url": [{"type": "Link", "href": "https://r.example/4", "mimeType": "video/mp4"}], "duration": "PT1M2.5S"},
        {"type": "Link", "href": "https://r.example/page", "name": "A page"},
        {"type": "Link", "href": "https://r.example/5.png", "mediaType": "image/png"},
        {"type": "PropertyValue", "name": "a", "value": "b"},
        {"type": "Document", "url": "javascript:alert(1)"},
        {"type": "Document", "url": null},
        "https://r.example/6.webp",
    ]}));
    let types: Vec<Option<&str>> = post.post.media.iter().map(|m| m.media_type.as_deref()).collect();
    assert_eq!(
        types,
        [
            Some("image/png"),
            Some("image/jpeg"),
            Some("image/*"),
            Some("video/mp4"),
            Some("image/png"),
            Some("image/webp")
        ]
    );
    let first = &post.post.media[0];
    assert_eq!(
        (first.alt.as_deref(), first.width, first.height, first.focal_point),
        (Some("alt"), Some(10), Some(20), Some([0.5, -1.0]))
    );
    assert_eq!(post.post.media[1].alt.as_deref(), Some("from summary"));
    assert_eq!(post.post.media[3].duration, Some(62.5));
    assert_eq!(
        (post.post.links[0].url.as_str(), post.post.links[0].title.as_deref()),
        ("https://r.example/page", Some("A page"))
    );
    let skipped: Vec<(&str, &str)> = post.skipped.iter().map(|s| (s.at.as_str(), s.reason)).collect();
    assert_eq!(
        skipped,
        [("/attachment/6", "not_media"), ("/attachment/7", "no_url"), ("/attachment/8", "no_url")]
    );
    let single = read(
        json!({"attachment": {"type": "Image", "url": "https://r.example/1.png"}, "image": "https://r.example/2.png"}),
    );
    assert_eq!(single.post.media.len(), 2);
}

#[test]
fn a_video_is_its_own_medium() {
    let post = read(json!({"type": "Video", "name": "T", "duration": "PT90S", "url": [
        {"type": "Link", "mediaType": "text/html", "href": "https://r.example/watch/1"},
        {"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://r.example/p.m3u8", "tag": [
            {"type": "Infohash", "name": "x"},
            {"type": "Link", "mediaType": "video/mp4", "href": "https://r.example/480.mp4", "height": 480},
            {"type": "Link", "mediaType": "video/mp4", "href": "https://r.example/720.mp4", "height": 720},
        ]},
    ], "icon": [{"type": "Image", "url": "https://r.example/thumb.jpg"}]}))
    .post;
    assert_eq!(
        (post.kind, post.title.as_deref(), post.url.as_deref()),
        (Kind::Video, Some("T"), Some("https://r.example/watch/1"))
    );
    assert_eq!(post.media.len(), 1);
    assert_eq!(
        (post.media[0].url.as_str(), post.media[0].duration),
        ("https://r.example/720.mp4", Some(90.0))
    );
}

#[test]
fn quotes_in_every_spelling_and_books_that_are_none() {
    for name in ["quote", "quoteUrl", "quoteUri", "quoteURL", "_misskey_quote"] {
        assert_eq!(
            read(json!({name: "https://b.example/1"})).post.quote.as_deref(),
            Some("https://b.example/1")
        );
    }
    let tag = json!({"type": "Link", "mediaType": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", "href": "https://b.example/1"});
    assert_eq!(read(json!({"tag": [tag]})).post.quote.as_deref(), Some("https://b.example/1"));
    assert_eq!(read(json!({"type": "Quotation", "quote": "<p>a passage</p>"})).post.quote, None);
    let line =
        r#"<p class="quote-inline">RE: <a href="https://b.example/1">https://b.example/1</a></p><p>x</p>"#;
    assert_eq!(read(json!({"quote": "https://b.example/1", "content": line})).post.content.text, "<p>x</p>");
    assert!(read(json!({"content": line})).post.content.text.contains("RE:"));
}

#[test]
fn polls_of_mastodon_and_pleroma() {
    let poll = |members: Value| read(members).post.poll.unwrap();
    let options =
        json!([{"type": "Note", "name": "a", "replies": {"totalItems": 3}}, {"name": "b"}, {"type": "Note"}]);
    let mastodon = poll(
        json!({"type": "Question", "oneOf": options, "endTime": "2024-06-01T00:00:00Z", "votersCount": 3}),
    );
    assert_eq!(
        (mastodon.multiple, mastodon.options.len(), mastodon.options[0].votes, mastodon.voters),
        (false, 2, Some(3), Some(3))
    );
    assert_eq!((mastodon.ends.unwrap().to_string(), mastodon.closed), ("2024-06-01T00:00:00Z".into(), None));
    let pleroma = poll(
        json!({"type": "Question", "oneOf": [], "anyOf": options, "closed": "2024-06-01T00:00:00.123456"}),
    );
    assert!(pleroma.multiple && pleroma.closed.is_none() && pleroma.ends.is_some());
    assert!(read(json!({"type": "Question"})).post.poll.is_none());
}

#[test]
fn policies_new_and_old() {
    let author = "https://r.example/u/1";
    let new = read(
        json!({"interactionPolicy": {"canQuote": {"automaticApproval": "https://r.example/u/1/followers", "manualApproval": ["as:Public"]}}}),
    );
    let rule = new.post.interaction_policy.unwrap().quote.unwrap();
    assert_eq!(rule, InteractionRule { automatic: vec![Party::Followers], manual: vec![Party::Public] });
    let old = read(json!({"interactionPolicy": {"canReply": {"always": [author], "approvalRequired": []}}}));
    assert_eq!(old.post.interaction_policy.unwrap().reply.unwrap().automatic, [Party::Author]);
}

#[test]
fn a_page_shares_a_link() {
    let page = read(json!({"type": "Page", "name": "News", "url": "https://news.example/1"})).post;
    assert_eq!((page.url, page.links[0].url.as_str()), (None, "https://news.example/1"));
}

#[test]
fn what_is_too_much_is_left_out_and_said() {
    let many = |item: Value, n: usize| Value::Array(vec![item; n]);
    let media =
        read(json!({"attachment": many(json!({"type": "Image", "url": "https://r.example/1.png"}), 1000)}));
    assert_eq!((media.post.media.len(), media.skipped.len()), (64, 1));
    assert_eq!((media.skipped[0].at.as_str(), media.skipped[0].reason), ("/attachment/64", "too_many"));
    let broken = read(json!({"attachment": many(json!({}), 1000), "image": many(json!({}), 1000)}));
    assert_eq!(broken.skipped.len(), 130);
    let tags = read(json!({"tag": many(json!({"type": "Hashtag"}), 5000)}));
    assert_eq!((tags.skipped.len(), tags.skipped[1000].at.as_str()), (1001, "/tag/1000"));
    let poll = read(json!({"type": "Question", "oneOf": many(json!({"name": "a"}), 5000)}));
    assert_eq!(poll.post.poll.unwrap().options.len(), 500);
    // More Markdown than is kept as HTML is kept as text.
    let long = "*a* ".repeat(30_000);
    let markdown = read(json!({"content": long, "mediaType": "text/markdown"})).post.content.text;
    assert!(markdown.contains("*a*") && !markdown.contains("<em>"));
}
