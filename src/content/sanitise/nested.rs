//! The short way: HTML that is already well nested and within the allow list is written in one pass.
//!
//! Nearly everything servers send is: no tree is needed to see that. Whatever HTML's tree construction
//! (WHATWG HTML 13.2.6) would rearrange is left to [`tree`](super::tree). What this accepts reads back as
//! the same tree, so it also decides whether output is in its final form.

use super::allow::Element;
use super::write::{Values, Writer};
use super::{MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS};
use crate::content::references;
use crate::content::tokens::{Token, Tokens};

/// An open element and what its content may not hold.
#[derive(Clone, Copy)]
struct Open {
    element: Element,
    /// An `li` here would close one around it.
    in_item: bool,
}

/// Writes `input` in its final form, or `None` when that takes a tree or goes over a bound.
pub(super) fn write(input: &str) -> Option<String> {
    if input.len() > MAX_BYTES {
        return None;
    }
    let mut writer = Writer::with_capacity(input.len() + input.len() / 4);
    let mut open: Vec<Open> = Vec::new();
    let mut elements = 0;
    let mut after_pre = false;
    for token in Tokens::new(input) {
        let skip_line_feed = std::mem::take(&mut after_pre);
        match token {
            Token::Text(raw) => {
                let text = references::text(raw);
                let skip = usize::from(skip_line_feed && text.starts_with('\n'));
                writer.text(text.get(skip..)?);
            }
            Token::Literal(_) => return None,
            Token::Start(tag) => {
                let element = Element::named(tag.name)?;
                if !fits(element, &open) {
                    return None;
                }
                elements += 1;
                let values = Values::of(element, tag.attributes(), references::attribute);
                if elements > MAX_ELEMENTS || !writer.open(element, &values) {
                    return None;
                }
                if element == Element::Br {
                    continue;
                }
                let in_item = match element {
                    Element::Li => true,
                    Element::Ul | Element::Ol | Element::Blockquote | Element::Pre => false,
                    _ => open.last().is_some_and(|outer| outer.in_item),
                };
                open.push(Open { element, in_item });
                if open.len() > MAX_DEPTH {
                    return None;
                }
                after_pre = element == Element::Pre;
            }
            Token::End(tag) => {
                let element = Element::named(tag.name)?;
                if open.pop()?.element != element {
                    return None;
                }
                writer.close(element);
            }
        }
    }
    for closed in open.iter().rev() {
        writer.close(closed.element);
    }
    Some(writer.out).filter(|out| out.len() <= MAX_BYTES)
}

/// True when `element` may start here without closing anything (13.2.6.4.7, "in body").
fn fits(element: Element, open: &[Open]) -> bool {
    let inside = |outer| open.iter().any(|o| o.element == outer);
    match element {
        Element::P | Element::Ul | Element::Ol | Element::Pre | Element::Blockquote => !inside(Element::P),
        Element::Li => !inside(Element::P) && !open.last().is_some_and(|outer| outer.in_item),
        Element::A => !inside(Element::A),
        Element::Rt | Element::Rp => {
            let implied = open.last().is_some_and(|outer| {
                matches!(outer.element, Element::P | Element::Li | Element::Rt | Element::Rp)
            });
            !(implied && inside(Element::Ruby))
        }
        _ => true,
    }
}
