//! The gateway: serenity's client, watched over. Nothing that matters depends on its being up:
//! posts go by REST alone. It is what brings commands, buttons and forms.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serenity::all::{ClientBuilder, ConnectionStage, Context, Event, GatewayIntents, RawEventHandler};
use serenity::gateway::GatewayError;
use serenity::http::HttpBuilder;
use tokio::sync::watch;

use super::interaction;
use super::respond::Responder;
use crate::kit::backoff::Backoff;
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;

/// Between two tries to connect. Discord allows 1000 identifies a day.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(120) };
/// Identifies in a day after which Muster waits for the next one: Discord resets the token of a
/// bot that goes past 1000.
const IDENTIFIES: usize = 900;

/// How the gateway is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// Not there yet, or not any more.
    Connecting,
    /// Commands arrive.
    Ready,
    /// It cannot work as it is set up; the words say what to do.
    Stopped(String),
}

/// What the gateway counts, for whoever wants to know how it is doing.
#[derive(Debug, Default)]
pub struct Counts {
    /// Interactions that arrived.
    pub interactions: AtomicU64,
    /// Interactions that serenity could not read.
    pub unreadable: AtomicU64,
    /// Sessions begun anew.
    pub identifies: AtomicU64,
}

struct Handler {
    responder: Responder,
    status: watch::Sender<Gateway>,
    counts: Arc<Counts>,
    clock: Clock,
    days: Mutex<Vec<Timestamp>>,
    stop: watch::Receiver<bool>,
}

#[serenity::async_trait]
impl RawEventHandler for Handler {
    /// Each event comes in a task of its own, so one that is slow holds up no other.
    async fn raw_event(&self, _: Context, event: Event) {
        match event {
            Event::InteractionCreate(created) => {
                self.counts.interactions.fetch_add(1, Ordering::Relaxed);
                if let Some(interaction) = interaction::of(created.interaction) {
                    self.responder.answer(interaction).await;
                }
            }
            Event::Unknown(unknown) if unknown.kind == "INTERACTION_CREATE" => {
                self.counts.unreadable.fetch_add(1, Ordering::Relaxed);
                tracing::warn!("an interaction came in a shape that is not known here");
                self.responder.unreadable(&unknown.value).await;
            }
            Event::Ready(_) => {
                self.counts.identifies.fetch_add(1, Ordering::Relaxed);
                self.days.lock().unwrap_or_else(PoisonError::into_inner).push(self.clock.now());
                self.status.send_replace(Gateway::Ready);
            }
            Event::Resumed(_) => {
                self.status.send_replace(Gateway::Ready);
            }
            _ => {}
        }
    }
}

impl Handler {
    /// How many sessions were begun in the last day.
    fn today(&self) -> usize {
        let now = self.clock.now();
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.retain(|at| now.since(*at) < Duration::from_secs(86_400));
        days.len()
    }
}

/// Runs the gateway until it cannot work any more, and says why; `None` when `stop` was asked
/// for. Connects again after every other end; `status` tells whoever watches.
pub async fn run(
    responder: Responder,
    api_url: Option<&str>,
    clock: Clock,
    status: watch::Sender<Gateway>,
    counts: Arc<Counts>,
    stop: watch::Receiver<bool>,
) -> Option<String> {
    let handler =
        Arc::new(Handler { responder, status, counts, clock, days: Mutex::default(), stop: stop.clone() });
    let mut failures = 0;
    while !*stop.borrow() {
        if handler.today() >= IDENTIFIES {
            tracing::error!(
                "{IDENTIFIES} sessions in a day: Muster waits an hour before the next, so that Discord does not reset the token"
            );
            tokio::time::sleep(Duration::from_secs(3600)).await;
            continue;
        }
        let before = handler.today();
        let ended = session(&handler, api_url).await;
        handler.status.send_replace(Gateway::Connecting);
        if let Some(fatal) = fatal(&ended) {
            handler.status.send_replace(Gateway::Stopped(fatal.to_owned()));
            return Some(fatal.to_owned());
        }
        if *stop.borrow() {
            break;
        }
        failures = if handler.today() > before { 1 } else { failures + 1 };
        let wait = BACKOFF.after(failures);
        tracing::warn!(
            "the gateway ended ({ended:?}); again in {} s. Posts and alerts go on meanwhile.",
            wait.as_secs()
        );
        tokio::time::sleep(wait).await;
    }
    None
}

/// One life of serenity's client.
async fn session(handler: &Arc<Handler>, api_url: Option<&str>) -> serenity::Result<()> {
    let http = HttpBuilder::new(handler.responder.rest.token().reveal()).ratelimiter_disabled(true);
    let http = match api_url {
        Some(url) => http.proxy(url.trim_end_matches('/')),
        None => http,
    };
    // No intent: interactions need none, and what is not sent cannot be leaked.
    let shared = Shared(handler.clone());
    let mut client =
        ClientBuilder::new_with_http(http.build(), GatewayIntents::empty()).raw_event_handler(shared).await?;
    let shards = client.shard_manager.clone();
    let watched = tokio::spawn(watch_over(handler.clone(), shards.clone()));
    let mut stop = handler.stop.clone();
    let ended = tokio::select! {
        ended = client.start() => Some(ended),
        () = asked(&mut stop) => None,
    };
    watched.abort();
    if ended.is_none() {
        // serenity's shards are tasks of their own, which would go on answering.
        shards.shutdown_all().await;
    }
    ended.unwrap_or(Ok(()))
}

/// Waits until somebody asks for the end.
async fn asked(stop: &mut watch::Receiver<bool>) {
    // Without a sender nobody can ask any more, which is an end too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Keeps the status true while the client runs: serenity reconnects by itself, quietly.
async fn watch_over(handler: Arc<Handler>, shards: Arc<serenity::all::ShardManager>) {
    let mut every = tokio::time::interval(Duration::from_secs(2));
    loop {
        every.tick().await;
        let connected = ConnectionStage::Connected;
        let lost = shards.runners.lock().await.values().any(|r| r.stage != connected);
        if lost && *handler.status.borrow() == Gateway::Ready {
            tracing::warn!(
                "the gateway's connection is lost; serenity connects again. Posts and alerts go on meanwhile."
            );
            handler.status.send_replace(Gateway::Connecting);
        }
    }
}

struct Shared(Arc<Handler>);

#[serenity::async_trait]
impl RawEventHandler for Shared {
    async fn raw_event(&self, context: Context, event: Event) {
        self.0.raw_event(context, event).await;
    }
}

/// What no new try can mend (Discord, "Gateway close event codes").
fn fatal(ended: &serenity::Result<()>) -> Option<&'static str> {
    match ended {
        Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => Some(
            "Discord does not accept the token. Copy it anew from the developer portal (Bot, Reset Token) into DISCORD_TOKEN.",
        ),
        Err(serenity::Error::Gateway(
            GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents,
        )) => Some("Discord refuses the intents, although Muster asks for none. Update Muster."),
        Err(serenity::Error::Gateway(GatewayError::OverloadedShard | GatewayError::InvalidShardData)) => {
            Some(
                "Discord wants this bot in shards, which means it is in thousands of servers. Give Muster an application of its own.",
            )
        }
        _ => None,
    }
}
