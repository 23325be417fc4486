//! Computed. Stands also for the types of a newer version: they are only ever empty or not.

use super::Description;

pub(super) const TYPE: Description = Description::PLAIN;
