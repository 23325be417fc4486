//! The id of an agent.

use super::{Description, PointsTo, relation::id};
use crate::{column::Column, display::Display, family::Family, fault::Misfit};

pub(super) const TYPE: Description = Description {
    number: Some(13),
    family: Family::Reference,
    column: Column::Reference,
    display: Display::Agent,
    points_to: Some(PointsTo::Agent),
    of_text: |text, _| id(&text).ok_or(Misfit::UNKNOWN_AGENT),
    ..Description::PLAIN
};
