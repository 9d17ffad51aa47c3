//! What other servers demand of the documents they are sent, as a table with sources.
//!
//! Every row here is harmless to the others, so it is met for everybody; none depends on guessing what runs at
//! the other end. A test per row fails when the writer no longer meets it. Demands on signatures and delivery
//! are not here.

/// One demand of one software.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// A stable name of the row.
    pub id: &'static str,
    /// Who demands it.
    pub software: &'static str,
    /// What happens otherwise.
    pub demand: &'static str,
    /// What is written.
    pub done: &'static str,
    /// Where it is known from.
    pub source: &'static str,
}

/// The table.
pub const QUIRKS: [Quirk; 22] = [
    Quirk {
        id: "actor_string",
        software: "Threads",
        demand: "fails to parse an activity whose `actor` is an object",
        done: "`actor` is a string",
        source: "Fedify 1.x actorDehydrator (send.md)",
    },
    Quirk {
        id: "whole_follow_in_answer",
        software: "Threads",
        demand: "answers 500 to Accept or Reject of a bare id; the follow stays pending",
        done: "the Follow is embedded with id, type, actor and object",
        source: "thematters/matters-fediverse-gateway#90",
    },
    Quirk {
        id: "whole_activity_in_undo",
        software: "Threads",
        demand: "answers 500 to Undo of a bare id",
        done: "the undone activity is embedded whole",
        source: "fedify-dev/fedify#125",
    },
    Quirk {
        id: "published",
        software: "Threads",
        demand: "answers 500 to a Note without `published`",
        done: "a post without `published` is refused before it is written",
        source: "thematters/matters-fediverse-gateway field notes, 2026-06",
    },
    Quirk {
        id: "no_atom_uri",
        software: "Threads",
        demand: "answers 500 to an Article with `atomUri`",
        done: "`atomUri` is never written",
        source: "thematters/matters-fediverse-gateway field notes, 2026-06",
    },
    Quirk {
        id: "key_fragment",
        software: "Threads",
        demand: "does not understand a key with an address of its own",
        done: "the key is `<actor>#main-key`, inside the actor document",
        source: "superseriousbusiness/gotosocial#2491, #3471, #3682",
    },
    Quirk {
        id: "times",
        software: "Python before 3.11",
        demand: "refuses a fraction of a second that has not three or six digits",
        done: "RFC 3339 with Z, and no fraction or three digits",
        source: "Python 3.10 datetime.fromisoformat",
    },
    Quirk {
        id: "url_on_id_host",
        software: "Misskey",
        demand: "refuses a note whose `url` is on another host than its `id`; Mastodon drops the `url`",
        done: "a page on another host is refused before it is written",
        source: "misskey-dev/misskey#15039",
    },
    Quirk {
        id: "activity_on_actor_host",
        software: "Misskey",
        demand: "refuses an activity whose id is on another host than its actor",
        done: "ids of activities and actors come from one origin",
        source: "snarfed/bridgy-fed#12, #1093",
    },
    Quirk {
        id: "single_pictures",
        software: "Misskey",
        demand: "refuses an actor whose `icon` or `image` is an array",
        done: "each is one object",
        source: "misskey-dev/misskey#14823",
    },
    Quirk {
        id: "reply_string",
        software: "Mastodon, Misskey, Mitra",
        demand: "drop a post whose `inReplyTo` is no single string",
        done: "`inReplyTo` is a string or absent",
        source: "snarfed/bridgy-fed#658, #1257",
    },
    Quirk {
        id: "author_string",
        software: "Mastodon, Misskey, Mitra",
        demand: "read an author that is a string only",
        done: "`attributedTo` is a string",
        source: "snarfed/bridgy-fed#1257",
    },
    Quirk {
        id: "same_audience",
        software: "Pleroma, Akkoma",
        demand: "crash when `to` and `cc` of an activity differ from its object's",
        done: "an activity has the audience of its object",
        source: "snarfed/bridgy-fed#12",
    },
    Quirk {
        id: "audience_arrays",
        software: "Lemmy",
        demand: "refuses `to` and `cc` that are no arrays",
        done: "both are arrays, always there",
        source: "LemmyNet/lemmy#1862",
    },
    Quirk {
        id: "list_arrays",
        software: "Pixelfed, Lemmy",
        demand: "refuse `attachment` and `tag` as a single object",
        done: "both are arrays, always there",
        source: "pixelfed/pixelfed#6588, LemmyNet/lemmy#3862; Lemmy's crate answered 500 to GoToSocial's tag",
    },
    Quirk {
        id: "public_iri",
        software: "Lemmy, Takahe",
        demand: "do not know `as:Public`",
        done: "Public is written as its IRI",
        source: "LemmyNet/lemmy#6465, jointakahe/takahe#685",
    },
    Quirk {
        id: "actor_members",
        software: "Pixelfed",
        demand: "refuses an actor without `summary` or `manuallyApprovesFollowers`",
        done: "both are always there",
        source: "snarfed/bridgy-fed#39, #1893",
    },
    Quirk {
        id: "media_type",
        software: "Pixelfed",
        demand: "refuses an attachment without `mediaType`",
        done: "media without a known type are refused before they are written",
        source: "pixelfed NoteAttachmentTest.php",
    },
    Quirk {
        id: "edit_time",
        software: "Mastodon",
        demand: "ignores an edit without `updated`",
        done: "`updated` is written when it is later than `published`",
        source: "nextcloud/social#2105",
    },
    Quirk {
        id: "mention_twice",
        software: "Mastodon",
        demand: "notifies only who is in `tag` and in `to` or `cc`",
        done: "mentions are in both",
        source: "Mastodon docs, spec/activitypub, 2026-07",
    },
    Quirk {
        id: "field_anchor",
        software: "Mastodon",
        demand: "verifies a profile link only when the value is one anchor whose text is its address",
        done: "a value that is one URL is written as that anchor",
        source: "Mastodon app/models/account/field.rb",
    },
    Quirk {
        id: "inline_context",
        software: "Takahe, WriteFreely",
        demand: "fail on a context they cannot fetch",
        done: "beyond ActivityStreams and security/v1, which all have built in, terms are declared inline",
        source: "jointakahe/takahe#640, #180; writefreely/writefreely#296",
    },
];
