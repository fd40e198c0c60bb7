//! Calls into sled, which on some damage panics instead of answering.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::refusal::Refusal;

/// What sled, or the system below it, said.
pub(super) struct Failure {
    pub what: String,
    pub io: Option<io::Error>,
}

impl Failure {
    /// The same for people.
    pub fn refusal(self, folder: &Path) -> Refusal {
        match self.io {
            Some(e) => Refusal::from_io("Writing the journal in", folder, &e),
            None => Refusal::damaged(folder, self.what),
        }
    }
}

/// Calls into sled, which panics on some damage, where that is caught.
pub(super) fn guarded<T>(call: impl FnOnce() -> ::sled::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(v)) => Ok(v),
        Ok(Err(::sled::Error::Io(e))) => Err(Failure { what: e.to_string(), io: Some(e) }),
        Ok(Err(e)) => Err(Failure { what: format!("sled says: {e}"), io: None }),
        Err(panic) => {
            let said =
                panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(Failure {
                what: format!("sled stopped: {}", said.unwrap_or("it does not say why")),
                io: None,
            })
        }
    }
}
