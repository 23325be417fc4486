//! A number with the module's prefix: the number that every record has; no module can have such fields of its own yet.

use super::Description;
use crate::family::Family;

pub(super) const TYPE: Description = Description { family: Family::Text, ..Description::PLAIN };
