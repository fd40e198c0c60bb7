//! The addresses of people's calendars: which word stands for whom. Only somebody with the key can make
//! one, or tell whose it is.

use std::fmt;

use super::ids::UserId;
use crate::kit::hash::hmac_sha256;

/// How many bytes of the HMAC stand in an address: 160 bits, which nobody guesses.
const BYTES: usize = 20;

/// What the words are made with. It is kept in the data folder, and never in the journal.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarKey(String);

impl CalendarKey {
    /// Made of a secret.
    pub fn new(secret: impl Into<String>) -> CalendarKey {
        CalendarKey(secret.into())
    }

    /// The word of somebody's address, in hexadecimal: the same as long as the key and `version` are.
    pub fn word(&self, who: UserId, version: u32) -> String {
        let told = format!("muster calendar\n{who}\n{version}");
        let code = hmac_sha256(self.0.as_bytes(), &[told.as_bytes()]);
        code.iter().take(BYTES).map(|b| format!("{b:02x}")).collect()
    }
}

impl fmt::Debug for CalendarKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CalendarKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_persons_in_one_version_under_one_key() {
        let key = CalendarKey::new("a secret");
        let word = key.word(UserId(40), 1);
        assert_eq!((word.len(), &key.word(UserId(40), 1)), (2 * BYTES, &word));
        for other in [
            key.word(UserId(41), 1),
            key.word(UserId(40), 2),
            key.word(UserId(4), 1),
            CalendarKey::new("another").word(UserId(40), 1),
        ] {
            assert_ne!(other, word);
        }
        assert!(!format!("{key:?}").contains("secret"));
    }
}
