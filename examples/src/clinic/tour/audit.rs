//! 5. The log of it all, and what it notices.

use std::fs;

use phi_core::audit::{Event, Outcome};
use phi_sqlx::audit::{ContentFinding, LoggedEvent, StoreReport};

use super::tamper::Intruder;
use super::{Saved, Stage, ending};
use crate::clinic::Failure;
use crate::clinic::record::SealedPatient;

pub(super) async fn play(stage: &mut Stage<'_>, saved: &Saved) -> Result<(), Failure> {
    stage.page.heading(
        "5  The audit events of this tour, and two changes behind the application's back",
    )?;
    stage.server.flush().await?;
    let events = stage.events().await?;
    list(stage, &events)?;
    let kept = keep(stage).await?;
    let report = verify(stage, &kept).await?;
    let findings = check_rows(stage).await?.len();
    stage.page.pair("verify", format_args!("{}; rows: {findings} findings", summary(&report)))?;
    changed_column(stage, saved).await?;
    changed_event(stage, &events, &kept).await?;
    let kept = keep(stage).await?;
    let report = verify(stage, &kept).await?;
    let findings = check_rows(stage).await?.len();
    stage.page.pair("put back", format_args!("{}; rows: {findings} findings", summary(&report)))
}

/// Keeps the log's signed head, as something else than the server should.
async fn keep(stage: &Stage<'_>) -> Result<String, Failure> {
    let path = stage.app.folder().checkpoint();
    let checkpoint = stage.app.audit().head().await?.text.to_string();
    fs::write(&path, &checkpoint).map_err(Failure::file(&path))?;
    Ok(checkpoint)
}

async fn verify(stage: &Stage<'_>, kept: &str) -> Result<StoreReport, Failure> {
    stage.app.audit().reader().await?.verify(stage.app.log_key(), kept).await
}

/// How many entries were read, and the last line of the report.
fn summary(report: &StoreReport) -> String {
    let text = report.to_string();
    format!("{} entries, {}", report.log().entries(), text.lines().last().unwrap_or_default())
}

/// Compares the patients' columns with what the log says was written.
async fn check_rows(stage: &Stage<'_>) -> Result<Vec<ContentFinding>, Failure> {
    let rows: Vec<SealedPatient> = stage.app.all("patient").await?;
    stage.app.audit().reader().await?.check_all_rows(&rows).await
}

/// Prints the events, equal ones together, intents left out: each has its outcome.
fn list(stage: &mut Stage<'_>, events: &[LoggedEvent]) -> Result<(), Failure> {
    let outcomes = events.iter().map(|logged| &logged.event);
    let outcomes: Vec<_> = outcomes.filter(|event| event.outcome != Outcome::Intent).collect();
    let mut lines: Vec<Line> = Vec::new();
    for event in &outcomes {
        let told = told(event);
        let fields = event.items.iter().map(|item| item.fields.len()).sum();
        let hits = event.searches.iter().map(|search| search.hits).sum();
        match lines.iter_mut().find(|line| line.told == told) {
            None => lines.push(Line { told, times: 1, fields, hits }),
            Some(line) => {
                line.times += 1;
                line.fields += fields;
                line.hits += hits;
            }
        }
    }
    for Line { told, times, fields, hits } in lines {
        let counts = match (fields, hits) {
            (0, 0) => String::new(),
            (fields, 0) => format!(" ({fields} fields)"),
            (fields, 1) => format!(" (1 hit, {fields} fields)"),
            (fields, hits) => format!(" ({hits} hits, {fields} fields)"),
        };
        stage.page.line(format_args!("{times:>2} × {told}{counts}"))?;
    }
    let intents = events.len() - outcomes.len();
    stage.page.line(format_args!("{intents:>2} × intent, durable before its write began"))
}

/// Events that differ only in what they touched.
struct Line {
    told: String,
    times: usize,
    fields: usize,
    hits: u64,
}

/// Who, where, and how it ended.
fn told(event: &Event) -> String {
    let role = event.role.as_ref().map_or("nobody", |role| role.as_str());
    let route = event.route.as_ref().map_or("(refused before sign-in)", |route| route.as_str());
    format!("{role:<10} {route:<27} {}", ending(event))
}

/// Changes one byte of a sealed value.
async fn changed_column(stage: &mut Stage<'_>, saved: &Saved) -> Result<(), Failure> {
    let id = saved.ada.0;
    let own = stage.diagnosis(id).await?;
    let mut other = own.clone();
    if let Some(last) = other.last_mut() {
        *last ^= 1;
    }
    stage.put(id, &other).await?;
    let clinician = &stage.cast.clinician.1;
    let refused = stage.client.get(clinician, "/patients/{id}", Some(id)).await?;
    let findings = check_rows(stage).await?;
    stage.put(id, &own).await?;
    let audited = stage.outcome(&refused).await?;
    stage.show(&refused, &format!("audited: {audited}"))?;
    let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
    let findings = findings.join("; ").replace(&id.to_string(), "{id}");
    stage.page.pair("rows", format_args!("a byte of a sealed value changed: {findings}"))
}

/// Changes one byte of a stored event: the first that says that somebody was denied.
async fn changed_event(
    stage: &mut Stage<'_>,
    events: &[LoggedEvent],
    kept: &str,
) -> Result<(), Failure> {
    let denied = events.iter().find(|logged| logged.event.outcome == Outcome::Denied);
    let index = denied.map(|logged| logged.index).and_then(|index| i64::try_from(index).ok());
    let index = index.ok_or(Failure::Program("nobody was denied"))?;
    let mut intruder = Intruder::enter(stage).await?;
    let own = intruder.leaf(index).await?;
    let mut other = own.clone();
    let at = own.windows(6).position(|word| word == b"denied").unwrap_or_default();
    if let Some(byte) = other.get_mut(at) {
        *byte ^= 1;
    }
    intruder.rewrite(index, &other).await?;
    let report = verify(stage, kept).await;
    intruder.rewrite(index, &own).await?;
    let report = report?;
    let findings = report.log().findings();
    let first = findings.first().map_or_else(|| "not noticed".to_owned(), ToString::to_string);
    stage.page.pair("verify", format_args!("a byte of a stored event changed: {first}"))?;
    stage.page.pair("", format_args!("{} findings, {}", findings.len(), summary(&report)))
}
