//! TOML into a tree that knows its lines.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Entry, Node, Style, Value};
use super::problem::Notes;

/// The tree of a TOML text. Every mistake in its syntax is noted; `None` if there is one.
pub fn parse(text: &str, notes: &mut Notes) -> Option<Node> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = error.span().map_or(1, |s| lines.at(s.start));
        let what = format!("this is no TOML: {}", error.message().replace('\n', ", "));
        notes.add(line, what, "correct the line: text stands in quotes, a list in [ ], a key is there once");
    }
    let start = table.span().start;
    errors.is_empty().then(|| Node { line: lines.at(start), value: tree(table.get_ref(), &lines) })
}

fn tree(table: &DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, node)| Entry {
            key: key.get_ref().to_string(),
            line: lines.at(key.span().start),
            node: value(node, lines),
        })
        .collect();
    entries.sort_by_key(|e| e.line);
    Value::Table(entries)
}

fn value(node: &Spanned<DeValue<'_>>, lines: &Lines) -> Node {
    let literal = |text: String| Value::Scalar(text, Style::Literal);
    let value = match node.get_ref() {
        DeValue::String(text) => Value::Scalar(text.to_string(), Style::Quoted),
        DeValue::Integer(n) => literal(n.to_string()),
        DeValue::Float(n) => literal(n.to_string()),
        DeValue::Boolean(is) => literal(is.to_string()),
        DeValue::Datetime(when) => literal(when.to_string()),
        DeValue::Array(nodes) => Value::List(nodes.iter().map(|n| self::value(n, lines)).collect()),
        DeValue::Table(table) => tree(table, lines),
    };
    Node { line: lines.at(node.span().start), value }
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        Lines(std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn values_know_their_lines() {
        let mut notes = Notes::new("x");
        let node = parse("a = 1\n\n[b]\nc = [\n  \"x\",\n  true,\n]\n", &mut notes).unwrap();
        let Value::Table(top) = &node.value else { panic!() };
        assert_eq!((top[0].line, top[1].line), (1, 3));
        let Value::Table(b) = &top[1].node.value else { panic!() };
        let Value::List(c) = &b[0].node.value else { panic!() };
        assert_eq!(c.iter().map(|n| n.line).collect::<Vec<_>>(), [5, 6]);
    }

    #[test]
    fn every_mistake_is_noted_with_its_line() {
        let mut notes = Notes::new("x");
        assert_eq!(parse("a = 1\nb = \nc = 2\na = 3\nd == 4\n", &mut notes), None);
        let lines: BTreeSet<usize> = notes.into_problems().iter().map(|p| p.line).collect();
        assert_eq!(lines, BTreeSet::from([2, 4, 5]));
    }
}
