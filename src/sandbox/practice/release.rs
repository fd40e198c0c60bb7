//! What is deployed of something that has releases: the one that answers, the one before, the one that was
//! good for long. A deployment takes a moment, and under a fault it never arrives.

/// Releases of one thing.
#[derive(Debug, Clone)]
pub struct Release {
    /// What answers.
    pub current: String,
    /// What answered before.
    pub previous: String,
    /// Every release that could be deployed.
    known: Vec<&'static str>,
    /// A fault: what is deployed never arrives.
    pub stuck: bool,
}

impl Release {
    /// `known` from the oldest to the newest, which is deployed.
    pub fn new(known: &[&'static str]) -> Release {
        let at =
            |back: usize| known.len().checked_sub(back).and_then(|n| known.get(n)).copied().unwrap_or("");
        let (current, previous) = (at(1).to_owned(), at(2).to_owned());
        Release { current, previous, known: known.to_vec(), stuck: false }
    }

    /// Deploys a release.
    ///
    /// # Errors
    /// When there is no such one, with those that there are.
    pub fn deploy(&mut self, release: &str) -> Result<String, String> {
        if !self.known.contains(&release) {
            return Err(format!("there is no {release}; there are {}\n", self.known.join(", ")));
        }
        if !self.stuck && release != self.current {
            self.previous = std::mem::replace(&mut self.current, release.to_owned());
        }
        Ok(format!("{release} is deployed\n"))
    }
}
