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
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
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
    accepted(policy).unwrap()
}

/// `None` if the policy is refused, as where a rule adds nothing.
fn accepted(policy: &str) -> Option<Safeguards> {
    let policy = Policy::from_toml(policy).ok()?;
    let safeguards = Safeguards::builder(testing::keys(1), policy, RecordingLog::new());
    let safeguards = safeguards.record::<Owned>().record::<Texts>().record::<Shared>();
    let safeguards = safeguards.build().ok()?;
    for tenant in [Id::from(HERE), Id::from(THERE), Id::from(1), Id::from(2)] {
        safeguards.add_tenant(tenant).unwrap();
    }
    Some(safeguards)
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

type Records = (Vec<Owned>, Vec<Texts>, Vec<Shared>);

fn records() -> Records {
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

async fn sealed((owned, texts, shared): &Records) -> Rows {
    let safeguards = safeguards(&policy(2, 2, 2));
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
    fn run(&mut self, sql: &'static str) -> impl Future<Output = ()>;
    fn fill(&mut self, rows: &Rows) -> impl Future<Output = ()>;
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

            async fn run(&mut self, sql: &'static str) {
                sqlx::raw_sql(sql).execute(&mut *self).await.unwrap();
            }

            async fn fill(&mut self, rows: &Rows) {
                for row in &rows.owned {
                    phi_sqlx::insert(&mut *self, "owned", row).await.unwrap();
                }
                for row in &rows.texts {
                    phi_sqlx::insert(&mut *self, "texts", row).await.unwrap();
                }
                for row in &rows.shared {
                    phi_sqlx::insert(&mut *self, "shared", row).await.unwrap();
                }
            }

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

/// One principal, and every record.
async fn one<D: Asked>(
    db: &mut D,
    safeguards: &Safeguards,
    principal: &Principal,
    rows: &Rows,
    found: &mut [usize; 3],
) where
    SealedOwned: Columns<D::Db>,
    SealedTexts: Columns<D::Db>,
    SealedShared: Columns<D::Db>,
{
    let uuids = (IdType::Uuid, IdType::Uuid);
    let texts = (IdType::Int, IdType::Text);
    for (label, count) in ["owned", "texts", "shared"].into_iter().zip(found) {
        let grant = safeguards.begin(principal, Action::Read, label, Purpose::Treatment);
        // Policy gives none: nothing opens, and there is no predicate to ask for.
        let Ok(grant) = grant.await else { continue };
        match label {
            "owned" => check(db, &grant, label, &rows.owned, uuids, count).await,
            "texts" => check(db, &grant, label, &rows.texts, texts, count).await,
            _ => check(db, &grant, label, &rows.shared, uuids, count).await,
        }
    }
}

/// Each policy × principal × record: what is found is what opens.
async fn agree<D: Asked>(db: &mut D)
where
    SealedOwned: Columns<D::Db>,
    SealedTexts: Columns<D::Db>,
    SealedShared: Columns<D::Db>,
{
    let rows = sealed(&records()).await;
    db.fill(&rows).await;
    let mut found = [0; 3];
    for policy in policies() {
        let safeguards = safeguards(&policy);
        for principal in principals() {
            one(db, &safeguards, &principal, &rows, &mut found).await;
        }
    }
    assert!(found.iter().all(|found| *found > 100), "{found:?}"); // not always nothing
}

const SQLITE: &str = "CREATE TABLE owned (id INTEGER, clinic_id BLOB, owner_id BLOB, name BLOB, note BLOB);
     CREATE TABLE texts (id INTEGER, clinic_id INTEGER, owner TEXT COLLATE NOCASE, name BLOB, note BLOB);
     CREATE TABLE shared (id INTEGER, owner_id BLOB, name BLOB, note BLOB);";

#[tokio::test]
async fn what_is_found_is_what_opens_on_sqlite() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    db.run(SQLITE).await;
    agree(&mut db).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn what_is_found_is_what_opens_on_postgres() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    let mut db = sqlx::PgConnection::connect(&server.database().await).await.unwrap();
    db.run(
        "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TABLE owned (id BIGINT, clinic_id UUID, owner_id UUID, name BYTEA, note BYTEA);
         CREATE TABLE texts (id BIGINT, clinic_id BIGINT, owner TEXT COLLATE loose, name BYTEA, note BYTEA);
         CREATE TABLE shared (id BIGINT, owner_id UUID, name BYTEA, note BYTEA);",
    )
    .await;
    agree(&mut db).await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn what_is_found_is_what_opens_on_mariadb() {
    let Some(server) = phi_test_servers::MariaDb::shared() else { return };
    let mut db = sqlx::MySqlConnection::connect(&server.database().await).await.unwrap();
    // Its texts mind neither case nor blanks at the end.
    db.run(
        "CREATE TABLE owned (id BIGINT, clinic_id BINARY(16), owner_id BINARY(16), name BLOB, note BLOB);
         CREATE TABLE texts (id BIGINT, clinic_id BIGINT, owner VARCHAR(99), name BLOB, note BLOB);
         CREATE TABLE shared (id BIGINT, owner_id BINARY(16), name BLOB, note BLOB);",
    )
    .await;
    agree(&mut db).await;
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

/// A rule of a made-up policy: whether it allows, whose (0: of the role that is inherited from), its
/// record, scope and classes.
type MadeUp = (bool, usize, usize, usize, usize);

const SCOPES: [&str; 3] = ["own", "tenant", "all"];
const MASKS: [&str; 3] = [r#"["contact"]"#, r#"["clinical"]"#, r#"["contact", "clinical"]"#];

fn made_up(rules: &[MadeUp]) -> String {
    let mut text = String::from(
        "version = 1\n[roles.base]\n[roles.some]\ninherits = [\"base\"]\n\
         [[roles.other.allow]]\nactions = [\"create\"]\nresources = [\"owned\", \"texts\", \"shared\"]\n\
         classes = \"all\"\nscope = \"all\"\npurposes = [\"TREAT\"]\n",
    );
    for (allows, role, resource, scope, classes) in rules {
        // A record without a tenant is reached by `own` and `all` alone.
        let scope = if *resource == 2 && *scope == 1 { 2 } else { *scope };
        let (verb, scope) = match allows {
            true => ("allow", format!("scope = \"{}\"\n", SCOPES[scope])),
            false => ("deny", String::new()),
        };
        let (role, classes) = (["base", "some"][*role], MASKS[*classes]);
        let resource = ["owned", "texts", "shared"][*resource];
        let rule = format!(
            "[[roles.{role}.{verb}]]\nactions = [\"read\"]\nresources = [\"{resource}\"]\n\
             classes = {classes}\n{scope}purposes = [\"TREAT\"]\n"
        );
        text.push_str(&rule);
    }
    text
}

/// Rows of made-up tenants and owners; the same pairs for each kind of record.
fn made_up_records(places: &[(bool, usize)], names: &[String]) -> Records {
    let uuids = [Some(ADA), Some(BOB), None];
    let (mut owned, mut texts, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    for ((here, owner), id) in places.iter().zip(1..) {
        let (name, note) = (|| phi("a"), || phi("b"));
        let (clinic_id, owner_id) = (if *here { HERE } else { THERE }, uuids[owner % 3]);
        let text = names.get(*owner).cloned();
        owned.push(Owned { id, clinic_id, owner_id, name: name(), note: note() });
        let clinic_id = i64::from(*here) + 1;
        texts.push(Texts { id, clinic_id, owner: text, name: name(), note: note() });
        shared.push(Shared { id, owner_id, name: name(), note: note() });
    }
    (owned, texts, shared)
}

/// The same over made-up policies with denials and inheritance, principals and rows.
#[test]
fn what_is_found_is_what_opens_for_made_up_policies_principals_and_rows() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut db = runtime.block_on(SqliteConnection::connect("sqlite::memory:")).unwrap();
    runtime.block_on(db.run(SQLITE));
    let shared = std::cell::RefCell::new((db, [0; 3]));
    let rule = (prop::bool::weighted(0.8), 0..2_usize, 0..3_usize, 0..3_usize, 0..3_usize);
    let name = prop_oneof!["[a-cA-C ']{1,3}", "[0-9]{1,2}", Just(ADA.to_string())];
    let strategy = (
        prop::collection::vec(rule, 1..6),
        prop::collection::vec(name, 1..4),
        (0..4_usize, 0..5_usize),
        prop::collection::vec((any::<bool>(), 0..4_usize), 0..8),
    );
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let checked = runner.run(&strategy, |(rules, names, (who, membership), places)| {
        let Some(safeguards) = accepted(&made_up(&rules)) else { return Ok(()) };
        let id = names.get(who).map_or(Id::from(ADA), |name| Id::parse(name));
        let membership = match membership {
            0 => Membership::new(1, HERE, "some"),
            1 => Membership::new(1, THERE, "some"),
            2 => Membership::new(1, 1, "some"),
            3 => Membership::new(1, 2, "some"),
            _ => Membership::global(1, "some"),
        };
        let principal = Principal::person(id, membership);
        let (db, found) = &mut *shared.borrow_mut();
        runtime.block_on(async {
            db.run("DELETE FROM owned; DELETE FROM texts; DELETE FROM shared").await;
            let rows = sealed(&made_up_records(&places, &names)).await;
            db.fill(&rows).await;
            one(db, &safeguards, &principal, &rows, found).await;
        });
        Ok(())
    });
    checked.unwrap();
    let (_, found) = &*shared.borrow();
    assert!(found.iter().all(|found| *found > 20), "{found:?}"); // not always nothing
}
