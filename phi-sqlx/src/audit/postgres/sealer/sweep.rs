//! A look at the whole queue, now and then: who waits behind a hole, and what should not be there.

use sqlx::Connection as _;
use uuid::Uuid;

use super::WaitingWriter;
use super::core::{Core, RENEW, Work};
use crate::audit::AuditLogProblem;
use crate::audit::restore::{number, stored};

/// How many rows that are numbered like sealed ones are cleared away at a time.
const STALE: i64 = 1000;

const WAITING: &str = "
SELECT writer, min(writer_seq), count(*) FROM phi_audit_queue GROUP BY writer";

/// Rows whose number is sealed already, and what is sealed under it.
const TWICE: &str = "
SELECT q.writer_seq, q.stands_in, q.event, e.leaf
FROM phi_audit_queue q
LEFT JOIN phi_audit_writer w ON w.uuid = uuid_send(q.writer)
LEFT JOIN phi_audit_entry e ON e.writer = w.id AND e.writer_seq = q.writer_seq
WHERE q.writer = $1 AND q.writer_seq < $2 ORDER BY q.writer_seq LIMIT $3";

/// A number, whether it is a stand-in, what waits under it, and the leaf it has.
type Twice = (i64, bool, Vec<u8>, Option<Vec<u8>>);

const REFUSED: &str = "
INSERT INTO phi_audit_refused (writer, writer_seq, why, event) VALUES ($1, $2, $3, $4)";

const CLEAR: &str = "DELETE FROM phi_audit_queue WHERE writer = $1 AND writer_seq = ANY($2)";

/// What a sweep saw.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub(super) held_back: Vec<WaitingWriter>,
    /// How many rows were kept aside.
    pub(super) refused: u64,
}

impl Core {
    pub(super) async fn sweep(&mut self) -> Result<Swept, AuditLogProblem> {
        let Some(mut work) = self.work.take() else { return Err(AuditLogProblem::Lease) };
        let seconds = self.lease.as_secs_f64();
        let mut swept = Swept::default();
        let waiting: Vec<(Uuid, i64, i64)> =
            sqlx::query_as(WAITING).fetch_all(&mut work.db).await?;
        for (writer, lowest, count) in waiting {
            let expected = work.state.log.next_writer_seq(writer);
            if lowest < stored(expected)? {
                swept.refused += work.clear(writer, expected, seconds).await?;
            } else if lowest > stored(expected)? {
                let (lowest, waiting) = (number(lowest)?, number(count)?);
                swept.held_back.push(WaitingWriter { writer, expected, lowest, waiting });
            }
        }
        self.work = Some(work);
        Ok(swept)
    }
}

impl Work {
    /// Takes out rows whose numbers are sealed: copies of a writer that could not know that its
    /// commit took place, and stand-ins that were not needed. Anything else is kept aside.
    async fn clear(
        &mut self,
        writer: Uuid,
        expected: u64,
        seconds: f64,
    ) -> Result<u64, AuditLogProblem> {
        let mut transaction = self.db.begin().await?;
        let db = &mut *transaction;
        let renew = sqlx::query(RENEW).bind(self.epoch).bind(seconds);
        if renew.execute(&mut *db).await?.rows_affected() != 1 {
            return Err(AuditLogProblem::Lease);
        }
        let twice = sqlx::query_as(TWICE).bind(writer).bind(stored(expected)?).bind(STALE);
        let rows: Vec<Twice> = twice.fetch_all(&mut *db).await?;
        let mut refused = 0;
        for (seq, stands_in, event, leaf) in &rows {
            let sealed = leaf.as_deref().and_then(|leaf| leaf.strip_suffix(b"}"));
            if *stands_in || sealed.is_some_and(|leaf| leaf.ends_with(event)) {
                continue;
            }
            refused += 1;
            let why = if *seq < 0 { "no number" } else { "another event has this number" };
            let query = sqlx::query(REFUSED).bind(writer).bind(seq).bind(why).bind(event);
            query.execute(&mut *db).await?;
        }
        let numbers: Vec<_> = rows.iter().map(|(seq, ..)| *seq).collect();
        sqlx::query(CLEAR).bind(writer).bind(numbers).execute(&mut *db).await?;
        transaction.commit().await?;
        Ok(refused)
    }
}
