//! The log on `PostgreSQL` in good days: many writers, one sealer, order, a good end. And who is not
//! let near it.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::time::Duration;

use phi_core::audit::{AuditError, AuditLog as _, Item, Reason, Verdict};
use phi_sqlx::audit::{
    AuditLogProblem, EventFilter, PostgresAuditLog, PostgresAuditReader, PostgresAuditTables,
    PostgresSealer, RoleProblem,
};
use phi_test_servers::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use support::event;
use support::pg_log::*;

#[tokio::test]
async fn what_is_acknowledged_is_sealed_and_read_back_in_order() {
    let Some(log) = PgLog::new().await else { return };
    let (writer, sealer) = (log.open().await, log.seal().await);
    for n in 0..20 {
        append_to(&writer, &format!("r{n}")).await.unwrap();
    }
    writer.close().await.unwrap();
    sealer.close().await.unwrap();
    let kept = sealer.checkpoint().unwrap();
    assert_eq!(kept.size, 24); // two of the writer's own, and two of the sealer's
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    let expected: Vec<_> = (0..20).map(|n| format!("r{n}")).collect();
    assert_eq!(log.requests().await, expected);
    let report = log.reader().await.verify(&[log.key().verifier()], None).await.unwrap();
    assert_eq!(report.log().open_writers().len(), 0);
    let queue = log.reader().await.queue().await.unwrap();
    assert_eq!((queue.waiting, queue.held_back.len(), queue.refused), (0, 0, 0));
}

#[tokio::test]
async fn a_writer_that_did_not_close_is_reported_and_what_it_wrote_is_there() {
    let Some(log) = PgLog::new().await else { return };
    let (writer, other) = (log.open().await, log.open().await);
    append_to(&writer, "one").await.unwrap();
    append_to(&other, "two").await.unwrap();
    other.close().await.unwrap();
    let kept = log.sealed().await;
    let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept.text)).await;
    let report = report.unwrap();
    assert_eq!((report.verdict(), report.log().open_writers().len()), (Verdict::Intact, 1));
    assert_eq!(log.requests().await, ["one", "two"]);
    let events = log.reader().await.events(&EventFilter::all(), 0, 99).await.unwrap();
    let open = events.iter().find(|logged| report.log().open_writers() == [logged.writer]);
    assert_eq!(open.unwrap().event.reason, Some(Reason::WriterOpened));
}

#[tokio::test]
async fn what_one_process_saw_committed_comes_before_what_it_then_writes() {
    let Some(log) = PgLog::new().await else { return };
    let writers = [log.open().await, log.open().await, log.open().await];
    let mut expected = Vec::new();
    // They take turns; each event is durable before the next is handed over.
    for n in 0..60 {
        append_to(&writers[n * 7 % 3], &format!("r{n}")).await.unwrap();
        expected.push(format!("r{n}"));
    }
    log.sealed().await;
    assert_eq!(log.requests().await, expected);
}

#[tokio::test]
async fn events_of_one_hand_over_stand_together_and_long_ones_continue() {
    let Some(log) = PgLog::new().await else { return };
    let writer = log.open().await;
    let mut export = event("export", Some("clinic-a"));
    export.items = (0..1000_i64).map(|id| Item::new("patient", id).with_fields(["name"])).collect();
    let receipt = writer.reserve().unwrap().append(vec![event("before", None), export]);
    receipt.await.unwrap();
    writer.reserve().unwrap().append(Vec::new()).await.unwrap();
    log.sealed().await;
    let requests = log.requests().await;
    assert_eq!(requests, ["before", "export", "export"]);
    let filter = EventFilter::all().tenant("clinic-a");
    let events = log.reader().await.events(&filter, 0, 99).await.unwrap();
    assert_eq!(events.iter().map(|logged| logged.event.items.len()).sum::<usize>(), 1000);
    assert!(events[1].event.is_continuation());
    let entries = log.reader().await.entries(2, 2).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.index).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(entries[0].hash, phi_core::audit::merkle::Hash::of_leaf(&entries[0].leaf));
}

#[tokio::test]
async fn an_idle_log_is_signed_again_and_again() {
    let Some(log) = PgLog::new().await else { return };
    let sealer = PostgresSealer::builder(log.sealer.clone(), &log.tables, log.key())
        .every(Duration::from_millis(1))
        .heartbeat(Some(Duration::from_millis(1)));
    let sealer = sealer.start().await.unwrap();
    let kept = sealer.next_checkpoint(3).await.unwrap();
    sealer.close().await.unwrap();
    assert_eq!(sealer.next_checkpoint(u64::MAX).await, None);
    let events = log.reader().await.events(&EventFilter::all(), 1, 3).await.unwrap();
    assert!(events.iter().all(|logged| logged.event.reason == Some(Reason::Heartbeat)));
    assert_ne!(log.verdict(Some(&kept.text)).await, Verdict::Broken);
}

#[test]
fn a_sealer_that_dies_is_followed_by_the_one_that_waits() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (first, second) = (runtime(), runtime());
    let Some(log) = second.block_on(PgLog::new()) else { return };
    let at_work = first.block_on(log.seal());
    let waiting = second.block_on(log.seal());
    let writer = second.block_on(log.open());
    second.block_on(append_to(&writer, "one")).unwrap();
    second.block_on(at_work.next_checkpoint(2)).unwrap(); // both have opened, and `one`
    assert!(at_work.is_at_work() && !waiting.is_at_work());
    let size = at_work.checkpoint().unwrap().size;
    drop(first); // with all its tasks, as at a kill
    second.block_on(append_to(&writer, "two")).unwrap();
    let kept = second.block_on(waiting.next_checkpoint(size)).unwrap();
    assert!(waiting.is_at_work());
    assert_eq!(second.block_on(log.requests()), ["one", "two"]);
    assert_ne!(second.block_on(log.verdict(Some(&kept.text))), Verdict::Broken);
    second.block_on(waiting.close()).unwrap();
}

#[tokio::test]
async fn a_log_that_moves_on_while_it_is_checked_raises_no_alarm() {
    let Some(log) = PgLog::new().await else { return };
    let (writer, sealer) = (log.open().await, log.seal().await);
    sealer.next_checkpoint(0).await.unwrap();
    let writing = async {
        for n in 0..200 {
            append_to(&writer, &format!("r{n}")).await.unwrap();
        }
        writer.close().await.unwrap();
    };
    let mut reader = log.reader().await;
    let keys = [log.key().verifier()];
    let checking = async {
        let mut sizes = Vec::new();
        while sizes.last().is_none_or(|size| *size < 200) {
            let report = reader.verify(&keys, None).await.unwrap();
            assert_eq!(report.verdict(), Verdict::TruncationNotExcluded, "{report}");
            sizes.push(report.log().entries());
        }
        sizes.dedup();
        sizes.len()
    };
    let ((), sizes) = tokio::join!(writing, checking);
    assert!(sizes > 2, "it did not move on");
    sealer.close().await.unwrap();
}

#[tokio::test]
async fn an_event_that_could_never_be_sealed_is_refused_and_not_acknowledged() {
    let Some(log) = PgLog::new().await else { return };
    let (writer, sealer) = (log.open().await, log.seal().await);
    let hand_over = async |events| writer.reserve().unwrap().append(events).await;
    let nul = event("nul", Some("a\0b"));
    assert_eq!(hand_over(vec![nul.clone()]).await, Err(AuditError::Rejected));
    // All of a hand-over or nothing.
    let two = vec![event("with it", Some("clinic-a")), nul];
    assert_eq!(hand_over(two).await, Err(AuditError::Rejected));
    // The control: anywhere else a NUL is a character like others, and so is how it is written.
    let mut elsewhere = event("elsewhere", Some("\\u0000"));
    elsewhere.items.push(Item::new("patient", "a\0b"));
    hand_over(vec![elsewhere]).await.unwrap();
    assert_eq!(writer.problem(), None);
    writer.close().await.unwrap();
    sealer.close().await.unwrap();
    assert_eq!((log.requests().await, sealer.refused()), (vec!["elsewhere".to_owned()], 0));
}

#[tokio::test]
async fn slots_are_bounded_and_the_end_refuses() {
    let Some(log) = PgLog::new().await else { return };
    let builder = PostgresAuditLog::builder(log.application.clone(), &log.tables);
    let writer = builder.slots(1).open().await.unwrap();
    let slot = writer.reserve().unwrap();
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Full);
    drop(slot);
    append_to(&writer, "one").await.unwrap();
    writer.close().await.unwrap();
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Closed);
    assert_eq!(writer.close().await, Ok(())); // again: the same end
}

#[tokio::test]
async fn a_role_that_may_do_more_or_less_than_its_part_is_refused() {
    let Some(log) = PgLog::new().await else { return };
    let refused = async |log: &PgLog| {
        let opened = PostgresAuditLog::open(log.application.clone(), &log.tables).await;
        opened.err().map(|error| error.problem())
    };
    let sealer = async |log: &PgLog| {
        let started = PostgresSealer::start(log.sealer.clone(), &log.tables, log.key()).await;
        started.err().map(|error| error.problem())
    };
    assert_eq!((refused(&log).await, sealer(&log).await), (None, None)); // the control
    let (app, seal) = (log.application.get_username(), log.sealer.get_username());
    let mut db = PgConnection::connect(&log.url).await.unwrap();
    for (give, take, problem) in [
        (
            "GRANT UPDATE ON phi_audit.phi_audit_entry TO {}",
            "REVOKE UPDATE ON phi_audit.phi_audit_entry FROM {}",
            RoleProblem::TooMuch,
        ),
        (
            "GRANT UPDATE (leaf) ON phi_audit.phi_audit_entry TO {}",
            "REVOKE UPDATE (leaf) ON phi_audit.phi_audit_entry FROM {}",
            RoleProblem::TooMuch,
        ),
        (
            "GRANT DELETE ON phi_audit.phi_audit_mark TO {}",
            "REVOKE DELETE ON phi_audit.phi_audit_mark FROM {}",
            RoleProblem::TooMuch,
        ),
        (
            "GRANT TRUNCATE ON phi_audit.phi_audit_queue TO {}",
            "REVOKE TRUNCATE ON phi_audit.phi_audit_queue FROM {}",
            RoleProblem::TooMuch,
        ),
        (
            "GRANT TRIGGER ON phi_audit.phi_audit_entry TO {}",
            "REVOKE TRIGGER ON phi_audit.phi_audit_entry FROM {}",
            RoleProblem::TooMuch,
        ),
        ("GRANT pg_write_all_data TO {}", "REVOKE pg_write_all_data FROM {}", RoleProblem::TooMuch),
        (
            "GRANT pg_write_server_files TO {}",
            "REVOKE pg_write_server_files FROM {}",
            RoleProblem::ServerFiles,
        ),
        ("ALTER ROLE {} CREATEROLE", "ALTER ROLE {} NOCREATEROLE", RoleProblem::MakesRoles),
        ("ALTER ROLE {} SUPERUSER", "ALTER ROLE {} NOSUPERUSER", RoleProblem::Superuser),
        (
            "ALTER TABLE phi_audit.phi_audit_head OWNER TO {}",
            "ALTER TABLE phi_audit.phi_audit_head OWNER TO CURRENT_USER",
            RoleProblem::Owner,
        ),
        (
            // Whoever owns the schema may drop what lies in it.
            "ALTER SCHEMA phi_audit OWNER TO {}",
            "ALTER SCHEMA phi_audit OWNER TO CURRENT_USER",
            RoleProblem::Owner,
        ),
        // What a role may only take on counts too.
        (
            "CREATE ROLE {}_mid NOINHERIT; GRANT pg_write_all_data TO {}_mid; GRANT {}_mid TO {}",
            "DROP ROLE {}_mid",
            RoleProblem::TooMuch,
        ),
        ("REVOKE phi_audit_application, phi_audit_sealer FROM {}", "", RoleProblem::TooLittle),
    ] {
        for (part, name) in [(0, app), (1, seal)] {
            let mut run = async |sql: &str| {
                let sql = AssertSqlSafe(sql.replace("{}", name));
                sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
            };
            run(give).await;
            let found = if part == 0 { refused(&log).await } else { sealer(&log).await };
            assert_eq!(found, Some(AuditLogProblem::Role(problem)), "{give}");
            run(take).await;
        }
    }
    // The application is no sealer.
    let log = PgLog::on(Postgres::shared().unwrap()).await;
    let started = PostgresSealer::start(log.application.clone(), &log.tables, log.key()).await;
    let problem = started.unwrap_err().problem();
    assert_eq!(problem, AuditLogProblem::Role(RoleProblem::TooMuch)); // it writes to the queue
}

#[tokio::test]
async fn tables_that_are_not_there_or_of_a_later_release_are_refused() {
    let Some(log) = PgLog::new().await else { return };
    let open = async |tables: &PostgresAuditTables| {
        let opened = PostgresAuditLog::open(log.application.clone(), tables).await;
        opened.err().map(|error| error.problem())
    };
    let elsewhere = PostgresAuditTables::new("elsewhere").unwrap();
    assert_eq!(open(&elsewhere).await, Some(AuditLogProblem::NotMigrated));
    let opened = PostgresAuditReader::open(log.application.clone(), &elsewhere).await;
    let error = opened.unwrap_err();
    assert_eq!(
        error.to_string(),
        "audit log in schema elsewhere: tables are not there; migrate as their owner first"
    );
    assert_eq!(open(&log.tables).await, None);
    let mut owner = PgConnection::connect(&log.url).await.unwrap();
    log.tables.migrate(&mut owner).await.unwrap(); // again: nothing changes
    log.tamper("ALTER TABLE phi_audit_queue SET UNLOGGED").await;
    assert_eq!(open(&log.tables).await, Some(AuditLogProblem::NotDurable));
    log.tamper("ALTER TABLE phi_audit_queue SET LOGGED; UPDATE phi_audit_version SET version = 2")
        .await;
    assert_eq!(open(&log.tables).await, Some(AuditLogProblem::Version));
    let migrated = log.tables.migrate(&mut owner).await.unwrap_err();
    assert_eq!(migrated.problem(), AuditLogProblem::Version);
    for name in ["", "7up", "Log", "a b", "a\"b", &"x".repeat(64)] {
        let refused = PostgresAuditTables::new(name).unwrap_err();
        assert_eq!(refused.problem(), AuditLogProblem::Name, "{name}");
        assert!(log.tables.clone().roles("app", name).is_err());
    }
}

#[tokio::test]
async fn a_server_that_would_forget_is_refused() {
    let Some(server) = Postgres::start() else { return };
    let log = PgLog::on(&server).await;
    log.open().await.close().await.unwrap();
    let mut db = PgConnection::connect(&log.url).await.unwrap();
    for sql in ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"] {
        sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    }
    // Until the signal has come through.
    let problem = loop {
        match PostgresAuditLog::open(log.application.clone(), &log.tables).await {
            Ok(log) => log.close().await.unwrap(),
            Err(error) => break error.problem(),
        }
    };
    assert_eq!(problem, AuditLogProblem::NotDurable);
}

#[tokio::test]
async fn commits_are_durable_whatever_the_role_is_set_to() {
    let Some(log) = PgLog::new().await else { return };
    let mut db = PgConnection::connect(&log.url).await.unwrap();
    let name = log.application.get_username();
    let sql = AssertSqlSafe(format!("ALTER ROLE {name} SET synchronous_commit = off"));
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    // The queue tells what its rows were committed with.
    log.tamper(
        "CREATE TABLE told (setting TEXT); GRANT INSERT ON told TO PUBLIC;
         CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO phi_audit.told VALUES (current_setting(''synchronous_commit'')); RETURN NEW; END';
         CREATE TRIGGER tell BEFORE INSERT ON phi_audit_queue FOR EACH ROW EXECUTE FUNCTION tell()",
    )
    .await;
    append_to(&log.open().await, "one").await.unwrap();
    let told: Vec<String> = sqlx::query_scalar("SELECT DISTINCT setting FROM phi_audit.told")
        .fetch_all(&mut db)
        .await
        .unwrap();
    assert_eq!(told, ["on"]);
}
