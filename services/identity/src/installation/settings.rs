//! Reading and changing the security settings.

use crate::{
    domain::{
        activity::EndReason,
        password::min_characters,
        session::Limits,
        settings::{Command, Document, Event, LockMode, MfaScope, SecuritySettings},
        token::MAX_LIVE,
    },
    draft::{DraftEvents, unrepeated},
    identity::Identity,
    links::{invitations, mail::RESET_SECONDS},
    rights,
    sessions::visits,
};
use eventlog::{Appended, Decision, Loaded, SideWrite};
use kernel::{Actor, ActorKind, Error, FRESH_SECONDS, FieldError, derived_id};
use proto::identity::v1 as wire;
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// There is one document for the installation.
fn id() -> Uuid {
    derived_id("settings", b"security")
}

impl Identity {
    /// The security settings, and the numbers that only the configuration changes.
    pub(crate) async fn get_settings(
        &self,
        actor: &Actor,
        _: wire::GetSettingsRequest,
    ) -> Result<wire::GetSettingsResponse, Error> {
        rights::may_see_settings(actor)?;
        let Loaded { state, version, .. } = self.log.aggregate::<SecuritySettings>(id()).await?;
        Ok(self.settings_answer(&state, version, 0))
    }

    /// Changes the security settings as a whole. Live sessions take another idle time over at once, and whoever came by a
    /// company's link is out when links are switched off.
    pub(crate) async fn change_settings(
        &self,
        actor: &Actor,
        request: wire::ChangeSettingsRequest,
    ) -> Result<wire::GetSettingsResponse, Error> {
        rights::may_configure(actor)?;
        let mut wanted = request.settings.unwrap_or_default();
        // A caller who doesn't know of it leaves it as it is.
        let before = self.log.aggregate::<SecuritySettings>(id()).await?.state;
        wanted.one_time_password_hours.get_or_insert(before.document.one_time_password_hours);
        let document = document_of(wanted)?;
        let meta = unrepeated(actor);
        let decision = Decision {
            id: id(),
            meta: &meta,
            command: Command::Change(document),
            expected: Some(request.expected_version),
            repeatable: false,
        };
        let visitors = visits::live_visitors(&self.pool, None).await?;
        let changed = self
            .log
            .decide::<SecuritySettings>(decision, |before, events, draft| {
                for Event::Changed { document, .. } in events {
                    draft.side_writes.extend(idle_times(&before.document, document));
                    if before.document.company_links && !document.company_links {
                        draft.activities(&visits::ended(&visitors, EndReason::LinkRevoked));
                        draft.side_writes.push(Box::new(visits::EndAllVisitors));
                    }
                }
            })
            .await?;
        self.current.forget();
        Ok(self.settings_answer(&changed.state, changed.version, changed.position))
    }

    fn settings_answer(&self, settings: &SecuritySettings, version: i64, position: i64) -> wire::GetSettingsResponse {
        let document = settings.document.clone();
        wire::GetSettingsResponse {
            settings: Some(wire::SecuritySettings {
                require_mfa: document.require_mfa.as_str().to_owned(),
                lock_mode: document.lock_mode.as_str().to_owned(),
                lock_failures: document.lock_failures,
                portal_idle_minutes: document.portal_idle_minutes,
                console_idle_minutes: document.console_idle_minutes,
                company_links: document.company_links,
                terms_required: document.terms_required,
                terms: document.terms.into_iter().collect(),
                help_contact: document.help_contact,
                one_time_password_hours: Some(document.one_time_password_hours),
            }),
            version,
            terms_version: settings.terms_version,
            effective: self.effective(),
            position,
        }
    }

    /// The numbers in force that nobody changes here.
    fn effective(&self) -> HashMap<String, String> {
        let hours = |kind| (Limits::of(kind).absolute_seconds / 3600).to_string();
        let rules = &self.settings.sources;
        [
            ("portal_session_hours", hours(ActorKind::Contact)),
            ("console_session_hours", hours(ActorKind::Agent)),
            ("invitation_hours", (invitations::VALID_SECONDS / 3600).to_string()),
            ("reset_minutes", (RESET_SECONDS / 60).to_string()),
            ("step_up_minutes", (FRESH_SECONDS / 60).to_string()),
            ("min_password_length", min_characters(false).to_string()),
            ("min_password_length_with_factor", min_characters(true).to_string()),
            ("lock_seconds", self.settings.lock_seconds.to_string()),
            ("lock_hold_failures", self.settings.lock_hold_failures.to_string()),
            ("source_failures", rules.failures.to_string()),
            ("source_logins", rules.logins.to_string()),
            ("source_pairs", rules.pairs.to_string()),
            ("api_tokens_per_user", MAX_LIVE.to_string()),
            ("time_zone", self.settings.time_zone.clone()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// The document of a message; every bad field is named.
fn document_of(settings: wire::SecuritySettings) -> Result<Document, Error> {
    let (mfa, mode) = (MfaScope::from_word(&settings.require_mfa), LockMode::from_word(&settings.lock_mode));
    let terms: BTreeMap<String, String> =
        settings.terms.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
    let document = Document {
        require_mfa: mfa.unwrap_or(MfaScope::Nobody),
        lock_mode: mode.unwrap_or(LockMode::Timed),
        lock_failures: settings.lock_failures,
        portal_idle_minutes: settings.portal_idle_minutes,
        console_idle_minutes: settings.console_idle_minutes,
        company_links: settings.company_links,
        terms_required: settings.terms_required,
        terms,
        help_contact: settings.help_contact.trim().to_owned(),
        one_time_password_hours: settings
            .one_time_password_hours
            .unwrap_or(Document::default().one_time_password_hours),
    };
    let unknown = |field: &str, message: &str| FieldError {
        field: field.to_owned(),
        code: "unknown_value".into(),
        message: message.to_owned(),
    };
    let mut faults = Vec::new();
    if mfa.is_none() {
        faults.push(unknown("require_mfa", "Either nobody, agents, contacts or everybody."));
    }
    if mode.is_none() {
        faults.push(unknown("lock_mode", "Either timed or manual."));
    }
    faults.extend(document.faults());
    if faults.is_empty() { Ok(document) } else { Err(Error::invalid(faults)) }
}

/// Takes another idle time over to the live sessions of a surface.
struct IdleTime {
    kind: ActorKind,
    seconds: i32,
}

fn idle_times(before: &Document, now: &Document) -> Vec<Box<dyn SideWrite>> {
    [
        (ActorKind::Contact, before.portal_idle_minutes, now.portal_idle_minutes),
        (ActorKind::Agent, before.console_idle_minutes, now.console_idle_minutes),
    ]
    .into_iter()
    .filter(|(_, before, now)| before != now)
    .map(|(kind, _, minutes)| Box::new(IdleTime { kind, seconds: minutes * 60 }) as Box<dyn SideWrite>)
    .collect()
}

impl SideWrite for IdleTime {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("update session set idle_seconds = $2 where kind = $1 and agent_id is null")
                .bind(self.kind.number())
                .bind(self.seconds)
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}
