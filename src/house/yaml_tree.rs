//! YAML into a tree that knows its lines: the part of YAML that people write by hand.
//!
//! Built on saphyr-parser's events (YAML 1.2, maintained; serde_yaml is archived, and a serde
//! reader stops at the first mistake), because a tree of our own is what refuses a key that is
//! there twice, and aliases, with which a kilobyte can ask for a gigabyte.

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::node::{Entry, Node, Style, Value};
use super::problem::Notes;

/// How deep values may lie in each other.
const DEEPEST: usize = 32;

/// What is being put together.
enum Open {
    List(usize, Vec<Node>),
    Table(usize, Vec<Entry>, Option<(String, usize)>),
}

/// The tree of a YAML text whose first line is `first` in its file. `None` if something is
/// wrong, which is noted, or if there is nothing in it.
pub fn parse(text: &str, first: usize, notes: &mut Notes) -> Option<Node> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(e) => {
                // What is not closed is missed only behind the last line.
                let last = first + text.trim_end().lines().count().saturating_sub(1);
                let line = (e.marker().line() + first).saturating_sub(1).min(last);
                let cure = "correct the line: `key: value`, two more spaces for what belongs to a key, quotes around text with : or #";
                notes.add(line, format!("this is no YAML: {}", e.info()), cure);
                return None;
            }
        };
        let line = (span.start.line() + first).saturating_sub(1);
        let done = match event {
            Event::Alias(_) => {
                notes.add(line, "an alias (`*name`) is not read here", "write the value out");
                return None;
            }
            Event::Scalar(text, style, _, _) => {
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
                Some(Node { line, value: Value::Scalar(text.into_owned(), style) })
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(line, Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Table(line, Vec::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|o| match o {
                Open::List(line, nodes) => Node { line, value: Value::List(nodes) },
                Open::Table(line, entries, _) => Node { line, value: Value::Table(entries) },
            }),
            Event::DocumentStart(_) if root.is_some() => {
                notes.add(line, "a second YAML document begins here", "delete the line `---`");
                return None;
            }
            _ => None,
        };
        if open.len() > DEEPEST {
            notes.add(line, format!("values lie more than {DEEPEST} deep in each other"), "flatten them");
            return None;
        }
        if let Some(node) = done {
            place(node, &mut open, &mut root, notes)?;
        }
    }
    root
}

/// Puts a finished value where it belongs.
fn place(node: Node, open: &mut [Open], root: &mut Option<Node>, notes: &mut Notes) -> Option<()> {
    match open.last_mut() {
        None => *root = Some(node),
        Some(Open::List(_, nodes)) => nodes.push(node),
        Some(Open::Table(_, entries, key)) => match key.take() {
            Some((key, line)) => entries.push(Entry { key, line, node }),
            None => {
                let Some(text) = node.scalar() else {
                    notes.add(node.line, "a key is a list or a table", "write a word as the key");
                    return None;
                };
                if entries.iter().any(|e| e.key == text) {
                    notes.add(node.line, format!("the key `{text}` is there twice"), "delete one");
                }
                *key = Some((text.to_owned(), node.line));
            }
        },
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<(usize, String)> {
        let mut notes = Notes::new("x");
        parse(text, 10, &mut notes);
        notes.into_problems().into_iter().map(|p| (p.line, p.what)).collect()
    }

    #[test]
    fn values_know_their_lines_in_the_file() {
        let mut notes = Notes::new("x");
        let node = parse("a: 1\nb:\n  - x\n  - {c: \"true\"}\n", 10, &mut notes).unwrap();
        let Value::Table(top) = &node.value else { panic!() };
        assert_eq!((top[0].line, top[1].line, top[0].node.integer()), (10, 11, Some(1)));
        let Value::List(b) = &top[1].node.value else { panic!() };
        assert_eq!((b[0].line, b[1].line), (12, 13));
        let Value::Table(inner) = &b[1].value else { panic!() };
        assert_eq!(inner[0].node.boolean(), None, "a quoted true is text");
    }

    #[test]
    fn what_people_get_wrong_is_told_with_its_line() {
        assert_eq!(wrong("a: 1\nb: 2\na: 3\n"), [(12, "the key `a` is there twice".to_owned())]);
        assert_eq!(wrong("a: &x [1]\nb: *x\n")[0].0, 11);
        assert_eq!(wrong("a: 1\nb: [1, 2\n").len(), 1);
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(wrong(&deep), [(10, "values lie more than 32 deep in each other".to_owned())]);
        assert!(wrong("").is_empty());
    }
}
