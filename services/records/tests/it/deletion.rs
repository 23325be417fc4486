//! What hangs on a record that is deleted, and what shows of it afterwards.

use crate::world::{World, value};
use anyhow::Result;
use kernel::Code;
use proto::records::v1::{DeleteRecordRequest, ListRecordsRequest, PreviewDeletionRequest, Record};

async fn delete(world: &World, record: &Record, accept_dependents: bool) -> Result<i64, kernel::Error> {
    let expected_version = world.get(&world.administrator, record).await?.visible_version;
    let request = DeleteRecordRequest {
        module: record.module.clone(),
        id: record.id.clone(),
        expected_version,
        accept_dependents,
    };
    world.records.delete(&world.administrator, &request).await
}

#[tokio::test]
async fn what_hangs_on_a_company_is_said_before_it_is_deleted_and_shows_its_name_afterwards() -> Result<()> {
    let world = World::new().await?;
    let ticket = world.ticket("Printer", &world.emma, Some(&world.acme)).await?;
    let preview = |record: &Record| PreviewDeletionRequest { module: record.module.clone(), id: record.id.clone() };
    let found = world.records.preview_deletion(&world.administrator, &preview(&world.acme)).await?.dependents;
    let mut told: Vec<_> = found.iter().map(|d| (d.module.as_str(), d.field.as_str(), d.total)).collect();
    told.sort_unstable();
    assert_eq!(told, [("contacts", "company_id", 2), ("tickets", "company_id", 1)]);
    let people = found.iter().find(|d| d.module == "contacts").unwrap();
    assert!(people.titles.contains(&"Emma Rossi".to_owned()), "{people:?}");
    // Who may not delete it is told nothing.
    let emma = world.emma().await?;
    let refused = world.records.preview_deletion(&emma, &preview(&world.acme)).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);

    let refused = delete(&world, &world.acme, false).await.unwrap_err();
    assert_eq!(
        (refused.code, &*refused.reason, refused.facts["contacts"].as_str()),
        (Code::Conflict, "still_in_use", "2")
    );
    delete(&world, &world.acme, true).await?;

    // Nothing that points to it shows a bare id: agents and those who saw it before are told its name, and that it is gone.
    for caller in [&world.administrator, &emma] {
        for record in [&ticket, &world.emma] {
            let seen = world.get(caller, record).await?;
            let id = value(&seen, "company_id").unwrap();
            assert_eq!(
                (seen.titles.get(&id).map(String::as_str), seen.deleted_titles.as_slice()),
                (Some("Acme"), &[id.clone()][..])
            );
        }
    }
    let list = ListRecordsRequest { module: "tickets".into(), ..Default::default() };
    let listed = world.records.list(&emma, &list).await?;
    assert_eq!(listed.records()[0].deleted_titles, std::slice::from_ref(&world.acme.id));
    // A new tie to it is refused all the same.
    let error = world.change(&world.agent, &world.nina, &[("company_id", &world.acme.id)]).await.unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &*error.fields[0].code), ("company_id", "unknown_record"));
    Ok(())
}

#[tokio::test]
async fn a_company_without_people_and_a_contact_are_deleted_at_once() -> Result<()> {
    let world = World::new().await?;
    let ticket = world.ticket("Printer", &world.nina, Some(&world.globex)).await?;
    delete(&world, &world.nina, false).await?;
    delete(&world, &world.globex, false).await?;
    let seen = world.get(&world.agent, &ticket).await?;
    let mut gone = seen.deleted_titles.clone();
    gone.sort();
    let mut expected = [world.globex.id.clone(), world.nina.id.clone()];
    expected.sort();
    assert_eq!(gone, expected);
    assert_eq!(seen.titles[&world.nina.id], "Nina Weber");
    Ok(())
}
