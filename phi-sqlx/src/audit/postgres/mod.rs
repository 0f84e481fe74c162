//! The log on `PostgreSQL`: many processes write to a queue, one leased sealer numbers and signs.

mod builder;
mod commit;
mod connect;
mod lane;
mod log;
mod packs;
mod reader;
mod roles;
mod sealer;
mod store;
mod tables;

pub use self::builder::PostgresAuditLogBuilder;
pub use self::commit::CommitError;
pub use self::log::PostgresAuditLog;
pub(super) use self::packs::packs;
pub use self::reader::{PostgresAuditReader, QueueReport};
pub use self::roles::RoleProblem;
pub use self::sealer::{PostgresSealer, PostgresSealerBuilder, WaitingWriter};
pub use self::tables::PostgresAuditTables;
