//! Servers start, keep what they acknowledged, and are gone afterwards.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops where it goes wrong")]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use phi_test_servers::{MariaDb, Postgres, Stop};
use sqlx::{Connection as _, MySqlConnection, PgConnection};

const CHILD: &str = "PHI_TEST_SERVERS_CHILD";

#[tokio::test]
async fn what_postgres_acknowledged_is_there_after_a_crash() {
    let Some(server) = Postgres::start() else { return };
    let url = server.database().await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (7)")
        .execute(&mut db)
        .await
        .unwrap();
    server.stop(Stop::Immediate);
    assert!(PgConnection::connect(&url).await.is_err());
    server.restart();
    let mut db = PgConnection::connect(&url).await.unwrap();
    let kept: i32 = sqlx::query_scalar("SELECT x FROM t").fetch_one(&mut db).await.unwrap();
    assert_eq!(kept, 7);
}

#[tokio::test]
async fn what_mariadb_acknowledged_is_there_after_a_crash() {
    let Some(server) = MariaDb::start() else { return };
    let url = server.database().await;
    let mut db = MySqlConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (7)")
        .execute(&mut db)
        .await
        .unwrap();
    server.stop(Stop::Immediate);
    assert!(MySqlConnection::connect(&url).await.is_err());
    server.restart();
    let mut db = MySqlConnection::connect(&url).await.unwrap();
    let kept: i32 = sqlx::query_scalar("SELECT x FROM t").fetch_one(&mut db).await.unwrap();
    assert_eq!(kept, 7);
}

#[tokio::test]
async fn each_database_of_the_shared_server_is_empty() {
    let Some(server) = Postgres::shared() else { return };
    for _ in 0..2 {
        let mut db = PgConnection::connect(&server.database().await).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (x INTEGER)").execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }
}

/// Not a test by itself: what the next one kills.
#[test]
fn child_holds_servers() {
    if std::env::var(CHILD).is_err() {
        return;
    }
    let servers = (Postgres::start(), MariaDb::start());
    let urls = (servers.0.as_ref().unwrap().url(), servers.1.as_ref().unwrap().url());
    eprintln!("\nurls {} {}", urls.0, urls.1);
    std::thread::sleep(Duration::from_mins(10));
}

#[tokio::test]
async fn a_killed_test_leaves_no_server_and_no_folder() {
    if Postgres::shared().is_none() || MariaDb::shared().is_none() {
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_holds_servers", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.into_iter().find(|line| line.starts_with("urls ")).unwrap();
    let urls: Vec<_> = line.split(' ').skip(1).collect();
    // The control: both answer, and have folders.
    PgConnection::connect(urls[0]).await.unwrap();
    MySqlConnection::connect(urls[1]).await.unwrap();
    let prefix = |kind| format!("phi-test-{kind}-{}-", child.id());
    let (postgres, mariadb) = (prefix("postgres"), prefix("mariadb"));
    let folders = || {
        let entries = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap_or_default());
        names.filter(|name| name.starts_with(&postgres) || name.starts_with(&mariadb)).count()
    };
    assert_eq!(folders(), 2);

    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while folders() > 0 {
        assert!(Instant::now() < until, "folders are left");
        tokio::task::yield_now().await;
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(PgConnection::connect(urls[0]).await.is_err());
    assert!(MySqlConnection::connect(urls[1]).await.is_err());
}
