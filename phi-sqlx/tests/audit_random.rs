//! Any batches, by any number of writers one after the other, make an intact log.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::audit::{AuditLog as _, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;
use support::*;

const TENANTS: [Option<&str>; 4] = [None, Some("clinic-a"), Some("clinic-\"b\"\\"), Some("")];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn random_batches_are_intact(
        writers in vec(vec(vec(0..TENANTS.len(), 0..5), 0..12), 1..4),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let log = Log::new();
            let mut expected = Vec::new();
            let mut kept = None;
            for (w, hand_overs) in writers.iter().enumerate() {
                let writer = log.open().await;
                let mut receipts = Vec::new();
                for (h, tenants) in hand_overs.iter().enumerate() {
                    let requests: Vec<_> = (0..tenants.len()).map(|n| format!("{w}-{h}-{n}")).collect();
                    let events = requests.iter().zip(tenants).map(|(r, t)| event(r, TENANTS[*t]));
                    receipts.push(writer.reserve().unwrap().append(events.collect()));
                    expected.extend(requests);
                }
                for receipt in receipts {
                    prop_assert_eq!(receipt.await, Ok(()));
                }
                writer.close().await.unwrap();
                kept = Some(writer.checkpoint());
            }
            let kept = kept.unwrap();
            prop_assert_eq!(kept.size, (expected.len() + 2 * writers.len()) as u64);
            prop_assert_eq!(log.requests().await, expected);
            prop_assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
            Ok(())
        })?;
    }
}
