//! Locked users: the list, and taking locks away.

use crate::{
    Identity,
    authority::Intent,
    codec,
    commands::{Draft, activity_stream, database},
    convert,
    domain::activity::Activity,
    guard::ClearUsers,
    queries, rights,
    trust::{self, RevokeTrust, TrustNetworks},
};
use eventlog::{Expected, Meta};
use kernel::{Actor, Cursor, CursorError, Error, MAX_PAGE, Timestamp, new_id, page_size, parse_id};
use proto::identity::v1 as wire;
use uuid::Uuid;

/// Longest note, in characters.
const MAX_NOTE: usize = 500;

impl Identity {
    /// Locked users, the latest first.
    pub(crate) async fn list_locked(
        &self,
        actor: &Actor,
        request: &wire::ListLockedRequest,
    ) -> Result<wire::ListLockedResponse, Error> {
        rights::may_unlock(actor)?;
        let size = page_size(request.limit)?;
        let behind = if request.cursor.is_empty() { None } else { Some(place(&request.cursor)?) };
        let mut users = queries::locked(&self.pool, behind, i64::from(size) + 1).await.map_err(database)?;
        let more = users.len() > size as usize;
        users.truncate(size as usize);
        let next =
            users.last().filter(|_| more).map(|u| Cursor(vec![u.since.micros().to_string(), u.user.to_string()]));
        Ok(wire::ListLockedResponse {
            users: users.into_iter().map(convert::locked_user).collect(),
            next_cursor: next.map(|c| c.encode()).unwrap_or_default(),
        })
    }

    /// Takes locks away. Users who are not locked are left out of the answer.
    pub(crate) async fn unlock(
        &self,
        actor: &Actor,
        request: &wire::UnlockRequest,
    ) -> Result<wire::UnlockResponse, Error> {
        rights::may_unlock(actor)?;
        let note = kernel::text::lines(&request.note, MAX_NOTE).map_err(|m| crate::error::misfit("note", m))?;
        let note = note.unwrap_or_default();
        if request.user_ids.is_empty() || request.user_ids.len() > MAX_PAGE as usize {
            return Err(Error::invalid_field("user_ids", "out_of_range", "Please choose 1 to 200 users."));
        }
        let ids = request.user_ids.iter().map(|id| parse_id(id)).collect::<Result<Vec<_>, _>>()?;
        self.may_act_on(actor, &ids, Intent::Unlock).await?;
        let locked = queries::locked_among(&self.pool, &ids).await.map_err(database)?;
        if locked.is_empty() {
            return Ok(wire::UnlockResponse::default());
        }
        let mut draft = Draft::default();
        for (user, kind) in &locked {
            let stream = draft.stream(activity_stream(*user), Expected::Any);
            draft.activity(
                stream,
                &Activity::Unlocked { user: *user, note: note.to_owned(), kind: *kind, trusted: request.trust },
            );
        }
        let users: Vec<Uuid> = locked.into_iter().map(|(user, _)| user).collect();
        if request.trust {
            // Before the count is cleared: it knows the networks.
            draft.side_writes.push(Box::new(TrustNetworks(users.clone())));
        }
        draft.side_writes.push(Box::new(ClearUsers(users.clone())));
        let appended = self.log.append(draft.append(Meta::new(actor.clone(), new_id(), &[]))).await?;
        Ok(wire::UnlockResponse { unlocked: users.iter().map(Uuid::to_string).collect(), position: appended.last })
    }

    /// Logins that are trusted from a network, everybody's or one user's.
    pub(crate) async fn list_trusts(
        &self,
        actor: &Actor,
        request: &wire::ListTrustsRequest,
    ) -> Result<wire::ListTrustsResponse, Error> {
        rights::may_unlock(actor)?;
        let user = if request.user_id.is_empty() { None } else { Some(parse_id(&request.user_id)?) };
        let trusts = trust::list(&self.pool, user).await.map_err(database)?;
        // From where somebody signs in who may do more is not theirs to know.
        let users: Vec<Uuid> = trusts.iter().map(|t| t.user).collect();
        let within = self.within(actor, &users, Intent::Unlock).await?;
        let trusts = trusts.into_iter().filter(|t| within.contains(&t.user)).map(|t| wire::Trust {
            trust_id: t.id.to_string(),
            user_id: t.user.to_string(),
            name: t.name,
            login: t.login,
            network: t.network,
            until_micros: t.until.micros(),
        });
        Ok(wire::ListTrustsResponse { trusts: trusts.collect() })
    }

    /// Takes a trust back.
    pub(crate) async fn revoke_trust(
        &self,
        actor: &Actor,
        request: &wire::RevokeTrustRequest,
    ) -> Result<wire::RevokeTrustResponse, Error> {
        rights::may_unlock(actor)?;
        let id = parse_id(&request.trust_id)?;
        let found = trust::find(&self.pool, id).await.map_err(database)?;
        let (user, network) = found.ok_or_else(Error::not_found)?;
        self.may_act_on(actor, &[user], Intent::Unlock).await?;
        let mut draft = Draft::default();
        let stream = draft.stream(activity_stream(user), Expected::Any);
        draft.activity(stream, &Activity::TrustRevoked { user, network });
        draft.side_writes.push(Box::new(RevokeTrust(id)));
        let appended = self.log.append(draft.append(Meta::new(actor.clone(), new_id(), &[]))).await?;
        Ok(wire::RevokeTrustResponse { position: appended.last })
    }

    /// Display names of users.
    pub(crate) async fn resolve_names(
        &self,
        request: &wire::ResolveNamesRequest,
    ) -> Result<wire::ResolveNamesResponse, Error> {
        if request.user_ids.len() > MAX_PAGE as usize {
            return Err(Error::invalid_field("user_ids", "out_of_range", "At most 200 users at once."));
        }
        let ids: Vec<Uuid> = request.user_ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
        let names =
            if ids.is_empty() { Vec::new() } else { queries::names(&self.pool, &ids).await.map_err(database)? };
        let names = names.into_iter().map(|(user, name, kind)| wire::Name {
            user_id: user.to_string(),
            name,
            kind: codec::subject_kind(kind).into(),
        });
        Ok(wire::ResolveNamesResponse { names: names.collect() })
    }
}

fn place(cursor: &str) -> Result<(Timestamp, Uuid), Error> {
    let Cursor(parts) = Cursor::decode(cursor, 2)?;
    let since = parts[0].parse().map_err(|_| CursorError)?;
    let user = Uuid::try_parse(&parts[1]).map_err(|_| CursorError)?;
    Ok((Timestamp::from_micros(since), user))
}
