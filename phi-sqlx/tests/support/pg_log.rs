//! A log on a throw-away server, with a role for each part.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{AuditError, AuditLog as _, Verdict};
use phi_sqlx::audit::{
    EventFilter, PostgresAuditLog, PostgresAuditReader, PostgresAuditTables, PostgresSealer,
    SignedCheckpoint,
};
use phi_test_servers::Postgres;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{Folder, ORIGIN, event};

/// A database with a log in it.
pub struct PgLog {
    pub folder: Folder,
    pub url: String,
    pub tables: PostgresAuditTables,
    pub application: PgConnectOptions,
    pub sealer: PgConnectOptions,
}

impl PgLog {
    /// On the server that the tests of this process share; `None` if there is none.
    pub async fn new() -> Option<Self> {
        Some(Self::on(Postgres::shared()?).await)
    }

    pub async fn on(server: &Postgres) -> Self {
        let url = server.database().await;
        let tables = PostgresAuditTables::new("phi_audit").unwrap();
        let mut owner = PgConnection::connect(&url).await.unwrap();
        tables.migrate(&mut owner).await.unwrap();
        let (application, sealer) = (
            login(&mut owner, &url, "phi_audit_application").await,
            login(&mut owner, &url, "phi_audit_sealer").await,
        );
        let folder = Folder::new();
        SigningKey::generate(ORIGIN).unwrap().create_file(folder.file("log.key")).unwrap();
        Self { folder, url, tables, application, sealer }
    }

    pub fn key(&self) -> SigningKey {
        SigningKey::from_file(self.folder.file("log.key")).unwrap()
    }

    pub async fn open(&self) -> PostgresAuditLog {
        PostgresAuditLog::open(self.application.clone(), &self.tables).await.unwrap()
    }

    /// A sealer that looks often, so that tests need not wait.
    pub async fn seal(&self) -> PostgresSealer {
        let sealer = PostgresSealer::builder(self.sealer.clone(), &self.tables, self.key());
        sealer.every(Duration::from_millis(2)).lease(Duration::from_secs(1)).start().await.unwrap()
    }

    pub async fn reader(&self) -> PostgresAuditReader {
        PostgresAuditReader::open(self.application.clone(), &self.tables).await.unwrap()
    }

    /// A connection of somebody who may do everything, and goes past the library.
    pub async fn intruder(&self) -> PgConnection {
        let mut db = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql("SET search_path = phi_audit; SET session_replication_role = replica")
            .execute(&mut db)
            .await
            .unwrap();
        db
    }

    pub async fn tamper(&self, sql: &str) {
        let mut db = self.intruder().await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }

    pub async fn verdict(&self, kept: Option<&str>) -> Verdict {
        let keys = [self.key().verifier()];
        self.reader().await.verify(&keys, kept).await.unwrap().verdict()
    }

    /// The request ids of all sealed events that have one, in order.
    pub async fn requests(&self) -> Vec<String> {
        let events = self.reader().await.events(&EventFilter::all(), 0, usize::MAX).await.unwrap();
        let requests = events.into_iter().filter_map(|logged| logged.event.request);
        requests.map(|request| request.as_str().to_owned()).collect()
    }

    /// Seals all that waits, in good order.
    pub async fn sealed(&self) -> SignedCheckpoint {
        let sealer = self.seal().await;
        until(|| sealer.is_at_work()).await;
        sealer.close().await.unwrap();
        sealer.checkpoint().unwrap()
    }
}

/// Waits for something that nobody tells of, without keeping a processor from the server.
pub async fn until(mut it_is: impl FnMut() -> bool) {
    let looking = async {
        while !it_is() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), looking).await.unwrap();
}

/// Makes a role that may log in as one of the log's parts.
pub async fn login(owner: &mut PgConnection, url: &str, part: &str) -> PgConnectOptions {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("phi_test_{}_{number}", std::process::id());
    let role = format!("CREATE ROLE {name} LOGIN PASSWORD 'made up' IN ROLE {part}");
    sqlx::raw_sql(AssertSqlSafe(role)).execute(owner).await.unwrap();
    let options: PgConnectOptions = url.parse().unwrap();
    options.username(&name).password("made up")
}

pub async fn append_to(log: &PostgresAuditLog, request: &str) -> Result<(), AuditError> {
    log.reserve()?.append(vec![event(request, Some("clinic-a"))]).await
}
