//! What of a file could be named and run: scripts that are whole, end by themselves and need no
//! keyboard, and requests that are better asked as such.

use std::collections::BTreeSet;

use super::slug;
use crate::house::lint::command::{Command, assignment};
use crate::house::lint::page::{Fence, Language, Page};
use crate::house::lint::{angled, endless, interactive, left_over};
use crate::house::runbook::Read;
use crate::model::runbook::StepKind;
use crate::model::runbook::step::Manual;

/// Something that could be named.
#[derive(Debug)]
pub struct Candidate {
    /// The line of its fence; of the command, where a request is proposed.
    pub line: usize,
    /// The section's anchor.
    pub section: String,
    /// What to write.
    pub proposal: Proposal,
}

/// What to write.
#[derive(Debug)]
pub enum Proposal {
    /// This info string behind the backticks, and these `#|` lines below it.
    Name {
        /// `sh {name=restart}`
        info: String,
        /// Variables that the script uses and does not set.
        env: Vec<String>,
    },
    /// This fence, whole, in place of a `curl`.
    Http(String),
}

/// Finds them; `open` are the lines of fences without an end. Marks their fences as what would run, so that the rules for scripts hold.
pub fn candidates(page: &mut Page<'_>, read: &Read, open: &BTreeSet<usize>) -> Vec<Candidate> {
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for fence in &mut page.fences {
        let Some(section) = read.runbook.sections.get(fence.section) else { continue };
        let StepKind::Manual(Manual::Code { language, .. }) = &fence.step.kind else { continue };
        if fence.language != Language::Shell {
            continue;
        }
        let base = if section.anchor.is_empty() { &read.runbook.service } else { &section.anchor };
        let requests: Vec<(usize, String)> =
            fence.commands.iter().filter_map(|c| Some((c.line, request(c)?))).collect();
        let only = requests.len() == fence.commands.len() && !requests.is_empty();
        for (line, text) in requests {
            let name = name(base, "check", &mut taken);
            let text = format!("```http {{name={name}}}\nGET {text}\nHTTP 200\n```");
            found.push(Candidate { line, section: section.anchor.clone(), proposal: Proposal::Http(text) });
        }
        let runs = matches!(language.as_str(), "sh" | "bash" | "shell" | "zsh");
        if runs && !only && !open.contains(&fence.step.line) && whole(fence) {
            fence.runs = true;
            let name = name(base, "", &mut taken);
            let language = if language == "sh" { "sh" } else { "bash" };
            let proposal =
                Proposal::Name { info: format!("{language} {{name={name}}}"), env: variables(fence) };
            found.push(Candidate { line: fence.step.line, section: section.anchor.clone(), proposal });
        }
    }
    found.sort_by_key(|c| c.line);
    found
}

/// A step's name that no other has.
fn name(base: &str, more: &str, taken: &mut BTreeSet<String>) -> String {
    let base = slug(&format!("{base} {more}"), 56);
    let base = if base.is_empty() { "step".to_owned() } else { base };
    let mut name = base.clone();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{base}-{count}");
    }
    name
}

/// Whether a script can be run as it stands.
fn whole(fence: &Fence<'_>) -> bool {
    let waits = |c: &Command| endless(c).is_some() || interactive(c).is_some();
    // A prompt, an ellipsis, or a word in angle brackets is for a reader.
    let for_reader = |line: &str| {
        let text = line.trim();
        text.starts_with("$ ") || text.starts_with("> ") || text.starts_with("...") || text.contains('…')
    };
    !fence.commands.is_empty()
        && !fence.commands.iter().any(waits)
        && !fence.text.lines().any(|l| for_reader(l) || angled(l) || left_over(l))
        && closed(fence.text)
}

/// Whether every quotation mark and every last command of a script has its end.
fn closed(text: &str) -> bool {
    let (mut open, mut escaped, mut comment, mut before) = (None, false, false, '\n');
    for c in text.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (_, '\n') if comment => comment = false,
            _ if comment => {}
            (Some('\''), '\'') | (Some('"'), '"') => open = None,
            (Some('\''), _) => {}
            (_, '\\') => escaped = true,
            (None, '\'' | '"') => open = Some(c),
            (None, '#') if before.is_whitespace() => comment = true,
            _ => {}
        }
        before = c;
    }
    let end = text.trim_end();
    open.is_none() && !escaped && !end.ends_with(['|', '\\']) && !end.ends_with("&&")
}

/// The variables that a script uses and does not set itself.
fn variables(fence: &Fence<'_>) -> Vec<String> {
    let set = |name: &str| {
        let set = |w: &str| assignment(w) && w.split(['=', '+']).next() == Some(name);
        fence.commands.iter().flat_map(|c| &c.words).any(|w| set(&w.text))
    };
    let mut names = Vec::new();
    for (at, _) in fence.text.match_indices('$') {
        let rest = fence.text[at + 1..].trim_start_matches('{');
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..length];
        let own = matches!(name, "HOME" | "PATH" | "PWD" | "USER" | "HOSTNAME");
        if name.starts_with(|c: char| c.is_ascii_uppercase())
            && !own
            && !set(name)
            && !names.iter().any(|n| n == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// The address that a `curl` asks for and no more: GET, nothing sent, nothing kept.
fn request(command: &Command) -> Option<String> {
    let call = command.call().filter(|c| c.name == "curl")?;
    let mut address = None;
    let mut words = call.args.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        match text {
            "-o" | "--output" | "-w" | "--write-out" | "-m" | "--max-time" | "--connect-timeout"
            | "--retry" => {
                words.next();
            }
            "-X" | "--request" if words.next().is_some_and(|w| w.text == "GET") => {}
            "--fail" | "--silent" | "--show-error" | "--location" | "--get" | "--compressed" => {}
            _ if text.starts_with("--") => return None,
            _ if text.starts_with('-') => {
                if !text[1..].chars().all(|c| "fsSLvigk".contains(c)) {
                    return None;
                }
            }
            _ if address.is_some() => return None,
            _ => address = Some(text),
        }
    }
    let address = address?;
    let clear = !address.contains(['$', '<', '{', '`', ' ', '@', '#']) && !left_over(address);
    let host = address.trim_start_matches("http://").trim_start_matches("https://");
    if !clear || !host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') {
        return None;
    }
    Some(if host.len() == address.len() { format!("http://{address}") } else { address.to_owned() })
}
