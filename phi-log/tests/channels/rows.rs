//! The rows: 26 ways in which values get out, each with the values planted in it.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::field::Empty;
use tracing::{info, info_span, instrument};

/// A way out.
pub struct Row {
    pub name: &'static str,
    /// Where it leaks without us: letters of the columns.
    pub leaks: &'static str,
    pub emit: Emit,
    /// What stays to be seen, so that nothing is lost but the value.
    pub kept: &'static str,
}

pub enum Emit {
    /// Says any text.
    Text(fn(&'static str)),
    /// Says what it says.
    Own(fn(), &'static [&'static str]),
}

use Emit::{Own, Text};

/// Text, and the parts of it that must not be seen.
pub struct Planted {
    pub text: &'static str,
    pub values: &'static [&'static str],
}

/// Synthetic values in the ways in which text holds them. No quotes are in what is looked for: a format may
/// escape them.
pub const TEXTS: [Planted; 12] = [
    planted("has 123-45-6789", &["123-45", "6789"]),
    planted("SSN 900456789, card 4111111111111111", &["900456789", "411111"]),
    planted("mrn=A77193 ok, call (555) 010-4477", &["A77193", "4477"]),
    planted(r#"{"patientName":"Ada Canary","visits":3}"#, &["Ada", "Canary"]),
    planted(r#"{\"patientName\":\"Ada Canary\",\"dob\":\"1980-01-05\"}"#, &["Ada", "1980"]),
    planted(r#""{\\\"ssn\\\":\\\"x-1\\\",\\\"lastName\\\":\\\"Canary\\\"}""#, &["x-1", "Canary"]),
    planted(r#"{"lastName":"C\u0061nary"}"#, &["nary"]),
    planted(
        "GET /visits?name=Ada%20Canary&email=ada%40canary.example&dob=1980%2D01%2D05",
        &["canary", "1980"],
    ),
    planted("Visit { patient_name: Some(\"Ada Canary\"), room: 4 }", &["Ada", "Canary"]),
    planted("Visit {\n    last_name: Some(\n        \"Canary\",\n    ),\n}", &["Canary"]),
    planted("{\"mrn\": 77193, \"first_name\": Some(\"Ada\")}", &["77193", "Ada"]),
    planted("PID|1||77193^^^H^MR||CANARY^ADA||19800105", &["77193", "CANARY", "19800105"]),
];

const fn planted(text: &'static str, values: &'static [&'static str]) -> Planted {
    Planted { text, values }
}

const fn row(name: &'static str, leaks: &'static str, kept: &'static str, emit: Emit) -> Row {
    Row { name, leaks, emit, kept }
}

/// In the order of the survey behind them.
pub const ROWS: [Row; 26] = [
    row("str field, pattern", "fpcjaoh", "kept", Text(|text| info!(note = text, "kept"))),
    row(
        "field by key, str",
        "fpcjaoh",
        "[PHI:name]",
        Own(by_key_str, &["Ada", "Canary", "x-1", "1 Elm"]),
    ),
    row(
        "field by key, u64",
        "fpcjaoh",
        "[PHI:mrn]",
        Own(by_key_number, &["77193055", "6789", "411111"]),
    ),
    row(
        "field by key, f64",
        "fpcjaoh",
        "[PHI:geo]",
        Own(|| info!(lat = 42.361_145_f64), &["42.36"]),
    ),
    row("%Display field", "fpcjaoh", "kept", Text(|text| info!(to = %text, "kept"))),
    row(
        "?Debug struct, key inside",
        "fpcjaoh",
        "room: 4",
        Own(structs, &["Ada", "Canary", "x-1", "77193"]),
    ),
    row("format args in message", "fpcjaoh", "kept", Text(|text| info!("kept {} {text}", 4))),
    row(
        "key=value in message",
        "fpcjaoh",
        "[PHI:mrn]",
        Own(pairs, &["A77193", "Canary", "1980", "6789"]),
    ),
    row(
        "span field at creation",
        "fpcjaoeh",
        "kept",
        Text(|text| {
            info_span!("visit", note = text, seen = ?text).in_scope(|| info!("kept"));
        }),
    ),
    row(
        "span field by key",
        "fpcjaoeh",
        "[PHI:name]",
        Own(span_by_key, &["Ada", "Canary", "77193"]),
    ),
    row(
        "Span::record later",
        "fpcjaoh",
        "kept",
        Text(|text| {
            let span = info_span!("visit", note = Empty, last_name = Empty);
            span.record("note", text);
            span.record("last_name", text);
            span.in_scope(|| info!("kept"));
        }),
    ),
    row("#[instrument] argument", "fpcjaoeh", "kept", Text(|text| look_up(text, text))),
    row(
        "#[instrument(ret)]",
        "fpcjaoh",
        "answer",
        Text(|text| {
            answer(text);
            let _ = refusal(text);
        }),
    ),
    row(
        "error field + source chain",
        "fpcjaoh",
        "save failed",
        Text(|text| {
            let error = Failed(text, Some(Box::new(Failed(text, None))));
            let error: &(dyn Error + 'static) = &error;
            info!(error, "kept");
        }),
    ),
    row("log crate message", "fpcjaoh", "kept", Text(|text| log::info!("kept {text}"))),
    row(
        "log crate dynamic target",
        "fpcjaolh",
        "kept",
        Text(|text| {
            log::info!(target: text, "kept");
            let record = log::Record::builder()
                .args(format_args!("kept"))
                .level(log::Level::Info)
                .target("tests")
                .file(Some(text))
                .module_path(Some(text))
                .build();
            log::logger().log(&record);
        }),
    ),
    row(
        "tracing-error SpanTrace",
        "fpcjaoeh",
        "kept",
        Text(|text| {
            info_span!("visit", patient_name = text)
                .in_scope(|| info_span!("inner", note = text).in_scope(|| info!("kept")));
        }),
    ),
    row("Display returns Err in span", "hs", "withheld", Own(broken, &["6789", "Canary"])),
    row(
        "bytes field (UTF-8)",
        "fpcjaoeh",
        "kept",
        Own(bytes, &["6789", "36 37 38 39", "54,55,56,57", "54, 55, 56, 57"]),
    ),
    row("non-deterministic Debug", "fpcjaoh", "clean", Own(fickle, &["6789"])),
    row("thread name", "fpcjao", "sent", Own(thread_name, &["ada@canary"])),
    row("ANSI on: key in span", "fpcjaoeh", "kept", Own(coloured, &["A77193", "Canary"])),
    row(
        "JSON: event field by key",
        "fpcjaoeh",
        "kept",
        Own(json_keys, &["Ada", "Canary", "77193", "1980"]),
    ),
    row("JSON: JSON-in-string", "fpcjaoh", "visits", Own(json_in_json, &["Ada", "Canary", "x-1"])),
    row("panic message", "s", "no chart", Own(panics, &["Canary", "6789"])),
    row("println! / eprintln!", "s", "kept", Own(prints, &["Canary"])),
];

fn by_key_str() {
    info!(patient_name = "Ada Canary", ssn = "x-1", home_address = "1 Elm");
    // Split over fields.
    info!(first_name = "Ada", last.name = "Canary", "called");
    info!(firstName = ?"Ada", patient.lastName = %"Canary", "called");
}

fn by_key_number() {
    info!(mrn = 77_193_055_u64, ssn = 123_456_789_i64, account_number = 77_193_055_i128);
    info!(ssn4 = 6_789_u16, "the last four");
    info!(code = 4_111_111_111_111_111_u64, "a card by its digits");
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug")]
struct Visit {
    ssn: &'static str,
    patient_name: Option<&'static str>,
    mrn: u64,
    room: u8,
}

fn structs() {
    let visit = || Visit { ssn: "x-1", patient_name: Some("Ada Canary"), mrn: 77_193, room: 4 };
    info!(visit = ?visit());
    info!("seen {:#?}", visit());
    info!(map = ?BTreeMap::from([("patient_name", "Ada Canary"), ("room", "4")]));
    info!(map = ?HashMap::from([("mrn", 77_193)]), list = ?[Some(visit())]);
}

fn pairs() {
    info!("opened mrn={} for last_name: {:?}, dob 1/5/1980", "A77193", "Canary");
    // Split over arguments.
    info!("opened {} {}={} {}-{}-{}", "mrn", "mrn", "A77193", 123, 45, 6789);
}

fn span_by_key() {
    info_span!("visit", first_name = "Ada Canary", mrn = 77_193).in_scope(|| info!("in"));
    let span = info_span!("visit", patient_name = Empty, mrn = Empty);
    span.record("patient_name", "Ada Canary");
    span.record("mrn", 77_193);
    span.in_scope(|| info!("in"));
}

#[instrument]
fn look_up(patient_name: &str, note: &str) {
    info!("kept");
}

#[instrument(ret, skip_all)]
fn answer(text: &str) -> String {
    text.to_owned()
}

#[instrument(err, skip_all)]
fn refusal(text: &'static str) -> Result<(), Failed> {
    Err(Failed(text, None))
}

#[derive(Debug)]
struct Failed(&'static str, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "save failed, {}", self.0)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

/// Fails behind a value, as a template does that lacks one.
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canary 123-45-6789")?;
        Err(fmt::Error)
    }
}

fn broken() {
    // `fmt` writes the attributes to standard error then, and panics over it.
    let _ = catch_unwind(|| {
        info_span!("visit", what = %Broken).in_scope(|| info!("kept"));
    });
}

fn bytes() {
    info!(body = &b"kept, SSN 123-45-6789"[..]);
    info_span!("visit", body = &b"123-45-6789"[..]).in_scope(|| info!("in"));
}

/// Clean when printed first, not so afterwards.
struct Fickle(Cell<bool>);

impl fmt::Debug for Fickle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.replace(true) { "123-45-6789" } else { "clean" })
    }
}

fn fickle() {
    // Whoever prints it second, be it in the same layer, sees the value.
    let what = Fickle(Cell::new(false));
    info!(?what);
    let what = Fickle(Cell::new(false));
    info_span!("visit", ?what).in_scope(|| info!("in"));
}

fn thread_name() {
    let builder = std::thread::Builder::new().name("ada@canary.example".to_owned());
    let thread = builder.spawn(|| info_span!("work").in_scope(|| info!("sent")));
    thread.unwrap().join().unwrap();
}

fn coloured() {
    info_span!("visit", mrn = "A77193", last_name = "Canary").in_scope(|| info!("kept"));
    // Text that was coloured before.
    info!("kept \x1b[3mmrn\x1b[0m\x1b[2m=\x1b[0mA77193 {}", "\x1b[3mlast_name\x1b[0m: \"Canary\"");
}

fn json_keys() {
    info!(patientName = "Ada Canary", mrn = 77_193, birthDate = ?"1980-01-05", "kept");
    info_span!("visit", patientName = %"Ada Canary", mrn = 77_193).in_scope(|| info!("in"));
}

fn json_in_json() {
    info!(body = r#"{"patientName":"Ada Canary","visits":3}"#);
    info!(body = ?r#"{"name":[{"family":"Canary","given":["Ada"]}],"resourceType":"Patient"}"#);
    info!(body = ?format!("{:?}", r#"{"ssn":"x-1","visits":3}"#));
}

fn panics() {
    let (name, number) = ("Canary", "123-45-6789");
    let _ = catch_unwind(AssertUnwindSafe(|| panic!("no chart for {name} {number}")));
    let _ = catch_unwind(|| panic!("no chart for 123-45-6789"));
    let _ = catch_unwind(|| std::panic::panic_any("Canary".to_owned()));
}

fn prints() {
    println!("kept Canary");
    eprintln!("kept Canary");
    info!("kept");
}
