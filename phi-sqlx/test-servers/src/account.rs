use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// An account of the system, by its numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// The account to run a server under: `None` where we are not root. `folder` is one we just made.
pub(crate) fn unprivileged(folder: &Path, wanted: &str) -> Option<Account> {
    let ours = fs::metadata(folder).expect("the folder was just made").uid();
    if ours != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("accounts are listed in /etc/passwd");
    let find = |name| accounts.lines().find_map(|line| parse(line, name));
    Some(find(wanted).or_else(|| find("nobody")).expect("there is an account `nobody`"))
}

/// `name:password:user:group:…`
fn parse(line: &str, wanted: &str) -> Option<Account> {
    let mut fields = line.split(':');
    if fields.next()? != wanted {
        return None;
    }
    let user = fields.nth(1)?.parse().ok()?;
    Some(Account { user, group: fields.next()?.parse().ok()? })
}
