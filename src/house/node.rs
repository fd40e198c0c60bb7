//! What TOML and YAML have in common once they are parsed: a tree of values that know their
//! lines, and a table that is read key by key so that what nobody asked for is an error.

use super::problem::{Notes, nearest};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its line, counted from 1.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, a number, a truth value: how it was written decides what it may be read as.
    Scalar(String, Style),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file, no key twice.
    Table(Vec<Entry>),
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Between quotes: text.
    Quoted,
    /// YAML without quotes: whatever is asked for.
    Plain,
    /// TOML without quotes: a number, a truth value or a date.
    Literal,
}

/// One key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its line.
    pub line: usize,
    /// What it holds.
    pub node: Node,
}

impl Node {
    /// What it is, for a sentence.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(_, Style::Quoted) => "text",
            Value::Scalar(_, _) => "a bare value",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// A scalar's text, however it was written.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, Style::Quoted | Style::Plain) => Some(text),
            _ => None,
        }
    }

    /// A list of texts, each with its line; one text alone counts as a list of one. What is
    /// none is noted, `key` naming it.
    pub fn texts(&self, key: &str, notes: &mut Notes) -> Vec<(&str, usize)> {
        let nodes = match &self.value {
            Value::List(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(self),
        };
        let mut texts = Vec::new();
        for node in nodes {
            match node.scalar() {
                Some(text) => texts.push((text, node.line)),
                None => {
                    let what = format!("`{key}` holds {} where text is wanted", node.kind());
                    notes.add(node.line, what, "write [\"…\", \"…\"]");
                }
            }
        }
        texts
    }

    /// Yes or no.
    pub fn boolean(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar(text, Style::Plain | Style::Literal) => text.parse().ok(),
            _ => None,
        }
    }

    /// A whole number.
    pub fn integer(&self) -> Option<i64> {
        match &self.value {
            Value::Scalar(text, Style::Plain | Style::Literal) => text.parse().ok(),
            _ => None,
        }
    }
}

/// A table that is read key by key.
pub struct Table<'a> {
    entries: &'a [Entry],
    /// Where it begins.
    pub line: usize,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The table in `node`; anything else is noted. `what` names it in that note.
    pub fn of(node: &'a Node, what: &str, notes: &mut Notes) -> Option<Table<'a>> {
        match &node.value {
            Value::Table(entries) => Some(Table { entries, line: node.line, asked: Vec::new() }),
            _ => {
                let cure = format!("write {what} as a table of `key` and value");
                notes.add(node.line, format!("{what} is {}, not a table", node.kind()), cure);
                None
            }
        }
    }

    /// A key's value. From now on the key is known here.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        self.entries.iter().find(|e| e.key == key).map(|e| &e.node)
    }

    /// Text.
    pub fn text(&mut self, key: &'static str, notes: &mut Notes) -> Option<&'a str> {
        let node = self.get(key)?;
        let text = node.text();
        if text.is_none() {
            let what = format!("`{key}` is {}, not text", node.kind());
            notes.add(node.line, what, format!("write {key} as text between quotes"));
        }
        text
    }

    /// Yes or no.
    pub fn boolean(&mut self, key: &'static str, notes: &mut Notes) -> Option<bool> {
        let node = self.get(key)?;
        let is = node.boolean();
        if is.is_none() {
            let what = format!("`{key}` is neither true nor false");
            notes.add(node.line, what, format!("write true or false behind {key}, without quotes"));
        }
        is
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, key: &'static str, (from, to): (i64, i64), notes: &mut Notes) -> Option<i64> {
        let node = self.get(key)?;
        let number = node.integer().filter(|n| (from..=to).contains(n));
        if number.is_none() {
            let what = format!("`{key}` is no whole number from {from} to {to}");
            notes.add(node.line, what, format!("write such a number behind {key}, without quotes"));
        }
        number
    }

    /// Anything that reads from text: ids, times, names.
    pub fn parse<T: std::str::FromStr<Err = String>>(
        &mut self,
        key: &'static str,
        notes: &mut Notes,
    ) -> Option<T> {
        let node = self.get(key)?;
        let Some(text) = node.scalar() else {
            let what = format!("`{key}` is {}, not text", node.kind());
            notes.add(node.line, what, format!("write one value behind {key}"));
            return None;
        };
        match text.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                notes.add(node.line, format!("`{key}`: {why}"), format!("correct {key}"));
                None
            }
        }
    }

    /// A list of texts, each with its line. One text alone counts as a list of one.
    pub fn texts(&mut self, key: &'static str, notes: &mut Notes) -> Option<Vec<(&'a str, usize)>> {
        let node = self.get(key)?;
        Some(node.texts(key, notes))
    }

    /// A table below this one.
    pub fn table(&mut self, key: &'static str, notes: &mut Notes) -> Option<Table<'a>> {
        let node = self.get(key)?;
        Table::of(node, &format!("`{key}`"), notes)
    }

    /// Every key with its line and value, for tables whose keys are the team's own.
    pub fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// Notes every key that was not asked for.
    pub fn done(self, what: &str, notes: &mut Notes) {
        for entry in self.entries {
            if !self.asked.contains(&entry.key.as_str()) {
                let wrong = format!("{what} has no key `{}`", entry.key);
                notes.add(entry.line, wrong, nearest(&entry.key, &self.asked));
            }
        }
    }
}
