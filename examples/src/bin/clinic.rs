//! A clinic that keeps its patients sealed: `cargo run -p examples -- --help`.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::process::ExitCode;

use examples::clinic::args::Args;
use examples::clinic::folder::Folder;
use examples::clinic::import::ImportError;
use examples::clinic::{Failure, aside, run};

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::parse(std::env::args_os().skip(1)) {
        Ok(args) => args,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "clinic: {error}");
            return ExitCode::from(2);
        }
    };
    match start(&args).await {
        // Whoever reads the output may have seen enough.
        Ok(()) | Err(Failure::Output(ErrorKind::BrokenPipe)) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Writes why to standard error, broken lines one below the other.
fn tell(failure: &Failure) {
    let mut out = anstream::stderr().lock();
    let Failure::Import(ImportError::Broken(broken)) = failure else {
        let _ = writeln!(out, "clinic: {failure}");
        return;
    };
    let _ = writeln!(out, "clinic: broken lines: {}; nothing was written", broken.count());
    for (line, problem) in broken.first() {
        let _ = writeln!(out, "   line {line}: {problem}");
    }
    if let Some(more @ 1..) = broken.count().checked_sub(broken.first().len() as u64) {
        let _ = writeln!(out, "   and {more} more");
    }
}

async fn start(args: &Args) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    if aside(args, &mut out)? {
        return Ok(());
    }
    let folder = Folder::chosen(args.dir.as_deref())?;
    let path = folder.log();
    let log = File::options().create(true).append(true).open(&path);
    let log = log.map_err(|error| Failure::File(path, error.kind()))?;
    phi_log::builder().with_writer(log).init()?;
    run(args, folder, &mut out, ended()).await.map(drop)
}

/// Ctrl-C, a request to end as service managers make it, or the end of standard input.
async fn ended() {
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: the runtime would wait for the read when it ends.
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut [0; 256]), Ok(1..)) {}
        let _ = tell.send(());
    });
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
        _ = told => {}
    }
}

/// SIGTERM.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut asked) => drop(asked.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
