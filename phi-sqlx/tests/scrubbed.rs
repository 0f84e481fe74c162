//! P2: saving, searching and reading behind phi-log, with every level on and an application that
//! writes what it read into free text: no planted value is in the log, and sqlx's own lines are.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use phi_core::known::KnownValues;
use phi_sqlx::{insert, update};
use sqlx::{ConnectOptions as _, SqliteConnection};
use support::Folder;
use support::clinic::*;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

async fn day(db: &mut SqliteConnection, id: u128) {
    let vault = vault(1);
    insert(&mut *db, "patient", &vault.seal(&patient(id)).unwrap()).await.unwrap();
    let changed = Patient { diagnosis: Some("itching in spring".into()), ..patient(id) };
    update(&mut *db, "patient", &vault.seal(&changed).unwrap()).await.unwrap();
    let search = vault.search(Patient::SSN_INDEX, Some(HERE.into()), "900-00-0001").unwrap();
    let [a, b] = search.tokens();
    let row: SealedPatient = sqlx::query_as("SELECT * FROM patient WHERE ssn_index IN (?, ?)")
        .bind(a)
        .bind(b)
        .fetch_one(&mut *db)
        .await
        .unwrap();
    tracing::debug!(?row, "as the database has it");
    let patient = vault.open(row).unwrap();
    let [name, ssn] = [patient.name.expose(), patient.ssn.expose()];
    tracing::info!("{name} has {ssn}, and {:?}", patient.diagnosis.as_ref().unwrap().expose());
    let error = sqlx::query("SELECT * FROM nowhere").fetch_one(&mut *db).await.unwrap_err();
    tracing::error!(error = &error as &dyn std::error::Error, "asked for {name} in vain");
}

#[tokio::test]
async fn no_planted_value_is_in_the_log() {
    let (scrubbed, plain) = (Lines::default(), Lines::default());
    let stack = |lines: &Lines| {
        let format = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(lines.clone());
        tracing_subscriber::registry().with(format)
    };
    // sqlx speaks in a thread of its own, so the log is the process's.
    tracing::subscriber::set_global_default(phi_log::wrap(stack(&scrubbed))).unwrap();
    let folder = Folder::new();
    drop(data(&folder).await);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.file("data.db"));
    let options = options.log_statements("info".parse().unwrap());
    let mut db = options.clone().connect().await.unwrap();
    KnownValues::new().carry(day(&mut db, 1)).await;
    let text = scrubbed.text();
    for value in ["Ada", "Sample", "900-00-0001", "itching"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    for words in ["INSERT INTO", "as the database has it", "no such table", "in vain"] {
        assert!(text.contains(words), "{words}: {text}");
    }

    // The control: it was all there.
    let _listening = tracing::subscriber::set_default(stack(&plain));
    KnownValues::new().carry(day(&mut db, 2)).await;
    for value in ["Ada Sample", "900-00-0001", "itching"] {
        assert!(plain.text().contains(value), "{value}: {}", plain.text());
    }
}
