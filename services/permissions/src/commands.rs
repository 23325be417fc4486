//! Commands: gather facts, decide, append, answer.

use crate::{
    document::{self, Repaired},
    domain::{
        contact_profile::{self, ContactProfile},
        default_profile::{self, DefaultProfile},
        profile::{self, Document, Fault, Profile},
    },
    error,
    facts::Fact,
    queries::{Queries, database},
};
use eventlog::{ClaimChange, Decision, Draft, Loaded, Log, LogError, Meta, Stored};
use kernel::{Aggregate, Error, Timestamp};
use policy::{Problem, Severity};
use prost::Message;
use uuid::Uuid;

/// Names of profiles are unique, whatever the case.
const NAMES: &str = "profile_name";

/// The commands of permissions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Commands {
    log: Log,
    queries: Queries,
}

/// What came of a profile's command.
pub(crate) struct Done {
    /// Version of the profile's stream afterwards.
    pub(crate) version: i64,
    /// Position that a reader has to see: of its last event, or of the log when nothing had to be done.
    pub(crate) position: i64,
    /// What the command wanted remembered; the same when it is repeated.
    pub(crate) note: Note,
}

/// What a repeated command must answer again.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Note {
    /// Version of the stream afterwards.
    #[prost(int64, tag = "1")]
    version: i64,
    /// The profile.
    #[prost(string, tag = "2")]
    pub(crate) profile: String,
    /// The number in force.
    #[prost(int32, tag = "3")]
    pub(crate) number: i32,
    /// List columns that were taken away.
    #[prost(string, repeated, tag = "4")]
    pub(crate) removed_columns: Vec<String>,
    /// The document's problems, as JSON.
    #[prost(string, repeated, tag = "5")]
    problems: Vec<String>,
}

impl Note {
    fn of(profile: Uuid, repaired: &Repaired) -> Note {
        Note {
            version: 0,
            profile: profile.to_string(),
            number: 0,
            removed_columns: repaired.removed_columns.clone(),
            problems: repaired.problems.iter().filter_map(|p| serde_json::to_string(p).ok()).collect(),
        }
    }

    /// What was repaired in the document, and what is still wrong.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.problems.iter().filter_map(|p| serde_json::from_str(p).ok()).collect()
    }
}

/// A new profile as a caller wants it.
#[derive(Debug, Default)]
pub(crate) struct NewProfile {
    /// Its id; none: a new one.
    pub(crate) profile: Option<Uuid>,
    /// Over the document's; empty: the document's.
    pub(crate) name: String,
    /// Over the document's; empty: the document's.
    pub(crate) description: String,
    /// A profile to copy.
    pub(crate) copy_from: Option<Uuid>,
    /// A document; empty: none.
    pub(crate) document: String,
}

impl Commands {
    /// Commands on a log.
    pub(crate) fn new(log: Log, queries: Queries) -> Commands {
        Commands { log, queries }
    }

    /// Creates a profile as a draft: from a document, as a copy, or empty.
    pub(crate) async fn create(&self, meta: Meta, new: NewProfile) -> Result<Done, Error> {
        // The same command has the same id, also when the caller leaves the choice to us.
        let id = new.profile.unwrap_or_else(|| kernel::derived_id("profile", meta.command_id.as_bytes()));
        let mut profile = match (new.copy_from, new.document.as_str()) {
            (Some(_), document) if !document.is_empty() => {
                return Err(Error::invalid_field(
                    "copy_from",
                    "not_with_document",
                    "Give a document or a profile to copy.",
                ));
            }
            (Some(source), _) => self.copy_of(source).await?,
            (None, "") => empty(&new.name),
            (None, document) => document::parse(document)?,
        };
        if !new.name.is_empty() {
            profile.name = new.name;
        }
        if !new.description.is_empty() {
            profile.description = new.description;
        }
        let configuration = self.queries.configurations.read().await.map_err(database)?;
        let repaired = document::repair(profile, &configuration.installation)?;
        let note = Note::of(id, &repaired);
        let command = profile::Command::Create { profile: id, document: repaired.document, copied_from: new.copy_from };
        self.change(meta, id, 0, note, command).await
    }

    /// What a copy of a profile begins with: what is in force, else the draft. Without its match condition, so that it
    /// takes no contacts away from the original.
    async fn copy_of(&self, source: Uuid) -> Result<policy::Profile, Error> {
        let unknown = || Error::invalid_field("copy_from", "unknown_profile", "There is no such profile.");
        let document = match self.log.aggregate::<Profile>(source).await?.state {
            Profile::Unknown => return Err(unknown()),
            Profile::Existing { published: Some(version), .. } => version.document,
            Profile::Existing { draft, published: None, .. } => draft,
        };
        let mut profile = document::parse(&document.json)?;
        profile.matching = None;
        Ok(profile)
    }

    /// Saves a draft over the version that the caller has seen.
    pub(crate) async fn save_draft(&self, meta: Meta, id: Uuid, text: &str, expected: i64) -> Result<Done, Error> {
        let parsed = document::parse(text)?;
        let configuration = self.queries.configurations.read().await.map_err(database)?;
        let repaired = document::repair(parsed, &configuration.installation)?;
        let note = Note::of(id, &repaired);
        let command = profile::Command::SaveDraft { document: repaired.document };
        self.change(meta, id, seen(expected)?, note, command).await
    }

    /// Puts the draft in force, if nothing is wrong with it.
    pub(crate) async fn publish(&self, meta: Meta, id: Uuid, expected: i64) -> Result<Done, Error> {
        let configuration = self.queries.configurations.read().await.map_err(database)?;
        if !configuration.installation.is_known() {
            return Err(error::modules_not_known_yet());
        }
        let note = Note { profile: id.to_string(), ..Note::default() };
        // At another version than the caller has seen nothing is published, whatever is wrong with the draft there.
        let faults = match self.log.aggregate::<Profile>(id).await?.state {
            Profile::Unknown => Vec::new(),
            Profile::Existing { draft, .. } => {
                let parsed = document::parse(&draft.json)?;
                let problems = document::check(&parsed, &configuration.installation);
                problems.iter().filter(|p| p.severity == Severity::Error).map(fault).collect()
            }
        };
        self.change(meta, id, seen(expected)?, note, profile::Command::Publish { faults }).await
    }

    /// One command on a profile at the version that the caller has seen. A repeated command is answered as the first
    /// time, also when the profile has moved on.
    async fn change(
        &self,
        meta: Meta,
        id: Uuid,
        expected: i64,
        note: Note,
        command: profile::Command,
    ) -> Result<Done, Error> {
        let decision = Decision { id, meta: &meta, command, expected: Some(expected), repeatable: true };
        let along = |before: &Profile, events: &[profile::Event], draft: &mut Draft| {
            let after = kernel::fold(before.clone(), events);
            let version = expected + i64::try_from(events.len()).unwrap_or(i64::MAX);
            draft.result = Note { version, number: after.number(), ..note.clone() }.encode_to_vec();
            draft.claims.extend(names(id, before, &after));
            if events.iter().any(|e| matches!(e, profile::Event::Published { .. })) {
                draft.side_writes.push(Box::new(Fact::EverybodyTouched));
            }
        };
        let decided = self.log.decide::<Profile>(decision, along).await.map_err(|e| error::decided(e, id))?;
        let note = Note::decode(decided.result.as_slice()).map_err(Error::internal)?;
        Ok(Done { version: note.version, position: self.seen_at(decided.position).await?, note })
    }

    /// The position that a reader has to see for a command's effect: of its last event, or where the log ends when the
    /// command found everything as it wanted it.
    async fn seen_at(&self, position: i64) -> Result<i64, Error> {
        Ok(if position > 0 { position } else { self.log.head().await?.0 })
    }

    /// Chooses the profile of contacts without another one.
    pub(crate) async fn choose_default(&self, meta: Meta, profile: Uuid) -> Result<i64, Error> {
        let published = self.queries.is_published(profile).await?;
        let command = default_profile::Choose { profile, published };
        self.choose::<DefaultProfile>(&meta, Uuid::nil(), command, Fact::EverybodyTouched, error::choice).await
    }

    /// Gives a contact a profile by hand, or takes the choice back.
    pub(crate) async fn choose_for_contact(
        &self,
        meta: Meta,
        contact: Uuid,
        profile: Option<Uuid>,
    ) -> Result<i64, Error> {
        let contact_exists = self.queries.contact_exists(contact).await?;
        let profile = match profile {
            Some(id) => Some((id, self.queries.is_published(id).await?)),
            None => None,
        };
        let command = contact_profile::Choose { contact, contact_exists, profile };
        self.choose::<ContactProfile>(&meta, contact, command, Fact::SubjectTouched(contact), error::contact).await
    }

    /// Decides whatever the version is. Who is touched by the choice hears of it.
    async fn choose<A>(
        &self,
        meta: &Meta,
        id: Uuid,
        command: A::Command,
        touched: Fact,
        refused: fn(A::Rejection) -> Error,
    ) -> Result<i64, Error>
    where
        A: Stored,
        A::Command: Copy,
    {
        let decision = Decision { id, meta, command, expected: None, repeatable: true };
        let along = |_: &A, events: &[A::Event], draft: &mut Draft| {
            if !events.is_empty() {
                draft.side_writes.push(Box::new(touched.clone()));
            }
        };
        let decided = self.log.decide::<A>(decision, along).await;
        self.seen_at(decided.map_err(|e| e.map_rejection(refused))?.position).await
    }

    /// What the commands look things up with.
    pub(crate) fn queries(&self) -> &Queries {
        &self.queries
    }

    /// The log that they append to.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// A contact's profile, and when the last choice was made.
    pub(crate) async fn contact_profile(
        &self,
        contact: Uuid,
    ) -> Result<(Loaded<ContactProfile>, Option<Timestamp>), LogError> {
        let recorded = self.log.load(ContactProfile::stream(contact)).await?;
        Ok((Loaded::of(contact, &recorded)?, recorded.last().map(|r| r.recorded_at)))
    }

    /// True once a default profile was chosen.
    pub(crate) async fn has_default(&self) -> Result<bool, LogError> {
        Ok(self.log.aggregate::<DefaultProfile>(Uuid::nil()).await?.version > 0)
    }

    /// A new built-in profile, published at once. Nothing when it is there already.
    pub(crate) async fn create_published(&self, meta: Meta, id: Uuid, document: Document) -> Result<(), Error> {
        let loaded = self.log.aggregate::<Profile>(id).await?;
        if loaded.version > 0 {
            return Ok(());
        }
        let create = profile::Command::Create { profile: id, document, copied_from: None };
        let mut events = loaded.state.decide(create).map_err(error::profile)?;
        let draft = kernel::fold(loaded.state.clone(), &events);
        // Checked against the standard modules by tests; at the first start no module is known yet.
        events.extend(draft.decide(profile::Command::Publish { faults: Vec::new() }).map_err(error::profile)?);
        let after = kernel::fold(loaded.state.clone(), &events);
        let mut draft = self.log.draft(&loaded, &events).await?;
        draft.claims.extend(names(id, &loaded.state, &after));
        draft.side_writes.push(Box::new(Fact::EverybodyTouched));
        match self.log.append(draft.append(meta)).await {
            // Another process seeds too.
            Ok(_) | Err(LogError::WrongExpectedVersion { .. }) => Ok(()),
            Err(e) => Err(error::append(e, id)),
        }
    }
}

/// Which names are taken and which are free again. A name is kept while the draft or what is in force has it.
fn names(holder: Uuid, before: &Profile, after: &Profile) -> Vec<ClaimChange> {
    let (old, new) = (before.names(), after.names());
    let key = |name: &str| name.as_bytes().to_vec();
    let released = old.iter().filter(|n| !new.contains(n));
    let taken = new.iter().filter(|n| !old.contains(n));
    released
        .map(|n| ClaimChange::Release { scope: NAMES, key: key(n), holder })
        .chain(taken.map(|n| ClaimChange::Take { scope: NAMES, key: key(n), holder }))
        .collect()
}

fn fault(problem: &Problem) -> Fault {
    Fault { path: problem.path.clone(), code: problem.code.clone(), message: problem.message() }
}

/// The version that the caller has seen; a change without one is refused.
fn seen(expected: i64) -> Result<i64, Error> {
    if expected > 0 {
        return Ok(expected);
    }
    Err(Error::invalid_field("expected_version", "required", "Say which version of the profile you have changed."))
}

/// A profile that grants nothing.
fn empty(name: &str) -> policy::Profile {
    policy::Profile {
        format: policy::Format,
        name: name.to_owned(),
        description: String::new(),
        default_scope: policy::Scope::None,
        modules: std::collections::BTreeMap::new(),
        home: policy::Home::default(),
        owner: None,
        picklist_source: None,
        require_mfa: false,
        matching: None,
        templates: std::collections::BTreeMap::new(),
    }
}
