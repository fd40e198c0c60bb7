//! `muster status`: how the running Muster is doing. It ends with 1 where something is wrong, so that a
//! script can ask.

use std::process::ExitCode;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use super::args::StatusArgs;
use super::bot::Watch;
use super::output::failed;
use super::socket::{self, Ask};
use crate::core::state::State;
use crate::discord::gateway::Gateway;
use crate::house;
use crate::model::house::House;
use crate::model::page::Standing;

/// How it is doing, for programs too: names are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Which version of this format it is: 1.
    pub format: u32,
    /// Muster's version.
    pub version: String,
    /// How commands arrive: `ready`, `connecting`, or why they do not any more.
    pub gateway: String,
    /// Where alerts come in; `None` where Muster does not listen.
    pub intake: Option<String>,
    /// The newest commit of the journal.
    pub commits: u64,
    /// How much is owed to Discord, runbooks and people.
    pub owed: usize,
    /// In how many lanes: what is in one goes out one after the other.
    pub lanes: usize,
    /// How many incidents are open.
    pub open_incidents: usize,
    /// How many pages wait for an answer.
    pub pages_waiting: usize,
    /// How many pages somebody acknowledged, and are not over.
    pub pages_acknowledged: usize,
    /// How many pages nobody answered.
    pub pages_unanswered: usize,
    /// What was used in Discord since it began.
    pub interactions: u64,
    /// What of it could not be read.
    pub unreadable_interactions: u64,
    /// How many sessions the gateway began.
    pub sessions_begun: u64,
    /// What does not work because its secret is not set.
    #[serde(default)]
    pub missing_secrets: Vec<String>,
    /// What its auditor finds; `None` where nobody looks yet.
    pub findings: Option<Vec<String>>,
}

impl Status {
    /// What is wrong with it: nothing where all is well.
    pub fn wrong(&self) -> Vec<&str> {
        let stopped = self.gateway.strip_prefix(STOPPED).map(|_| self.gateway.as_str());
        let found = self.findings.iter().flatten().map(String::as_str);
        let missing = self.missing_secrets.iter().map(String::as_str);
        stopped.into_iter().chain(missing).chain(found).collect()
    }

    fn text(&self) -> String {
        let audit = match self.findings.as_deref() {
            None => "has not looked yet".to_owned(),
            Some([]) => "all is well".to_owned(),
            Some(found) => found.iter().map(|f| format!("\n  {f}")).collect(),
        };
        let missing = match self.missing_secrets.as_slice() {
            [] => "all are set".to_owned(),
            some => some.iter().map(|m| format!("\n  {m}")).collect(),
        };
        format!(
            "version: {}\ngateway: {}\nintake: {}\ncommits: {}\nowed: {} in {} lanes\nopen incidents: {}\npages: {} \
             waiting, {} acknowledged, {} unanswered\ninteractions: {}\nunreadable interactions: {}\nsessions begun: \
             {}\nsecrets: {missing}\nauditor: {audit}",
            self.version,
            self.gateway,
            self.intake.as_deref().unwrap_or("off"),
            self.commits,
            self.owed,
            self.lanes,
            self.open_incidents,
            self.pages_waiting,
            self.pages_acknowledged,
            self.pages_unanswered,
            self.interactions,
            self.unreadable_interactions,
            self.sessions_begun,
        )
    }
}

/// What stands before why the gateway works no more.
const STOPPED: &str = "stopped: ";

/// Asks and prints.
pub fn run(args: &StatusArgs) -> ExitCode {
    let data = &args.journal.data;
    let answer = socket::ask(data, &Ask::Status).unwrap_or_else(|| {
        Err(format!("no Muster works on {}. Name its folder with --data, or start it.", data.display()))
    });
    let read = |text: String| {
        serde_json::from_str::<Status>(&text).map(|status| (status, text)).map_err(|_| {
            "the running Muster is of another version. Ask it with its own program, or start it again."
                .to_owned()
        })
    };
    match answer.and_then(read) {
        Ok((status, json)) => {
            let well = status.wrong().is_empty();
            println!("{}", if args.format.is_json() { json } else { status.text() });
            if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => failed(why),
    }
}

/// How it is doing.
///
/// # Errors
/// When the engine has stopped.
pub async fn of(watch: &Watch) -> Result<Status, String> {
    let (counts, intake) = (watch.counts.clone(), watch.intake.map(|at| format!("http://{at}")));
    let gateway = match watch.gateway.borrow().clone() {
        Gateway::Ready => "ready".to_owned(),
        Gateway::Connecting => "connecting".to_owned(),
        Gateway::Stopped(why) => format!("{STOPPED}{why}"),
    };
    let findings = watch.findings.borrow().as_ref().map(|all| all.iter().map(ToString::to_string).collect());
    let secrets = watch.secrets.clone();
    let look = move |state: &State, house: &House| {
        let mut lanes: Vec<_> = state.unsettled.values().map(|owed| owed.effect.lane()).collect();
        lanes.sort_unstable();
        lanes.dedup();
        let pages = |is: fn(&Standing) -> bool| state.pages.all.values().filter(|p| is(&p.standing)).count();
        Status {
            format: 1,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            gateway,
            intake,
            commits: state.head.0,
            owed: state.unsettled.len(),
            lanes: lanes.len(),
            open_incidents: state.open().len(),
            pages_waiting: pages(|s| matches!(s, Standing::Climbing { .. })),
            pages_acknowledged: pages(|s| matches!(s, Standing::Acknowledged { .. })),
            pages_unanswered: pages(|s| matches!(s, Standing::Exhausted { .. })),
            interactions: counts.interactions.load(Ordering::Relaxed),
            unreadable_interactions: counts.unreadable.load(Ordering::Relaxed),
            sessions_begun: counts.identifies.load(Ordering::Relaxed),
            missing_secrets: house::secrets::missing(house, |name| secrets.one(name).is_some()),
            findings,
        }
    };
    watch.engine.read(look).await.map_err(|d| d.0)
}
