//! Parts of pages that are templates of their own. A macro is written out again at every place that uses it, so macros in
//! macros made single pages a quarter of a megabyte of template, and the compiler minutes of work.

use super::{Chrome, FormField, Part, Section, Shown};
use crate::Lang;
use askama::Template;

/// A field of a form with its label, hint and fault.
#[derive(Debug, Template)]
#[template(path = "components/whole_field.html")]
pub(crate) struct WholeField<'a> {
    lang: Lang,
    sprite: &'a str,
    field: &'a FormField,
}

impl FormField {
    /// As HTML.
    pub(crate) fn whole<'a>(&'a self, lang: &Lang, sprite: &'a str) -> WholeField<'a> {
        WholeField { lang: *lang, sprite, field: self }
    }
}

/// A value as it is shown.
#[derive(Debug, Template)]
#[template(path = "components/whole_value.html")]
pub(crate) struct WholeValue<'a> {
    lang: Lang,
    value: &'a Shown,
}

impl Shown {
    /// As HTML.
    pub(crate) fn whole<'a>(&'a self, lang: &Lang) -> WholeValue<'a> {
        WholeValue { lang: *lang, value: self }
    }
}

/// A part of a section.
#[derive(Debug, Template)]
#[template(path = "components/whole_part.html")]
pub(crate) struct WholePart<'a> {
    chrome: &'a Chrome,
    part: &'a Part,
}

impl Part {
    /// As HTML.
    pub(crate) fn whole<'a>(&'a self, chrome: &'a Chrome) -> WholePart<'a> {
        WholePart { chrome, part: self }
    }
}

/// A section of a page.
#[derive(Debug, Template)]
#[template(path = "components/whole_section.html")]
pub(crate) struct WholeSection<'a> {
    chrome: &'a Chrome,
    section: &'a Section,
}

impl Section {
    /// As HTML.
    pub(crate) fn whole<'a>(&'a self, chrome: &'a Chrome) -> WholeSection<'a> {
        WholeSection { chrome, section: self }
    }
}
