//! The tokenizer against html5ever's own, which is slower and has no bounds, but follows the standard.

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, State};
use html5ever::tokenizer::{self, TagKind, TokenSink, TokenSinkResult, Tokenizer};
use proptest::prelude::*;
use std::cell::RefCell;

use super::{Raw, Token, Tokens};
use crate::content::references;

/// What both readers are brought to: text runs joined, tags with decoded attributes.
#[derive(Debug, PartialEq)]
enum Seen {
    Text(String),
    Start(String, Vec<(String, String)>, bool),
    End(String),
}

fn text(seen: &mut Vec<Seen>, more: &str) {
    if let Some(Seen::Text(known)) = seen.last_mut() {
        known.push_str(more);
    } else if !more.is_empty() {
        seen.push(Seen::Text(more.to_owned()));
    }
}

fn raw(name: &str) -> Option<Raw> {
    Some(match name {
        "script" => Raw::Script,
        "style" | "xmp" => Raw::Rawtext,
        "title" | "textarea" => Raw::Rcdata,
        "plaintext" => Raw::Plaintext,
        _ => return None,
    })
}

fn ours(input: &str) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut tokens = Tokens::new(input);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(raw) => {
                let decoded = references::text(raw);
                text(&mut seen, &decoded);
            }
            Token::Literal(literal) => text(&mut seen, literal),
            Token::Start(tag) => {
                let name = tag.name.to_ascii_lowercase();
                if let Some(raw) = raw(&name) {
                    tokens.enter(raw);
                }
                let mut attributes: Vec<(String, String)> = Vec::new();
                for (name, value) in tag.attributes() {
                    let name = name.to_ascii_lowercase();
                    if attributes.iter().all(|(known, _)| *known != name) {
                        attributes.push((name, references::attribute(value).into_owned()));
                    }
                }
                seen.push(Seen::Start(name, attributes, tag.self_closing));
            }
            Token::End(tag) => seen.push(Seen::End(tag.name.to_ascii_lowercase())),
        }
    }
    seen
}

struct Sink(RefCell<Vec<Seen>>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: tokenizer::Token, _: u64) -> TokenSinkResult<()> {
        let mut seen = self.0.borrow_mut();
        match token {
            tokenizer::Token::CharacterTokens(more) => text(&mut seen, &more),
            tokenizer::Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let name = tag.name.to_string();
                let attributes =
                    tag.attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                let raw = raw(&name);
                seen.push(Seen::Start(name, attributes, tag.self_closing));
                return match raw {
                    Some(Raw::Plaintext) => TokenSinkResult::Plaintext,
                    Some(Raw::Script) => TokenSinkResult::RawData(RawKind::ScriptData),
                    Some(Raw::Rcdata) => TokenSinkResult::RawData(RawKind::Rcdata),
                    Some(Raw::Rawtext) => TokenSinkResult::RawData(RawKind::Rawtext),
                    None => TokenSinkResult::Continue,
                };
            }
            tokenizer::Token::TagToken(tag) => seen.push(Seen::End(tag.name.to_string())),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn theirs(input: &str) -> Vec<Seen> {
    let options = tokenizer::TokenizerOpts {
        initial_state: Some(State::Data),
        discard_bom: false,
        ..Default::default()
    };
    let tokenizer = Tokenizer::new(Sink(RefCell::default()), options);
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(input));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[test]
fn reads_what_html5ever_reads() {
    for input in [
        "",
        "a<b>c</b>d",
        "<a href=x y='z' w=\"&amp;&copy=&lt\">",
        "<a =b =c/d/>e",
        "1 < 2 <3 </ x> </> <",
        "</",
        "<!-- a -- b --!> c <!--> d <!---> e <!-- <!-- --> f <!",
        "<!doctype html \">x<?pi?>y<![CDATA[z]]>w",
        "<script><!-- <script> </script> --> </script>x",
        "<script><!--> </script>y",
        "<SCRIPT>a</scRipt b>c",
        "<title>&lt;<b></title ><textarea>&amp</textarea/>x",
        "<style></style<</style>x<plaintext>&amp;<b>",
        "&notit; &notin; &#0; &#x80; &#xD800; &#x110000; &#99999999999; &#; &#x; &am &amp=",
        "<a b=&not c=&notx d='&not=' e=&notin;>",
        "<a b='unclosed> <c>",
        "\u{feff}x<é>y</é>",
    ] {
        assert_eq!(ours(input), theirs(input), "{input:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn reads_what_html5ever_reads_of_anything(input in pieces()) {
        prop_assert_eq!(ours(&input), theirs(&input));
    }
}

/// Strings of what makes tokenizers err.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "/",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "!",
        "--",
        "-",
        "<!--",
        "-->",
        "--!>",
        "?",
        "&",
        ";",
        "&amp",
        "&not",
        "it;",
        "&lt;",
        "&#x41",
        "&#",
        "a",
        "B",
        "p",
        "script",
        "<script",
        "</script",
        "style",
        "<title>",
        "</title",
        "<textarea>",
        "<plaintext>",
        "<xmp>",
        "</xmp>",
        "[CDATA[",
        "]]>",
        "é",
        "x=",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}
