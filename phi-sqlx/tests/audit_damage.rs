//! P12: whatever a log's file holds, reading it is a value or an error.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::fs;

use phi_core::audit::{AuditLog as _, Verdict};
use phi_sqlx::audit::{EventFilter, SqliteAuditLog, SqliteAuditReader};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use support::*;

/// What comes of reading a damaged copy: the requests, if everything is said to be as it was.
async fn read(log: &Log, kept: &str) -> Option<Vec<String>> {
    let mut reader = SqliteAuditReader::open(&log.path).await.ok()?;
    let report = reader.verify(&[log.key().verifier()], Some(kept)).await;
    let _ = reader.entries(0, 10).await;
    let _ = reader.check_all_rows::<clinic::SealedPatient>([]).await;
    let _ = reader.events(&EventFilter::all().tenant("clinic-a"), 0, 99).await;
    let events = reader.events(&EventFilter::all(), 0, 99).await;
    drop(reader);
    if let Ok(writer) = SqliteAuditLog::open(&log.path, log.key()).await {
        let _ = append(&writer, "more").await;
        let _ = writer.close().await;
    }
    report.ok().filter(|report| report.verdict() == Verdict::Intact)?;
    let requests = events.ok()?.into_iter().filter_map(|logged| logged.event.request);
    Some(requests.map(|request| request.as_str().to_owned()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_damaged_file_is_an_error_or_as_it_was(
        damage in vec((any::<Index>(), any::<u8>()), 1..20),
        cut in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let log = Log::new();
        let (whole, kept) = runtime.block_on(async {
            let writer = log.open().await;
            for n in 0..20 {
                append(&writer, &format!("r{n}")).await.unwrap();
            }
            writer.close().await.unwrap();
            (log.requests().await, writer.checkpoint())
        });
        let mut bytes = fs::read(&log.path).unwrap();
        for (at, byte) in &damage {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(&log.path, &bytes).unwrap();
        if let Some(requests) = runtime.block_on(read(&log, &kept.text)) {
            prop_assert_eq!(requests, whole);
        }
    }
}

/// As in copies of the file alone that were taken while it was written.
#[tokio::test]
async fn a_file_whose_pages_are_out_of_order_is_checked_to_an_end_and_not_intact() {
    const PAGE: usize = 4096;
    const LEAF_OF_TABLE: u8 = 0x0D;
    let log = Log::new();
    let writer = log.open().await;
    for _ in 0..6 {
        let events = (0..500).map(|_| event(&"x".repeat(60), None)).collect();
        writer.reserve().unwrap().append(events).await.unwrap();
    }
    writer.close().await.unwrap();
    let whole = fs::read(&log.path).unwrap();
    let is_leaf = |page: &&[u8]| {
        let marked = page.windows(2).any(|bytes| bytes == b"xx");
        page.first() == Some(&LEAF_OF_TABLE) && marked
    };
    let pages: Vec<&[u8]> = whole.chunks(PAGE).collect();
    let leaves: Vec<usize> =
        (0..pages.len()).filter(|at| is_leaf(pages.get(*at).unwrap())).collect();
    assert!(leaves.len() > 8, "{}", leaves.len());
    for step in [1, 3, leaves.len() / 2] {
        let mut swapped = pages.clone();
        for pair in leaves.chunks(step + 1).filter(|pair| pair.len() > step) {
            swapped.swap(*pair.first().unwrap(), *pair.get(step).unwrap());
        }
        fs::write(&log.path, swapped.concat()).unwrap();
        let keys = [log.key().verifier()];
        let mut reader = log.reader().await;
        let verified = reader.verify(&keys, None);
        let limit = std::time::Duration::from_secs(20);
        let verified = tokio::time::timeout(limit, verified).await.unwrap();
        assert!(!verified.is_ok_and(|report| report.verdict() == Verdict::Intact));
    }
}
