//! Reads: access plans, what changed, profiles.

use crate::{
    configuration::{Company, Configurations, Contact},
    document,
    domain::profile::BuiltIn,
    error,
};
use kernel::{Actor, Error, Right, Timestamp};
use policy::{AccessPlan, AgentGrant, AgentRole, CompanyGrant, ContactGrant, Problem, RecordsGrant, Role, Scope};
use serde_json::{Map, Value as Json};
use sqlx::{PgPool, types::Json as Column};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How far actions reach that say `inherit` where neither module nor profile says anything.
const INSTALLATION_SCOPE: Scope = Scope::Mine;
/// From so many touched subjects on, everybody counts as touched.
const EVERYBODY: usize = 1000;

/// Reads of permissions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Queries {
    pool: PgPool,
    /// Published profiles and the installation, in memory.
    pub(crate) configurations: Configurations,
}

/// An access plan and the policy position that it stands on.
pub(crate) struct Plan {
    /// The plan.
    pub(crate) plan: AccessPlan,
    /// The position.
    pub(crate) position: i64,
}

/// Whose plans changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Up to this policy position.
    pub(crate) position: i64,
    /// Everybody's.
    pub(crate) all: bool,
    /// Else these subjects'.
    pub(crate) subjects: BTreeSet<Uuid>,
}

/// A profile as lists show it.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    /// Its id.
    pub(crate) profile_id: Uuid,
    /// The name in force, or of the draft.
    pub(crate) name: String,
    /// The description in force, or of the draft.
    pub(crate) description: String,
    /// The version in force; 0: never published.
    pub(crate) published_number: i32,
    /// Given to contacts without another one.
    pub(crate) is_default: bool,
    /// The draft says something else than what is in force.
    pub(crate) changed: bool,
}

impl Summary {
    /// It can neither be deleted nor renamed.
    pub(crate) fn is_built_in(&self) -> bool {
        BuiltIn::of(self.profile_id).is_some()
    }
}

/// A profile with its documents.
pub(crate) struct Details {
    /// As lists show it.
    pub(crate) summary: Summary,
    /// What is in force; empty when nothing is.
    pub(crate) published: String,
    /// What is edited.
    pub(crate) draft: String,
    /// Version of the stream, for the next change.
    pub(crate) version: i64,
    /// What is wrong with the draft.
    pub(crate) problems: Vec<Problem>,
}

const SUMMARY: &str = "select profile_id, coalesce(published_name, draft_name) as name,
    coalesce(published_description, draft_description) as description, published_number, is_default,
    draft is distinct from published as changed";

type SummaryRow = (Uuid, String, String, i32, bool, bool);

impl From<SummaryRow> for Summary {
    fn from((profile_id, name, description, published_number, is_default, changed): SummaryRow) -> Summary {
        Summary { profile_id, name, description, published_number, is_default, changed }
    }
}

/// Values of a record as a column.
type Values = Column<Map<String, Json>>;
/// Number, values and deletion of a contact.
type ContactPart = (Option<i64>, Option<Values>, Option<bool>);
/// Id, number and values of a company that isn't deleted.
type CompanyPart = (Option<Uuid>, Option<i64>, Option<Values>);

impl Queries {
    /// Reads over a pool of the service's role.
    pub(crate) fn new(pool: PgPool) -> Queries {
        Queries { configurations: Configurations::new(pool.clone()), pool }
    }

    /// The plan of a contact: one statement, unless profiles or modules changed since the last one.
    ///
    /// # Errors
    /// `contact_deleted`; for a contact of whom nothing is known, `unknown` gives the error.
    pub(crate) async fn contact_plan(
        &self,
        contact: Uuid,
        now: Timestamp,
        unknown: fn() -> Error,
    ) -> Result<Plan, Error> {
        type Row = (
            i64,
            i64,
            Option<Uuid>,
            Option<i64>,
            Option<Values>,
            Option<bool>,
            Option<Uuid>,
            Option<i64>,
            Option<Values>,
        );
        let row: Row = sqlx::query_as(
            "select s.position, s.configuration, p.profile_id, c.number, c.fields, c.deleted,
                    co.company_id, co.number, co.fields
             from plan_state s
             left join known_contacts c on c.contact_id = $1
             left join known_companies co on co.company_id = c.company_id and not co.deleted
             left join contact_profile_v1 p on p.contact_id = $1",
        )
        .bind(contact)
        .fetch_one(&self.pool)
        .await
        .map_err(database)?;
        let (position, at, explicit, c_number, c_fields, deleted, co_id, co_number, co_fields) = row;
        let configuration = self.configurations.at(at).await.map_err(database)?;
        let (contact_part, company_part) = ((c_number, c_fields, deleted), (co_id, co_number, co_fields));
        let known = known_contact(contact, explicit, contact_part, company_part).ok_or_else(unknown)??;
        let (chosen, published) = configuration.choose(&known, now)?;
        let texts = ["department", "language"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), known.fields.get(name)?.as_str()?.to_owned())));
        let grant = ContactGrant {
            id: contact.to_string(),
            contact_number: number(known.number),
            companies: (known.company.iter()).filter_map(|c| Some((c.id.to_string(), number(c.number)?))).collect(),
            fields: texts.collect(),
            // The company's own portal user sees what the company's link showed before.
            stands_for_company: known.is_primary() && known.explicit == Some(BuiltIn::NonPortalUsers.id()),
            profile: chosen,
            policy_version: position,
        };
        let catalogue = &configuration.installation.catalogue;
        let plan = AccessPlan::for_contact(&published.profile, grant, catalogue, INSTALLATION_SCOPE);
        Ok(Plan { plan, position })
    }

    /// The plan of an agent. `claimed` is who a verified token says that it is, for an agent of whom identity's event has
    /// not arrived yet.
    ///
    /// # Errors
    /// `agent_unknown`; `agent_disabled` for a disabled agent who asks in the own name.
    pub(crate) async fn agent_plan(&self, agent: Uuid, claimed: Option<&Actor>) -> Result<Plan, Error> {
        type Row = (i64, Option<String>, Option<bool>, Option<String>, Option<Vec<String>>, Vec<Uuid>);
        let (position, known, disabled, records, rights, groups): Row = sqlx::query_as(
            "select s.position, a.role, a.disabled, r.records, r.rights,
                    array(select g.group_id from known_groups g where g.member_ids @> array[$1] order by g.group_id)
             from plan_state s
             left join known_agents a on a.agent_id = $1
             left join known_roles r on r.role_id = coalesce(a.role, $2)",
        )
        .bind(agent)
        .bind(claimed.map(|c| c.role.as_str()))
        .fetch_one(&self.pool)
        .await
        .map_err(database)?;
        if claimed.is_some() && disabled == Some(true) {
            return Err(Error::forbidden("agent_disabled"));
        }
        let unknown = || Error { reason: "agent_unknown".into(), ..Error::not_found() };
        let is_known = known.is_some();
        let id = known.or_else(|| claimed.map(|c| c.role.clone())).ok_or_else(unknown)?;
        let own = records.zip(rights).map(|(records, rights)| Role {
            id: id.clone(),
            records: RecordsGrant::of_word(&records),
            rights: rights.iter().filter_map(|r| Right::from_word(r)).collect(),
        });
        // Neither built in nor heard of: nothing is granted, except what the token of a new agent itself says.
        let role = AgentRole::parse(&id).map(Role::from).or(own).unwrap_or_else(|| {
            let rights = claimed.filter(|_| !is_known).map(|c| c.rights.clone()).unwrap_or_default();
            Role { rights, ..Role::unknown(&id) }
        });
        let grant = AgentGrant {
            id: agent.to_string(),
            role,
            groups: groups.iter().map(Uuid::to_string).collect(),
            fields: std::collections::BTreeMap::new(),
            policy_version: position,
        };
        Ok(Plan { plan: AccessPlan::for_agent(grant), position })
    }

    /// The plan of whoever came by a company's secure link: the profile for secure links, and nothing but that company.
    ///
    /// # Errors
    /// Not found for a company that is unknown or deleted.
    pub(crate) async fn company_plan(&self, company: Uuid) -> Result<Plan, Error> {
        let (position, at, known): (i64, i64, Option<i64>) = sqlx::query_as(
            "select s.position, s.configuration, c.number
             from plan_state s left join known_companies c on c.company_id = $1 and not c.deleted",
        )
        .bind(company)
        .fetch_one(&self.pool)
        .await
        .map_err(database)?;
        let known = known.and_then(number).ok_or_else(Error::not_found)?;
        let configuration = self.configurations.at(at).await.map_err(database)?;
        let (profile, published) = configuration.for_links()?;
        let grant = CompanyGrant { id: company.to_string(), number: known, profile, policy_version: position };
        let catalogue = &configuration.installation.catalogue;
        let plan = AccessPlan::for_company(&published.profile, grant, catalogue, INSTALLATION_SCOPE);
        Ok(Plan { plan, position })
    }

    /// The policy position: it moves with everything that changes any plan.
    pub(crate) async fn position(&self) -> Result<i64, Error> {
        sqlx::query_scalar("select position from plan_state").fetch_one(&self.pool).await.map_err(database)
    }

    /// The plan of a service of ours: it reads everything.
    pub(crate) async fn service_plan(&self, service: Uuid) -> Result<Plan, Error> {
        let position = self.position().await?;
        Ok(Plan { plan: AccessPlan::for_service(&service.to_string(), position), position })
    }

    /// Whose plans changed after a policy position; a negative one asks for all. One statement that reads one row of
    /// `plan_state` and, when nothing happened, finds nothing in an index.
    pub(crate) async fn changes_since(&self, since: i64) -> Result<Changes, Error> {
        let (position, floor, touched): (i64, i64, Vec<Option<Uuid>>) = sqlx::query_as(
            "select s.position, s.floor,
                    array(select c.subject_id from plan_change c where c.position > $1 order by c.position limit 1000)
             from plan_state s",
        )
        .bind(since)
        .fetch_one(&self.pool)
        .await
        .map_err(database)?;
        // A position of a future that was taken back (a restored database), or of a past that is no longer listed.
        let lost = since < floor || since > position;
        let subjects: BTreeSet<Uuid> = touched.iter().flatten().copied().collect();
        let all = since < 0 || lost || touched.len() >= EVERYBODY || touched.iter().any(Option::is_none);
        Ok(Changes { position, all, subjects: if all { BTreeSet::new() } else { subjects } })
    }

    /// All profiles, the default first, then by name.
    pub(crate) async fn profiles(&self) -> Result<Vec<Summary>, Error> {
        let sql = format!("{SUMMARY} from profiles_v1 order by is_default desc, name, profile_id");
        let rows: Vec<SummaryRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await.map_err(database)?;
        Ok(rows.into_iter().map(Summary::from).collect())
    }

    /// One profile with its documents, and what is wrong with its draft in this installation.
    pub(crate) async fn profile(&self, profile: Uuid) -> Result<Details, Error> {
        type Row = (Uuid, String, String, i32, bool, bool, Option<String>, String, i64);
        let sql = format!("{SUMMARY}, published, draft, version from profiles_v1 where profile_id = $1");
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(profile)
            .fetch_optional(&self.pool)
            .await
            .map_err(database)?;
        let (id, name, description, number, is_default, changed, published, draft, version) =
            row.ok_or_else(Error::not_found)?;
        let configuration = self.configurations.read().await.map_err(database)?;
        let problems = match document::parse(&draft) {
            Ok(parsed) => document::check(&parsed, &configuration.installation),
            Err(_) => Vec::new(),
        };
        Ok(Details {
            summary: (id, name, description, number, is_default, changed).into(),
            published: published.unwrap_or_default(),
            draft,
            version,
            problems,
        })
    }

    /// Whether a version of a profile is in force; None when there is no such profile.
    pub(crate) async fn is_published(&self, profile: Uuid) -> Result<Option<bool>, Error> {
        sqlx::query_scalar("select published is not null from profiles_v1 where profile_id = $1")
            .bind(profile)
            .fetch_optional(&self.pool)
            .await
            .map_err(database)
    }

    /// Whether a contact is known to be deleted; of one who was never heard of nothing is known.
    pub(crate) async fn contact_is_deleted(&self, contact: Uuid) -> Result<bool, Error> {
        sqlx::query_scalar("select exists (select from known_contacts where contact_id = $1 and deleted)")
            .bind(contact)
            .fetch_one(&self.pool)
            .await
            .map_err(database)
    }

    /// Whether a contact is known and not deleted.
    pub(crate) async fn contact_exists(&self, contact: Uuid) -> Result<bool, Error> {
        sqlx::query_scalar("select exists (select from known_contacts where contact_id = $1 and not deleted)")
            .bind(contact)
            .fetch_one(&self.pool)
            .await
            .map_err(database)
    }
}

/// What the row says of the contact; None when nothing is known of it.
fn known_contact(
    id: Uuid,
    explicit: Option<Uuid>,
    (number, fields, deleted): ContactPart,
    company: CompanyPart,
) -> Option<Result<Contact, Error>> {
    let (number, fields) = (number?, fields?);
    if deleted == Some(true) {
        return Some(Err(error::contact_deleted()));
    }
    let company = match company {
        (Some(id), Some(number), Some(fields)) => Some(Company { id, number, fields: fields.0 }),
        _ => None,
    };
    Some(Ok(Contact { id, number, fields: fields.0, company, explicit }))
}

fn number(stored: i64) -> Option<u64> {
    u64::try_from(stored).ok().filter(|n| *n > 0)
}

/// A failure of the database as an error for callers.
pub(crate) fn database(error: sqlx::Error) -> Error {
    eventlog::LogError::from(error).into()
}
