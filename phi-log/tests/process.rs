//! What `init` and the panic hook do to a process. Each case runs in a child: both change it for good.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not tests to the lint; panicking is what is tested"
)]

use std::process::{Command, Output};

/// Runs the test named `case` of this file in a process of its own.
fn child(case: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", case, "--nocapture", "--include-ignored"])
        .env("PHI_LOG_CHILD", case)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

/// Whether this process is the child for `case`; otherwise the case has nothing to do.
fn is_child(case: &str) -> bool {
    std::env::var("PHI_LOG_CHILD").is_ok_and(|child| child == case)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn panic_thrice() {
    let name = "Ada Canary";
    let caught = [
        std::panic::catch_unwind(|| panic!("no chart for {name} 123-45-6789")),
        std::panic::catch_unwind(|| panic!("queue is closed, ask 555-010-4477")),
        std::panic::catch_unwind(|| std::panic::panic_any(123_456_789_u32)),
    ];
    assert!(caught.iter().all(Result::is_err));
}

#[test]
fn case_panics_without_hook() {
    if is_child("case_panics_without_hook") {
        panic_thrice();
    }
}

#[test]
fn case_panics_with_hook() {
    if is_child("case_panics_with_hook") {
        phi_log::install_panic_hook();
        panic_thrice();
    }
}

#[test]
fn case_panics_shown() {
    if is_child("case_panics_shown") {
        phi_log::PanicHook::new().danger_print_formatted_messages().install();
        panic_thrice();
    }
}

#[test]
fn a_panic_tells_its_place_and_only_what_the_source_fixes() {
    let plain = text(&child("case_panics_without_hook").stderr);
    assert!(plain.contains("Ada Canary 123-45-6789") && plain.contains("4477"));

    let output = child("case_panics_with_hook");
    assert!(output.status.success());
    let hooked = text(&output.stderr);
    assert!(!hooked.contains("Ada") && !hooked.contains("6789") && !hooked.contains("4477"));
    assert!(hooked.contains("process.rs:"), "{hooked}");
    assert!(hooked.contains("[message withheld: formatted at run time]"));
    assert!(hooked.contains("queue is closed, ask [PHI:phone]"));
    assert!(hooked.contains("[payload withheld: not text]"));

    let shown = text(&child("case_panics_shown").stderr);
    assert!(shown.contains("no chart for [PHI:name] [PHI:ssn]"), "{shown}");
}

#[test]
fn case_init_takes_everything() {
    if is_child("case_init_takes_everything") {
        phi_log::init().unwrap();
        tracing::info!(mrn = "A-77193", "opened by tracing");
        tracing::debug!("below the level");
        log::info!("opened by log, SSN 123-45-6789");
        let name = "Ada Canary";
        let _ = std::panic::catch_unwind(|| panic!("no chart for {name}"));
        assert_eq!(phi_log::init(), Err(phi_log::InitError::DispatcherSet));
        assert!(log::set_boxed_logger(Box::new(Nothing)).is_err());
        assert!(tracing::subscriber::set_global_default(tracing_subscriber::registry()).is_err());
    }
}

#[test]
fn init_takes_tracing_log_and_panics() {
    let output = child("case_init_takes_everything");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{err}");
    assert!(out.contains("opened by tracing") && out.contains("[PHI:mrn]"), "{out}");
    assert!(out.contains("opened by log, SSN [PHI:ssn]"), "{out}");
    assert!(!out.contains("below the level"));
    for canary in ["A-77193", "123-45-6789", "Ada"] {
        assert!(!out.contains(canary) && !err.contains(canary), "{out}{err}");
    }
}

struct Nothing;

impl log::Log for Nothing {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        false
    }
    fn log(&self, _: &log::Record<'_>) {}
    fn flush(&self) {}
}

#[test]
fn case_init_after_a_logger() {
    if is_child("case_init_after_a_logger") {
        log::set_boxed_logger(Box::new(Nothing)).unwrap();
        assert_eq!(phi_log::init(), Err(phi_log::InitError::LoggerSet));
        // Nothing was taken over: the dispatcher is still free.
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    }
}

#[test]
fn case_init_after_a_dispatcher() {
    if is_child("case_init_after_a_dispatcher") {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
        assert_eq!(phi_log::init(), Err(phi_log::InitError::DispatcherSet));
        log::set_boxed_logger(Box::new(Nothing)).unwrap();
    }
}

#[test]
fn init_refuses_where_another_would_print_what_it_removes() {
    for case in ["case_init_after_a_logger", "case_init_after_a_dispatcher"] {
        let output = child(case);
        assert!(output.status.success(), "{case}: {}", text(&output.stderr));
    }
}

#[cfg(feature = "json")]
#[test]
fn case_builder_json() {
    if is_child("case_builder_json") {
        let writer = std::io::stderr;
        phi_log::builder()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(writer)
            .init()
            .unwrap();
        tracing::debug!(patient_name = "Ada Canary", visits = 1_234_567, "opened");
    }
}

#[cfg(feature = "json")]
#[test]
fn the_builder_writes_json_where_it_is_told() {
    let output = child("case_builder_json");
    let err = text(&output.stderr);
    let line = err.lines().find(|line| line.starts_with('{')).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["fields"]["patient_name"], "[PHI:name]");
    assert_eq!(line["fields"]["visits"], 1_234_567);
    assert_eq!(line["level"], "DEBUG");
}

#[cfg(feature = "env-filter")]
#[test]
fn case_builder_filter() {
    if is_child("case_builder_filter") {
        let filter = tracing_subscriber::EnvFilter::new("off,process::chart=info");
        phi_log::builder().with_env_filter(filter).init().unwrap();
        tracing::info!("left out");
        tracing::info!(target: "process::chart", ssn = "1", "let in");
    }
}

#[cfg(feature = "env-filter")]
#[test]
fn the_builder_filters_by_directive() {
    let out = text(&child("case_builder_filter").stdout);
    assert!(out.contains("let in") && out.contains("[PHI:ssn]"), "{out}");
    assert!(!out.contains("left out"), "{out}");
}

#[test]
fn case_main_fails() {
    if is_child("case_main_fails") {
        let error = std::io::Error::other("no chart for mrn 771935, 123-45-6789");
        let _ = std::process::Termination::report(phi_log::Exit::of(Err::<(), _>(error)));
    }
}

#[test]
fn an_error_out_of_main_is_told_scrubbed() {
    let output = child("case_main_fails");
    let told = text(&output.stderr);
    assert!(told.contains("error: no chart for mrn [PHI:mrn], [PHI:ssn]"), "{told}");
    assert!(!told.contains("771935") && !told.contains("6789"), "{told}");
}
