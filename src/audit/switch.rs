//! The dead man's switch: an address elsewhere that is asked while all is well. When that ends, whoever
//! keeps it tells people; Muster itself could not.

use std::time::Duration;

use reqwest::redirect::Policy;

use crate::kit::time::Timestamp;

/// Between two times.
const EVERY: Duration = Duration::from_secs(60);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many redirects are followed.
const HOPS: usize = 3;

/// Asks it.
pub struct Switch {
    client: reqwest::Client,
    asked: Option<Timestamp>,
    failed: bool,
}

impl Switch {
    /// With a client of its own: it goes to no other host than the one that the team wrote down.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Switch, String> {
        let same = |a: &reqwest::Url, b: &reqwest::Url| {
            (a.scheme() == b.scheme() || a.scheme() == "https") && a.host_str() == b.host_str()
        };
        let stay = Policy::custom(move |to| {
            let stays = to.previous().first().is_some_and(|from| same(to.url(), from));
            if stays && to.previous().len() <= HOPS { to.follow() } else { to.stop() }
        });
        let client = reqwest::Client::builder()
            .redirect(stay)
            .timeout(PATIENCE)
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|e| format!("no HTTP client: {e}"))?;
        Ok(Switch { client, asked: None, failed: false })
    }

    /// All is well: asks, where the last time is long enough ago. That it failed is for the log alone:
    /// whoever keeps the switch notices by themselves.
    pub async fn all_is_well(&mut self, address: &str, now: Timestamp) {
        let lately = |at: Timestamp| at <= now && now.since(at) < EVERY;
        if self.asked.is_some_and(lately) {
            return;
        }
        self.asked = Some(now);
        // The address is a secret of its own: neither it nor an error that names it is written down.
        let failed = match self.client.get(address).send().await {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answered {}", answer.status())),
            Err(why) => Some(why.without_url().to_string()),
        };
        match &failed {
            Some(why) => tracing::warn!("the dead man's switch was not reached: {why}; again in a minute"),
            None if self.failed => tracing::info!("the dead man's switch is reached again"),
            None => {}
        }
        self.failed = failed.is_some();
    }
}
