use std::path::PathBuf;
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::own::{self, Kind, Own};
use crate::server::{Home, Running, Stop, listens, password};
use crate::{fresh, programs};

const VARIABLE: &str = "PHI_TEST_POSTGRES_URL";

/// A `PostgreSQL` server.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    /// `None` for a server that was given.
    own: Option<Own<Programs>>,
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
        let given = |url| Self { url, own: None };
        let shared = || own::given_or(Programs::NAME, VARIABLE, given, Self::installed);
        SHARED.get_or_init(shared).as_ref()
    }

    /// A server of one's own, for a test that stops it. `None` if none is installed.
    ///
    /// # Panics
    ///
    /// If there is none and `CI=true`, or an installed one does not start.
    pub fn start() -> Option<Self> {
        own::or_skip(Programs::NAME, Some(VARIABLE), Self::installed())
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
        let own = Own::start(home, Programs(programs));
        let url = format!("postgres://phi:{password}@127.0.0.1:{}/postgres", own.port());
        Some(Self { url, own: Some(own) })
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
            let names: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database")
                .fetch_all(&mut db)
                .await
                .expect("databases can be listed");
            for name in names.iter().filter(|name| fresh::left_over(name)) {
                // Another run may remove it at the same time.
                let drop = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                let _ = sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut db).await;
            }
            // Roles that tests named after their databases.
            let roles: Vec<String> = sqlx::query_scalar("SELECT rolname::text FROM pg_roles")
                .fetch_all(&mut db)
                .await
                .expect("roles can be listed");
            for role in roles.iter().filter(|role| fresh::left_over(role)) {
                let drop = format!("DROP ROLE IF EXISTS \"{role}\"");
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

    /// The port it listens on, if it was started here.
    pub(crate) fn port(&self) -> Option<u16> {
        self.own.as_ref().map(Own::port)
    }

    /// Stops it.
    ///
    /// # Panics
    ///
    /// If it was given and not [`start`](Self::start)ed, or has been stopped.
    pub fn stop(&self, how: Stop) {
        self.own().stop(how);
    }

    /// Starts it again, on the same port and with the same data.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn restart(&self) {
        self.own().restart();
    }

    fn own(&self) -> &Own<Programs> {
        self.own.as_ref().expect("only a server that was started here is stopped")
    }
}

/// The folder of the server's programs.
#[derive(Debug)]
struct Programs(PathBuf);

impl Kind for Programs {
    const NAME: &'static str = "PostgreSQL";

    fn signal(how: Stop) -> &'static str {
        match how {
            Stop::Orderly => "INT",
            Stop::Immediate => "QUIT",
        }
    }

    fn launch(&self, home: &Home, port: u16) -> Option<Running> {
        let status = home.path.join("data/postmaster.pid");
        let ready = || {
            // The eighth line is the state, as pg_ctl reads it.
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            text.lines().nth(7).is_some_and(|state| state.trim() == "ready") && listens(port)
        };
        let mut command = home.command(&self.0.join("postgres"));
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
}
