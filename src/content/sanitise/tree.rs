//! The long way: HTML built into a tree as browsers do (WHATWG HTML 13.2.6, by html5ever's tree builder).
//!
//! The tree lives in one vector. Every question the tree builder asks is counted: what an input costs is
//! known exactly, and building stops when a bound is reached.

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName, local_name, ns};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use super::{MAX_DEPTH, MAX_ELEMENTS, MAX_STEPS};

/// A node's number in the tree.
pub(super) type Id = usize;

/// No node.
pub(super) const NONE: Id = usize::MAX;

/// What a node is.
pub(super) enum Data {
    /// The root, or something that leaves no trace.
    Nothing,
    /// An element with its attributes.
    Element(QualName, Vec<Attribute>),
    /// Text.
    Text(StrTendril),
}

/// A node and its neighbours.
pub(super) struct Node {
    pub(super) data: Data,
    pub(super) first: Id,
    pub(super) next: Id,
    last: Id,
    previous: Id,
    parent: Id,
    depth: usize,
}

/// A tree under construction.
pub(super) struct Tree {
    nodes: RefCell<Vec<Node>>,
    elements: Cell<usize>,
    steps: Cell<usize>,
    too_deep: Cell<bool>,
}

impl Tree {
    /// A tree that holds its document and, outside it, the `body` a fragment is read in.
    pub(super) fn with_body() -> (Self, Id) {
        let tree = Self {
            nodes: RefCell::default(),
            elements: Cell::default(),
            steps: Cell::default(),
            too_deep: Cell::default(),
        };
        tree.add(Data::Nothing);
        let body = tree.add(Data::Element(QualName::new(None, ns!(html), local_name!("body")), Vec::new()));
        (tree, body)
    }

    /// Questions the tree builder asked so far.
    pub(super) fn steps(&self) -> usize {
        self.steps.get()
    }

    /// True when a bound is reached.
    pub(super) fn over(&self) -> bool {
        // The `html` element above the fragment is counted with it.
        self.too_deep.get() || self.elements.get() > MAX_ELEMENTS + 1 || self.steps.get() > MAX_STEPS
    }

    /// The nodes, of which the first is the document.
    pub(super) fn into_nodes(self) -> Vec<Node> {
        self.nodes.into_inner()
    }

    fn add(&self, data: Data) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node {
            data,
            first: NONE,
            last: NONE,
            next: NONE,
            previous: NONE,
            parent: NONE,
            depth: 0,
        });
        nodes.len() - 1
    }

    fn step(&self) {
        self.steps.set(self.steps.get() + 1);
    }

    /// Reads one field of a node.
    fn get(&self, id: Id, field: impl Fn(&Node) -> Id) -> Id {
        self.nodes.borrow().get(id).map_or(NONE, field)
    }

    fn set(&self, id: Id, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.borrow_mut().get_mut(id) {
            change(node);
        }
    }

    /// Appends to the text node `id`; false when it is none.
    fn extend_text(&self, id: Id, more: &StrTendril) -> bool {
        match self.nodes.borrow_mut().get_mut(id).map(|node| &mut node.data) {
            Some(Data::Text(text)) => {
                text.push_tendril(more);
                true
            }
            _ => false,
        }
    }

    fn detach(&self, id: Id) {
        let (parent, previous, next) =
            (self.get(id, |n| n.parent), self.get(id, |n| n.previous), self.get(id, |n| n.next));
        self.set(previous, |n| n.next = next);
        self.set(next, |n| n.previous = previous);
        self.set(parent, |n| {
            if n.first == id {
                n.first = next;
            }
            if n.last == id {
                n.last = previous;
            }
        });
        self.set(id, |n| (n.parent, n.previous, n.next) = (NONE, NONE, NONE));
    }

    /// Puts `id` under `parent`, before `next` or last.
    fn attach(&self, parent: Id, id: Id, next: Id) {
        self.step();
        self.detach(id);
        let previous =
            if next == NONE { self.get(parent, |n| n.last) } else { self.get(next, |n| n.previous) };
        let depth = self.nodes.borrow().get(parent).map_or(0, |n| n.depth) + 1;
        self.set(id, |n| {
            (n.parent, n.previous, n.next, n.depth) = (parent, previous, next, depth);
            // The document and its `html` element are above the fragment.
            if depth > MAX_DEPTH + 1 && matches!(n.data, Data::Element(..)) {
                self.too_deep.set(true);
            }
        });
        self.set(previous, |n| n.next = id);
        self.set(next, |n| n.previous = id);
        self.set(parent, |n| {
            if previous == NONE {
                n.first = id;
            }
            if next == NONE {
                n.last = id;
            }
        });
    }
}

/// The name of an element in the tree.
#[derive(Debug)]
pub(super) struct Name<'a>(Ref<'a, QualName>);

impl ElemName for Name<'_> {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

/// The name a node that is no element answers with; the tree builder never asks for it.
static NO_NAME: QualName = QualName { prefix: None, ns: ns!(), local: local_name!("") };

impl TreeSink for Tree {
    type Handle = Id;
    type Output = ();
    type ElemName<'a> = Name<'a>;

    fn finish(self) {}

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Name<'a> {
        self.step();
        Name(Ref::map(self.nodes.borrow(), |nodes| match nodes.get(*target).map(|node| &node.data) {
            Some(Data::Element(name, _)) => name,
            _ => &NO_NAME,
        }))
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Id {
        self.elements.set(self.elements.get() + 1);
        self.steps.set(self.steps.get() + 1 + attrs.len());
        self.add(Data::Element(name, attrs))
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.add(Data::Nothing)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.add(Data::Nothing)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        match child {
            NodeOrText::AppendNode(id) => self.attach(*parent, id, NONE),
            NodeOrText::AppendText(text) => {
                self.step();
                if !self.extend_text(self.get(*parent, |n| n.last), &text) {
                    let id = self.add(Data::Text(text));
                    self.attach(*parent, id, NONE);
                }
            }
        }
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        if self.get(*element, |n| n.parent) == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// A template's content is kept as its children.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        self.step();
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, new: NodeOrText<Id>) {
        let parent = self.get(*sibling, |n| n.parent);
        match new {
            NodeOrText::AppendNode(id) => self.attach(parent, id, *sibling),
            NodeOrText::AppendText(text) => {
                self.step();
                if !self.extend_text(self.get(*sibling, |n| n.previous), &text) {
                    let id = self.add(Data::Text(text));
                    self.attach(parent, id, *sibling);
                }
            }
        }
    }

    fn add_attrs_if_missing(&self, _: &Id, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Id) {
        self.step();
        self.detach(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        loop {
            let child = self.get(*node, |n| n.first);
            if child == NONE {
                break;
            }
            self.attach(*new_parent, child, NONE);
        }
    }
}
