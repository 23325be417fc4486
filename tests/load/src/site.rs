//! A portal as an operator runs it: `portico serve --target all` as a process of its own, with the production profile.

use crate::{
    ground::Ground,
    usage::{Cpu, cpu_seconds, idle},
    work::milliseconds,
};
use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use kit::{Browser, Database, MASTER_KEY, Nats};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
};

/// How long a start may take before it counts as failed.
const START_LIMIT: Duration = Duration::from_secs(60);

/// An installation: database, NATS and settings; its process runs between [`Site::serve`] and [`Site::stop`].
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) nats: Nats,
    settings: Vec<(String, String)>,
    admin: SocketAddr,
    log: PathBuf,
    /// Another program than the one that lies beside this.
    program: Option<PathBuf>,
    process: Option<Child>,
}

impl Site {
    /// An installation on a database of the ground's Postgres; nothing runs yet.
    pub(crate) async fn new(ground: &Ground, name: &str) -> Result<Site> {
        let database = ground.database(name).await?;
        Site::on(ground, &database, name).await
    }

    /// An installation on a given database.
    pub(crate) async fn on(ground: &Ground, database: &Database, name: &str) -> Result<Site> {
        let (nats, log) = (ground.nats(name).await?, ground.directory.join(format!("{name}.log")));
        let [http, grpc, admin] = [free_address()?, free_address()?, free_address()?];
        let url = format!("http://{http}");
        let mut settings = database.settings();
        let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
        for user in runtime_users() {
            let url = nats.url_for(user).context("a NATS user")?;
            set(&format!("PORTICO_{}_NATS_URL", user.to_uppercase()), url);
        }
        set("PORTICO_NATS_URL", nats.url_for("operator").context("a NATS user")?);
        set("PORTICO_HTTP_LISTEN", http.to_string());
        set("PORTICO_GRPC_LISTEN", grpc.to_string());
        set("PORTICO_ADMIN_LISTEN", admin.to_string());
        set("PORTICO_PORTAL_URL", url.clone());
        set("PORTICO_MASTER_KEY", BASE64.encode(MASTER_KEY));
        set("PORTICO_DEMO", "true".into());
        if let Some(endpoint) = &ground.traces {
            set("PORTICO_OTLP_ENDPOINT", endpoint.clone());
        }
        Ok(Site { name: name.to_owned(), url, nats, settings, admin, log, program: None, process: None })
    }

    /// Another setting than usual, from the next start on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Runs another program of Portico from the next start on.
    pub(crate) fn run_program(&mut self, program: Option<PathBuf>) {
        self.program = program;
    }

    /// Stops the process and NATS where they are, or lets them go on.
    pub(crate) fn pause(&self, pause: bool) -> Result<()> {
        let signal = if pause { Signal::STOP } else { Signal::CONT };
        for id in [self.pid(), self.nats.pid()].into_iter().flatten() {
            let pid = Pid::from_raw(i32::try_from(id)?).context("a process id")?;
            kill_process(pid, signal)?;
        }
        Ok(())
    }

    /// Starts the process; answers how many milliseconds passed until /readyz said yes.
    pub(crate) async fn serve(&mut self) -> Result<f64> {
        let mut command = self.portico("serve")?;
        let began = Instant::now();
        let mut child = command.args(["--target", "all"]).spawn().context("starting portico")?;
        loop {
            if self.ready().await {
                break;
            }
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("portico ended ({status}); see {}", self.log.display());
            }
            ensure!(began.elapsed() < START_LIMIT, "portico was not ready within a minute; see {}", self.log.display());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.process = Some(child);
        Ok(milliseconds(began.elapsed()))
    }

    /// Loads the demo data through the real commands.
    pub(crate) async fn load_demo(&self) -> Result<()> {
        let mut child = self.portico("demo")?.spawn().context("starting portico demo")?;
        let limit = Duration::from_secs(300);
        let status = tokio::time::timeout(limit, child.wait()).await.context("the demo data took too long")??;
        ensure!(status.success(), "portico demo failed; see {}", self.log.display());
        Ok(())
    }

    /// Stops the process as an operator does.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.process.take() else { return Ok(()) };
        if let Some(pid) = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
            kill_process(pid, Signal::TERM)?;
        }
        if tokio::time::timeout(Duration::from_secs(20), child.wait()).await.is_err() {
            child.kill().await?;
        }
        Ok(())
    }

    /// The process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// CPU of this site's process and NATS, and of the whole Postgres.
    pub(crate) fn cpu(&self, ground: &Ground) -> Cpu {
        Cpu {
            portico: self.pid().map_or(0.0, cpu_seconds),
            postgres: ground.postgres_cpu(),
            nats: self.nats.pid().map_or(0.0, cpu_seconds),
        }
    }

    /// Waits until what was done has had its effects in all services.
    pub(crate) async fn settle(&self, ground: &Ground) {
        idle(|| self.cpu(ground), Duration::from_secs(120)).await;
    }

    /// A demo user's session. Logging in costs the real argon2.
    pub(crate) async fn sign_in(&self, login: &str) -> Result<Browser> {
        let mut browser = Browser::new(&self.url).unchecked();
        if login.ends_with("@demo.test") {
            browser = browser.console();
        }
        browser.sign_in(login, portico::demo::PASSWORD).await.with_context(|| format!("signing in as {login}"))?;
        Ok(browser)
    }

    fn portico(&self, what: &str) -> Result<Command> {
        let program = match &self.program {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("portico"),
        };
        ensure!(program.is_file(), "{} is missing: cargo build -p portico with the same profile", program.display());
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log)?;
        // The process must not outlive this one, however this one ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig=KILL", "--"]).arg(program).arg(what);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PORTICO_")) {
            command.env_remove(name);
        }
        command
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }

    async fn ready(&self) -> bool {
        let ask = async {
            let mut stream = TcpStream::connect(self.admin).await?;
            stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        matches!(tokio::time::timeout(Duration::from_secs(1), ask).await, Ok(Ok(a)) if a.split(' ').nth(1) == Some("200"))
    }
}

fn runtime_users() -> impl Iterator<Item = &'static str> {
    ["identity", "permissions", "records", "notification", "gateway"].into_iter()
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
