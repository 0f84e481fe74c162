//! P11: a process that is killed loses nothing it acknowledged, and the log goes on.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use phi_core::audit::note::SigningKey;
use phi_core::audit::{AuditLog as _, Verdict};
use phi_sqlx::audit::SqliteAuditLog;
use support::*;

/// Tells the test that it is the child, and where the log is.
const CHILD: &str = "PHI_SQLX_TEST_LOG";

/// Not a test of its own: the process that `killed_writers_lose_nothing` kills.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let key = SigningKey::from_file(folder.join("log.key")).unwrap();
        let log = SqliteAuditLog::open(folder.join("audit.db"), key).await.unwrap();
        let tasks = (0..8).map(|task| {
            let log = log.clone();
            tokio::spawn(async move {
                for n in 0_u64.. {
                    let request = format!("{}-{task}-{n}", std::process::id());
                    let slot = log.reserve().unwrap();
                    slot.append(vec![event(&request, Some("clinic-a"))]).await.unwrap();
                    // One write, which a pipe takes whole or not at all.
                    let line = format!("\nacknowledged {request}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
}

#[test]
fn killed_writers_lose_nothing() {
    let log = Log::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for stop in [1, 7, 60, 150] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(CHILD, log.path.parent().unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        // Everything it has said when it dies counts.
        while let Some(Ok(line)) = lines.next() {
            if let Some(request) = line.strip_prefix("acknowledged ") {
                acknowledged.push(request.to_owned());
                seen += 1;
                if seen == stop {
                    child.kill().unwrap();
                }
            }
        }
        assert!(seen >= stop, "the child ended by itself");
        child.wait().unwrap();

        let checkpoint = runtime.block_on(async {
            let writer = log.open().await;
            assert!(writer.opened_after_crash().is_some());
            append(&writer, "after").await.unwrap();
            writer.close().await.unwrap();
            writer.checkpoint()
        });
        let stored = runtime.block_on(log.requests());
        let lost = |ids: &[String]| ids.iter().filter(|id| !stored.contains(id)).count();
        assert_eq!(lost(&acknowledged), 0);
        assert_eq!(lost(&["never written".to_owned()]), 1);
        assert_eq!(runtime.block_on(log.verdict(Some(&checkpoint.text))), Verdict::Intact);
    }
}
