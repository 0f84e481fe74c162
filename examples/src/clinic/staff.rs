//! Who works where, and as what. Roles come from here, never from a token.

use phi_core::{Id, Membership};
use phi_tower::{AuthError, Memberships};
use sqlx::SqlitePool;
use uuid::Uuid;

use super::{App, Failure};

/// The table of memberships.
#[derive(Debug, Clone)]
pub struct Staff {
    db: SqlitePool,
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
    pub(crate) fn new(db: SqlitePool) -> Self {
        Self { db }
    }

    /// Gives an account a role in a clinic.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if it cannot be stored.
    pub async fn hire(&self, clinic: Uuid, role: &'static str) -> Result<Member, Failure> {
        let (membership, account) = (Uuid::now_v7(), Uuid::now_v7());
        sqlx::query("INSERT INTO membership (id, account_id, clinic_id, role) VALUES (?, ?, ?, ?)")
            .bind(membership)
            .bind(account)
            .bind(clinic)
            .bind(role)
            .execute(&self.db)
            .await?;
        Ok(Member { account, clinic, role })
    }
}

impl Memberships for Staff {
    async fn memberships(&self, account: &Id) -> Result<Vec<Membership>, AuthError> {
        let Id::Uuid(account) = account else { return Ok(Vec::new()) };
        let rows: Vec<(Uuid, Uuid, String)> =
            sqlx::query_as("SELECT id, clinic_id, role FROM membership WHERE account_id = ?")
                .bind(account)
                .fetch_all(&self.db)
                .await
                .map_err(|_| AuthError::Unavailable)?;
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
        sqlx::query("INSERT OR IGNORE INTO clinic (id, name) VALUES (?, ?)")
            .bind(id)
            .bind(name)
            .execute(self.database())
            .await?;
        Ok(self.safeguards().add_tenant(id)?)
    }
}
