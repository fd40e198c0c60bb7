//! Metrics as a service tells them itself: Prometheus' text format, and what was read of it lately.
//!
//! Only what the rules ask for is kept: a service may tell thousands of series.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::kit::time::Timestamp;
use crate::model::labels::Labels;

/// One series with its value.
pub type Point = (Labels, f64);

/// How many series of one service are kept of one reading.
const MOST: usize = 20_000;

/// What was read of one service, the newest at the end.
#[derive(Debug, Default)]
pub struct History(VecDeque<(Timestamp, BTreeMap<String, Vec<Point>>)>);

impl History {
    /// Keeps what a service told just now of these metrics, and forgets what is older than `span`.
    ///
    /// # Errors
    /// The line that is none of the format, counted from 1.
    pub fn take(
        &mut self,
        now: Timestamp,
        text: &str,
        wanted: &[String],
        span: Duration,
    ) -> Result<(), String> {
        let mut read: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        let mut kept = 0;
        for (n, text) in text.lines().enumerate() {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let name = text.split(['{', ' ', '\t']).next().unwrap_or_default();
            if !wanted.iter().any(|w| w == name) {
                continue;
            }
            let (labels, value) = line(&text[name.len()..])
                .ok_or_else(|| format!("line {} is none of Prometheus' text format", n + 1))?;
            kept += 1;
            if kept > MOST {
                return Err(format!("more than {MOST} series are asked for"));
            }
            read.entry(name.to_owned()).or_default().push((labels, value));
        }
        self.0.push_back((now, read));
        // One more than the span: what grew in it begins there.
        while self.0.get(1).is_some_and(|(at, _)| now.since(*at) >= span) {
            self.0.pop_front();
        }
        Ok(())
    }

    /// When it was read last.
    pub fn newest(&self) -> Option<Timestamp> {
        self.0.back().map(|(at, _)| *at)
    }

    /// The newest values of a metric.
    pub fn now(&self, name: &str) -> &[Point] {
        self.0.back().and_then(|(_, all)| all.get(name)).map_or(&[], Vec::as_slice)
    }

    /// All values of a metric since `since`, the oldest first.
    pub fn since<'h>(
        &'h self,
        since: Timestamp,
        name: &'h str,
    ) -> impl Iterator<Item = (Timestamp, &'h [Point])> {
        let late = self.0.iter().filter(move |(at, _)| *at >= since);
        late.map(move |(at, all)| (*at, all.get(name).map_or(&[][..], Vec::as_slice)))
    }
}

/// Labels and value of a line behind its name: `{code="200"} 17 1795251600000`.
fn line(text: &str) -> Option<Point> {
    let mut labels = BTreeMap::new();
    let mut rest = text.trim_start();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
            let (name, value) = rest.split_once('=')?;
            let (value, after) = quoted(value.trim_start())?;
            labels.insert(name.trim().to_owned(), value);
            rest = after;
        }
    }
    let value = rest.split_whitespace().next()?;
    let value = match value {
        "+Inf" | "Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" | "Nan" => f64::NAN,
        number => number.parse().ok()?,
    };
    Some((Labels::new(labels), value))
}

/// A value between quotes, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a What it counts.\n# TYPE a counter\na{code=\"200\",path=\"/x\\\"y\"} 17\na{code=\"500\"} 2 1795251600000\n\nb 0.5\nc{} NaN\n";

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn the_text_format_is_read_and_only_what_is_asked_for_is_kept() {
        let mut history = History::default();
        history.take(Timestamp(0), TEXT, &names(&["a", "c"]), Duration::from_secs(60)).unwrap();
        let a = history.now("a");
        assert_eq!((a.len(), a[0].1, a[1].1), (2, 17.0, 2.0));
        assert_eq!(a[0].0, Labels::new([("code", "200"), ("path", "/x\"y")]));
        assert!(history.now("b").is_empty());
        assert!(history.now("c")[0].1.is_nan());
        for wrong in ["a{code=\"2} 1", "a{code} 1", "a x", "a"] {
            let why = history.take(Timestamp(1), wrong, &names(&["a"]), Duration::ZERO).unwrap_err();
            assert!(why.contains("line 1"), "{wrong}: {why}");
        }
    }

    #[test]
    fn what_is_older_than_the_span_is_forgotten_but_for_its_beginning() {
        let mut history = History::default();
        for n in 0..10 {
            let text = format!("a {n}");
            history.take(Timestamp(n * 15_000), &text, &names(&["a"]), Duration::from_secs(60)).unwrap();
        }
        let all: Vec<f64> = history.since(Timestamp(0), "a").map(|(_, p)| p[0].1).collect();
        assert_eq!(all, [5.0, 6.0, 7.0, 8.0, 9.0]);
    }
}
