//! A module's definition is a stream of small events.

use crate::world::World;
use anyhow::Result;
use eventlog::{LogOptions, Projection};
use kernel::Code;
use proto::{
    ModuleChange,
    records::v1::{Label, ModuleDefinition},
};
use records::{Records, projections::RecordsProjection};
use std::sync::Arc;

/// The stored types of all that happened to a module, without what is common to them.
pub(crate) async fn history(world: &World, module: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for event in world.log().read(1, 100_000).await? {
        let change = ModuleChange::decode(&event.stored_type, &event.payload)?;
        if change.is_some_and(|change| change.module() == module) {
            words.push(event.stored_type.trim_start_matches("records.module.").trim_end_matches(".v1").to_owned());
        }
    }
    Ok(words)
}

fn requests() -> ModuleDefinition {
    let mut definition = records::standard_modules().into_iter().find(|m| m.name == "requests").unwrap();
    (definition.name, definition.number, definition.prefix) = ("payments".into(), 0, "PAY".into());
    definition
}

#[tokio::test]
async fn a_change_of_a_definition_is_told_by_what_changed() -> Result<()> {
    let world = World::new().await?;
    let mut definition = requests();
    let defined = world.records.define(&world.administrator, definition.clone(), 0).await?;
    assert_eq!((defined.version, history(&world, "payments").await?), (1, vec!["defined".to_owned()]));

    // Nothing changes: nothing is told, and the position is that of the last event.
    let same = world.records.define(&world.administrator, definition.clone(), 1).await?;
    assert_eq!(same, defined);

    definition.singular = vec![Label { language: "en".into(), text: "Payment".into() }];
    definition.fields[0].help = definition.fields[0].labels.clone();
    definition.blocks[0].labels = definition.singular.clone();
    let changed = world.records.define(&world.administrator, definition.clone(), 1).await?;
    assert_eq!(changed.version, 4);
    assert_eq!(history(&world, "payments").await?, ["defined", "described", "block_changed", "field_changed"]);

    // Whoever changes it on the version before overwrites nothing.
    let stale = world.records.define(&world.administrator, requests(), 1).await.unwrap_err();
    assert_eq!((stale.code, stale.facts["actual"].as_str()), (Code::Precondition, "4"));

    // Whoever reads the messages knows the same definition, and so does a process that starts now.
    let mut heard = ModuleDefinition::default();
    for event in world.log().read(1, 100_000).await? {
        if let Some(change) = ModuleChange::decode(&event.stored_type, &event.payload)?
            && change.module() == "payments"
        {
            change.apply(&mut heard);
        }
    }
    let another = Records::new(world.log().clone(), "UTC");
    let modules = another.catalogue().modules().await?;
    let known = &modules.get("payments").unwrap().definition;
    assert_eq!(records::codec::definition_message(known), heard);
    assert_eq!(ModuleDefinition { number: heard.number, ..definition }, heard);
    Ok(())
}

#[tokio::test]
async fn modules_that_are_made_at_the_same_moment_have_numbers_of_their_own() -> Result<()> {
    let world = World::new().await?;
    // Each in a process of its own, so that none knows of the others.
    let one = |name: &'static str| {
        let (database, administrator) = (&world.database, &world.administrator);
        async move {
            let projection: Arc<dyn Projection> = Arc::new(RecordsProjection::default());
            let records = Records::new(database.log("records", vec![projection], LogOptions::default())?, "UTC");
            let definition = ModuleDefinition { name: name.into(), prefix: "XX".into(), ..requests() };
            anyhow::Ok(records.define(administrator, definition, 0).await?)
        }
    };
    let (a, b, c) = tokio::join!(one("ferries"), one("bridges"), one("tunnels"));
    for made in [a, b, c] {
        assert_eq!(made?.version, 1);
    }
    let modules = world.records.catalogue().refresh().await?;
    let mut numbers: Vec<i16> =
        ["ferries", "bridges", "tunnels"].iter().map(|name| modules.get(name).unwrap().number()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1_001, 1_002, 1_003]);
    Ok(())
}
