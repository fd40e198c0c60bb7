//! Reads the part of PromQL that Muster works out by itself: selectors with matchers, `rate`, `increase`,
//! `sum`, `avg`, `min`, `max` with `by`, `histogram_quantile`, and the four ways to put two together.

use std::time::Duration;

use super::query::{Expr, Fold, Selector, Sign};
use crate::model::labels::{MatchOp, Matcher};

/// How deep brackets may lie in each other.
const DEEPEST: usize = 16;

/// The expression in a text.
///
/// # Errors
/// What of it Muster does not work out by itself.
pub fn expr(text: &str) -> Result<Expr, String> {
    let mut reader = Reader { rest: text, deep: 0 };
    let found = reader.sum()?;
    reader.skip();
    if reader.rest.is_empty() {
        return Ok(found);
    }
    Err(format!("`{}` is nothing that Muster works out by itself", reader.rest))
}

struct Reader<'a> {
    rest: &'a str,
    deep: usize,
}

impl<'a> Reader<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn want(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("`{sign}` is missing before `{}`", self.rest)) }
    }

    fn word(&mut self) -> &'a str {
        self.skip();
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let end = self.rest.find(|c| !letter(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn sum(&mut self) -> Result<Expr, String> {
        self.level(&[("+", Sign::Plus), ("-", Sign::Minus)], Reader::product)
    }

    fn product(&mut self) -> Result<Expr, String> {
        self.level(&[("*", Sign::Times), ("/", Sign::Over)], Reader::one)
    }

    fn level(
        &mut self,
        signs: &[(&str, Sign)],
        below: fn(&mut Self) -> Result<Expr, String>,
    ) -> Result<Expr, String> {
        let mut found = below(self)?;
        while let Some((_, sign)) = signs.iter().find(|(text, _)| self.take(text)) {
            found = Expr::Both(Box::new(found), *sign, Box::new(below(self)?));
        }
        Ok(found)
    }

    fn one(&mut self) -> Result<Expr, String> {
        self.deep += 1;
        if self.deep > DEEPEST {
            return Err(format!("brackets lie more than {DEEPEST} deep in each other"));
        }
        let found = self.inner();
        self.deep -= 1;
        found
    }

    fn inner(&mut self) -> Result<Expr, String> {
        if self.take("(") {
            let found = self.sum()?;
            self.want(")")?;
            return Ok(found);
        }
        self.skip();
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Expr::Number(self.number()?));
        }
        let word = self.word();
        let fold = match word {
            "sum" => Some(Fold::Sum),
            "avg" => Some(Fold::Average),
            "max" => Some(Fold::Most),
            "min" => Some(Fold::Least),
            _ => None,
        };
        self.skip();
        let called = self.rest.starts_with('(');
        match (word, fold) {
            ("", _) => Err(format!("`{}` is nothing that Muster works out by itself", self.rest)),
            (_, Some(how)) if called || self.rest.starts_with("by") => self.fold(how),
            ("rate" | "increase", _) if called => self.grown(word == "rate"),
            ("histogram_quantile", _) if called => {
                self.want("(")?;
                let quantile = self.number()?;
                self.want(",")?;
                let of = self.sum()?;
                self.want(")")?;
                Ok(Expr::Quantile(quantile, Box::new(of)))
            }
            (other, _) if called => Err(format!("`{other}()` is nothing that Muster works out by itself")),
            (name, _) => {
                let found = self.selector(name)?;
                if self.rest.starts_with('[') {
                    return Err(format!("`{name}[…]` needs rate() or increase() around it"));
                }
                Ok(Expr::Now(found))
            }
        }
    }

    fn fold(&mut self, how: Fold) -> Result<Expr, String> {
        let mut by = self.by()?;
        self.want("(")?;
        let of = Box::new(self.sum()?);
        self.want(")")?;
        if by.is_empty() {
            by = self.by()?;
        }
        Ok(Expr::Folded { how, by, of })
    }

    fn by(&mut self) -> Result<Vec<String>, String> {
        let mut labels = vec![];
        self.skip();
        let follows = self.rest.strip_prefix("by").is_some_and(|r| r.starts_with([' ', '(']));
        if follows && self.take("by") {
            self.want("(")?;
            while !self.take(")") {
                match self.word() {
                    "" => return Err(format!("`{}` is no label", self.rest)),
                    word => labels.push(word.to_owned()),
                }
                self.take(",");
            }
        }
        Ok(labels)
    }

    fn grown(&mut self, per_second: bool) -> Result<Expr, String> {
        self.want("(")?;
        let name = self.word();
        let of = self.selector(name)?;
        self.want("[")?;
        let text = self.word();
        let within = span(text).ok_or_else(|| format!("`{text}` is no time"))?;
        self.want("]")?;
        self.want(")")?;
        Ok(Expr::Grown { of, within, per_second })
    }

    fn number(&mut self) -> Result<f64, String> {
        self.skip();
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text.parse().map_err(|_| format!("`{text}` is no number"))
    }

    fn selector(&mut self, name: &str) -> Result<Selector, String> {
        if name.is_empty() {
            return Err("a metric's name is missing".to_owned());
        }
        let mut matchers = vec![];
        if self.take("{") {
            while !self.take("}") {
                matchers.push(self.matcher()?);
                self.take(",");
            }
        }
        self.skip();
        Ok(Selector { name: name.to_owned(), matchers })
    }

    fn matcher(&mut self) -> Result<Matcher, String> {
        let name = self.word();
        let signs =
            [("=~", MatchOp::Like), ("!~", MatchOp::NotLike), ("!=", MatchOp::IsNot), ("=", MatchOp::Is)];
        let found = signs.iter().find(|(sign, _)| self.take(sign));
        let (_, op) = found.ok_or_else(|| format!("`{}` matches nothing", self.rest))?;
        self.skip();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let quote = quote.ok_or_else(|| format!("a quote is missing before `{}`", self.rest))?;
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                // PromQL escapes as Go does: `\\.` is the pattern's `\.`.
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Matcher::new(name, *op, &value);
                }
                c => value.push(c),
            }
        }
        Err("a quote is not closed".to_owned())
    }
}

/// `5m`, `30s`, `1h`.
fn span(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok().filter(|n| (1..=1_000_000).contains(n))?;
    let seconds = match &text[digits..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runbooks_ask_is_read() {
        for text in [
            "sum(rate(http_requests_total{status=~'5..'}[5m])) / sum(rate(http_requests_total[5m]))",
            "histogram_quantile(0.95, sum by (le) (rate(job_duration_seconds_bucket[5m])))",
            "sum(increase(s3_errors_total[5m]))",
            "100 * scope_dropped_frame_ratio",
            "max(queue) by (name, host)",
            "rate(a{b!=\"c\\\"d\", e!~\"f\"}[30s])",
            "(a + b) / 2",
        ] {
            assert!(expr(text).is_ok(), "{text}: {:?}", expr(text));
        }
    }

    #[test]
    fn what_is_more_than_that_is_said() {
        for (text, why) in [
            ("absent(up)", "`absent()` is nothing"),
            ("a[5m]", "needs rate()"),
            ("a and b", "`and b` is nothing"),
            ("rate(a[5x])", "`5x` is no time"),
            ("a{b=c}", "a quote is missing"),
            ("sum without (x) (a)", "`without (x) (a)` is nothing"),
            ("", "`` is nothing"),
        ] {
            let said = expr(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
        assert!(expr(&"(".repeat(100_000)).unwrap_err().contains("deep"));
    }
}
