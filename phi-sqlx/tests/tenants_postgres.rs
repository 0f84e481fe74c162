//! P4 and P7 on `PostgreSQL`: row-level security stops a forgotten `WHERE`, and past it nothing
//! opens.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "support/postgres.rs"]
mod server;
mod support;

use phi_core::audit::RecordingLog;
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Grant, Id, Membership, OpenError, Principal, Safeguards, testing};
use phi_sqlx::postgres::{
    IsolationFault, TenantError, check_tenant_isolation, tenant_lookup, tenant_policies,
    tenant_transaction, tenant_transaction_of,
};
use phi_sqlx::{DatabaseFault, IdType, RowError, insert, update};
use server::{application, create_role, patient_table, pool, pool_of, run};
use sqlx::{Executor as _, PgExecutor, PgPool, Row as _};
use support::clinic::*;
use uuid::Uuid;

const POLICY: &str = r#"
version = 1
[[roles.clinician.allow]]
actions = ["create", "read", "update"]
resources = ["patient"]
classes = ["contact", "identifier", "clinical"]
scope = "tenant"
purposes = ["TREAT"]
"#;

struct Clinics {
    /// The owner of the tables, who may do everything.
    owner: PgPool,
    safeguards: Safeguards,
}

impl Clinics {
    /// Two clinics with one patient each.
    async fn new() -> Option<Self> {
        let owner = pool().await?;
        run(&owner, patient_table()).await;
        run(&owner, tenant_policies("patient", "clinic_id", IdType::Uuid).unwrap()).await;
        let policy = Policy::from_toml(POLICY).unwrap();
        let safeguards = Safeguards::builder(testing::keys(1), policy, RecordingLog::new());
        let safeguards = safeguards.record::<Patient>().build().unwrap();
        for (id, clinic) in [(1, HERE), (2, THERE)] {
            safeguards.add_tenant(clinic).unwrap();
            let grant = begin(&safeguards, clinic, Action::Create).await;
            let person = Patient { clinic_id: clinic, ..patient(id) };
            insert(&owner, "patient", &grant.seal(&person).unwrap()).await.unwrap();
        }
        Some(Self { owner, safeguards })
    }

    async fn read(&self, clinic: Uuid) -> Grant {
        begin(&self.safeguards, clinic, Action::Read).await
    }
}

async fn begin(safeguards: &Safeguards, clinic: Uuid, action: Action) -> Grant {
    let clinician = Principal::person(Uuid::from_u128(7), Membership::new(1, clinic, "clinician"));
    safeguards.begin(&clinician, action, "patient", Purpose::Treatment).await.unwrap()
}

/// The handler that forgot its `WHERE`.
async fn all(db: impl PgExecutor<'_>) -> Vec<SealedPatient> {
    sqlx::query_as("SELECT * FROM patient ORDER BY id").fetch_all(db).await.unwrap()
}

fn tenants(rows: &[SealedPatient]) -> Vec<Uuid> {
    rows.iter().map(|row| row.clinic_id).collect()
}

#[tokio::test]
async fn a_forgotten_where_shows_one_tenants_rows_and_without_a_tenant_none() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 2).await;
    for clinic in [HERE, THERE] {
        let grant = clinics.read(clinic).await;
        let mut transaction = tenant_transaction(&app, &grant).await.unwrap();
        let rows = all(&mut *transaction).await;
        assert_eq!(tenants(&rows), [clinic]);
        for row in rows {
            grant.open(row).unwrap();
        }
    }
    assert!(all(&app).await.is_empty());
    assert!(all(&mut *app.begin().await.unwrap()).await.is_empty());
    // Not even the table's owner sees more: it is forced.
    let owner: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(&app).await.unwrap();
    run(&clinics.owner, format!("ALTER TABLE patient OWNER TO {owner}")).await;
    assert!(all(&app).await.is_empty());
    // The control: whoever is not bound by it sees both.
    assert_eq!(tenants(&all(&clinics.owner).await), [HERE, THERE]);
}

#[tokio::test]
async fn another_tenants_rows_are_neither_written_nor_changed_nor_removed() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 1).await;
    let there = begin(&clinics.safeguards, THERE, Action::Create).await;
    let foreign = there.seal(&Patient { clinic_id: THERE, ..patient(3) }).unwrap();
    let changed = there.seal(&Patient { clinic_id: THERE, ..patient(2) }).unwrap();
    let before = all(&clinics.owner).await;

    let here = clinics.read(HERE).await;
    let mut transaction = tenant_transaction(&app, &here).await.unwrap();
    assert_eq!(update(&mut *transaction, "patient", &changed).await, Err(RowError::NotFound));
    for sql in ["UPDATE patient SET active = false", "DELETE FROM patient"] {
        let done = transaction.execute(sql).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{sql}"); // its own
    }
    // Moving one's own row away is refused as well.
    let refused = insert(&mut *transaction, "patient", &foreign).await;
    assert_eq!(refused, Err(RowError::Database(DatabaseFault::Denied)));
    transaction.rollback().await.unwrap();
    let mut transaction = tenant_transaction(&app, &here).await.unwrap();
    let moved = sqlx::query("UPDATE patient SET clinic_id = $1").bind(THERE);
    moved.execute(&mut *transaction).await.unwrap_err();
    transaction.rollback().await.unwrap();
    let after = all(&clinics.owner).await;
    assert_eq!(tenants(&after), tenants(&before));
    assert_eq!(*after[1].name, *before[1].name);

    // The control: in its own name the same row goes in.
    let mut transaction = tenant_transaction(&app, &there).await.unwrap();
    insert(&mut *transaction, "patient", &foreign).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(all(&clinics.owner).await.len(), 3);
}

#[derive(Debug, Clone, Copy)]
enum End {
    Commit,
    Rollback,
    Drop,
    Error,
}

/// One connection, as a pooler in transaction mode hands it from client to client: whatever ends a
/// transaction, the next finds nothing of it.
#[tokio::test]
async fn nothing_is_left_on_a_connection_that_tenants_share() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 1).await;
    let backend = async || -> i32 {
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&app).await.unwrap()
    };
    let process = backend().await;
    for end in [End::Commit, End::Rollback, End::Drop, End::Error] {
        for clinic in [HERE, THERE] {
            let grant = clinics.read(clinic).await;
            let mut transaction = tenant_transaction(&app, &grant).await.unwrap();
            assert_eq!(tenants(&all(&mut *transaction).await), [clinic], "{end:?}");
            match end {
                End::Commit => transaction.commit().await.unwrap(),
                End::Rollback => transaction.rollback().await.unwrap(),
                End::Drop => drop(transaction),
                End::Error => {
                    transaction.execute("SELECT 1 / 0").await.unwrap_err();
                    drop(transaction);
                }
            }
            assert!(all(&app).await.is_empty(), "{end:?}");
            let left: Option<String> =
                sqlx::query_scalar("SELECT nullif(current_setting('phi.tenant', true), '')")
                    .fetch_one(&app)
                    .await
                    .unwrap();
            assert_eq!(left, None, "{end:?}");
        }
    }
    assert_eq!(backend().await, process); // it was one connection all the time
    // The control: a tenant set for the session stays, and shows.
    let set = "SELECT set_config('phi.tenant', clinic, false) FROM (SELECT $1::text AS clinic) x";
    sqlx::query(set).bind(HERE.to_string()).execute(&app).await.unwrap();
    assert_eq!(tenants(&all(&app).await), [HERE]);
}

/// A pooler gives the next transaction to another connection, where a statement that was prepared
/// on this one is unknown.
#[tokio::test]
async fn a_tenants_transaction_prepares_no_statement() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 1).await;
    let prepared = async |persistent| {
        let grant = clinics.read(HERE).await;
        let mut transaction = tenant_transaction(&app, &grant).await.unwrap();
        let query = sqlx::query("SELECT * FROM patient WHERE clinic_id = $1").bind(HERE);
        let query = query.persistent(persistent);
        assert_eq!(query.fetch_all(&mut *transaction).await.unwrap().len(), 1);
        transaction.commit().await.unwrap();
        let sql = "SELECT count(*) FROM pg_prepared_statements";
        sqlx::raw_sql(sql).fetch_one(&app).await.unwrap().get::<i64, _>(0)
    };
    assert_eq!(prepared(false).await, 0);
    assert_eq!(prepared(true).await, 1); // the control: one that the caller prepared
}

#[tokio::test]
async fn injected_sql_that_sets_the_tenant_shows_rows_and_opens_nothing() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 1).await;
    let grant = clinics.read(HERE).await;
    let mut transaction = tenant_transaction(&app, &grant).await.unwrap();
    let inject = "SELECT set_config('phi.tenant', $1, true)";
    sqlx::query(inject).bind(THERE.to_string()).execute(&mut *transaction).await.unwrap();
    let rows = all(&mut *transaction).await;
    assert_eq!(tenants(&rows), [THERE]); // the rows show
    for row in rows {
        assert_eq!(grant.open(row.clone()).unwrap_err(), OpenError::NotFound);
        // Even if the injected SELECT says that the row is ours: its values are bound elsewhere.
        let forged = SealedPatient { clinic_id: HERE, ..row };
        assert_eq!(grant.open(forged).unwrap_err(), OpenError::Refused);
    }
    // The control: its own rows open.
    let mut transaction = tenant_transaction(&clinics.owner, &grant).await.unwrap();
    let row = all(&mut *transaction).await.remove(0);
    grant.open(row).unwrap();
}

#[tokio::test]
async fn a_grant_over_all_organisations_goes_through_them_one_by_one() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 1).await;
    let policy = Policy::from_toml(&POLICY.replace("\"tenant\"", "\"all\"")).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, RecordingLog::new());
    let safeguards = safeguards.record::<Patient>().build().unwrap();
    let auditor = Principal::person(Uuid::from_u128(9), Membership::global(1, "clinician"));
    let grant = safeguards.begin(&auditor, Action::Read, "patient", Purpose::Treatment);
    let grant = grant.await.unwrap();
    let refused = tenant_transaction(&app, &grant).await.unwrap_err();
    assert_eq!(refused, TenantError::NoTenant);
    for clinic in [HERE, THERE] {
        let mut transaction = tenant_transaction_of(&app, &Id::from(clinic)).await.unwrap();
        assert_eq!(tenants(&all(&mut *transaction).await), [clinic]);
    }
}

#[tokio::test]
async fn a_policy_that_somebody_adds_lets_no_more_rows_through() {
    let Some(clinics) = Clinics::new().await else { return };
    let app = application(&clinics.owner, 1).await;
    run(&clinics.owner, "CREATE POLICY wide ON patient USING (true)").await;
    let grant = clinics.read(HERE).await;
    let mut transaction = tenant_transaction(&app, &grant).await.unwrap();
    assert_eq!(tenants(&all(&mut *transaction).await), [HERE]);
    drop(transaction);
    assert!(all(&app).await.is_empty());
    // The control: without the restrictive policy it would.
    run(&clinics.owner, "DROP POLICY phi_tenant_only ON patient").await;
    assert_eq!(all(&app).await.len(), 2);
}

#[tokio::test]
async fn integers_and_texts_are_tenants_too() {
    let Some(owner) = pool().await else { return };
    for (table, sql, tenant, one, two) in [
        ("ints", "BIGINT", IdType::Int, Id::from(7), Id::from(8)),
        ("texts", "TEXT", IdType::Text, Id::opaque("a'b\\ü"), Id::opaque("c")),
    ] {
        run(&owner, format!("CREATE TABLE {table} (tenant {sql})")).await;
        run(
            &owner,
            format!("INSERT INTO {table} VALUES ('{}')", one.to_string().replace('\'', "''")),
        )
        .await;
        run(&owner, tenant_policies(table, "tenant", tenant).unwrap()).await;
        let role = create_role(&owner, table, "").await;
        run(&owner, format!("GRANT SELECT ON {table} TO {role}")).await;
        let app = pool_of(&owner, &role, 1).await;
        for (id, expected) in [(one, 1), (two, 0)] {
            let mut transaction = tenant_transaction_of(&app, &id).await.unwrap();
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut *transaction).await.unwrap();
            assert_eq!(count, expected, "{table}");
        }
    }
}

/// `insufficient_privilege`
fn is_denied(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("42501"))
}

#[tokio::test]
async fn a_lookup_tells_whose_row_an_id_is_and_nothing_else() {
    let Some(clinics) = Clinics::new().await else { return };
    let owner = &clinics.owner;
    let app = application(owner, 2).await;
    let app_role: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(&app).await.unwrap();
    let reader = format!("{app_role}_reader");
    let columns = [("id", IdType::Uuid), ("clinic_id", IdType::Uuid)];
    let lookup = tenant_lookup("patient", columns, &reader, &app_role).unwrap();
    run(owner, format!("CREATE ROLE {reader} NOLOGIN BYPASSRLS")).await;
    for _ in 0..2 {
        run(owner, lookup.clone()).await;
    }
    let whose = async |id: u128| -> Option<Uuid> {
        let query = sqlx::query_scalar("SELECT phi_tenant_of_patient($1)");
        query.bind(Uuid::from_u128(id)).fetch_one(&app).await.unwrap()
    };
    assert_eq!([whose(1).await, whose(2).await, whose(3).await], [Some(HERE), Some(THERE), None]);
    assert!(all(&app).await.is_empty()); // the rows stay behind their policies
    check_tenant_isolation(&app, &["patient"]).await.unwrap();

    // Nobody else may call it.
    let other = pool_of(owner, &create_role(owner, "other", "").await, 1).await;
    let refused = sqlx::query("SELECT phi_tenant_of_patient($1)").bind(Uuid::from_u128(1));
    let refused = refused.execute(&other).await;
    assert!(is_denied(&refused.unwrap_err()));
    // Its reader may read no sealed column, even if the function is made to say so; once it may,
    // the application does not start.
    let wide = "CREATE OR REPLACE FUNCTION names(UUID) RETURNS bytea LANGUAGE sql SECURITY DEFINER
        RETURN (SELECT name FROM patient WHERE id = $1)";
    run(owner, format!("{wide}; ALTER FUNCTION names OWNER TO {reader}")).await;
    let names = async || {
        let query = sqlx::query("SELECT names($1)").bind(Uuid::from_u128(2));
        query.execute(&app).await.map(drop)
    };
    assert!(is_denied(&names().await.unwrap_err()));
    check_tenant_isolation(&app, &["patient"]).await.unwrap();
    run(owner, format!("GRANT SELECT (name) ON patient TO {reader}")).await;
    names().await.unwrap();
    let fault = check_tenant_isolation(&app, &["patient"]).await.unwrap_err().fault;
    assert_eq!(fault, IsolationFault::Function);

    // The control: a reader that is bound by the policies sees no foreign row.
    run(owner, format!("ALTER ROLE {reader} NOBYPASSRLS; DROP FUNCTION names")).await;
    assert_eq!(whose(2).await, None);
}
