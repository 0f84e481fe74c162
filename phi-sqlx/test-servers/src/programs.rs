use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The folder of `PostgreSQL`'s programs. Of several versions, the highest.
pub(crate) fn postgres() -> Option<PathBuf> {
    let holds = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|p| folder.join(p).is_file());
    let told = || {
        let told = Command::new("pg_config").arg("--bindir").output().ok()?;
        String::from_utf8(told.stdout).ok().map(|path| PathBuf::from(path.trim()))
    };
    // A wrapper on PATH may hide where the server is; the programs beside it are asked first.
    let installed = versions("/usr/lib/postgresql").into_iter().map(|path| path.join("bin"));
    installed.chain(told()).chain(on_path()).find(holds)
}

/// The server and the maker of its folder.
pub(crate) fn mariadb() -> Option<(PathBuf, PathBuf)> {
    Some((find(&["mariadbd", "mysqld"])?, find(&["mariadb-install-db", "mysql_install_db"])?))
}

/// The pooler.
pub(crate) fn pgbouncer() -> Option<PathBuf> {
    find(&["pgbouncer"])
}

/// A program of one of these names, also where only root's `PATH` looks.
fn find(names: &[&str]) -> Option<PathBuf> {
    let folders = on_path().chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let paths = folders.flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}

fn on_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// Folders named by a number, the highest first.
fn versions(parent: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> =
        entries.filter_map(|entry| Some((number(&entry.file_name())?, entry.path()))).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

fn number(name: &OsStr) -> Option<u32> {
    name.to_str()?.parse().ok()
}
