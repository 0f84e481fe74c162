//! Taking rows out of the queue in an order that holds.

use std::collections::{HashMap, HashSet};

use phi_core::audit::{Event, Id, LogState};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::super::connect::in_time;
use crate::audit::AuditLogProblem;
use crate::audit::restore::{number, stored};

/// How many rows are taken at a time, about.
const ROWS: usize = 8192;

/// Both reads see what was committed when the first of them began.
pub(super) const VIEW: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Writers of whom rows wait. One step of the index for each, however many rows.
const WRITERS: &str = "
WITH RECURSIVE w (writer) AS (
    (SELECT writer FROM phi_audit_queue ORDER BY writer LIMIT 1)
    UNION ALL
    SELECT (SELECT q.writer FROM phi_audit_queue q WHERE q.writer > w.writer ORDER BY q.writer LIMIT 1)
    FROM w WHERE w.writer IS NOT NULL
) SELECT writer FROM w WHERE writer IS NOT NULL";

/// The next rows of each writer. Read so, the rows that were there before cost nothing.
const NEXT: &str = "
SELECT q.writer, q.writer_seq, q.place, q.event
FROM unnest($1, $2, $3) AS w (writer, next, most), LATERAL (
    SELECT * FROM phi_audit_queue q WHERE q.writer = w.writer AND q.writer_seq >= w.next
    ORDER BY q.writer_seq LIMIT w.most
) q";

/// Writers whose next row is missing, so that one row of theirs is enough to see that.
#[derive(Debug, Default)]
pub(super) struct HeldBack(HashSet<Uuid>);

/// Rows that may be sealed, in the order they get.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) rows: Vec<Waiting>,
    /// Whether there are more.
    pub(super) more: bool,
}

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) writer: Uuid,
    pub(super) writer_seq: u64,
    pub(super) place: i64,
    pub(super) event: Vec<u8>,
}

impl Waiting {
    /// Whether its event is of one of these tenants, of which there are none most often.
    pub(super) fn names(&self, tenants: &HashSet<Id>) -> bool {
        let of = |event: Event| event.tenant.is_some_and(|tenant| tenants.contains(&tenant));
        !tenants.is_empty() && Event::decode(&self.event).is_ok_and(of)
    }
}

impl HeldBack {
    /// Reads what can be sealed now.
    pub(super) async fn ready(
        &mut self,
        db: &mut PgConnection,
        log: &LogState,
    ) -> Result<Ready, AuditLogProblem> {
        // Of one moment: a row of a writer that shows up in between could be overtaken.
        let mut view = in_time(async { Ok(db.begin_with(VIEW).await?) }).await?;
        let writers = in_time(writers(&mut view)).await?;
        if writers.is_empty() {
            self.0.clear();
            in_time(async { Ok(view.rollback().await?) }).await?;
            return Ok(Ready::default());
        }
        let each = (ROWS / writers.len()).max(16);
        let (mut from, mut most) = (Vec::new(), Vec::new());
        for writer in &writers {
            from.push(stored(log.next_writer_seq(*writer))?);
            let held_back = self.0.contains(writer);
            most.push(if held_back { 1_i64 } else { i64::try_from(each).unwrap_or(16) });
        }
        let rows = in_time(rows(&mut view, &writers, &from, &most)).await?;
        in_time(async { Ok(view.rollback().await?) }).await?;
        let most = most.into_iter().map(|most| usize::try_from(most).unwrap_or(1));
        let most = writers.into_iter().zip(most).collect();
        Ok(self.order(rows, &most, |writer| log.next_writer_seq(writer)))
    }

    /// Leaves out what stands behind a hole, and what may come after a row that was not read, then
    /// brings the rest in the order in which it was put into the queue.
    ///
    /// What one writer put in after another's row was committed has the higher place and comes
    /// later; of rows put in at the same time either may. A writer's own rows keep its numbers'
    /// order.
    fn order(
        &mut self,
        mut rows: Vec<Waiting>,
        most: &HashMap<Uuid, usize>,
        next: impl Fn(Uuid) -> u64,
    ) -> Ready {
        self.0.clear();
        rows.sort_unstable_by_key(|row| (row.writer, row.writer_seq));
        let mut ready: Vec<(i64, Waiting)> = Vec::with_capacity(rows.len());
        let mut cut: Option<i64> = None;
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.peek() {
            let writer = first.writer;
            let (mut expected, mut taken, mut place) = (next(writer), 0, i64::MIN);
            let mut held_back = false;
            while let Some(row) = rows.next_if(|row| row.writer == writer) {
                if row.writer_seq != expected {
                    held_back = true;
                    continue;
                }
                (expected, taken, place) = (expected + 1, taken + 1, place.max(row.place));
                ready.push((place, row));
            }
            if taken >= most.get(&writer).copied().unwrap_or(usize::MAX) {
                cut = Some(cut.map_or(place, |cut| cut.min(place)));
            }
            if held_back {
                self.0.insert(writer);
            }
        }
        ready.retain(|(place, _)| cut.is_none_or(|cut| *place <= cut));
        ready.sort_by_key(|(place, row)| (*place, row.writer_seq));
        Ready { rows: ready.into_iter().map(|(_, row)| row).collect(), more: cut.is_some() }
    }
}

/// Of whom rows wait.
pub(super) async fn writers(view: &mut PgConnection) -> Result<Vec<Uuid>, AuditLogProblem> {
    Ok(sqlx::query_scalar(WRITERS).fetch_all(view).await?)
}

/// The rows of each writer from a number on, so many at most.
pub(super) async fn rows(
    view: &mut PgConnection,
    writers: &[Uuid],
    from: &[i64],
    most: &[i64],
) -> Result<Vec<Waiting>, AuditLogProblem> {
    let next = sqlx::query_as(NEXT).bind(writers).bind(from).bind(most);
    let found: Vec<(Uuid, i64, i64, Vec<u8>)> = next.fetch_all(view).await?;
    let mut rows = Vec::with_capacity(found.len());
    for (writer, writer_seq, place, event) in found {
        rows.push(Waiting { writer, writer_seq: number(writer_seq)?, place, event });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(writer: u128, writer_seq: u64, place: i64) -> Waiting {
        Waiting { writer: Uuid::from_u128(writer), writer_seq, place, event: Vec::new() }
    }

    fn order(rows: &[Waiting], most: usize) -> (Vec<(u128, u64)>, bool) {
        let most = rows.iter().map(|row| (row.writer, most)).collect();
        let ready = HeldBack::default().order(rows.to_vec(), &most, |_| 0);
        let numbers = ready.rows.iter().map(|row| (row.writer.as_u128(), row.writer_seq));
        (numbers.collect(), ready.more)
    }

    #[test]
    fn a_hole_holds_back_its_own_writer_and_no_other() {
        let rows = [row(1, 0, 1), row(1, 2, 3), row(2, 0, 2), row(2, 1, 4), row(3, 1, 5)];
        assert_eq!(order(&rows, 9), (vec![(1, 0), (2, 0), (2, 1)], false));
    }

    #[test]
    fn what_was_put_in_later_by_another_comes_later() {
        let rows = [row(2, 0, 1), row(1, 0, 2), row(2, 1, 3), row(1, 1, 4)];
        assert_eq!(order(&rows, 9).0, [(2, 0), (1, 0), (2, 1), (1, 1)]);
        // A number that became visible late does not bring its writer's order into disorder.
        let rows = [row(1, 0, 9), row(1, 1, 2), row(2, 0, 5)];
        assert_eq!(order(&rows, 9).0, [(2, 0), (1, 0), (1, 1)]);
    }

    #[test]
    fn nothing_overtakes_rows_that_were_not_read() {
        // Two rows of each were read; writer 1 may have more with places 3 and 4.
        let rows = [row(1, 0, 1), row(1, 1, 2), row(2, 0, 5)];
        assert_eq!(order(&rows, 2), (vec![(1, 0), (1, 1)], true));
        assert_eq!(order(&rows, 3), (vec![(1, 0), (1, 1), (2, 0)], false));
    }

    proptest! {
        #[test]
        fn any_rows_give_gapless_numbers_and_progress(
            rows in proptest::collection::hash_set((1..5_u128, 0..8_u64), 0..30),
            most in 1..9_usize,
        ) {
            let rows: Vec<_> =
                rows.into_iter().zip(0..).map(|((writer, seq), place)| row(writer, seq, place)).collect();
            let (ready, _) = order(&rows, most);
            let mut next = HashMap::new();
            for (writer, seq) in &ready {
                let next = next.entry(*writer).or_insert(0);
                prop_assert_eq!(*next, *seq);
                *next += 1;
            }
            prop_assert_eq!(ready.is_empty(), rows.iter().all(|row| row.writer_seq != 0));
        }
    }
}
