//! Tables and columns whose names are words of SQL: on `PostgreSQL` `user` is the role of the session, not the column.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use phi_core::audit::RecordingLog;
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Grant, Id, Membership, Phi, PhiRecord, Principal, Safeguards, testing};
use phi_sqlx::postgres::{check_tenant_isolation, tenant_policies, tenant_transaction};
use phi_sqlx::{IdType, RowError, ScopePredicate, insert, update, update_owned};
use sqlx::{AssertSqlSafe, MySqlPool, PgPool, QueryBuilder, SqlitePool};

#[derive(Debug, PhiRecord)]
#[phi(record = "note", sqlx)]
struct Note {
    #[phi(id)]
    key: i64,
    #[phi(tenant)]
    group: i64,
    #[phi(owner, opaque)]
    user: String,
    #[phi(class = "clinical")]
    r#where: Phi<String>,
    #[phi(class = "clinical", index(exact = "text"))]
    default: Phi<String>,
}

/// Of a database whose user is called so as well.
const OWNER: &str = "postgres";

fn note(key: i64, user: &str) -> Note {
    let (r#where, default) = ("left arm".into(), "sample".into());
    Note { key, group: 1, user: user.to_owned(), r#where, default }
}

async fn grant(owner: &str, action: Action) -> Grant {
    let policy = r#"
        version = 1
        [[roles.nurse.allow]]
        actions = ["create", "read", "update"]
        resources = ["note"]
        classes = ["clinical"]
        scope = "own"
        purposes = ["TREAT"]
    "#;
    let policy = Policy::from_toml(policy).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, RecordingLog::new());
    let safeguards = safeguards.record::<Note>().build().unwrap();
    safeguards.add_tenant(1_i64).unwrap();
    let nurse = Principal::person(Id::opaque(owner), Membership::new(1_i64, 1_i64, "nurse"));
    safeguards.begin(&nurse, action, "note", Purpose::Treatment).await.unwrap()
}

macro_rules! writes_and_finds {
    ($db:ty, $pool:expr, $quoted:expr) => {
        let pool = $pool;
        for (key, user) in [(1, OWNER), (2, "u-7")] {
            let row = grant(user, Action::Create).await.seal(&note(key, user)).unwrap();
            insert(&pool, "order", &row).await.unwrap();
        }
        let write = grant(OWNER, Action::Update).await;
        let row = write.seal(&note(1, OWNER)).unwrap();
        update(&pool, "order", &row).await.unwrap();
        update_owned(&pool, "order", "user", &row).await.unwrap();
        let foreign = SealedNote { user: "u-7".to_owned(), ..row };
        let refused = update_owned(&pool, "order", "user", &foreign).await;
        assert_eq!(refused, Err(RowError::NotFound));
        // Each finds its own row, and somebody else none.
        for (user, found) in [(OWNER, &[1_i64][..]), ("u-7", &[2]), ("u-8", &[])] {
            let grant = grant(user, Action::Read).await;
            let scope = ScopePredicate::<$db>::of::<SealedNote>(&grant, Action::Read);
            let mut query: QueryBuilder<$db> = QueryBuilder::new($quoted);
            scope.alias("o").push_to(&mut query);
            let keys: Vec<i64> = query.build_query_scalar().fetch_all(&pool).await.unwrap();
            assert_eq!(keys, found, "{user}");
        }
    };
}

#[tokio::test]
async fn rows_are_written_and_found_on_sqlite() {
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let table = "CREATE TABLE `order` (`key` INTEGER PRIMARY KEY, `group` INTEGER, `user` TEXT,
        `where` BLOB, `default` BLOB, default_index BLOB) STRICT";
    sqlx::raw_sql(table).execute(&pool).await.unwrap();
    writes_and_finds!(sqlx::Sqlite, pool, "SELECT o.`key` FROM `order` o WHERE ");
}

#[tokio::test]
async fn rows_are_written_and_found_on_mariadb() {
    let Some(server) = phi_test_servers::MariaDb::shared() else { return };
    let pool = MySqlPool::connect(&server.database().await).await.unwrap();
    let table = "CREATE TABLE `order` (`key` BIGINT PRIMARY KEY, `group` BIGINT, `user` TEXT,
        `where` BLOB, `default` BLOB, default_index VARBINARY(36))";
    sqlx::raw_sql(table).execute(&pool).await.unwrap();
    writes_and_finds!(sqlx::MySql, pool, "SELECT o.`key` FROM `order` o WHERE ");
}

#[tokio::test]
async fn rows_are_written_and_found_on_postgres_with_its_policies() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    let pool = PgPool::connect(&server.database().await).await.unwrap();
    let table = r#"CREATE TABLE "order" ("key" BIGINT PRIMARY KEY, "group" BIGINT, "user" TEXT,
        "where" BYTEA, "default" BYTEA, default_index BYTEA)"#;
    sqlx::raw_sql(table).execute(&pool).await.unwrap();
    let policies = tenant_policies("order", "group", IdType::Int).unwrap();
    sqlx::raw_sql(AssertSqlSafe(policies)).execute(&pool).await.unwrap();
    writes_and_finds!(sqlx::Postgres, pool.clone(), r#"SELECT o."key" FROM "order" o WHERE "#);
    // Somebody who is no superuser sees what the policy lets through, and passes at the start.
    let role: String =
        sqlx::query_scalar("SELECT current_database() || '_words'").fetch_one(&pool).await.unwrap();
    let sql =
        format!(r#"CREATE ROLE {role} LOGIN PASSWORD 'sample'; GRANT SELECT ON "order" TO {role}"#);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    let options = pool.connect_options().as_ref().clone().username(&role).password("sample");
    let app = PgPool::connect_with(options).await.unwrap();
    check_tenant_isolation(&app, &["order"]).await.unwrap();
    let mut transaction =
        tenant_transaction(&app, &grant(OWNER, Action::Read).await).await.unwrap();
    let count = r#"SELECT count(*) FROM "order""#;
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(seen, 2);
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&app).await.unwrap();
    assert_eq!(seen, 0);
}
