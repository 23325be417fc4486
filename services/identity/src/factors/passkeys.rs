//! Passkeys: setting one up, and signing in or proving oneself with one.

pub(crate) mod rows;

use crate::{
    domain::{
        account::{Command, Factor},
        attempt::Guess,
        stage::Stage,
    },
    error::{database, invalid_credentials, no_session, wrong_code},
    factors::passkeys::rows::{Ceremony, DeletePasskeys, MOST_PASSKEYS, StorePasskey},
    facts,
    guard::sources::Asking,
    identity::Identity,
    kind::person_kind,
    login::entry::Entry,
    proof::{Assured, Enrolled, Proved},
    rights,
    sessions::own::Own,
    source::Origin,
};
use eventlog::SideWrite;
use kernel::{Actor, ActorKind, Code, Error, FieldError, new_id, parse_id};
use proto::identity::v1 as wire;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::{debug, info};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential,
};

/// Longest name of a passkey, in characters.
const MAX_NAME: usize = 60;

/// What is kept of a login with a passkey alone: for which front end.
#[derive(Serialize, Deserialize)]
struct Alone {
    agent: bool,
    state: DiscoverableAuthentication,
}

impl Identity {
    /// Options for a new passkey.
    pub(crate) async fn begin_passkey(
        &self,
        own: Own,
        _: wire::BeginPasskeyRequest,
    ) -> Result<wire::BeginPasskeyResponse, Error> {
        if own.facts.passkeys >= MOST_PASSKEYS {
            let public = "There are ten passkeys already. Remove one first.";
            return Err(Error::new(Code::Precondition, "too_many_passkeys", public));
        }
        let user = own.session.user;
        let known = rows::of_user(&self.pool, user).await.map_err(database)?;
        let known = known.into_iter().map(|k| k.passkey.cred_id().clone()).collect();
        let (options, state) = self
            .relying_party()?
            .start_passkey_registration(user, &own.facts.login, &own.facts.name, Some(known))
            .map_err(|e| Error::internal(e.to_string()))?;
        let session = Some(own.session.id);
        let ceremony_id =
            rows::begin(&self.pool, &self.keys, Ceremony::Registration, Some(user), session, &state, self.log.now())
                .await?;
        let mut options = serde_json::to_value(options).map_err(Error::internal)?;
        // The device must be able to find the key by itself: then it signs in without a password.
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
            selection["residentKey"] = Value::from("required");
            selection["requireResidentKey"] = Value::from(true);
        }
        Ok(wire::BeginPasskeyResponse { options: options.to_string(), ceremony_id: ceremony_id.to_string() })
    }

    /// Stores a passkey that the device made. With the first factor come ten recovery codes, shown once.
    pub(crate) async fn finish_passkey(
        &self,
        own: Own,
        request: wire::FinishPasskeyRequest,
    ) -> Result<wire::FactorAddedResponse, Error> {
        let name = passkey_name(&request.name, &own)?;
        let (user, session) = (own.session.user, Some(own.session.id));
        let taken = rows::take::<PasskeyRegistration>(
            &self.pool,
            &self.keys,
            Ceremony::Registration,
            &request.ceremony_id,
            session,
        );
        let state = taken.await?.ok_or_else(ceremony_over)?;
        let answer: RegisterPublicKeyCredential = parse(&request.credential)?;
        let passkey = self.relying_party()?.finish_passkey_registration(&answer, &state).map_err(|e| {
            debug!(event = "passkey.refused", error = %e, "a passkey was not accepted");
            not_accepted()
        })?;
        let id = new_id();
        let (shown, hashes) = self.codes_for(&own).await?;
        let codes = i32::try_from(shown.len()).unwrap_or_default();
        let command = Command::AddPasskey { user, passkey: id, name: name.clone(), codes };
        let store = || -> Vec<Box<dyn SideWrite>> {
            vec![Box::new(StorePasskey { id, user, name: name.clone(), passkey: passkey.clone() })]
        };
        let login = self.add_factor(&own, Enrolled::passkey(&passkey), command, hashes, store).await?;
        info!(event = "factor.added", user.id = %user, factor = "passkey", "a second factor was set up");
        Ok(wire::FactorAddedResponse { recovery_codes: shown, login: Some(login), passkey_id: id.to_string() })
    }

    /// Removes a passkey. Other sessions end.
    pub(crate) async fn remove_passkey(
        &self,
        own: Own,
        request: wire::RemovePasskeyRequest,
    ) -> Result<wire::LoginResponse, Error> {
        let (user, passkey) = (own.session.user, parse_id(&request.passkey_id)?);
        let rest = own.facts.totp || own.facts.passkeys > 1;
        let delete =
            move || -> Vec<Box<dyn SideWrite>> { vec![Box::new(DeletePasskeys { user, only: Some(passkey) })] };
        self.remove_factor(&own, Factor::Passkey(passkey), rest, delete).await
    }

    /// Options to sign in with a passkey alone, or to prove oneself with one.
    pub(crate) async fn begin_passkey_login(
        &self,
        actor: &Actor,
        request: wire::BeginPasskeyLoginRequest,
    ) -> Result<wire::BeginPasskeyLoginResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let kind = person_kind(request.surface())?;
        let party = self.relying_party()?;
        let failed = |e: webauthn_rs::prelude::WebauthnError| Error::internal(e.to_string());
        let now = self.log.now();
        if request.session_token.is_empty() {
            let (options, state) = party.start_discoverable_authentication().map_err(failed)?;
            let state = Alone { agent: kind == ActorKind::Agent, state };
            let ceremony = rows::begin(&self.pool, &self.keys, Ceremony::Login, None, None, &state, now).await?;
            let mut options = serde_json::to_value(options).map_err(Error::internal)?;
            // A page asks for it with a button; the browser need not wait for a focused field.
            if let Some(options) = options.as_object_mut() {
                options.remove("mediation");
            }
            return Ok(wire::BeginPasskeyLoginResponse {
                options: options.to_string(),
                ceremony_id: ceremony.to_string(),
            });
        }
        let proof = proof(request.surface, request.session_token, request.source);
        let own = self.own(actor, Some(&proof)).await?;
        let user = own.session.user;
        let known: Vec<_> = rows::of_user(&self.pool, user).await.map_err(database)?;
        let known: Vec<_> = known.into_iter().map(|k| k.passkey).collect();
        if known.is_empty() {
            return Err(Error::new(Code::Precondition, "no_passkey", "There is no passkey yet."));
        }
        let (options, state) = party.start_passkey_authentication(&known).map_err(failed)?;
        let session = Some(own.session.id);
        let ceremony = rows::begin(&self.pool, &self.keys, Ceremony::Factor, Some(user), session, &state, now).await?;
        let options = serde_json::to_string(&options).map_err(Error::internal)?;
        Ok(wire::BeginPasskeyLoginResponse { options, ceremony_id: ceremony.to_string() })
    }

    /// Signs in with a passkey alone, completes a login, or steps up.
    pub(crate) async fn finish_passkey_login(
        &self,
        actor: &Actor,
        request: wire::FinishPasskeyLoginRequest,
    ) -> Result<wire::LoginResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let kind = person_kind(request.surface())?;
        let source = request.source.clone().unwrap_or_default();
        self.sources.ask(&source.address, Asking::Login)?;
        let answer: PublicKeyCredential = parse(&request.credential)?;
        if request.session_token.is_empty() {
            return self.passkey_alone(kind, &source, &request.ceremony_id, &answer, &request.device).await;
        }
        let proof = proof(request.surface, request.session_token, request.source);
        let own = self.own(actor, Some(&proof)).await?;
        if own.session.stage == Stage::Complete {
            self.may_go_on(&own).await?;
        }
        let (user, session) = (own.session.user, Some(own.session.id));
        let taken = rows::take::<PasskeyAuthentication>(
            &self.pool,
            &self.keys,
            Ceremony::Factor,
            &request.ceremony_id,
            session,
        );
        let state = taken.await?.ok_or_else(ceremony_over)?;
        let result = self.relying_party()?.finish_passkey_authentication(&answer, &state).map_err(refused)?;
        let proved = self.passkey_used(user, &result).await?;
        if own.session.stage == Stage::Complete {
            return self.stepped_up(&own, proved).await;
        }
        // A passkey was proved by the device: nothing was guessed, so no count is cleared by it.
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?;
        let mut entry = Entry::of_waiting(&own.session);
        entry.assured = entry.assured.and(&proved, own.facts.has_factor());
        Ok(self.enter(facts.ok_or_else(no_session)?, entry).await?)
    }

    async fn passkey_alone(
        &self,
        kind: ActorKind,
        source: &wire::Source,
        ceremony: &str,
        answer: &PublicKeyCredential,
        device: &str,
    ) -> Result<wire::LoginResponse, Error> {
        let taken = rows::take::<Alone>(&self.pool, &self.keys, Ceremony::Login, ceremony, None).await?;
        let alone = taken.filter(|a| a.agent == (kind == ActorKind::Agent)).ok_or_else(ceremony_over)?;
        let party = self.relying_party()?;
        let (user, key) = party.identify_discoverable_authentication(answer).map_err(refused)?;
        let known = rows::of_user(&self.pool, user).await.map_err(database)?;
        let found = known.iter().find(|k| k.passkey.cred_id().as_slice() == key).ok_or_else(invalid_credentials)?;
        let result = party
            .finish_discoverable_authentication_v2(answer, alone.state, DiscoverableKey::from(&found.passkey))
            .map_err(refused)?;
        let proved = self.passkey_used(user, &result).await?;
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?;
        let facts = facts.filter(|f| f.is_open() && f.kind == kind).ok_or_else(invalid_credentials)?;
        // A lock closes this way in too, except to a browser that has signed in before.
        let known_browser = self.keys.device_key(device, &self.password_key(&facts), self.log.now());
        let entry = Entry {
            origin: Origin::of(Some(source)),
            assured: Assured::begun(&proved),
            by_password: false,
            cleared: Vec::new(),
            budget: known_browser.map(|key| (Guess::Device, key)),
            former: None,
            device: true,
        };
        Ok(self.enter(facts, entry).await?)
    }

    /// The user was verified by the device, and the device's count goes up.
    async fn passkey_used(
        &self,
        user: Uuid,
        result: &webauthn_rs::prelude::AuthenticationResult,
    ) -> Result<Proved, Error> {
        let proved = Proved::by_passkey(result, self.log.now()).ok_or_else(invalid_credentials)?;
        let known = rows::of_user(&self.pool, user).await.map_err(database)?;
        let mut found =
            known.into_iter().find(|k| k.passkey.cred_id() == result.cred_id()).ok_or_else(invalid_credentials)?;
        found.passkey.update_credential(result);
        rows::used(&self.pool, found.id, &found.passkey).await.map_err(database)?;
        Ok(proved)
    }

    fn relying_party(&self) -> Result<&webauthn_rs::Webauthn, Error> {
        self.relying_party.as_ref().ok_or_else(|| {
            Error::new(Code::Precondition, "passkeys_off", "Passkeys need an address of the portal with a host name.")
        })
    }
}

fn proof(surface: i32, token: String, source: Option<wire::Source>) -> wire::SessionProof {
    wire::SessionProof { token, surface, source }
}

fn parse<T: serde::de::DeserializeOwned>(credential: &str) -> Result<T, Error> {
    serde_json::from_str(credential).map_err(|_| {
        Error::invalid_field("credential", "not_a_credential", "This is not what a browser answers to the options.")
    })
}

fn passkey_name(name: &str, own: &Own) -> Result<String, Error> {
    let name = kernel::text::line(name, MAX_NAME).map_err(|m| crate::error::misfit("name", m))?;
    Ok(name.unwrap_or_else(|| own.origin.browser.clone()))
}

/// The ceremony is unknown, was used, or took too long.
fn ceremony_over() -> Error {
    Error::new(Code::Precondition, "ceremony_over", "This took too long. Please try again.")
}

fn not_accepted() -> Error {
    Error::invalid(vec![FieldError { code: "not_accepted".into(), ..wrong_code("credential") }])
}

fn refused(e: webauthn_rs::prelude::WebauthnError) -> Error {
    debug!(event = "passkey.refused", error = %e, "a passkey's answer was not accepted");
    invalid_credentials()
}
