//! Records of any module: their lists, pages and forms.

pub(crate) mod comments;
pub(crate) mod conflict;
pub(crate) mod fetch;
pub(crate) mod form;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod moves;
pub(crate) mod record;
pub(crate) mod row;
pub(crate) mod rules;
pub(crate) mod save;
pub(crate) mod selection;
pub(crate) mod shown;
pub(crate) mod state;
pub(crate) mod turns;
