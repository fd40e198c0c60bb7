//! Discord's side: the pure world with a time of its own, the faults that wait for requests, and
//! a memory of every message that ever stood there. It knows nothing of how Muster works inside.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::fault::RequestFault;
use crate::discord::api::{Api, RestError};
use crate::model::ids::{EffectId, Seq};
use crate::render;
use crate::sandbox::world::{Answer, File, History, Id, Refusal, Which, World, seed};

/// The one Discord of a run, shared by the people and by whichever process runs.
#[derive(Clone)]
pub struct Discord(Arc<Mutex<Server>>);

/// What is behind it.
pub struct Server {
    /// Discord's own world.
    pub world: World,
    /// Discord's own time, in ms since 1970: no jump of the machine's clock moves it.
    pub now: i64,
    /// What happens to the next requests, one each.
    pub faults: VecDeque<RequestFault>,
    /// What the gateway has not said yet, oldest first: interactions.
    pub gateway: VecDeque<Value>,
    /// Every message that ever stood there, by id.
    pub messages: BTreeMap<Id, Seen>,
    /// Whether a channel's history shows nonces: Discord does not say that it does.
    pub shows_nonces: bool,
    /// The requests so far, refused ones included.
    pub requests: u64,
    /// New messages that arrive later: when, where, what.
    on_the_way: Vec<(i64, String, Value, Vec<render::File>)>,
}

/// A message that stands there, or once stood.
pub struct Seen {
    /// Where.
    pub channel: Id,
    /// For which effect it was posted; an answer to an interaction has no nonce.
    pub effect: Option<EffectId>,
    /// All that could be read in it, once for each version.
    pub said: Vec<String>,
    /// Whether only one person saw it.
    pub private: bool,
}

impl Seen {
    /// What it said last.
    pub fn says(&self) -> &str {
        self.said.last().map_or("", String::as_str)
    }
}

impl Discord {
    /// The sandbox's world at this time.
    pub fn new(now: i64, shows_nonces: bool) -> Discord {
        Discord(Arc::new(Mutex::new(Server {
            world: seed::world(),
            now,
            faults: VecDeque::new(),
            gateway: VecDeque::new(),
            messages: BTreeMap::new(),
            shows_nonces,
            requests: 0,
            on_the_way: vec![],
        })))
    }

    /// Looks at it, or changes it. Nobody else is waiting: a run has one thread.
    pub fn lock(&self) -> MutexGuard<'_, Server> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Api for Discord {
    /// Done when it returns: the future is ready at once.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        files: &[render::File],
    ) -> Result<Value, RestError> {
        self.lock().call(&method, path, body.unwrap_or(&Value::Null), files)
    }
}

impl Server {
    fn call(
        &mut self,
        method: &Method,
        path: &str,
        body: &Value,
        files: &[render::File],
    ) -> Result<Value, RestError> {
        self.requests += 1;
        // Only a new message can be delayed: an old edit that overtakes a new one is beyond repair.
        let message = *method == Method::POST && path.ends_with("/messages");
        let waits = matches!(self.faults.front(), Some(RequestFault::Delayed(_))) && !message;
        match if waits { None } else { self.faults.pop_front() } {
            Some(RequestFault::Limited(ms)) => {
                return Err(RestError::Limited(Duration::from_millis(ms)));
            }
            Some(RequestFault::ServerError) => {
                return Err(RestError::Silent("HTTP 500".to_owned()));
            }
            Some(RequestFault::RequestLost) => {
                return Err(RestError::Silent("timed out".to_owned()));
            }
            // Discord looks at once whether the bot may, and not when a place is open again.
            Some(RequestFault::Delayed(_)) if self.hidden(path) => {
                return Err(RestError::Silent("timed out".to_owned()));
            }
            Some(RequestFault::Delayed(ms)) => {
                let at = self.now + i64::try_from(ms).unwrap_or(0);
                self.on_the_way.push((at, path.to_owned(), body.clone(), files.to_vec()));
                return Err(RestError::Silent("timed out".to_owned()));
            }
            Some(RequestFault::AnswerLost) => {
                let _ = self.carry_out(method, path, body, files);
                return Err(RestError::Silent("timed out".to_owned()));
            }
            None => {}
        }
        self.carry_out(method, path, body, files).map_err(told)
    }

    /// Whether the bot does not see the channel of this path.
    fn hidden(&self, path: &str) -> bool {
        let channel = path.split('/').nth(1).and_then(|id| id.parse::<Id>().ok());
        channel.is_none_or(|c| self.world.history(seed::BOT, c, part("limit=1")).is_err())
    }

    fn carry_out(
        &mut self,
        method: &Method,
        path: &str,
        body: &Value,
        files: &[render::File],
    ) -> Answer<Value> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.split('/').collect();
        let id = |text: &str| text.parse::<Id>().map_err(|_| Refusal::not_found());
        let (bot, now, world) = (seed::BOT, self.now, &mut self.world);
        let done = match (method.as_str(), &segments[..]) {
            ("GET", ["applications", "@me"]) => Ok(world.application_json()),
            ("PUT", ["applications", app, "guilds", guild, "commands"]) => {
                world.put_commands(now, bot, id(app)?, Some(id(guild)?), body).map(Value::from)
            }
            ("GET", ["channels", channel, "messages"]) => {
                let mut found = world.history(bot, id(channel)?, part(query))?;
                for message in found.iter_mut().filter(|_| self.shows_nonces) {
                    let own = (id(channel)?, id(message["id"].as_str().unwrap_or_default())?);
                    if let Some(nonce) = world.messages.get(&own).and_then(|m| m.nonce.clone()) {
                        message["nonce"] = nonce;
                    }
                }
                Ok(Value::from(found))
            }
            ("POST", ["channels", channel, "messages"]) => {
                world.create_message(now, bot, id(channel)?, body, sent(files))
            }
            ("PATCH", ["channels", channel, "messages", message]) => {
                world.edit_message(now, bot, id(channel)?, id(message)?, body, sent(files))
            }
            ("POST", ["channels", channel, "messages", message, "threads"]) => {
                world.thread_from_message(now, bot, id(channel)?, id(message)?, body)
            }
            ("POST", ["channels", channel, "threads"]) => world.bare_thread(now, bot, id(channel)?, body),
            ("PUT", ["channels", thread, "thread-members", user]) => {
                world.join_thread(now, bot, id(thread)?, id(user)?).map(|()| Value::Null)
            }
            ("GET", ["channels", channel]) => world.channel(bot, id(channel)?),
            ("POST", ["users", "@me", "channels"]) => {
                world.open_direct(now, bot, id(body["recipient_id"].as_str().unwrap_or_default())?)
            }
            ("GET", ["guilds", guild]) => world.guild(bot, id(guild)?, false),
            ("GET", ["guilds", guild, "members", user]) => world.member(bot, id(guild)?, id(user)?),
            ("GET", ["guilds", guild, "threads", "active"]) => world.active_threads(bot, id(guild)?),
            ("PATCH", ["channels", channel]) => world.change_channel(now, bot, id(channel)?, body),
            ("PATCH", ["webhooks", app, token, "messages", "@original"]) => {
                world.edit_interaction_message(now, id(app)?, token, Which::Original, body, sent(files))
            }
            _ => Err(Refusal::not_found()),
        };
        self.listen();
        done
    }

    /// The first answer to an interaction. Exempt from limits, as Discord says.
    ///
    /// # Errors
    /// As for every request.
    pub fn respond(
        &mut self,
        id: u64,
        token: &str,
        body: &Value,
        files: &[render::File],
    ) -> Result<(), RestError> {
        self.requests += 1;
        let fault = match self.faults.front() {
            None | Some(RequestFault::Limited(_) | RequestFault::Delayed(_)) => None,
            Some(_) => self.faults.pop_front(),
        };
        if matches!(fault, Some(f) if f != RequestFault::AnswerLost) {
            return Err(RestError::Silent("timed out".to_owned()));
        }
        let done = self.world.respond(self.now, Id(id), token, body, sent(files));
        self.listen();
        if fault.is_some() {
            return Err(RestError::Silent("timed out".to_owned()));
        }
        done.map(drop).map_err(told)
    }

    /// Lets time pass in Discord.
    pub fn pass(&mut self, ms: i64) {
        let until = self.now + ms;
        self.on_the_way.sort_by_key(|(at, ..)| *at);
        while self.on_the_way.first().is_some_and(|(at, ..)| *at <= until) {
            let (at, path, body, files) = self.on_the_way.remove(0);
            self.now = at;
            let _ = self.carry_out(&Method::POST, &path, &body, &files);
        }
        self.now = until;
        self.world.tick(self.now);
        self.listen();
    }

    /// Notes what the world says: messages for the memory, interactions for the gateway.
    pub fn listen(&mut self) {
        for told in self.world.drain() {
            match told.name {
                // People's own clients get one too, without its key.
                "INTERACTION_CREATE" if told.data["token"].is_string() => self.gateway.push_back(told.data),
                "MESSAGE_CREATE" | "MESSAGE_UPDATE" => self.remember(&told.data),
                _ => {}
            }
        }
    }

    fn remember(&mut self, message: &Value) {
        let id = |v: &Value| v.as_str().and_then(|s| s.parse::<Id>().ok());
        let (Some(channel), Some(own)) = (id(&message["channel_id"]), id(&message["id"])) else {
            return;
        };
        let seen = self.messages.entry(own).or_insert_with(|| Seen {
            channel,
            effect: message["nonce"].as_str().and_then(effect_of),
            said: vec![],
            private: message["flags"].as_u64().unwrap_or(0) & (1 << 6) != 0,
        });
        seen.said.push(words(message));
    }

    /// Whether this message still stands where it was posted.
    pub fn stands(&self, message: Id) -> bool {
        self.messages
            .get(&message)
            .is_some_and(|seen| self.world.messages.contains_key(&(seen.channel, message)))
    }

    /// The messages that everybody in their channel can or could read.
    pub fn public(&self) -> impl Iterator<Item = (Id, &Seen)> {
        self.messages.iter().filter(|(_, seen)| !seen.private).map(|(id, seen)| (*id, seen))
    }
}

/// Which effect a nonce belongs to: the spelling that `discord::deliver` promises for ever.
fn effect_of(nonce: &str) -> Option<EffectId> {
    let mut parts = nonce.split('.').skip(1);
    let seq = u64::from_str_radix(parts.next()?, 36).ok()?;
    let index = u16::from_str_radix(parts.next()?, 36).ok()?;
    Some(EffectId { seq: Seq(seq), index })
}

/// All that can be read in a message: its text, then each box's title, text and fields.
fn words(message: &Value) -> String {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![text(&message["content"])];
    for embed in message["embeds"].as_array().into_iter().flatten() {
        lines.extend([text(&embed["title"]), text(&embed["description"])]);
        for field in embed["fields"].as_array().into_iter().flatten() {
            lines.push(format!("{}: {}", text(&field["name"]), text(&field["value"])));
        }
        lines.push(text(&embed["footer"]["text"]));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Which part of a history a query asks for.
fn part(query: &str) -> History {
    let asked =
        |name| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok());
    History { limit: asked("limit"), before: asked("before").map(Id), ..History::default() }
}

fn sent(files: &[render::File]) -> Vec<File> {
    let file = |(index, f): (u64, &render::File)| File {
        index,
        filename: f.name.clone(),
        content_type: "application/octet-stream".to_owned(),
        bytes: f.bytes.clone(),
    };
    (0..).zip(files).map(file).collect()
}

/// A refusal as whoever carries requests hands it on: every 429 is a limit.
fn told(refusal: Refusal) -> RestError {
    match refusal.status {
        429 => RestError::Limited(Duration::from_secs_f64(
            refusal.retry_after.unwrap_or(5.0).clamp(0.05, 3600.0),
        )),
        status => RestError::Refused { status, code: refusal.code.into(), message: refusal.message },
    }
}
