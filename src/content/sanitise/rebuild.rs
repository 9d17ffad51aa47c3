//! Writes what the allow list keeps of a tree, the way Mastodon 4.6 does (`MASTODON_STRICT` and sanitize 7.0).
//!
//! Headings become bold paragraphs, formulas their TeX source, links to other schemes their text; script
//! and style go with their content; of everything else the text stays, and blocks leave a space.

use html5ever::{LocalName, ns};

use super::allow::{self, Element};
use super::tree::{Data, Id, NONE, Node};
use super::write::{Values, Writer};

/// What is left to do when an element's children are written.
enum Task {
    Visit(Id),
    Close(Element),
    Space,
}

/// Writes the children of the fragment's root.
pub(super) fn write(nodes: &[Node]) -> String {
    let mut writer = Writer::default();
    let mut tasks = vec![Task::Visit(0)];
    while let Some(task) = tasks.pop() {
        let id = match task {
            Task::Visit(id) => id,
            Task::Close(element) => {
                writer.close(element);
                continue;
            }
            Task::Space => {
                writer.text(" ");
                continue;
            }
        };
        let Some(node) = nodes.get(id) else { continue };
        if node.next != NONE {
            tasks.push(Task::Visit(node.next));
        }
        match &node.data {
            Data::Nothing => {
                if id == 0 {
                    // The document holds the `html` element, which holds the fragment.
                    let root = nodes.get(node.first).map_or(NONE, |root| root.first);
                    tasks.push(Task::Visit(root));
                }
            }
            Data::Text(text) => writer.text(text),
            Data::Element(name, _) if name.ns != ns!(html) => {
                if &*name.local == "math" {
                    writer.text(&formula(nodes, node));
                }
            }
            Data::Element(name, attributes) => {
                let of = |element| {
                    let given = attributes.iter().map(|a| (&*a.name.local, &*a.value));
                    Values::of(element, given, std::borrow::Cow::Borrowed)
                };
                let name: &LocalName = &name.local;
                if matches!(&**name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
                    writer.open(Element::P, &Values::default());
                    writer.open(Element::Strong, &of(Element::Strong));
                    tasks.extend([Task::Close(Element::P), Task::Close(Element::Strong)]);
                    tasks.push(Task::Visit(node.first));
                } else if let Some(element) = Element::named(name) {
                    if !writer.open(element, &of(element)) {
                        writer.text(&text_of(nodes, node));
                    } else if element != Element::Br {
                        tasks.extend([Task::Close(element), Task::Visit(node.first)]);
                    }
                } else {
                    if allow::leaves_space(name) {
                        writer.text(" ");
                        if node.first != NONE {
                            tasks.push(Task::Space);
                        }
                    }
                    if !allow::loses_content(name) {
                        tasks.push(Task::Visit(node.first));
                    }
                }
            }
        }
    }
    writer.out
}

/// The text inside a node, without that of scripts and styles.
fn text_of(nodes: &[Node], node: &Node) -> String {
    let mut text = String::new();
    let mut left = vec![node.first];
    while let Some(id) = left.pop() {
        let Some(node) = nodes.get(id) else { continue };
        left.push(node.next);
        match &node.data {
            Data::Text(more) => text.push_str(more),
            Data::Element(name, _) if allow::loses_content(&name.local) => {}
            _ => left.push(node.first),
        }
    }
    text
}

/// The TeX of a formula between dollar signs, or its plain text (FEP-dc88).
fn formula(nodes: &[Node], math: &Node) -> String {
    let children = |parent: &Node| {
        let first = nodes.get(parent.first);
        std::iter::successors(first, |node| nodes.get(node.next))
    };
    let named =
        |node: &Node, wanted: &str| matches!(&node.data, Data::Element(name, _) if &*name.local == wanted);
    let attribute = |node: &Node, wanted: &str| match &node.data {
        Data::Element(_, attributes) => {
            attributes.iter().find(|a| &*a.name.local == wanted).map(|a| a.value.to_string())
        }
        _ => None,
    };
    let semantics = children(math).find(|node| matches!(node.data, Data::Element(..)));
    let Some(semantics) = semantics.filter(|node| named(node, "semantics")) else { return String::new() };
    let annotation = |encoding: &str| {
        children(semantics)
            .find(|node| {
                named(node, "annotation") && attribute(node, "encoding").as_deref() == Some(encoding)
            })
            .map(|node| text_of(nodes, node))
    };
    if let Some(tex) = annotation("application/x-tex") {
        let dollars = if attribute(math, "display").as_deref() == Some("block") { "$$" } else { "$" };
        return format!("{dollars}{tex}{dollars}");
    }
    annotation("text/plain").unwrap_or_default()
}
