//! Calls that leave Muster for real: to a mail server that speaks SMTP, to receivers over HTTP that refuse,
//! stall and recover, and to the sandbox's Discord.

mod direct;
pub mod email;
mod mention;
pub mod receiver;
mod terminal;
mod web;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use muster::engine::prepare::Address;
use muster::engine::{Delivery, Job};
use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::model::card::Show;
use muster::model::effect::{Calling, Effect};
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{EffectId, IncidentId, PageId, Seq, UserId};
use muster::model::incident::Severity;
use muster::model::oncall::{Notify, Reach};
use muster::model::page::{About, Because, PageCard, Stands, Target, Way};
use muster::notify::Notifier;
use muster::runner::Secrets;
use muster::sandbox::Person;
use tokio::sync::watch;

use crate::support::app::START;

/// How long a receiver may stall here; the real patience is longer than a test should be.
const WAIT: Duration = Duration::from_millis(1_500);

/// What calls go through.
struct Rig {
    clock: Clock,
    notifier: Notifier,
}

impl Rig {
    fn new(notify: Notify, secrets: &[(&str, &str)]) -> Rig {
        let clock = Clock::driven(START);
        let secrets: BTreeMap<String, String> =
            secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut house = muster::house::sandbox("http://127.0.0.1:1").unwrap();
        house.oncall.notify = notify;
        let (_, houses) = watch::channel(Arc::new(house));
        let notifier = Notifier::waiting(houses, Secrets::of(secrets), clock.clone(), WAIT).unwrap();
        Rig { clock, notifier }
    }

    async fn deliver(&self, reach: &Reach) -> Delivery {
        self.notifier.deliver(&job(reach.way(), Address::Own, Some(reach.clone()))).await
    }
}

fn card(to: Target) -> PageCard {
    PageCard {
        call: 1,
        page: PageId(7),
        about: About::Incident(IncidentId(7)),
        title: Some("Encoder läuft nicht".to_owned()),
        severity: Severity::P1,
        service: Some("soundlab".to_owned()),
        since: START,
        to,
        why: Because::First,
        stands: Stands::Calling {
            rung: "L1".to_owned(),
            until: Timestamp(START.0 + 900_000),
            next: "lead".to_owned(),
        },
        tried: vec![],
        playbooks: vec![],
        link: Some("https://discord.com/channels/1/2".to_owned()),
        due: None,
        sent: None,
    }
}

fn responder() -> Target {
    Target::Person { id: UserId(Person::Responder.id().0), name: "responder".to_owned() }
}

/// The third call of page 7.
fn job(way: Way, address: Address, reach: Option<Reach>) -> Job {
    job_to(responder(), way, address, reach)
}

fn job_to(to: Target, way: Way, address: Address, reach: Option<Reach>) -> Job {
    let show = Show::Page(Box::new(card(to.clone())));
    let calling = Calling { calls: vec![(PageId(7), 3)], to, way, place: None, show };
    Job {
        id: EffectId { seq: Seq(12), index: 0 },
        effect: Effect::Page(Box::new(calling)),
        address,
        since: START,
        maybe_done: false,
        journal_id: "abcdefghij".to_owned(),
        seen: None,
        step: None,
        reach,
    }
}

/// The words with which a call was given up.
fn given_up(delivery: Delivery, why: Reason) -> String {
    match delivery {
        Delivery::Settled(Settlement::GaveUp { reason, said }) => {
            assert_eq!(reason, why, "{said}");
            said
        }
        other => panic!("{other:?}"),
    }
}

/// Why it is tried again, and when.
fn later(delivery: Delivery) -> (Option<Duration>, String) {
    match delivery {
        Delivery::Later { after, why } => (after, why),
        other => panic!("{other:?}"),
    }
}

fn shown() -> Delivery {
    Delivery::Settled(Settlement::Shown)
}
