//! Several stable keys of a list; no module can have such fields yet.

use super::Description;
use crate::family::Family;

pub(super) const TYPE: Description = Description { family: Family::Keys, ..Description::PLAIN };
