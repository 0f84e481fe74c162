//! One run of the program, from its arguments to its end.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use super::args::{Args, HELP};
use super::client::Caller;
use super::folder::Folder;
use super::paint::Page;
use super::population::{ndjson, people};
use super::server::Server;
use super::tour::{self, Cast, Transcript};
use super::{App, Failure, import};

/// The bar that shows records being written.
const SEALING: &str = "   sealing {wide_bar} {pos}/{len} records";

/// How many people the sample file holds.
const SAMPLE: usize = 6;

/// Does what needs no clinic: tells how the program is called, writes the sample file. False if
/// the arguments ask for neither.
///
/// # Errors
///
/// [`Failure`] if it cannot be written.
pub fn aside(args: &Args, out: &mut (dyn Write + Send)) -> Result<bool, Failure> {
    if args.help {
        Page::new(out).plain(HELP)?;
    } else if let Some(path) = &args.sample {
        std::fs::write(path, ndjson(&people(args.seed, SAMPLE))).map_err(Failure::file(path))?;
    }
    Ok(args.help || args.sample.is_some())
}

/// Does what the arguments say in this folder, and writes about it.
///
/// `until` ends a run with `--serve`.
///
/// # Errors
///
/// [`Failure`] if it cannot be done.
pub async fn run(
    args: &Args,
    folder: Folder,
    out: &mut (dyn Write + Send),
    until: impl Future<Output = ()>,
) -> Result<Option<Transcript>, Failure> {
    let mut page = Page::new(out);
    let app = open(args, folder).await?;
    let played = match &args.import {
        Some(file) => load(&app, args, file, &mut page, until).await.map(|()| None),
        None => play(&app, args, &mut page, until).await.map(Some),
    };
    let path = app.folder().path().to_owned();
    let closed = app.close().await;
    let transcript = played?;
    closed?;
    page.heading(&format!("Everything is in {}", path.display()))?;
    Ok(transcript)
}

/// The application, with its patients where the arguments say.
async fn open(args: &Args, folder: Folder) -> Result<App, Failure> {
    match &args.database {
        #[cfg(feature = "postgres")]
        Some(url) => {
            let database = super::database::Database::server(url, &folder).await?;
            App::open_with(folder, database).await
        }
        _ => App::open(folder).await,
    }
}

/// The tour, and the server afterwards if it is to stay.
async fn play(
    app: &App,
    args: &Args,
    page: &mut Page<'_>,
    until: impl Future<Output = ()>,
) -> Result<Transcript, Failure> {
    page.title(format_args!(
        "A clinic that keeps its patients sealed. All of them are synthetic (seed {}): nobody here exists.",
        args.seed
    ))?;
    page.pair("folder", app.folder().path().display())?;
    let log = app.audit().file().map_or_else(String::new, |file| format!(", {file}"));
    let patients = app.database().name();
    page.pair("files", format_args!("{patients}{log}, policy.toml, clinic.log"))?;
    page.pair("keys", app.folder().keys_and_modes())?;
    let progress = bar(SEALING, records(Cast::RECORDS));
    let cast = Cast::gather(app, args.seed, &progress).await?;
    progress.finish_and_clear();
    let server = Server::start(app).await?;
    let (north, south) = (Cast::NORTH, Cast::SOUTH);
    page.pair(
        "server",
        format_args!(
            "http://{}, Clinic North with {north} patients and Clinic South with {south}",
            server.address()
        ),
    )?;
    let transcript = tour::play(app, &server, &cast, args, page.lend()).await;
    if args.serve
        && let Ok(transcript) = &transcript
    {
        let patient = transcript.patient.0;
        let callers = [("clinician", &cast.clinician.1), ("front-desk", &cast.front_desk.1)];
        let wanted = (patient, transcript.patient.1.ssn.as_str());
        serve(app, &server, &callers, wanted, page, until).await?;
    }
    let stopped = server.stop().await;
    let transcript = transcript?;
    stopped?;
    Ok(transcript)
}

/// Loads a file, and serves it afterwards if the server is to stay.
async fn load(
    app: &App,
    args: &Args,
    file: &Path,
    page: &mut Page<'_>,
    until: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let reader = File::open(file).map_err(Failure::file(file))?;
    let bytes = reader.metadata().map_err(Failure::file(file))?.len();
    let progress = bar("   reading {wide_bar} {bytes}/{total_bytes}", bytes);
    let read = import::parse(BufReader::new(progress.wrap_read(reader)));
    progress.finish_and_clear();
    let read = read?;
    let first = read.patients.first().map(|patient| patient.id);
    let clinic = args.clinic.unwrap_or_else(Uuid::now_v7);
    let progress = bar(SEALING, records(read.len()));
    let loaded = import::load(app, "import", clinic, read, &progress).await?;
    progress.finish_and_clear();
    page.title(format_args!(
        "Imported {} patients, {} visits, {} conditions into clinic {clinic}",
        loaded.patients, loaded.visits, loaded.conditions
    ))?;
    page.line(format_args!("{} other resources were left out", loaded.skipped))?;
    if args.serve {
        let server = Server::start(app).await?;
        let (_, caller) = tour::signed_in(app, clinic, "clinician", "clinician").await?;
        // Somebody may have imported what is not synthetic: none of it is printed.
        let wanted = (first.unwrap_or_default(), "999-00-0000");
        serve(app, &server, &[("clinician", &caller)], wanted, page, until).await?;
        server.stop().await?;
    }
    Ok(())
}

/// Prints how to ask, and waits.
async fn serve(
    app: &App,
    server: &Server,
    callers: &[(&str, &Caller)],
    (patient, ssn): (Uuid, &str),
    page: &mut Page<'_>,
    until: impl Future<Output = ()>,
) -> Result<(), Failure> {
    page.heading("The server stays up. Try it:")?;
    let base = format!("http://{}", server.address());
    for (name, caller) in callers {
        let header =
            format!("Authorization: Bearer {}", caller.token.as_deref().unwrap_or_default());
        let file = app.folder().write_owner_only(&format!("{name}.header"), &header)?;
        let curl = format!("curl -H '@{}'", file.display());
        page.line(format_args!("# as {name}"))?;
        for path in ["", "/contact", "/visits", "/conditions"] {
            page.line(format_args!("{curl} {base}/patients/{patient}{path}"))?;
        }
        let json = "-H 'content-type: application/json'";
        page.line(format_args!("{curl} {json} -d '{{\"ssn\":\"{ssn}\"}}' {base}/patients/search"))?;
        page.line(format_args!("{curl} {json} -d '{{\"name\":\"Zoe Sample\"}}' {base}/patients"))?;
        page.line(format_args!(
            "{curl} {json} -d '{{\"reason\":\"sample\"}}' {base}/patients/{patient}/visits"
        ))?;
        page.line(format_args!(
            "{curl} {json} -X PUT -d '{{\"name\":\"Zoe Example\"}}' {base}/patients/{patient}/contact"
        ))?;
    }
    page.line("# as nobody")?;
    page.line(format_args!("curl {base}/health"))?;
    page.line("Ctrl-C, or the end of standard input, ends it.")?;
    until.await;
    Ok(())
}

/// A progress bar on standard error where that is a terminal, else nothing.
fn bar(template: &str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template(template);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn records(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
