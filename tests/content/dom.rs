//! Reads HTML into a tree with html5ever alone, to judge output independently of the code that wrote it.

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, QualName, local_name, ns, parse_fragment};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write;
use std::rc::{Rc, Weak};

/// A node of the tree.
pub struct Node {
    parent: RefCell<Weak<Node>>,
    pub children: RefCell<Vec<Rc<Node>>>,
    pub kind: Kind,
}

/// What a node is.
pub enum Kind {
    Other,
    Element(QualName, Vec<Attribute>),
    Text(RefCell<String>),
}

/// Parses a fragment as the content of `body`; answers the node that holds it.
pub fn parse(html: &str) -> Rc<Node> {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts { scripting_enabled: false, ..Default::default() },
        ..Default::default()
    };
    let body = QualName::new(None, ns!(html), local_name!("body"));
    let document = parse_fragment(Sink(node(Kind::Other)), options, body, Vec::new(), false).one(html);
    document.children.take().swap_remove(0)
}

/// Every element below `node`, in document order.
pub fn elements(node: &Rc<Node>) -> Vec<Rc<Node>> {
    let mut found = Vec::new();
    let mut left = vec![node.clone()];
    while let Some(node) = left.pop() {
        left.extend(node.children.borrow().iter().rev().cloned());
        if matches!(node.kind, Kind::Element(..)) {
            found.push(node);
        }
    }
    found.remove(0);
    found
}

/// The tree as one line per node: attributes and classes sorted, runs of white space as one space, and
/// white space at the edges of a text dropped.
pub fn normal(html: &str) -> String {
    let mut out = String::new();
    lines(&parse(html), 0, &mut out);
    out
}

fn lines(node: &Rc<Node>, depth: usize, out: &mut String) {
    for child in node.children.borrow().iter() {
        match &child.kind {
            Kind::Other => {}
            Kind::Text(text) => {
                let words: Vec<_> = text.borrow().split_whitespace().map(str::to_owned).collect();
                if !words.is_empty() {
                    let _ = writeln!(out, "{:depth$}\"{}\"", "", words.join(" "));
                }
            }
            Kind::Element(name, attributes) => {
                let mut attributes: Vec<_> = attributes
                    .iter()
                    .map(|a| {
                        let mut value = a.value.to_string();
                        if &*a.name.local == "class" {
                            let mut classes: Vec<_> = value.split_ascii_whitespace().collect();
                            classes.sort_unstable();
                            value = classes.join(" ");
                        }
                        format!(" {}={value:?}", a.name.local)
                    })
                    .collect();
                attributes.sort_unstable();
                let _ = writeln!(out, "{:depth$}<{}{}>", "", name.local, attributes.concat());
                lines(child, depth + 1, out);
            }
        }
    }
}

fn node(kind: Kind) -> Rc<Node> {
    Rc::new(Node { parent: RefCell::default(), children: RefCell::default(), kind })
}

struct Sink(Rc<Node>);

impl Sink {
    fn insert(parent: &Rc<Node>, at: usize, child: NodeOrText<Rc<Node>>) {
        let child = match child {
            NodeOrText::AppendNode(child) => {
                detach(&child);
                child
            }
            NodeOrText::AppendText(text) => {
                if let Some(Kind::Text(known)) = at
                    .checked_sub(1)
                    .and_then(|at| Some(parent.children.borrow().get(at)?.clone()))
                    .as_ref()
                    .map(|n| &n.kind)
                {
                    known.borrow_mut().push_str(&text);
                    return;
                }
                node(Kind::Text(RefCell::new(text.to_string())))
            }
        };
        *child.parent.borrow_mut() = Rc::downgrade(parent);
        let mut children = parent.children.borrow_mut();
        let at = at.min(children.len());
        children.insert(at, child);
    }
}

fn detach(child: &Rc<Node>) {
    if let Some(parent) = child.parent.take().upgrade() {
        parent.children.borrow_mut().retain(|known| !Rc::ptr_eq(known, child));
    }
}

impl TreeSink for Sink {
    type Handle = Rc<Node>;
    type Output = Rc<Node>;
    type ElemName<'a> = &'a QualName;

    fn finish(self) -> Rc<Node> {
        self.0
    }
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn get_document(&self) -> Rc<Node> {
        self.0.clone()
    }
    fn elem_name<'a>(&'a self, target: &'a Rc<Node>) -> &'a QualName {
        match &target.kind {
            Kind::Element(name, _) => name,
            _ => panic!("not an element"),
        }
    }
    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Rc<Node> {
        node(Kind::Element(name, attrs))
    }
    fn create_comment(&self, _: StrTendril) -> Rc<Node> {
        node(Kind::Other)
    }
    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Node> {
        node(Kind::Other)
    }
    fn append(&self, parent: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        let at = parent.children.borrow().len();
        Self::insert(parent, at, child);
    }
    fn append_based_on_parent_node(
        &self,
        element: &Rc<Node>,
        previous: &Rc<Node>,
        child: NodeOrText<Rc<Node>>,
    ) {
        if element.parent.borrow().upgrade().is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn get_template_contents(&self, target: &Rc<Node>) -> Rc<Node> {
        target.clone()
    }
    fn same_node(&self, x: &Rc<Node>, y: &Rc<Node>) -> bool {
        Rc::ptr_eq(x, y)
    }
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn append_before_sibling(&self, sibling: &Rc<Node>, new: NodeOrText<Rc<Node>>) {
        if let NodeOrText::AppendNode(new) = &new {
            detach(new);
        }
        let parent = sibling.parent.borrow().upgrade().expect("a parent");
        let at =
            parent.children.borrow().iter().position(|known| Rc::ptr_eq(known, sibling)).expect("a child");
        Self::insert(&parent, at, new);
    }
    fn add_attrs_if_missing(&self, _: &Rc<Node>, _: Vec<Attribute>) {}
    fn remove_from_parent(&self, target: &Rc<Node>) {
        detach(target);
    }
    fn reparent_children(&self, from: &Rc<Node>, to: &Rc<Node>) {
        for child in from.children.take() {
            *child.parent.borrow_mut() = Rc::downgrade(to);
            to.children.borrow_mut().push(child);
        }
    }
}
