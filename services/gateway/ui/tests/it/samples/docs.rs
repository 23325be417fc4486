//! The page about the API.

use gateway_ui::Lang;
use gateway_ui::vm::*;

use super::bare;

pub(super) fn all(lang: Lang) -> Vec<(&'static str, ApiDocsPage)> {
    let media = |schema: &str| ApiMedia { schema: schema.to_owned(), example: "{\n  \"title\": \"<b>\"\n}".to_owned() };
    let answer = |status: &str, text: &str, media| ApiAnswer {
        status: status.to_owned(),
        text: text.to_owned(),
        headers: vec!["ETag".to_owned()],
        media,
    };
    let parameter = |name: &str, place: &str, required| ApiParameter {
        name: name.to_owned(),
        place: place.to_owned(),
        kind: "string".to_owned(),
        required,
        text: "What it is".to_owned(),
        example: if required { "tickets".to_owned() } else { String::new() },
    };
    let operation = ApiOperation {
        id: "createRecord".to_owned(),
        method: "POST".to_owned(),
        path: "/api/v1/modules/{module}/records".to_owned(),
        summary: "Create a record.".to_owned(),
        description: "With a key of its own it is made once.".to_owned(),
        access: vec!["apiToken".to_owned(), "portalSession + csrfToken".to_owned()],
        parameters: vec![parameter("module", "path", true), parameter("Idempotency-Key", "header", false)],
        body: Some(media("Fields")),
        answers: vec![answer("201", "Created", Some(media("Fields"))), answer("204", "Done", None)],
        refusals: vec!["401".to_owned(), "422".to_owned()],
        curl: "curl -X POST 'https://portal.example.com/'".to_owned(),
    };
    let open = ApiOperation {
        id: "getTerms".to_owned(),
        method: "GET".to_owned(),
        access: Vec::new(),
        parameters: Vec::new(),
        body: None,
        description: String::new(),
        ..operation.clone()
    };
    let field = |name: &str, schema: &str, text: &str| ApiField {
        name: name.to_owned(),
        kind: "object".to_owned(),
        schema: schema.to_owned(),
        required: text.is_empty(),
        text: text.to_owned(),
    };
    let schema = |name: &str, fields| ApiSchema { name: name.to_owned(), text: "What it is".to_owned(), fields };
    let tag = ApiTag { name: "Signing in".to_owned(), text: "Sessions.".to_owned(), operations: vec![operation, open] };
    let page = ApiDocsPage {
        chrome: bare(Surface::Portal, lang, "/api/docs"),
        about: "Customer portal.".to_owned(),
        document_url: "/api/openapi.json".to_owned(),
        filter: String::new(),
        tags: vec![tag],
        schemas: vec![
            schema("Fields", vec![field("fields", "Problem", ""), field("other", "", "More")]),
            schema("Problem", Vec::new()),
        ],
        refusals: vec![answer("422", "Not right", Some(media("Problem")))],
    };
    let nothing = ApiDocsPage { filter: "no such word".to_owned(), tags: Vec::new(), ..page.clone() };
    vec![("api-docs", page), ("api-docs-nothing", nothing)]
}
