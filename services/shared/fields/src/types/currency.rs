//! An exact decimal with a currency; no module can have such fields yet.

use super::Description;
use crate::family::Family;

pub(super) const TYPE: Description = Description { family: Family::Decimal, ..Description::PLAIN };
