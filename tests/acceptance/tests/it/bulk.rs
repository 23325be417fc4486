//! Portal access for many contacts at once.

use crate::support::{company_and_contact, contact_of, create, dates, id, items};
use anyhow::{Context, Result, ensure};
use kit::Portal;
use serde_json::json;

/// proves: A05
#[tokio::test(flavor = "multi_thread")]
async fn a_company_gets_access_by_form_after_a_report_that_changes_nothing() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (acme, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let marco = contact_of(&mut admin, &acme, "marco@acme.test").await?;
    create(&mut admin, "contacts", json!({"last_name": "Silent", "company_id": acme})).await?;
    admin.post(&format!("/admin/contacts/{emma}/portal-access"), dates()).await?.expect(200)?;
    portal.settle().await?;

    let form = "/console/bulk/new";
    let open = admin.page(form).await?.expect(200)?;
    let found = admin.submit(&open, form, &[("company_q", "Acm"), ("lookup", "1")]).await?.expect(200)?;
    assert!(found.text().contains(&acme), "the search offers the company");
    let nobody = admin.submit(&found, form, &[("support_start", "2020-01-01"), ("support_end", "2099-12-31")]).await?;
    assert!(nobody.expect(422)?.text().contains("error-summary"));
    let wanted = [
        ("company", acme.as_str()),
        ("contacts", "marco@acme.test\nnobody@acme.test"),
        ("support_start", "2020-01-01"),
        ("support_end", "2099-12-31"),
        ("invite", "true"),
    ];
    let report = admin.submit(&found, form, &wanted).await?.expect(200)?;
    assert!(report.text().contains("nobody@acme.test"), "who was not found is named");
    let access = admin.get(&format!("/admin/contacts/{marco}/portal-access")).await?.expect(200)?.json();
    assert_eq!(access["enabled"], false, "a report changes nothing");
    let started = admin.submit(&report, form, &[]).await?.expect(303)?;
    let job_page = started.header("location").to_owned();
    let job = job_page.rsplit('/').next().context("an id")?.to_owned();
    let path = format!("/admin/portal-access/bulk/{job}");
    let job = kit::eventually("the job to end", async || {
        let job = admin.clone().get(&path).await?.expect(200)?.json();
        ensure!(job["state"] == "finished", "{job}");
        Ok(job)
    })
    .await?;
    assert_eq!((&job["contacts"], &job["enabled"], &job["skipped"]), (&json!(3), &json!(1), &json!(2)), "{job}");
    let skipped = items(&admin.get(&format!("{path}/rows?state=skipped")).await?.expect(200)?.json());
    let mut reasons: Vec<_> = skipped.iter().map(|r| r["reason"].as_str().unwrap_or_default()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["already_enabled", "no_email"]);
    portal.mail_to("marco@acme.test", "").await?;

    let page = admin.page(&format!("{job_page}?state=enabled")).await?.expect(200)?.text();
    assert!(page.contains("marco@acme.test") && !page.contains("emma@acme.test"));
    let file = admin.page(&format!("{job_page}/rows.csv")).await?.expect(200)?;
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(file.text().lines().count(), 4, "a head and three contacts: {}", file.text());
    assert!(admin.page("/console/bulk").await?.expect(200)?.text().contains(&job_page));
    portal.stop().await
}

/// proves: A05
#[tokio::test(flavor = "multi_thread")]
async fn the_api_reports_starts_once_and_refuses_nobody() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let fields = json!({"last_name": "Rossi", "email": "emma@acme.test"});
    let contact = id(&create(&mut admin, "contacts", fields).await?);
    portal.settle().await?;
    let body = |dry_run: bool, contacts: &[&str]| json!({"contact_ids": contacts, "support_start": "2020-01-01", "support_end": "2099-12-31", "dry_run": dry_run});
    let path = "/admin/portal-access/bulk";
    let plan = admin.post(path, body(true, &[&contact])).await?.expect(200)?.json();
    assert_eq!((&plan["contacts"], &plan["outcomes"]["enable"]), (&json!(1), &json!(1)));
    admin.post(path, body(true, &[])).await?.expect(422)?;
    let key = [("idempotency-key", "same")];
    let first = admin.call_with("POST", path, &key, Some(body(false, &[&contact]))).await?.expect(202)?.json();
    let again = admin.call_with("POST", path, &key, Some(body(false, &[&contact]))).await?.expect(202)?.json();
    assert_eq!(first["id"], again["id"], "one press is one job");
    let viewer = &mut portal.agent("viewer@test.test", "viewer").await?;
    viewer.post(path, body(true, &[&contact])).await?.expect(403)?;
    viewer.page("/console/bulk").await?.expect(403)?;
    portal.stop().await
}
