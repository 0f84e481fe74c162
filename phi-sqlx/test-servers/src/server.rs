//! A server process, its folder, and the shell that removes both.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::account::{Account, unprivileged};

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// In good order: what is buffered is written first.
    Orderly,
    /// At once, as a crash would: `pg_ctl stop -m immediate`, or `SIGKILL` where there is no such.
    Immediate,
}

/// How long a server may take to start or stop, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits for the end of its input, then stops the server of the folder and removes it all. `$1` is
/// the folder, `$2` the signal for a stop that asks nobody.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
if pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ]; then
    kill -"$2" "$pid" 2>/dev/null
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$1"
"#;

/// A folder that the watchdog removes, with an account that may write in it.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    account: Option<Account>,
    watchdog: Child,
}

impl Home {
    pub(crate) fn new(kind: &str, account: &str, kill: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("phi-test-{kind}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::DirBuilder::new().mode(0o700).create(&path).expect("a temporary folder can be made");
        let account = unprivileged(&path, account);
        if let Some(Account { user, group }) = account {
            chown(&path, Some(user), Some(group)).expect("root may give a folder away");
        }
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh"])
            .arg(&path)
            .arg(kill)
            .current_dir("/")
            .process_group(0) // Ctrl-C is for the test
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        Self { path, account, watchdog }
    }

    /// A program under the folder's account, with its output in the folder's `output` file.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let output = File::options().append(true).create(true).open(self.path.join("output"));
        let output = output.expect("the folder can be written");
        let errors = output.try_clone().expect("a file can be opened twice");
        let mut command = Command::new(program);
        command.current_dir(&self.path).stdin(Stdio::null()).stdout(output).stderr(errors);
        if let Some(Account { user, group }) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// Runs a program to its end, which has to be a good one.
    pub(crate) fn run(&self, command: &mut Command) {
        let status = command.status().expect("an installed program can be started");
        assert!(status.success(), "server not made: {status}\n{}", self.output());
    }

    /// A file only the server may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path.join(name);
        fs::write(&path, text).expect("the folder can be written");
        if let Some(Account { user, group }) = self.account {
            chown(&path, Some(user), Some(group)).expect("root may give a file away");
        }
        path
    }

    fn output(&self) -> String {
        let text = fs::read(self.path.join("output")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let skip = text.lines().count().saturating_sub(30);
        text.lines().skip(skip).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// A running server process.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts it and waits until it is ready; `None` if it ended by itself, as when its port was
    /// taken in between.
    pub(crate) fn start(
        home: &Home,
        command: &mut Command,
        ready: impl Fn() -> bool,
    ) -> Option<Self> {
        let mut child =
            command.process_group(0).spawn().expect("an installed program can be started");
        home.write("pid", &child.id().to_string());
        let until = Instant::now() + PATIENCE;
        while !ready() {
            if child.try_wait().expect("a child can be asked").is_some() {
                return None;
            }
            assert!(Instant::now() < until, "server not ready in time\n{}", home.output());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { child })
    }

    /// Sends it a signal and waits for its end.
    pub(crate) fn stop(mut self, home: &Home, signal: &str) {
        let pid = self.child.id().to_string();
        let sent =
            Command::new("sh").args(["-c", "kill -\"$1\" \"$2\"", "sh", signal, &pid]).status();
        assert!(sent.expect("a shell can be started").success(), "server was gone before its stop");
        self.child.wait().expect("a child can be waited for");
        home.write("pid", "");
    }

    /// The same for one that may be gone.
    pub(crate) fn end(mut self, signal: &str) {
        let pid = self.child.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill -\"$1\" \"$2\"", "sh", signal, &pid]).status();
        let _ = self.child.wait();
    }

    pub(crate) fn why(home: &Home) -> String {
        home.output()
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address.expect("this machine has a loopback network").port()
}

/// Whether anybody listens on it.
pub(crate) fn listens(port: u16) -> bool {
    std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A password in hex. Other accounts of this machine can reach the port.
pub(crate) fn password() -> String {
    let mut bytes = [0; 16];
    let mut random = File::open("/dev/urandom").expect("the system has random bytes");
    random.read_exact(&mut bytes).expect("the system has random bytes");
    format!("{:032x}", u128::from_be_bytes(bytes))
}
