//! The standard modules: made of the same metadata as every other one, and defined by the same command.

use crate::{
    commands::{define_later_field, define_seed},
    service::Records,
};
use kernel::{Code, Error};
use proto::records::v1::ModuleDefinition;

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
/// Unavailable while the database is away. What is refused, because an administrator made something of the same name, is
/// logged and left out: it would be refused again.
pub async fn seed(records: &Records) -> Result<(), Error> {
    for definition in standard_modules() {
        if records.catalogue().modules().await?.get(&definition.name).is_none() {
            let name = definition.name.clone();
            if lost(&name, define_seed(records, definition).await.map(drop))? {
                records.catalogue().refresh().await?;
            }
        }
    }
    if lost(policy::CONTACTS, define_later_field(records, policy::CONTACTS, customers::primary).await)? {
        records.catalogue().refresh().await?;
    }
    Ok(())
}

/// True where another process was faster. An error only where trying again can help.
fn lost(module: &str, made: Result<(), Error>) -> Result<bool, Error> {
    match made {
        Ok(()) => Ok(false),
        Err(e) if e.code == Code::Precondition => Ok(true),
        Err(error) if error.is_refusal() => {
            tracing::error!(event = "seed.refused", module, error = %error, "a standard module can't be defined");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
