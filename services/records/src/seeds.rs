//! The standard modules: made of the same metadata as every other one, and defined by the same command.

use crate::{
    commands::{define_later_field, define_seed},
    service::Records,
};
use kernel::{Code, Error};
use proto::records::v1::ModuleDefinition;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

mod customers;
mod notation;
mod sales;
mod work;

/// The standard modules, in an order in which every relation points to one before it.
pub fn standard_modules() -> Vec<ModuleDefinition> {
    vec![
        customers::companies(),
        customers::contacts(),
        work::tickets(),
        work::cases(),
        work::documents(),
        work::faqs(),
        work::projects(),
        sales::quotes(),
        sales::invoices(),
        sales::sales_orders(),
        sales::purchase_orders(),
        sales::assets(),
        work::feedback(),
        work::requests(),
    ]
}

/// Defines the standard modules that don't exist yet, and gives those of an older version the fields that the product has
/// needed since. What an administrator made of one stays as it is. Safe to repeat, and safe when several processes do it
/// at once.
///
/// # Errors
/// Unavailable while the database is away.
pub async fn seed(records: &Records) -> Result<(), Error> {
    for definition in standard_modules() {
        if records.catalogue().modules().await?.get(&definition.name).is_none() {
            match define_seed(records, definition).await {
                // Another process was faster.
                Err(e) if e.code == Code::Precondition => drop(records.catalogue().refresh().await?),
                Err(e) => return Err(e),
                Ok(_) => {}
            }
        }
    }
    match define_later_field(records, policy::CONTACTS, customers::primary).await {
        // Another process was faster.
        Err(e) if e.code == Code::Precondition => records.catalogue().refresh().await.map(drop),
        other => other,
    }
}

/// Seeds as soon as the database is there; then keeps the catalogue true until shutdown.
pub(crate) async fn seed_and_follow(records: Records, shutdown: CancellationToken) {
    let mut pause = Duration::from_millis(200);
    while let Err(error) = seed(&records).await {
        tracing::warn!(event = "seed.waiting", error = %error, "the standard modules can't be defined yet");
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(5)),
        }
    }
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        // Another process may define modules; while the database is away, what is known stays.
        if let Err(error) = records.catalogue().refresh().await {
            tracing::debug!(event = "catalogue.stale", error = %error, "the modules can't be read");
        }
    }
}

#[cfg(test)]
mod tests;
