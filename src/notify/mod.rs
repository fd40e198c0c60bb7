//! Reaches people beside Discord: by ntfy, e-mail, short message, telephone and webhook.
//!
//! At least once, never at most once: whoever is not sure that a page arrived sends it again. What takes
//! an id gets the same one each time (`PAG-7/3`: the third call of page 7), so that it can leave out what
//! it has seen.
//!
//! What will never work is given up at once, with words that say what to do, so that the ladder moves on;
//! what may work later is tried again, for two minutes.

mod email;
mod http;
mod message;
mod ntfy;
mod twilio;
mod webhook;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::engine::{Delivery, Job};
use crate::kit::clock::Clock;
use crate::kit::text::{cut, line};
use crate::kit::time::{self, Timestamp};
use crate::model::effect::Effect;
use crate::model::event::{Reason, Settlement};
use crate::model::house::House;
use crate::model::ids::EffectId;
use crate::model::oncall::{Notify, Reach};
use crate::model::page::Target;
use crate::runner::Secrets;
pub use message::Message;

/// How long a call is tried: shorter than any rung should be, so that the next is called because this one
/// cannot be reached and not only because they did not answer; longer than a server takes to start again.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// For how long the first failure of a call is remembered: what is not tried any more is forgotten.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// How long what somebody said may be, in characters.
const SAID: usize = 300;

/// Why a message did not go out.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// It never will.
    Refused {
        /// What stands in the way.
        reason: Reason,
        /// What was said, and what to do.
        said: String,
    },
    /// It may later.
    Later {
        /// After so long, where whoever refused it named a time; certainly not done then.
        after: Option<Duration>,
        /// Why.
        why: String,
    },
}

impl Trouble {
    fn refused(reason: Reason, said: impl Into<String>) -> Trouble {
        Trouble::Refused { reason, said: said.into() }
    }

    fn later(why: impl Into<String>) -> Trouble {
        Trouble::Later { after: None, why: why.into() }
    }

    /// The same without these words: an address is its owner's, and a secret nobody's to read.
    fn without(self, hidden: &[&str]) -> Trouble {
        let hide = |text: String| {
            let hidden = hidden.iter().filter(|h| h.len() >= 4);
            cut(&line(&hidden.fold(text, |text, h| text.replace(h, "[…]"))), SAID)
        };
        match self {
            Trouble::Refused { reason, said } => Trouble::Refused { reason, said: hide(said) },
            Trouble::Later { after, why } => Trouble::Later { after, why: hide(why) },
        }
    }
}

/// How long one request over HTTP may take; a mail may take twice as long.
const WAIT: Duration = Duration::from_secs(15);

/// Sends what Discord does not carry.
pub struct Notifier {
    client: reqwest::Client,
    wait: Duration,
    houses: watch::Receiver<Arc<House>>,
    secrets: Secrets,
    clock: Clock,
    /// Since when each call that is tried again has failed.
    failing: Mutex<BTreeMap<EffectId, Timestamp>>,
}

impl Notifier {
    /// One that goes by the newest house, and takes secrets from there.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        houses: watch::Receiver<Arc<House>>,
        secrets: Secrets,
        clock: Clock,
    ) -> Result<Notifier, String> {
        Notifier::waiting(houses, secrets, clock, WAIT)
    }

    /// One that waits so long for a request.
    ///
    /// # Errors
    /// As for [`Notifier::new`].
    pub fn waiting(
        houses: watch::Receiver<Arc<House>>,
        secrets: Secrets,
        clock: Clock,
        wait: Duration,
    ) -> Result<Notifier, String> {
        let client = http::client(wait)?;
        Ok(Notifier { client, wait, houses, secrets, clock, failing: Mutex::default() })
    }

    /// Tries a call once. What fails for longer than [`PATIENCE`] has failed.
    pub async fn deliver(&self, job: &Job) -> Delivery {
        let gave_up = |reason, said: &str| {
            let said = said.to_owned();
            Delivery::Settled(Settlement::GaveUp { reason, said })
        };
        let Effect::Page(calling) = &job.effect else {
            return gave_up(Reason::Invalid, "this is no call, which is a mistake of Muster's");
        };
        let Some(reach) = &job.reach else {
            return gave_up(Reason::Gone, "[people] in muster.toml says no more how they are reached");
        };
        let Some(message) = Message::of(calling, &job.journal_id, self.clock.now()) else {
            return gave_up(Reason::Invalid, "there is nothing to tell, which is a mistake of Muster's");
        };
        let notify = self.houses.borrow().oncall.notify.clone();
        let sent = self.send(&notify, reach, &message).await;
        let way = calling.way.word();
        match sent {
            Ok(()) => {
                self.failing().remove(&job.id);
                Delivery::Settled(Settlement::Shown)
            }
            Err(Trouble::Refused { reason, said }) => {
                self.failing().remove(&job.id);
                let who = match &calling.to {
                    Target::Person { name, .. } | Target::Role { name, .. } => name,
                    Target::Channel(_) => "a channel",
                };
                tracing::error!("{} does not reach {who} by {way}: {said}", message.id);
                gave_up(reason, &said)
            }
            Err(Trouble::Later { after, why }) => self.again(job.id, after, why),
        }
    }

    /// Later, while there is time for it.
    fn again(&self, id: EffectId, after: Option<Duration>, why: String) -> Delivery {
        let now = self.clock.now();
        let mut failing = self.failing();
        // What lies ahead was noted before the clock was put back.
        failing.retain(|_, since| *since <= now && now.since(*since) < REMEMBERED);
        let left = PATIENCE.saturating_sub(now.since(*failing.entry(id).or_insert(now)));
        if left.is_zero() || after.is_some_and(|after| after > left) {
            failing.remove(&id);
            let said = format!("not delivered in {}: {why}", time::spoken(PATIENCE));
            tracing::error!("a call was given up: {said}");
            return Delivery::Settled(Settlement::GaveUp { reason: Reason::Expired, said });
        }
        Delivery::Later { after, why }
    }

    /// Sends a message to where somebody is reached, once.
    ///
    /// # Errors
    /// Why it did not go out, without the address and without secrets.
    pub async fn send(&self, notify: &Notify, reach: &Reach, message: &Message) -> Result<(), Trouble> {
        let (address, secret, sent) = match reach {
            Reach::Ntfy(topic) => {
                let token = self.secret(notify.ntfy_token.as_deref())?;
                (topic, token.clone(), ntfy::send(&self.client, topic, token.as_deref(), message).await)
            }
            Reach::Webhook(url) => {
                let key = self.secret(notify.webhook_secret.as_deref())?;
                (url, key.clone(), webhook::send(&self.client, url, key.as_deref(), message).await)
            }
            Reach::Email(to) => {
                let smtp = notify.smtp.as_ref().ok_or_else(|| unset("e-mail", "[oncall.notify.smtp]"))?;
                let password = self.secret(smtp.login.as_ref().map(|(_, name)| name.as_str()))?;
                (to, password.clone(), email::send(smtp, password, to, message, self.wait * 2).await)
            }
            Reach::Sms(to) | Reach::Call(to) => {
                let what = reach.way().word();
                let twilio = notify.twilio.as_ref().ok_or_else(|| unset(what, "[oncall.notify.twilio]"))?;
                let token = self.secret(Some(&twilio.token))?.unwrap_or_default();
                let sent = match reach {
                    Reach::Call(_) => twilio::call(&self.client, twilio, &token, to, message).await,
                    _ => twilio::text(&self.client, twilio, &token, to, message).await,
                };
                (to, Some(token), sent)
            }
        };
        sent.map_err(|trouble| trouble.without(&[address, secret.as_deref().unwrap_or_default()]))
    }

    /// The value of a secret that the house names.
    fn secret(&self, name: Option<&str>) -> Result<Option<String>, Trouble> {
        let Some(name) = name else { return Ok(None) };
        self.secrets.one(name).map(Some).ok_or_else(|| {
            let said = format!(
                "the secret `{name}` has no value: set it in the environment that Muster is started with, and \
                 start Muster again"
            );
            Trouble::refused(Reason::Invalid, said)
        })
    }

    fn failing(&self) -> std::sync::MutexGuard<'_, BTreeMap<EffectId, Timestamp>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unset(what: &str, section: &str) -> Trouble {
    let said = format!("muster.toml says not who carries {what}: write {section}");
    Trouble::refused(Reason::Invalid, said)
}
