//! What a person types for a run: values with a type, an anchored pattern and a greatest length.

use std::collections::BTreeMap;

use regex::Regex;

use crate::kit::text;
use crate::model::reply::Refusal;
use crate::model::runbook::{Param, ParamKind};

/// `version=0.8.4 reason="a word"` as names and values.
///
/// # Errors
/// What cannot be read, and how it is written.
pub fn read(with: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let wrong = |what: &str| {
        Refusal::new(format!(
            "`{}` cannot be read: {what}. Write `name=value`, several with a space between, and a value with spaces in double quotes.",
            text::cut(&text::line(with), 80).replace('`', "'")
        ))
    };
    let mut values = BTreeMap::new();
    let mut rest = with.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(|| wrong("a value has no name"))?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| wrong("a double quote is not closed"))?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(wrong("a value has no name"));
        }
        if values.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(wrong("a name is there twice"));
        }
        rest = after.trim_start();
    }
    Ok(values)
}

/// Whether a value may be used for a parameter.
///
/// # Errors
/// What is wrong with it, and what may be typed. The value is shown without what a screen obeys.
pub fn check(name: &str, param: &Param, value: &str) -> Result<(), Refusal> {
    let refused = |why: String| Err(Refusal::new(format!("`{name}`: {why}")));
    let length = value.chars().count();
    if length > usize::from(param.max) {
        return refused(format!("{length} characters are too many; {} are allowed.", param.max));
    }
    if value.chars().any(char::is_control) {
        return refused("it holds a character that nobody sees; type it in one line.".to_owned());
    }
    if value.starts_with('-') && !param.leading_dash {
        return refused("it begins with `-`, which programs take for an option.".to_owned());
    }
    if param.kind == ParamKind::Integer && value.parse::<i64>().is_err() {
        return refused("write a whole number.".to_owned());
    }
    // The pattern is anchored here, whatever alternatives stand in it.
    let fits = Regex::new(&format!(r"\A(?:{})\z", param.pattern)).is_ok_and(|p| p.is_match(value));
    if !fits {
        let shown = text::cut(&text::line(value), 40).replace('`', "'");
        return refused(format!("`{shown}` does not match the pattern `{}`.", param.pattern));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn param(pattern: &str) -> Param {
        Param { kind: ParamKind::Text, pattern: pattern.to_owned(), max: 20, leading_dash: false }
    }

    #[test]
    fn values_are_read_as_people_type_them() {
        let read = |s| read(s).map(|m| m.into_iter().collect::<Vec<_>>());
        let own = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read("version=0.8.4"), Ok(vec![own("version", "0.8.4")]));
        assert_eq!(
            read("  a=\"b = c\"  d=  e=f=g "),
            Ok(vec![own("a", "b = c"), own("d", ""), own("e", "f=g")])
        );
        assert_eq!(read(""), Ok(vec![]));
        for wrong in ["version", "=1", "a b=1", "a=\"b", "a=1 a=2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_counts_for_the_whole_value_whatever_stands_in_it() {
        let version = param(r"[0-9]+\.[0-9]+");
        assert!(check("v", &version, "0.8").is_ok());
        for wrong in ["0.8; rm -rf /", "x0.8", "0.8\n", "0.8\nx", "", "-0.8", "0.8 ", "$(id)0.8", "0\u{0}.8"]
        {
            assert!(check("v", &version, wrong).is_err(), "{wrong:?}");
        }
        assert!(check("v", &param("a|b"), "ax").is_err(), "an alternative does not leave its anchors");
        assert!(check("v", &param(".*"), "-rf").is_err(), "a leading dash");
        assert!(check("v", &Param { leading_dash: true, ..param(".*") }, "-rf").is_ok());
        assert!(check("v", &param(".*"), &"é".repeat(20)).is_ok());
        assert!(check("v", &param(".*"), &"é".repeat(21)).is_err());
        assert!(check("n", &Param { kind: ParamKind::Integer, ..param(".*") }, "twelve").is_err());
    }
}
