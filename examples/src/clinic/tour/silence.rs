//! 4. What must not speak, and does not.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use phi_core::{Circumstances, GrantError, Id, Needs, Principal};
use phi_tower::Memberships as _;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Saved, Stage};
use crate::clinic::Failure;
use crate::clinic::database::on;
use crate::clinic::record::{Patient, SealedPatient};

pub(super) async fn play(stage: &mut Stage<'_>, saved: &Saved) -> Result<(), Failure> {
    stage.page.heading("4  What Debug, a log line and an error show of a patient")?;
    let patient = open(stage, saved).await?;
    stage.page.wrapped("Debug", &format!("{patient:?}"))?;

    let logged = log_line(&saved.ada.1.name(), &saved.ada.1.ssn, &saved.ada.1.phone);
    stage.page.pair("logged", "info!(patient_name = …, ssn = …, \"no answer at {phone}\")")?;
    stage.page.pair("written", logged.trim())?;

    let clinician = &stage.cast.clinician.1;
    let mut body = saved.ada.1.json();
    let badly = format!("{}, {}", saved.ada.1.name(), saved.ada.1.ssn);
    body.as_object_mut().map(|body| body.insert("born".to_owned(), json!(badly)));
    let refused = stage.client.post(clinician, "/patients", None, &body).await?;
    let answer = String::from_utf8_lossy(&refused.body);
    stage.page.pair(
        "error",
        format_args!("name and SSN sent as the date of birth: {} {answer}", refused.status),
    )
}

/// Opens the chart outside of any request: the grant is asked for, and ends in an event, as there.
async fn open(stage: &Stage<'_>, saved: &Saved) -> Result<Patient, Failure> {
    let account = Id::from(stage.cast.clinician.0.account);
    let memberships = stage.app.staff().memberships(&account).await;
    let membership = memberships.ok().and_then(|memberships| memberships.into_iter().next());
    let membership = membership.ok_or(Failure::Program("the clinician has no membership"))?;
    let clinician = Principal::person(account, membership);
    let safeguards = stage.app.safeguards();
    let needs = Needs::read("patient");
    let grant = match safeguards.grant(&clinician, &needs, Circumstances::job("tour")) {
        Ok(grant) => grant,
        Err((reason, receipt)) => {
            receipt.await?;
            return Err(GrantError::Denied(reason).into());
        }
    };
    let sql = "SELECT * FROM patient WHERE id = $1";
    let mut session = stage.app.database().session_of(&grant).await?;
    let row: SealedPatient =
        on!(session, db => sqlx::query_as(sql).bind(saved.ada.0).fetch_one(db).await)?;
    let patient = grant.open(row)?;
    grant.finish().await?;
    Ok(patient)
}

/// What becomes of a log line that carries PHI. A bare name in the message would pass: detectors
/// know shapes and labels.
fn log_line(name: &str, ssn: &str, phone: &str) -> String {
    let lines = Lines::default();
    let layer = tracing_subscriber::fmt::layer().without_time().with_target(false);
    let layer = layer.with_ansi(false).with_writer(lines.clone());
    let stack = phi_log::wrap(tracing_subscriber::registry().with(layer));
    tracing::subscriber::with_default(stack, || {
        tracing::info!(patient_name = name, ssn, "no answer at {phone}");
    });
    let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Log lines in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
