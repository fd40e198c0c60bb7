//! What is built into the program: the only list of those files.
//!
//! Commands are everybody's. The runbooks and the settings are the sandbox's alone: a team's
//! `muster.toml` brings its own, and never inherits a practice service.

/// A built-in file: its name without the ending, and its text.
pub type File = (&'static str, &'static str);

/// `commands/`.
pub const COMMANDS: &[File] = &[
    ("ack", include_str!("../../commands/ack.toml")),
    ("action", include_str!("../../commands/action.toml")),
    ("add-to-timeline", include_str!("../../commands/add-to-timeline.toml")),
    ("alerts", include_str!("../../commands/alerts.toml")),
    ("escalate", include_str!("../../commands/escalate.toml")),
    ("health", include_str!("../../commands/health.toml")),
    ("incident", include_str!("../../commands/incident.toml")),
    ("oncall", include_str!("../../commands/oncall.toml")),
    ("page", include_str!("../../commands/page.toml")),
    ("pages", include_str!("../../commands/pages.toml")),
    ("purge-queue", include_str!("../../commands/purge-queue.toml")),
    ("report", include_str!("../../commands/report.toml")),
    ("rollback", include_str!("../../commands/rollback.toml")),
    ("runbook", include_str!("../../commands/runbook.toml")),
    ("runs", include_str!("../../commands/runs.toml")),
    ("silence", include_str!("../../commands/silence.toml")),
    ("timeline", include_str!("../../commands/timeline.toml")),
    ("triage", include_str!("../../commands/triage.toml")),
    ("unavailable", include_str!("../../commands/unavailable.toml")),
];

/// `runbooks/`.
pub const RUNBOOKS: &[File] = &[
    ("astradio", include_str!("../../runbooks/astradio.md")),
    ("nexus", include_str!("../../runbooks/nexus.md")),
    ("soundfoundry", include_str!("../../runbooks/soundfoundry.md")),
    ("soundlab", include_str!("../../runbooks/soundlab.md")),
    ("soundscape", include_str!("../../runbooks/soundscape.md")),
];

/// `data/sources/`.
pub const SOURCES: &[File] = &[
    ("cloudevents", include_str!("../../data/sources/cloudevents.toml")),
    ("cloudflare", include_str!("../../data/sources/cloudflare.toml")),
    ("datadog", include_str!("../../data/sources/datadog.toml")),
    ("sentry", include_str!("../../data/sources/sentry.toml")),
    ("uptime-kuma", include_str!("../../data/sources/uptime-kuma.toml")),
    ("uptimerobot", include_str!("../../data/sources/uptimerobot.toml")),
];

/// `data/sandbox.toml`.
pub const SANDBOX: &str = include_str!("../../data/sandbox.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folders_is_in_the_list() {
        for (folder, ending, list) in
            [("commands", "toml", COMMANDS), ("runbooks", "md", RUNBOOKS), ("data/sources", "toml", SOURCES)]
        {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let there: BTreeSet<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|e| e.unwrap())
                .filter(|e| e.path().is_file())
                .map(|e| e.file_name().into_string().unwrap())
                .collect();
            let listed: BTreeSet<String> = list.iter().map(|(n, _)| format!("{n}.{ending}")).collect();
            assert_eq!(there, listed);
        }
    }
}
