use std::path::PathBuf;
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection};

use crate::own::{self, Kind, Own};
use crate::server::{Home, Running, Stop, listens, password};
use crate::{fresh, programs};

const VARIABLE: &str = "PHI_TEST_MYSQL_URL";

/// A `MariaDB` server.
#[derive(Debug)]
pub struct MariaDb {
    url: String,
    /// `None` for a server that was given.
    own: Option<Own<Programs>>,
}

impl MariaDb {
    /// The one server of this process: the one that `PHI_TEST_MYSQL_URL` names, else one that is
    /// started at the first call. `None` if there is none; the skip is counted and printed.
    ///
    /// # Panics
    ///
    /// If there is none and `CI=true`, or an installed one does not start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<MariaDb>> = OnceLock::new();
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
        let (program, install) = programs::mariadb()?;
        let home = Home::new("mariadb", "mysql", "KILL");
        let password = password();
        home.run(
            home.command(&install)
                .args(["--no-defaults", "--auth-root-authentication-method=normal"])
                .args(["--skip-test-db", "--skip-name-resolve"])
                .arg(format!("--datadir={}", home.path.join("data").display())),
        );
        // One account with a password, and none without.
        home.write(
            "init.sql",
            &format!(
                "DELETE FROM mysql.global_priv WHERE User IN ('', 'root', 'phi');\n\
                 FLUSH PRIVILEGES;\n\
                 CREATE USER 'phi'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
                 GRANT ALL ON *.* TO 'phi'@'127.0.0.1' WITH GRANT OPTION;\n"
            ),
        );
        let own = Own::start(home, Programs(program));
        let url = format!("mysql://phi:{password}@127.0.0.1:{}/mysql", own.port());
        Some(Self { url, own: Some(own) })
    }

    /// The URL of its maintenance database, for an account that may do everything.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes an empty database and gives its URL, for an account that may do everything.
    ///
    /// # Panics
    ///
    /// If the server does not make one.
    pub async fn database(&self) -> String {
        let mut db = MySqlConnection::connect(&self.url).await.expect("the server can be reached");
        if self.own.is_none() {
            let names: Vec<String> =
                sqlx::query_scalar("SELECT schema_name FROM information_schema.schemata")
                    .fetch_all(&mut db)
                    .await
                    .expect("databases can be listed");
            for name in names.iter().filter(|name| fresh::left_over(name)) {
                // Another run may remove it at the same time.
                let drop = format!("DROP DATABASE IF EXISTS `{name}`");
                let _ = sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut db).await;
            }
        }
        self.made(&mut db, &fresh::name()).await
    }

    /// The same, of this name.
    ///
    /// # Panics
    ///
    /// If the server does not make one: it has one of this name, most often.
    pub async fn database_named(&self, name: &str) -> String {
        let mut db = MySqlConnection::connect(&self.url).await.expect("the server can be reached");
        self.made(&mut db, name).await
    }

    async fn made(&self, db: &mut MySqlConnection, name: &str) -> String {
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE `{name}` CHARACTER SET utf8mb4")))
            .execute(db)
            .await
            .expect("the account may make databases");
        fresh::with_database(&self.url, name)
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

/// The server's program.
#[derive(Debug)]
struct Programs(PathBuf);

impl Kind for Programs {
    const NAME: &'static str = "MariaDB";

    fn signal(how: Stop) -> &'static str {
        match how {
            Stop::Orderly => "TERM",
            Stop::Immediate => "KILL",
        }
    }

    fn launch(&self, home: &Home, port: u16) -> Option<Running> {
        let folder = home.path.display();
        let ready = || listens(port);
        let mut command = home.command(&self.0);
        // The accounts of `init.sql` are there before the port is open.
        command.args([
            "--no-defaults".to_owned(),
            format!("--datadir={folder}/data"),
            format!("--init-file={folder}/init.sql"),
            format!("--socket={folder}/socket"),
            format!("--pid-file={folder}/server.pid"),
            format!("--port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            "--skip-name-resolve".to_owned(),
        ]);
        Running::start(home, &mut command, ready)
    }
}
