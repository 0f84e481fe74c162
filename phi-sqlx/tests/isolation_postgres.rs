//! Whoever can go past row-level security is refused at start-up.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "support/postgres.rs"]
mod server;

use phi_sqlx::IdType;
use phi_sqlx::postgres::{IsolationFault, check_tenant_isolation, tenant_policies};
use server::{application, create_role, patient_table, pool, pool_of, run};
use sqlx::PgPool;

/// A table of patients with its policies, and its owner, who may do everything.
async fn guarded() -> Option<PgPool> {
    let owner = pool().await?;
    run(&owner, patient_table()).await;
    run(&owner, tenant_policies("patient", "clinic_id", IdType::Uuid).unwrap()).await;
    Some(owner)
}

/// Statements that open a way around, those that close it again, and what is said of it.
type Case = (String, String, IsolationFault);

async fn refused_until_undone(owner: &PgPool, app: &PgPool, cases: impl IntoIterator<Item = Case>) {
    for (sql, undo, expected) in cases {
        run(owner, sql).await;
        let error = check_tenant_isolation(app, &["patient"]).await.unwrap_err();
        assert_eq!(error.fault, expected);
        run(owner, undo).await;
        check_tenant_isolation(app, &["patient"]).await.unwrap();
    }
}

#[tokio::test]
async fn a_role_that_can_go_past_is_refused_at_start_up() {
    let Some(owner) = &guarded().await else { return };
    let tables: &[&str] = &["patient"];
    let fault = async |pool: &PgPool, tables: &[&str]| {
        check_tenant_isolation(pool, tables).await.map_err(|error| error.fault)
    };
    let app = application(owner, 2).await;
    fault(&app, tables).await.unwrap();
    fault(&app, &["public.patient"]).await.unwrap();
    assert_eq!(fault(&app, &["patient", "nowhere"]).await, Err(IsolationFault::NoTable));
    assert_eq!(fault(&app, &["patient; --"]).await, Err(IsolationFault::NoTable));

    assert_eq!(fault(owner, tables).await, Err(IsolationFault::Superuser));
    let bypass = create_role(owner, "bypass", "BYPASSRLS").await;
    let of_bypass = pool_of(owner, &bypass, 1).await;
    assert_eq!(fault(&of_bypass, tables).await, Err(IsolationFault::BypassRls));
    // Without the rights at hand, but one `SET ROLE` away.
    let member = create_role(owner, "member", "NOINHERIT").await;
    run(owner, format!("GRANT {bypass} TO {member}")).await;
    let of_member = pool_of(owner, &member, 1).await;
    assert_eq!(fault(&of_member, tables).await, Err(IsolationFault::Becomes));
    for (suffix, rights) in [("maker", "CREATEROLE"), ("copier", "REPLICATION")] {
        let role = pool_of(owner, &create_role(owner, suffix, rights).await, 1).await;
        assert_eq!(fault(&role, tables).await, Err(IsolationFault::Becomes), "{rights}");
    }
    let files = create_role(owner, "files", "").await;
    run(owner, format!("GRANT pg_write_server_files TO {files}")).await;
    let of_files = pool_of(owner, &files, 1).await;
    assert_eq!(fault(&of_files, tables).await, Err(IsolationFault::Becomes));
    // A superuser in the clothes of the application.
    let plain = create_role(owner, "plain", "").await;
    let dressed = pool_of(owner, &create_role(owner, "super", "SUPERUSER").await, 1).await;
    run(&dressed, format!("SET ROLE {plain}")).await;
    assert_eq!(fault(&dressed, tables).await, Err(IsolationFault::Superuser));

    // The tables' own faults, each undone again.
    let app_role: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(&app).await.unwrap();
    let remade = tenant_policies("patient", "clinic_id", IdType::Uuid).unwrap();
    let bounds = "CREATE POLICY phi_tenant_only ON patient";
    let cases = [
        (
            "ALTER TABLE patient DISABLE ROW LEVEL SECURITY".to_owned(),
            "ALTER TABLE patient ENABLE ROW LEVEL SECURITY".to_owned(),
            IsolationFault::NotEnabled,
        ),
        (
            // Its owner's views and functions would go past.
            "ALTER TABLE patient NO FORCE ROW LEVEL SECURITY".to_owned(),
            remade.clone(),
            IsolationFault::NotForced,
        ),
        (
            "DROP POLICY phi_tenant_only ON patient".to_owned(),
            remade.clone(),
            IsolationFault::NoPolicy,
        ),
        (
            format!("DROP POLICY phi_tenant_only ON patient; {bounds} AS RESTRICTIVE USING (true)"),
            remade.clone(),
            IsolationFault::NoPolicy,
        ),
        (
            format!("GRANT TRUNCATE ON patient TO {app_role}"),
            format!("REVOKE TRUNCATE ON patient FROM {app_role}"),
            IsolationFault::Truncate,
        ),
        (
            format!(
                "CREATE VIEW seen AS SELECT id FROM patient; GRANT SELECT ON seen TO {app_role}"
            ),
            "ALTER VIEW seen SET (security_invoker = on)".to_owned(),
            IsolationFault::View,
        ),
        (
            format!(
                "CREATE MATERIALIZED VIEW kept AS SELECT id FROM patient; GRANT SELECT ON kept TO {app_role}"
            ),
            format!("REVOKE SELECT ON kept FROM {app_role}"),
            IsolationFault::View,
        ),
        (
            // Its owner is a superuser, and everybody may call it.
            "CREATE FUNCTION names() RETURNS bytea LANGUAGE sql SECURITY DEFINER
                RETURN (SELECT name FROM patient LIMIT 1)"
                .to_owned(),
            "ALTER FUNCTION names() SECURITY INVOKER".to_owned(),
            IsolationFault::Function,
        ),
    ];
    refused_until_undone(owner, &app, cases).await;
}

/// A column of a view, a view of a view, and a policy that only names the setting.
#[tokio::test]
async fn ways_around_that_look_like_less_are_refused_at_start_up() {
    let Some(owner) = &guarded().await else { return };
    let app = application(owner, 1).await;
    let app_role: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(&app).await.unwrap();
    let remade = tenant_policies("patient", "clinic_id", IdType::Uuid).unwrap();
    let bounds = "CREATE POLICY phi_tenant_only ON patient";
    let cases = [
        (
            // It names the setting, and lets everything through.
            format!(
                "DROP POLICY phi_tenant_only ON patient; {bounds} AS RESTRICTIVE
                 USING (true OR current_setting('phi.tenant', true) = 'x')
                 WITH CHECK (true OR current_setting('phi.tenant', true) = 'x')"
            ),
            remade.clone(),
            IsolationFault::NoPolicy,
        ),
        (
            format!(
                "CREATE MATERIALIZED VIEW kept AS SELECT id FROM patient;
                 GRANT SELECT (id) ON kept TO {app_role}"
            ),
            "DROP MATERIALIZED VIEW kept".to_owned(),
            IsolationFault::View,
        ),
        (
            format!(
                "CREATE VIEW inner_view AS SELECT id FROM patient;
                 CREATE VIEW outer_view WITH (security_invoker = on) AS SELECT id FROM inner_view;
                 GRANT SELECT (id) ON outer_view TO {app_role}"
            ),
            "DROP VIEW inner_view CASCADE".to_owned(),
            IsolationFault::View,
        ),
    ];
    refused_until_undone(owner, &app, cases).await;
}

/// What the role may not do itself, another may that it can become by `SET ROLE`.
#[tokio::test]
async fn a_role_that_can_become_one_that_goes_past_is_refused_at_start_up() {
    let Some(owner) = &guarded().await else { return };
    let other = create_role(owner, "other", "").await;
    let role = create_role(owner, "becomes", "NOINHERIT").await;
    run(owner, format!("GRANT {other} TO {role}")).await;
    let app = pool_of(owner, &role, 1).await;
    check_tenant_isolation(&app, &["patient"]).await.unwrap();
    let cases = [
        (
            format!("GRANT TRUNCATE ON patient TO {other}"),
            format!("REVOKE TRUNCATE ON patient FROM {other}"),
            IsolationFault::Truncate,
        ),
        (
            format!("CREATE VIEW seen AS SELECT id FROM patient; GRANT SELECT ON seen TO {other}"),
            "DROP VIEW seen".to_owned(),
            IsolationFault::View,
        ),
        (
            format!(
                "CREATE FUNCTION names() RETURNS bytea LANGUAGE sql SECURITY DEFINER
                    RETURN (SELECT name FROM patient LIMIT 1);
                 REVOKE ALL ON FUNCTION names() FROM PUBLIC;
                 GRANT EXECUTE ON FUNCTION names() TO {other}"
            ),
            "DROP FUNCTION names()".to_owned(),
            IsolationFault::Function,
        ),
    ];
    refused_until_undone(owner, &app, cases).await;
}

/// The columns of tenants may be of other types, and have names in quotes.
#[tokio::test]
async fn the_policies_of_every_type_of_tenant_are_known_at_start_up() {
    let Some(owner) = pool().await else { return };
    let role = create_role(&owner, "types", "").await;
    let app = pool_of(&owner, &role, 1).await;
    for (table, sql, tenant) in [
        ("big", "BIGINT", IdType::Int),
        ("small", "INT", IdType::Int),
        ("texts", "TEXT", IdType::Text),
        ("chars", "VARCHAR(40)", IdType::Text),
        ("uuids", "UUID", IdType::Uuid),
    ] {
        run(&owner, format!("CREATE TABLE {table} (tenant {sql})")).await;
        run(&owner, tenant_policies(table, "tenant", tenant).unwrap()).await;
        check_tenant_isolation(&app, &[table]).await.unwrap();
    }
}
