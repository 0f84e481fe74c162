//! P8 on `PostgreSQL`: while the server is away no receipt is good; when it is back, what was handed
//! over meanwhile is written first, once. A server that has forgotten is not written to.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "support/proxy.rs"]
mod proxy;
mod support;

use phi_core::audit::{AuditError, AuditLog as _, Verdict};
use phi_sqlx::audit::{AuditLogProblem, PostgresAuditLog};
use phi_test_servers::{Postgres, Stop};
use proxy::{Cut, Proxy};
use support::event;
use support::pg_log::*;

const BREAK: &str =
    "ALTER TABLE phi_audit_queue ADD CONSTRAINT broken CHECK (writer_seq < 2) NOT VALID";
const MEND: &str = "ALTER TABLE phi_audit_queue DROP CONSTRAINT broken";

async fn is_back(writer: &PostgresAuditLog) {
    until(|| writer.problem().is_none()).await;
}

#[tokio::test]
async fn a_server_that_is_away_gives_no_receipt_and_no_slot_until_it_is_back() {
    let Some(server) = Postgres::start() else { return };
    let log = PgLog::on(&server).await;
    let writer = log.open().await;
    append_to(&writer, "before").await.unwrap();
    let early = writer.reserve().unwrap();
    server.stop(Stop::Immediate);
    assert_eq!(append_to(&writer, "first").await, Err(AuditError::Unavailable));
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Unavailable); // known before any PHI is opened
    assert_eq!(early.append(vec![event("second", None)]).await, Err(AuditError::Unavailable));
    assert!(matches!(writer.problem(), Some(AuditLogProblem::Database(_))));
    server.restart();
    is_back(&writer).await;
    append_to(&writer, "after").await.unwrap();
    writer.close().await.unwrap();
    let kept = log.sealed().await;
    assert_eq!(log.requests().await, ["before", "first", "second", "after"]);
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
}

#[tokio::test]
async fn closing_writes_what_is_kept_or_says_how_much_was_lost() {
    for (mended, end) in [(true, Ok(())), (false, Err(AuditError::Lost { events: 2 }))] {
        let Some(log) = PgLog::new().await else { return };
        let writer = log.open().await;
        append_to(&writer, "before").await.unwrap();
        let slots = [writer.reserve().unwrap(), writer.reserve().unwrap()];
        log.tamper(BREAK).await;
        for (slot, request) in slots.into_iter().zip(["one", "two"]) {
            let refused = slot.append(vec![event(request, None)]).await;
            assert_eq!(refused, Err(AuditError::Unavailable));
        }
        if mended {
            log.tamper(MEND).await;
        }
        assert_eq!(writer.close().await, end);
        log.sealed().await;
        let expected: &[&str] = if mended { &["before", "one", "two"] } else { &["before"] };
        assert_eq!(log.requests().await, expected);
    }
}

#[tokio::test]
async fn a_database_that_has_forgotten_what_it_acknowledged_is_not_written_to() {
    let Some(log) = PgLog::new().await else { return };
    let writer = log.open().await;
    append_to(&writer, "acknowledged").await.unwrap();
    log.tamper(BREAK).await;
    assert_eq!(append_to(&writer, "kept").await, Err(AuditError::Unavailable));
    // As after a restore, or the loss of a server whose stand-by was behind.
    log.tamper("CREATE TABLE saved AS SELECT * FROM phi_audit_queue; TRUNCATE phi_audit_queue")
        .await;
    log.tamper(MEND).await;
    until(|| writer.problem() == Some(AuditLogProblem::Forgotten)).await;
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Unavailable);
    // The control: it is there again.
    log.tamper("INSERT INTO phi_audit_queue OVERRIDING SYSTEM VALUE SELECT * FROM saved").await;
    is_back(&writer).await;
    writer.close().await.unwrap();
    log.sealed().await;
    assert_eq!(log.requests().await, ["acknowledged", "kept"]);
}

#[tokio::test]
async fn a_sealer_goes_on_when_the_server_is_back() {
    let Some(server) = Postgres::start() else { return };
    let log = PgLog::on(&server).await;
    let (writer, sealer) = (log.open().await, log.seal().await);
    append_to(&writer, "before").await.unwrap();
    let size = sealer.next_checkpoint(2).await.unwrap().size;
    server.stop(Stop::Immediate);
    until(|| sealer.problem().is_some()).await;
    assert!(!sealer.is_at_work());
    server.restart();
    while append_to(&writer, "after").await.is_err() {
        is_back(&writer).await;
    }
    let kept = sealer.next_checkpoint(size).await.unwrap();
    assert_ne!(log.verdict(Some(&kept.text)).await, Verdict::Broken);
    sealer.close().await.unwrap();
    assert!(log.requests().await.contains(&"after".to_owned()));
}

#[tokio::test]
async fn a_sealer_closed_after_a_fault_does_not_say_that_all_is_sealed() {
    for mended in [false, true] {
        let Some(log) = PgLog::new().await else { return };
        let (writer, sealer) = (log.open().await, log.seal().await);
        append_to(&writer, "before").await.unwrap();
        let size = sealer.next_checkpoint(2).await.unwrap().size;
        // Not of the kind that one row is to blame for.
        let broken = format!(
            "ALTER TABLE phi_audit_entry ADD CONSTRAINT broken CHECK (idx < {size}) NOT VALID"
        );
        log.tamper(&broken).await;
        append_to(&writer, "after").await.unwrap();
        until(|| sealer.problem().is_some()).await;
        if mended {
            log.tamper("ALTER TABLE phi_audit_entry DROP CONSTRAINT broken").await;
        }
        let end = if mended { Ok(()) } else { Err(AuditError::Unavailable) };
        assert_eq!(sealer.close().await, end);
        let waiting = log.reader().await.queue().await.unwrap().waiting;
        assert_eq!(waiting, u64::from(!mended));
    }
}

#[tokio::test]
async fn a_lease_that_never_ends_is_told_by_those_who_wait_for_it() {
    let Some(log) = PgLog::new().await else { return };
    append_to(&log.open().await, "waits").await.unwrap();
    // Another's, for long: nothing to tell of.
    let takes = "UPDATE phi_audit_lease SET holder = gen_random_uuid(), until = clock_timestamp() + interval";
    log.tamper(&format!("{takes} '50 min'")).await;
    let sealer = log.seal().await;
    sealer.close().await.unwrap();
    assert_eq!((sealer.is_at_work(), sealer.problem()), (false, None));
    // A clock that was ahead, or somebody who wrote it.
    for end in ["clock_timestamp() + interval '2 days'", "'infinity'"] {
        log.tamper(&format!("UPDATE phi_audit_lease SET until = {end}")).await;
        let sealer = log.seal().await;
        let told = Some(AuditLogProblem::LeaseTooLong);
        until(|| sealer.problem() == told).await;
        assert_eq!(sealer.close().await, Err(AuditError::Unavailable));
    }
    let sealer = log.seal().await;
    until(|| sealer.problem().is_some()).await;
    log.tamper("UPDATE phi_audit_lease SET until = '-infinity'").await;
    until(|| sealer.is_at_work() && sealer.problem().is_none()).await;
    sealer.close().await.unwrap();
    assert_eq!(log.requests().await, ["waits"]);
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_there_once_whether_it_was_committed_or_not() {
    for cut in [Cut::Before, Cut::Behind] {
        let Some(mut log) = PgLog::new().await else { return };
        let server = format!("127.0.0.1:{}", log.application.get_port());
        let way = Proxy::new(server, b"the lost one", cut).await;
        log.application = log.application.port(way.address.port());
        let writer = log.open().await;
        append_to(&writer, "before").await.unwrap();
        way.cut(1);
        assert_eq!(append_to(&writer, "the lost one").await, Err(AuditError::Unavailable));
        assert_eq!(way.left(), 0);
        is_back(&writer).await;
        append_to(&writer, "after").await.unwrap();
        writer.close().await.unwrap();
        let kept = log.sealed().await;
        assert_eq!(log.requests().await, ["before", "the lost one", "after"], "{cut:?}");
        assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    }
}

#[tokio::test]
async fn an_event_whose_number_somebody_else_took_is_counted_as_lost_and_others_go_on() {
    // Another holder of the application's role puts an event under the number that is next.
    let put = "INSERT INTO phi_audit_queue (writer, writer_seq, event) \
               SELECT writer, writer_seq + 1, event FROM phi_audit_queue ORDER BY place DESC LIMIT 1";
    for (away, sealed) in [(false, false), (true, false), (true, true)] {
        let Some(mut log) = PgLog::new().await else { return };
        let server = format!("127.0.0.1:{}", log.application.get_port());
        let way = Proxy::new(server, b"the lost one", Cut::Before).await;
        log.application = log.application.port(way.address.port());
        let writer = log.open().await;
        append_to(&writer, "before").await.unwrap();
        let slot = writer.reserve().unwrap();
        if away {
            way.cut(u32::MAX);
            assert_eq!(append_to(&writer, "the lost one").await, Err(AuditError::Unavailable));
        }
        log.tamper(put).await;
        if sealed {
            log.sealed().await;
        }
        if away {
            way.cut(0);
        } else {
            assert_eq!(append_to(&writer, "the lost one").await, Err(AuditError::Unavailable));
        }
        is_back(&writer).await;
        slot.append(vec![event("after", None)]).await.unwrap();
        assert_eq!(writer.close().await, Err(AuditError::Lost { events: 1 }), "{away} {sealed}");
        let kept = log.sealed().await;
        assert_eq!(log.requests().await, ["before", "before", "after"], "{away} {sealed}");
        assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    }
}
