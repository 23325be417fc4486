//! What the two calls cost that every process makes all the time.

use crate::portal::{Portal, as_contact};
use std::cell::Cell;
use tracing::{Event, Metadata, Subscriber, span};

thread_local! {
    static STATEMENTS: Cell<usize> = const { Cell::new(0) };
}

/// Counts the statements that each thread sends to Postgres. A test and its server run in a thread of their own.
struct Statements;

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        STATEMENTS.set(STATEMENTS.get() + 1);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_plan_and_what_changed_are_one_statement_each() {
    // For the whole process: interest in a call site is remembered across threads.
    tracing::subscriber::set_global_default(Statements).unwrap();
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    portal.contact_created(1, Some(1), "sales").await;
    let statements = || STATEMENTS.replace(0);

    assert!(statements() > 0, "statements are counted");
    portal.own_plan(as_contact(1)).await.unwrap();
    assert_eq!(statements(), 2, "the first plan after a change of modules reads the configuration as well");
    portal.own_plan(as_contact(1)).await.unwrap();
    assert_eq!(statements(), 1);
    portal.now().await;
    assert_eq!(statements(), 1);
}
