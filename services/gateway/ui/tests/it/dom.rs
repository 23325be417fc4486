//! A small document tree that html5ever fills: enough to ask questions about a page.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document, parse_fragment};

/// Something in the tree.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Element name; empty for texts and the document.
    pub(crate) name: String,
    /// Attributes in order.
    pub(crate) attributes: Vec<(String, String)>,
    /// Own text of a text node.
    pub(crate) text: String,
    /// Children, by index.
    pub(crate) children: Vec<usize>,
    /// Parent, by index.
    pub(crate) parent: Option<usize>,
    qualified: Option<Arc<QualName>>,
}

/// A parsed page and what the parser complained about.
#[derive(Debug)]
pub(crate) struct Dom {
    /// All nodes; 0 is the document.
    pub(crate) nodes: Vec<Node>,
    /// Complaints.
    pub(crate) errors: Vec<String>,
}

impl Dom {
    /// Parses a whole page.
    pub(crate) fn page(html: &str) -> Self {
        let options = ParseOpts::default();
        parse_document(Sink::default(), options).one(html)
    }

    /// Parses what a swap puts inside a `<div>`.
    pub(crate) fn fragment(html: &str) -> Self {
        let div = QualName::new(None, html5ever::ns!(html), LocalName::from("div"));
        parse_fragment(Sink::default(), ParseOpts::default(), div, Vec::new(), false).one(html)
    }

    /// Every element.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().filter(|(_, node)| !node.name.is_empty())
    }

    /// Every element of a name.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, &'a Node)> {
        self.elements().filter(move |(_, node)| node.name == name)
    }

    /// The nearest ancestor of a name.
    pub(crate) fn ancestor(&self, node: usize, name: &str) -> Option<usize> {
        let mut at = self.nodes[node].parent;
        while let Some(index) = at {
            if self.nodes[index].name == name {
                return Some(index);
            }
            at = self.nodes[index].parent;
        }
        None
    }

    /// Everything below a node, itself first.
    pub(crate) fn below(&self, node: usize) -> Vec<usize> {
        let mut found = vec![node];
        let mut at = 0;
        while let Some(&index) = found.get(at) {
            found.extend(&self.nodes[index].children);
            at += 1;
        }
        found
    }

    /// All text below a node.
    pub(crate) fn text(&self, node: usize) -> String {
        self.raw_text(node).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The same with its spaces and line breaks.
    pub(crate) fn raw_text(&self, node: usize) -> String {
        fn collect(dom: &Dom, node: usize, out: &mut String) {
            out.push_str(&dom.nodes[node].text);
            for &child in &dom.nodes[node].children {
                collect(dom, child, out);
            }
        }
        let mut out = String::new();
        collect(self, node, &mut out);
        out
    }
}

impl Node {
    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Sink {
    nodes: RefCell<Vec<Node>>,
    errors: RefCell<Vec<String>>,
}

#[derive(Debug)]
struct Name(Arc<QualName>);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Sink {
    fn put(&self, node: Node) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        if nodes.is_empty() {
            nodes.push(Node::default());
        }
        nodes.push(node);
        nodes.len() - 1
    }

    fn attach(&self, parent: usize, before: Option<usize>, child: NodeOrText<usize>) {
        let child = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => self.put(Node { text: text.to_string(), ..Node::default() }),
        };
        let mut nodes = self.nodes.borrow_mut();
        nodes[child].parent = Some(parent);
        let siblings = &mut nodes[parent].children;
        let at = before.and_then(|before| siblings.iter().position(|&sibling| sibling == before));
        siblings.insert(at.unwrap_or(siblings.len()), child);
    }
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Dom;
    type ElemName<'a> = Name;

    fn finish(self) -> Dom {
        Dom { nodes: self.nodes.into_inner(), errors: self.errors.into_inner() }
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.errors.borrow_mut().push(message.into_owned());
    }

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name {
        let nodes = self.nodes.borrow();
        Name(Arc::clone(nodes[*target].qualified.as_ref().expect("only elements are asked for their name")))
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> usize {
        self.put(Node {
            name: name.local.to_string(),
            attributes: attributes.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect(),
            qualified: Some(Arc::new(name)),
            ..Node::default()
        })
    }

    fn create_comment(&self, _: StrTendril) -> usize {
        self.put(Node::default())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.put(Node::default())
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.attach(*parent, None, child);
    }

    fn append_based_on_parent_node(&self, element: &usize, previous: &usize, child: NodeOrText<usize>) {
        let parent = self.nodes.borrow()[*element].parent;
        match parent {
            Some(parent) => self.attach(parent, Some(*element), child),
            None => self.attach(*previous, None, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        if mode != QuirksMode::NoQuirks {
            self.errors.borrow_mut().push(format!("{mode:?}"));
        }
    }

    fn append_before_sibling(&self, sibling: &usize, node: NodeOrText<usize>) {
        let parent = self.nodes.borrow()[*sibling].parent.expect("a sibling has a parent");
        self.attach(parent, Some(*sibling), node);
    }

    fn add_attrs_if_missing(&self, _: &usize, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &usize) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(parent) = nodes[*target].parent.take() {
            nodes[parent].children.retain(|child| child != target);
        }
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let moved = std::mem::take(&mut self.nodes.borrow_mut()[*node].children);
        for child in moved {
            self.attach(*new_parent, None, NodeOrText::AppendNode(child));
        }
    }
}
