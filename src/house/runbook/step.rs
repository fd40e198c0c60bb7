//! Reads what makes a fence a step: its info string, its `#|` lines, and the text below them.

use super::options::{self, Family};
use super::{http, kinds};
use crate::house::node::{Node, Value};
use crate::house::problem::Notes;
use crate::house::yaml_tree;
use crate::model::runbook::step::{Shell, Step, StepKind, StepName};
use crate::model::watch::Watch;

/// A fence's info string, taken apart.
#[derive(Debug, PartialEq)]
pub enum Info {
    /// No braces: a person reads it. The language.
    Plain(String),
    /// A step: its language, its name, its kind if it is written.
    Named(String, StepName, Option<String>),
}

/// Takes an info string apart. It is `LANG`, `LANG {name=ID}` or `LANG {name=ID kind=KIND}`.
///
/// # Errors
/// What is wrong with anything else between braces: a silent default could run the wrong thing.
pub fn info(text: &str) -> Result<Info, String> {
    let Some((language, rest)) = text.split_once('{') else {
        return Ok(Info::Plain(text.trim().to_owned()));
    };
    let Some(inner) = rest.trim_end().strip_suffix('}') else {
        return Err("the braces behind the language are not closed at the end of the line".into());
    };
    let (mut name, mut kind) = (None, None);
    for word in inner.split_whitespace() {
        let slot = match word.split_once('=') {
            Some(("name", value)) => (&mut name, value),
            Some(("kind", value)) => (&mut kind, value),
            _ => return Err(format!("`{word}` means nothing between the braces")),
        };
        if slot.0.replace(slot.1).is_some() {
            return Err(format!("`{word}` is there twice"));
        }
    }
    let name: StepName = name.ok_or("the braces hold no name")?.parse()?;
    Ok(Info::Named(language.trim().to_owned(), name, kind.map(str::to_owned)))
}

/// Where things stand in a step's fence, for what is checked against the rest of the file.
#[derive(Debug, Default)]
pub struct Facts {
    /// The keys of its `#|` lines.
    pub keys: Vec<(String, usize)>,
    /// The first line of [`Step::source`].
    pub body: usize,
    /// Names between `{{` and `}}` outside of http.
    pub values: Vec<(String, usize)>,
    /// Steps that its YAML names, with the key.
    pub steps: Vec<(&'static str, String, usize)>,
    /// Actions that its YAML proposes.
    pub actions: Vec<(String, usize)>,
    /// Roles that its YAML names.
    pub roles: Vec<(String, usize)>,
    /// The rule that it is.
    pub watch: Option<Watch>,
}

impl Facts {
    /// The line of a key, if it is there.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.keys.iter().find(|(k, _)| k == key).map(|(_, line)| *line)
    }
}

/// A fence as a step. `first` is the line of its opening backticks.
pub fn read(
    language: &str,
    name: StepName,
    kind: Option<&str>,
    code: &str,
    first: usize,
    notes: &mut Notes,
) -> Option<(Step, Facts)> {
    let lines: Vec<(usize, &str)> = (first + 1..).zip(code.lines()).collect();
    let head = lines.iter().take_while(|(_, l)| l.trim_start().starts_with("#|")).count();
    let (head, body) = lines.split_at(head);
    let yaml: Vec<&str> = head
        .iter()
        .map(|(_, l)| {
            let l = l.trim_start().trim_start_matches("#|");
            l.strip_prefix(' ').unwrap_or(l)
        })
        .collect();
    let head = if yaml.is_empty() { None } else { yaml_tree::parse(&yaml.join("\n"), first + 1, notes) };
    if let Some((line, _)) = body.iter().find(|(_, l)| l.trim_start().starts_with("#|")) {
        notes.add(*line, "`#|` stands behind the first line of the step", "move it to the top of the fence");
    }
    let empty = body.iter().take_while(|(_, l)| l.is_empty()).count();
    let text: Vec<&str> = body.iter().map(|(_, l)| *l).collect();
    let source = text.join("\n").trim_matches('\n').to_owned();
    let start = body.get(empty).map_or(first + 1, |(line, _)| *line);
    let mut facts = Facts { keys: keys(head.as_ref()), body: start, ..Facts::default() };

    let (family, kind) = match (language, kind) {
        ("http", None) => (Family::Http, StepKind::Http(http::read(body, first, notes)?)),
        ("sh" | "bash", None) => (Family::Shell, StepKind::Shell(Shell::Script(source.clone()))),
        ("yaml" | "yml", Some(kind)) => {
            (Family::Other, kinds::read(kind, &name, &source, first, &mut facts, notes)?)
        }
        ("yaml" | "yml", None) => {
            let cure = format!("add kind=…; there are {}", kinds::ALL.join(", "));
            notes.add(first, "a YAML step says no kind", cure);
            return None;
        }
        (_, Some(kind)) => {
            let what = format!("`kind={kind}` behind `{language}`");
            notes.add(first, what, "only yaml has kinds; http, sh and bash are kinds by themselves");
            return None;
        }
        (_, None) => {
            let what = format!("`{language}` has a name, but Muster does not run it");
            notes.add(
                first,
                what,
                "named are http, sh, bash and yaml; without a name it is shown for copying",
            );
            return None;
        }
    };
    let (options, argv) = head.map_or_else(Default::default, |node| options::read(&node, notes));
    options::check(&family, &kind, &options, !argv.is_empty(), &facts, first, notes);
    let kind = match kind {
        StepKind::Shell(Shell::Script(text)) if !argv.is_empty() => {
            if !text.trim().is_empty() {
                let what = "the step has both `argv` and a script";
                notes.add(first, what, "delete one: with argv there is no shell");
            }
            StepKind::Shell(Shell::Argv(argv))
        }
        StepKind::Shell(Shell::Script(text)) if text.trim().is_empty() => {
            notes.add(first, "there is nothing to run in this step", "write the script, or argv");
            return None;
        }
        other => other,
    };
    let step = Step { name: Some(name), kind, line: first, options, source, beside: String::new() };
    Some((step, facts))
}

fn keys(head: Option<&Node>) -> Vec<(String, usize)> {
    match head.map(|node| &node.value) {
        Some(Value::Table(entries)) => entries.iter().map(|e| (e.key.clone(), e.line)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_strict_form_names_a_step() {
        let name: StepName = "healthy".parse().unwrap();
        assert_eq!(info("http {name=healthy}"), Ok(Info::Named("http".into(), name.clone(), None)));
        assert_eq!(
            info("yaml {name=healthy kind=gate}"),
            Ok(Info::Named("yaml".into(), name, Some("gate".into())))
        );
        assert_eq!(info("sh"), Ok(Info::Plain("sh".into())));
        for wrong in [
            "sh {name=a",
            "sh {}",
            "sh {name=A}",
            "sh {name=-a}",
            "sh {name=a b}",
            "sh {name=a name=b}",
            "sh {kind=gate}",
            "js {1,3-5}",
            "sh {name=a} x",
            "sh {name=\"a\"}",
        ] {
            assert!(info(wrong).is_err(), "{wrong}");
        }
    }
}
