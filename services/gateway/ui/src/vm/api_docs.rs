//! The page about the API: every operation with what it takes and answers, and the schemas behind. What it says about them
//! comes from the OpenAPI document and is English, as the API is; everything around it is in the reader's language.

use askama::Template;

use super::chrome::Chrome;

/// The page. Works as a reference without scripts; with them it filters while one types, and sends requests.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/api_docs.html")]
pub struct ApiDocsPage {
    /// Around the page.
    pub chrome: Chrome,
    /// What the document says of the API as a whole.
    pub about: String,
    /// Where the document is.
    pub document_url: String,
    /// What the operations are narrowed to; empty for all.
    pub filter: String,
    /// Operations by tag; tags without any that fit the filter are not there.
    pub tags: Vec<ApiTag>,
    /// The schemas that the operations name.
    pub schemas: Vec<ApiSchema>,
    /// What any refusal looks like, by status.
    pub refusals: Vec<ApiAnswer>,
}

/// Operations that belong together.
#[derive(Debug, Clone)]
pub struct ApiTag {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub text: String,
    /// In the order of the document.
    pub operations: Vec<ApiOperation>,
}

impl ApiTag {
    pub(crate) fn anchor(&self) -> String {
        format!("tag-{}", self.name.to_lowercase().replace(' ', "-"))
    }
}

/// One operation.
#[derive(Debug, Clone)]
pub struct ApiOperation {
    /// Its name, which is its anchor too.
    pub id: String,
    /// In capitals.
    pub method: String,
    /// From the root of the portal.
    pub path: String,
    /// One sentence.
    pub summary: String,
    /// More, if there is more to say.
    pub description: String,
    /// Who may call it; empty for everybody. Names of security schemes, joined where one needs another.
    pub access: Vec<String>,
    /// Parameters.
    pub parameters: Vec<ApiParameter>,
    /// The body, if it takes one.
    pub body: Option<ApiMedia>,
    /// What it answers when it works, and what it refuses in words of its own.
    pub answers: Vec<ApiAnswer>,
    /// Statuses of the refusals that any operation has.
    pub refusals: Vec<String>,
    /// A call of it for a terminal.
    pub curl: String,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct ApiParameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Its type.
    pub kind: String,
    /// It can't be left out.
    pub required: bool,
    /// What it is.
    pub text: String,
    /// A value that would do; may be empty.
    pub example: String,
}

/// A body or an answer.
#[derive(Debug, Clone)]
pub struct ApiMedia {
    /// Its schema; empty when it has no name.
    pub schema: String,
    /// Indented JSON; may be empty.
    pub example: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// Its status.
    pub status: String,
    /// What it means.
    pub text: String,
    /// Headers that it always has.
    pub headers: Vec<String>,
    /// What it holds; none without a body.
    pub media: Option<ApiMedia>,
}

/// A schema.
#[derive(Debug, Clone)]
pub struct ApiSchema {
    /// Its name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Its properties; empty for values.
    pub fields: Vec<ApiField>,
}

/// A property.
#[derive(Debug, Clone)]
pub struct ApiField {
    /// Its name.
    pub name: String,
    /// Its type, without the name of a schema.
    pub kind: String,
    /// The schema that it is made of; empty for plain types.
    pub schema: String,
    /// It is always there.
    pub required: bool,
    /// What it is.
    pub text: String,
}
