//! View-models: one struct per page, holding only values that this viewer may see, ready to be shown.

pub mod access;
pub mod account;
pub mod auth;
pub mod chrome;
pub mod comment;
pub mod conflict;
pub mod deliveries;
pub mod entry;
pub mod error;
pub mod factor;
pub mod form;
pub mod history;
pub mod home;
pub mod list;
pub mod locked;
pub mod password;
pub mod record;
pub mod shown;
pub mod standing;

pub use access::{AccessBlock, AccessState, LockState, OutsidePeriod, ProfileChoice};
pub use account::{
    ActivityPage, ApiTokensPage, OwnActivity, OwnPasskey, OwnSession, OwnToken, SecurityPage, TokenFault,
};
pub use auth::{
    PasswordFault, SetPasswordPage, SetPasswordPurpose, SetPasswordState, SignInFault, SignInNotice, SignInPage,
};
pub use chrome::{Assets, Chrome, Crumb, Flash, FlashKind, MenuItem, Surface, Theme, Viewer};
pub use comment::{Author, AuthorKind, Comment, Comments, CommentsFragment, Composer};
pub use conflict::{ConflictPage, ConflictRow};
pub use deliveries::{DeliveriesPage, Delivery, DeliveryState};
pub use entry::{CompanyLinkPage, LinkState, TermsPage};
pub use error::{ErrorKind, ErrorPage};
pub use factor::{ProofFault, RecoveryCodesPage, RecoveryState, SecondFactorPage, SetUpMfaPage, SetUpStep, StepUpPage};
pub use form::{
    Choice, Control, FieldFault, FormBlock, FormFault, FormField, FormMode, FormPage, RelationPicker,
    SuggestionsFragment,
};
pub use history::{Change, History, HistoryEntry};
pub use home::{Home, HomePage, Shortcut, Widget, WidgetRow, WidgetRows};
pub use list::{Column, Empty, ListPage, ListRow, Pager, PicklistFilter, ScopeSwitch, SearchBox, Sort, Total};
pub use locked::{LockedUser, LockedUsersPage};
pub use password::{
    AddressFault, ChangeFault, ChangePasswordPage, ConfirmLoginPage, ForgotPasswordPage, ForgotState, LoginChangePage,
};
pub use record::{Block, Field, Provenance, ReadOnlyReason, RecordPage, RelatedList, Transition, TransitionKind};
pub use shown::{ModuleName, Person, Pill, PillColor, Shown};
pub use standing::{SessionClock, Standing};
