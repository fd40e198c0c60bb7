//! A question about metrics: PromQL as written, taken apart as far as Muster itself has to understand it.
//!
//! Prometheus' comparisons filter: what does not hold is an empty answer, and so is what nobody measures. A
//! limit that stands at the end is therefore taken off and held against the answer here, so that an empty one
//! is what it is: unknown.

use std::fmt;
use std::time::Duration;

use super::selector;
use crate::model::labels::Matcher;

/// A question about metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// As written.
    pub text: String,
    /// What is asked for: without the limit.
    pub asked: String,
    /// The limit at its end.
    pub limit: Option<(Compare, f64)>,
    /// What Muster can work out by itself from a service's own `/metrics`; otherwise why not.
    pub own: Result<Expr, String>,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Is,
    /// `!=`
    IsNot,
}

impl Compare {
    /// The longer ones first.
    const ALL: [(&'static str, Compare); 6] = [
        (">=", Compare::AtLeast),
        ("<=", Compare::AtMost),
        ("==", Compare::Is),
        ("!=", Compare::IsNot),
        (">", Compare::Above),
        ("<", Compare::Below),
    ];

    /// As it is written.
    pub fn sign(self) -> &'static str {
        Compare::ALL.iter().find(|(_, c)| *c == self).map_or(">", |(sign, _)| sign)
    }

    /// Whether it is so.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Compare::Above => value > limit,
            Compare::AtLeast => value >= limit,
            Compare::Below => value < limit,
            Compare::AtMost => value <= limit,
            #[allow(clippy::float_cmp, reason = "PromQL's == compares so")]
            Compare::Is => value == limit,
            #[allow(clippy::float_cmp, reason = "PromQL's != compares so")]
            Compare::IsNot => value != limit,
        }
    }

    /// `> 5`, as it begins a text; and what stands behind the sign.
    pub fn read(text: &str) -> Option<(Compare, &str)> {
        let text = text.trim();
        Compare::ALL.iter().find_map(|(sign, compare)| Some((*compare, text.strip_prefix(sign)?.trim())))
    }

    /// `> 5`: a sign and a number.
    pub fn limit(text: &str) -> Option<(Compare, f64)> {
        let (compare, rest) = Compare::read(text)?;
        let number: f64 = rest.parse().ok()?;
        number.is_finite().then_some((compare, number))
    }
}

/// What Muster works out by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// The newest value of each series.
    Now(Selector),
    /// By how much each series grew.
    Grown {
        /// Which.
        of: Selector,
        /// In how long.
        within: Duration,
        /// Whether per second.
        per_second: bool,
    },
    /// Series that share these labels, as one.
    Folded {
        /// How.
        how: Fold,
        /// What they share.
        by: Vec<String>,
        /// Of what.
        of: Box<Expr>,
    },
    /// The quantile of a histogram's buckets.
    Quantile(f64, Box<Expr>),
    /// Two of them, series by series.
    Both(Box<Expr>, Sign, Box<Expr>),
}

/// How series become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum.
    Sum,
    /// Their average.
    Average,
    /// The greatest.
    Most,
    /// The least.
    Least,
}

/// What is done with two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `*`
    Times,
    /// `/`
    Over,
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// Which series: a name and what its labels are.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// The metric's name.
    pub name: String,
    /// What must match.
    pub matchers: Vec<Matcher>,
}

impl Query {
    /// What this text asks.
    ///
    /// # Errors
    /// When brackets or quotes are not closed, or nothing is asked.
    pub fn new(text: &str) -> Result<Query, String> {
        let text = text.trim();
        let at = split(text)?;
        let limit = at.and_then(|at| Compare::limit(&text[at..]));
        let asked = match (at, limit) {
            (Some(at), Some(_)) => text[..at].trim(),
            _ => text,
        };
        if asked.is_empty() {
            return Err("nothing is asked".to_owned());
        }
        let own = selector::expr(asked);
        Ok(Query { text: text.to_owned(), asked: asked.to_owned(), limit, own })
    }

    /// The metrics that it needs, and how far back, where Muster works it out by itself.
    pub fn needs(&self) -> Vec<(&str, Duration)> {
        let mut found = vec![];
        if let Ok(expr) = &self.own {
            expr.needs(&mut found);
        }
        found
    }

    /// Whether these values, one for each series, are what it asks for: one of them is enough. `None`: none
    /// is a number.
    pub fn holds(&self, values: &[f64]) -> Option<(bool, f64)> {
        let known = || values.iter().copied().filter(|v| !v.is_nan());
        let so = |v: f64| self.limit.is_none_or(|(compare, limit)| compare.holds(v, limit));
        match known().find(|v| so(*v)) {
            Some(value) => Some((true, value)),
            None => known().next().map(|value| (false, value)),
        }
    }
}

impl Expr {
    fn needs<'a>(&'a self, found: &mut Vec<(&'a str, Duration)>) {
        match self {
            Expr::Number(_) => {}
            Expr::Now(of) => found.push((&of.name, Duration::ZERO)),
            Expr::Grown { of, within, .. } => found.push((&of.name, *within)),
            Expr::Folded { of, .. } | Expr::Quantile(_, of) => of.needs(found),
            Expr::Both(one, _, other) => {
                one.needs(found);
                other.needs(found);
            }
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where the comparison at the end begins, outside of brackets and quotes. None where words stand there that
/// bind less than it does.
fn split(text: &str) -> Result<Option<usize>, String> {
    let (mut open, mut quote, mut found) = (vec![], None, None);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if c == q && before != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '[' | '{') => open.push(c),
            (None, ')' | ']' | '}') => {
                let begins = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(begins) {
                    return Err(format!("`{c}` closes nothing"));
                }
            }
            (None, '<' | '>' | '=' | '!') if open.is_empty() && found.is_none_or(|f| at > f + 1) => {
                found = Some(at);
            }
            _ => {}
        }
        before = c;
    }
    if quote.is_some() || !open.is_empty() {
        return Err("a bracket or a quote is not closed".to_owned());
    }
    let words = [" and ", " or ", " unless ", " and(", " or(", " unless("];
    let lower = text.to_ascii_lowercase();
    Ok(found.filter(|_| !words.iter().any(|w| lower.contains(w))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_at_the_end_is_taken_off() {
        let query = Query::new("sum(rate(a{s=~'5..|>'}[5m])) / sum(rate(a[5m])) > 0.01").unwrap();
        assert_eq!(query.asked, "sum(rate(a{s=~'5..|>'}[5m])) / sum(rate(a[5m]))");
        assert_eq!(query.limit, Some((Compare::Above, 0.01)));
        assert_eq!(Query::new("a >= 2").unwrap().limit, Some((Compare::AtLeast, 2.0)));
        for whole in ["up", "a > 1 and b > 2", "a > b", "a > bool 1", "absent(a)"] {
            let query = Query::new(whole).unwrap();
            assert_eq!((query.asked.as_str(), query.limit), (whole, None), "{whole}");
        }
        for wrong in ["", "sum(a", "a)", "a{b=\"c}", "> 5"] {
            assert!(Query::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_number_is_neither_good_nor_bad() {
        let query = Query::new("a > 1").unwrap();
        assert_eq!(query.holds(&[]), None);
        assert_eq!(query.holds(&[f64::NAN]), None);
        assert_eq!(query.holds(&[f64::NAN, 0.5]), Some((false, 0.5)));
        assert_eq!(query.holds(&[0.5, 3.0]), Some((true, 3.0)));
        assert_eq!(Query::new("a").unwrap().holds(&[0.0]), Some((true, 0.0)), "as Prometheus alerts");
    }
}
