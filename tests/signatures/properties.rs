//! Whatever is changed in what is covered, the signature no longer holds; whatever comes in, nothing panics.

use fedigraft::http::{Head, Headers};
use fedigraft::signature::cavage::{self, Expectation};
use fedigraft::signature::digest;
use fedigraft::verdict::Trace;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::request::{NOW, Request};

/// What `Digest` fields are made of.
const DIGEST_PIECES: &[&str] = &["SHA-256=", "AAAA", ",", "=", " ", "md5", "\u{ff}"];

/// What `Signature` fields are made of.
const PIECES: &[&str] = &[
    "keyId",
    "=",
    "\"",
    ",",
    "headers",
    "(request-target) host date digest",
    "signature",
    "AAAA",
    "\\",
    " ",
    "created",
    "expires",
    "17",
    "algorithm",
    "hs2019",
    "Signature ",
    "(created)",
    "(expires)",
    "host",
    "keyId=\"https://a.example/#k\",",
    "signature=\"AAAA\",",
    "headers=\"(request-target) (created) host digest\",",
    "created=1709624984,",
];

/// Parts of a request that its signature covers.
#[derive(Clone, Copy, Debug)]
enum Part {
    Method,
    Target,
    Host,
    Date,
    Digest,
    Body,
    Other,
    Created,
    Expires,
}

const PARTS: [Part; 9] = [
    Part::Method,
    Part::Target,
    Part::Host,
    Part::Date,
    Part::Digest,
    Part::Body,
    Part::Other,
    Part::Created,
    Part::Expires,
];

impl Part {
    fn read(self, request: &Request) -> String {
        match self {
            Part::Method => request.method.clone(),
            Part::Target => request.target.clone(),
            Part::Host => request.value("Host"),
            Part::Date => request.value("Date"),
            Part::Digest => request.value("Digest"),
            Part::Body => request.body.iter().map(|b| char::from(*b)).collect(),
            Part::Other => request.value("X-Other"),
            Part::Created | Part::Expires => {
                let field = request.value("Signature");
                let name = if matches!(self, Part::Created) { "created=\"" } else { "expires=\"" };
                let (_, rest) = field.split_once(name).unwrap();
                rest.split_once('"').unwrap().0.to_owned()
            }
        }
    }

    fn write(self, request: &mut Request, text: &str) {
        match self {
            Part::Method => text.clone_into(&mut request.method),
            Part::Target => text.clone_into(&mut request.target),
            Part::Host => {
                request.set("Host", text);
                request.hosts = vec![text.to_owned()];
            }
            Part::Date => request.set("Date", text),
            Part::Digest => request.set("Digest", text),
            Part::Body => request.body = text.chars().map(|c| c as u8).collect(),
            Part::Other => request.set("X-Other", text),
            Part::Created | Part::Expires => {
                let name = if matches!(self, Part::Created) { "created=\"" } else { "expires=\"" };
                let (old, escaped) = (self.read(request), text.replace('\\', "\\\\").replace('"', "\\\""));
                request.edit(&format!("{name}{old}"), &format!("{name}{escaped}"));
            }
        }
    }
}

/// Another text: one character replaced, removed or added. `None` when only ends that are trimmed changed.
fn changed(text: &str, at: Index, with: char, how: u8) -> Option<String> {
    let mut characters: Vec<char> = text.chars().collect();
    match how {
        0 if !characters.is_empty() => {
            let at = at.index(characters.len());
            characters[at] = with;
        }
        1 if !characters.is_empty() => {
            characters.remove(at.index(characters.len()));
        }
        _ => characters.insert(at.index(characters.len() + 1), with),
    }
    let changed: String = characters.into_iter().collect();
    (changed.trim_matches([' ', '\t']) != text.trim_matches([' ', '\t'])).then_some(changed)
}

fn request(path: &str, query: Option<&str>, body: Vec<u8>, other: &str) -> Request {
    let mut request = Request::post();
    request.target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    request.set("Digest", &digest::field(&body));
    request.body = body;
    request.set("X-Other", other);
    let times = format!("created=\"{NOW}\",expires=\"{}\"", NOW + 3600);
    request.signed("(request-target) (created) (expires) host date digest x-other", &times)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_change_to_a_covered_value_is_refused(
        path in "/[a-z@%/.]{0,12}",
        query in prop::option::of("[a-z=&?]{0,8}"),
        body in prop::collection::vec(any::<u8>(), 0..64),
        other in "([!-~]([ -~]{0,10}[!-~])?)?",
        part in prop::sample::select(&PARTS[..]),
        at in any::<Index>(),
        with in prop_oneof![prop::char::range('!', '~'), prop::char::range('0', '9')],
        how in 0_u8..3,
    ) {
        let original = request(&path, query.as_deref(), body, &other);
        prop_assert_eq!(original.code(), "accepted");
        let mut request = original.clone();
        let before = part.read(&original);
        let Some(after) = changed(&before, at, with, how) else { return Ok(()) };
        part.write(&mut request, &after);
        // The method is compared without case, as the draft writes it.
        let same = matches!(part, Part::Method) && after.eq_ignore_ascii_case(&before);
        // The one freedom: a query added to a target signed without one (Fedify, Misskey, Mitra sign none).
        let added_query = query.is_none() && request.target.split_once('?').is_some_and(|(p, _)| p == path);
        if !same && !added_query {
            prop_assert!(!request.verdict().accepted, "{:?}", part);
        }
    }

    #[test]
    fn what_nothing_covers_is_free(name in "x-[a-z]{1,8}", value in "[ -~]{0,32}") {
        let mut request = Request::valid();
        request.add(&name, &value);
        prop_assert_eq!(request.code(), "accepted");
    }

    #[test]
    fn any_head_gets_a_verdict(
        method in ".{0,6}",
        target in ".{0,24}",
        fields in prop::collection::vec((name(), prop::collection::vec(any::<u8>(), 0..64)), 0..8),
        body in prop::collection::vec(any::<u8>(), 0..64),
        now in any::<i64>(),
    ) {
        let head = Head { method, target, headers: Headers::new(fields), client: None };
        judged(&head, &body, now)?;
    }

    #[test]
    fn any_signature_field_gets_a_verdict(
        pieces in prop::collection::vec(piece(), 0..24),
        digest in prop::collection::vec(prop::sample::select(DIGEST_PIECES), 0..8),
        now in prop::sample::select(&[i64::MIN, 0, NOW, i64::MAX][..]),
    ) {
        let mut request = Request::valid();
        request.set("Signature", &pieces.concat());
        request.set("Digest", &digest.concat());
        judged(&request.head(), &request.body, now)?;
    }

    #[test]
    fn any_byte_changed_in_a_signature_field_gets_a_verdict(at in any::<Index>(), byte in any::<u8>()) {
        let mut request = Request::valid();
        let (_, field) = request.headers.iter_mut().find(|(name, _)| name == "Signature").unwrap();
        let at = at.index(field.len());
        field[at] = byte;
        judged(&request.head(), &request.body, NOW)?;
    }
}

/// With and without evidence the same, and no panic.
fn judged(head: &Head, body: &[u8], now: i64) -> Result<(), TestCaseError> {
    let hosts = ["chirp.example".to_owned()];
    let key = crate::request::KEY.public();
    let verdict = |mut trace| cavage::verify(head, body, key, &Expectation::new(&hosts), now, &mut trace);
    prop_assert_eq!(verdict(Trace::off()), verdict(Trace::on()));
    Ok(())
}

fn name() -> impl Strategy<Value = String> {
    let names = ["Host", "Date", "Digest", "Signature", "signature", "Authorization", "Signature-Input", "x"];
    prop_oneof![prop::sample::select(names.map(str::to_owned).to_vec()), ".{0,4}"]
}

fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(PIECES).prop_map(str::to_owned);
    prop_oneof![4 => known, 1 => ".{0,3}"]
}
