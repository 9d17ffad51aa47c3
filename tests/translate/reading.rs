//! Objects as they come in every shape.

use fedigraft::model::{Format, Kind, Visibility};
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
pub(crate) fn read(members: Value) -> RemotePost {
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
fn a_vote_is_no_post() {
    let vote = json!({"name": "Yes", "inReplyTo": "https://b.example/poll", "content": null});
    assert_eq!(refused(vote), ("poll_vote", "/name".into()));
    assert_eq!(read(json!({"name": "Title"})).post.title.as_deref(), Some("Title"));
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
