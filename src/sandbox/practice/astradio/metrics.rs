//! What the practice astradio tells of itself as metrics, and how its log goes on.

use super::Astradio;
use crate::sandbox::practice::meters::{Series, counter, histogram};
use crate::sandbox::practice::service::Answer;

/// Upper bounds of a composition's time, in seconds.
const COMPOSE: &[f64] = &[0.25, 0.5, 1.0, 1.5, 2.5, 5.0];
/// Upper bounds of a search's time, in seconds.
const SEARCH: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0];
/// Upper bounds of the visual engine's start, in seconds.
const START: &[f64] = &[0.005, 0.01, 0.015, 0.025, 0.05];

/// How many lines the log has at most that tell of one fault.
const LINES: i64 = 60;

impl Astradio {
    /// By how much its counters grow in a minute.
    pub(super) fn rates(&self) -> Vec<Series> {
        let has = |fault| self.broken.has(fault);
        let when = |is: bool, rate: f64| if is { rate } else { 0.0 };
        let requests =
            |status: u16, rate| counter(&format!("http_requests_total{{status=\"{status}\"}}"), rate);
        let refused = |code: &str, rate| counter(&format!("api_errors_total{{code=\"{code}\"}}"), rate);
        let (limited, forged) = (when(has("rate-limited"), 30.0), when(has("csrf-cookie"), 12.0));
        let compose = if has("slow") { 4.0 } else { 0.4 };
        let search = if has("compat-slow") { 0.8 } else { 0.09 };
        let start = if has("viz-slow") { 0.04 } else { 0.008 };
        let mut all = vec![
            requests(200, 600.0),
            requests(403, forged),
            requests(404, 1.0),
            requests(429, limited),
            requests(503, when(has("compat"), 12.0)),
            refused("RATE_LIMITED", limited),
            refused("CSRF_FAILED", forged),
            refused("ORIGIN", 1.0),
            counter("determinism_failures_total", when(has("nondeterministic"), 4.0)),
        ];
        all.extend(histogram("compose_duration_seconds", COMPOSE, compose, 30.0));
        all.extend(histogram("compat_search_seconds", SEARCH, search, 60.0));
        all.extend(histogram("viz_init_seconds", START, start, 20.0));
        all
    }

    pub(super) fn metrics(&self) -> Answer {
        let fps = if self.broken.has("viz-slow") { 41.0 } else { 59.6 };
        let now = [("viz_fps".to_owned(), fps)];
        Answer::text(200, "text/plain; version=0.0.4; charset=utf-8", self.meters.text(&now))
    }

    /// The lines that came since log lines lost their request id: one every 5 s, until nobody would read more.
    pub(super) fn lost(&self, now: i64) -> Vec<String> {
        let since = self.broken.since("log-lost").map_or(0, |since| (now - since).max(0) / 5_000);
        let line = |n: i64| format!("{{\"code\":\"OK\",\"ms\":{},\"model\":\"{}\"}}", 150 + n, self.model());
        (0..since.min(LINES)).map(line).collect()
    }
}
