//! Names of answers, by which a caller says that it has them already.

use crate::catalogue::Modules;
use policy::AccessPlan;
use prost::Message;
use proto::records::v1::ListModulesResponse;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Bytes of a tag.
const TAG: usize = 16;
/// Most plans whose tag is kept.
const MOST: usize = 20_000;

/// The digest of what the caller sees, so that people with the same view share it.
pub(crate) fn tag_of(answer: &ListModulesResponse) -> Vec<u8> {
    Sha256::digest(answer.encode_to_vec())[..TAG].to_vec()
}

/// The tags of plans that were asked for, of one moment of the modules. A plan is known by its address, and kept alive
/// here so that no other takes that.
#[derive(Clone, Default)]
pub(crate) struct ModuleTags(Arc<Mutex<Tags>>);

#[derive(Default)]
struct Tags {
    modules: Arc<Modules>,
    by_plan: HashMap<usize, (Arc<AccessPlan>, Vec<u8>)>,
}

impl ModuleTags {
    /// The tag of what a plan shows of the modules, once it was worked out.
    pub(crate) fn get(&self, plan: &Arc<AccessPlan>, modules: &Arc<Modules>) -> Option<Vec<u8>> {
        let tags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let current = Arc::ptr_eq(&tags.modules, modules);
        tags.by_plan.get(&Arc::as_ptr(plan).addr()).filter(|_| current).map(|(_, tag)| tag.clone())
    }

    /// Keeps a tag for the next time.
    pub(crate) fn keep(&self, plan: &Arc<AccessPlan>, modules: &Arc<Modules>, tag: Vec<u8>) {
        let mut tags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&tags.modules, modules) {
            tags.modules = Arc::clone(modules);
            tags.by_plan.clear();
        }
        // Plans that nobody else holds any more were replaced.
        if tags.by_plan.len() >= MOST {
            tags.by_plan.retain(|_, (plan, _)| Arc::strong_count(plan) > 1);
        }
        if tags.by_plan.len() < MOST {
            tags.by_plan.insert(Arc::as_ptr(plan).addr(), (Arc::clone(plan), tag));
        }
    }
}
