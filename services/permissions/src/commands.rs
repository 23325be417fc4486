//! Commands: gather facts, decide, append, answer.

use crate::{
    convert::{self, Event, Stored},
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
use eventlog::{
    Append, Appended, Built, ClaimChange, Expected, Log, LogError, Meta, NewEvent, Reserved, SideWrite, StreamId,
};
use kernel::{Aggregate, Error, Timestamp};
use policy::{Problem, Severity};
use prost::Message;
use std::sync::Arc;
use uuid::Uuid;

/// Names of profiles are unique, whatever the case.
const NAMES: &str = "profile_name";
/// A command that others overtook is decided again so many times.
const ATTEMPTS: usize = 3;

/// The stream of a profile.
pub(crate) fn profile_stream(profile: Uuid) -> StreamId {
    StreamId::new("profile", profile)
}

/// The one stream of the choice of the default profile.
pub(crate) fn default_stream() -> StreamId {
    StreamId::new("default_profile", Uuid::nil())
}

/// The stream of a contact's profile.
pub(crate) fn contact_stream(contact: Uuid) -> StreamId {
    StreamId::new("contact_profile", contact)
}

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
    /// Position of its last event.
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
        self.change(meta, id, 0, note, |_| Ok(command.clone())).await
    }

    /// What a copy of a profile begins with: what is in force, else the draft. Without its match condition, so that it
    /// takes no contacts away from the original.
    async fn copy_of(&self, source: Uuid) -> Result<policy::Profile, Error> {
        let unknown = || Error::invalid_field("copy_from", "unknown_profile", "There is no such profile.");
        let state: Profile = self.load(profile_stream(source)).await?.1;
        let document = match state {
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
        self.change(meta, id, seen(expected)?, note, |_| Ok(command.clone())).await
    }

    /// Puts the draft in force, if nothing is wrong with it.
    pub(crate) async fn publish(&self, meta: Meta, id: Uuid, expected: i64) -> Result<Done, Error> {
        let configuration = self.queries.configurations.read().await.map_err(database)?;
        if !configuration.installation.is_known() {
            return Err(error::modules_not_known_yet());
        }
        let note = Note { profile: id.to_string(), ..Note::default() };
        self.change(meta, id, seen(expected)?, note, |state| {
            let faults = match state {
                Profile::Unknown => Vec::new(),
                Profile::Existing { draft, .. } => {
                    let parsed = document::parse(&draft.json)?;
                    let problems = document::check(&parsed, &configuration.installation);
                    problems.iter().filter(|p| p.severity == Severity::Error).map(fault).collect()
                }
            };
            Ok(profile::Command::Publish { faults })
        })
        .await
    }

    /// One command on a profile at the version that the caller has seen. A repeated command is answered as the first
    /// time, also when the profile has moved on; that is why a stale version is the append's to refuse.
    async fn change(
        &self,
        meta: Meta,
        id: Uuid,
        expected: i64,
        mut note: Note,
        command: impl Fn(&Profile) -> Result<profile::Command, Error> + Send + Sync,
    ) -> Result<Done, Error> {
        let (version, before): (i64, Profile) = self.load(profile_stream(id)).await?;
        let events =
            if version == expected { before.decide(command(&before)?).map_err(error::profile)? } else { Vec::new() };
        let after = kernel::fold(before.clone(), &events);
        note.number = after.number();
        let published = events.iter().any(|e| matches!(e, profile::Event::Published { .. }));
        let side: Vec<Box<dyn SideWrite>> = if published { vec![Box::new(Fact::EverybodyTouched)] } else { Vec::new() };
        let stored = Arc::new(events.iter().map(convert::profile_event).collect::<Vec<_>>());
        let append = Append {
            claims: if version == expected { names(id, &before, &after) } else { Vec::new() },
            build: build(stored, note),
            side_writes: side,
            ..Append::events(meta, profile_stream(id), Expected::Version(expected), Vec::new())
        };
        let appended = self.log.append(append).await.map_err(|e| error::append(e, id))?;
        done(&appended)
    }

    /// Chooses the profile of contacts without another one.
    pub(crate) async fn choose_default(&self, meta: Meta, profile: Uuid) -> Result<i64, Error> {
        let published = self.queries.is_published(profile).await?;
        let command = default_profile::Choose { profile, published };
        let touched = Fact::EverybodyTouched;
        self.decide::<DefaultProfile>(meta, default_stream(), command, convert::default_event, touched, error::choice)
            .await
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
        let touched = Fact::SubjectTouched(contact);
        let stream = contact_stream(contact);
        self.decide::<ContactProfile>(meta, stream, command, convert::contact_event, touched, error::contact).await
    }

    /// Decides on a stream whatever its version, again when others were quicker.
    async fn decide<A>(
        &self,
        meta: Meta,
        stream: StreamId,
        command: A::Command,
        store: fn(&A::Event) -> Stored,
        touched: Fact,
        refused: fn(A::Rejection) -> Error,
    ) -> Result<i64, Error>
    where
        A: Aggregate + Loaded,
        A::Command: Copy,
    {
        let mut attempt = 1;
        loop {
            let (version, state): (i64, A) = self.load(stream).await?;
            let events = state.decide(command).map_err(refused)?;
            let side: Vec<Box<dyn SideWrite>> =
                if events.is_empty() { Vec::new() } else { vec![Box::new(touched.clone())] };
            let append = Append {
                build: build(Arc::new(events.iter().map(store).collect()), Note::default()),
                side_writes: side,
                ..Append::events(meta.clone(), stream, Expected::Version(version), Vec::new())
            };
            match self.log.append(append).await {
                Ok(appended) => return Ok(appended.last),
                Err(LogError::WrongExpectedVersion { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// What the commands look things up with.
    pub(crate) fn queries(&self) -> &Queries {
        &self.queries
    }

    /// The version and state of a contact's profile, and when the last choice was made.
    pub(crate) async fn contact_profile(
        &self,
        contact: Uuid,
    ) -> Result<(i64, ContactProfile, Option<Timestamp>), LogError> {
        let recorded = self.log.load(contact_stream(contact)).await?;
        let (version, at) = recorded.last().map_or((0, None), |r| (r.version, Some(r.recorded_at)));
        let events = recorded.iter().map(convert::event).collect::<Result<Vec<_>, _>>()?;
        Ok((version, kernel::fold(ContactProfile::default(), events.iter().filter_map(ContactProfile::own)), at))
    }

    /// The version and state of a stream.
    pub(crate) async fn load<A: Aggregate + Loaded>(&self, stream: StreamId) -> Result<(i64, A), Error> {
        let recorded = self.log.load(stream).await?;
        let version = recorded.last().map_or(0, |r| r.version);
        let events = recorded.iter().map(convert::event).collect::<Result<Vec<_>, _>>()?;
        Ok((version, kernel::fold(A::default(), events.iter().filter_map(A::own))))
    }

    /// A new built-in profile, published at once. Nothing when it is there already.
    pub(crate) async fn create_published(&self, meta: Meta, id: Uuid, document: Document) -> Result<(), Error> {
        let (version, before): (i64, Profile) = self.load(profile_stream(id)).await?;
        if version > 0 {
            return Ok(());
        }
        let create = profile::Command::Create { profile: id, document, copied_from: None };
        let mut events = before.decide(create).map_err(error::profile)?;
        let draft = kernel::fold(before.clone(), &events);
        // Checked against the standard modules by tests; at the first start no module is known yet.
        events.extend(draft.decide(profile::Command::Publish { faults: Vec::new() }).map_err(error::profile)?);
        let after = kernel::fold(before.clone(), &events);
        let append = Append {
            claims: names(id, &before, &after),
            build: build(Arc::new(events.iter().map(convert::profile_event).collect()), Note::default()),
            side_writes: vec![Box::new(Fact::EverybodyTouched)],
            ..Append::events(meta, profile_stream(id), Expected::Version(0), Vec::new())
        };
        match self.log.append(append).await {
            // Another process seeds too.
            Ok(_) | Err(LogError::WrongExpectedVersion { .. }) => Ok(()),
            Err(e) => Err(error::append(e, id)),
        }
    }
}

/// Picks an aggregate's own events out of those of the service.
pub(crate) trait Loaded: Aggregate {
    /// The event, if it is one of this aggregate's.
    fn own(event: &Event) -> Option<&Self::Event>;
}

impl Loaded for Profile {
    fn own(event: &Event) -> Option<&profile::Event> {
        if let Event::Profile(e) = event { Some(e) } else { None }
    }
}

impl Loaded for DefaultProfile {
    fn own(event: &Event) -> Option<&default_profile::Chosen> {
        if let Event::Default(e) = event { Some(e) } else { None }
    }
}

impl Loaded for ContactProfile {
    fn own(event: &Event) -> Option<&contact_profile::Chosen> {
        if let Event::Contact(e) = event { Some(e) } else { None }
    }
}

type Build = Box<dyn Fn(&Reserved) -> Result<Built, Error> + Send + Sync>;

/// Events that are already decided, and the note with the version that they lead to.
fn build(events: Arc<Vec<Stored>>, note: Note) -> Build {
    Box::new(move |reserved| {
        let before = reserved.versions.first().copied().unwrap_or_default();
        let version = before + i64::try_from(events.len()).unwrap_or(i64::MAX);
        let events = events
            .iter()
            .map(|(stored_type, payload)| NewEvent { stream: 0, stored_type, payload: payload.clone(), key: None })
            .collect();
        Ok(Built { events, result: Note { version, ..note.clone() }.encode_to_vec() })
    })
}

fn done(appended: &Appended) -> Result<Done, Error> {
    let note = Note::decode(appended.result.as_slice()).map_err(Error::internal)?;
    Ok(Done { version: note.version, position: appended.last, note })
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
