//! P7 behind a pooler in transaction mode: nothing that belongs to a tenant is left on the server's
//! connection for the next.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "support/postgres.rs"]
mod server;

use phi_core::Id;
use phi_sqlx::IdType;
use phi_sqlx::postgres::{check_tenant_isolation, tenant_policies, tenant_transaction_of};
use phi_test_servers::{PgBouncer, Postgres};
use server::{create_role, run};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgConnection, PgPool};

const TENANTS: [i64; 3] = [7, 8, 9];

struct Pooled {
    way: PgConnectOptions,
    _pooler: PgBouncer,
}

impl Pooled {
    /// A table with a row of each tenant, and a way to it through the pooler.
    async fn new() -> Option<Self> {
        let server = Postgres::shared()?;
        let owner = PgPool::connect(&server.database().await).await.unwrap();
        run(&owner, "CREATE TABLE visit (tenant BIGINT NOT NULL, note TEXT NOT NULL)").await;
        run(&owner, "INSERT INTO visit SELECT t, 'of ' || t FROM unnest(ARRAY[7, 8, 9]) t").await;
        run(&owner, tenant_policies("visit", "tenant", IdType::Int).unwrap()).await;
        let role = create_role(&owner, "pooled", "").await;
        run(&owner, format!("GRANT SELECT ON visit TO {role}")).await;
        let pooler = PgBouncer::before(server, &role, "sample")?;
        let way = owner.connect_options().as_ref().clone().port(pooler.port());
        let way = way.username(&role).password("sample").disable_statement_logging();
        Some(Self { way, _pooler: pooler })
    }

    async fn pool(&self) -> PgPool {
        let pool = PgPoolOptions::new().max_connections(4);
        pool.connect_with(self.way.clone()).await.unwrap()
    }
}

/// The rows that a transaction shows. Its statement is prepared for one use: nobody knows on which
/// of the server's connections the next transaction is.
async fn notes(db: &mut PgConnection) -> Vec<String> {
    let sql = "SELECT note FROM visit WHERE tenant > $1";
    sqlx::query_scalar(sql).persistent(false).bind(0_i64).fetch_all(db).await.unwrap()
}

/// The rows without a tenant, and the server's process.
async fn plain(pool: &PgPool) -> (Vec<String>, i32) {
    let mut transaction = pool.begin().await.unwrap();
    let process = sqlx::query_scalar("SELECT pg_backend_pid()").persistent(false);
    let process = process.fetch_one(&mut *transaction).await.unwrap();
    (notes(&mut transaction).await, process)
}

#[tokio::test]
async fn tenants_share_one_connection_of_the_server_and_see_their_own_rows() {
    let Some(pooled) = Pooled::new().await else { return };
    // Two processes of an application.
    let pools = [pooled.pool().await, pooled.pool().await];
    let (_, process) = plain(&pools[0]).await;
    check_tenant_isolation(&pools[0], &["visit"]).await.unwrap();
    for tenant in TENANTS.into_iter().cycle().take(9) {
        for pool in &pools {
            let mut transaction = tenant_transaction_of(pool, &Id::from(tenant)).await.unwrap();
            assert_eq!(notes(&mut transaction).await, [format!("of {tenant}")]);
            match tenant {
                7 => transaction.commit().await.unwrap(),
                8 => transaction.rollback().await.unwrap(),
                _ => drop(transaction),
            }
            assert_eq!(plain(pool).await, (Vec::new(), process));
        }
    }
    // Many at a time wait for the one connection, each for its own rows.
    let tasks: Vec<_> = (0..24)
        .map(|n| {
            let (pool, tenant) = (pools[n % 2].clone(), TENANTS[n % 3]);
            tokio::spawn(async move {
                let mut transaction =
                    tenant_transaction_of(&pool, &Id::from(tenant)).await.unwrap();
                assert_eq!(notes(&mut transaction).await, [format!("of {tenant}")]);
                transaction.commit().await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // The control: what is set for the session stays, and the other process finds it.
    run(&pools[0], "SELECT set_config('phi.tenant', '7', false)").await;
    assert_eq!(plain(&pools[1]).await, (vec!["of 7".to_owned()], process));
}

#[tokio::test]
async fn a_tenants_transaction_itself_prepares_nothing_that_another_process_meets() {
    let Some(pooled) = Pooled::new().await else { return };
    let keeps = async || {
        PgPoolOptions::new().max_connections(1).connect_with(pooled.way.clone()).await.unwrap()
    };
    let (first, second) = (keeps().await, keeps().await);
    for (pool, tenant) in [(&first, 7), (&second, 8), (&first, 9)] {
        let mut transaction = tenant_transaction_of(pool, &Id::from(tenant)).await.unwrap();
        assert_eq!(notes(&mut transaction).await, [format!("of {tenant}")]);
        transaction.commit().await.unwrap();
    }
    // The control: two processes that keep prepared statements meet each other's names.
    let asked = async |pool: &PgPool| {
        let sql = "SELECT count(*) FROM visit WHERE tenant = $1";
        sqlx::query(sql).bind(7_i64).execute(pool).await
    };
    asked(&first).await.unwrap();
    let met = asked(&second).await.unwrap_err();
    let code = met.as_database_error().and_then(|error| error.code().map(String::from));
    assert_eq!(code.as_deref(), Some("42P05")); // duplicate_prepared_statement
}
