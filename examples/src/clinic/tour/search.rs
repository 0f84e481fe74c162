//! 3. Search over a sealed column, and a ciphertext in the wrong place.

use serde_json::{Value, json};

use super::{Saved, Stage};
use crate::clinic::Failure;
use crate::clinic::client::{Caller, Exchange};

pub(super) async fn play(stage: &mut Stage<'_>, saved: &Saved) -> Result<(), Failure> {
    stage.page.heading("3  Finds a patient by SSN over the sealed column; a moved ciphertext")?;
    let cast = stage.cast;
    let spaced = saved.ada.1.ssn.replace('-', " ");
    for caller in [&cast.clinician.1, &cast.foreigner.1, &cast.front_desk.1] {
        let found = search(stage, caller, &spaced).await?;
        let words = hits(&found, &spaced);
        stage.show(&found, &words)?;
    }
    moved(stage, saved).await
}

async fn search(stage: &Stage<'_>, caller: &Caller, ssn: &str) -> Result<Exchange, Failure> {
    stage.client.post(caller, "/patients/search", None, &json!({ "ssn": ssn })).await
}

/// Who was found.
fn hits(found: &Exchange, asked: &str) -> String {
    let body = found.json();
    let Some(hits) = body.as_array() else {
        return body.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
    };
    let text = |hit: &Value, key: &str| hit.get(key).and_then(Value::as_str).map(str::to_owned);
    let names: Vec<_> = hits.iter().filter_map(|hit| text(hit, "name")).collect();
    match (hits.first().and_then(|hit| text(hit, "ssn")), hits.len()) {
        (Some(ssn), 1) => {
            format!("1 hit: {} (\"{asked}\" finds \"{ssn}\")", names.join(", "))
        }
        (_, n) => format!("{n} hits"),
    }
}

/// Moves one patient's diagnosis into another's row by SQL, and back.
async fn moved(stage: &mut Stage<'_>, saved: &Saved) -> Result<(), Failure> {
    let (ada, bob) = (saved.ada.0, saved.bob.0);
    let own = stage.diagnosis(ada).await?;
    let others = stage.diagnosis(bob).await?;
    stage.put(ada, &others).await?;
    let before = phi_core::refusals();
    let clinician = &stage.cast.clinician.1;
    let refused = stage.client.get(clinician, "/patients/{id}", Some(ada)).await?;
    let after = phi_core::refusals();
    stage.put(ada, &own).await?;
    let clinician = &stage.cast.clinician.1;
    let restored = stage.client.get(clinician, "/patients/{id}", Some(ada)).await?;

    stage.page.line("another patient's sealed diagnosis, copied into this row by SQL:")?;
    let audited = stage.outcome(&refused).await?;
    let count = after.tag.saturating_sub(before.tag);
    stage.show(&refused, &format!("audited: {audited}; tags refused: {count}"))?;
    stage.show(&restored, "put back")
}
