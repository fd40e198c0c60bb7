//! `muster triage`: a level, its reason, a response time and playbooks, without a Discord and
//! without a journal. Nothing is opened and nothing is kept.

use std::path::Path;
use std::process::ExitCode;

use super::args::TriageArgs;
use super::output::failed;
use super::{account, serve};
use crate::core::triage::{assessed, level};
use crate::house;
use crate::kit::clock::Clock;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::ids::{ChannelId, TriageId};
use crate::model::incident::{Severity, Stamp};
use crate::model::person::Person;
use crate::model::triage::{Answers, Triage};

/// Prints what follows from the answers.
pub fn run(args: &TriageArgs) -> ExitCode {
    let usual = Path::new("muster.toml");
    let config = args.config.as_deref().or(usual.exists().then_some(usual));
    let house = match config {
        Some(config) => serve::house(config),
        None => house::sandbox("http://127.0.0.1:7700")
            .map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    };
    match house.and_then(|house| triage(&house, args, Clock::system().now())) {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

fn triage(house: &House, args: &TriageArgs, now: Timestamp) -> Result<String, String> {
    let service = args.service.as_deref();
    if let Some(name) = service
        && house.runbook(name).is_none()
    {
        let all: Vec<&str> = house.services().collect();
        return Err(format!("the service `{name}` has no runbook; there are {}", all.join(", ")));
    }
    let answers = Answers { users: args.users, feature: args.feature, data: args.data };
    let what = text::line(&args.what.join(" "));
    let asked = Stamp { at: now, by: Person::at_terminal(&account::own()) };
    let nowhere = (TriageId::default(), ChannelId(0));
    Ok(in_words(house, &assessed(house, answers, &what, service, asked, nowhere)))
}

fn in_words(house: &House, t: &Triage) -> String {
    let (zone, _) = house.business(t.service.as_deref());
    let by = t.respond_by.utc().with_timezone(&zone).format("%a %Y-%m-%d %H:%M");
    let respond = match t.level {
        Severity::P1 => t.level.response().to_owned(),
        _ => format!("{}: by {by} ({zone})", t.level.response()),
    };
    let mut out = format!(
        "{}\n  why:     {}\n  respond: {respond}\n",
        t.level.in_words(),
        level::in_words(t.answers, t.because)
    );
    for p in &t.playbooks {
        out.push_str(&format!(
            "  may help: {} (fits: {}): muster run {} {}\n",
            p.title,
            p.words.join(", "),
            p.service,
            p.action
        ));
    }
    if t.playbooks.is_empty() {
        let what =
            if t.what.is_empty() { "say what is wrong, to find some" } else { "none has a word of it" };
        out.push_str(&format!("  playbooks: {what}\n"));
    }
    out
}
