//! The application, put together: keys, policy, audit log, database.

use std::time::Duration;

use phi_core::Safeguards;
use phi_core::audit::note::VerifierKey;
use phi_tower::{GuardExt as _, Guarded, Jwt};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::audit::Audit;
use super::database::{Database, Stored, on};
use super::folder::Folder;
use super::record::{Condition, Patient, PatientContact, PatientPlace, Visit};
use super::routes::Shared;
use super::staff::Staff;
use super::tokens::{AUDIENCE, ISSUER, Tokens};
use super::{Failure, routes};

/// What the requests, the import and the tour share.
#[derive(Debug)]
pub struct App {
    folder: Folder,
    safeguards: Safeguards,
    database: Database,
    audit: Audit,
    log_key: VerifierKey,
    tokens: Tokens,
    secret: [u8; 32],
}

impl App {
    /// Opens the clinic in this folder, or makes one.
    ///
    /// # Errors
    ///
    /// [`Failure`] if a key, the policy, the audit log or the database cannot be used.
    pub async fn open(folder: Folder) -> Result<Self, Failure> {
        let database = Database::file(&folder.database()).await?;
        Self::open_with(folder, database).await
    }

    /// The same, with patients and log in this database.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_with(folder: Folder, database: Database) -> Result<Self, Failure> {
        let log_key = folder.log_key()?;
        let verifier = log_key.verifier();
        let audit = Audit::open(&folder, &database, log_key).await?;
        let safeguards = Safeguards::builder(folder.keys()?, folder.policy()?, audit.clone())
            .record::<Patient>()
            .record::<PatientContact>()
            .record::<PatientPlace>()
            .record::<Visit>()
            .record::<Condition>()
            .build()?;
        let secret = folder.token_key()?;
        let tokens = Tokens::new(&secret);
        Ok(Self { folder, safeguards, database, audit, log_key: verifier, tokens, secret })
    }

    /// What the handlers share.
    #[must_use]
    pub fn shared(&self) -> Shared {
        Shared { db: self.database.clone(), audit: self.audit.clone() }
    }

    /// The router behind its guard.
    ///
    /// # Errors
    ///
    /// [`Failure::Routes`] if a route is not declared.
    pub fn guarded(&self) -> Result<Guarded, Failure> {
        let auth = Jwt::hs256(self.secret, ISSUER, AUDIENCE).memberships(self.staff());
        let router = routes::router(self.shared());
        let guard = self.safeguards.guard(router, auth, routes::table());
        // A laptop's disk may be busy with other things: the default is 250 ms.
        Ok(guard.receipt_limit(Duration::from_secs(5)).build()?)
    }

    /// Ends the audit log in good order, and closes the database.
    ///
    /// # Errors
    ///
    /// [`Failure::Audit`] if the log's last event could not be written.
    pub async fn close(self) -> Result<(), Failure> {
        self.database.close().await;
        self.audit.close().await
    }

    /// The folder with everything that is written.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Keys, policy and audit log.
    #[must_use]
    pub fn safeguards(&self) -> &Safeguards {
        &self.safeguards
    }

    /// The patients' database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Every clinic's rows of a table that has a clinic, sealed.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if they cannot be read.
    pub async fn all<S: Stored>(&self, table: &'static str) -> Result<Vec<S>, Failure> {
        let mut session = self.database.session().await?;
        let clinics: Vec<Uuid> =
            on!(session, db => sqlx::query_scalar("SELECT id FROM clinic").fetch_all(db).await)?;
        drop(session);
        let mut all = Vec::new();
        for clinic in clinics {
            // A server shows them clinic by clinic.
            let sql = AssertSqlSafe(format!("SELECT * FROM {table} WHERE clinic_id = $1"));
            let mut session = self.database.session_in(clinic).await?;
            let rows: Vec<S> =
                on!(session, db => sqlx::query_as(sql).bind(clinic).fetch_all(db).await)?;
            all.extend(rows);
        }
        Ok(all)
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// What the audit log's signatures are checked with.
    #[must_use]
    pub fn log_key(&self) -> &VerifierKey {
        &self.log_key
    }

    /// Who works where.
    #[must_use]
    pub fn staff(&self) -> Staff {
        Staff::new(self.database.clone())
    }

    /// What people sign in with.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
