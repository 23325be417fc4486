//! What happened around a contact's account, and what the contact did with records.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{ListActivityRequest, ListActivityResponse};

/// Everything that a contact has to do with the portal: its own word, so that nobody has to name them all.
const CUSTOMER_PORTAL: &str = "customer_portal";
const OF_THE_PORTAL: [&str; 5] = ["sign_in", "lock", "security", "support", "record"];
const ACCESS: &str = "access";

/// The touchpoints of a filter; none for all.
fn touchpoints(filter: &str) -> Result<Vec<String>, Error> {
    let mut chosen = Vec::new();
    for word in filter.split(',').map(str::trim).filter(|w| !w.is_empty()) {
        match word {
            CUSTOMER_PORTAL => chosen.extend(OF_THE_PORTAL.map(str::to_owned)),
            word if word == ACCESS || OF_THE_PORTAL.contains(&word) => chosen.push(word.to_owned()),
            _ => {
                let message = "One of customer_portal, sign_in, lock, security, support, record, access.";
                return Err(Error::invalid_field("touchpoint", "unknown_value", message));
            }
        }
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// A page of a user's activity, the newest first.
pub(crate) async fn activity_of(
    app: &App,
    user_id: &str,
    filter: &str,
    limit: i32,
    cursor: String,
) -> Result<ListActivityResponse, Error> {
    let request = ListActivityRequest { user_id: user_id.to_owned(), touchpoints: touchpoints(filter)?, limit, cursor };
    answer(app.clients.identity_administration().list_activity(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_portal_is_all_that_a_contact_does_there() {
        assert_eq!(touchpoints("").unwrap(), Vec::<String>::new());
        assert_eq!(touchpoints("customer_portal").unwrap(), ["lock", "record", "security", "sign_in", "support"]);
        assert_eq!(touchpoints("sign_in, sign_in,access").unwrap(), ["access", "sign_in"]);
        assert_eq!(touchpoints("phone").unwrap_err().fields[0].field, "touchpoint");
    }
}
