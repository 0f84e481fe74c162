//! The log in a `SQLite` file of its own: queue and sealer are one group-commit writer.

mod builder;
mod file;
mod log;
mod packs;
mod reader;
mod schema;
mod store;
#[cfg(test)]
mod tests;

pub use self::builder::SqliteAuditLogBuilder;
pub use self::log::SqliteAuditLog;
pub(super) use self::packs::packs;
pub use self::reader::SqliteAuditReader;
