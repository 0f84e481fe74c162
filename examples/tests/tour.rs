//! The tour's words against what the server answered, the database holds and the log says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use std::fs;
use std::path::Path;

use anstream::StripStream;
use examples::clinic::args::Args;
use examples::clinic::audit::Reader;
use examples::clinic::client::Exchange;
use examples::clinic::folder::Folder;
use examples::clinic::population::people;
use examples::clinic::record::SealedPatient;
use examples::clinic::tour::{Cast, Transcript};
use examples::clinic::{App, run};
use phi_core::audit::{Event, Outcome, Verdict};
use phi_sqlx::audit::LoggedEvent;
use serde_json::{Value, json};

/// One line of the page that tells of a request.
struct Told {
    who: String,
    asked: String,
    status: u16,
    words: String,
}

impl Told {
    /// Reads a line by its form alone: who, method and route, status, words.
    fn read(line: &str) -> Option<Self> {
        let (who, rest) = line.strip_prefix("   ")?.split_at_checked(17)?;
        let (method, rest) = rest.trim_start().split_once(' ')?;
        let (route, rest) = rest.split_once(' ')?;
        let (status, words) = rest.trim_start().split_at_checked(3)?;
        let known = ["GET", "POST", "PUT", "DELETE"].contains(&method);
        let status = status.parse().ok().filter(|_| known)?;
        let (who, words) = (who.trim().to_owned(), words.trim().to_owned());
        Some(Self { who, asked: format!("{method} {route}"), status, words })
    }

    fn is(&self, exchange: &Exchange) -> bool {
        (&self.who, &self.asked, self.status)
            == (&exchange.caller.name, &exchange.asked(), exchange.status)
    }
}

/// How the log says that a request ended.
fn audited(events: &[LoggedEvent], exchange: &Exchange) -> String {
    let is_its = |event: &&Event| {
        let request = event.request.as_ref().map(phi_core::audit::Printable::as_str);
        request == Some(&exchange.request) && event.outcome != Outcome::Intent
    };
    let event = events.iter().map(|logged| &logged.event).find(is_its).expect("one outcome each");
    match &event.reason {
        Some(reason) => format!("audited: {}, {reason}", event.outcome),
        None => format!("audited: {}", event.outcome),
    }
}

#[tokio::test]
async fn every_word_of_the_tour_is_what_was_answered_with_two_seeds() {
    tours([None, None]).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn every_word_of_the_tour_is_what_was_answered_on_postgres() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    tours([Some(server.database().await), Some(server.database().await)]).await;
}

/// Word for word, but for where things are, what differs from run to run, and how many events the
/// log has of its own.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn the_tour_says_the_same_on_sqlite_and_on_postgres() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    let mut pages = Vec::new();
    for database in [None, Some(server.database().await)] {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::chosen(Some(dir.path())).unwrap();
        let args = Args { database, ..Args::default() };
        let mut out = StripStream::new(Vec::new());
        run(&args, folder, &mut out, std::future::ready(())).await.unwrap();
        pages.push(String::from_utf8(out.into_inner()).unwrap());
    }
    let [file, server] = pages.as_slice() else { panic!("there are two") };
    let mut differing = Vec::new();
    for (file, server) in file.lines().zip(server.lines()) {
        if file != server {
            differing.push((same(file), same(server)));
        }
    }
    for (file, server) in &differing {
        assert_eq!(file, server);
    }
    assert_eq!(file.lines().count(), server.lines().count());
    // The control: places and counts do differ.
    assert!(differing.len() >= 5 && differing.len() < file.lines().count() / 2);
}

/// A line without what may differ: places, ids and bytes in hex, and the log's own counts.
#[cfg(feature = "postgres")]
fn same(line: &str) -> String {
    let mut line = line.to_owned();
    for place in [
        "clinic.db, audit.db, their WALs",
        "PostgreSQL's rows and log",
        "clinic.db, audit.db",
        "clinic.db",
        "PostgreSQL",
    ] {
        line = line.replace(place, "(there)");
    }
    let mut words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    for at in 0..words.len() {
        let is_index = at > 0 && words[at - 1] == "entry";
        let is_count = words.get(at + 1).is_some_and(|next| next.starts_with("entries"));
        let is_path = words[at].starts_with('/') && words[at].contains("tmp");
        let id = words[at].trim_start_matches("Some(");
        let id = id.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        let is_hex = id.len() >= 10 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let is_port = words[at].starts_with("http://127.0.0.1:");
        if is_index || is_count || is_path || is_hex || is_port {
            "#".clone_into(&mut words[at]);
        }
    }
    words.join(" ")
}

async fn tours(databases: [Option<String>; 2]) {
    let mut names = Vec::new();
    for (seed, database) in [1, 20_261_122].into_iter().zip(databases) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::chosen(Some(dir.path())).unwrap();
        let args = Args { seed, database: database.clone(), ..Args::default() };
        let mut out = StripStream::new(Vec::new());
        let played = run(&args, folder, &mut out, std::future::ready(())).await.unwrap();
        let page = String::from_utf8(out.into_inner()).unwrap();
        let transcript = played.expect("a tour leaves a transcript");

        // What a newcomer has to read.
        assert!(page.lines().count() <= 70, "{} lines", page.lines().count());
        assert!(page.lines().all(|line| line.chars().count() <= 120));
        assert!(page.contains("synthetic") && page.contains(&format!("seed {seed}")));
        assert!(page.lines().last().unwrap().ends_with(dir.path().to_str().unwrap()));

        let app = common::app_on(dir.path(), database).await;
        let mut reader = app.audit().reader().await.unwrap();
        let events = reader.events(0).await.unwrap();
        answers(&page, &transcript, &events);
        columns(&page, &transcript, seed);
        silence(&page, &transcript);
        listed(&page, &events);
        afterwards(app, dir.path(), &page, &transcript, &mut reader).await;
        names.push(transcript.patient.1.name());
    }
    assert_ne!(names[0], names[1]);
}

/// Each line has its exchange, in order, and the words that the exchange bears out.
fn answers(page: &str, transcript: &Transcript, events: &[LoggedEvent]) {
    let told: Vec<_> = page.lines().filter_map(Told::read).collect();
    assert_eq!(told.len(), 16);
    let mut exchanges = transcript.exchanges.iter();
    let unknown = transcript.exchanges.iter().filter(|exchange| exchange.status == 404);
    let unknown: Vec<_> = unknown.map(|exchange| &exchange.body).collect();
    let mut seen = Vec::new();
    for line in &told {
        let exchange = exchanges.find(|exchange| line.is(exchange));
        let exchange =
            exchange.unwrap_or_else(|| panic!("{} {}: nobody asked", line.who, line.asked));
        let (body, words) = (exchange.json(), line.words.as_str());
        seen.push((line.who.as_str(), exchange.method.as_str(), exchange.status));
        match (exchange.status, exchange.route) {
            (201, _) => assert_eq!(words, "and 201 for another patient"),
            (200, "/patients/search") => {
                let hits = body.as_array().unwrap();
                match hits.as_slice() {
                    [hit] => {
                        let ssn = hit["ssn"].as_str().unwrap();
                        let name = hit["name"].as_str().unwrap();
                        let spaced = ssn.replace('-', " ");
                        assert_eq!(words, format!("1 hit: {name} (\"{spaced}\" finds \"{ssn}\")"));
                    }
                    hits => assert_eq!(words, format!("{} hits", hits.len())),
                }
            }
            (200, _) if words == "put back" => {}
            (200, _) => {
                let record = body.get(0).unwrap_or(&body);
                for field in words.split(", ") {
                    assert!(record[field].is_string(), "{field} is not in the answer");
                }
                assert!(words.split(", ").count() >= 3);
            }
            (403, _) if body["field"].is_string() => {
                let field = body["field"].as_str().unwrap();
                assert_eq!(words, format!("denied: patient.{field}"));
            }
            (404, _) => {
                let same = unknown.windows(2).all(|pair| pair[0] == pair[1]) && unknown.len() == 2;
                assert!(same && words.contains("unknown id"), "{words}");
                assert!(words.ends_with(&audited(events, exchange)), "{words}");
            }
            (401, _) => assert_eq!(words, "Unauthorized"),
            (403, "/patients/search") => assert_eq!(words, "Forbidden"),
            (403 | 500, _) => assert!(words.contains(&audited(events, exchange)), "{words}"),
            (status, route) => panic!("{status} {route} has no words to check"),
        }
    }
    // What the tour is there to show did happen.
    for (who, status) in [
        ("clinician, north", 200),
        ("front desk, north", 403),
        ("front desk, north", 200),
        ("clinician, south", 404),
        ("nobody", 401),
    ] {
        assert!(seen.contains(&(who, "GET", status)), "{who} never got {status}");
    }
    assert!(seen.contains(&("clinician, north", "DELETE", 403)));
    let ends: Vec<_> = told.iter().filter(|line| line.words.contains("audited: ")).collect();
    let audited = |words: &str| ends.iter().any(|line| line.words.ends_with(words));
    assert!(audited("denied, undeclared-route"));
    assert!(audited("denied, foreign-tenant"));
    assert!(page.contains("GET /export has no declared access"));
}

/// The table of scene 1 shows the person that was sent, as the answer shows them.
fn columns(page: &str, transcript: &Transcript, seed: u64) {
    let (id, person) = &transcript.patient;
    assert_eq!(*person, people(seed, Cast::NORTH + 1)[Cast::NORTH]);
    let path = format!("/patients/{id}");
    let is_read = |e: &&Exchange| e.path == path && e.method == "GET" && e.status == 200;
    let read = transcript.exchanges.iter().find(is_read).unwrap().json();
    let shown = |column: &str| {
        let of = |line: &&str| line.trim_start().starts_with(&format!("{column} "));
        let line = page.lines().find(of).unwrap();
        let (stored, read) = line.split_once(" bytes)").unwrap();
        assert!(stored.contains(" 01") || column == "ssn_index", "{column} is not sealed");
        read.trim().to_owned()
    };
    for (column, sent) in [
        ("name", person.name()),
        ("phone", person.phone.clone()),
        ("diagnosis", person.diagnosis.0.to_owned()),
        ("ssn", person.ssn.clone()),
    ] {
        assert_eq!(read[column], json!(sent));
        assert_eq!(shown(column), sent);
    }
    assert_eq!(shown("ssn_index"), "-");
}

/// Scene 4 shows nobody.
fn silence(page: &str, transcript: &Transcript) {
    let person = &transcript.patient.1;
    let (_, scene) = page.split_once("\n4  ").unwrap();
    let (scene, rest) = scene.split_once("\n5  ").unwrap();
    for text in person.traces().iter().chain([&person.diagnosis.0.to_owned()]) {
        assert!(!scene.contains(text) && !rest.contains(text));
    }
    // The control: the same person stands in the scenes before it.
    assert!(person.traces().iter().any(|text| page.contains(text)));
    assert_eq!(scene.matches("Phi(redacted)").count(), 7);
    assert!(
        scene.contains(r#"no answer at [PHI:phone] patient_name="[PHI:name]" ssn="[PHI:ssn]""#)
    );
    let refused = transcript.exchanges.iter().find(|exchange| exchange.status == 400).unwrap();
    assert!(scene.contains(&format!("400 {}", String::from_utf8_lossy(&refused.body))));
}

/// Scene 5 lists every event from the tour's first to the verification.
fn listed(page: &str, events: &[LoggedEvent]) {
    let (_, scene) = page.split_once("\n5  ").unwrap();
    let count = |line: &str| -> Option<u64> { line.split_once(" × ")?.0.trim().parse().ok() };
    let told: u64 = scene.lines().filter_map(count).sum();
    // The population came before: for each clinic three kinds of records, intent and outcome of
    // each, some in parts, and the writer's own first event. Read off the events themselves.
    let is_job = |logged: &&LoggedEvent| {
        logged.event.principal.as_ref().is_some_and(|p| p.id.as_str() == "population")
    };
    let from = events.iter().filter(is_job).map(|logged| logged.index).max().unwrap() + 1;
    let verified: u64 = scene
        .lines()
        .find_map(|line| line.trim().strip_prefix("verify")?.trim().split_once(" entries, intact"))
        .map(|(entries, _)| entries.parse().unwrap())
        .unwrap();
    assert_eq!(told, verified - from);
    for line in scene.lines().filter(|line| line.contains(" × ") && !line.contains("intent")) {
        let (route, ending) = line.split_at_checked(48).unwrap();
        let ending = ending.split(" (").next().unwrap();
        let bears_out = |logged: &LoggedEvent| {
            let event = &logged.event;
            let route_is = event.route.as_ref().is_none_or(|r| route.contains(r.as_str()));
            let reason = event.reason.as_ref().map(|reason| format!(", {reason}"));
            route_is && ending == format!("{}{}", event.outcome, reason.unwrap_or_default())
        };
        assert!(events.iter().any(bears_out), "{line}");
    }
}

/// What scene 5 changed was noticed, and is put back: the folder is as a log keeper wants it.
async fn afterwards(
    app: App,
    dir: &Path,
    page: &str,
    transcript: &Transcript,
    reader: &mut Reader,
) {
    let line =
        page.lines().find(|line| line.contains("a byte of a stored event changed: ")).unwrap();
    let index = line.split_once("changed: entry ").unwrap().1.split_once(':').unwrap().0;
    let index: u64 = index.parse().unwrap();
    let event = &reader.events(index).await.unwrap()[0].event;
    assert_eq!(event.outcome, Outcome::Denied);
    assert!(line.ends_with("changed since its hash was stored"));
    assert!(page.contains("broken: the log is not as it was written"));
    assert!(page.contains("changed: patient {id}: diagnosis holds what nobody wrote"));

    let folder = app.folder();
    let key = folder.log_key().unwrap().verifier();
    let kept = fs::read_to_string(folder.checkpoint()).unwrap();
    let report = reader.verify(&key, &kept).await.unwrap();
    assert!(report.log().findings().is_empty());
    // The writer's last event came after the kept checkpoint.
    assert_eq!(report.verdict(), Verdict::TruncationNotExcluded);
    let rows: Vec<SealedPatient> = app.all("patient").await.unwrap();
    assert_eq!(rows.len(), Cast::NORTH + Cast::SOUTH + 2);
    assert!(reader.check_all_rows(&rows).await.unwrap().is_empty());
    app.close().await.unwrap();

    // "0 times", counted here too, over every file of the folder.
    assert!(page.contains("clinic.log: 0 times"));
    let texts = transcript.patient.1.traces();
    assert_eq!(common::traces(dir, &texts), 0);
    assert!(common::traces_in_clear(&texts).await >= texts.len());
    #[cfg(unix)]
    for key in ["root.key", "keyring", "log.key", "token.key"] {
        use std::os::unix::fs::MetadataExt as _;
        assert_eq!(fs::metadata(dir.join(key)).unwrap().mode() & 0o777, 0o600);
        assert!(page.contains(&format!("{key} (600)")));
    }
    let unread = |value: &Value| value.is_null();
    assert!(
        transcript
            .exchanges
            .iter()
            .all(|exchange| exchange.status == 204 || !unread(&exchange.json()))
    );
}
