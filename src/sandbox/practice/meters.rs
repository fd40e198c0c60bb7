//! Counters of a practice service, as Prometheus scrapes them: each grows with the time that passes, so many a
//! minute, and under a fault otherwise.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A series, spelled `name{label="value"}`, and by how much it grows in a minute, or what it is.
pub type Series = (String, f64);

/// Counters that grow with time.
#[derive(Debug, Clone, Default)]
pub struct Meters {
    /// Until when they have grown, in ms since the epoch.
    until: Option<i64>,
    counts: BTreeMap<String, f64>,
}

impl Meters {
    /// Lets them grow until `now` (ms since the epoch), each by so many a minute. All that there are must be
    /// named: one that is never named is not there.
    pub fn pass(&mut self, now: i64, rates: Vec<Series>) {
        // A clock may be put back: nothing shrinks for that.
        let passed = self.until.map_or(0, |until| (now - until).max(0));
        self.until = Some(now);
        for (series, rate) in rates {
            #[allow(clippy::cast_precision_loss, reason = "a time that passed is far below 2^52 ms")]
            let by = rate * passed as f64 / 60_000.0;
            *self.counts.entry(series).or_default() += by;
        }
    }

    /// All of them in Prometheus' text format, and these that stand at a value.
    pub fn text(&self, gauges: &[Series]) -> String {
        let mut text = String::new();
        let mut last = String::new();
        let counters = self.counts.iter().map(|(series, value)| (series.as_str(), value.floor(), "counter"));
        let all = counters.chain(gauges.iter().map(|(series, value)| (series.as_str(), *value, "gauge")));
        for (series, value, kind) in all {
            let name = series.split('{').next().unwrap_or_default();
            if name != last && !name.ends_with("_bucket") {
                let _ = writeln!(text, "# TYPE {name} {kind}");
            }
            name.clone_into(&mut last);
            let _ = writeln!(text, "{series} {value}");
        }
        text
    }
}

/// A counter that grows by so many a minute.
pub fn counter(series: &str, per_minute: f64) -> Series {
    (series.to_owned(), per_minute)
}

/// The buckets of a histogram in which so many a minute are observed, all of this value. `name` has its labels
/// without `le`: `job_seconds{phase="queued"}`.
pub fn histogram(name: &str, bounds: &[f64], value: f64, per_minute: f64) -> Vec<Series> {
    let (name, labels) = name.split_once('{').unwrap_or((name, "}"));
    let labels = labels.trim_end_matches('}');
    let comma = if labels.is_empty() { "" } else { "," };
    let bucket = |bound: String, holds: bool| {
        let series = format!("{name}_bucket{{{labels}{comma}le=\"{bound}\"}}");
        (series, if holds { per_minute } else { 0.0 })
    };
    let bounded = bounds.iter().map(|b| bucket(b.to_string(), value <= *b));
    bounded.chain([bucket("+Inf".to_owned(), true)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_with_the_time_and_are_told_as_prometheus_reads_them() {
        let rates = || {
            let mut all = histogram("job_seconds{phase=\"queued\"}", &[5.0, 60.0], 8.0, 30.0);
            all.push(counter("requests_total{status=\"200\"}", 600.0));
            all
        };
        let mut meters = Meters::default();
        meters.pass(1_000, rates());
        meters.pass(61_000, rates());
        meters.pass(31_000, rates());
        let text = meters.text(&[("sessions".to_owned(), 3.0)]);
        let wanted = "job_seconds_bucket{phase=\"queued\",le=\"+Inf\"} 30\n\
                      job_seconds_bucket{phase=\"queued\",le=\"5\"} 0\n\
                      job_seconds_bucket{phase=\"queued\",le=\"60\"} 30\n\
                      # TYPE requests_total counter\n\
                      requests_total{status=\"200\"} 600\n\
                      # TYPE sessions gauge\n\
                      sessions 3\n";
        assert_eq!(text, wanted);
    }
}
