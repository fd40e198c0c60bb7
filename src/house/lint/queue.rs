//! Celery's queues: how one is emptied, and what its depth is.

use super::page::Page;
use super::{Finding, finding};

/// `celery … control purge` is no command: it does nothing but complain.
pub fn purge(page: &Page<'_>) -> Vec<Finding> {
    let commands = page.fences.iter().flat_map(|f| &f.commands);
    let wrong = commands.filter(|c| celery(c) && has(c, "control", "purge"));
    wrong
        .map(|c| {
            let cure = "write `celery -A APP purge -f`, with -Q for one queue";
            finding(c.line, "`celery control` has no `purge`", cure)
        })
        .collect()
}

/// `inspect active` counts what is being worked on, while a queue's depth is what waits.
pub fn active(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let asks = |c: &&super::command::Command| celery(c) && has(c, "inspect", "active");
    for fence in page.fences.iter().filter(|f| f.commands.iter().any(|c| asks(&c))) {
        let depth = ["depth", "queue length", "backlog", "waiting", "pending", "how many", "queued"];
        let said =
            [&fence.title, &fence.step.beside, fence.text, &fence.step.label()].map(|t| t.to_lowercase());
        let meant = said.iter().any(|text| depth.iter().any(|word| text.contains(word)));
        // Asked beside it, the broker knows.
        let broker = ["llen", "list_queues", "reserved", "message_count"];
        let asked = broker.iter().any(|word| said[2].contains(word));
        for command in fence.commands.iter().filter(asks) {
            if (meant || command.of > 1) && !asked {
                let cure = "ask the broker too (`redis-cli llen celery`), and `inspect reserved`; name each";
                found.push(finding(
                    command.line,
                    "`inspect active` is what is being worked on, not how much waits",
                    cure,
                ));
            }
        }
    }
    found
}

fn celery(command: &super::command::Command) -> bool {
    command.words.iter().any(|w| w.text == "celery" || w.text.ends_with("/celery"))
}

fn has(command: &super::command::Command, first: &str, second: &str) -> bool {
    command.words.iter().skip_while(|w| w.text != first).any(|w| w.text == second)
}
