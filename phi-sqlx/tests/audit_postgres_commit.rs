//! P8 and P9 where data and log share a database: the data is there if, and only if, its event is,
//! also when the connection is lost on the way.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it goes wrong"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use phi_core::audit::{AuditError, Outcome, Reason, Verdict};
use phi_core::policy::{Action, Purpose};
use phi_core::{Id, Membership, Principal, Safeguards};
use phi_sqlx::DatabaseFault;
use phi_sqlx::audit::{CommitError, EventFilter, PostgresAuditLog, PostgresSealer};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Acquire as _, PgPool, Postgres, Transaction};
use support::clinic::*;
use support::pg_log::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const TABLE: &str = "
CREATE TABLE public.patient (
    id UUID PRIMARY KEY,
    clinic_id UUID NOT NULL,
    clinician_id UUID NOT NULL,
    name BYTEA NOT NULL,
    ssn BYTEA NOT NULL,
    ssn_index BYTEA NOT NULL,
    diagnosis BYTEA,
    active BOOLEAN NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED
);
GRANT SELECT, INSERT ON public.patient TO phi_audit_application;";

struct Clinic {
    log: PgLog,
    pool: PgPool,
    writer: PostgresAuditLog,
    sealer: PostgresSealer,
    safeguards: Safeguards,
}

impl Clinic {
    async fn new() -> Option<Self> {
        Self::behind(&Arc::new(AtomicU8::new(PASS))).await
    }

    /// All of the application's connections go this way.
    async fn behind(way: &Arc<AtomicU8>) -> Option<Self> {
        let mut log = PgLog::new().await?;
        log.tamper(TABLE).await;
        let port = open_way(log.application.get_port(), Arc::clone(way)).await;
        log.application = log.application.port(port);
        let options = log.application.clone();
        let pool = PgPoolOptions::new().max_connections(4).connect_lazy_with(options);
        let (writer, sealer) = (log.open().await, log.seal().await);
        let safeguards = safeguards(&writer);
        Some(Self { log, pool, writer, sealer, safeguards })
    }

    /// Writes a patient, and ends with data and event in one transaction.
    async fn write(&self, id: u128, active: bool) -> Result<(), CommitError> {
        let grant = begin(&self.safeguards, Action::Create).await;
        let mut one = patient(id);
        one.active = active;
        let row = grant.seal(&one).unwrap();
        let mut transaction = self.pool.begin().await.unwrap();
        insert(&mut transaction, &row).await;
        self.writer.commit(transaction, grant).await
    }

    /// The same under two grants, each with a patient of its own.
    async fn write_two(&self, ids: [(u128, bool); 2]) -> Result<(), CommitError> {
        let mut transaction = self.pool.begin().await.unwrap();
        let mut grants = Vec::new();
        for (id, active) in ids {
            let grant = begin(&self.safeguards, Action::Create).await;
            let row = grant.seal(&Patient { active, ..patient(id) }).unwrap();
            insert(&mut transaction, &row).await;
            grants.push(grant);
        }
        self.writer.commit_all(transaction, grants).await
    }

    /// Seals all; the rows there are, and how each creation ended, in order.
    async fn ends(&self) -> (usize, Vec<(Outcome, Option<Reason>)>) {
        self.writer.close().await.unwrap();
        self.sealer.close().await.unwrap();
        let kept = self.sealer.checkpoint().unwrap();
        let keys = [self.log.key().verifier()];
        let mut reader = self.log.reader().await;
        let report = reader.verify(&keys, Some(&kept.text)).await.unwrap();
        assert_eq!((report.verdict(), report.log().open_writers().len()), (Verdict::Intact, 0));
        let queue = reader.queue().await.unwrap();
        assert_eq!((queue.waiting, queue.refused), (0, 0));
        let mut db = self.log.intruder().await;
        let rows: Vec<SealedPatient> =
            sqlx::query_as("SELECT * FROM public.patient").fetch_all(&mut db).await.unwrap();
        // The data is what the log says was written.
        assert_eq!(reader.check_all_rows(&rows).await.unwrap(), []);
        let events = reader.events(&EventFilter::all().tenant(HERE), 0, 99).await.unwrap();
        let ends = events.into_iter().filter(|logged| logged.event.outcome != Outcome::Intent);
        (rows.len(), ends.map(|logged| (logged.event.outcome, logged.event.reason)).collect())
    }
}

async fn insert(transaction: &mut Transaction<'_, Postgres>, row: &SealedPatient) {
    sqlx::query("INSERT INTO public.patient VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(row.id)
        .bind(row.clinic_id)
        .bind(row.clinician_id)
        .bind(&row.name)
        .bind(&row.ssn)
        .bind(row.ssn_index)
        .bind(&row.diagnosis)
        .bind(row.active)
        .execute(&mut **transaction)
        .await
        .unwrap();
}

const DONE: (Outcome, Option<Reason>) = (Outcome::Success, None);
const FAILED: (Outcome, Option<Reason>) = (Outcome::Failed, Some(Reason::StoreUnavailable));

#[tokio::test]
async fn data_and_event_are_committed_together() {
    let Some(clinic) = Clinic::new().await else { return };
    clinic.write(1, true).await.unwrap();
    clinic.write(2, false).await.unwrap();
    assert_eq!(clinic.ends().await, (2, vec![DONE, DONE]));
}

#[tokio::test]
async fn data_under_several_grants_is_committed_with_the_events_of_all() {
    let Some(clinic) = Clinic::new().await else { return };
    clinic.write_two([(1, true), (2, false)]).await.unwrap();
    let refused = clinic.write_two([(3, true), (4, true)]).await; // found at the commit
    assert_eq!(refused, Err(CommitError::NotCommitted(DatabaseFault::Taken)));
    // None of them commits if one was closed before, and none without any.
    let grants = [begin(&clinic.safeguards, Action::Create).await, {
        let closed = begin(&clinic.safeguards, Action::Create).await;
        closed.finish_as(Outcome::Success, None).await.unwrap();
        closed
    }];
    for grants in [grants.to_vec(), Vec::new()] {
        let transaction = clinic.pool.begin().await.unwrap();
        let refused = clinic.writer.commit_all(transaction, grants).await;
        assert_eq!(refused, Err(CommitError::Log(AuditError::Closed)));
    }
    assert_eq!(clinic.ends().await, (2, vec![DONE, DONE, FAILED, FAILED, DONE, FAILED]));
}

#[tokio::test]
async fn a_lost_commit_under_several_grants_is_logged_as_the_failure_of_each() {
    let way = Arc::new(AtomicU8::new(PASS));
    let Some(clinic) = Clinic::behind(&way).await else { return };
    way.store(CUT_BEFORE, Ordering::Relaxed);
    let refused = clinic.write_two([(1, true), (2, false)]).await;
    assert_eq!(refused, Err(CommitError::NotCommitted(DatabaseFault::Io)));
    way.store(PASS, Ordering::Relaxed);
    assert_eq!(clinic.ends().await, (0, vec![FAILED, FAILED]));
}

#[tokio::test]
async fn what_the_database_refuses_to_commit_is_not_there_and_the_log_says_so() {
    let Some(clinic) = Clinic::new().await else { return };
    clinic.write(1, true).await.unwrap();
    let refused = clinic.write(2, true).await; // found at the commit
    assert_eq!(refused, Err(CommitError::NotCommitted(DatabaseFault::Taken)));
    // A statement failed before, and the application went on.
    let grant = begin(&clinic.safeguards, Action::Create).await;
    grant.seal(&patient(3)).unwrap();
    let mut transaction = clinic.pool.begin().await.unwrap();
    sqlx::query("SELECT 1 / 0").execute(&mut *transaction).await.unwrap_err();
    let refused = clinic.writer.commit(transaction, grant).await;
    assert!(matches!(refused, Err(CommitError::NotCommitted(_))));
    clinic.write(4, false).await.unwrap(); // the lane goes on without a gap
    assert_eq!(clinic.ends().await, (2, vec![DONE, FAILED, FAILED, DONE]));
}

#[tokio::test]
async fn a_transaction_inside_another_is_refused() {
    let Some(clinic) = Clinic::new().await else { return };
    let grant = begin(&clinic.safeguards, Action::Create).await;
    let row = grant.seal(&patient(1)).unwrap();
    let mut outer = clinic.pool.begin().await.unwrap();
    let mut inner = outer.begin().await.unwrap();
    insert(&mut inner, &row).await;
    assert_eq!(clinic.writer.commit(inner, grant).await, Err(CommitError::Nested));
    outer.commit().await.unwrap();
    assert_eq!(clinic.ends().await, (0, vec![FAILED]));
}

#[tokio::test]
async fn a_grant_that_is_closed_commits_nothing() {
    let Some(clinic) = Clinic::new().await else { return };
    let grant = begin(&clinic.safeguards, Action::Create).await;
    let row = grant.seal(&patient(1)).unwrap();
    let mut transaction = clinic.pool.begin().await.unwrap();
    insert(&mut transaction, &row).await;
    grant.clone().finish_as(Outcome::Failed, None).await.unwrap();
    let refused = clinic.writer.commit(transaction, grant).await;
    assert_eq!(refused, Err(CommitError::Log(AuditError::Closed)));
    assert_eq!(clinic.ends().await, (0, vec![(Outcome::Failed, None)]));
}

#[tokio::test]
async fn an_event_that_could_never_be_sealed_commits_nothing() {
    let Some(clinic) = Clinic::new().await else { return };
    let here = begin(&clinic.safeguards, Action::Create).await;
    // A read has no intent before it, which would be refused already.
    let nurse = Principal::person(7, Membership::new(1, Id::opaque("a\0b"), "clinician"));
    let nul = clinic.safeguards.begin(&nurse, Action::Read, "patient", Purpose::Treatment);
    let nul = nul.await.unwrap();
    let row = here.seal(&patient(1)).unwrap();
    let mut transaction = clinic.pool.begin().await.unwrap();
    insert(&mut transaction, &row).await;
    let refused = clinic.writer.commit_all(transaction, vec![here, nul]).await;
    assert_eq!(refused, Err(CommitError::Log(AuditError::Rejected)));
    // The other tenant's failure is told all the same, and nothing is kept aside.
    assert_eq!(clinic.ends().await, (0, vec![FAILED]));
}

/// What the way to the server does with a commit.
const PASS: u8 = 0;
const CUT_BEFORE: u8 = 1;
const CUT_AFTER: u8 = 2;
/// ... and lets nobody through after that.
const CUT_AFTER_AND_CLOSE: u8 = 3;
const HOLD: u8 = 4;
const CLOSED: u8 = 5;

/// A way to the server that can lose a commit, or its answer.
async fn open_way(server: u16, mode: Arc<AtomicU8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            if mode.load(Ordering::Relaxed) != CLOSED {
                tokio::spawn(carry(client, server, Arc::clone(&mode)));
            }
        }
    });
    port
}

async fn carry(mut client: TcpStream, server: u16, mode: Arc<AtomicU8>) {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
    let mut cut = false;
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(read @ 1..) = read else { return };
                let commit = up[..read].windows(6).any(|part| part == b"COMMIT");
                match mode.load(Ordering::Relaxed) {
                    CUT_BEFORE if commit => return,
                    CUT_AFTER | CUT_AFTER_AND_CLOSE if commit => cut = true,
                    HOLD if commit => {
                        while mode.load(Ordering::Relaxed) == HOLD {
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                        return;
                    }
                    _ => {}
                }
                server.write_all(&up[..read]).await.unwrap();
            }
            read = server.read(&mut down) => {
                let Ok(read @ 1..) = read else { return };
                if cut {
                    // The server has committed, and nobody hears of it.
                    if mode.load(Ordering::Relaxed) == CUT_AFTER_AND_CLOSE {
                        mode.store(CLOSED, Ordering::Relaxed);
                    }
                    return;
                }
                if client.write_all(&down[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_is_told_as_not_committed() {
    let way = Arc::new(AtomicU8::new(PASS));
    let Some(clinic) = Clinic::behind(&way).await else { return };
    way.store(CUT_BEFORE, Ordering::Relaxed);
    let refused = clinic.write(1, true).await;
    assert_eq!(refused, Err(CommitError::NotCommitted(DatabaseFault::Io)));
    way.store(PASS, Ordering::Relaxed);
    clinic.write(2, true).await.unwrap();
    assert_eq!(clinic.ends().await, (1, vec![FAILED, DONE]));
}

#[tokio::test]
async fn a_connection_lost_after_the_commit_is_told_as_committed() {
    let way = Arc::new(AtomicU8::new(PASS));
    let Some(clinic) = Clinic::behind(&way).await else { return };
    way.store(CUT_AFTER, Ordering::Relaxed);
    clinic.write(1, true).await.unwrap(); // the database was asked
    clinic.write(2, false).await.unwrap();
    way.store(PASS, Ordering::Relaxed);
    assert_eq!(clinic.ends().await, (2, vec![DONE, DONE]));
}

#[tokio::test]
async fn a_commit_that_nobody_can_ask_about_is_told_as_unknown_and_logged_as_it_was() {
    let way = Arc::new(AtomicU8::new(PASS));
    let Some(clinic) = Clinic::behind(&way).await else { return };
    way.store(CUT_AFTER_AND_CLOSE, Ordering::Relaxed);
    assert_eq!(clinic.write(1, true).await, Err(CommitError::Unknown));
    way.store(PASS, Ordering::Relaxed);
    clinic.write(2, false).await.unwrap();
    assert_eq!(clinic.ends().await, (2, vec![DONE, DONE]));
}

#[tokio::test]
async fn a_client_that_hangs_up_during_the_commit_leaves_log_and_data_in_agreement() {
    let way = Arc::new(AtomicU8::new(PASS));
    let Some(clinic) = Clinic::behind(&way).await else { return };
    way.store(HOLD, Ordering::Relaxed);
    let write = tokio::time::timeout(Duration::from_millis(300), clinic.write(1, true));
    assert!(write.await.is_err()); // dropped half-way
    way.store(PASS, Ordering::Relaxed);
    clinic.write(2, true).await.unwrap();
    let (rows, mut ends) = clinic.ends().await;
    ends.sort_by_key(|(outcome, _)| *outcome == Outcome::Success); // either may come first
    assert_eq!((rows, ends), (1, vec![FAILED, DONE]));
}
