//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Removes protected health information from text, line by line. Lines between brackets that are
opened at the end of one line and closed at the beginning of another are read together.

Usage: phi-scrub [--spans | --report] [--config FILE] [FILE]...

Reads the files, or standard input without any, and writes scrubbed text to standard output.

  --spans     write one JSON object for each line instead: {\"spans\":[[start,end,\"KIND\"],...]},
              in bytes of the line; never a value
  --report    write how many values of each kind there are instead
  --config FILE
              choices of kinds, actions, allowed values and rules, as TOML
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
    pub(crate) config: Option<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
}

impl Args {
    /// Nothing if help was asked for.
    pub(crate) fn parse(
        mut args: impl Iterator<Item = OsString>,
    ) -> Result<Option<Self>, ArgError> {
        let mut parsed = Self { output: Output::Text, config: None, files: Vec::new() };
        let mut options = true;
        while let Some(arg) = args.next() {
            match arg.to_str().filter(|arg| options && arg.starts_with('-') && arg.len() > 1) {
                Some("--") => options = false,
                Some("-h" | "--help") => return Ok(None),
                Some("--spans") => parsed.choose(Output::Spans)?,
                Some("--report") => parsed.choose(Output::Report)?,
                Some("--config") => {
                    parsed.config = Some(args.next().ok_or(ArgError::NoConfig)?.into());
                }
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
    NoConfig,
}

impl fmt::Display for ArgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "there is no such option, see --help",
            Self::NoConfig => "--config needs a file",
            Self::Both => "choose one of --spans and --report",
        })
    }
}
