//! 2. The same questions, by different people.

use axum::http::Method;
use axum::routing::get;
use phi_core::PhiRecord;
use serde_json::Value;
use uuid::Uuid;

use super::{Saved, Stage};
use crate::clinic::client::Exchange;
use crate::clinic::record::{Patient, Visit};
use crate::clinic::{Failure, routes};

pub(super) async fn play(stage: &mut Stage<'_>, saved: &Saved) -> Result<(), Failure> {
    stage.page.heading("2  The same questions, asked by others")?;
    let (client, cast) = (&stage.client, stage.cast);
    let (ada, chart) = (Some(saved.ada.0), "/patients/{id}");
    let [clinician, front_desk, foreigner] =
        [&cast.clinician.1, &cast.front_desk.1, &cast.foreigner.1];

    let own = client.get(clinician, chart, ada).await?;
    let visits = client.get(clinician, "/patients/{id}/visits", ada).await?;
    let denied = client.get(front_desk, chart, ada).await?;
    let contact = client.get(front_desk, "/patients/{id}/contact", ada).await?;
    let foreign = client.get(foreigner, chart, ada).await?;
    let unknown = client.get(foreigner, chart, Some(Uuid::now_v7())).await?;
    let nobody = client.get(&cast.nobody, chart, ada).await?;
    let undeclared = client.ask(clinician, Method::DELETE, chart, ada, None).await?;

    stage.show(&own, &opened::<Patient>(&own.json()))?;
    stage.show(&visits, &visits.json().get(0).map_or_else(String::new, opened::<Visit>))?;
    stage.show(&denied, &refused(&denied))?;
    stage.show(&contact, &opened::<Patient>(&contact.json()))?;
    let same = if foreign.body == unknown.body && foreign.status == unknown.status {
        "same bytes as an unknown id"
    } else {
        "not as an unknown id"
    };
    let audited = stage.outcome(&foreign).await?;
    stage.show(&foreign, &format!("{same}; audited: {audited}"))?;
    let audited = stage.outcome(&unknown).await?;
    stage.show(&unknown, &format!("an unknown id; audited: {audited}"))?;
    stage.show(&nobody, &refused(&nobody))?;
    let audited = stage.outcome(&undeclared).await?;
    stage.show(&undeclared, &format!("audited: {audited}"))?;

    // The other net: a router with a route that nobody declared does not even start.
    let forgotten = routes::router(stage.app.shared());
    let forgotten = forgotten.route("/export", get(|| async { "everything" }));
    if let Err(faults) = routes::table().check(&forgotten) {
        for fault in faults {
            stage
                .page
                .line(format_args!("a router with one route more does not start: {fault}"))?;
        }
    }
    Ok(())
}

/// The PHI fields that an answer shows.
fn opened<R: PhiRecord>(answer: &Value) -> String {
    let shown = R::schema().fields.iter().map(|field| field.field);
    let shown = shown.filter(|field| answer.get(field).is_some_and(|value| !value.is_null()));
    shown.collect::<Vec<_>>().join(", ")
}

/// What a refusal names.
fn refused(exchange: &Exchange) -> String {
    let body = exchange.json();
    let text = |key| body.get(key).and_then(Value::as_str);
    match (text("record"), text("field")) {
        (Some(record), Some(field)) => format!("denied: {record}.{field}"),
        _ => text("title").unwrap_or_default().to_owned(),
    }
}
