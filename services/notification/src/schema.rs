//! The name of the service, and its schema.

use eventlog::Migrations;

/// Name of the service, of its schema and of its stream.
pub const SERVICE: &str = "notification";

/// The schema of the service.
pub const MIGRATIONS: Migrations = Migrations {
    service: SERVICE,
    steps: &[
        (100, "notification", include_str!("../migrations/0100_notification.sql")),
        (101, "addresses", include_str!("../migrations/0101_addresses.sql")),
        (102, "redirected", include_str!("../migrations/0102_redirected.sql")),
        (103, "accounts", include_str!("../migrations/0103_accounts.sql")),
    ],
};
