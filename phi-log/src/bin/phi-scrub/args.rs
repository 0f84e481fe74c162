//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Removes protected health information from text, line by line.

Usage: phi-scrub [--spans | --report] [FILE]...

Reads the files, or standard input without any, and writes scrubbed text to standard output.

  --spans     write one JSON object for each line instead: {\"spans\":[[start,end,\"KIND\"],...]},
              in bytes of the line; never a value
  --report    write how many values of each kind there are instead
  -h, --help  write this

Scrubbed text is not de-identified in the sense of 45 CFR 164.514.
";

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Text,
    Spans,
    Report,
}

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) output: Output,
    pub(crate) files: Vec<PathBuf>,
}

impl Args {
    /// Nothing if help was asked for.
    pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Option<Self>, ArgError> {
        let mut parsed = Self { output: Output::Text, files: Vec::new() };
        let mut options = true;
        for arg in args {
            match arg.to_str().filter(|arg| options && arg.starts_with('-') && arg.len() > 1) {
                Some("--") => options = false,
                Some("-h" | "--help") => return Ok(None),
                Some("--spans") => parsed.choose(Output::Spans)?,
                Some("--report") => parsed.choose(Output::Report)?,
                Some(_) => return Err(ArgError::Unknown),
                None => parsed.files.push(arg.into()),
            }
        }
        Ok(Some(parsed))
    }

    fn choose(&mut self, output: Output) -> Result<(), ArgError> {
        if self.output != Output::Text && self.output != output {
            return Err(ArgError::Both);
        }
        self.output = output;
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ArgError {
    Unknown,
    Both,
}

impl fmt::Display for ArgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "there is no such option, see --help",
            Self::Both => "choose one of --spans and --report",
        })
    }
}
