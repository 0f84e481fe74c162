use std::path::PathBuf;

use crate::own::{self, Kind, Own};
use crate::server::{Home, Running, Stop, listens};
use crate::{Postgres, programs};

/// `PgBouncer` in transaction mode, with one connection to the server for each database and role:
/// whoever comes next gets what the one before left on it.
#[derive(Debug)]
pub struct PgBouncer {
    own: Own<Program>,
}

impl PgBouncer {
    /// A pooler before a server of ours, for a role of this name and password. `None` if none is
    /// installed, or the server is a given one; the skip is counted and printed.
    ///
    /// # Panics
    ///
    /// If there is none and `CI=true`, or an installed one does not start.
    pub fn before(server: &Postgres, role: &str, password: &str) -> Option<Self> {
        own::or_skip(Program::NAME, None, Self::installed(server, role, password))
    }

    fn installed(server: &Postgres, role: &str, password: &str) -> Option<Self> {
        let (program, server) = (programs::pgbouncer()?, server.port()?);
        let home = Home::new("pgbouncer", "postgres", "KILL");
        home.write("users", &format!("\"{role}\" \"{password}\"\n"));
        Some(Self { own: Own::start(home, Program { path: program, server }) })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.own.port()
    }
}

#[derive(Debug)]
struct Program {
    path: PathBuf,
    /// The server's port.
    server: u16,
}

impl Kind for Program {
    const NAME: &'static str = "PgBouncer";

    fn signal(how: Stop) -> &'static str {
        match how {
            Stop::Orderly => "INT",
            Stop::Immediate => "KILL",
        }
    }

    fn launch(&self, home: &Home, port: u16) -> Option<Running> {
        let settings = format!(
            "[databases]\n\
             * = host=127.0.0.1 port={}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir =\n\
             auth_type = scram-sha-256\n\
             auth_file = users\n\
             pool_mode = transaction\n\
             default_pool_size = 1\n\
             ignore_startup_parameters = extra_float_digits\n",
            self.server
        );
        let file = home.write("pgbouncer.ini", &settings);
        Running::start(home, home.command(&self.path).arg(file), || listens(port))
    }
}
