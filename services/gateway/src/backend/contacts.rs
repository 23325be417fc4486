//! Contacts and companies as records: what stands in them decides what identity is told.

use super::records;
use crate::http::app::App;
use kernel::Error;
use proto::records::v1::{GetRecordRequest, Record, value::Kind};
use std::time::Duration;

/// How long a company's name may take; who waits for it does without.
const NAME: Duration = Duration::from_millis(500);

/// The contact itself, as its agent sees it: identity is told name and e-mail, and 404 is 404.
pub(crate) async fn contact(app: &App, id: &str) -> Result<Record, Error> {
    records::get(app, policy::CONTACTS, id, false).await
}

/// The company as its agent sees it; 404 is 404.
pub(crate) async fn company(app: &App, id: &str) -> Result<Record, Error> {
    records::get(app, policy::COMPANIES, id, false).await
}

/// The name of a company, for its visitors; empty when it can't be told now. Asked in the gateway's own name, since a
/// visitor may see nothing yet.
pub(crate) async fn company_name(app: &App, id: String) -> String {
    let request = GetRecordRequest { module: policy::COMPANIES.to_owned(), id, ..GetRecordRequest::default() };
    let mut records = app.clients.as_service().records();
    match tokio::time::timeout(NAME, records.get_record(request)).await {
        Ok(Ok(answer)) => answer.into_inner().record.map(|r| text_of(&r, "name")).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A text field of a record; empty when there is none.
pub(crate) fn text_of(record: &Record, field: &str) -> String {
    let found = record.fields.iter().find(|f| f.field == field).and_then(|f| f.value.as_ref()?.kind.as_ref());
    match found {
        Some(Kind::Text(text)) => text.clone(),
        Some(Kind::Integer(number)) => number.to_string(),
        Some(Kind::Boolean(_)) | None => String::new(),
    }
}
