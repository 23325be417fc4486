//! Who sees what: records of a contact that moved, and conditions over what a list doesn't read by itself.

use crate::support::{company_and_contact, contact_of, create, id, items, portal_user, publish};
use anyhow::{Context, Result, ensure};
use kit::{Browser, Portal, eventually};
use serde_json::{Value, json};

/// The titles of a list, in any order.
async fn listed(who: &Browser, query: &str) -> Result<Vec<String>> {
    let page = who.clone().get(&format!("/modules/tickets/records?{query}")).await?.expect(200)?.json();
    let mut titles: Vec<String> =
        items(&page).iter().map(|r| r["fields"]["title"].as_str().unwrap_or_default().to_owned()).collect();
    titles.sort();
    Ok(titles)
}

async fn published(agent: &Browser, change: &dyn Fn(&mut Value)) -> Result<()> {
    eventually("the profile to be published", async || publish(&mut agent.clone(), change).await).await
}

fn companys_tickets(document: &mut Value) {
    for action in ["view", "edit"] {
        document["modules"]["tickets"]["actions"][action] = json!("company");
    }
}

/// proves: P09
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_moves_leaves_its_old_companys_tickets_behind() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (old, pat) = company_and_contact(&mut admin, "Acme", "pat@acme.test").await?;
    let (new, bea) = company_and_contact(&mut admin, "Globex", "bea@globex.test").await?;
    let ann = contact_of(&mut admin, &old, "ann@acme.test").await?;
    published(&admin, &companys_tickets).await?;
    let mut pats = portal_user(&portal, &mut admin, &pat, "pat@acme.test").await?;
    let beas = portal_user(&portal, &mut admin, &bea, "bea@globex.test").await?;
    let anns = portal_user(&portal, &mut admin, &ann, "ann@acme.test").await?;
    let named = id(&create(&mut pats, "tickets", json!({"title": "Names the company"})).await?);
    let free = create(&mut admin, "tickets", json!({"title": "Names none", "contact_id": pat})).await?;
    let path = |ticket: &str| format!("/modules/tickets/records/{ticket}");
    ensure!(listed(&anns, "").await? == ["Names none", "Names the company"]);

    // What would happen is said before, to agents.
    let change = format!("/admin/contacts/{pat}/company-change");
    let said = admin.get(&format!("{change}?company_id={new}")).await?.expect(200)?.json();
    assert_eq!(said, json!({"modules": [{"module": "tickets", "stay": 1, "move": 1}]}));
    let unknown = admin.get(&format!("{change}?company_id={}", kernel::new_id())).await?.expect(422)?;
    assert_eq!(unknown.field_errors(), [("company_id".into(), "unknown_record".into())]);
    for customer in [&pats, &beas] {
        customer.clone().get(&change).await?.expect(404)?;
    }
    // And asked before it is saved.
    let edit = format!("/console/modules/contacts/{pat}/edit");
    let form = admin.page(&edit).await?.expect(200)?;
    let asked = admin.submit(&form, &edit, &[("company_id", &new), ("phone", "+39 02 1234")]).await?.expect(200)?;
    ensure!(asked.text().contains("Change of company") && asked.text().contains("Keep them open to the contact"));
    let before = admin.get(&format!("/modules/contacts/records/{pat}")).await?.expect(200)?.json();
    assert_eq!(before["fields"]["company_id"], json!(old), "nothing is saved before it is asked");
    admin.submit(&asked, &edit, &[("company_change", "keep")]).await?.expect(303)?;
    let after = admin.get(&format!("/modules/contacts/records/{pat}")).await?.expect(200)?.json();
    assert_eq!((&after["fields"]["company_id"], &after["fields"]["phone"]), (&json!(new), &json!("+39 02 1234")));
    portal.settle().await?;

    // The new colleague sees what names no company, and nothing of the old company by any gate.
    eventually("the move to be known", async || {
        ensure!(listed(&beas, "").await? == ["Names none"]);
        ensure!(listed(&anns, "").await? == ["Names the company"]);
        ensure!(listed(&pats, "").await? == ["Names none", "Names the company"]);
        Ok(())
    })
    .await?;
    ensure!(listed(&beas, "q=company").await?.is_empty());
    beas.clone().get(&path(&named)).await?.expect(404)?;
    let html = beas.clone().page("/modules/tickets").await?.expect(200)?.text();
    ensure!(html.contains("Names none") && !html.contains("Names the company"));
    for query in ["sort=title", "sort=-number", "scope=mine", "q=names"] {
        ensure!(listed(&pats, query).await? == ["Names none", "Names the company"], "{query}: both are Pat's");
    }

    // The contact's page says what is still open, and closes it.
    let page = format!("/console/modules/contacts/{pat}");
    let shown = admin.page(&page).await?.expect(200)?;
    ensure!(shown.text().contains("Records of other companies"));
    admin.submit(&shown, &format!("/console/contacts/{pat}/close-records"), &[]).await?.expect(303)?;
    ensure!(!admin.page(&page).await?.expect(200)?.text().contains("Records of other companies"));
    // What the contact may see is known anew within a second.
    eventually("the closing to be known", async || {
        pats.clone().get(&path(&named)).await?.expect(404)?;
        Ok(())
    })
    .await?;
    ensure!(listed(&pats, "").await? == ["Names none"]);
    anns.clone().get(&path(&named)).await?.expect(200)?;
    pats.get(&path(&id(&free))).await?.expect(200)?;
    let again = admin.post(&format!("{change}/close"), json!({})).await?.expect(200)?.json();
    assert_eq!(again, json!({"closed": 0, "left": 0}));
    let history = admin.get(&format!("{}/history", path(&named))).await?.expect(200)?.text();
    ensure!(history.contains("contact_id"), "the change stands in the history: {history}");
    portal.stop().await
}

/// proves: P09
#[tokio::test(flavor = "multi_thread")]
async fn a_move_can_close_what_stays_in_the_same_step() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (old, pat) = company_and_contact(&mut admin, "Acme", "pat@acme.test").await?;
    let (new, _) = company_and_contact(&mut admin, "Globex", "bea@globex.test").await?;
    for n in 0..3 {
        let fields = json!({"title": format!("Ticket {n}"), "contact_id": pat, "company_id": old});
        create(&mut admin, "tickets", fields).await?;
    }
    let edit = format!("/console/modules/contacts/{pat}/edit");
    let form = admin.page(&edit).await?.expect(200)?;
    let asked = admin.submit(&form, &edit, &[("company_id", &new)]).await?.expect(200)?;
    admin.submit(&asked, &edit, &[("company_change", "close")]).await?.expect(303)?;
    let all = admin.get("/modules/tickets/records").await?.expect(200)?.json();
    for ticket in items(&all) {
        assert_eq!((&ticket["fields"]["contact_id"], &ticket["fields"]["company_id"]), (&Value::Null, &json!(old)));
    }
    // A contact without records is moved without a question.
    let form = admin.page(&edit).await?.expect(200)?;
    admin.submit(&form, &edit, &[("company_id", &old)]).await?.expect(303)?;
    portal.stop().await
}

/// proves: P10, P12
#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_that_a_rule_reads_closes_lists_like_the_record_alone() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let secret = |op: &str| json!({"field": "description", "op": op, "value": "secret"});
    // No record is chosen by a long text: the place is named when that is published.
    eventually("the profile to be refused", async || {
        let refused = publish(&mut admin.clone(), &|document| {
            document["modules"]["tickets"]["record_condition"] = json!({"all": [secret("not_contains")]});
        })
        .await
        .err()
        .context("it was published")?
        .to_string();
        ensure!(refused.contains("not_filterable") && refused.contains("record_condition/all/0"), "{refused}");
        Ok(())
    })
    .await?;
    published(&admin, &|document| {
        companys_tickets(document);
        document["modules"]["tickets"]["record_condition"] = Value::Null;
        document["modules"]["tickets"]["rules"] = json!([{
            "id": "secret", "name": "Secret", "when": secret("contains"),
            "effects": [
                {"effect": "visibility", "field": "category", "access": "hidden"},
                {"effect": "visibility", "field": "title", "access": "masked"},
            ],
        }]);
    })
    .await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let given = |description: &str| json!({"title": "A printer on fire", "category": "problem", "contact_id": contact, "description": description});
    let told = id(&create(&mut admin, "tickets", given("It is a secret")).await?);
    create(&mut admin, "tickets", given("Plain words")).await?;
    let alone = emma.get(&format!("/modules/tickets/records/{told}")).await?.expect(200)?.json();
    assert_eq!((&alone["fields"]["title"], &alone["fields"]["category"]), (&json!("••••fire"), &Value::Null));
    assert!(alone["access"].get("category").is_none());
    let page = emma.get("/modules/tickets/records").await?.expect(200)?.json();
    for item in items(&page) {
        let hidden = item["id"] == json!(told);
        assert_eq!(item["fields"]["title"] == json!("••••fire"), hidden, "{item}");
        assert_eq!(item["access"].get("category").is_none(), hidden, "{item}");
        assert!(item["fields"].get("description").is_none(), "lists show no long texts");
    }
    let html = emma.page("/modules/tickets").await?.expect(200)?.text();
    assert!(html.contains("A printer on fire") && html.contains("••••fire"));
    let search = emma.get("/modules/tickets/records?q=printer").await?.expect(422)?;
    assert_eq!(search.field_errors(), [("q".into(), "not_searchable".into())]);
    let filter = "%7B%22field%22%3A%22description%22%2C%22op%22%3A%22is_empty%22%7D";
    let refused = emma.get(&format!("/modules/tickets/records?filter={filter}")).await?.expect(422)?;
    assert_eq!(refused.field_errors(), [("description".into(), "not_filterable".into())]);
    portal.stop().await
}

/// proves: P10
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_its_companys_country_hides_has_no_name_anywhere() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (acme, emma_id) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let marco = contact_of(&mut admin, &acme, "marco@acme.test").await?;
    published(&admin, &|document| {
        companys_tickets(document);
        for field in ["contact_id", "company_id", "title"] {
            document["modules"]["tickets"]["fields"][field] = json!({"access": "write"});
        }
        let contacts = &mut document["modules"]["contacts"];
        contacts["actions"]["view"] = json!("company");
        contacts["record_condition"] = json!({"field": "company.country", "op": "ne", "value": "IT"});
    })
    .await?;
    let mut emma = portal_user(&portal, &mut admin, &emma_id, "emma@acme.test").await?;
    let fields = json!({"title": "Names no company", "contact_id": marco});
    let ticket = id(&create(&mut admin, "tickets", fields).await?);
    let own = id(&create(&mut admin, "tickets", json!({"title": "Mine", "contact_id": emma_id})).await?);
    let path = format!("/modules/tickets/records/{ticket}");
    emma.get(&format!("/modules/contacts/records/{marco}")).await?.expect(404)?;
    let alone = emma.get(&path).await?.expect(200)?;
    assert!(!alone.text().contains("marco"), "{}", alone.text());
    let page = emma.get("/modules/tickets/records").await?.expect(200)?;
    assert!(page.text().contains("Names no company") && !page.text().contains("marco"), "{}", page.text());
    // Nor does a write answer with it, or tie a record to what can't be seen.
    let tag = alone.header("etag").to_owned();
    let body = json!({"fields": {"title": "Still names no company", "contact_id": marco}});
    let written = emma.patch(&path, &tag, body).await?.expect(200)?;
    assert!(!written.text().contains("marco@") && !written.text().contains("marco Test"), "{}", written.text());
    let owns = emma.get(&format!("/modules/tickets/records/{own}")).await?.expect(200)?.header("etag").to_owned();
    let tied = json!({"fields": {"contact_id": marco}});
    let refused = emma.patch(&format!("/modules/tickets/records/{own}"), &owns, tied).await?.expect(422)?;
    assert_eq!(refused.field_errors(), [("contact_id".into(), "unknown_record".into())]);
    // The company of a record without one is its contact's, also where the company itself decides.
    let moved = admin.get(&format!("/modules/companies/records/{acme}")).await?.expect(200)?.header("etag").to_owned();
    let abroad = json!({"fields": {"country": "CH"}});
    admin.patch(&format!("/modules/companies/records/{acme}"), &moved, abroad).await?.expect(200)?;
    let alone = emma.get(&path).await?.expect(200)?;
    assert!(alone.text().contains("marco Test"), "{}", alone.text());
    portal.stop().await
}

/// proves: P10
#[tokio::test(flavor = "multi_thread")]
async fn ties_stay_within_the_own_companies_and_existence_comes_first() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (acme, emma_id) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let (globex, nina) = company_and_contact(&mut admin, "Globex", "nina@globex.test").await?;
    let marco = contact_of(&mut admin, &acme, "marco@acme.test").await?;
    published(&admin, &|document| {
        companys_tickets(document);
        for field in ["contact_id", "company_id", "owner_id", "title"] {
            document["modules"]["tickets"]["fields"][field] = json!({"access": "write"});
        }
        document["modules"]["contacts"]["actions"]["view"] = json!("company");
        let mut companies = document["modules"]["contacts"].clone();
        companies["fields"] = json!({"name": {"access": "read"}});
        companies["list"] = json!({});
        document["modules"]["companies"] = companies;
    })
    .await?;
    let mut emma = portal_user(&portal, &mut admin, &emma_id, "emma@acme.test").await?;
    let own = id(&create(&mut emma, "tickets", json!({"title": "Mine"})).await?);
    let foreign = json!({"title": "Theirs", "contact_id": nina, "company_id": globex});
    let foreign = id(&create(&mut admin, "tickets", foreign).await?);
    let path = format!("/modules/tickets/records/{own}");
    let mut change = async |fields: Value| {
        let tag = emma.get(&path).await?.expect(200)?.header("etag").to_owned();
        let answer = emma.patch(&path, &tag, json!({"fields": fields})).await?;
        anyhow::Ok((
            answer.status.as_u16(),
            if answer.status.is_success() { Vec::new() } else { answer.field_errors() },
        ))
    };
    let refused = |field: &str, code: &str| (422, vec![(field.to_owned(), code.to_owned())]);
    assert_eq!(change(json!({"contact_id": null})).await?, refused("contact_id", "required"));
    assert_eq!(change(json!({"company_id": ""})).await?, refused("company_id", "required"));
    assert_eq!(change(json!({"contact_id": nina})).await?, refused("contact_id", "unknown_record"));
    assert_eq!(change(json!({"company_id": globex})).await?, refused("company_id", "unknown_record"));
    assert_eq!(change(json!({"owner_id": kernel::new_id()})).await?, refused("owner_id", "read_only"));
    assert_eq!(change(json!({"company_id": acme})).await?, (200, Vec::new()), "what stands may be sent again");
    assert_eq!(change(json!({"contact_id": marco})).await?, (200, Vec::new()));

    // A record that is not there for the caller is not there with and without a precondition.
    let missing = format!("/modules/tickets/records/{}", kernel::new_id());
    for path in [format!("/modules/tickets/records/{foreign}"), missing] {
        for tag in [&[][..], &[("if-match", "\"1\"")], &[("if-match", "\"77\"")], &[("if-match", "nonsense")]] {
            let body = json!({"fields": {"title": "x"}});
            emma.call_with("PATCH", &path, tag, Some(body)).await?.expect(404)?;
            emma.call_with("DELETE", &path, tag, None).await?.expect(404)?;
        }
    }
    emma.call_with("PATCH", &path, &[], Some(json!({"fields": {"title": "x"}}))).await?.expect(428)?;
    portal.stop().await
}

/// proves: P07
#[tokio::test(flavor = "multi_thread")]
async fn who_may_make_records_and_not_see_them_learns_id_and_number() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    published(&admin, &|document| {
        document["modules"]["tickets"]["actions"] = json!({"create": "inherit"});
    })
    .await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let list = emma.get("/modules/tickets/records").await?.expect(403)?;
    assert_eq!(list.code(), "action_not_allowed");
    let made = create(&mut emma, "tickets", json!({"title": "Printer", "description": "It burns"})).await?;
    let known = admin.get(&format!("/modules/tickets/records/{}", id(&made))).await?.expect(200)?.json();
    assert_eq!((&made["id"], &made["number"]), (&known["id"], &known["number"]));
    for (name, value) in made.as_object().context("an object")? {
        let told = ["id", "number", "module"].contains(&name.as_str());
        let nothing = [json!(null), json!(0), json!(false), json!({}), json!([])].contains(value);
        assert!(told || nothing, "{name}: {value}");
    }
    emma.get(&format!("/modules/tickets/records/{}", id(&made))).await?.expect(404)?;
    portal.stop().await
}
