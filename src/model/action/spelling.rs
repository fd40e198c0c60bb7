//! An action as command files write it.

use std::fmt;
use std::str::FromStr;

use super::Action;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Action {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Action::ALL.into_iter().find(|a| a.word() == s).ok_or_else(|| {
            let all: Vec<&str> = Action::ALL.iter().map(|a| a.word()).collect();
            format!("`{s}` is no action; there are {}", all.join(", "))
        })
    }
}
