//! View-models: one struct per page, holding only values that this viewer may see, ready to be shown.

pub mod access;
pub mod auth;
pub mod chrome;
pub mod comment;
pub mod conflict;
pub mod deliveries;
pub mod error;
pub mod form;
pub mod history;
pub mod home;
pub mod list;
pub mod locked;
pub mod record;
pub mod shown;

pub use access::{AccessBlock, AccessState, LockState, OutsidePeriod, ProfileChoice};
pub use auth::{PasswordFault, SetPasswordPage, SetPasswordState, SignInFault, SignInNotice, SignInPage};
pub use chrome::{Assets, Chrome, Crumb, Flash, FlashKind, MenuItem, Surface, Theme, Viewer};
pub use comment::{Author, AuthorKind, Comment, Comments, CommentsFragment, Composer};
pub use conflict::{ConflictPage, ConflictRow};
pub use deliveries::{DeliveriesPage, Delivery, DeliveryState};
pub use error::{ErrorKind, ErrorPage};
pub use form::{
    Choice, Control, FieldFault, FormBlock, FormFault, FormField, FormMode, FormPage, RelationPicker,
    SuggestionsFragment,
};
pub use history::{Change, History, HistoryEntry};
pub use home::{Home, HomePage, Shortcut, Widget, WidgetRow, WidgetRows};
pub use list::{Column, Empty, ListPage, ListRow, Pager, PicklistFilter, ScopeSwitch, SearchBox, Sort, Total};
pub use locked::{LockedUser, LockedUsersPage};
pub use record::{Block, Field, Provenance, ReadOnlyReason, RecordPage, RelatedList, Transition, TransitionKind};
pub use shown::{ModuleName, Person, Pill, PillColor, Shown};
