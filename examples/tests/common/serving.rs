//! The program with `--serve`, in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use examples::clinic::client::{Caller, Client};
use uuid::Uuid;

/// A server after the tour. Dropped, it is killed.
pub(crate) struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it has printed.
    pub page: String,
    /// The patient of its curl lines.
    pub patient: Uuid,
    /// Asks it.
    pub client: Client,
    /// As whom its first curl line asks.
    pub clinician: Caller,
}

impl Serving {
    pub(crate) fn start(dir: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clinic"))
            .args(["--serve", "--dir", dir.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut page = String::new();
        while !page.ends_with("ends it.\n") {
            assert_ne!(out.read_line(&mut page).unwrap(), 0, "ended too early: {page}");
        }
        let curl = page.lines().find(|line| line.trim().starts_with("curl -H '@")).unwrap();
        let (header, url) =
            curl.trim().strip_prefix("curl -H '@").unwrap().split_once("' ").unwrap();
        let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let patient = Uuid::try_parse(path.strip_prefix("patients/").unwrap()).unwrap();
        let token = fs::read_to_string(header).unwrap();
        let token = token.strip_prefix("Authorization: Bearer ").map(str::to_owned);
        let client = Client::new(address.parse().unwrap());
        Self { child, out, page, patient, client, clinician: Caller { name: String::new(), token } }
    }

    /// Ends its standard input, and waits.
    pub(crate) fn end_input(&mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        self.ended()
    }

    /// Sends it a signal by name, and waits.
    pub(crate) fn signal(&mut self, name: &str) -> ExitStatus {
        super::signal(&self.child, name);
        self.ended()
    }

    fn ended(&mut self) -> ExitStatus {
        self.out.read_to_string(&mut self.page).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
