//! For the tests and examples of this workspace: database servers that are started from installed
//! binaries on a free local port, and removed whatever happens.
//!
//! ```no_run
//! use phi_test_servers::Postgres;
//!
//! # async fn example() -> Result<(), sqlx::Error> {
//! // None: there is no PostgreSQL here. The skip is counted and printed; with `CI=true` it panics.
//! let Some(server) = Postgres::shared() else { return Ok(()) };
//! let pool = sqlx::PgPool::connect(&server.database().await).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A server lives in a temporary folder and keeps what it acknowledged (`fsync` is on). A shell
//! waits at the end of a pipe that the test holds: when the test ends, by a return, a panic or
//! `kill -9`, it stops the server and removes the folder. As root, servers run under an
//! unprivileged account, since `PostgreSQL` refuses to run as root.
//!
//! `PHI_TEST_POSTGRES_URL` and `PHI_TEST_MYSQL_URL` name a server to use instead; each database
//! made in it is called `phi_test_…`, and those older than a day are removed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use it, and a test stops where it goes wrong"
)]

mod account;
mod fresh;
mod mariadb;
mod own;
mod pgbouncer;
mod postgres;
mod programs;
mod server;
mod skip;

pub use mariadb::MariaDb;
pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;
pub use server::Stop;
pub use skip::skips;
