//! Programs of other people on the bus of a test's portal, let in as an operator does it.

use crate::Portal;
use anyhow::{Context, Result, ensure};
use portico::{
    assemble::connect_nats,
    programs::{self, Access, Grant},
};
use sqlx::Connection;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

impl Portal {
    /// Grants a program what it may hear; unacknowledged messages come again after a second.
    pub async fn grant(&self, name: &str, subjects: &[&str], in_flight: i32) -> Result<Access> {
        let subjects = subjects.iter().map(|s| (*s).to_owned()).collect();
        let grant = Grant { name: name.into(), subjects, in_flight, ack_seconds: 1, new_password: false };
        let access = programs::grant(&self.config, &grant).await?;
        ensure!(access.in_force, "the server does not let {name} in");
        Ok(access)
    }

    /// Takes a program's access away.
    pub async fn revoke(&self, name: &str) -> Result<()> {
        let revoked = programs::revoke(&self.config, name).await?;
        ensure!(revoked.login_removed && revoked.in_force, "{revoked:?}");
        Ok(())
    }

    /// A connection to the bus as one of the parts of Portico, or as `operator`.
    pub async fn bus(&self, user: &str) -> Result<async_nats::Client> {
        let client = connect_nats(&self.config, user).await?;
        client.flush().await?;
        Ok(client)
    }

    /// Begins a new epoch of a service's log, as `portico events new-epoch` does.
    pub async fn new_epoch(&self, service: &str) -> Result<()> {
        let mut owner = self.database.owner().await?;
        let sql = format!("select {service}_log.begin_epoch()");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await?;
        owner.close().await?;
        eventlog::forget_stream(&self.bus(service).await?, service).await?;
        Ok(())
    }
}

/// A program's connection, and what the server complains about.
pub struct ProgramClient {
    /// The connection.
    pub client: async_nats::Client,
    complaints: UnboundedReceiver<String>,
}

impl ProgramClient {
    /// Connects with nothing but what the grant says.
    pub async fn connect(access: &Access) -> Result<ProgramClient> {
        let (sender, complaints) = unbounded_channel();
        let options = async_nats::ConnectOptions::with_user_and_password(access.name.clone(), access.password.clone());
        let client = options
            .request_timeout(Some(Duration::from_secs(1)))
            .event_callback(move |event| {
                let sender = sender.clone();
                async move {
                    let _ = sender.send(event.to_string());
                }
            })
            .connect(format!("nats://{}", access.server))
            .await?;
        Ok(ProgramClient { client, complaints })
    }

    /// What the server says next.
    pub async fn complaint(&mut self) -> Result<String> {
        let next = tokio::time::timeout(Duration::from_secs(5), self.complaints.recv());
        next.await.context("the server does not complain")?.context("the connection is gone")
    }

    /// Waits for the complaint that a subject is not allowed.
    pub async fn refused(&mut self, subject: &str) -> Result<()> {
        loop {
            let text = self.complaint().await?.to_lowercase();
            if text.contains("permissions violation") && text.contains(&subject.to_lowercase()) {
                return Ok(());
            }
        }
    }
}
