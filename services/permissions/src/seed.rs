//! The built-in profiles, made by commands at the first start.

use crate::{
    commands::Commands,
    domain::profile::{BuiltIn, Document},
};
use eventlog::Meta;
use kernel::{Actor, Error};
use policy::Profile;

impl BuiltIn {
    /// The document that an installation begins with.
    pub(crate) fn profile(self) -> Profile {
        match self {
            BuiltIn::Default => Profile::default_profile(),
            BuiltIn::NonPortalUsers => Profile::non_portal_users(),
        }
    }
}

/// Creates, publishes and chooses what is missing. What is there is left as it is, so it can run at every start, in
/// several processes at once.
pub(crate) async fn seed(commands: &Commands) -> Result<(), Error> {
    for built_in in BuiltIn::ALL {
        let profile = built_in.profile();
        let json = serde_json::to_string(&profile).map_err(Error::internal)?;
        let document = Document { name: profile.name, description: profile.description, json };
        commands.create_published(meta(built_in.id().as_bytes()), built_in.id(), document).await?;
    }
    if !commands.has_default().await? {
        commands.choose_default(meta(b"default profile"), BuiltIn::Default.id()).await?;
    }
    Ok(())
}

fn meta(what: &[u8]) -> Meta {
    Meta::new(Actor::service("permissions"), kernel::derived_id("seed", what), b"")
}
