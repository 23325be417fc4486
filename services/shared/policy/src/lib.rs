//! Who sees what and who may do what: the only place where access is decided.
//!
//! Pure: no I/O, no async, no clock. `permissions` checks profiles with it and compiles them into access
//! plans, `records` decides with the plans, `gateway` draws forms by them.
//!
//! - [`Profile`]: the document that administrators edit and publish; [`Profile::validate`].
//! - [`Catalogue`]: which modules, fields and values there are.
//! - [`AccessPlan`]: everything that is needed to decide for one subject. What it does not grant does
//!   not exist for the subject.
//! - [`Condition`] as written, [`CompiledCondition`] as evaluated; [`PushDown`] is its part for SQL.
//! - [`decide_record`], [`decide_new`], [`check_write`], [`form`], [`check_list`]: the gates. Every path
//!   to a value goes through one of them: reading one record and list cells ([`RecordAccess::field`],
//!   [`RecordAccess::show`]), filter and sort ([`check_list`]), search ([`ModuleAccess::searches`]),
//!   export ([`RecordAccess::exports`]), write ([`check_write`]), history and live events
//!   ([`RecordAccess::reveals_change`]).
//! - Why it is so: [`Reason`].
//!
//! How rules combine: all rules whose condition holds apply; of several visibilities the most restrictive wins,
//! mandatory adds up, allowed values intersect, set values go by priority. A rule only tightens; its place among the
//! others never matters. What can't be evaluated gives no access, and neither does what was not looked up: that is
//! [`Fact::Unknown`], which is not [`ValueRef::Empty`]. A record condition or filter that is not known to hold keeps the
//! record out, a rule whose condition is not known to fail applies.

mod access;
mod catalogue;
mod condition;
mod labels;
mod list;
mod plan;
mod profile;
mod record;
mod rule;
mod value;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod laws;

pub use access::{Access, Action, ActionSet, PerAction, Scope, Tie};
pub use catalogue::{COMPANIES, CONTACTS, Catalogue, Conversational, FieldShape, ModuleShape, PRIMARY, SYSTEM_FIELDS};
pub use condition::{
    CompiledCondition, Condition, ConditionProblem, MAX_DEPTH, MAX_TESTS, MAX_VALUES, Operator, PushDown, SqlCondition,
    SqlOperator, SqlValue, Truth, Viewer,
};
pub use fields::{Family, FieldType, ValueRef};
pub use kernel::{Right, Rights};
pub use labels::Labels;
pub use list::{ListRequest, check_list};
pub use plan::{
    AccessPlan, AgentGrant, AgentRole, ChosenBecause, ChosenProfile, CompanyGrant, ContactGrant, ModuleAccess, Modules,
    PlanField, RecordsGrant, Role, Subject,
};
pub use profile::{
    Announcement, Button, ButtonAction, DEFAULT_NAME, FieldGrant, Format, Grant, Greeting, Home, ListLayout, Matching,
    Menu, ModuleGrant, NON_PORTAL_USERS_NAME, Problem, Profile, Severity,
};
pub use record::{
    Accepted, FieldRefusal, FormField, Reason, RecordAccess, Write, WriteRefusal, check_write, decide_new,
    decide_record, form, readable,
};
pub use rule::{Effect, Origin, Rule};
pub use value::{Clock, Fact, Facts, OwnedValue};
