//! Titles of records and names of agents by id, whatever their module: one statement.

use crate::{
    queries::{around::Wanted, present::related_title},
    service::{Caller, Records},
};
use kernel::Error;
use policy::{Action, Scope};
use proto::records::v1::ResolveTitlesRequest;
use std::collections::HashMap;
use uuid::Uuid;

/// Most ids of one call.
const MOST: usize = 500;

impl Records {
    /// The titles that the caller may see, by id; what it may not see is left out like what doesn't exist.
    ///
    /// # Errors
    /// Invalid when more than 500 ids are asked for.
    pub async fn titles(
        &self,
        caller: &Caller,
        request: &ResolveTitlesRequest,
    ) -> Result<HashMap<String, String>, Error> {
        if request.ids.len() > MOST {
            return Err(Error::invalid_field("ids", "too_many", "At most 500 titles can be asked for at once."));
        }
        let ids: Vec<Uuid> = request.ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let modules = self.catalogue.modules().await?;
        let clock = self.clock();
        let mut wanted = Wanted::default();
        // What each of them is judged by follows from its module.
        for defined in modules.iter() {
            if caller.plan.scope(defined.module.name(), Action::View) != Scope::None {
                wanted.add_records(defined.module.number(), &ids);
            }
        }
        for id in &ids {
            wanted.add_agent(*id);
        }
        let around = self.around(caller, &modules, wanted).await?;
        let title = |id: &Uuid| {
            let agent = around.agents.get(id).map(|a| a.name.clone());
            agent.or_else(|| related_title(caller, &modules, &around, *id, &clock))
        };
        Ok(ids.iter().filter_map(|id| Some((id.to_string(), title(id)?))).collect())
    }
}
