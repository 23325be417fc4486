//! What people and programs send: nothing of it makes the portal fail, and what is saved in one place is good in the others.

use crate::support::{company_and_contact, create, id, portal_user};
use anyhow::Result;
use http::Method;
use kit::Portal;
use serde_json::json;

const EVIL: [&str; 22] = [
    "",
    "%00",
    "a%00b",
    "%E2%80%AE",
    "%FF",
    "0000-01-01",
    "9999-12-31",
    "2026-07-30T12:00:00Z%5BUTC%5D",
    "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
    "%7B01890a5d-ac96-774b-bcce-b302099a8057%7D",
    "01890a5d-ac96-774b-bcce-b302099a8057",
    "-1",
    "0",
    "9223372036854775808",
    "NaN",
    "1e400",
    "null",
    "%5B%5D",
    "%7B%7D",
    "%22",
    "7e1f",
    "ffffffffffffffffffffffff",
];

/// Every route of the document that only reads, with each of these in each of its places and parameters.
#[tokio::test(flavor = "multi_thread")]
async fn no_question_makes_the_portal_fail() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let document = serde_json::to_value(gateway::openapi())?;
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let Some(route) = item.get("get") else { continue };
        let parameters: Vec<&str> =
            route["parameters"].as_array().into_iter().flatten().filter_map(|p| p["name"].as_str()).collect();
        let places = path.matches('{').count();
        for evil in EVIL {
            let mut urls = Vec::new();
            let filled = path.replace("{module}", "tickets").replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057");
            let filled = filled.replace("{token}", "plnk_x");
            urls.extend(parameters.iter().map(|name| format!("{filled}?{name}={evil}")));
            // The place last in the path.
            if places > 0
                && let Some((before, after)) = path.rsplit_once('{')
            {
                let after = after.split_once('}').map_or("", |(_, after)| after);
                urls.push(format!("{}{evil}{after}", before.replace("{module}", "tickets")));
            }
            for url in urls {
                let headers = [("x-portico-surface", "console")];
                let answer = admin.send(Method::GET, &url, &headers, Vec::new()).await?;
                // 503 is for what is away; nothing is.
                assert!(answer.status.as_u16() < 500, "{url}: {} {}", answer.status, answer.text());
                asked += 1;
            }
        }
    }
    assert!(asked > 500, "only {asked} questions");
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_of_a_contact_is_good_for_access_and_dates_are_such_as_somebody_means() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    // Names of full length and an international domain.
    let name = "é".repeat(100);
    let contact =
        create(&mut admin, "contacts", json!({"first_name": name, "last_name": name, "email": "emma@Bücher.example"}))
            .await?;
    assert_eq!(contact["fields"]["email"], "emma@xn--bcher-kva.example");
    portal.settle().await?;
    let path = format!("/admin/contacts/{}/portal-access", id(&contact));
    for (start, end, field, code) in [
        ("2026-01-01", "9999-12-31", "support_end", "out_of_range"),
        ("0026-01-01", "2099-12-31", "support_start", "out_of_range"),
        ("0000-01-01", "2099-12-31", "support_start", "not_a_date"),
        ("2027-01-01", "2026-01-01", "support_end", "before_start"),
    ] {
        let refused = admin.post(&path, json!({"support_start": start, "support_end": end})).await?.expect(422)?;
        assert_eq!(refused.field_errors(), [(field.to_owned(), code.to_owned())], "{start} {end}");
    }
    admin.post(&path, json!({"support_start": "2026-01-01", "support_end": "2099-12-31"})).await?.expect(200)?;
    portal.stop().await
}

/// proves: R04
#[tokio::test(flavor = "multi_thread")]
async fn a_company_says_what_hangs_on_it_before_it_goes_and_its_link_goes_with_it() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (company, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Printer"})).await?;
    let path = format!("/modules/companies/records/{company}");
    let found = admin.get(&format!("{path}/dependents")).await?.expect(200)?.json();
    assert_eq!(found["access"], json!({"portal_users": 1, "link_open": false}));
    assert!(found["items"].to_string().contains("\"contacts\""), "{found}");
    let etag = admin.get(&path).await?.header("etag").to_owned();
    let headers = [("if-match", etag.as_str())];
    let refused = admin.call_with("DELETE", &path, &headers, None).await?.expect(409)?;
    assert_eq!(refused.code(), "still_in_use");
    admin.call_with("DELETE", &format!("{path}?dependents=keep"), &headers, None).await?.expect(204)?;
    let seen = admin.get(&format!("/modules/tickets/records/{}", id(&ticket))).await?.expect(200)?.json();
    if seen["fields"]["company_id"] == json!(company) {
        assert_eq!(seen["titles"][&company], "Acme");
        assert_eq!(seen["deleted_titles"], json!([company]));
    }
    portal.stop().await
}
