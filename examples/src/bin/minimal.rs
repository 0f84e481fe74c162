//! The smallest application: an axum router on sqlx whose patients are sealed, guarded and audited.

use std::{collections::HashMap, env, fs};

use axum::{Router, extract::State, response::IntoResponse, routing::get, routing::post};
use phi_core::audit::note::SigningKey;
use phi_core::{Id, Membership, Needs, Phi, PhiRecord, Safeguards, keys, policy::Policy};
use phi_sqlx::{audit::SqliteAuditLog, insert};
use phi_tower::{Access, GuardExt, HttpError, Json, Jwt, Path, Routes};
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use uuid::Uuid;

const CLINIC: Uuid = Uuid::from_u128(1);
const POLICY: &str = r#"
version = 1
[[roles.clinician.allow]]
actions = ["create", "read"]
resources = ["patient"]
classes = ["contact", "clinical"]
scope = "tenant"
purposes = ["TREAT"]
"#;

#[derive(Debug, PhiRecord, serde::Deserialize)]
#[phi(record = "patient", sqlx)]
struct Patient {
    #[phi(id)]
    #[serde(skip_deserializing, default = "Uuid::now_v7")]
    id: Uuid,
    #[phi(tenant)]
    #[serde(skip)]
    clinic_id: Uuid,
    #[phi(class = "contact")]
    name: Phi<String>,
    #[phi(class = "clinical")]
    diagnosis: Option<Phi<String>>,
}

type Answer = Result<axum::response::Response, HttpError>;

async fn create(access: Access, db: State<SqlitePool>, Json(mut patient): Json<Patient>) -> Answer {
    patient.clinic_id = access.tenant_uuid()?;
    insert(&*db, "patient", &access.seal(&patient)?).await?;
    Ok(Json(patient.id).into_response())
}

async fn read(access: Access, db: State<SqlitePool>, Path(id): Path<Uuid>) -> Answer {
    let row = sqlx::query_as("SELECT * FROM patient WHERE id = ?").bind(id);
    let row: SealedPatient = row.fetch_optional(&*db).await?.ok_or_else(HttpError::not_found)?;
    Ok(Json(access.reveal(&access.open(row)?)?).into_response())
}

#[tokio::main]
async fn main() -> Result<(), phi_log::Failure> {
    phi_log::init()?;
    if !fs::exists("log.key")? {
        SigningKey::generate("clinic.example/audit")?.create_file("log.key")?;
    }
    let log = SqliteAuditLog::open("audit.db", SigningKey::from_file("log.key")?).await?;
    let keys = keys::KeyFile::open_or_create("root.key", "keyring")?;
    let safeguards = Safeguards::builder(keys, Policy::from_toml(POLICY)?, log.clone());
    let safeguards = safeguards.record::<Patient>().build()?;
    safeguards.add_tenant(CLINIC)?;
    let db = SqlitePool::connect("sqlite:clinic.db?mode=rwc").await?;
    let sql = "CREATE TABLE IF NOT EXISTS patient (id PRIMARY KEY, clinic_id, name, diagnosis)";
    sqlx::query(sql).execute(&db).await?;
    let router = Router::new().route("/patients", post(create)).route("/patients/{id}", get(read));
    let table = Routes::new()
        .post("/patients", Needs::create("patient"))
        .get("/patients/{id}", Needs::read("patient"));
    let staff = HashMap::from([(Id::from(7), vec![Membership::new(1, CLINIC, "clinician")])]);
    let auth = Jwt::hs256(keys::read_owner_only("token.key")?, "https://issuer.example", "clinic");
    let app = safeguards.guard(router.with_state(db), auth.memberships(staff), table).build()?;
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:3000".into())).await?;
    tracing::info!("listening");
    let serve = axum::serve(listener, app.clone().into_make_service());
    serve.with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
    Ok(app.flush().await.and(log.close().await)?)
}
