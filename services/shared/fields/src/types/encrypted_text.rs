//! Sealed text; no module can have such fields yet.

use super::Description;

pub(super) const TYPE: Description = Description { tail: |text| text, ..Description::PLAIN };
