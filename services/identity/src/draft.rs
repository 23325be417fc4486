//! What identity's appends are made of.

use crate::{
    codec::{self, administration::Administration},
    domain::activity::Activity,
    streams::activity_stream,
};
use eventlog::{DataKey, Draft, Expected, Meta};
use kernel::{Actor, new_id};

/// Events of identity, added to a draft.
pub(crate) trait DraftEvents {
    /// Adds an activity to a stream.
    fn activity(&mut self, stream: usize, activity: &Activity);

    /// Adds an activity with personal fields to a stream.
    fn sealed_activity(&mut self, stream: usize, activity: &Activity, key: DataKey);

    /// Adds an event of administration without personal fields to a stream.
    fn administration(&mut self, stream: usize, event: &Administration);

    /// Adds activities, each to the stream of its user.
    fn activities(&mut self, activities: &[Activity]);
}

impl DraftEvents for Draft {
    fn activity(&mut self, stream: usize, activity: &Activity) {
        self.event(stream, codec::encode_activity(activity), None);
    }

    fn sealed_activity(&mut self, stream: usize, activity: &Activity, key: DataKey) {
        self.event(stream, codec::encode_activity(activity), Some(key));
    }

    fn administration(&mut self, stream: usize, event: &Administration) {
        self.event(stream, codec::administration::encode(event), None);
    }

    fn activities(&mut self, activities: &[Activity]) {
        for activity in activities {
            let stream = self.stream(activity_stream(activity.user()), Expected::Any);
            self.activity(stream, activity);
        }
    }
}

/// The meta of a command that comes without an idempotency key.
pub(crate) fn unrepeated(actor: &Actor) -> Meta {
    Meta::new(actor.clone(), new_id(), &[])
}
