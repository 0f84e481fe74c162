//! P11 on `PostgreSQL`: killed processes and a killed server lose nothing they acknowledged, and the
//! log goes on.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use phi_core::audit::{AuditLog as _, Verdict};
use phi_sqlx::audit::{EventFilter, PostgresAuditLog, PostgresAuditTables};
use phi_test_servers::{Postgres, Stop};
use sqlx::postgres::PgConnectOptions;
use support::event;
use support::pg_log::*;
use tokio::sync::watch;

/// Tells the test that it is a child: the server, and how many events each of its tasks appends.
const CHILD: &str = "PHI_SQLX_TEST_WRITER";
const TASKS: usize = 10;

/// Not a test of its own: the process that the tests below start, and some of them kill.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let [port, database, name, count] = told.split(' ').collect::<Vec<_>>()[..] else { return };
    let options = PgConnectOptions::new().host("127.0.0.1").port(port.parse().unwrap());
    let options = options.database(database).username(name).password("made up");
    let count: usize = count.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let tables = PostgresAuditTables::new("phi_audit").unwrap();
        let log = PostgresAuditLog::open(options, &tables).await.unwrap();
        let tasks = (0..TASKS).map(|task| {
            let log = log.clone();
            tokio::spawn(async move {
                for n in 0..count {
                    let request = format!("{}-{task}-{n}", std::process::id());
                    let tenant = [Some("clinic-a"), Some("clinic-b"), None][n % 3];
                    log.reserve().unwrap().append(vec![event(&request, tenant)]).await.unwrap();
                    // One write, which a pipe takes whole or not at all.
                    let line = format!("\nacknowledged {request}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        log.close().await.unwrap();
    });
}

fn start(log: &PgLog, count: usize) -> Child {
    let options = &log.application;
    let (port, name) = (options.get_port(), options.get_username());
    let database = options.get_database().unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, format!("{port} {database} {name} {count}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What it acknowledges until it ends, or is killed after so many.
fn acknowledged(mut child: Child, kill_after: Option<usize>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        if let Some(request) = line.strip_prefix("acknowledged ") {
            acknowledged.push(request.to_owned());
            if Some(acknowledged.len()) == kill_after {
                child.kill().unwrap();
            }
        }
    }
    assert!(acknowledged.len() >= kill_after.unwrap_or(0), "the child ended by itself");
    assert_eq!(child.wait().unwrap().success(), kill_after.is_none());
    acknowledged
}

/// How often each request is in the log.
async fn counted(log: &PgLog) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for request in log.requests().await {
        *counts.entry(request).or_insert(0) += 1;
    }
    counts
}

#[test]
fn eight_processes_of_a_thousand_appends_make_one_intact_log() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(log) = runtime.block_on(PgLog::new()) else { return };
    let sealer = runtime.block_on(log.seal());
    let children: Vec<_> = (0..8).map(|_| start(&log, 1000 / TASKS)).collect();
    let readers =
        children.into_iter().map(|child| std::thread::spawn(move || acknowledged(child, None)));
    let all: Vec<_> =
        readers.collect::<Vec<_>>().into_iter().flat_map(|one| one.join().unwrap()).collect();
    runtime.block_on(async {
        sealer.close().await.unwrap();
        let kept = sealer.checkpoint().unwrap();
        assert_eq!(kept.size, 8 * 1000 + 8 * 2 + 2); // each writer's two own, and the sealer's
        let counts = counted(&log).await;
        assert_eq!((all.len(), counts.len()), (8000, 8000));
        assert!(all.iter().all(|request| counts.get(request) == Some(&1)));
        let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept.text)).await;
        let report = report.unwrap();
        assert_eq!((report.verdict(), report.log().open_writers().len()), (Verdict::Intact, 0));
        let filter = EventFilter::all().tenant("clinic-a");
        let events = log.reader().await.events(&filter, 0, usize::MAX).await.unwrap();
        let numbers: Vec<_> = events.iter().map(|logged| logged.tenant_seq.unwrap()).collect();
        assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    });
}

#[test]
fn killed_writers_lose_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(log) = runtime.block_on(PgLog::new()) else { return };
    let sealer = runtime.block_on(log.seal());
    let mut all = Vec::new();
    for stop in [1, 7, 60, 200] {
        all.extend(acknowledged(start(&log, usize::MAX), Some(stop)));
    }
    runtime.block_on(async {
        sealer.close().await.unwrap();
        let kept = sealer.checkpoint().unwrap();
        let counts = counted(&log).await;
        let lost = |ids: &[String]| ids.iter().filter(|id| counts.get(*id) != Some(&1)).count();
        assert_eq!(lost(&all), 0);
        assert_eq!(lost(&["never written".to_owned()]), 1);
        let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept.text)).await;
        let report = report.unwrap();
        assert_eq!((report.verdict(), report.log().open_writers().len()), (Verdict::Intact, 4));
        assert_eq!(log.reader().await.queue().await.unwrap().waiting, 0);
    });
}

#[test]
fn a_server_that_is_stopped_at_once_loses_nothing_it_acknowledged() {
    let Some(server) = Postgres::start() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let log = runtime.block_on(PgLog::on(&server));
    let sealer = runtime.block_on(log.seal());
    let writers: Vec<_> = (0..4).map(|_| runtime.block_on(log.open())).collect();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let (count, stop) = (Arc::new(watch::Sender::new(0)), Arc::new(AtomicBool::new(false)));
    let mut tasks = Vec::new();
    for (writer, log) in writers.iter().enumerate() {
        for task in 0..4 {
            let log = log.clone();
            let (acknowledged, count) = (Arc::clone(&acknowledged), Arc::clone(&count));
            let stop = Arc::clone(&stop);
            tasks.push(runtime.spawn(async move {
                for n in 0_u64.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let request = format!("{writer}-{task}-{n}");
                    if append_to(&log, &request).await.is_ok() {
                        acknowledged.lock().unwrap().push(request);
                        count.send_modify(|count| *count += 1);
                    } else {
                        until(|| log.problem().is_none()).await;
                    }
                }
            }));
        }
    }
    let reach = |target| {
        let mut seen = count.subscribe();
        runtime
            .block_on(async { seen.wait_for(|count| *count >= target).await.map(drop) })
            .unwrap();
    };
    let mut target = 0;
    for _ in 0..3 {
        target = target.max(*count.borrow()) + 300;
        reach(target);
        server.stop(Stop::Immediate);
        server.restart();
    }
    reach(target + 300);
    stop.store(true, Ordering::Relaxed);
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
        for writer in writers {
            writer.close().await.unwrap();
        }
        until(|| sealer.is_at_work()).await;
        sealer.close().await.unwrap();
        let kept = sealer.checkpoint().unwrap();
        let counts = counted(&log).await;
        let acknowledged = acknowledged.lock().unwrap().clone();
        let lost = |ids: &[String]| ids.iter().filter(|id| counts.get(*id) != Some(&1)).count();
        assert_eq!(lost(&acknowledged), 0);
        assert_eq!(lost(&["never written".to_owned()]), 1);
        // What was refused while the server was down is there as well, and nothing is there twice.
        assert!(counts.values().all(|count| *count == 1));
        assert!(counts.len() > acknowledged.len());
        let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept.text)).await;
        let report = report.unwrap();
        assert_eq!((report.verdict(), report.log().open_writers().len()), (Verdict::Intact, 0));
        let queue = log.reader().await.queue().await.unwrap();
        assert_eq!((queue.waiting, queue.held_back.len(), queue.refused), (0, 0, 0));
    });
}
