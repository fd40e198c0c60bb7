//! The smallest pieces of an http step: words, quoted text, patterns, and names in `{{ }}`.

use crate::model::runbook::http::{Part, Template};

/// What to do about a name between braces that is none.
pub const NAME_CURE: &str =
    "write {{name}} with a name from vars, params or a capture, and nothing else between the braces";

/// A piece of an assertion's line.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// `status`, `==`, `12.5`
    Word(String),
    /// `"…"`
    Text(Template),
    /// `/…/`
    Pattern(String),
    /// `{{name}}`
    Value(String),
}

/// Text with its names as parts.
///
/// # Errors
/// When braces are not closed or hold no name.
pub fn template(text: &str) -> Result<Template, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inner, behind) =
            after.split_once("}}").ok_or("`{{` is not closed with `}}` on the same line")?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Value(name(inner)?));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(Template(parts))
}

/// Text without names; `None` if there is one in it.
pub fn fixed(template: &Template) -> Option<String> {
    let text = |p: &Part| match p {
        Part::Text(text) => Some(text.clone()),
        Part::Value(_) => None,
    };
    template.0.iter().map(text).collect()
}

fn name(inner: &str) -> Result<String, String> {
    let name = inner.trim();
    if super::front::variable_name(name) {
        return Ok(name.to_owned());
    }
    Err(format!("`{{{{{inner}}}}}` holds no name"))
}

/// A line as tokens; a `#` between them begins a comment.
///
/// # Errors
/// When quotes, slashes or braces are not closed, or an escape is unknown.
pub fn split(line: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => break,
            '"' => {
                let length = closed(rest, '"').ok_or("a quotation mark is not closed")?;
                tokens.push(Token::Text(quoted(&rest[1..length - 1])?));
                length
            }
            '/' => {
                let length = closed(rest, '/').ok_or("a pattern has no `/` at its end")?;
                tokens.push(Token::Pattern(rest[1..length - 1].replace("\\/", "/")));
                length
            }
            _ if rest.starts_with("{{") => {
                let length = rest.find("}}").ok_or("`{{` is not closed with `}}`")? + 2;
                tokens.push(Token::Value(name(&rest[2..length - 2])?));
                length
            }
            _ => {
                let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        let behind = &rest[length..];
        if behind.starts_with(|c: char| !c.is_whitespace()) {
            return Err(format!("a space is missing before `{behind}`"));
        }
        rest = behind.trim_start();
    }
    Ok(tokens)
}

/// The length of what begins with `mark`, up to the next one without a backslash before it.
fn closed(text: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Quoted text: names first, then escapes in what is between them, so that no escape can make
/// braces.
fn quoted(raw: &str) -> Result<Template, String> {
    let mut template = template(raw)?;
    for part in &mut template.0 {
        if let Part::Text(text) = part {
            *text = unescape(text)?;
        }
    }
    Ok(template)
}

fn unescape(raw: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(c @ ('"' | '\\' | '/' | '#')) => c,
            Some('u') => {
                let hex: String =
                    chars.by_ref().skip_while(|c| *c == '{').take_while(|c| *c != '}').collect();
                let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                code.ok_or("`\\u` wants a code like \\u{e9}")?
            }
            other => {
                let other = other.map(String::from).unwrap_or_default();
                return Err(format!("the escape `\\{other}` is not known"));
            }
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Part {
        Part::Text(s.into())
    }

    #[test]
    fn names_become_parts() {
        let wanted = vec![Part::Value("base".into()), text("/a/"), Part::Value("id".into())];
        assert_eq!(template("{{base}}/a/{{ id }}"), Ok(Template(wanted)));
        for wrong in ["{{", "{{}}", "{{a b}}", "{{newUuid}}x{{", "{{a\n}", "{{ 1a }}", "{{a|b}}"] {
            assert!(template(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_is_split_as_hurl_does() {
        let tokens = split(r#"jsonpath "$.a\"b" != "x{{bad}}\n" # why"#).unwrap();
        let wanted = [
            Token::Word("jsonpath".into()),
            Token::Text(Template(vec![text("$.a\"b")])),
            Token::Word("!=".into()),
            Token::Text(Template(vec![text("x"), Part::Value("bad".into()), text("\n")])),
        ];
        assert_eq!(tokens, wanted);
        let pattern = split(r"body matches /^a\/b #c/").unwrap();
        assert_eq!(pattern[2], Token::Pattern("^a/b #c".into()));
        for wrong in ["body == \"x", "body matches /x", "body == \"a\"b", "body == {{x", r#"body == "\x""#] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
