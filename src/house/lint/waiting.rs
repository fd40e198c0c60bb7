//! What never ends by itself, and what waits for somebody at a keyboard: neither can be a step.

use super::command::Command;
use super::page::Page;
use super::{Finding, finding};

/// Every command that never ends.
pub fn all_endless(page: &Page<'_>) -> Vec<Finding> {
    each(
        page,
        endless,
        "a step has to end: leave the option out (`logs --tail 100`), or put `timeout 10` before it",
    )
}

/// Every command that waits for a keyboard.
pub fn all_interactive(page: &Page<'_>) -> Vec<Finding> {
    each(page, interactive, "a step has no keyboard: write what is to be done there as a command")
}

fn each(page: &Page<'_>, judge: fn(&Command) -> Option<String>, cure: &str) -> Vec<Finding> {
    let commands = page.fences.iter().flat_map(|f| &f.commands);
    commands.filter_map(|c| judge(c).map(|what| finding(c.line, what, cure))).collect()
}

/// Why a command never ends by itself.
pub fn endless(command: &Command) -> Option<String> {
    let call = command.call().filter(|c| !c.limited)?;
    // `-f`, also among others as in `-fn100`.
    let follows = || {
        let short =
            |w: &str| w.starts_with('-') && !w.starts_with("--") && w.contains('f') && !w.contains('=');
        call.args.iter().any(|w| short(&w.text) || w.text == "--follow" || w.text == "--follow=true")
    };
    let logs = || call.args.iter().skip_while(|w| w.text != "logs").skip(1);
    let followed =
        || logs().any(|w| matches!(w.text.as_str(), "-f" | "--follow" | "--follow=true" | "-ft" | "-tf"));
    let named = match call.name {
        "tail" if follows() || call.any(&["-F"]) => "tail -f",
        "journalctl" if follows() => "journalctl -f",
        "watch" => "watch",
        "docker" | "docker-compose" | "podman" | "kubectl" | "oc" | "heroku" if followed() => "logs -f",
        _ if call.compose() && followed() => "logs -f",
        "docker" if call.args.first().is_some_and(|w| w.text == "stats") && !call.any(&["--no-stream"]) => {
            "docker stats"
        }
        "docker" if call.args.first().is_some_and(|w| w.text == "events") && !call.any(&["--until"]) => {
            "docker events"
        }
        "kubectl" if call.any(&["get"]) && call.any(&["-w", "--watch"]) => "kubectl get --watch",
        "ping" if !call.args.iter().any(|w| w.text.starts_with("-c") || w.text.starts_with("-w")) => "ping",
        _ => return None,
    };
    Some(format!("`{named}` never ends by itself"))
}

/// Why a command waits for somebody at a keyboard.
pub fn interactive(command: &Command) -> Option<String> {
    let call = command.call()?;
    let first = call.args.first().map_or("", |w| w.text.as_str());
    let alone = call.args.is_empty() && !command.fed && command.place == 0;
    let waits = match call.name {
        "nano" | "vi" | "vim" | "nvim" | "emacs" | "less" | "more" | "man" | "htop" | "visudo" => true,
        "top" => !call.args.iter().any(|w| w.text.starts_with("-b") || w.text.starts_with("-l")),
        "ssh" => !command.fed && command.place == 0 && !remote(&call),
        "-i" | "-s" => call.skipped > 0,
        "su" | "bash" | "sh" | "zsh" | "psql" | "mysql" | "redis-cli" | "python" | "python3" | "node"
        | "irb" => alone,
        "docker" | "kubectl" | "docker-compose" | "podman" => {
            let terminal = ["-it", "-ti"];
            call.any(&terminal) && call.any(&["exec", "run", "attach"])
        }
        "crontab" => first == "-e",
        "git" => call.has(&["rebase", "-i"]) || call.has(&["add", "-p"]),
        "read" => !command.fed && command.place == 0 && !command.condition,
        _ => false,
    } || (call.name == "kubectl" && first == "edit");
    waits.then(|| format!("`{}` waits for somebody at a keyboard", call.name))
}

/// Whether `ssh` is told what to do there.
fn remote(call: &super::command::Call<'_>) -> bool {
    const WITH_VALUE: &str = "BbcDEeFIiJLlmOopQRSWw";
    let mut words = call.args.iter();
    while let Some(word) = words.next() {
        match word.text.strip_prefix('-') {
            // The host; what stands behind it is done there.
            None => return words.next().is_some(),
            Some("V" | "G" | "Q") => return true,
            Some(letters) if letters.len() == 1 && WITH_VALUE.contains(letters) => {
                words.next();
            }
            Some(_) => {}
        }
    }
    false
}
