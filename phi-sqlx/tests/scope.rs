//! P7 in SQL: the predicate finds exactly the rows that open, whatever policy, principal and row.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it goes wrong"
)]

mod support;

use std::future::Future;

use phi_core::audit::RecordingLog;
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Grant, Id, Membership, Phi, PhiRecord, Principal, Safeguards, testing};
use phi_sqlx::{Columns, Dialect, IdType, ScopePredicate};
use sqlx::{AssertSqlSafe, Connection as _, QueryBuilder, SqliteConnection};
use support::clinic::{HERE, THERE};
use uuid::Uuid;

#[derive(Debug, PhiRecord)]
#[phi(record = "owned", sqlx)]
struct Owned {
    #[phi(id)]
    id: i64,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(owner)]
    owner_id: Option<Uuid>,
    #[phi(class = "contact")]
    name: Phi<String>,
    #[phi(class = "clinical")]
    note: Phi<String>,
}

/// Owners are texts, and the tenant is a number.
#[derive(Debug, PhiRecord)]
#[phi(record = "texts", sqlx)]
struct Texts {
    #[phi(id)]
    id: i64,
    #[phi(tenant)]
    clinic_id: i64,
    #[phi(owner, opaque)]
    owner: Option<String>,
    #[phi(class = "contact")]
    name: Phi<String>,
    #[phi(class = "clinical")]
    note: Phi<String>,
}

/// No tenant.
#[derive(Debug, PhiRecord)]
#[phi(record = "shared", sqlx)]
struct Shared {
    #[phi(id)]
    id: i64,
    #[phi(owner)]
    owner_id: Option<Uuid>,
    #[phi(class = "contact")]
    name: Phi<String>,
    #[phi(class = "clinical")]
    note: Phi<String>,
}

const ADA: Uuid = Uuid::from_u128(0xada);
const BOB: Uuid = Uuid::from_u128(0xb0b);

/// What a rule opens: nothing, a part, all.
const CLASSES: [&str; 3] = ["[]", r#"["contact"]"#, r#"["contact", "clinical"]"#];

/// What `some` may read of own rows, the tenant's and all. A rule that adds nothing to a wider one
/// is left out, as policy asks.
fn policy(own: usize, tenant: usize, all: usize) -> String {
    let rule = |role: &str, action: &str, resource: &str, scope: &str, classes: usize| {
        let classes = CLASSES[classes];
        format!(
            "[[roles.{role}.allow]]\nactions = [\"{action}\"]\nresources = [\"{resource}\"]\n\
             classes = {classes}\nscope = \"{scope}\"\npurposes = [\"TREAT\"]\n"
        )
    };
    let mut text = String::from("version = 1\n[roles.some]\n");
    for resource in ["owned", "texts", "shared"] {
        text += &rule("other", "create", resource, "all", 2);
        let mut wider = 0;
        // A record without a tenant is reached by `own` and `all` alone.
        let tenant = (resource != "shared").then_some(("tenant", tenant));
        for (scope, classes) in
            [Some(("all", all)), tenant, Some(("own", own))].into_iter().flatten()
        {
            if classes > wider {
                text += &rule("some", "read", resource, scope, classes);
                wider = classes;
            }
        }
    }
    text
}

fn policies() -> impl Iterator<Item = String> {
    let levels = (0..27).map(|n| (n / 9, n / 3 % 3, n % 3));
    levels.map(|(own, tenant, all)| policy(own, tenant, all))
}

fn safeguards(policy: &str) -> Safeguards {
    let policy = Policy::from_toml(policy).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, RecordingLog::new());
    let safeguards = safeguards.record::<Owned>().record::<Texts>().record::<Shared>();
    let safeguards = safeguards.build().unwrap();
    for tenant in [Id::from(HERE), Id::from(THERE), Id::from(1), Id::from(2)] {
        safeguards.add_tenant(tenant).unwrap();
    }
    safeguards
}

/// Who may come: of each tenant or over all, with ids of every kind.
fn principals() -> Vec<Principal> {
    let ids = [
        Id::from(ADA),
        Id::opaque(&ADA.to_string()),
        Id::opaque(&ADA.to_string().to_uppercase()),
        Id::from(7),
        Id::opaque("o'brien"),
        Id::opaque("O'Brien"),
    ];
    let memberships = [
        Membership::new(1, HERE, "some"),
        Membership::new(1, THERE, "some"),
        Membership::new(1, 1, "some"),
        Membership::new(1, 2, "some"),
        Membership::global(1, "some"),
    ];
    let pairs = ids.iter().flat_map(|id| memberships.iter().map(move |m| (id, m)));
    pairs.map(|(id, m)| Principal::person(id.clone(), m.clone())).collect()
}

fn phi(text: &str) -> Phi<String> {
    text.to_owned().into()
}

fn records() -> (Vec<Owned>, Vec<Texts>, Vec<Shared>) {
    let owners = [Some(ADA), Some(BOB), None];
    let mut id = 0;
    let mut next = || {
        id += 1;
        id
    };
    let mut owned = Vec::new();
    for clinic_id in [HERE, THERE] {
        for owner_id in owners {
            owned.push(Owned { id: next(), clinic_id, owner_id, name: phi("a"), note: phi("b") });
        }
    }
    let mut texts = Vec::new();
    let ada = ADA.to_string();
    for clinic_id in [1, 2] {
        for owner in
            [Some(ada.as_str()), Some(&*ada.to_uppercase()), Some("o'brien"), Some("7"), None]
        {
            let owner = owner.map(str::to_owned);
            texts.push(Texts { id: next(), clinic_id, owner, name: phi("a"), note: phi("b") });
        }
    }
    let shared =
        owners.map(|owner_id| Shared { id: next(), owner_id, name: phi("a"), note: phi("b") });
    (owned, texts, shared.into())
}

/// Sealed by somebody who may write anything.
struct Rows {
    owned: Vec<SealedOwned>,
    texts: Vec<SealedTexts>,
    shared: Vec<SealedShared>,
}

async fn rows() -> Rows {
    let safeguards = safeguards(&policy(2, 2, 2));
    let (owned, texts, shared) = records();
    let writer = Principal::person(1, Membership::global(1, "other"));
    let begin = async |label: &str| {
        safeguards.begin(&writer, Action::Create, label, Purpose::Treatment).await.unwrap()
    };
    let (one, two, three) = (begin("owned").await, begin("texts").await, begin("shared").await);
    Rows {
        owned: owned.iter().map(|r| one.seal(r).unwrap()).collect(),
        texts: texts.iter().map(|r| two.seal(r).unwrap()).collect(),
        shared: shared.iter().map(|r| three.seal(r).unwrap()).collect(),
    }
}

/// Asks one database which rows the predicate finds, by hand-written SQL or by a builder.
trait Asked {
    type Db: Dialect;
    fn ids(
        &mut self,
        table: &str,
        scope: &ScopePredicate<Self::Db>,
    ) -> impl Future<Output = Vec<i64>>;
}

macro_rules! asked {
    ($connection:ty, $db:ty) => {
        impl Asked for $connection {
            type Db = $db;

            async fn ids(&mut self, table: &str, scope: &ScopePredicate<$db>) -> Vec<i64> {
                use sqlx::Arguments as _;
                let mut arguments = <$db as sqlx::Database>::Arguments::default();
                arguments.add(0i64).unwrap();
                let mut least = String::new();
                arguments.format_placeholder(&mut least).unwrap();
                let text = scope.add_to(&mut arguments).unwrap();
                let sql =
                    format!("SELECT id FROM {table} WHERE id > {least} AND {text} ORDER BY id");
                let by_hand: Vec<i64> = sqlx::query_scalar_with(AssertSqlSafe(sql), arguments)
                    .fetch_all(&mut *self)
                    .await
                    .unwrap();
                let mut builder = QueryBuilder::<$db>::new("SELECT x.id FROM ");
                builder.push(table).push(" x WHERE x.id > ").push_bind(0i64).push(" AND ");
                scope.clone().alias("x").push_to(&mut builder);
                builder.push(" ORDER BY x.id");
                let built: Vec<i64> =
                    builder.build_query_scalar().fetch_all(&mut *self).await.unwrap();
                assert_eq!(by_hand, built);
                by_hand
            }
        }
    };
}

asked!(SqliteConnection, sqlx::Sqlite);
#[cfg(feature = "postgres")]
asked!(sqlx::PgConnection, sqlx::Postgres);
#[cfg(feature = "mysql")]
asked!(sqlx::MySqlConnection, sqlx::MySql);

async fn check<D: Asked, S>(
    db: &mut D,
    grant: &Grant,
    table: &str,
    rows: &[S],
    (tenant, owner): (IdType, IdType),
    found: &mut usize,
) where
    S: Columns<D::Db> + Clone,
{
    let scope = ScopePredicate::of::<S>(grant, Action::Read).tenant_as(tenant).owner_as(owner);
    let asked = db.ids(table, &scope).await;
    let opened: Vec<i64> = rows
        .iter()
        .filter(|row| grant.open((*row).clone()).is_ok())
        .map(|row| row.place().id.to_string().parse().unwrap())
        .collect();
    assert_eq!(asked, opened, "{:?} {table} {scope:?}", grant.principal());
    *found += asked.len();
}

/// Each policy × principal × record: what is found is what opens.
async fn agree<D: Asked>(db: &mut D, rows: &Rows)
where
    SealedOwned: Columns<D::Db>,
    SealedTexts: Columns<D::Db>,
    SealedShared: Columns<D::Db>,
{
    let uuids = (IdType::Uuid, IdType::Uuid);
    let texts = (IdType::Int, IdType::Text);
    let mut found = [0; 3];
    for policy in policies() {
        let safeguards = safeguards(&policy);
        for principal in principals() {
            for (label, count) in ["owned", "texts", "shared"].into_iter().zip(&mut found) {
                let grant = safeguards.begin(&principal, Action::Read, label, Purpose::Treatment);
                // Policy gives none: nothing opens, and there is no predicate to ask for.
                let Ok(grant) = grant.await else { continue };
                match label {
                    "owned" => check(db, &grant, label, &rows.owned, uuids, count).await,
                    "texts" => check(db, &grant, label, &rows.texts, texts, count).await,
                    _ => check(db, &grant, label, &rows.shared, uuids, count).await,
                }
            }
        }
    }
    assert!(found.iter().all(|found| *found > 100), "{found:?}"); // not always nothing
}

#[tokio::test]
async fn what_is_found_is_what_opens_on_sqlite() {
    let rows = rows().await;
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE owned (id INTEGER, clinic_id BLOB, owner_id BLOB, name BLOB, note BLOB);
         CREATE TABLE texts (id INTEGER, clinic_id INTEGER, owner TEXT COLLATE NOCASE, name BLOB, note BLOB);
         CREATE TABLE shared (id INTEGER, owner_id BLOB, name BLOB, note BLOB);",
    )
    .execute(&mut db)
    .await
    .unwrap();
    for row in &rows.owned {
        phi_sqlx::insert(&mut db, "owned", row).await.unwrap();
    }
    for row in &rows.texts {
        phi_sqlx::insert(&mut db, "texts", row).await.unwrap();
    }
    for row in &rows.shared {
        phi_sqlx::insert(&mut db, "shared", row).await.unwrap();
    }
    agree(&mut db, &rows).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn what_is_found_is_what_opens_on_postgres() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    let rows = rows().await;
    let mut db = sqlx::PgConnection::connect(&server.database().await).await.unwrap();
    sqlx::raw_sql(
        "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TABLE owned (id BIGINT, clinic_id UUID, owner_id UUID, name BYTEA, note BYTEA);
         CREATE TABLE texts (id BIGINT, clinic_id BIGINT, owner TEXT COLLATE loose, name BYTEA, note BYTEA);
         CREATE TABLE shared (id BIGINT, owner_id UUID, name BYTEA, note BYTEA);",
    )
    .execute(&mut db)
    .await
    .unwrap();
    for row in &rows.owned {
        phi_sqlx::insert(&mut db, "owned", row).await.unwrap();
    }
    for row in &rows.texts {
        phi_sqlx::insert(&mut db, "texts", row).await.unwrap();
    }
    for row in &rows.shared {
        phi_sqlx::insert(&mut db, "shared", row).await.unwrap();
    }
    agree(&mut db, &rows).await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn what_is_found_is_what_opens_on_mariadb() {
    let Some(server) = phi_test_servers::MariaDb::shared() else { return };
    let rows = rows().await;
    let mut db = sqlx::MySqlConnection::connect(&server.database().await).await.unwrap();
    // Its texts mind neither case nor blanks at the end.
    sqlx::raw_sql(
        "CREATE TABLE owned (id BIGINT, clinic_id BINARY(16), owner_id BINARY(16), name BLOB, note BLOB);
         CREATE TABLE texts (id BIGINT, clinic_id BIGINT, owner VARCHAR(99), name BLOB, note BLOB);
         CREATE TABLE shared (id BIGINT, owner_id BINARY(16), name BLOB, note BLOB);",
    )
    .execute(&mut db)
    .await
    .unwrap();
    for row in &rows.owned {
        phi_sqlx::insert(&mut db, "owned", row).await.unwrap();
    }
    for row in &rows.texts {
        phi_sqlx::insert(&mut db, "texts", row).await.unwrap();
    }
    for row in &rows.shared {
        phi_sqlx::insert(&mut db, "shared", row).await.unwrap();
    }
    agree(&mut db, &rows).await;
}

#[tokio::test]
async fn a_closed_grant_finds_nothing() {
    let safeguards = safeguards(&policy(2, 2, 2));
    let ada = Principal::person(ADA, Membership::new(1, HERE, "some"));
    let grant = safeguards.begin(&ada, Action::Read, "owned", Purpose::Treatment).await.unwrap();
    let text = |grant: &Grant| {
        let scope = ScopePredicate::<sqlx::Sqlite>::of::<SealedOwned>(grant, Action::Read);
        scope.add_to(&mut sqlx::sqlite::SqliteArguments::default()).unwrap()
    };
    assert_eq!(text(&grant), "(1 = 1)");
    grant.clone().finish().await.unwrap();
    assert_eq!(text(&grant), "(1 = 0)");
}
