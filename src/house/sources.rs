//! Reads a file of `sources/`: what a source's JSON means.

use regex::Regex;
use serde_json_path::JsonPath;

use super::node::{Node, Table, Value};
use super::problem::Notes;
use super::runbook::time;
use super::settings::service_name;
use crate::model::mapping::{
    Choice, Information, Like, Mapping, Piece, Proof, Status, Template, When, Words,
};

/// Longest pattern, in bytes.
const PATTERN: usize = 1_000;
/// Longest name of a label, in bytes.
const NAME: usize = 128;
/// How a text is made, for cures.
const HOW: &str = "write a JSONPath (\"$.monitor.name\"), a text that holds some (\"{$.name} is down\"), or a list of those";

/// The mapping in the file called `name` (without `.toml`); `None` if anything is wrong.
pub fn read(name: &str, root: &Node, notes: &mut Notes) -> Option<Mapping> {
    let before = notes.len();
    let mut table = Table::of(root, "the file", notes)?;
    if !service_name(name) {
        let what = format!("`{name}` cannot be a source's name");
        notes.add(1, what, "rename the file: up to 32 of the letters a to z, digits and `-`");
    }
    let mut mapping = Mapping {
        name: name.to_owned(),
        called: table.text("called", notes).unwrap_or(name).to_owned(),
        proofs: proofs(&mut table, notes),
        receipt: template(&mut table, "receipt", notes),
        ignore: ignore(&mut table, notes),
        status: status(&mut table, notes),
        key: template(&mut table, "key", notes),
        title: template(&mut table, "title", notes),
        summary: template(&mut table, "summary", notes),
        severity: template(&mut table, "severity", notes),
        severities: words(&mut table, "severities", notes),
        service: template(&mut table, "service", notes),
        services: words(&mut table, "services", notes),
        labels: named(&mut table, "labels", notes),
        annotations: named(&mut table, "annotations", notes),
        starts: template(&mut table, "starts", notes),
        ends: template(&mut table, "ends", notes),
        lasts: time::of(&mut table, "lasts", notes),
        link: template(&mut table, "link", notes),
        by: template(&mut table, "by", notes),
        ..Mapping::default()
    };
    let line = table.get("each").map_or(1, |n| n.line);
    if let Some(way) = table.text("each", notes) {
        mapping.each = path(way, line, notes);
    }
    mapping.information = information(&mut table, notes);
    if table.get("title").is_none() {
        notes.add(1, "the file has no `title`", format!("say what people are to read: {HOW}"));
    }
    table.done("a mapping", notes);
    (notes.len() == before).then_some(mapping)
}

/// How the source proves itself: `"signature HEADER"`, `"header NAME"`, `"query NAME"`.
fn proofs(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Proof> {
    let mut proofs = vec![];
    for (text, line) in table.texts("secret", notes).unwrap_or_default() {
        let (how, name) = text.trim().split_once(' ').unwrap_or((text, ""));
        let name = name.trim();
        let letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let proof = match how {
            "signature" => Some(Proof::Signature(name.to_lowercase())),
            "header" => Some(Proof::Header(name.to_lowercase())),
            "query" => Some(Proof::Query(name.to_owned())),
            _ => None,
        };
        match proof.filter(|_| !name.is_empty() && name.chars().all(letter)) {
            Some(proof) => proofs.push(proof),
            None => notes.add(
                line,
                format!("`{text}` is no place for a secret"),
                "write \"signature HEADER\", \"header NAME\" or \"query NAME\"; never the secret itself",
            ),
        }
    }
    proofs
}

fn information(table: &mut Table<'_>, notes: &mut Notes) -> Information {
    let always = table.boolean("information", notes).unwrap_or_default();
    let mut conditions = vec![];
    for node in nodes(table, "information-when", notes) {
        let Some(mut table) = Table::of(node, "[[information-when]]", notes) else { continue };
        conditions.extend(when(&mut table, notes));
        table.done("[[information-when]]", notes);
    }
    match always {
        true => Information::Always,
        false if conditions.is_empty() => Information::Never,
        false => Information::When(conditions),
    }
}

fn ignore(table: &mut Table<'_>, notes: &mut Notes) -> Vec<(When, String)> {
    let mut all = vec![];
    for node in nodes(table, "ignore-when", notes) {
        let Some(mut table) = Table::of(node, "[[ignore-when]]", notes) else { continue };
        let when = when(&mut table, notes);
        let because = table.text("because", notes).unwrap_or("it is passed over").to_owned();
        table.done("[[ignore-when]]", notes);
        all.extend(when.map(|when| (when, because)));
    }
    all
}

/// The tables of a list of them.
fn nodes<'a>(table: &mut Table<'a>, key: &'static str, notes: &mut Notes) -> &'a [Node] {
    match table.get(key).map(|n| (n, &n.value)) {
        None => &[],
        Some((_, Value::List(nodes))) => nodes,
        Some((node, _)) => {
            notes.add(node.line, format!("`{key}` is {}", node.kind()), format!("begin each with [[{key}]]"));
            &[]
        }
    }
}

fn when(table: &mut Table<'_>, notes: &mut Notes) -> Option<When> {
    let value = template(table, "value", notes);
    let missing = table.boolean("missing", notes).unwrap_or_default();
    let is = table.texts("is", notes);
    let is = match (missing, is) {
        (true, None) => None,
        (false, Some(is)) if !is.is_empty() => Some(is.into_iter().map(|(w, _)| w.to_owned()).collect()),
        _ => {
            let cure = "write is = [\"…\"], or missing = true, and not both";
            notes.add(table.line, "this condition does not say what it is about", cure);
            return None;
        }
    };
    if value.is_empty() {
        notes.add(table.line, "this condition looks at nothing", "add value = \"$.…\"");
        return None;
    }
    Some(When { value, is })
}

fn status(table: &mut Table<'_>, notes: &mut Notes) -> Option<Status> {
    let mut status = table.table("status", notes)?;
    let value = template(&mut status, "value", notes);
    let mut said = |key: &'static str| -> Vec<String> {
        let words = status.texts(key, notes).unwrap_or_default();
        words.into_iter().map(|(word, _)| word.to_owned()).collect()
    };
    let [firing, resolved, acknowledged, ignored] =
        ["firing", "resolved", "acknowledged", "ignored"].map(&mut said);
    if value.is_empty() || firing.is_empty() {
        let cure = "add value = \"$.…\" and firing = [\"…\"], the words that mean that it is so";
        notes.add(status.line, "[status] does not say when something fires", cure);
    }
    status.done("[status]", notes);
    Some(Status { value, firing, resolved, acknowledged, ignored })
}

fn words(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Words {
    let Some(table) = table.table(key, notes) else { return vec![] };
    let mut words = vec![];
    for entry in table.entries() {
        match entry.node.scalar() {
            Some(meaning) => words.push((entry.key.clone(), meaning.to_owned())),
            None => {
                let what = format!("`{}` is {}, not text", entry.key, entry.node.kind());
                notes.add(entry.line, what, "write what it means as text between quotes");
            }
        }
    }
    words
}

fn named(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Vec<(String, Template)> {
    let Some(table) = table.table(key, notes) else { return vec![] };
    let mut all = vec![];
    for entry in table.entries() {
        if entry.key.is_empty() || entry.key.len() > NAME {
            notes.add(entry.line, "this is no name", format!("use 1 to {NAME} bytes"));
        }
        all.push((entry.key.clone(), choices(&entry.key, &entry.node, notes)));
    }
    all
}

fn template(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Template {
    table.get(key).map_or_else(Template::default, |node| choices(key, node, notes))
}

/// One way to make a text, or a list of them: a text, or `{ from = "…", like = "…" }`.
fn choices(key: &str, node: &Node, notes: &mut Notes) -> Template {
    let nodes = match &node.value {
        Value::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut all = vec![];
    for node in nodes {
        match &node.value {
            Value::Scalar(text, _) => all.extend(choice(text, node.line, notes)),
            Value::Table(_) => {
                let Some(mut table) = Table::of(node, "this", notes) else { continue };
                let like = table.text("like", notes).and_then(|p| pattern(p, node.line, notes));
                let from = table.text("from", notes).and_then(|text| choice(text, node.line, notes));
                if table.get("like").is_none() || table.get("from").is_none() {
                    let cure = "write { from = \"$.tags\", like = \"service:([a-z]+)\" }";
                    notes.add(node.line, format!("`{key}` needs both `from` and `like`"), cure);
                }
                table.done("this", notes);
                all.extend(from.map(|choice| Choice { like: like.map(Like), ..choice }));
            }
            Value::List(_) => notes.add(node.line, format!("`{key}` holds a list in a list"), HOW),
        }
    }
    if nodes.is_empty() {
        notes.add(node.line, format!("`{key}` is an empty list"), HOW);
    }
    Template(all)
}

fn pattern(text: &str, line: usize, notes: &mut Notes) -> Option<Regex> {
    if text.len() > PATTERN {
        notes.add(line, format!("the pattern is longer than {PATTERN} bytes"), "write a shorter one");
        return None;
    }
    match regex::RegexBuilder::new(text).size_limit(1 << 20).build() {
        Ok(pattern) => Some(pattern),
        Err(e) => {
            let what = e.to_string().lines().last().unwrap_or_default().to_owned();
            notes.add(
                line,
                format!("`{text}` is no pattern: {what}"),
                "correct it; in TOML '…' keeps every \\",
            );
            None
        }
    }
}

/// A text with what stands between `{` and `}` taken from what comes; one that begins with `$` is all
/// path. `{{` is a `{`.
fn choice(text: &str, line: usize, notes: &mut Notes) -> Option<Choice> {
    let written = text.to_owned();
    if text.starts_with('$') {
        let pieces = vec![Piece::Path(path(text, line, notes)?)];
        return Some(Choice { written, pieces, like: None });
    }
    let (mut pieces, mut letters, mut rest) = (vec![], String::new(), text);
    while let Some(at) = rest.find('{') {
        letters.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            letters.push('{');
            rest = after;
            continue;
        }
        let Some(end) = rest.find('}') else {
            notes.add(line, format!("`{text}` has a `{{` that does not end"), "end it with }, or write {{");
            return None;
        };
        if !letters.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut letters)));
        }
        pieces.push(piece(&rest[..end], line, notes)?);
        rest = &rest[end + 1..];
    }
    letters.push_str(rest);
    if !letters.is_empty() {
        pieces.push(Piece::Text(letters));
    }
    if pieces.is_empty() {
        notes.add(line, "this text is empty", HOW);
        return None;
    }
    Some(Choice { written, pieces, like: None })
}

fn piece(text: &str, line: usize, notes: &mut Notes) -> Option<Piece> {
    let text = text.trim();
    if let Some(way) = text.strip_prefix("whole ") {
        return Some(Piece::Whole(path(way.trim(), line, notes)?));
    }
    if let Some(name) = text.strip_prefix("header ") {
        return Some(Piece::Header(name.trim().to_lowercase()));
    }
    if text.starts_with('$') {
        return Some(Piece::Path(path(text, line, notes)?));
    }
    let cure = "write {$.path}, {whole $.path} or {header NAME}";
    notes.add(line, format!("`{{{text}}}` looks at nothing"), cure);
    None
}

fn path(text: &str, line: usize, notes: &mut Notes) -> Option<JsonPath> {
    match JsonPath::parse(text) {
        Ok(path) => Some(path),
        Err(e) => {
            let what = format!("`{text}` is no JSONPath: {}", e.to_string().replace('\n', " "));
            notes.add(line, what, "write it as RFC 9535 has it: $.monitor.name, $.alerts[*], $['odd name']");
            None
        }
    }
}
