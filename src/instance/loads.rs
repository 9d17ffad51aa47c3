//! What an exchange may ask the host for: one table, with who provides and who writes each.

/// The names an exchange may ask the host for. A host declares those it answers; a missing one fails at once.
///
/// The host provides what it has anyway (`profile`, `post`, `posts`, `blocked`); its store, which the bindings
/// bring along, provides the rest. A value that does not exist is `null`; one that cannot be read now is an
/// error, never `null`.
///
/// | name | key | value | order, paging | provided by | written by |
/// | --- | --- | --- | --- | --- | --- |
/// | `profile` | the host's id of a profile, or `@username` | a profile | | host | host |
/// | `post` | the host's id of a post | a post | | host | host |
/// | `posts` | the host's id of a profile | a page of posts | newest first | host | host |
/// | `blocked` | a host name, or an actor's URI | `true` | | host | host |
/// | `key` | the URI of a local actor | `{"key_id","algorithm":"rsa","public_key_pem"}` | | store, which makes the pair when first asked | store |
/// | `activity` | the URI of an activity | what was stored under it | | store | `put`, `remove` |
/// | `follow` | `<follower URI> <followee URI>` | `{"v","state":"pending"\|"accepted","activity","at"}` | | store | `put`, `remove` |
/// | `followers` | an actor's URI | a page of follower URIs, accepted ones | any stable order | store | through `follow` |
/// | `following` | an actor's URI | a page of followee URIs, accepted ones | any stable order | store | through `follow` |
/// | `local_followers` | a remote actor's URI | a page of local actor URIs that follow it, accepted ones | any stable order | store | through `follow` |
/// | `inboxes` | a local actor's URI | a page of inbox URLs of its accepted followers, each once, the shared inbox before the own | ascending; the cursor is the last inbox | store | through `follow` and `remote_actor`; `remove` drops every follower reached by that inbox |
/// | `remote_actor` | an actor's URI, or `acct:user@domain` | what was stored; columns of its own for `id`, `handle`, `inbox`, `shared_inbox` | | store | `put`; `remove` takes its follows along |
/// | `remote_post` | an object's URI | what was stored | | store | `put_if_newer`, `remove` |
/// | `remote_key` | a key's id | what was stored, until it expires | | store | `put` |
/// | `once` | the key of something done once | `true` | | store | the `once` of a `done`, unique |
/// | `origin` | `https://host` | how that host has been answering | | store | `put`, `remove` |
/// | `tombstone` | a URI | what was stored, until it expires | | store | `put` |
///
/// A page is `{"items":[…],"next":cursor or null,"total":number or null}`; the cursor is the host's own text.
/// Stored values come back as they were put.
pub const LOADS: [&str; 17] = [
    "profile",
    "post",
    "posts",
    "key",
    "activity",
    "follow",
    "followers",
    "following",
    "local_followers",
    "inboxes",
    "remote_actor",
    "remote_post",
    "remote_key",
    "once",
    "blocked",
    "origin",
    "tombstone",
];
