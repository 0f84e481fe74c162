//! What a request has opened does not stand in its lines, in whatever words.

#![cfg(feature = "phi-core")]

mod common;

use common::{Format, Hostile, Sink, stack};
use phi_core::known::KnownValues;
use phi_core::{Phi, PhiRecord, testing};
use tracing::info;
use uuid::Uuid;

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: Uuid,
    #[phi(class = "contact")]
    name: Phi<String>,
    #[phi(class = "clinical")]
    complaint: Phi<String>,
}

fn opened() -> Patient {
    Patient {
        id: Uuid::from_u128(3),
        name: "ada canary".into(),
        complaint: "itching in spring".into(),
    }
}

/// What the sinks get of four lines, with the values known to the request or not.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn lines(request: &KnownValues, known: bool) -> String {
    let (sink, hostile) = (Sink::default(), Hostile::default());
    tracing::subscriber::with_default(phi_log::wrap(stack(Format::Plain, &sink, &hostile)), || {
        let emit = || {
            info!("then ada canary came, and Ada Canary left");
            info!(what = ?("ITCHING IN SPRING", 4), "noted");
            info!(words = "ada canary", "has itching in spring again");
            info!(count = 4, "room ready");
        };
        request.enter(|| testing::vault(1).seal(&opened()).map(drop)).unwrap();
        if known {
            request.enter(emit);
        } else {
            emit();
        }
    });
    sink.text() + &hostile.0.text()
}

#[test]
fn a_name_in_free_text_goes_where_the_request_has_opened_it() {
    // The negative control: another request's line, in which nothing announces the name.
    let other = lines(&KnownValues::new(), false);
    assert!(other.contains("ada canary") && other.contains("ITCHING"), "{other}");

    let own = lines(&KnownValues::new(), true);
    for canary in ["ada", "canary", "Canary", "ITCHING", "SPRING"] {
        assert!(!own.contains(canary), "{canary}: {own}");
    }
    assert!(own.contains("then [PHI:known] came, and [PHI:known] left"), "{own}");
    assert!(own.contains("room ready") && own.contains("count=4"), "{own}");
}

/// A note of several lines went through in `Debug` and JSON, one longer than a line may be in all forms.
#[test]
fn a_note_goes_however_it_is_written_and_cut() {
    let long = format!("she said \"zonkfoot\",\nagain. {}", "then wobbletoe slept. ".repeat(500));
    for note in
        ["Ada's mood: \"zonkfoot\"\nbetter wobbletoe", "it's\u{a0}zonkfoot\u{200b}wobbletoe", &long]
    {
        let (sink, hostile) = (Sink::default(), Hostile::default());
        drop(phi_log::wrap(tracing_subscriber::registry()));
        let request = KnownValues::new();
        let patient = Patient { complaint: note.into(), ..opened() };
        request.enter(|| testing::vault(1).seal(&patient).map(drop)).unwrap();
        let json = serde_json::to_string(note).unwrap();
        let ways = || {
            info!("note {note}");
            info!("note {note:?}");
            info!(note, "read");
            info!(note = ?Some(note), "read");
            info!(body = json.as_str(), "read");
            info!(body = ?json, "read");
            info!("{} {note}", "x".repeat(8_000));
            info!("{}", note.to_uppercase());
        };
        let stack = stack(Format::Plain, &sink, &hostile);
        tracing::subscriber::with_default(phi_log::wrap(stack), || request.enter(ways));
        let text = (sink.text() + &hostile.0.text()).to_lowercase();
        assert!(text.contains("[phi:known]"), "{text}");
        for word in ["zonkfoot", "wobbletoe"] {
            assert!(!text.contains(word), "{word} of {} bytes", note.len());
        }
    }
}

#[test]
fn a_request_that_opened_too_much_logs_no_text() {
    let request = KnownValues::new();
    // Whoever collects must have asked first.
    drop(phi_log::wrap(tracing_subscriber::registry()));
    let vault = testing::vault(1);
    request.enter(|| {
        for number in 0..=KnownValues::MAX {
            let name = format!("name of number {number}").as_str().into();
            let patient = Patient { name, ..opened() };
            vault.seal(&patient).unwrap();
        }
    });
    assert!(request.is_overflowing());
    let scrubber = phi_log::Scrubber::new();
    request.enter(|| {
        assert_eq!(scrubber.scrub("room ready").as_str(), "[PHI:known]");
        assert_eq!(scrubber.scrub("[PHI:known]").as_str(), "[PHI:known]");
    });
    assert_eq!(scrubber.scrub("room ready").as_str(), "room ready");
}
