//! Works out by itself what a rule asks of a service's metrics, where the team has no Prometheus.
//!
//! As Prometheus does, with one difference: how much something grew is what was seen between the first and the
//! last reading in the window. Nothing is added for the edges.

use std::collections::BTreeMap;
use std::time::Duration;

use super::metrics::{History, Point};
use crate::kit::time::Timestamp;
use crate::model::labels::{Labels, Matcher};
use crate::model::watch::query::{Expr, Fold, Selector, Sign};

/// What comes of an expression.
enum Value {
    Number(f64),
    Series(Vec<Point>),
}

/// The series that an expression gives, of a history that ends now.
///
/// # Errors
/// What two sides do not match.
pub fn work_out(expr: &Expr, history: &History) -> Result<Vec<Point>, String> {
    Ok(match value(expr, history)? {
        Value::Number(number) => vec![(Labels::default(), number)],
        Value::Series(points) => points,
    })
}

fn value(expr: &Expr, history: &History) -> Result<Value, String> {
    Ok(match expr {
        Expr::Number(number) => Value::Number(*number),
        Expr::Now(of) => Value::Series(chosen(of, history.now(&of.name)).cloned().collect()),
        Expr::Grown { of, within, per_second } => Value::Series(grown(of, *within, *per_second, history)),
        Expr::Folded { how, by, of } => Value::Series(folded(*how, by, work_out(of, history)?)),
        Expr::Quantile(q, of) => Value::Series(quantiles(*q, work_out(of, history)?)),
        Expr::Both(one, sign, other) => match (value(one, history)?, value(other, history)?) {
            (Value::Number(a), Value::Number(b)) => Value::Number(done(a, *sign, b)),
            (Value::Series(all), Value::Number(b)) => {
                Value::Series(all.into_iter().map(|(l, a)| (l, done(a, *sign, b))).collect())
            }
            (Value::Number(a), Value::Series(all)) => {
                Value::Series(all.into_iter().map(|(l, b)| (l, done(a, *sign, b))).collect())
            }
            (Value::Series(one), Value::Series(other)) => Value::Series(paired(one, *sign, other)?),
        },
    })
}

fn done(a: f64, sign: Sign, b: f64) -> f64 {
    match sign {
        Sign::Times => a * b,
        Sign::Over => a / b,
        Sign::Plus => a + b,
        Sign::Minus => a - b,
    }
}

fn chosen<'p>(of: &Selector, points: &'p [Point]) -> impl Iterator<Item = &'p Point> {
    points.iter().filter(move |(labels, _)| Matcher::all(&of.matchers, labels))
}

/// By how much each series grew: one that is less than it was began anew at zero.
fn grown(of: &Selector, within: Duration, per_second: bool, history: &History) -> Vec<Point> {
    let Some(now) = history.newest() else { return vec![] };
    let since = Timestamp(now.0.saturating_sub(i64::try_from(within.as_millis()).unwrap_or(i64::MAX)));
    // First and last time, last value, and what it grew by.
    let mut all: BTreeMap<&Labels, (Timestamp, Timestamp, f64, f64)> = BTreeMap::new();
    for (at, points) in history.since(since, &of.name) {
        for (labels, value) in chosen(of, points) {
            let seen = all.entry(labels).or_insert((at, at, *value, 0.0));
            seen.3 += if *value >= seen.2 { value - seen.2 } else { *value };
            (seen.1, seen.2) = (at, *value);
        }
    }
    let long = all.into_iter().filter(|(_, (first, last, ..))| first < last);
    long.map(|(labels, (first, last, _, by))| {
        let seconds = last.since(first).as_secs_f64();
        (labels.clone(), if per_second { by / seconds } else { by })
    })
    .collect()
}

fn folded(how: Fold, by: &[String], points: Vec<Point>) -> Vec<Point> {
    let mut all: BTreeMap<Labels, (f64, f64)> = BTreeMap::new();
    for (labels, value) in points {
        let (sum, count) = all.entry(labels.only(by)).or_insert((f64::NAN, 0.0));
        *sum = match how {
            _ if *count == 0.0 => value,
            Fold::Sum | Fold::Average => *sum + value,
            Fold::Most => sum.max(value),
            Fold::Least => sum.min(value),
        };
        *count += 1.0;
    }
    let average = how == Fold::Average;
    all.into_iter().map(|(l, (sum, count))| (l, if average { sum / count } else { sum })).collect()
}

/// Series with the same labels, one on each side.
fn paired(one: Vec<Point>, sign: Sign, other: Vec<Point>) -> Result<Vec<Point>, String> {
    let count = other.len();
    let right: BTreeMap<Labels, f64> = other.into_iter().collect();
    if right.len() < count {
        return Err("several series of one side have the same labels".to_owned());
    }
    let pair = |(labels, a): Point| {
        let b = right.get(&labels)?;
        Some((labels, done(a, sign, *b)))
    };
    Ok(one.into_iter().filter_map(pair).collect())
}

/// The quantile of each histogram: buckets by their upper bound `le`, each with all below it
/// (Prometheus, "histogram_quantile()").
fn quantiles(q: f64, points: Vec<Point>) -> Vec<Point> {
    let mut all: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for (labels, count) in points {
        let Some(bound) = labels.get("le").and_then(bound) else { continue };
        let rest = Labels::new(labels.iter().filter(|(name, _)| *name != "le"));
        all.entry(rest).or_default().push((bound, count));
    }
    all.into_iter().map(|(labels, buckets)| (labels, quantile(q, buckets))).collect()
}

fn bound(text: &str) -> Option<f64> {
    if text == "+Inf" { Some(f64::INFINITY) } else { text.parse().ok() }
}

fn quantile(q: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some((last, total)) = buckets.last().copied() else { return f64::NAN };
    if last.is_finite() || buckets.len() < 2 || total.is_nan() || total <= 0.0 {
        return f64::NAN;
    }
    let rank = q * total;
    let at = buckets.iter().position(|(_, count)| *count >= rank).unwrap_or(buckets.len() - 1);
    if at == buckets.len() - 1 {
        return buckets[at - 1].0;
    }
    let (above, until) = buckets[at];
    let (from, before) = match at {
        0 if above <= 0.0 => return above,
        0 => (0.0, 0.0),
        _ => buckets[at - 1],
    };
    from + (above - from) * ((rank - before) / (until - before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::watch::Query;

    fn history(texts: &[&str]) -> History {
        let mut history = History::default();
        let wanted = ["a", "b", "h_bucket"].map(str::to_owned);
        for (at, text) in (0i64..).step_by(60_000).zip(texts) {
            history.take(Timestamp(at), text, &wanted, Duration::from_secs(3600)).unwrap();
        }
        history
    }

    fn all(text: &str, history: &History) -> Vec<f64> {
        let query = Query::new(text).unwrap();
        work_out(&query.own.unwrap(), history).unwrap().into_iter().map(|(_, v)| v).collect()
    }

    #[test]
    fn ratios_of_rates_are_worked_out_over_the_window() {
        let seen = history(&[
            "a{s=\"200\"} 100\na{s=\"500\"} 0",
            "a{s=\"200\"} 190\na{s=\"500\"} 10",
            "a{s=\"200\"} 280\na{s=\"500\"} 20",
        ]);
        let share = "sum(rate(a{s=~\"5..\"}[5m])) / sum(rate(a[5m]))";
        assert!((all(share, &seen)[0] - 0.1).abs() < 1e-9);
        assert_eq!(all("sum(increase(a{s=\"500\"}[1m]))", &seen), [10.0]);
        assert_eq!(all("rate(a{s=\"500\"}[2m]) * 60", &seen), [10.0]);
        assert_eq!(all("a{s!=\"500\"} - 80", &seen), [200.0]);
        assert_eq!(all("max(a)", &seen), [280.0]);
        assert_eq!(all("avg(a)", &seen), [150.0]);
    }

    #[test]
    fn what_one_reading_alone_says_of_growth_is_nothing() {
        assert!(all("rate(a[5m])", &history(&["a 7"])).is_empty());
        assert!(all("sum(rate(a[5m]))", &history(&["b 7", "b 8"])).is_empty());
        let began_anew = history(&["a 100", "a 103", "a 2"]);
        assert_eq!(all("increase(a[5m])", &began_anew), [5.0]);
        assert!(all("sum(rate(a[5m])) / sum(rate(b[5m]))", &history(&["a 0\nb 0", "a 0\nb 0"]))[0].is_nan());
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let told = |a: u32, b: u32, c: u32| {
            format!("h_bucket{{le=\"10\"}} {a}\nh_bucket{{le=\"60\"}} {b}\nh_bucket{{le=\"+Inf\"}} {c}")
        };
        let text = "histogram_quantile(0.95, sum by (le) (rate(h_bucket[5m])))";
        let close = |found: Vec<f64>, wanted: f64| (found[0] - wanted).abs() < 1e-9;
        assert!(close(all(text, &history(&[&told(0, 0, 0), &told(100, 100, 100)])), 9.5));
        assert!(close(all(text, &history(&[&told(0, 0, 0), &told(90, 100, 100)])), 35.0));
        assert!(close(all(text, &history(&[&told(0, 0, 0), &told(0, 10, 100)])), 60.0));
        assert!(all(text, &history(&[&told(5, 5, 5), &told(5, 5, 5)]))[0].is_nan());
    }
}
