//! read(render(x)) = wire(x), wire(wire(x)) = wire(x), and nothing marked `host` leaves, over the model.

use fedigraft::model::{
    Content, Emoji, Field, Format, Image, InteractionPolicy, InteractionRule, Kind, Link, Media, Mention,
    Party, Post, Profile, ProfileKind, Time, Visibility,
};
use fedigraft::translate::activity::{self, Sender};
use fedigraft::translate::{post, profile};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{bob, instance};

/// What must never be found in a document.
const SECRET: &str = "s3cr3t-of-the-host";
const SECRET_TIME: i64 = 7_777_777_777;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z ,.<>&\"'#@/:\\n_*`\\[\\]()!-]{0,60}",
        2 => Just("hello @bob@remote.example #Cats https://a.example.org/x_(y)?a=1&b=2\n\nbye".to_owned()),
        1 => "\\PC{0,40}",
        1 => Just("<p>a <b>b</b> <a href=\"https://a.example\">x</a> <script>y</script></p>".to_owned()),
        1 => Just(String::new()),
    ]
}

fn line() -> impl Strategy<Value = Option<String>> {
    prop_oneof![Just(None), "[a-z<&\"' \\n]{0,20}".prop_map(Some), "\\PC{0,20}".prop_map(Some)]
}

fn content() -> impl Strategy<Value = Content> {
    (prop_oneof![Just(Format::Plain), Just(Format::Markdown), Just(Format::Html)], text())
        .prop_map(|(format, text)| Content { format, text })
}

fn url() -> impl Strategy<Value = String> {
    prop_oneof![
        "/[a-z0-9 ä%?&=]{0,12}\\.png",
        "https://[a-z]{1,8}\\.example/[a-z0-9/&?=_()~-]{0,16}\\.jpg",
        Just("https://bücher.example/ü.gif".to_owned()),
    ]
}

fn when() -> impl Strategy<Value = Time> {
    (-62_000_000_000_000_i64..200_000_000_000_000).prop_map(|ms| Time::from_milliseconds(ms).unwrap())
}

fn media() -> impl Strategy<Value = Media> {
    (
        url(),
        line(),
        any::<Option<u32>>(),
        any::<Option<u32>>(),
        line(),
        prop::option::of((-1.0..=1.0, -1.0..=1.0)),
        prop::option::of(0.0..100_000.0),
    )
        .prop_map(|(url, alt, width, height, blurhash, focal, duration)| Media {
            url,
            media_type: Some("image/PNG; q=1".into()),
            alt,
            width,
            height,
            blurhash,
            focal_point: focal.map(|(x, y)| [x, y]),
            duration,
        })
}

fn rule() -> impl Strategy<Value = Option<InteractionRule>> {
    let party = prop_oneof![
        Just(Party::Public),
        Just(Party::Followers),
        Just(Party::Following),
        Just(Party::Author),
        Just(Party::Uri("https://remote.example/users/1".into())),
        Just(Party::Uri("https://social.example.com/ap/users/42".into())),
    ];
    let parties = prop::collection::vec(party, 0..3);
    prop::option::of(
        (parties.clone(), parties).prop_map(|(automatic, manual)| InteractionRule { automatic, manual }),
    )
}

fn mention() -> impl Strategy<Value = Mention> {
    prop_oneof![
        Just(bob()),
        Just(Mention { handle: Some("@nobody@gone.example".into()), ..Mention::default() }),
        Just(Mention {
            handle: Some("carl".into()),
            uri: Some("https://social.example.com/ap/users/43".into()),
            url: None
        }),
        Just(Mention {
            handle: None,
            uri: Some("https://remote.example/users/9".into()),
            url: Some("https://x.example/".into())
        }),
    ]
}

fn reference() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("6".to_owned())),
        Just(Some("https://remote.example/notes/1".to_owned())),
        Just(Some(String::new()))
    ]
}

fn a_post() -> impl Strategy<Value = Post> {
    let visibility = prop_oneof![
        Just(Visibility::Public),
        Just(Visibility::Unlisted),
        Just(Visibility::Followers),
        Just(Visibility::Direct)
    ];
    let kind = prop_oneof![4 => Just(Kind::Note), 1 => Just(Kind::Article)];
    let texts = (
        content(),
        line(),
        line(),
        prop_oneof![Just(None), Just(Some("pt-BR".to_owned())), Just(Some("und".to_owned()))],
    );
    let lists = (
        prop::collection::vec(mention(), 0..3),
        prop::collection::vec("#?[a-zA-Zäß]{1,6}", 0..4),
        prop::collection::vec(("[a-z_]{1,6}", url()), 0..3),
        prop::collection::vec(media(), 0..3),
        prop::collection::vec((url(), line()), 0..3),
    );
    let rest = (
        when(),
        prop::option::of(when()),
        any::<bool>(),
        reference(),
        reference(),
        (rule(), rule(), rule(), rule()),
        prop::option::of(Just("/p/7".to_owned())),
    );
    ("[a-z0-9/ ä]{1,6}", visibility, kind, texts, lists, rest).prop_map(
        |(
            id,
            visibility,
            kind,
            (content, title, spoiler, language),
            (mentions, hashtags, emojis, media, links),
            rest,
        )| {
            let (published, updated, sensitive, in_reply_to, quote, (reply, like, share, rule), url) = rest;
            Post {
                url,
                in_reply_to,
                quote,
                kind,
                title,
                content,
                spoiler,
                sensitive,
                language,
                mentions,
                hashtags,
                emojis: emojis
                    .into_iter()
                    .map(|(shortcode, url)| Emoji { shortcode, url, media_type: None })
                    .collect(),
                media,
                links: links.into_iter().map(|(url, title)| Link { url, title }).collect(),
                published: Some(published),
                updated,
                interaction_policy: Some(InteractionPolicy { reply, like, share, quote: rule }),
                not_before: Some(SECRET_TIME),
                extra: Map::from_iter([(SECRET.to_owned(), json!(SECRET))]),
                ..Post::new(id, "42", visibility)
            }
        },
    )
}

fn a_profile() -> impl Strategy<Value = Profile> {
    let image =
        || prop::option::of((url(), line()).prop_map(|(url, alt)| Image { url, media_type: None, alt }));
    let value =
        prop_oneof!["\\PC{0,20}", Just("https://ann.example/?a=1&b='\"".to_owned()), "[a-z<>&;#0-9 ]{0,20}"];
    let fields = prop::collection::vec(("\\PC{0,12}", value), 0..4);
    let kind = prop_oneof![
        Just(ProfileKind::Person),
        Just(ProfileKind::Group),
        Just(ProfileKind::Service),
        Just(ProfileKind::Organization),
        Just(ProfileKind::Application)
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (
        "[a-z0-9/ ]{1,6}",
        "[a-zA-Z0-9_.-]{1,12}",
        "\\PC{0,20}",
        content(),
        image(),
        image(),
        fields,
        kind,
        flags,
        prop::option::of(when()),
    )
        .prop_map(|(id, username, display_name, bio, avatar, header, fields, kind, flags, created)| {
            Profile {
                display_name,
                bio,
                avatar,
                header,
                fields: fields
                    .into_iter()
                    .map(|(name, value)| Field { name, value, verified_at: Time::from_seconds(SECRET_TIME) })
                    .collect(),
                kind,
                locked: flags.0,
                discoverable: flags.1,
                indexable: flags.2,
                federated: flags.3,
                moved_to: flags.0.then(|| "https://new.example/u/1".to_owned()),
                also_known_as: vec!["https://old.example/u/1".into(), "https://old.example/u/1".into()],
                created,
                extra: Map::from_iter([(SECRET.to_owned(), json!(SECRET))]),
                ..Profile::new(id, username)
            }
        })
}

fn keeps_secrets(document: &Value) -> bool {
    let text = document.to_string();
    let time = Time::from_seconds(SECRET_TIME).unwrap().to_string();
    ![SECRET, &SECRET_TIME.to_string(), &time, "\"bto\"", "\"bcc\""].iter().any(|s| text.contains(s))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_post_is_read_as_its_normal_form(x in a_post()) {
        let (instance, known) = (instance(), [bob()]);
        let author = Profile::new("42", "ann");
        let document = post::render(&instance, &author, &x, &known).unwrap();
        let wire = post::wire(&instance, &author, &x, &known).unwrap();
        let read = post::read(&document).unwrap();
        prop_assert_eq!(&read.post, &wire);
        prop_assert_eq!(&read.skipped, &[]);
        prop_assert_eq!(post::wire(&instance, &author, &wire, &known).unwrap(), wire);
        prop_assert!(keeps_secrets(&document));
        let sender = Sender { id: "https://social.example.com/a", actor: "https://social.example.com/ap/users/42" };
        prop_assert!(keeps_secrets(&activity::create(sender, &document)));
        // The audience says what the visibility says, however the author's followers are called.
        prop_assert_eq!(post::visibility(&read.to, &read.cc, Some(&instance.followers_uri("42"))), x.visibility);
    }

    #[test]
    fn a_profile_is_read_as_its_normal_form(x in a_profile()) {
        let instance = instance();
        let document = profile::render(&instance, &x, "PEM").unwrap();
        let wire = profile::wire(&instance, &x).unwrap();
        let read = profile::read(&document).unwrap();
        prop_assert_eq!(&read.profile, &wire);
        prop_assert_eq!(&read.skipped, &[]);
        prop_assert_eq!(profile::wire(&instance, &wire).unwrap(), wire);
        prop_assert!(keeps_secrets(&document));
    }
}
