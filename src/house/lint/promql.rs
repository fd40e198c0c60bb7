//! Metrics: ratios that divide what does not match, rates held against the wrong minute, and
//! limits that nobody wrote down.

use std::sync::LazyLock;

use regex::Regex;

use super::page::{Language, Page};
use super::{Finding, finding};

const AGGREGATIONS: [&str; 9] = ["sum", "avg", "min", "max", "count", "topk", "bottomk", "quantile", "group"];

/// A ratio of vectors whose labels differ: where they do not match, there is no result.
pub fn ratio(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (line, text) in queries(page) {
        let Some((over, under)) = divided(&text) else { continue };
        let bare = |side: &str| !AGGREGATIONS.iter().any(|word| calls(side, word));
        let matched =
            ["on(", "on (", "ignoring(", "ignoring (", "scalar("].iter().any(|word| text.contains(word));
        if !matched && bare(over) && bare(under) && matchers(over) != matchers(under) {
            let what = "this ratio divides vectors with different labels: most have nothing to be divided by";
            found.push(finding(line, what, "aggregate both sides: sum(rate(a[5m])) / sum(rate(b[5m]))"));
        }
    }
    found
}

/// `rate()` counts per second; the figure beside it is per minute.
pub fn per_minute(page: &Page<'_>) -> Vec<Finding> {
    static MINUTE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)(/\s*min\b|\bper[ -]minute\b|\ba minute\b|\brpm\b)").ok());
    static SIXTY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\*\s*60\b|\b60\s*\*").ok());
    let (Some(minute), Some(sixty)) = (&*MINUTE, &*SIXTY) else { return Vec::new() };
    let compares = |text: &str| text.contains(['<', '>']);
    let wrong = |text: &str, around: &str| {
        calls(text, "rate") && compares(around) && !sixty.is_match(text) && minute.is_match(around)
    };
    let mut found = Vec::new();
    let mut last = 0;
    for (at, _) in page.text.match_indices("rate") {
        let n = page.line_at(at) - 1;
        let text = page.line(n + 1);
        if std::mem::replace(&mut last, n + 1) == n + 1 {
            continue;
        }
        // A rule's figure and its name stand beside it, in a metric or an alert.
        let near = &page.lines[n.saturating_sub(1)..page.lines.len().min(n + 3)];
        let key = ["promql:", "expr:"].iter().any(|key| text.contains(key));
        let around = if key { near.join("\n") } else { text.to_owned() };
        if wrong(text, &around) {
            let what = "`rate()` counts per second, and is held against a figure per minute";
            found.push(finding(n + 1, what, "multiply it by 60, or divide the figure by 60"));
        }
    }
    found
}

/// A limit without its number: nobody knows at night when it is passed.
pub fn threshold(page: &Page<'_>) -> Vec<Finding> {
    static VAGUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let words = r"(?i)\b(above|over|exceeds?|exceeded|exceeding|below|under|beyond|crosses)[ \t]+((the|its|a|normal|usual)[ \t]+)*(threshold|limit)s?\b";
        Regex::new(words).ok()
    });
    let mut found = Vec::new();
    for vague in VAGUE.iter().flat_map(|r| r.find_iter(page.text)) {
        let line = page.line_at(vague.start());
        if !page.line(line).contains(|c: char| c.is_ascii_digit()) {
            let what = format!("“{}” says no number", vague.as_str());
            found.push(finding(line, what, "write which: `above 90 %`"));
        }
    }
    found
}

/// What is PromQL, with the line on which it begins.
fn queries(page: &Page<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for fence in &page.fences {
        let lines: Vec<(usize, &str)> = fence.lines().collect();
        match fence.language {
            // An empty line stands between two.
            Language::Promql => {
                for query in lines.split(|(_, text)| text.trim().is_empty()).filter(|q| !q.is_empty()) {
                    let text: Vec<&str> = query.iter().map(|(_, text)| *text).collect();
                    found.push((query[0].0, text.join("\n")));
                }
            }
            Language::Yaml => {
                for (n, (line, text)) in lines.iter().enumerate() {
                    let key = ["promql:", "expr:", "query:"].iter().find_map(|key| text.split_once(key));
                    let Some((_, value)) = key else { continue };
                    let value = value.trim();
                    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
                    let value = match quote {
                        Some(quote) => value[1..].split(quote).next().unwrap_or_default().to_owned(),
                        None if value.starts_with(['|', '>']) => {
                            let depth = |text: &str| text.len() - text.trim_start().len();
                            let below = lines[n + 1..].iter().map(|(_, text)| *text);
                            let block = below.take_while(|t| t.trim().is_empty() || depth(t) > depth(text));
                            block.collect::<Vec<_>>().join("\n")
                        }
                        None => value.to_owned(),
                    };
                    found.push((*line, value));
                }
            }
            _ => {}
        }
    }
    found
}

/// Both sides of a division outside of braces, quotes and brackets.
fn divided(text: &str) -> Option<(&str, &str)> {
    let mut inside = None;
    for (at, c) in text.char_indices() {
        match (inside, c) {
            (None, '{' | '[') => inside = Some(if c == '{' { '}' } else { ']' }),
            (Some(end), c) if c == end => inside = None,
            (None, '#') => return None,
            (None, '/') => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// Whether `name(` or `name by (` stands in a text as a word.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].trim_start();
        let called = after.starts_with('(') || after.starts_with("by") || after.starts_with("without");
        called && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

/// What stands between braces: the labels that are asked for.
fn matchers(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner.trim()).collect()
}
