//! What the practice soundscape tells of itself as metrics: the front end's proxy, and Scope where it runs.

use super::Soundscape;
use crate::sandbox::practice::meters::{Series, counter};
use crate::sandbox::practice::service::Answer;

impl Soundscape {
    /// By how much its counters grow in a minute. Twelve writes a minute come from people who play.
    pub(super) fn rates(&self) -> Vec<Series> {
        let has = |fault| self.broken.has(fault);
        let when = |is: bool, rate: f64| if is { rate } else { 0.0 };
        let closed = has("proxy-disabled") || has("write-token-missing") || has("scope-down");
        let failures = |status: u16, rate| {
            counter(&format!("scope_proxy_write_failures_total{{status=\"{status}\"}}"), rate)
        };
        let running = !has("scope-down");
        vec![
            failures(401, when(has("clients-without-token"), 12.0)),
            failures(403, 0.0),
            failures(429, when(has("proxy-throttled"), 12.0)),
            failures(503, when(closed, 12.0)),
            counter("scope_reconnects_exhausted_total", when(running && has("reconnect-loop"), 4.0)),
        ]
    }

    pub(super) fn metrics(&self) -> Answer {
        let mut now = vec![("scope_up".to_owned(), if self.broken.has("scope-down") { 0.0 } else { 1.0 })];
        let sent = if self.broken.has("clients-without-token") { 0.0 } else { 1.0 };
        now.push(("front_sends_write_token".to_owned(), sent));
        if !self.broken.has("scope-down") {
            let connecting = if self.broken.has("reconnect-loop") { 4.0 } else { 0.0 };
            now.push(("scope_reconnecting".to_owned(), connecting));
            let sessions = if self.broken.has("idle") { 0.0 } else { 3.0 };
            let dropped = if self.broken.has("dropped-frames") { 0.25 } else { 0.01 };
            now.push(("scope_active_sessions".to_owned(), sessions));
            now.push(("scope_dropped_frame_ratio".to_owned(), dropped));
        }
        Answer::text(200, "text/plain; version=0.0.4; charset=utf-8", self.meters.text(&now))
    }
}
