//! The list of a module's records, in portal and console.

use askama::Template;

use super::chrome::Chrome;
use super::console::Tab;
use super::form::Choice;
use super::pager::Pager;
use super::selection::Choosing;
use super::shown::{ModuleName, Shown};
use crate::Lang;
use crate::query::ListQuery;

/// How many records match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The count.
    pub count: u64,
    /// True when counting stopped at this number: "1,000+" is shown.
    pub capped: bool,
}

/// Mine or my company's, for viewers whose scope is *company*.
#[derive(Debug, Clone)]
pub struct ScopeSwitch {
    /// The list of the viewer's own records.
    pub mine_url: String,
    /// The list of the company's records.
    pub company_url: String,
    /// Whether the list is narrowed to the viewer's own now.
    pub mine: bool,
}

/// The search box; part of the filter form.
#[derive(Debug, Clone)]
pub struct SearchBox {
    /// Where the form leads by GET, without query.
    pub action: String,
    /// What was typed; the parameter is `q`.
    pub query: String,
    /// Parameters that the form carries along (`sort`, `scope`), as name and value.
    pub hidden: Vec<(String, String)>,
}

/// A filter by a picklist field; the parameter is `f.<field>`.
#[derive(Debug, Clone)]
pub struct PicklistFilter {
    /// The field's name.
    pub field: String,
    /// The field's label.
    pub label: String,
    /// Its values; "any" is added by the page.
    pub choices: Vec<Choice>,
}

impl PicklistFilter {
    pub(crate) fn active(&self) -> bool {
        self.choices.iter().any(|choice| choice.selected)
    }
}

/// How a list is sorted by a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// The column can't be sorted by.
    Fixed,
    /// Not sorted by it; the link sorts upwards.
    Unsorted {
        /// Link.
        url: String,
    },
    /// Sorted upwards; the link sorts downwards.
    Ascending {
        /// Link.
        url: String,
    },
    /// Sorted downwards; the link sorts upwards.
    Descending {
        /// Link.
        url: String,
    },
}

impl Sort {
    pub(crate) fn aria(&self) -> &'static str {
        match self {
            Self::Ascending { .. } => "ascending",
            Self::Descending { .. } => "descending",
            Self::Fixed | Self::Unsorted { .. } => "none",
        }
    }
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Label in the viewer's language.
    pub label: String,
    /// Sorting.
    pub sort: Sort,
    /// Aligned to the end.
    pub numeric: bool,
}

impl Column {
    /// The first column: the records' numbers.
    pub fn number(lang: Lang, sort: Sort) -> Self {
        Self { label: lang.t("list-number"), sort, numeric: false }
    }
}

/// A record of the list.
#[derive(Debug, Clone)]
pub struct ListRow {
    /// Its id.
    pub id: String,
    /// Its version, as far as the viewer sees changes.
    pub version: i64,
    /// Its page.
    pub url: String,
    /// "TT1042"; always the first column.
    pub number: String,
    /// The title; always the second column, and the link.
    pub title: String,
    /// The other columns, as many as [`ListPage::columns`] after the first two.
    pub cells: Vec<Shown>,
    /// Deleted, shown to agents only.
    pub deleted: bool,
    /// Something has happened since the viewer looked last.
    pub unread: bool,
}

/// Why a list is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Empty {
    /// There is nothing yet.
    NothingYet,
    /// Nothing matches search and filters.
    NoMatch,
    /// There is nothing in this view.
    InView,
}

/// The list of a module's records. With the header `HX-Request` the same page is answered; the script takes what it needs.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/list.html")]
pub struct ListPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The module.
    pub module: ModuleName,
    /// How many match, when counted.
    pub total: Option<Total>,
    /// The creation form; `None` when the viewer may not create.
    pub create_url: Option<String>,
    /// Portal access for all of these contacts; `None` elsewhere, or when the viewer may not.
    pub bulk_url: Option<String>,
    /// What can be done with chosen records; `None` where the viewer changes none.
    pub choosing: Option<Choosing>,
    /// Mine or my company's.
    pub scope: Option<ScopeSwitch>,
    /// The views of the list; none where there is only one.
    pub tabs: Vec<Tab>,
    /// Search.
    pub search: SearchBox,
    /// Filters.
    pub filters: Vec<PicklistFilter>,
    /// The list without search and filters; `None` when neither is set.
    pub clear_url: Option<String>,
    /// Columns: the first is the number, the second the title.
    pub columns: Vec<Column>,
    /// Records of this page.
    pub rows: Vec<ListRow>,
    /// Why `rows` is empty.
    pub empty: Empty,
    /// First and next.
    pub pager: Pager,
    /// The search or a filter could not be understood; the list is shown without it.
    pub bad_query: bool,
}

impl ListPage {
    pub(crate) fn column_label(&self, index: &usize) -> &str {
        self.columns.get(index + 2).map_or("", |column| column.label.as_str())
    }

    pub(crate) fn no_match(&self) -> bool {
        self.empty == Empty::NoMatch
    }

    pub(crate) fn in_view(&self) -> bool {
        self.empty == Empty::InView
    }
}

impl Total {
    /// "1,204", or "1,000+" when counting stopped.
    pub fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        let number = crate::fmt::integer(i64::try_from(self.count).unwrap_or(i64::MAX), lang);
        if self.capped { lang.t1("list-total-capped", "number", number) } else { number }
    }
}

/// The controls of a list page: each changes one part of its address and keeps the rest.
impl ListQuery {
    /// The search box, carrying scope and sort along.
    pub fn search_box(&self, path: &str) -> SearchBox {
        let mut hidden = Vec::new();
        if !self.view.is_empty() {
            hidden.push(("view".to_owned(), self.view.clone()));
        }
        if self.mine {
            hidden.push(("scope".to_owned(), "mine".to_owned()));
        }
        if !self.sort.is_empty() {
            hidden.push(("sort".to_owned(), self.sort.clone()));
        }
        SearchBox { action: path.to_owned(), query: self.q.clone(), hidden }
    }

    /// The switch between mine and my company's, keeping search, filters and sort.
    pub fn scope_switch(&self, path: &str) -> ScopeSwitch {
        let with = |mine| Self { mine, cursor: String::new(), ..self.clone() }.url(path);
        ScopeSwitch { mine_url: with(true), company_url: with(false), mine: self.mine }
    }

    /// How the list is sorted by a field, with the link that a click on its heading follows. `default` is the sort
    /// that an empty one stands for.
    pub fn sort(&self, field: &str, default: &str, path: &str) -> Sort {
        let with = |sort: String| Self { sort, cursor: String::new(), ..self.clone() }.url(path);
        let now = if self.sort.is_empty() { default } else { self.sort.as_str() };
        match now.strip_prefix('-') {
            Some(name) if name == field => Sort::Descending { url: with(field.to_owned()) },
            None if now == field => Sort::Ascending { url: with(format!("-{field}")) },
            _ => Sort::Unsorted { url: with(field.to_owned()) },
        }
    }

    /// First and next page; `next_cursor` as the service gave it, empty on the last page.
    pub fn pager(&self, next_cursor: &str, path: &str) -> Pager {
        let at = |cursor: &str| Self { cursor: cursor.to_owned(), ..self.clone() }.url(path);
        Pager {
            first_url: (!self.cursor.is_empty()).then(|| at("")),
            next_url: (!next_cursor.is_empty()).then(|| at(next_cursor)),
        }
    }
}
