use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::server::{Home, Running, Stop, free_port, listens, password};
use crate::{fresh, programs, skip};

const VARIABLE: &str = "PHI_TEST_POSTGRES_URL";

/// A `PostgreSQL` server.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    /// `None` for a server that was given.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    // Before the folder, so that it is dropped first.
    running: Mutex<Option<Running>>,
    home: Home,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// The one server of this process: the one that `PHI_TEST_POSTGRES_URL` names, else one that is
    /// started at the first call. `None` if there is none; the skip is counted and printed.
    ///
    /// # Panics
    ///
    /// If there is none and `CI=true`, or an installed one does not start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| {
            let given = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
            given.map(|url| Self { url, own: None }).or_else(Self::installed)
        });
        if shared.is_none() {
            skip::skip("PostgreSQL", VARIABLE);
        }
        shared.as_ref()
    }

    /// A server of one's own, for a test that stops it. `None` if none is installed.
    ///
    /// # Panics
    ///
    /// If there is none and `CI=true`, or an installed one does not start.
    pub fn start() -> Option<Self> {
        let own = Self::installed();
        if own.is_none() {
            skip::skip("PostgreSQL", VARIABLE);
        }
        own
    }

    fn installed() -> Option<Self> {
        let programs = programs::postgres()?;
        let home = Home::new("postgres", "postgres", "QUIT");
        let password = password();
        let secret = home.write("password", &password);
        home.run(
            home.command(&programs.join("initdb"))
                .args(["--pgdata", "data", "--username", "phi", "--auth", "scram-sha-256"])
                .args(["--encoding", "UTF8", "--locale", "C", "--no-sync", "--pwfile"])
                .arg(&secret),
        );
        // Between the search and the start somebody may take the port.
        for _ in 0..10 {
            let port = free_port();
            if let Some(running) = launch(&home, &programs, port) {
                let url = format!("postgres://phi:{password}@127.0.0.1:{port}/postgres");
                let running = Mutex::new(Some(running));
                return Some(Self { url, own: Some(Own { running, home, programs, port }) });
            }
        }
        panic!("PostgreSQL does not start\n{}", Running::why(&home));
    }

    /// The URL of its maintenance database, for a role that may do everything.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes an empty database and gives its URL, for a role that may do everything.
    ///
    /// # Panics
    ///
    /// If the server does not make one.
    pub async fn database(&self) -> String {
        let mut db = PgConnection::connect(&self.url).await.expect("the server can be reached");
        if self.own.is_none() {
            let names: Vec<String> = sqlx::query_scalar("SELECT datname FROM pg_database")
                .fetch_all(&mut db)
                .await
                .expect("databases can be listed");
            for name in names.iter().filter(|name| fresh::left_over(name)) {
                // Another run may remove it at the same time.
                let drop = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                let _ = sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut db).await;
            }
        }
        let name = fresh::name();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE \"{name}\"")))
            .execute(&mut db)
            .await
            .expect("the role may make databases");
        db.close().await.expect("a connection can be closed");
        fresh::with_database(&self.url, &name)
    }

    /// Stops it.
    ///
    /// # Panics
    ///
    /// If it was given and not [`start`](Self::start)ed, or has been stopped.
    pub fn stop(&self, how: Stop) {
        let own = self.own();
        let running = own.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let signal = match how {
            Stop::Orderly => "INT",
            Stop::Immediate => "QUIT",
        };
        running.expect("the server runs").stop(&own.home, signal);
    }

    /// Starts it again, on the same port and with the same data.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn restart(&self) {
        let own = self.own();
        let mut running = own.running.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(running.is_none(), "stop the server first");
        *running = launch(&own.home, &own.programs, own.port);
        assert!(running.is_some(), "PostgreSQL does not start\n{}", Running::why(&own.home));
    }

    fn own(&self) -> &Own {
        self.own.as_ref().expect("only a server that was started here is stopped")
    }
}

fn launch(home: &Home, programs: &std::path::Path, port: u16) -> Option<Running> {
    let status = home.path.join("data/postmaster.pid");
    let ready = || {
        // The eighth line is the state, as pg_ctl reads it.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        text.lines().nth(7).is_some_and(|state| state.trim() == "ready") && listens(port)
    };
    let mut command = home.command(&programs.join("postgres"));
    command.args(["-D", "data", "-h", "127.0.0.1", "-p", &port.to_string()]);
    for setting in [
        "unix_socket_directories=",
        "max_connections=200",
        "logging_collector=off",
        "log_statement=none",
    ] {
        command.args(["-c", setting]);
    }
    Running::start(home, &mut command, ready)
}
