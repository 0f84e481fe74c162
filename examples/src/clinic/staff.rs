//! Who works where, and as what. Roles come from here, never from a token.

use phi_core::{Id, Membership};
use phi_tower::{AuthError, Memberships};
use uuid::Uuid;

use super::database::{Database, on};
use super::{App, Failure};

/// The table of memberships.
#[derive(Debug, Clone)]
pub struct Staff {
    db: Database,
}

/// Somebody with a role in a clinic.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// What a token names.
    pub account: Uuid,
    /// The clinic.
    pub clinic: Uuid,
    /// The role's name in the policy.
    pub role: &'static str,
}

impl Staff {
    pub(crate) fn new(db: Database) -> Self {
        Self { db }
    }

    /// Gives an account a role in a clinic.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if it cannot be stored.
    pub async fn hire(&self, clinic: Uuid, role: &'static str) -> Result<Member, Failure> {
        let (membership, account) = (Uuid::now_v7(), Uuid::now_v7());
        let sql =
            "INSERT INTO membership (id, account_id, clinic_id, role) VALUES ($1, $2, $3, $4)";
        let mut session = self.db.session().await?;
        on!(session, db => sqlx::query(sql)
            .bind(membership)
            .bind(account)
            .bind(clinic)
            .bind(role)
            .execute(db)
            .await
            .map(drop))?;
        session.commit().await?;
        Ok(Member { account, clinic, role })
    }
}

impl Memberships for Staff {
    async fn memberships(&self, account: &Id) -> Result<Vec<Membership>, AuthError> {
        // Ours are UUIDs; any other text of a token is not written into the log.
        let Id::Uuid(account) = account else {
            return Err(AuthError::NoMembership { account: None });
        };
        let sql = "SELECT id, clinic_id, role FROM membership WHERE account_id = $1";
        let mut session = self.db.session().await.map_err(|_| AuthError::Unavailable)?;
        let rows: Result<Vec<(Uuid, Uuid, String)>, _> =
            on!(session, db => sqlx::query_as(sql).bind(account).fetch_all(db).await);
        let rows = rows.map_err(|_| AuthError::Unavailable)?;
        Ok(rows.into_iter().map(|(id, clinic, role)| Membership::new(id, clinic, &role)).collect())
    }
}

impl App {
    /// Makes a clinic with keys of its own.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be stored.
    pub async fn open_clinic(&self, id: Uuid, name: &str) -> Result<(), Failure> {
        let sql = "INSERT INTO clinic (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        let mut session = self.database().session().await?;
        on!(session, db => sqlx::query(sql).bind(id).bind(name).execute(db).await.map(drop))?;
        session.commit().await?;
        Ok(self.safeguards().add_tenant(id)?)
    }
}
