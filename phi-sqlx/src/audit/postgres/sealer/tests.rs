//! The sealer stopped at every step, fenced off, and given rows that should not be there.

use std::path::PathBuf;
use std::time::Duration;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{Action, Event, EventId, EventTime, Outcome, Printable, Reason, Verdict};
use phi_test_servers::Postgres;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use super::batch;
use super::core::Core;
use super::{PostgresSealer, WaitingWriter};
use crate::DatabaseFault;
use crate::audit::{
    AuditLogProblem, EventFilter, PostgresAuditReader, PostgresAuditTables, QueueReport,
};

const ORIGIN: &str = "log.example/clinic";

/// A database with a log and its owner's connection.
struct Fixture {
    tables: PostgresAuditTables,
    sealer: PgConnectOptions,
    key: PathBuf,
    db: PgConnection,
}

impl Fixture {
    async fn new() -> Option<Self> {
        let url = Postgres::shared()?.database().await;
        let tables = PostgresAuditTables::new("log").unwrap();
        let mut db = PgConnection::connect(&url).await.unwrap();
        tables.migrate(&mut db).await.unwrap();
        let name = format!("phi_test_sealer_{}", Uuid::from_u128(rand()).simple());
        let sql = format!("CREATE ROLE {name} LOGIN PASSWORD 'made up' IN ROLE phi_audit_sealer");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
        sqlx::raw_sql("SET search_path = log").execute(&mut db).await.unwrap();
        let options: PgConnectOptions = url.parse().unwrap();
        let sealer = options.username(&name).password("made up");
        let key = std::env::temp_dir().join(format!("{name}.key"));
        SigningKey::generate(ORIGIN).unwrap().create_file(&key).unwrap();
        Some(Self { tables, sealer, key, db })
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_file(&self.key).unwrap()
    }

    fn core(&self) -> Core {
        PostgresSealer::builder(self.sealer.clone(), &self.tables, self.key()).core()
    }

    /// Puts an event into the queue as a writer would.
    async fn put(&mut self, writer: u128, seq: i64, event: &[u8]) {
        let put = "INSERT INTO phi_audit_queue (writer, writer_seq, event) VALUES ($1, $2, $3)";
        let put = sqlx::query(put).bind(Uuid::from_u128(writer)).bind(seq).bind(event);
        put.execute(&mut self.db).await.unwrap();
    }

    async fn run(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.db).await.unwrap();
    }

    async fn count(&mut self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.db).await.unwrap()
    }

    async fn requests(&self) -> Vec<String> {
        let mut reader = self.reader().await;
        let events = reader.events(&EventFilter::all(), 0, usize::MAX).await.unwrap();
        let requests = events.into_iter().filter_map(|logged| logged.event.request);
        requests.map(|request| request.as_str().to_owned()).collect()
    }

    async fn reader(&self) -> PostgresAuditReader {
        PostgresAuditReader::open(self.sealer.clone(), &self.tables).await.unwrap()
    }

    async fn verdict(&self, kept: &str) -> Verdict {
        let keys = [self.key().verifier()];
        self.reader().await.verify(&keys, Some(kept)).await.unwrap().verdict()
    }

    async fn queue(&self) -> QueueReport {
        self.reader().await.queue().await.unwrap()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.key);
    }
}

impl Core {
    /// Takes the lease if need be and seals what is ready; gives the head.
    async fn seal_all(&mut self) -> Result<String, AuditLogProblem> {
        if self.work.is_none() && !self.take().await? {
            return Err(AuditLogProblem::Lease);
        }
        self.sweep().await?;
        loop {
            let work = self.work.as_mut().unwrap();
            let ready = work.held_back.ready(&mut work.db, &work.state.log).await?;
            let sealed = self.write(ready.rows, &[Reason::Heartbeat]).await?;
            if !ready.more {
                return Ok(sealed.head.text.to_string());
            }
        }
    }
}

fn rand() -> u128 {
    EventId::generate(EventTime::new(jiff::Timestamp::now())).as_uuid().as_u128()
}

fn event(request: &str) -> Vec<u8> {
    event_of(request, ["clinic-a", "clinic-b"][request.len() % 2])
}

fn event_of(request: &str, tenant: &'static str) -> Vec<u8> {
    let time = EventTime::new("2026-11-22T08:15:00Z".parse().unwrap());
    let mut event = Event::new(EventId::generate(time), time, Action::Read, Outcome::Success);
    event.request = Some(Printable::clean(request));
    event.tenant = Some(tenant.into());
    event.encode()
}

#[tokio::test]
async fn a_sealer_stopped_at_any_step_leaves_no_fork_and_no_gap() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let mut expected = Vec::new();
    let mut kept = fixture.core().seal_all().await.unwrap();
    fixture.run("UPDATE phi_audit_lease SET until = '-infinity'").await;
    let mut stopped_at_every_step = false;
    for step in 0.. {
        let request = format!("r{step}");
        fixture.put(1, step, event(&request).as_slice()).await;
        expected.push(request);
        let mut killed = fixture.core();
        killed.newest = Some(kept.clone());
        killed.steps = Some(u32::try_from(step).unwrap());
        let ended = killed.seal_all().await;
        drop(killed);
        stopped_at_every_step = ended.is_ok();
        // It is gone, and its time runs out.
        fixture.run("UPDATE phi_audit_lease SET until = '-infinity'").await;
        let mut next = fixture.core();
        next.newest = Some(kept);
        kept = next.seal_all().await.unwrap();
        next.release().await;
        assert_eq!(fixture.requests().await, expected, "step {step}");
        assert_eq!(fixture.verdict(&kept).await, Verdict::Intact, "step {step}");
        assert_eq!(fixture.queue().await.waiting, 0);
        if stopped_at_every_step {
            break;
        }
    }
    assert!(stopped_at_every_step && expected.len() > 8);
}

#[tokio::test]
async fn of_two_sealers_the_one_that_lost_the_lease_writes_nothing() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let (mut first, mut second) = (fixture.core(), fixture.core());
    fixture.put(1, 0, &event("one")).await;
    first.seal_all().await.unwrap();
    assert!(!second.take().await.unwrap()); // the first is alive
    // Its time runs out, while it believes that it is at work.
    fixture.run("UPDATE phi_audit_lease SET until = '-infinity'").await;
    assert!(second.take().await.unwrap());
    fixture.put(1, 1, &event("two")).await;
    let work = first.work.as_mut().unwrap();
    let stale = work.held_back.ready(&mut work.db, &work.state.log).await.unwrap().rows;
    assert_eq!(stale.len(), 1);
    assert_eq!(first.renew().await.unwrap_err(), AuditLogProblem::Lease);
    assert_eq!(first.write(stale, &[]).await.unwrap_err(), AuditLogProblem::Lease);
    second.seal_all().await.unwrap();
    // Lost and regained: it goes on from what the other wrote.
    second.release().await;
    fixture.put(1, 2, &event("three")).await;
    let kept = first.seal_all().await.unwrap();
    assert_eq!(fixture.requests().await, ["one", "two", "three"]);
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
}

#[tokio::test]
async fn a_sealer_that_is_about_to_commit_keeps_others_from_the_lease() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let (mut first, mut second) = (fixture.core(), fixture.core());
    first.seal_all().await.unwrap();
    fixture.run("UPDATE phi_audit_lease SET until = '-infinity'").await;
    // What the first does when it seals, before it has committed.
    let epoch = first.work.as_ref().unwrap().epoch;
    let db = &mut first.work.as_mut().unwrap().db;
    sqlx::raw_sql("BEGIN").execute(&mut *db).await.unwrap();
    let renewed =
        sqlx::query(super::core::RENEW).bind(epoch).bind(10.0_f64).execute(&mut *db).await;
    assert_eq!(renewed.unwrap().rows_affected(), 1);
    let taking = tokio::spawn(async move { (second.take().await, second) });
    tokio::task::yield_now().await;
    sqlx::raw_sql("COMMIT").execute(&mut *db).await.unwrap();
    let (taken, mut second) = taking.await.unwrap();
    assert!(!taken.unwrap());
    first.release().await;
    assert!(second.take().await.unwrap()); // the control
}

#[tokio::test]
async fn rows_behind_a_hole_wait_without_holding_up_other_writers() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let mut sealer = fixture.core();
    for (writer, seq) in [(1, 0), (1, 2), (1, 3), (2, 0), (3, 4)] {
        fixture.put(writer, seq, &event(&format!("{writer}-{seq}"))).await;
    }
    sealer.seal_all().await.unwrap();
    assert_eq!(fixture.requests().await, ["1-0", "2-0"]);
    let waits = |writer, expected, lowest, waiting| {
        let writer = Uuid::from_u128(writer);
        WaitingWriter { writer, expected, lowest, waiting }
    };
    let held_back = [waits(1, 1, 2, 2), waits(3, 0, 4, 1)];
    assert_eq!(fixture.queue().await.held_back, held_back);
    assert_eq!(sealer.sweep().await.unwrap().held_back.len(), 2);
    fixture.put(2, 1, &event("2-1")).await;
    fixture.put(1, 1, &event("1-1")).await; // a transaction that commits late
    sealer.seal_all().await.unwrap();
    let kept = sealer.seal_all().await.unwrap();
    assert_eq!(fixture.requests().await[2..], ["2-1", "1-1", "1-2", "1-3"]);
    assert_eq!(fixture.queue().await.held_back, held_back[1..]);
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
}

#[tokio::test]
async fn copies_and_stand_ins_of_what_is_sealed_are_cleared_away_and_all_else_is_kept_aside() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let mut sealer = fixture.core();
    let (one, two, three) = (event("one"), event("two"), event("three"));
    for (seq, event) in (0..).zip([&one, &two, &three]) {
        fixture.put(1, seq, event).await;
    }
    sealer.seal_all().await.unwrap();
    fixture.put(1, 0, &one).await; // a writer that did not see its commit
    fixture.put(1, -1, &one).await; // the role of the application may put in what it likes
    fixture.put(2, i64::MIN, &one).await;
    assert_eq!(fixture.queue().await.waiting, 3);
    sealer.seal_all().await.unwrap();
    assert_eq!(fixture.queue().await.refused, 2);
    fixture.put(1, 1, &event("another")).await; // nobody of ours
    fixture.put(1, 2, &event("failed")).await;
    fixture.run("UPDATE phi_audit_queue SET stands_in = true WHERE writer_seq = 2").await;
    let swept = sealer.sweep().await.unwrap();
    assert_eq!((swept.refused, swept.held_back.len()), (1, 0));
    assert_eq!(fixture.count("SELECT count(*) FROM phi_audit_queue").await, 0);
    assert_eq!(fixture.queue().await.refused, 3);
    let why = "SELECT count(*) FROM phi_audit_refused WHERE writer_seq = 1 OR why = 'no number'";
    assert_eq!(fixture.count(why).await, 3);
    assert_eq!(fixture.requests().await, ["one", "two", "three"]);
}

#[tokio::test]
async fn what_is_no_event_is_kept_aside_and_does_not_hold_its_writer_up() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let mut sealer = fixture.core();
    fixture.put(1, 0, &event("before")).await;
    fixture.put(1, 1, b"{}").await;
    fixture.put(1, 2, &vec![b'x'; 70_000]).await;
    fixture.put(1, 3, &event("after")).await;
    let kept = sealer.seal_all().await.unwrap();
    assert_eq!(fixture.requests().await, ["before", "after"]);
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
    assert_eq!(fixture.queue().await.refused, 2);
    let events = fixture.reader().await.events(&EventFilter::all(), 0, 99).await.unwrap();
    assert_eq!(events[1].event.reason, Some(Reason::BadRequest));
}

#[tokio::test]
async fn a_tenant_that_the_database_refuses_does_not_hold_every_writer_up() {
    let Some(mut fixture) = Fixture::new().await else { return };
    // No text column holds a NUL; what else one refuses depends on the server, as here.
    fixture.run("ALTER TABLE phi_audit_tenant ADD CHECK (name <> 'no-room')").await;
    let mut sealer = fixture.core();
    for (writer, seq, event) in [
        (1, 0, event("one")),
        (1, 1, event_of("nul", "a\0b")),
        (1, 2, event_of("constraint", "no-room")),
        (1, 3, event_of("two", "clinic-c")),
        (2, 0, event("three")),
        (2, 1, event_of("nul again", "a\0b")),
    ] {
        fixture.put(writer, seq, &event).await;
    }
    let kept = sealer.seal_all().await.unwrap();
    assert_eq!(fixture.requests().await, ["one", "two", "three"]);
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
    let queue = fixture.queue().await;
    assert_eq!((queue.waiting, queue.refused), (0, 3));
    let why = "SELECT count(*) FROM phi_audit_refused WHERE why = 'tenant cannot be stored'";
    assert_eq!(fixture.count(why).await, 3);
    let tenants = "SELECT count(*) FROM phi_audit_tenant WHERE name LIKE 'clinic-%'";
    assert_eq!(
        fixture.count(tenants).await,
        fixture.count("SELECT count(*) FROM phi_audit_tenant").await
    );
    // It goes on, and so does the next one.
    fixture.put(1, 4, &event_of("nul once more", "a\0b")).await;
    fixture.put(1, 5, &event("four")).await;
    sealer.seal_all().await.unwrap();
    sealer.release().await;
    fixture.put(2, 2, &event("five")).await;
    let kept = fixture.core().seal_all().await.unwrap();
    assert_eq!(fixture.requests().await, ["one", "two", "three", "four", "five"]);
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
}

#[tokio::test]
async fn a_fault_that_is_no_refused_value_keeps_nothing_aside() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let mut sealer = fixture.core();
    sealer.seal_all().await.unwrap();
    fixture.put(1, 0, &event("one")).await;
    fixture.run("ALTER TABLE phi_audit_tenant RENAME COLUMN name TO other").await;
    let other = Err(DatabaseFault::Other.into());
    assert_eq!(sealer.seal_all().await, other);
    fixture.run("ALTER TABLE phi_audit_tenant RENAME COLUMN other TO name").await;
    sealer.seal_all().await.unwrap();
    assert_eq!((fixture.queue().await.refused, fixture.requests().await.len()), (0, 1));
}

/// Asked by two statements of their own, the second row of writer 1 was read, and the one of writer 2,
/// which writer 1 had seen, was not.
#[tokio::test]
async fn no_row_overtakes_one_of_a_writer_that_shows_up_between_the_reads() {
    let Some(mut fixture) = Fixture::new().await else { return };
    fixture.put(1, 0, &event("first")).await;
    let mut db = PgConnection::connect_with(&fixture.sealer).await.unwrap();
    sqlx::raw_sql("SET search_path = log").execute(&mut db).await.unwrap();
    let read = async |view: &mut PgConnection, fixture: &mut Fixture, seq: i64| {
        let writers = batch::writers(view).await.unwrap();
        fixture.put(2, seq, &event("second")).await;
        fixture.put(1, seq + 1, &event("third")).await;
        let (from, most) = (vec![0; writers.len()], vec![9; writers.len()]);
        batch::rows(view, &writers, &from, &most).await.unwrap().len()
    };
    let mut view = db.begin_with(batch::VIEW).await.unwrap();
    assert_eq!(read(&mut view, &mut fixture, 0).await, 1);
    view.rollback().await.unwrap();
    // The control: without the view the rows that came in between are read.
    assert!(read(&mut db, &mut fixture, 1).await > 3);
}

#[tokio::test]
async fn a_long_queue_is_sealed_in_several_batches_across_marks() {
    let Some(mut fixture) = Fixture::new().await else { return };
    let mut sealer = fixture.core();
    for writer in 0..3 {
        let put = "INSERT INTO phi_audit_queue (writer, writer_seq, event) \
                   SELECT $1, n, $2 FROM generate_series(0, 2999) n";
        let put = sqlx::query(put).bind(Uuid::from_u128(writer)).bind(event("many"));
        put.execute(&mut fixture.db).await.unwrap();
    }
    let kept = sealer.seal_all().await.unwrap();
    sealer.release().await;
    assert!(fixture.count("SELECT count(*) FROM phi_audit_mark").await > 1);
    assert_eq!(fixture.requests().await.len(), 9000);
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
    let mut next = fixture.core();
    next.newest = Some(kept);
    let kept = next.seal_all().await.unwrap(); // restored from the last mark
    assert_eq!(fixture.verdict(&kept).await, Verdict::Intact);
    let lease = Duration::from_secs(1);
    let builder = PostgresSealer::builder(fixture.sealer.clone(), &fixture.tables, fixture.key());
    let waiting = builder.lease(lease).start().await.unwrap();
    assert!(!waiting.is_at_work()); // the other has the lease
    waiting.close().await.unwrap();
}
