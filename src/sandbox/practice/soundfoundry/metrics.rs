//! What the practice soundfoundry tells of itself as metrics: requests, jobs, its provider, its storage, and
//! what browsers measured.

use super::Soundfoundry;
use crate::sandbox::practice::meters::{Series, counter, histogram};
use crate::sandbox::practice::service::Answer;

/// Upper bounds of a job's time, in seconds.
const JOB: &[f64] = &[5.0, 15.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0];
/// Upper bounds of the largest contentful paint, in seconds.
const LCP: &[f64] = &[0.5, 1.0, 2.0, 2.5, 4.0, 8.0];

impl Soundfoundry {
    /// By how much its counters grow in a minute.
    pub(super) fn rates(&self) -> Vec<Series> {
        let has = |fault| self.broken.has(fault);
        let when = |is: bool, rate: f64| if is { rate } else { 0.0 };
        let requests =
            |status: u16, rate| counter(&format!("http_requests_total{{status=\"{status}\"}}"), rate);
        let provider = self.settings.get("MUSIC_PROVIDER").unwrap_or("fal");
        let refused = |name: &str| match name {
            "fal" => has("fal-down"),
            _ => has("fallback-down"),
        };
        let refusals = |name: &str, code: u16| {
            let rate = when(code == 403 && provider == name && refused(name), 12.0);
            counter(&format!("provider_refusals_total{{provider=\"{name}\",code=\"{code}\"}}"), rate)
        };
        let ill = has("database");
        let failed = when(has("errors"), 30.0) + when(ill, 300.0) + when(has("storage"), 2.0);
        // A worker that takes nothing finishes nothing either.
        let jobs = when(!has("queue-stuck"), 20.0);
        let (queued, total) = (self.waits(), self.waits() + self.takes());
        let lcp = if has("page-slow") { 3.5 } else { 1.4 };
        let mut all = vec![
            requests(200, 600.0),
            requests(404, 3.0),
            requests(500, failed),
            refusals("fal", 401),
            refusals("fal", 403),
            refusals("replicate", 401),
            refusals("replicate", 403),
            counter("s3_errors_total{operation=\"get\"}", 0.0),
            counter("s3_errors_total{operation=\"put\"}", when(has("storage"), 6.0)),
            counter("uptime_checks_total{result=\"passed\"}", when(!ill, 6.0)),
            counter("uptime_checks_total{result=\"failed\"}", when(ill, 6.0)),
        ];
        all.extend(histogram("job_duration_seconds{phase=\"queued\",length=\"short\"}", JOB, queued, jobs));
        all.extend(histogram("job_duration_seconds{phase=\"total\",length=\"short\"}", JOB, total, jobs));
        for page in ["create", "share"] {
            all.extend(histogram(&format!("web_lcp_seconds{{page=\"{page}\"}}"), LCP, lcp, 30.0));
        }
        all
    }

    /// How long a job waits in the queue, in seconds.
    pub(super) fn waits(&self) -> f64 {
        if self.broken.has("queue-slow") { 100.0 } else { 3.0 }
    }

    /// How long a short track takes to be made, in seconds.
    pub(super) fn takes(&self) -> f64 {
        if self.broken.has("render-slow") { 200.0 } else { 45.0 }
    }

    pub(super) fn metrics(&self, now: i64) -> Answer {
        #[allow(clippy::cast_precision_loss, reason = "a queue is far below 2^52 long")]
        let waiting = self.queue.waiting(now) as f64;
        let now = [("queue_waiting".to_owned(), waiting)];
        Answer::text(200, "text/plain; version=0.0.4; charset=utf-8", self.meters.text(&now))
    }
}
