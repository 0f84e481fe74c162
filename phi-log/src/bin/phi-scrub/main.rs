//! Scrubs text line by line: standard input or files to standard output.

mod args;
mod lines;
mod work;

use std::io;
use std::process::ExitCode;

use args::Args;

fn main() -> ExitCode {
    phi_log::install_panic_hook();
    let args = match Args::parse(std::env::args_os().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => return tell(io::stdout(), args::HELP, ExitCode::SUCCESS),
        Err(error) => {
            return tell(io::stderr(), &format!("phi-scrub: {error}\n"), ExitCode::from(2));
        }
    };
    match work::run(&args) {
        // A broken pipe: whoever read our output has seen enough.
        Ok(()) | Err(work::Failure::Write(io::ErrorKind::BrokenPipe)) => ExitCode::SUCCESS,
        Err(failure) => tell(io::stderr(), &format!("phi-scrub: {failure}\n"), ExitCode::FAILURE),
    }
}

fn tell(mut out: impl io::Write, text: &str, code: ExitCode) -> ExitCode {
    // With nowhere to write to, the code has to do.
    let _ = out.write_all(text.as_bytes());
    code
}
