//! `muster oncall test`: shows that somebody can be reached, by sending them something.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::watch;

use super::args::OncallTestArgs;
use super::output::{failed, runtime};
use super::serve;
use crate::discord::{DiscordDelivery, Rest, Token};
use crate::engine::prepare::Address;
use crate::engine::{Deliver as _, Delivery, Job};
use crate::kit::clock::Clock;
use crate::kit::random;
use crate::kit::text;
use crate::model::card::Show;
use crate::model::effect::{Calling, Effect, Place};
use crate::model::event::Settlement;
use crate::model::house::House;
use crate::model::ids::{EffectId, Seq};
use crate::model::oncall::{Reach, Teammate};
use crate::model::page::{Target, Way};
use crate::notify::{Message, Notifier, Trouble};
use crate::runner::Secrets;

/// How people write the ways.
const WORDS: [(&str, Way); 7] = [
    ("mention", Way::Mention),
    ("direct", Way::Direct),
    ("ntfy", Way::Ntfy),
    ("email", Way::Email),
    ("sms", Way::Sms),
    ("call", Way::Call),
    ("webhook", Way::Webhook),
];

/// What came of one way.
#[derive(Debug, PartialEq)]
pub struct Tried {
    /// Which.
    pub way: Way,
    /// Whoever carries it has taken it; or why not, and what to do.
    pub outcome: Result<(), String>,
}

/// Sends and prints.
pub fn run(args: &OncallTestArgs) -> ExitCode {
    match tried(args) {
        Ok(all) => {
            for one in &all {
                match &one.outcome {
                    Ok(()) => println!("{:<15} delivered", one.way.word()),
                    Err(why) => println!("{:<15} FAILED: {why}", one.way.word()),
                }
            }
            println!("Delivered means that whoever carries it took it: ask them whether it rang.");
            let well = all.iter().all(|one| one.outcome.is_ok());
            if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => failed(why),
    }
}

fn tried(args: &OncallTestArgs) -> Result<Vec<Tried>, String> {
    let house = serve::house(&args.config)?;
    let only = args.way.as_deref().map(way).transpose()?;
    runtime()?.block_on(test(house, &args.who, only, Secrets::environment(), serve::token(), Clock::system()))
}

fn way(word: &str) -> Result<Way, String> {
    let word = word.trim().to_ascii_lowercase();
    let found = WORDS.iter().find(|(known, way)| *known == word || way.word() == word);
    found.map(|(_, way)| *way).ok_or_else(|| {
        let all: Vec<&str> = WORDS.iter().map(|(known, _)| *known).collect();
        format!("`{word}` is no way to reach somebody; there are {}", all.join(", "))
    })
}

/// Sends somebody a test by each way that they have, or only by one.
///
/// # Errors
/// When nobody is called that, or they have no such way.
pub async fn test(
    house: House,
    who: &str,
    only: Option<Way>,
    secrets: Secrets,
    token: Result<Token, String>,
    clock: Clock,
) -> Result<Vec<Tried>, String> {
    let teammate = house.oncall.called(who).cloned().ok_or_else(|| {
        let known: Vec<&str> = house.oncall.people.keys().map(String::as_str).collect();
        format!("nobody in [people] of muster.toml is called `{who}`; there are: {}", known.join(", "))
    })?;
    let mut ways = vec![(Way::Mention, None), (Way::Direct, None)];
    ways.extend(teammate.reach.iter().map(|reach| (reach.way(), Some(reach.clone()))));
    ways.retain(|(way, _)| only.is_none_or(|only| only == *way));
    if ways.is_empty() {
        let by = only.map_or("", Way::word);
        return Err(format!(
            "[people] in muster.toml does not say how {} is reached by {by}",
            teammate.name()
        ));
    }
    let id = random::letters(10)?;
    let discord = match &token {
        Ok(token) => {
            let rest = Rest::new(token.clone(), house.settings.api_url.as_deref(), clock.clone())?;
            Ok(DiscordDelivery::new(Arc::new(rest), house.settings.timezone, clock.clone()))
        }
        Err(why) => Err(why.clone()),
    };
    let notify = house.oncall.notify.clone();
    let message = Message::test(teammate.name(), &id, clock.now());
    let (_, houses) = watch::channel(Arc::new(house.clone()));
    let notifier = Notifier::new(houses, secrets, clock.clone())?;
    let mut all = vec![];
    for (n, (way, reach)) in (0..).zip(ways) {
        let outcome = match (&reach, &discord) {
            (Some(reach), _) => {
                notifier.send(&notify, reach, &message).await.map_err(|trouble| match trouble {
                    Trouble::Refused { said, .. } => said,
                    Trouble::Later { why, .. } => not_now(&why),
                })
            }
            (None, Ok(discord)) => {
                let job = job(&house, &teammate, way, reach, EffectId { seq: Seq(1), index: n }, &id, &clock);
                in_discord(discord.deliver(job).await)
            }
            (None, Err(why)) => Err(why.clone()),
        };
        all.push(Tried { way, outcome });
    }
    Ok(all)
}

fn not_now(why: &str) -> String {
    format!("not now: {why}. A page would be tried again; try the test again too")
}

fn in_discord(delivery: Delivery) -> Result<(), String> {
    match delivery {
        Delivery::Settled(Settlement::GaveUp { said, .. }) => Err(said),
        Delivery::Settled(_) => Ok(()),
        Delivery::Later { why, .. } => Err(not_now(&why)),
    }
}

fn job(
    house: &House,
    teammate: &Teammate,
    way: Way,
    reach: Option<Reach>,
    id: EffectId,
    journal: &str,
    clock: &Clock,
) -> Job {
    let name = text::escape_markdown(teammate.name());
    let words = format!("Test: Muster reaches {name}. Nobody waits for an answer.");
    let show = Show::Call { roles: vec![], people: vec![teammate.id], text: words };
    let channel = house.oncall.channel.unwrap_or(house.settings.channels.incidents);
    let (address, place) = match way {
        Way::Direct => (Address::Direct(teammate.id), None),
        _ => (Address::Channel(channel), Some(Place::Channel(channel))),
    };
    let to = Target::Person { id: teammate.id, name: teammate.name().to_owned() };
    Job {
        id,
        effect: Effect::Page(Box::new(Calling { calls: vec![], to, way, place, show })),
        address,
        since: clock.now(),
        maybe_done: false,
        journal_id: journal.to_owned(),
        seen: None,
        step: None,
        reach,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_typed_as_files_have_them_and_as_people_say_them() {
        assert_eq!((way("email"), way("E-Mail")), (Ok(Way::Email), Ok(Way::Email)));
        assert_eq!((way("direct"), way("direct message")), (Ok(Way::Direct), Ok(Way::Direct)));
        assert!(way("pigeon").is_err_and(|e| e.contains("ntfy, email")));
    }
}
