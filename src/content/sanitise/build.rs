//! Feeds the tokens of a fragment to html5ever's tree builder and stops it at a bound.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{self, TagKind, TokenSink, TokenSinkResult, states::RawKind};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, local_name, ns};

use super::tree::{Node, Tree};
use crate::content::references;
use crate::content::tokens::{Raw, Tag, Token, Tokens};

/// A finished tree.
pub(super) struct Built {
    pub(super) nodes: Vec<Node>,
    /// Questions the tree builder asked.
    #[cfg_attr(not(test), expect(dead_code, reason = "what tests assert instead of time"))]
    pub(super) steps: usize,
}

/// Builds the tree of a fragment inside `body`: its nodes, of which the first is the document. Over a bound
/// the error is the number of steps taken.
pub(super) fn fragment(input: &str) -> Result<Built, usize> {
    let (tree, body) = Tree::with_body();
    let options = TreeBuilderOpts { scripting_enabled: false, drop_doctype: true, ..Default::default() };
    let builder = TreeBuilder::new_for_fragment(tree, body, None, options);
    let sections = input.contains("<![CDATA[");
    let mut tokens = Tokens::new(input);
    loop {
        tokens.foreign = sections && builder.adjusted_current_node_present_but_not_in_html_namespace();
        let Some(token) = tokens.next() else { break };
        let token = match token {
            Token::Text(raw) => characters(&references::text(raw)),
            Token::Literal(text) => characters(text),
            Token::Start(tag) => tag_token(TagKind::StartTag, &tag),
            Token::End(tag) => tag_token(TagKind::EndTag, &tag),
        };
        match builder.process_token(token, 1) {
            TokenSinkResult::Plaintext => tokens.enter(Raw::Plaintext),
            TokenSinkResult::RawData(RawKind::Rcdata) => tokens.enter(Raw::Rcdata),
            TokenSinkResult::RawData(RawKind::Rawtext) => tokens.enter(Raw::Rawtext),
            TokenSinkResult::RawData(_) => tokens.enter(Raw::Script),
            _ => {}
        }
        if builder.sink.over() {
            return Err(builder.sink.steps());
        }
    }
    let _ = builder.process_token(tokenizer::Token::EOFToken, 1);
    let tree = builder.sink;
    let steps = tree.steps();
    if tree.over() { Err(steps) } else { Ok(Built { nodes: tree.into_nodes(), steps }) }
}

fn characters(text: &str) -> tokenizer::Token {
    tokenizer::Token::CharacterTokens(StrTendril::from_slice(text))
}

/// Only attributes that survive, or that tree construction looks at, come along.
fn tag_token(kind: TagKind, tag: &Tag<'_>) -> tokenizer::Token {
    let mut attrs: Vec<Attribute> = Vec::new();
    if kind == TagKind::StartTag {
        for (name, value) in tag.attributes() {
            let Some(name) = attribute_name(name) else { continue };
            if attrs.iter().all(|known| known.name.local != name) {
                let value = StrTendril::from_slice(&references::attribute(value));
                attrs.push(Attribute { name: QualName::new(None, ns!(), name), value });
            }
        }
    }
    tokenizer::Token::TagToken(tokenizer::Tag {
        kind,
        name: LocalName::from(tag.name.to_ascii_lowercase()),
        self_closing: tag.self_closing,
        attrs,
        had_duplicate_attributes: false,
    })
}

fn attribute_name(name: &str) -> Option<LocalName> {
    [
        ("href", local_name!("href")),
        ("class", local_name!("class")),
        ("lang", local_name!("lang")),
        ("translate", local_name!("translate")),
        ("start", local_name!("start")),
        ("reversed", local_name!("reversed")),
        ("value", local_name!("value")),
        ("type", local_name!("type")),
        ("encoding", local_name!("encoding")),
        ("display", local_name!("display")),
        ("color", local_name!("color")),
        ("face", local_name!("face")),
        ("size", local_name!("size")),
    ]
    .into_iter()
    .find_map(|(known, atom)| known.eq_ignore_ascii_case(name).then_some(atom))
}
