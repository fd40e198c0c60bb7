//! What the journal cannot do, said as sentences: what is wrong, where, and what to do next.

use std::fmt;
use std::io;
use std::path::Path;

use crate::model::ids::Seq;

/// Why a journal is not opened, imported or backed up. The folder is as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind, for whoever must decide by it.
    pub kind: Kind,
    /// What is wrong, and where.
    pub what: String,
    /// What to do next.
    pub cure: String,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A newer Muster wrote it.
    Newer,
    /// Another process works on it.
    Locked,
    /// It does not read back as it was written.
    Damaged,
    /// The disk has no room left.
    Full,
    /// The folder or the disk may not be written.
    ReadOnly,
    /// The folder holds something, and that is no journal.
    NotAJournal,
    /// There is nothing at that place.
    Missing,
    /// There is something at that place already, which would have to be overwritten.
    Occupied,
    /// A write could not be made durable; nothing more is taken from this process.
    Poisoned,
    /// Something else that the system says.
    System,
}

impl Refusal {
    /// A refusal in two sentences.
    pub fn new(kind: Kind, what: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { kind, what: what.into(), cure: cure.into() }
    }

    /// What the system said about a file or folder, with the cure that fits.
    pub fn from_io(doing: &str, path: &Path, e: &io::Error) -> Refusal {
        let (kind, cure) = match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                (Kind::Full, "Make room on that disk and start again; what was answered before is kept.")
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => (
                Kind::ReadOnly,
                "Give the user that Muster runs as the right to write there, or mount the disk for writing.",
            ),
            io::ErrorKind::NotFound => (Kind::Missing, "Check the path."),
            _ => (Kind::System, "Look at the system's log for that disk, then start again."),
        };
        Refusal::new(kind, format!("{doing} `{}` failed: {e}.", path.display()), cure)
    }

    /// A folder that does not read back as it was written.
    pub fn damaged(folder: &Path, what: impl fmt::Display) -> Refusal {
        Refusal::new(
            Kind::Damaged,
            format!("The journal in `{}` is damaged: {what}.", folder.display()),
            CURE_DAMAGE,
        )
    }
}

/// What helps against damage: nothing that is there is changed, a whole copy goes elsewhere.
pub(super) const CURE_DAMAGE: &str = "Nothing was overwritten. Keep the folder as it is, and rebuild from the last backup \
or export into a new one with `muster import-journal`. Check the disk as well.";

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.cure)
    }
}

impl std::error::Error for Refusal {}

/// A place in the journal that does not read back as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The first commit that is not as it was written.
    pub seq: Seq,
    /// What is wrong with it.
    pub what: String,
    /// What to do next.
    pub cure: String,
}

impl Damage {
    /// Damage at this commit, with the usual cure.
    pub fn at(seq: Seq, what: impl Into<String>) -> Damage {
        Damage { seq, what: what.into(), cure: CURE_DAMAGE.to_owned() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The journal is damaged at commit {}: {}. {}", self.seq, self.what, self.cure)
    }
}

impl std::error::Error for Damage {}

/// Why a group of commits was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// The writer does not stand where the journal stands; nothing was written.
    NotTheHead {
        /// Where the journal stands.
        head: Seq,
        /// Where the writer thought it stands.
        after: Seq,
    },
    /// The group itself cannot be written (its numbers do not follow each other, or it has no
    /// JSON form); nothing was written.
    Malformed(String),
    /// The journal could not be written anew; nothing was changed, and it goes on as it was.
    NotStruck(Refusal),
    /// Writing or syncing failed just now. Whether the group is on the disk is unknown: answer
    /// nobody, stop, and start again, which finds out.
    Failed(Refusal),
    /// An earlier write failed. After a failed sync the system may have dropped what was to be
    /// written, so a retry that succeeds would prove nothing. Start again.
    Poisoned(Refusal),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::NotTheHead { head, after } => write!(
                f,
                "A group was to follow commit {after}, but the journal stands at {head}. \
                 This is a mistake in Muster; stop it and start it again."
            ),
            AppendError::Malformed(why) => {
                write!(
                    f,
                    "A group of commits cannot be written: {why}. This is a mistake in Muster; please report it."
                )
            }
            AppendError::NotStruck(r) | AppendError::Failed(r) | AppendError::Poisoned(r) => r.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {}
