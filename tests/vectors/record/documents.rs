//! Profiles, posts and activities: written for others, and read as others write them.

use serde_json::{Value, json};

use super::Recorder;
use super::scene::{ANN, BOB, BOB_INBOX, PUBLIC, activity, ann, bob, note, post, with};

pub fn record(r: &mut Recorder) {
    profiles(r);
    actors(r);
    posts(r);
    objects(r);
    activities(r);
}

fn profiles(r: &mut Recorder) {
    let mut render = |name: &str, note: &str, instance: &str, profile: Value| {
        let inputs = json!({"instance": instance, "profile": profile, "public_key": "ann"});
        r.call(&format!("actor-{name}"), note, "profile_render", inputs);
    };
    render("of-a-person", "", "chirp", json!({"json": ann(json!({}))}));
    let full = ann(json!({
        "bio": {"format": "plain", "text": "Reads & writes.\nhttps://ann.example/"},
        "avatar": {"url": "/media/ann.png", "media_type": "image/png", "alt": "A bird"},
        "header": {"url": "https://cdn.example/wide.jpg"},
        "fields": [{"name": "Site", "value": "https://ann.example/"}, {"name": "Pronouns", "value": "she/her <3"}],
        "locked": true, "discoverable": true, "indexable": true, "created": "2020-02-29T12:00:00Z",
        "also_known_as": ["https://old.example/users/ann"],
    }));
    render(
        "with-everything",
        "Pictures on a path become absolute; whole links can be verified.",
        "chirp",
        json!({"json": full}),
    );
    render("of-a-bot", "", "chirp", json!({"json": ann(json!({"kind": "service"}))}));
    render("with-paths-of-its-own", "", "custom", json!({"json": ann(json!({}))}));
    let moved = ann(json!({"moved_to": "https://new.example/users/ann"}));
    render("that-moved", "", "chirp", json!({"json": moved}));
    render("of-no-json", "", "chirp", json!("Ann"));
    render("without-username", "", "chirp", json!({"json": {"id": "1"}}));
    render(
        "with-an-unknown-member",
        "A typing mistake must not pass unseen.",
        "chirp",
        json!({"json": ann(json!({"dispaly_name": "Ann"}))}),
    );
    render("of-a-newer-version", "", "chirp", json!({"json": ann(json!({"v": 2}))}));
    render("with-a-bad-time", "", "chirp", json!({"json": ann(json!({"created": "yesterday"}))}));
}

fn actors(r: &mut Recorder) {
    let mut read = |name: &str, note: &str, actor: Value| {
        r.call(&format!("profile-{name}"), note, "profile_read", json!({"actor": actor}));
    };
    read("of-an-actor", "", json!({"json": bob(json!({}))}));
    let rich = bob(json!({
        "summary": "<p>Hi <script>alert(1)</script><a href=\"javascript:x\" onclick=\"x\">there</a></p>",
        "icon": {"type": "Image", "mediaType": "image/png", "url": "https://peer.example/bob.png"},
        "image": [{"type": "Image", "url": "https://peer.example/wide.png"}],
        "manuallyApprovesFollowers": true, "discoverable": true, "url": "https://peer.example/@bob",
        "attachment": [{"type": "PropertyValue", "name": "Site", "value": "<a href=\"https://bob.example/\">bob.example</a>"}],
        "outbox": format!("{BOB}/outbox"), "following": format!("{BOB}/following"), "published": "2021-03-04T00:00:00Z",
        "alsoKnownAs": ["https://old.example/users/bob"],
    }));
    read("with-a-hostile-bio", "The bio is sanitised.", json!({"json": rich}));
    read("of-a-group", "", json!({"json": bob(json!({"type": "Group"}))}));
    let several = bob(json!({"publicKey": [
        {"id": format!("{BOB}#a"), "owner": BOB, "publicKeyPem": super::scene::public("bob")},
        {"id": format!("{BOB}#b"), "owner": BOB, "publicKeyPem": "not a key"},
    ]}));
    read("with-several-keys", "", json!({"json": several}));
    read("of-a-note", "A note is no actor.", json!({"json": note("1", json!({}))}));
    read("without-inbox", "", json!({"json": bob(json!({"inbox": null}))}));
    read("of-no-json", "", json!("<html>"));
    read("of-bytes-that-are-no-text", "", json!({"base64": "/////w=="}));
    let twice = format!(
        "{{\"id\":\"{BOB}\",\"type\":\"Person\",\"id\":\"https://evil.example/\",\"inbox\":\"{BOB_INBOX}\"}}"
    );
    read("with-two-ids", "Two values where a server is named are refused.", json!(twice));
    read("nested-too-deep", "Depth 64.", json!({"repeat": "{\"a\":", "times": 100}));
}

fn posts(r: &mut Recorder) {
    let mut render = |name: &str, note: &str, change: Value| {
        let post = post("7", change);
        let inputs =
            json!({"instance": "chirp", "profile": {"json": ann(json!({}))}, "post": {"json": post}});
        r.call(&format!("note-{name}"), note, "post_render", inputs);
    };
    render(
        "of-plain-text",
        "Plain text becomes HTML exactly once.",
        json!({
            "content": {"format": "plain", "text": "Hello <world> & https://example.com/?a=1&b=2\n\nsecond"},
        }),
    );
    let mentions = json!({
        "content": {"format": "plain", "text": "hello @bob@peer.example #Fediverse"},
        "mentions": [{"handle": "@bob@peer.example", "uri": BOB, "url": "https://peer.example/@bob"}],
    });
    render("with-mention-and-hashtag", "", mentions);
    for visibility in ["unlisted", "followers", "direct"] {
        render(&format!("that-is-{visibility}"), "", json!({"visibility": visibility}));
    }
    render(
        "of-markdown",
        "",
        json!({
            "kind": "article", "title": "On birds", "content": {"format": "markdown", "text": "# Birds\n\n**fly** [here](https://birds.example/)\n\n<script>x</script>"},
        }),
    );
    render(
        "with-everything",
        "",
        json!({
            "spoiler": "Birds", "language": "en", "in_reply_to": "https://peer.example/users/bob/notes/1",
            "media": [{"url": "/media/1.png", "media_type": "image/png", "alt": "A bird", "width": 640, "height": 480}],
            "updated": "2027-01-15T09:00:00Z",
            "interaction_policy": {"quote": {"automatic": ["public"]}},
        }),
    );
    let mut fails = |name: &str, note: &str, profile: Value, post: Value| {
        let inputs = json!({"instance": "chirp", "profile": profile, "post": post});
        r.call(&format!("note-{name}"), note, "post_render", inputs);
    };
    let author = json!({"json": ann(json!({}))});
    let changed = |change: Value| json!({"json": post("7", change)});
    fails("without-visibility", "There is no default.", author.clone(), changed(json!({"visibility": null})));
    fails(
        "with-an-unknown-format",
        "",
        author.clone(),
        changed(json!({"content": {"format": "rtf", "text": "x"}})),
    );
    fails("with-an-unknown-member", "", author.clone(), changed(json!({"visibilty": "direct"})));
    fails("of-a-newer-version", "", author.clone(), changed(json!({"v": 2})));
    fails(
        "that-is-a-poll",
        "Polls are only read so far.",
        author.clone(),
        changed(json!({"kind": "question"})),
    );
    fails("of-another-author", "", author.clone(), changed(json!({"author": "2"})));
    fails("of-no-json", "", author, json!("hello"));
}

fn objects(r: &mut Recorder) {
    let mut read = |name: &str, note: &str, object: Value| {
        r.call(&format!("post-{name}"), note, "post_read", json!({"object": object}));
    };
    read("of-a-note", "", json!({"json": note("1", json!({}))}));
    read(
        "with-everything",
        "",
        json!({"json": note("1", json!({
            "summary": "Birds", "sensitive": true, "inReplyTo": format!("{ANN}/x"), "contentMap": {"en": "<p>hello</p>"},
            "content": "<p>hello <a href=\"https://chirp.example/@ann\" class=\"u-url mention\" onclick=\"x\">@ann</a><img src=x></p>",
            "to": [PUBLIC], "cc": [format!("{BOB}/followers"), ANN],
            "tag": [
                {"type": "Mention", "href": ANN, "name": "@ann@chirp.example"},
                {"type": "Hashtag", "href": "https://peer.example/tags/birds", "name": "#birds"},
            ],
            "attachment": [{"type": "Document", "mediaType": "image/png", "url": "https://peer.example/1.png", "name": "A bird"}],
            "url": "https://peer.example/@bob/1", "updated": "2027-01-15T09:30:00+01:00",
        }))}),
    );
    read("for-followers", "", json!({"json": note("1", json!({"to": [format!("{BOB}/followers")]}))}));
    read("for-one", "", json!({"json": note("1", json!({"to": [ANN]}))}));
    read("that-is-unlisted", "", json!({"json": note("1", json!({"to": [], "cc": ["as:Public"]}))}));
    let poll = note(
        "1",
        json!({
            "type": "Question", "endTime": "2027-01-16T08:00:00Z", "votersCount": 3,
            "oneOf": [
                {"type": "Note", "name": "yes", "replies": {"type": "Collection", "totalItems": 2}},
                {"type": "Note", "name": "no", "replies": {"type": "Collection", "totalItems": 1}},
            ],
        }),
    );
    read("of-a-poll", "", json!({"json": poll}));
    let article = note("1", json!({"type": "Article", "name": "On birds", "mediaType": "text/html"}));
    read("of-an-article", "", json!({"json": article}));
    read("of-a-kind-nobody-knows", "", json!({"json": note("1", json!({"type": "Recipe"}))}));
    read(
        "with-parts-that-cannot-be-read",
        "What is left out is said.",
        json!({"json": note("1", json!({
            "published": "soon", "tag": [7, {"type": "Mention"}], "attachment": "x",
        }))}),
    );
    read("without-id", "", json!({"json": note("1", json!({"id": null}))}));
    read("without-author", "", json!({"json": note("1", json!({"attributedTo": null}))}));
    read("that-is-a-list", "", json!("[]"));
}

fn activities(r: &mut Recorder) {
    let mut read = |name: &str, note: &str, activity: Value| {
        r.call(&format!("activity-{name}"), note, "activity_read", json!({"activity": activity}));
    };
    read("follow", "", json!({"json": activity("Follow", "f1", ANN)}));
    read("create", "", json!({"json": activity("Create", "c1", note("1", json!({})))}));
    let list = with(
        activity("Announce", "a1", json!(["https://a.example/1", "https://b.example/2"])),
        json!({
            "cc": ANN, "published": "2027-01-15T08:00:00Z", "target": "https://c.example/3",
        }),
    );
    read("with-several-objects", "The first counts, the others are told.", json!({"json": list}));
    let actor =
        with(activity("Like", "l1", "https://a.example/1"), json!({"actor": {"id": BOB, "type": "Person"}}));
    read("with-an-embedded-actor", "", json!({"json": actor}));
    read("without-actor", "", json!({"json": with(activity("Like", "l1", ANN), json!({"actor": null}))}));
    read("without-object", "", json!({"json": with(activity("Like", "l1", ANN), json!({"object": null}))}));
    read("without-id", "", json!({"json": with(activity("Like", "l1", ANN), json!({"id": null}))}));
    read("of-no-json", "", json!("{\"type\":"));
}
