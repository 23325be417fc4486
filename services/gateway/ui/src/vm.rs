//! View-models: one struct per page, holding only values that this viewer may see, ready to be shown.

pub mod access;
pub mod account;
pub mod activity;
pub mod agents;
pub mod api_docs;
pub mod auth;
pub mod bulk;
pub mod chrome;
pub mod comment;
pub mod company;
pub mod conflict;
pub mod console;
pub mod credentials;
pub mod deliveries;
pub mod entry;
pub mod error;
pub mod factor;
pub mod flash;
pub mod form;
pub mod happening;
pub mod history;
pub mod home;
mod icon;
pub mod list;
pub mod locked;
pub mod moves;
pub mod pager;
pub mod password;
pub mod record;
pub mod record_form;
pub mod roles;
pub mod selection;
pub mod sessions;
pub mod settings;
pub mod shown;
pub mod standing;
pub mod tokens;
mod whole;

pub use access::{
    AccessBlock, AccessDetails, AccessState, Addresses, LockState, OutsidePeriod, ProfileChoice, SupportForm,
    access_sections,
};
pub use account::{
    ActivityPage, ApiTokensPage, OwnActivity, OwnPasskey, OwnSession, OwnToken, SecurityPage, TokenFault,
};
pub use activity::{activity_page, activity_section};
pub use agents::{AgentDraft, AgentPage, AgentView, agent_page, agents_page, new_agent_page, role_name, team_tabs};
pub use api_docs::{ApiAnswer, ApiDocsPage, ApiField, ApiMedia, ApiOperation, ApiParameter, ApiSchema, ApiTag};
pub use auth::{
    Ended, PasswordFault, SetPasswordPage, SetPasswordPurpose, SetPasswordState, SignInFault, SignInNotice, SignInPage,
};
pub use bulk::{
    BulkDraft, BulkJobView, BulkReport, BulkRowView, ROW_STATES, bulk_form, bulk_job, bulk_jobs, bulk_report, csv_head,
    csv_word, list_count, no_profile,
};
pub use chrome::{Assets, Chrome, Crumb, MenuGroup, MenuItem, QueueFragment, Surface, Theme, Viewer};
pub use comment::{
    AfterClosing, Author, AuthorKind, Comment, Comments, CommentsFragment, Composer, Moment, Offer, OpenComment, Turn,
};
pub use company::{CompanyAccess, LinkView, NewUserDraft, company_section, new_user_form};
pub use conflict::{ConflictPage, ConflictRow};
pub use console::{
    Confirm, ConsolePage, Faults, Filter, Form, LinkButton, Meter, Nothing, Part, RowAction, SecondButton, Secret,
    Section, Submit, Tab, Table, TableColumn, TableRow, Tone, fault_text,
};
pub use credentials::OneTime;
pub use deliveries::{DeliveriesPage, Delivery, DeliveryState};
pub use entry::{CompanyLinkPage, LinkState, TermsPage};
pub use error::{ErrorKind, ErrorPage};
pub use factor::{ProofFault, RecoveryCodesPage, RecoveryState, SecondFactorPage, SetUpMfaPage, SetUpStep, StepUpPage};
pub use flash::{Flash, FlashKind};
pub use form::{Choice, Control, FieldFault, FormBlock, FormField, RelationPicker, SuggestionsFragment};
pub use happening::{Happening, RecordLink, TOUCHPOINTS};
pub use history::{Assigned, Change, History, HistoryEntry};
pub use home::{DashboardPage, Home, HomePage, Requests, Shortcut, Tile, WaitingRow, Widget, WidgetRow, WidgetRows};
pub use list::{Column, Empty, ListPage, ListRow, PicklistFilter, ScopeSwitch, SearchBox, Sort, Total};
pub use locked::{LockedUser, LockedUsersPage, Seen};
pub use moves::{Move, TiedTo, move_page, still_open_section};
pub use pager::Pager;
pub use password::{
    AddressFault, ChangeFault, ChangePasswordPage, ConfirmLoginPage, ForgotPasswordPage, ForgotState, LoginChangePage,
};
pub use record::{Block, Dependent, Provenance, ReadOnlyReason, RecordPage, RelatedList, Transition, TransitionKind};
pub use record_form::{FormFault, FormMode, FormPage};
pub use roles::{GroupView, RIGHTS, RoleView, group_form, groups_page, role_form, roles_page};
pub use selection::{Choosing, Chosen, Selection, Unchanged, selection_page};
pub use sessions::{
    Once, SessionRow, TrustRow, contact_sessions_page, lock_tabs, secret_page, sessions_section, trusts_page,
};
pub use settings::{SettingsDraft, SettingsPage, settings_page};
pub use shown::{Field, ModuleName, Person, Pill, PillColor, Shown};
pub use standing::{SessionClock, Standing};
pub use tokens::{SCOPES, TokenDraft, TokenRow, token_form, tokens_page};
