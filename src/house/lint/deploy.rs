//! Deploying and taking it back: what looks as if it worked and did not.

use std::collections::{HashMap, HashSet};

use super::command::{Command, assignment};
use super::page::{Fence, Page};
use super::{Finding, finding};

/// `export X=…` and then `compose restart`: a restarted container keeps the old environment.
pub fn export(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut exported: HashMap<usize, &str> = HashMap::new();
    for fence in &page.fences {
        for command in &fence.commands {
            let Some(call) = command.call() else { continue };
            if call.name == "export" {
                let name = call.args.iter().find(|w| assignment(&w.text));
                let name = name.and_then(|w| w.text.split('=').next());
                exported.extend(name.map(|name| (fence.section, name)));
            } else if call.compose()
                && call.any(&["restart"])
                && let Some(name) = exported.get(&fence.section)
            {
                let what =
                    format!("the container does not see `{name}`: a restart keeps its old environment");
                found.push(finding(command.line, what, "write `up -d`, which makes the container anew"));
            }
        }
    }
    found
}

/// A rollback that moves `latest` while the deployment named a version: what starts is what the
/// deployment named.
pub fn retag(page: &Page<'_>) -> Vec<Finding> {
    if !page.fences.iter().flat_map(|f| &f.commands).any(|c| moved(c).is_some()) {
        return Vec::new();
    }
    let mut pinned = HashSet::new();
    for word in page.fences.iter().flat_map(|f| f.text.split_whitespace()) {
        let word = word.trim_matches(['"', '\'', ',', '`']);
        if let Some((image, tag)) = image(word)
            && tag.starts_with(|c: char| c == 'v' || c == '$' || c.is_ascii_digit())
            && tag.contains(['.', '$'])
        {
            pinned.insert(image);
        }
    }
    let mut found = Vec::new();
    for (n, fence) in page.fences.iter().enumerate() {
        // A step that wants the version changed would notice.
        let noticed = page.fences[n + 1..].iter().take_while(|f| f.section == fence.section);
        let noticed = fence.runs && noticed.into_iter().any(Fence::wants_change);
        for command in fence.commands.iter().filter(|_| !noticed) {
            let Some(image) = moved(command) else { continue };
            if pinned.contains(image) {
                let what =
                    format!("`{image}` is deployed by its version, so moving `latest` brings nothing back");
                let cure = "set the version that the deployment names; or let an http step see that the version changed";
                found.push(finding(command.line, what, cure));
            }
        }
    }
    found
}

/// The image whose `latest` a command moves.
fn moved(command: &Command) -> Option<&str> {
    let call = command.call().filter(|c| c.name == "docker" && c.any(&["tag"]))?;
    match image(&call.args.last()?.text)? {
        (image, "latest") => Some(image),
        _ => None,
    }
}

/// `image:tag`
fn image(word: &str) -> Option<(&str, &str)> {
    let (image, tag) = word.rsplit_once(':')?;
    let letter = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    let good = image.starts_with(|c: char| c.is_ascii_alphanumeric()) && image.chars().all(letter);
    (good && !tag.is_empty() && !tag.contains('/')).then_some((image, tag))
}

/// `git revert HEAD` a second time takes back the revert.
pub fn revert(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for fence in page.fences.iter().filter(|f| !f.runs || f.repeats()) {
        let reverts = |c: &&Command| {
            c.call().is_some_and(|c| c.name == "git" && c.any(&["revert"]) && c.any(&["HEAD"]))
        };
        for command in fence.commands.iter().filter(reverts) {
            let what = "run twice, `git revert HEAD` brings back what it took away";
            let cure = "name the commit by its hash, or delete `rerun: safe` and `retry`";
            found.push(finding(command.line, what, cure));
        }
    }
    found
}
