//! What both databases hold in tables of the same names, and so read by the same statements.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;

use futures_core::stream::BoxStream;

use phi_core::audit::note::VerifierKey;
use sqlx::Connection as _;
use tokio::sync::mpsc;

use super::AuditLogProblem;
use super::reader::Pack;
use super::restore::{number, refused};

/// The head as it is stored.
#[derive(Debug)]
pub struct Head {
    pub(super) size: u64,
    pub(super) edge: Vec<u8>,
    pub(super) checkpoint: String,
}

/// A row of a tenant or a writer: its number, its name, and what its next entry is numbered.
pub(super) type Counted<T> = (i64, T, i64);

/// An entry's bytes, its index, and whether it is filed under the tenant that was asked for.
#[derive(Debug)]
pub struct Leaf<'a> {
    pub(super) index: i64,
    pub(super) bytes: &'a [u8],
    pub(super) filed: bool,
}

/// How a tenant is named in a leaf; nothing if it may be written in other ways as well.
pub(super) fn named(tenant: &str) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:@ ".contains(byte);
    if tenant.as_bytes().iter().all(plain) { format!("\"{tenant}\"").into() } else { Vec::new() }
}

/// Index, leaf and hash of an entry.
pub(super) type Stored = (i64, Vec<u8>, Vec<u8>);

/// What a check begins with, all of one moment.
#[derive(Debug)]
pub struct View {
    pub(super) head: Option<Head>,
    /// Why a start would not go on from here, if it would not.
    pub(super) refused: Option<AuditLogProblem>,
    /// The last index, or -1.
    pub(super) last: i64,
    /// Sizes and edges, by size.
    pub(super) marks: Vec<(i64, Vec<u8>)>,
    /// Tenants and writers by their rows.
    pub(super) tenants: Vec<(i64, String)>,
    pub(super) writers: Vec<(i64, Vec<u8>)>,
}

/// A connection to the tables of a log, whatever the database.
pub trait Tables: Send + 'static {
    /// What a check begins with. The keys are those a start would accept.
    fn view(
        &mut self,
        keys: &[VerifierKey],
    ) -> impl Future<Output = Result<View, AuditLogProblem>> + Send;

    /// Sends all entries up to an index, in order; ends early if nobody receives any more.
    fn packs(
        &mut self,
        up_to: i64,
        sink: mpsc::Sender<Pack>,
    ) -> impl Future<Output = Result<(), AuditLogProblem>> + Send;

    /// The leaves from an index on, in order, until told to stop: all, or those that are filed under a tenant and those
    /// that name it anywhere.
    fn leaves(
        &mut self,
        tenant: Option<&str>,
        from: i64,
        each: impl FnMut(Leaf<'_>) -> Result<ControlFlow<()>, AuditLogProblem> + Send,
    ) -> impl Future<Output = Result<(), AuditLogProblem>> + Send;

    /// Entries as they are stored: index, leaf and hash.
    fn stored(
        &mut self,
        from: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Stored>, AuditLogProblem>> + Send;

    /// How many entries there are, if none is missing.
    fn entries(&mut self) -> impl Future<Output = Result<u64, AuditLogProblem>> + Send;

    /// The signed head; `None` before the first entry.
    fn head(&mut self) -> impl Future<Output = Result<Option<Head>, AuditLogProblem>> + Send;

    /// The size and edge of the last mark that covers no more than this.
    fn mark(
        &mut self,
        up_to: i64,
    ) -> impl Future<Output = Result<Option<(u64, Vec<u8>)>, AuditLogProblem>> + Send;

    /// The hashes from an index on, in order.
    fn hashes(
        &mut self,
        from: i64,
        each: impl FnMut(i64, Vec<u8>) -> Result<(), AuditLogProblem> + Send,
    ) -> impl Future<Output = Result<(), AuditLogProblem>> + Send;

    /// Every tenant, by its name.
    fn tenants(
        &mut self,
    ) -> impl Future<Output = Result<Vec<Counted<String>>, AuditLogProblem>> + Send;

    /// Every writer, by its 16 bytes.
    fn writers(
        &mut self,
    ) -> impl Future<Output = Result<Vec<Counted<Vec<u8>>>, AuditLogProblem>> + Send;

    /// The last entry.
    fn last_leaf(
        &mut self,
    ) -> impl Future<Output = Result<Option<(i64, Vec<u8>)>, AuditLogProblem>> + Send;
}

/// The next row of a stream.
pub(super) async fn next<T>(rows: &mut BoxStream<'_, T>) -> Option<T> {
    poll_fn(|context| rows.as_mut().poll_next(context)).await
}

/// `$1` is the first parameter to both databases. What a generic function would ask of a connection
/// is longer than the statements.
macro_rules! tables {
    ($connection:ty, $packs:path, $view:literal, $holds:literal) => {
        impl Tables for $connection {
            async fn view(&mut self, keys: &[VerifierKey]) -> Result<View, AuditLogProblem> {
                let mut view = self.begin_with($view).await?;
                let head = view.head().await?;
                let refused = refused(&mut *view, keys).await?;
                let last = "SELECT coalesce(max(idx), -1) FROM phi_audit_entry";
                let last = sqlx::query_scalar(last).fetch_one(&mut *view).await?;
                let marks = "SELECT size, edge FROM phi_audit_mark ORDER BY size";
                let marks = sqlx::query_as(marks).fetch_all(&mut *view).await?;
                let tenants = "SELECT id, name FROM phi_audit_tenant";
                let tenants = sqlx::query_as(tenants).fetch_all(&mut *view).await?;
                let writers = "SELECT id, uuid FROM phi_audit_writer";
                let writers = sqlx::query_as(writers).fetch_all(&mut *view).await?;
                view.rollback().await?;
                Ok(View { head, refused, last, marks, tenants, writers })
            }

            async fn packs(
                &mut self,
                up_to: i64,
                sink: mpsc::Sender<Pack>,
            ) -> Result<(), AuditLogProblem> {
                $packs(self, up_to, sink).await
            }

            async fn leaves(
                &mut self,
                tenant: Option<&str>,
                from: i64,
                mut each: impl FnMut(Leaf<'_>) -> Result<ControlFlow<()>, AuditLogProblem> + Send,
            ) -> Result<(), AuditLogProblem> {
                let all = "SELECT idx, leaf, FALSE FROM phi_audit_entry WHERE idx >= $1 ORDER BY idx";
                let query = match tenant {
                    None => sqlx::query_as(all).bind(from),
                    Some(tenant) => sqlx::query_as(concat!(
                        "SELECT e.idx, e.leaf, coalesce(t.id = e.tenant, FALSE) \
                         FROM phi_audit_entry e LEFT JOIN phi_audit_tenant t ON t.name = $2 \
                         WHERE e.idx >= $1 AND (t.id = e.tenant OR ",
                        $holds,
                        ") ORDER BY e.idx"
                    ))
                    .bind(from)
                    .bind(tenant)
                    .bind(named(tenant)),
                };
                let mut rows = query.fetch(self);
                while let Some(row) = next(&mut rows).await {
                    let (index, bytes, filed): (i64, Vec<u8>, bool) = row?;
                    if each(Leaf { index, bytes: &bytes, filed })?.is_break() {
                        break;
                    }
                }
                Ok(())
            }

            async fn stored(
                &mut self,
                from: i64,
                limit: i64,
            ) -> Result<Vec<Stored>, AuditLogProblem> {
                let entries = "SELECT idx, leaf, hash FROM phi_audit_entry WHERE idx >= $1 \
                               ORDER BY idx LIMIT $2";
                Ok(sqlx::query_as(entries).bind(from).bind(limit).fetch_all(self).await?)
            }

            async fn entries(&mut self) -> Result<u64, AuditLogProblem> {
                let entries = "SELECT coalesce(max(idx), -1) + 1 FROM phi_audit_entry";
                number(sqlx::query_scalar(entries).fetch_one(self).await?)
            }

            async fn head(&mut self) -> Result<Option<Head>, AuditLogProblem> {
                let head: Option<(i64, Vec<u8>, String)> =
                    sqlx::query_as("SELECT size, edge, checkpoint FROM phi_audit_head")
                        .fetch_optional(self)
                        .await?;
                let Some((size, edge, checkpoint)) = head else { return Ok(None) };
                Ok(Some(Head { size: number(size)?, edge, checkpoint }))
            }

            async fn mark(
                &mut self,
                up_to: i64,
            ) -> Result<Option<(u64, Vec<u8>)>, AuditLogProblem> {
                let mark: Option<(i64, Vec<u8>)> = sqlx::query_as(
                    "SELECT size, edge FROM phi_audit_mark WHERE size <= $1 \
                     ORDER BY size DESC LIMIT 1",
                )
                .bind(up_to)
                .fetch_optional(self)
                .await?;
                let Some((size, edge)) = mark else { return Ok(None) };
                Ok(Some((number(size)?, edge)))
            }

            async fn hashes(
                &mut self,
                from: i64,
                mut each: impl FnMut(i64, Vec<u8>) -> Result<(), AuditLogProblem> + Send,
            ) -> Result<(), AuditLogProblem> {
                let hashes = "SELECT idx, hash FROM phi_audit_entry WHERE idx >= $1 ORDER BY idx";
                let mut rows = sqlx::query_as(hashes).bind(from).fetch(self);
                while let Some(row) = next(&mut rows).await {
                    let (index, hash) = row?;
                    each(index, hash)?;
                }
                Ok(())
            }

            async fn tenants(&mut self) -> Result<Vec<Counted<String>>, AuditLogProblem> {
                Ok(sqlx::query_as(
                    "SELECT id, name, (SELECT coalesce(max(tenant_seq), -1) + 1 \
                     FROM phi_audit_entry e WHERE e.tenant = t.id) FROM phi_audit_tenant t",
                )
                .fetch_all(self)
                .await?)
            }

            async fn writers(&mut self) -> Result<Vec<Counted<Vec<u8>>>, AuditLogProblem> {
                Ok(sqlx::query_as(
                    "SELECT id, uuid, (SELECT coalesce(max(writer_seq), -1) + 1 \
                     FROM phi_audit_entry e WHERE e.writer = w.id) FROM phi_audit_writer w",
                )
                .fetch_all(self)
                .await?)
            }

            async fn last_leaf(&mut self) -> Result<Option<(i64, Vec<u8>)>, AuditLogProblem> {
                let last = "SELECT idx, leaf FROM phi_audit_entry ORDER BY idx DESC LIMIT 1";
                Ok(sqlx::query_as(last).fetch_optional(self).await?)
            }
        }
    };
}

#[cfg(feature = "sqlite")]
tables!(sqlx::SqliteConnection, super::sqlite::packs, "BEGIN", "instr(e.leaf, $3) > 0");
#[cfg(feature = "postgres")]
tables!(
    sqlx::PgConnection,
    super::postgres::packs,
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "position($3 in e.leaf) > 0"
);
