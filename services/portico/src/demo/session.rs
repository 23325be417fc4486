//! Acting as somebody: log in, and keep a fresh actor token.

use super::PASSWORD;
use crate::refusal::refused;
use anyhow::{Context, Result};
use kernel::Channel;
use proto::identity::v1::{CheckSessionRequest, LoginRequest, Source, SubjectKind};
use runtime::{Call, Clients, with_call};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tonic::{Code, Response, Status};

/// How long a thing that needs another service's news may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who is logged in.
pub(super) struct As {
    clients: Clients,
    session: String,
    surface: SubjectKind,
    token: Mutex<(Instant, String)>,
}

impl As {
    pub(super) async fn log_in(clients: &Clients, login: &str, surface: SubjectKind) -> Result<As> {
        let request = LoginRequest {
            login: login.into(),
            password: PASSWORD.into(),
            surface: surface.into(),
            source: Some(Source { address: "127.0.0.1".into(), user_agent: "portico demo".into() }),
            ..LoginRequest::default()
        };
        let gateway = clients.as_service();
        let answer = patiently(|| {
            let request = request.clone();
            let gateway = gateway.clone();
            async move { gateway.identity().login(request).await }
        });
        let session = answer
            .await
            .map_err(|s| refused(s, "identity"))
            .with_context(|| format!("logging in as {login}"))?
            .into_inner()
            .session_token;
        let somebody =
            As { clients: clients.clone(), session, surface, token: Mutex::new((Instant::now(), String::new())) };
        somebody.token().await?;
        Ok(somebody)
    }

    async fn token(&self) -> Result<String, Status> {
        let mut token = self.token.lock().await;
        if token.1.is_empty() || token.0.elapsed() > Duration::from_secs(20) {
            let request = CheckSessionRequest {
                session_token: self.session.clone(),
                surface: self.surface.into(),
                background: false,
            };
            let answer = self.clients.as_service().identity().check_session(request).await?.into_inner();
            *token = (Instant::now(), answer.actor_token);
        }
        Ok(token.1.clone())
    }

    /// Makes a call in this person's name, and repeats it while what it depends on has not reached every service yet.
    pub(super) async fn call<T, F>(&self, act: impl Fn(Clients) -> F) -> Result<Response<T>, Status>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        patiently(async || {
            let token = self.token().await?;
            // Demo data leads to no mails: a few hundred tickets would be as many mails.
            let call = Call { token: Some(token), channel: Some(Channel::Import), after: Vec::new() };
            with_call(call, act(self.clients.clone())).await
        })
        .await
    }
}

/// Tries again what fails only for the moment, or because news travel.
pub(super) async fn patiently<T, F>(act: impl Fn() -> F) -> Result<Response<T>, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let began = Instant::now();
    loop {
        match act().await {
            Err(status) if began.elapsed() < PATIENCE && passes(&status) => {
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            result => return result,
        }
    }
}

/// True for a failure that may be over in a moment.
fn passes(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable
        | Code::NotFound
        | Code::ResourceExhausted
        | Code::Unauthenticated
        | Code::PermissionDenied
        | Code::Unknown => true,
        // An agent who was made just now, and who is to own a record.
        Code::InvalidArgument => runtime::error_of(status.clone()).fields.iter().any(|f| f.code == "unknown_agent"),
        _ => false,
    }
}
