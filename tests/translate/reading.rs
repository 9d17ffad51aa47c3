//! Objects as they come in every shape.

use fedigraft::model::{Format, InteractionRule, Kind, Party, Visibility};
use fedigraft::translate::post::{self, RemotePost};
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "type": "Note", "id": "https://r.example/n/1", "attributedTo": "https://r.example/u/1",
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "content": "<p>x</p>",
        "published": "2024-05-06T07:08:09Z",
    })
}

/// The base document with members put in; `null` values stay `null`.
fn read(members: Value) -> RemotePost {
    post::read(&with(members)).unwrap()
}

fn with(members: Value) -> Value {
    let mut document = base();
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn refused(members: Value) -> (&'static str, String) {
    let error = post::read(&with(members)).unwrap_err();
    (error.reason(), error.place().to_owned())
}

#[test]
fn a_post_needs_an_id_an_author_and_a_type() {
    assert_eq!(refused(json!({"id": null})), ("no_id", "/id".into()));
    assert_eq!(refused(json!({"id": "tag:r.example,2020:1"})), ("no_id", "/id".into()));
    assert_eq!(refused(json!({"attributedTo": ""})), ("no_author", "/attributedTo".into()));
    assert_eq!(refused(json!({"type": null})), ("no_type", "/type".into()));
    assert_eq!(refused(json!({"type": "Person"})), ("not_a_post", "/type".into()));
    assert_eq!(refused(json!({"type": "Create"})), ("not_a_post", "/type".into()));
    assert_eq!(refused(json!({"type": "Tombstone"})), ("tombstone", "/type".into()));
    assert_eq!(post::read(&json!("https://r.example/n/1")).unwrap_err().reason(), "not_an_object");
    // An actor or activity of an unknown type is no post either.
    assert_eq!(refused(json!({"type": "Bite", "attributedTo": null, "actor": "https://r.example/u/1", "object": "https://r.example/n/2"})).0, "not_a_post");
    assert_eq!(refused(json!({"type": "Feed2", "inbox": "https://r.example/i"})).0, "not_a_post");
}

#[test]
fn the_author_in_every_shape() {
    let uri = "https://r.example/u/1";
    for value in [
        json!(uri),
        json!([uri]),
        json!({"id": uri, "type": "Person"}),
        json!([{"type": "Person", "id": uri}, {"type": "Group", "id": "https://r.example/c/1"}]),
        json!([{"type": "Group", "id": "https://r.example/c/1"}, {"type": "Person", "id": uri}]),
        json!([uri, "https://r.example/blog"]),
    ] {
        assert_eq!(read(json!({"attributedTo": value})).post.author, uri, "{value}");
    }
    let both = read(
        json!({"attributedTo": [{"type": "Group", "id": "https://r.example/c/1"}, {"type": "Person", "id": uri}]}),
    );
    assert_eq!(both.attributed_to, [uri, "https://r.example/c/1"]);
    assert_eq!(read(json!({"attributedTo": null, "actor": uri})).post.author, uri);
    assert_eq!(read(json!({"actor": "https://r.example/u/2"})).post.author, uri);
}

#[test]
fn visibility_from_the_audience() {
    let followers = "https://r.example/u/1/followers";
    let cases = [
        (json!("as:Public"), json!([]), Visibility::Public),
        (json!("Public"), Value::Null, Visibility::Public),
        (json!(["https://www.w3.org/ns/activitystreams#Public", null]), json!(followers), Visibility::Public),
        (json!([followers]), json!("as:Public"), Visibility::Unlisted),
        (json!(followers), Value::Null, Visibility::Followers),
        (json!("https://threads.example/1/followers/"), Value::Null, Visibility::Followers),
        (json!("https://gnu.example/1/subscribers"), Value::Null, Visibility::Followers),
        (json!([{"id": "https://b.example/u"}, followers]), json!([]), Visibility::Followers),
        (json!(["https://b.example/u"]), json!([]), Visibility::Direct),
        (json!(["https://b.example/u"]), json!([followers]), Visibility::Direct),
        (json!("http://www.w3.org/ns/activitystreams#Public"), json!([]), Visibility::Direct),
        // Closed: what is addressed to nobody known is direct.
        (Value::Null, Value::Null, Visibility::Direct),
        (json!(["https://b.example/circle/7"]), json!([]), Visibility::Direct),
    ];
    for (to, cc, expected) in cases {
        let members = json!({"to": to, "cc": cc});
        assert_eq!(read(members.clone()).post.visibility, expected, "{members}");
    }
    assert_eq!(read(json!({"directMessage": true})).post.visibility, Visibility::Direct);
    assert_eq!(read(json!({"type": "ChatMessage"})).post.visibility, Visibility::Direct);
    // Hidden addressees are nobody's business, and make nothing public.
    assert_eq!(
        read(json!({"to": [], "bto": "as:Public", "bcc": ["as:Public"]})).post.visibility,
        Visibility::Direct
    );
    let named = post::visibility(&["https://r.example/circle".into()], &[], Some("https://r.example/circle"));
    assert_eq!(named, Visibility::Followers);
    let other =
        post::visibility(&["https://evil.example/followers".into()], &[], Some("https://r.example/circle"));
    assert_eq!(other, Visibility::Direct);
    assert_eq!(read(json!({"to": "as:Public"})).to, ["https://www.w3.org/ns/activitystreams#Public"]);
}

#[test]
fn remote_html_is_sanitised_and_plain_text_escaped() {
    let html = |members: Value| read(members).post.content.text;
    let bad = html(json!({"content": "<p onclick=x>a<script>alert(1)</script></p>"}));
    assert!(!bad.contains("onclick") && !bad.contains("alert"), "{bad}");
    let plain = html(json!({"content": "a <b> & c", "mediaType": "text/plain"}));
    assert!(plain.contains("a &lt;b&gt; &amp; c"), "{plain}");
    let markdown =
        html(json!({"type": "Video", "content": "**a** <script>x</script>", "mediaType": "text/markdown"}));
    assert!(!markdown.contains("<script"), "{markdown}");
    assert_eq!(read(json!({"content": {"@value": "<p>y</p>"}})).post.content.text, "<p>y</p>");
    assert_eq!(read(json!({})).post.content.format, Format::Html);
}

#[test]
fn language_from_the_map() {
    let language = |members: Value| read(members).post.language;
    assert_eq!(language(json!({"contentMap": {"de": "<p>x</p>"}})).as_deref(), Some("de"));
    assert_eq!(language(json!({"contentMap": {"fr": "<p>y</p>", "de": "<p>x</p>"}})).as_deref(), Some("de"));
    assert_eq!(language(json!({"contentMap": {"und": "<p>x</p>"}})), None);
    assert_eq!(language(json!({"@context": [{"@language": "und"}]})), None);
    assert_eq!(
        language(json!({"language": {"identifier": "eo", "name": "Esperanto"}})).as_deref(),
        Some("eo")
    );
    let only = read(json!({"content": null, "contentMap": {"de": "<p>nur</p>"}}));
    assert_eq!((only.post.content.text.as_str(), only.post.language.as_deref()), ("<p>nur</p>", Some("de")));
}

#[test]
fn warnings_and_abstracts() {
    let note = |members: Value| {
        let post = read(members).post;
        (post.spoiler, post.sensitive)
    };
    assert_eq!(note(json!({"summary": "cw"})), (Some("cw".into()), false));
    assert_eq!(note(json!({"summaryMap": {"es": "cw"}})), (Some("cw".into()), false));
    assert_eq!(note(json!({"summary": "cw", "sensitive": false})), (Some("cw".into()), false));
    assert_eq!(note(json!({"summary": "", "sensitive": null})), (None, false));
    assert_eq!(note(json!({"sensitive": "true"})), (None, true));
    assert_eq!(note(json!({"type": "Article", "summary": "abstract"})), (None, false));
    assert_eq!(
        note(json!({"type": "Article", "summary": "cw", "sensitive": true})),
        (Some("cw".into()), true)
    );
}

#[test]
fn replies_are_one_uri() {
    let reply = |value: Value| read(json!({"inReplyTo": value})).post.in_reply_to;
    for value in
        [json!("https://b.example/1"), json!(["https://b.example/1"]), json!({"id": "https://b.example/1"})]
    {
        assert_eq!(reply(value).as_deref(), Some("https://b.example/1"));
    }
    assert_eq!((reply(json!("")), reply(json!(null)), reply(json!({"items": []}))), (None, None, None));
}

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
fn pages_on_another_host_are_not_believed() {
    let url = |value: Value| read(json!({"url": value})).post.url;
    assert_eq!(url(json!("https://r.example/@a/1")).as_deref(), Some("https://r.example/@a/1"));
    assert_eq!(url(json!("https://www.r.example/@a/1")).as_deref(), Some("https://www.r.example/@a/1"));
    assert_eq!(url(json!("https://evil.example/")), None);
    assert_eq!(url(json!("https://notr.example/")), None);
    assert_eq!(
        url(json!([{"type": "Link", "href": "threads://post/1", "mediaType": "application/x-threads"},
        {"type": "Link", "href": "https://r.example/1", "mediaType": "text/html"}]))
        .as_deref(),
        Some("https://r.example/1")
    );
    assert_eq!(
        url(json!({"type": "Link", "href": "https://r.example/1", "mimeType": "text/html"})).as_deref(),
        Some("https://r.example/1")
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
fn a_vote_is_no_post() {
    let vote = json!({"name": "Yes", "inReplyTo": "https://b.example/poll", "content": null});
    assert_eq!(refused(vote), ("poll_vote", "/name".into()));
    assert_eq!(read(json!({"name": "Title"})).post.title.as_deref(), Some("Title"));
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
fn times_and_edits() {
    let post = read(json!({"published": "2026-10-05T15:00:00+0000", "updated": "2026-10-05T15:00:00Z"})).post;
    assert_eq!(post.published.unwrap().to_string(), "2026-10-05T15:00:00Z");
    assert_eq!(post.updated, None);
    assert!(read(json!({"updated": "2026-10-05T15:00:01Z"})).post.updated.is_some());
    assert_eq!(read(json!({"published": "SCRUBBED_DATE"})).post.published, None);
}

#[test]
fn unknown_types_degrade() {
    let review =
        read(json!({"type": "Review", "name": "Good", "content": null, "summary": "<p>fine</p>"})).post;
    assert_eq!(
        (review.kind, review.title.as_deref(), review.content.text.as_str()),
        (Kind::Other("review".into()), Some("Good"), "<p>fine</p>")
    );
    assert_eq!(read(json!({"type": ["Weird", "Article"]})).post.kind, Kind::Article);
}

#[test]
fn what_an_object_does_not_say_its_activity_says() {
    let create = |object: Value| {
        fedigraft::translate::activity::read(json!({
            "type": "Create", "id": "https://r.example/c", "actor": "https://r.example/u/1", "to": "as:Public",
            "cc": ["https://r.example/u/1/followers"], "object": object,
        }))
        .unwrap()
    };
    let bare = json!({"type": "Note", "id": "https://r.example/n/1", "content": "x"});
    let read = post::read_within(&create(bare.clone())).unwrap();
    assert_eq!(
        (read.post.author.as_str(), read.post.visibility),
        ("https://r.example/u/1", Visibility::Public)
    );
    assert_eq!(read.cc, ["https://r.example/u/1/followers"]);
    // What it says itself counts: a direct post stays direct.
    let mut direct = bare.clone();
    direct["to"] = json!(["https://b.example/u"]);
    direct["cc"] = json!([]);
    direct["attributedTo"] = json!("https://r.example/u/2");
    let read = post::read_within(&create(direct)).unwrap();
    assert_eq!(
        (read.post.author.as_str(), read.post.visibility),
        ("https://r.example/u/2", Visibility::Direct)
    );
    let mut broken = bare;
    broken["attributedTo"] = json!("nobody");
    assert_eq!(post::read_within(&create(broken)).unwrap_err().reason(), "no_author");
    assert_eq!(
        post::read_within(&create(json!("https://r.example/n/1"))).unwrap_err().reason(),
        "not_an_object"
    );
}

#[test]
fn a_page_shares_a_link() {
    let page = read(json!({"type": "Page", "name": "News", "url": "https://news.example/1"})).post;
    assert_eq!((page.url, page.links[0].url.as_str()), (None, "https://news.example/1"));
}

#[test]
fn any_json_is_read_or_refused() {
    for value in [
        json!(null),
        json!([]),
        json!(7),
        json!({"type": {}}),
        json!({"type": [[]]}),
        json!({"id": {"id": 1}}),
    ] {
        assert!(post::read(&value).is_err());
    }
    for name in [
        "tag",
        "attachment",
        "url",
        "to",
        "content",
        "contentMap",
        "oneOf",
        "interactionPolicy",
        "image",
        "inReplyTo",
        "published",
        "name",
        "summary",
        "icon",
        "source",
        "quote",
        "sensitive",
        "mediaType",
        "language",
    ] {
        for value in [
            json!({}),
            json!([]),
            json!([[]]),
            json!(true),
            json!(1e300),
            json!({"@value": {}}),
            json!([{"type": 1, "url": {}}]),
            json!({"type": "Mention", "href": {}, "name": 1}),
            json!("\u{0}"),
        ] {
            let _ = post::read(&with(json!({name: value})));
        }
    }
}
