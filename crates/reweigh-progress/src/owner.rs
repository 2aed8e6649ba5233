//! Who holds the lock.

use std::fmt;

use crate::stamp::Stamp;

/// Who says that they hold the lock, for others to read while they wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The process.
    pub pid: u32,
    /// The machine; control characters are left out when it is written.
    pub host: String,
}

impl Owner {
    /// This process on this machine. Where the machine's name can't be read (it is read as Linux keeps it), it is
    /// `unknown-host`; pass an `Owner` of your own there.
    pub fn this_process() -> Self {
        let kept = ["/proc/sys/kernel/hostname", "/etc/hostname"];
        let host = kept.iter().find_map(|path| std::fs::read_to_string(path).ok());
        let host = host.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
        Self { pid: std::process::id(), host: host.unwrap_or_else(|| "unknown-host".to_owned()) }
    }
}

/// Who holds a lock, and since when, as the lock's file says.
///
/// The file is believed only while the kernel says that the lock is taken: what a killed process left in it counts
/// for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub owner: Owner,
    /// Since when.
    pub since: Stamp,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.owner.host.replace(char::is_control, "");
        write!(f, "pid {} on {host} since {}", self.owner.pid, self.since)
    }
}

impl Holder {
    /// Reads what [`Holder`] displays as.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pid, rest) = text.trim_end().strip_prefix("pid ")?.split_once(" on ")?;
        let (host, since) = rest.rsplit_once(" since ")?;
        let owner = Owner { pid: pid.parse().ok()?, host: host.to_owned() };
        Some(Self { owner, since: since.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_reads_back() {
        let owner = Owner { pid: 7, host: "a since b on c".to_owned() };
        let holder = Holder { owner, since: "2026-03-01T10:00:00.000001Z".parse().unwrap() };
        assert_eq!(Holder::parse(&format!("{holder}\n")), Some(holder));
        assert_eq!(Holder::parse("pid x on y since z"), None);
    }

    #[test]
    fn this_process_has_a_name() {
        let owner = Owner::this_process();
        assert_eq!(owner.pid, std::process::id());
        assert!(!owner.host.is_empty() && !owner.host.contains('\n'), "{}", owner.host);
    }
}
