//! The annotated copy: the same bytes with front matter above them, and nothing else.

use std::fmt::Write as _;

use super::Becomes;
use crate::house::files::Source;
use crate::house::node::Value;
use crate::house::problem::{Notes, Problem, sorted};
use crate::house::runbook::{self, outline};
use crate::house::yaml_tree;

/// The lines of the front matter that a file has already, `---` not counted; `None` if it has
/// none. A `---` above anything but a table is a line across the page.
///
/// # Errors
/// When it is a runbook already.
pub fn front(text: &str, file: &str) -> Result<Option<usize>, Vec<Problem>> {
    let Some(rest) = text.strip_prefix("---\n") else { return Ok(None) };
    let Some(lines) = rest.lines().position(|l| matches!(l.trim_end(), "---" | "...")) else {
        return Ok(None);
    };
    let yaml: Vec<&str> = rest.lines().take(lines).collect();
    let root = yaml_tree::parse(&yaml.join("\n"), 2, &mut Notes::new(file));
    let Some(Value::Table(entries)) = root.map(|node| node.value) else { return Ok(None) };
    match entries.iter().find(|e| e.key == "runbook") {
        Some(entry) => {
            let cure = "run `muster check --config muster.toml`, which looks at it in its folder";
            Err(vec![Problem::error(file, entry.line, "this is a runbook of Muster already", cure)])
        }
        None => Ok(Some(lines)),
    }
}

/// The copy of a file. `raw` are its bytes as text, with byte order mark and line ends.
///
/// # Errors
/// What a person has to decide first: a fence that the front matter would make a step.
pub fn copy(
    raw: &str,
    source: &Source,
    front: Option<usize>,
    service: &str,
    sections: &[Becomes],
) -> Result<String, Vec<Problem>> {
    let mut notes = Notes::new(source.name.clone());
    for item in outline::read(&source.text).items {
        if let outline::ItemKind::Fence { info, .. } = item.kind
            && info.contains('{')
        {
            let what = format!(
                "the braces of this fence (`{info}`) would name a step, and nothing was named for Muster yet"
            );
            notes.add(item.line, what, "delete the braces; in the copy, name what is to run");
        }
    }
    if !notes.is_empty() {
        return Err(sorted(notes.into_problems()));
    }
    let end = if raw.split('\n').next().is_some_and(|l| l.ends_with('\r')) { "\r\n" } else { "\n" };
    let (mark, body) = match raw.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", raw),
    };
    let mut lines: Vec<&str> = body.split_inclusive('\n').collect();
    let mut old = Vec::new();
    if let Some(count) = front {
        let body = lines.split_off((count + 2).min(lines.len()));
        old = lines.into_iter().skip(1).take(count).collect();
        lines = body;
    }
    let mut text = head(service, sections);
    for line in old {
        // What was written for another program: kept, and not read here.
        let _ = writeln!(text, "# {}", line.trim_end());
    }
    text.push_str("---\n");
    let copy = format!("{mark}{}{}", text.replace('\n', end), lines.concat());
    read_back(service, &source.name, &copy)?;
    Ok(copy)
}

fn head(service: &str, sections: &[Becomes]) -> String {
    let mut text = format!("---\nrunbook: 1\nservice: {service}\n");
    text.push_str("# vars: [base]    # what muster.toml sets for this service, once a step uses it\n");
    text.push_str("# params: {}      # what people are asked for, once an action needs it\n");
    let named: Vec<_> = sections.iter().filter_map(|s| Some((s.action.as_ref()?, &s.anchor))).collect();
    if !named.is_empty() {
        text.push_str("actions:\n");
    }
    for (name, anchor) in named {
        // JSON's quotes are YAML's.
        let quoted = serde_json::Value::from(anchor.as_str());
        let _ = writeln!(text, "  {name}: {{section: {quoted}}}");
    }
    text
}

/// What is written must be read as it is meant.
fn read_back(service: &str, file: &str, copy: &str) -> Result<(), Vec<Problem>> {
    let source = Source::new(format!("{file} (copy)"), copy.as_bytes().to_vec()).map_err(|p| vec![p])?;
    let mut notes = Notes::new(source.name.clone());
    let read = runbook::read(service, &source, None, &mut notes);
    let named =
        read.iter().flat_map(|r| &r.runbook.sections).flat_map(|s| &s.steps).find(|s| s.name.is_some());
    if let Some(step) = named {
        notes.add(step.line, "this would run, and nobody named it for Muster", "delete the braces");
    }
    if notes.is_empty() { Ok(()) } else { Err(sorted(notes.into_problems())) }
}
