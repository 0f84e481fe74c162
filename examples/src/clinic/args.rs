//! What the command line says.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use uuid::Uuid;

/// What `clinic --help` prints.
pub const HELP: &str = "\
A clinic that keeps its patients sealed. Without options it plays a short tour, with synthetic
people, and ends.

Usage: cargo run -p examples -- [OPTIONS]

  --dir DIR        where everything it writes goes [a fresh temporary folder, named at the end]
  --serve          keep the server up afterwards, until Ctrl-C or the end of standard input
  --database URL   keep patients and audit log in this PostgreSQL database (built with `--features
                   postgres`): a superuser's URL, with which it makes tables and roles, and goes on
                   as those
  --import FILE    load FHIR R4 resources (NDJSON: Patient, Encounter, Condition), instead of the tour
  --clinic ID      the clinic they belong to [a fresh one]
  --seed N         other synthetic people [1]
  --sample FILE    write a small synthetic NDJSON file, and end
  --help           this text
";

/// The choices of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args {
    /// The folder for everything that is written; `None` for a fresh temporary one.
    pub dir: Option<PathBuf>,
    /// The `PostgreSQL` database for patients and log; `None` for files in the folder.
    pub database: Option<String>,
    /// Keep the server up.
    pub serve: bool,
    /// The NDJSON file to load.
    pub import: Option<PathBuf>,
    /// The clinic to load it into.
    pub clinic: Option<Uuid>,
    /// Which synthetic people.
    pub seed: u64,
    /// Where to write the sample.
    pub sample: Option<PathBuf>,
    /// Print [`HELP`].
    pub help: bool,
}

impl Default for Args {
    fn default() -> Self {
        let (dir, database, import, clinic, sample) = (None, None, None, None, None);
        Self { dir, database, serve: false, import, clinic, seed: 1, sample, help: false }
    }
}

impl Args {
    /// Reads arguments, without the program's name.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if one is unknown, incomplete or twice there. It is not quoted: people paste
    /// all kinds of things into command lines.
    pub fn parse<I>(words: I) -> Result<Self, ArgsError>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        use lexopt::prelude::{Long, Short};
        let mut args = Self::default();
        let mut seen = Vec::new();
        let mut words = lexopt::Parser::from_args(words);
        while let Some(word) = words.next().map_err(|_| ArgsError::Unknown)? {
            let name = match word {
                Long("help") | Short('h') => "--help",
                Long("dir") => "--dir",
                Long("database") => "--database",
                Long("serve") => "--serve",
                Long("import") => "--import",
                Long("clinic") => "--clinic",
                Long("seed") => "--seed",
                Long("sample") => "--sample",
                _ => return Err(ArgsError::Unknown),
            };
            if seen.contains(&name) {
                return Err(ArgsError::Twice(name));
            }
            seen.push(name);
            match name {
                "--help" => args.help = true,
                "--serve" => args.serve = true,
                _ => args.value(name, words.value().map_err(|_| ArgsError::NoValue(name))?)?,
            }
        }
        match (args.clinic, &args.import) {
            (Some(_), None) => Err(ArgsError::ClinicAlone),
            _ => Ok(args),
        }
    }

    fn value(&mut self, name: &'static str, value: OsString) -> Result<(), ArgsError> {
        let text = value.to_str();
        match name {
            "--dir" => self.dir = Some(value.into()),
            "--database" => {
                let url = text.filter(|text| text.starts_with("postgres"));
                let url = url.ok_or(ArgsError::Value(name, "a postgres:// URL"))?;
                if !cfg!(feature = "postgres") {
                    return Err(ArgsError::NoPostgres);
                }
                self.database = Some(url.to_owned());
            }
            "--import" => self.import = Some(value.into()),
            "--sample" => self.sample = Some(value.into()),
            "--clinic" => {
                let id = text.and_then(|text| Uuid::try_parse(text).ok());
                self.clinic = Some(id.ok_or(ArgsError::Value(name, "a UUID"))?);
            }
            _ => {
                let seed = text.and_then(|text| text.parse().ok());
                self.seed = seed.ok_or(ArgsError::Value(name, "a number"))?;
            }
        }
        Ok(())
    }
}

/// A command line that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgsError {
    /// There is no such option.
    Unknown,
    /// The option needs a value.
    NoValue(&'static str),
    /// The option's value is not what it must be.
    Value(&'static str, &'static str),
    /// The option is there twice.
    Twice(&'static str),
    /// `--database`, in a program without it.
    NoPostgres,
    /// `--clinic` without `--import`.
    ClinicAlone,
}

impl fmt::Display for ArgsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown option; --help lists those there are"),
            Self::NoValue(name) => write!(f, "{name} needs a value"),
            Self::Value(name, want) => write!(f, "{name} wants {want}"),
            Self::Twice(name) => write!(f, "{name} is there twice"),
            Self::NoPostgres => {
                f.write_str("--database needs a program that is built with --features postgres")
            }
            Self::ClinicAlone => f.write_str("--clinic goes with --import"),
        }
    }
}

impl std::error::Error for ArgsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_mistakes_named_without_quoting_them() {
        assert_eq!(Args::parse([""; 0]), Ok(Args::default()));
        let id = "00000000-0000-0000-0000-000000000007";
        let args = Args::parse(["--import", "a.ndjson", "--clinic", id, "--serve", "--seed=9"]);
        let args = args.unwrap();
        assert_eq!((args.serve, args.seed, args.clinic), (true, 9, Some(Uuid::from_u128(7))));
        assert_eq!(args.import, Some("a.ndjson".into()));

        for (words, want) in [
            (&["Ada Sample"][..], ArgsError::Unknown),
            (&["--ada"], ArgsError::Unknown),
            (&["--dir"], ArgsError::NoValue("--dir")),
            (&["--seed", "Ada"], ArgsError::Value("--seed", "a number")),
            (&["--import", "f", "--clinic", "Ada"], ArgsError::Value("--clinic", "a UUID")),
            (&["--database", "Ada"], ArgsError::Value("--database", "a postgres:// URL")),
            (&["--clinic", id], ArgsError::ClinicAlone),
            (&["--serve", "--serve"], ArgsError::Twice("--serve")),
            (&["--serve=Ada"], ArgsError::Unknown),
        ] {
            let error = Args::parse(words).unwrap_err();
            assert_eq!(error, want);
            assert!(!error.to_string().contains("Ada") && !error.to_string().contains("--ada"));
        }
        let url = Args::parse(["--database", "postgres://localhost/clinic"]);
        let without = (!cfg!(feature = "postgres")).then_some(ArgsError::NoPostgres);
        assert_eq!(url.err(), without);
    }
}
