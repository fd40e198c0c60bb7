//! `muster practice`: the practice services from a terminal. A person breaks and heals them here; and what
//! a team's runbook calls as `docker`, `docker compose` or `celery` is, in the sandbox, this program, so that
//! the same runbook runs there. It speaks HTTP to the sandbox and knows nothing else of it.

mod repository;

use std::process::ExitCode;

use serde_json::{Value, json};

pub use self::repository::{Repository, open as repository};
use super::args::{Practice, PracticeArgs, PracticeNexus};
use super::output::{failed, runtime};

/// The variable that says where the sandbox is.
const AT: &str = "MUSTER_PRACTICE";
/// Where the sandbox is when nothing else is said.
const USUAL: &str = "http://127.0.0.1:7700";

/// Does it, and ends as the tool that it stands in for would have.
pub fn run(args: &PracticeArgs) -> ExitCode {
    let at = args.at.clone().or_else(|| std::env::var(AT).ok()).unwrap_or_else(|| USUAL.to_owned());
    let at = at.trim_end_matches('/');
    let done = match &args.what {
        Practice::Break { service, fault } => {
            let order = json!({ "service": service, "fault": fault });
            ask(at, "/break", Some(order)).map(|state| shown(&state, Some(service)))
        }
        Practice::Heal { service, fault } => {
            let order = json!({ "service": service, "fault": fault });
            ask(at, "/heal", Some(order)).map(|state| shown(&state, Some(service)))
        }
        Practice::State => ask(at, "", None).map(|state| shown(&state, None)),
        Practice::Compose { service, words } => return tool(at, Some(service), "compose", words),
        Practice::Docker { words } => return tool(at, None, "docker", words),
        Practice::Host { service, words } => {
            let (name, words) = words.split_first().map_or(("", &[][..]), |(n, w)| (n.as_str(), w));
            return tool(at, Some(service), name, words);
        }
        Practice::Celery { words } => return tool(at, Some("soundfoundry"), "celery", words),
        Practice::Nexus { what: PracticeNexus::Deploy { commit } } => {
            return tool(at, Some("nexus"), "platform", &["deploy".to_owned(), commit.clone()]);
        }
        Practice::Nexus { what: PracticeNexus::Repo { folder } } => {
            let muster = std::env::current_exe().map_err(|e| format!("this program cannot find itself: {e}"));
            muster.and_then(|muster| repository(folder, &muster, at)).map(|made| {
                // Whether or not the sandbox runs, the repository is there.
                let order =
                    json!({ "service": "nexus", "tool": "platform", "words": ["deploy", made.newest] });
                let told = match ask(at, "/tool", Some(order)) {
                    Ok(_) => "The platform deploys its newest commit.".to_owned(),
                    Err(why) => format!("The platform was not told of it: {why}"),
                };
                format!("The runbook's clone is {}.\n{told}\n", made.clone.display())
            })
        }
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// What a shell calls the program at this path where a variable holds a command with its first words: its
/// path, or its name alone where a shell would take the path apart.
pub fn word(muster: &std::path::Path) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%:=".contains(c);
    match muster.to_str() {
        Some(path) if path.chars().all(plain) => path.to_owned(),
        _ => "muster".to_owned(),
    }
}

/// Is a tool of a service's host: says what it said, and ends as it ended.
fn tool(at: &str, service: Option<&str>, tool: &str, words: &[String]) -> ExitCode {
    let order = json!({ "service": service, "tool": tool, "words": words });
    match ask(at, "/tool", Some(order)) {
        Ok(said) => {
            print!("{}", said["out"].as_str().unwrap_or_default());
            eprint!("{}", said["err"].as_str().unwrap_or_default());
            ExitCode::from(said["code"].as_u64().and_then(|c| u8::try_from(c).ok()).unwrap_or(1))
        }
        Err(why) => failed(why),
    }
}

/// Asks the sandbox's control; with an order it is a POST.
fn ask(at: &str, path: &str, order: Option<Value>) -> Result<Value, String> {
    runtime()?.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().map_err(|e| e.to_string())?;
        let url = format!("{at}/practice/_control{path}");
        let request = match order {
            Some(order) => client.post(&url).json(&order),
            None => client.get(&url),
        };
        let unreachable = |e: reqwest::Error| {
            format!("the sandbox does not answer at {at}: {e}. Start `muster sandbox`, or say where it is with --at URL or {AT}.")
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await.map_err(unreachable)?;
        let body = serde_json::from_str::<Value>(&text).unwrap_or_default();
        match (status.is_success(), body["error"].as_str()) {
            (true, _) if body.is_object() => Ok(body),
            (false, Some(error)) => Err(error.to_owned()),
            _ => Err(format!("{at} is no sandbox of Muster's: it answered {status}. Correct --at or {AT}.")),
        }
    })
}

/// The state of one service, or of all, for people.
fn shown(state: &Value, only: Option<&str>) -> String {
    let mut text = String::new();
    for service in state["services"].as_array().into_iter().flatten() {
        let name = service["name"].as_str().unwrap_or_default();
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let healthy = service["healthy"] == true;
        text.push_str(&format!("{name}: {}\n", if healthy { "well" } else { "broken" }));
        for fault in service["faults"].as_array().into_iter().flatten() {
            let on = if fault["since"].is_null() { " " } else { "x" };
            let word = |key: &str| fault[key].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!("  [{on}] {:<20} {}\n", word("name"), word("about")));
        }
        for (key, value) in service["facts"].as_object().into_iter().flatten() {
            let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!("      {key} = {plain}\n"));
        }
    }
    text
}
