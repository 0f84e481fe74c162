//! Checked while it is written, across many marks (in tests there is one every few entries).

use phi_core::audit::note::SigningKey;
use phi_core::audit::{AuditLog as _, EventTime, Reason, Verdict};

use crate::audit::queue::own_event;
use crate::audit::{SqliteAuditLog, SqliteAuditReader};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_moves_on_while_it_is_checked_raises_no_alarm() {
    let name = format!("phi-sqlx-moves-on-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("audit.db");
    let key = SigningKey::generate("log.example/clinic").unwrap();
    let keys = [key.verifier()];
    let log = SqliteAuditLog::open(&path, key).await.unwrap();
    let writer = log.clone();
    let writing = tokio::spawn(async move {
        for _ in 0..300 {
            let event = own_event(EventTime::new(jiff::Timestamp::now()), Reason::Heartbeat);
            writer.reserve().unwrap().append(vec![event]).await.unwrap();
        }
    });
    let mut reader = SqliteAuditReader::open(&path).await.unwrap();
    let mut sizes = Vec::new();
    while !writing.is_finished() {
        let report = reader.verify(&keys, None).await.unwrap();
        assert_eq!(report.verdict(), Verdict::TruncationNotExcluded, "{report}");
        sizes.push(report.log().entries());
    }
    sizes.dedup();
    assert!(sizes.len() > 2, "it did not move on");
    writing.await.unwrap();
    let kept = log.checkpoint();
    let report = reader.verify(&keys, Some(&kept.text)).await.unwrap();
    assert_eq!((report.verdict(), report.false_marks()), (Verdict::Intact, &[][..]));
    log.close().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
