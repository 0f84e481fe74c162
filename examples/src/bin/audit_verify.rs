//! Checks an audit log by itself, for whoever audits: `audit_verify LOG KEY [CHECKPOINT]`.
//!
//! `LOG` is the log's file, or a copy made as OPERATIONS.md says; `KEY` a file with the verifier key that the
//! application's signing key gives; `CHECKPOINT` a checkpoint that was kept elsewhere. Ends with 0 if nothing is wrong.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use phi_core::audit::Verdict;
use phi_core::audit::note::VerifierKey;
use phi_sqlx::audit::SqliteAuditReader;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(Verdict::Broken) => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<Verdict, Box<dyn Error>> {
    let mut given = env::args_os().skip(1).map(PathBuf::from);
    let (Some(log), Some(key), kept) = (given.next(), given.next(), given.next()) else {
        return Err("give the log's file, the verifier key's, and that of a kept checkpoint".into());
    };
    let key: VerifierKey = fs::read_to_string(key)?.trim().parse()?;
    let kept = kept.map(fs::read_to_string).transpose()?;
    let mut reader = SqliteAuditReader::open(log).await?;
    let report = reader.verify(&[key], kept.as_deref()).await?;
    anstream::println!("{} entries", report.log().entries());
    anstream::println!("{report}");
    Ok(report.verdict())
}
