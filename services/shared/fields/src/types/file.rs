//! Files; no module can have such fields yet.

use super::Description;

pub(super) const TYPE: Description = Description::PLAIN;
