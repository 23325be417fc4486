//! What agents do about locks: the list, taking them away, and networks that are trusted after it.

use crate::{
    authority::Intent,
    domain::activity::Activity,
    draft::{DraftEvents, unrepeated},
    error::database,
    facts,
    guard::{
        attempts::ClearUsers,
        trust::{self, RevokeTrust, TrustNetworks, Wanted},
    },
    identity::Identity,
    login::locked,
    rights,
    streams::activity_stream,
};
use eventlog::{Draft, Expected};
use kernel::{Actor, Cursor, CursorError, Error, MAX_PAGE, Timestamp, page_size, parse_id};
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
        let mut users = locked::locked(&self.pool, behind, i64::from(size) + 1).await.map_err(database)?;
        let more = users.len() > size as usize;
        users.truncate(size as usize);
        let next =
            users.last().filter(|_| more).map(|u| Cursor(vec![u.since.micros().to_string(), u.user.to_string()]));
        let ids: Vec<Uuid> = users.iter().map(|u| u.user).collect();
        // Who may do more than the caller is not theirs to unlock, nor to be told of.
        let within = self.within(actor, &ids, Intent::Unlock).await?;
        users.retain(|u| within.contains(&u.user));
        let seen = trust::seen(&self.pool, &ids).await.map_err(database)?;
        Ok(wire::ListLockedResponse {
            users: users.into_iter().map(|u| locked::locked_user(u, &seen)).collect(),
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
        let locked = locked::locked_among(&self.pool, &ids).await.map_err(database)?;
        if locked.is_empty() {
            return Ok(wire::UnlockResponse::default());
        }
        let users: Vec<Uuid> = locked.iter().map(|(user, _)| *user).collect();
        let wanted = self.to_be_trusted(request, &users).await?;
        let mut draft = Draft::default();
        for (user, kind) in &locked {
            let of_user = wanted.iter().filter(|w| w.user == *user);
            let trusted = of_user.map(|w| w.network.clone()).collect();
            let stream = draft.stream(activity_stream(*user), Expected::Any);
            draft.activity(stream, &Activity::Unlocked { user: *user, note: note.to_owned(), kind: *kind, trusted });
        }
        let network = |w: &Wanted| wire::UserNetwork { user_id: w.user.to_string(), network: w.network.clone() };
        let trusted = wanted.iter().map(network).collect();
        if !wanted.is_empty() {
            draft.side_writes.push(Box::new(TrustNetworks(wanted)));
        }
        draft.side_writes.push(Box::new(ClearUsers(users.clone())));
        let appended = self.log.append(draft.append(unrepeated(actor))).await?;
        let unlocked = users.iter().map(Uuid::to_string).collect();
        Ok(wire::UnlockResponse { unlocked, position: appended.last, trusted })
    }

    /// Which networks are to be trusted: those that the agent chose among the failures', or, without a choice, those that
    /// the user has signed in from before. The networks of the failures are as likely the attacker's.
    async fn to_be_trusted(&self, request: &wire::UnlockRequest, users: &[Uuid]) -> Result<Vec<Wanted>, Error> {
        if !request.trust && request.trust_networks.is_empty() {
            return Ok(Vec::new());
        }
        let seen = trust::seen(&self.pool, users).await.map_err(database)?;
        let chosen: Vec<(Uuid, String)> = if request.trust_networks.is_empty() {
            seen.into_iter().filter(|s| s.succeeded_before).map(|s| (s.user, s.network)).collect()
        } else {
            let mut chosen = Vec::new();
            for wanted in &request.trust_networks {
                let user = parse_id(&wanted.user_id)?;
                // Who was unlocked by somebody else meanwhile is left out, like in the answer.
                if !users.contains(&user) && request.user_ids.iter().any(|id| parse_id(id).is_ok_and(|id| id == user)) {
                    continue;
                }
                if !seen.iter().any(|s| s.user == user && s.network == wanted.network) {
                    let message = "No failed sign-in of this user came from this network.";
                    return Err(Error::invalid_field("trust_networks", "not_seen", message));
                }
                if !chosen.contains(&(user, wanted.network.clone())) {
                    chosen.push((user, wanted.network.clone()));
                }
            }
            chosen
        };
        let mut wanted = Vec::with_capacity(chosen.len());
        for (user, network) in chosen {
            let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?;
            if let Some(facts) = facts {
                wanted.push(Wanted { subject_key: self.password_key(&facts), user, network });
            }
        }
        Ok(wanted)
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
        let appended = self.log.append(draft.append(unrepeated(actor))).await?;
        Ok(wire::RevokeTrustResponse { position: appended.last })
    }
}

fn place(cursor: &str) -> Result<(Timestamp, Uuid), Error> {
    let Cursor(parts) = Cursor::decode(cursor, 2)?;
    let since = parts[0].parse().map_err(|_| CursorError)?;
    let user = Uuid::try_parse(&parts[1]).map_err(|_| CursorError)?;
    Ok((Timestamp::from_micros(since), user))
}
