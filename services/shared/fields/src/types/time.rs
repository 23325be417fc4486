//! A time of day, `HH:MM` or `HH:MM:SS`; no module can have such fields yet.

use super::Description;
use crate::family::Family;

pub(super) const TYPE: Description = Description { family: Family::Time, ..Description::PLAIN };
