//! Reads one line of `[Captures]` or `[Asserts]`.

use super::token::{self, Token};
use crate::house::problem::{Notes, nearest};
use crate::model::runbook::http::{Assert, Capture, Of, Operand, Predicate, Subject};

const SUBJECTS: [&str; 5] = ["status", "header", "body", "jsonpath", "duration"];

const PREDICATES: [&str; 18] = [
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "exists",
    "isEmpty",
    "isBoolean",
    "isInteger",
    "isFloat",
    "isNumber",
    "isString",
    "isCollection",
];

/// `name: jsonpath "$.x"`
pub fn capture(text: &str, line: usize, notes: &mut Notes) -> Option<Capture> {
    let Some((name, rest)) = text.split_once(':') else {
        notes.add(line, format!("`{text}` captures nothing"), "write name: jsonpath \"$.version\"");
        return None;
    };
    let name = name.trim();
    if !super::front::variable_name(name) {
        notes.add(
            line,
            format!("`{name}` is no name"),
            "use letters, digits, _ and -, with no digit in front",
        );
    }
    let mut tokens = tokens(rest, line, notes)?;
    let subject = subject(&mut tokens, line, notes)?;
    over(&tokens, line, notes)?;
    Some(Capture { name: name.to_owned(), subject })
}

/// `jsonpath "$.x" not == "y"`
pub fn assert(text: &str, line: usize, notes: &mut Notes) -> Option<Assert> {
    let mut tokens = tokens(text, line, notes)?;
    let subject = subject(&mut tokens, line, notes)?;
    let not = matches!(tokens.first(), Some(Token::Word(w)) if w == "not");
    if not {
        tokens.remove(0);
    }
    let predicate = predicate(&mut tokens, line, notes)?;
    over(&tokens, line, notes)?;
    Some(Assert { subject, not, predicate, source: text.to_owned(), line })
}

fn tokens(text: &str, line: usize, notes: &mut Notes) -> Option<Vec<Token>> {
    match token::split(text) {
        Ok(tokens) => Some(tokens),
        Err(why) => {
            notes.add(line, why, "correct the line; quotes inside text are written \\\"");
            None
        }
    }
}

fn over(left: &[Token], line: usize, notes: &mut Notes) -> Option<()> {
    if left.is_empty() {
        return Some(());
    }
    let cure = "delete what is too much; of Hurl's filters only `count` is known here";
    notes.add(line, "there is something behind the end of this line", cure);
    None
}

fn subject(tokens: &mut Vec<Token>, line: usize, notes: &mut Notes) -> Option<Subject> {
    let word = match tokens.first() {
        Some(Token::Word(word)) => word.clone(),
        _ => String::new(),
    };
    let part = match word.as_str() {
        "status" => Of::Status,
        "body" => Of::Body,
        "duration" => Of::Duration,
        "header" | "jsonpath" => {
            let found = match tokens.get(1) {
                Some(Token::Text(t)) => token::fixed(t),
                _ => None,
            };
            let Some(text) = found else {
                let what = format!("`{word}` wants text between quotation marks, without names in it");
                notes.add(line, what, "write header \"Content-Type\" or jsonpath \"$.version\"");
                return None;
            };
            tokens.remove(1);
            if word == "header" {
                Of::Header(text)
            } else if let Err(e) = serde_json_path::JsonPath::parse(&text) {
                let what = format!("`{text}` is no JSONPath: {}", crate::kit::text::line(&e.to_string()));
                notes.add(line, what, "write it like $.checks.viz_engine_loaded (RFC 9535)");
                return None;
            } else {
                Of::Jsonpath(text)
            }
        }
        _ => {
            notes.add(line, format!("`{word}` is no part of an answer"), nearest(&word, &SUBJECTS));
            return None;
        }
    };
    tokens.remove(0);
    let count = matches!(tokens.first(), Some(Token::Word(w)) if w == "count");
    if count {
        tokens.remove(0);
        if !matches!(part, Of::Jsonpath(_)) {
            notes.add(line, format!("`{word}` cannot be counted"), "use count behind jsonpath");
            return None;
        }
    }
    Some(Subject { part, count })
}

fn predicate(tokens: &mut Vec<Token>, line: usize, notes: &mut Notes) -> Option<Predicate> {
    let word = match tokens.first() {
        Some(Token::Word(word)) => word.clone(),
        _ => String::new(),
    };
    if !PREDICATES.contains(&word.as_str()) {
        notes.add(line, format!("`{word}` is no expectation"), nearest(&word, &PREDICATES));
        return None;
    }
    tokens.remove(0);
    let alone = match word.as_str() {
        "exists" => Some(Predicate::Exists),
        "isEmpty" => Some(Predicate::IsEmpty),
        "isBoolean" => Some(Predicate::IsBoolean),
        "isInteger" => Some(Predicate::IsInteger),
        "isFloat" => Some(Predicate::IsFloat),
        "isNumber" => Some(Predicate::IsNumber),
        "isString" => Some(Predicate::IsString),
        "isCollection" => Some(Predicate::IsCollection),
        _ => None,
    };
    if alone.is_some() {
        return alone;
    }
    if tokens.is_empty() {
        notes.add(line, format!("nothing stands behind `{word}`"), "write what is expected there");
        return None;
    }
    let token = tokens.remove(0);
    if word == "matches" {
        return pattern(&token, line, notes).map(Predicate::Matches);
    }
    let operand = operand(token, line, notes)?;
    let orders = matches!(word.as_str(), "<" | "<=" | ">" | ">=");
    let fits = match &operand {
        Operand::Plain(v) => v.is_number() || (word == "==" || word == "!="),
        Operand::Text(_) => !orders,
        Operand::Value(_) => true,
    };
    if !fits || (matches!(word.as_str(), "startsWith" | "endsWith") && matches!(operand, Operand::Plain(_))) {
        let cure = if orders { "write a number" } else { "write text between quotation marks" };
        notes.add(line, format!("`{word}` cannot be asked with this"), cure);
        return None;
    }
    Some(match word.as_str() {
        "==" => Predicate::Equal(operand),
        "!=" => Predicate::NotEqual(operand),
        "<" => Predicate::Less(operand),
        "<=" => Predicate::AtMost(operand),
        ">" => Predicate::Greater(operand),
        ">=" => Predicate::AtLeast(operand),
        "contains" => Predicate::Contains(operand),
        "startsWith" => Predicate::StartsWith(operand),
        _ => Predicate::EndsWith(operand),
    })
}

/// A pattern between slashes, or as text without names: a value must not become a pattern.
fn pattern(token: &Token, line: usize, notes: &mut Notes) -> Option<String> {
    let text = match token {
        Token::Pattern(p) => Some(p.clone()),
        Token::Text(t) => token::fixed(t),
        _ => None,
    };
    let Some(text) = text else {
        notes.add(line, "`matches` wants a pattern without names in it", "write matches /^[0-9.]+$/");
        return None;
    };
    if let Err(why) = super::pattern::check(&text) {
        notes.add(line, format!("the pattern is no regular expression: {why}"), "correct it");
        return None;
    }
    Some(text)
}

fn operand(token: Token, line: usize, notes: &mut Notes) -> Option<Operand> {
    match token {
        Token::Text(t) => Some(Operand::Text(t)),
        Token::Value(name) => Some(Operand::Value(name)),
        Token::Word(word) => match serde_json::from_str::<serde_json::Value>(&word) {
            Ok(value) if !value.is_string() => Some(Operand::Plain(value)),
            _ => {
                let cure = "write a number, true, false, null, or text between quotation marks";
                notes.add(line, format!("`{word}` is no value"), cure);
                None
            }
        },
        Token::Pattern(_) => {
            notes.add(line, "a pattern stands where a value is wanted", "write matches before it");
            None
        }
    }
}
