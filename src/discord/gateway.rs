//! The gateway: serenity's shard, watched over. Nothing that matters depends on its being up:
//! posts go by REST alone. It is what brings commands, buttons and forms.
//!
//! One shard runner is one session, which identifies once and resumes as often as it can.
//! serenity's own client would begin the next session by itself, where nobody can count it, so
//! the runner is driven here without the client.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serenity::all::{
    ConnectionStage, Context, Event, GatewayIntents, Http, RawEventHandler, Shard, ShardId, ShardInfo,
    ShardManager, ShardMessenger, ShardRunner, ShardRunnerInfo, ShardRunnerOptions,
};
use serenity::gateway::{GatewayError, ShardManagerOptions};
use serenity::http::HttpBuilder;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::interaction;
use super::respond::Responder;
use crate::kit::backoff::Backoff;
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;

/// Between two sessions. Discord allows one identify in five seconds, and 1000 a day: were
/// every session refused, the longest wait would make it 720.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(5), most: Duration::from_secs(120) };
/// Identifies in a day after which Muster waits: Discord resets the token of a bot that goes
/// past 1000.
const IDENTIFIES: usize = 900;
/// How long it waits then, before it looks again.
const SPARE: Duration = Duration::from_secs(3600);
/// Identifies in a row without READY that are more than an outage of a moment.
const UNREADY: u32 = 5;
/// Between two tries after that.
const RARELY: Duration = Duration::from_secs(300);
/// How long one request, or one connection, may take.
const REQUEST: Duration = Duration::from_secs(10);
/// How often the session is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// A session that is not connected for so long is begun anew.
const NOT_READY: Duration = Duration::from_secs(90);
/// A session whose heartbeats (every 41 s) say nothing new for so long hangs, and is begun anew.
const HANGS: Duration = Duration::from_secs(150);
/// How long a session may take to say goodbye. serenity reads its orders twice a second.
pub const GOODBYE: Duration = Duration::from_secs(2);

/// What is wrong when Discord does not accept the token, at the gateway or over REST.
pub const TOKEN_REFUSED: &str = "Discord does not accept the token. Copy it anew from the developer portal (Bot, Reset Token) into DISCORD_TOKEN.";

/// The only shard there is.
const SHARD: ShardId = ShardId(0);

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
    /// Sessions begun, those that Discord refused included.
    pub identifies: AtomicU64,
}

/// What was begun, and what came of it.
#[derive(Debug, Default)]
struct Sessions {
    /// When each session of the last day was begun.
    begun: Vec<Timestamp>,
    /// How many were begun since the last READY.
    unready: u32,
}

impl Sessions {
    /// Whether one more may be begun.
    fn may_begin(&mut self, now: Timestamp) -> bool {
        self.begun.retain(|at| now.since(*at) < Duration::from_secs(86_400));
        self.begun.len() < IDENTIFIES
    }

    fn begin(&mut self, now: Timestamp) {
        self.begun.push(now);
        self.unready += 1;
    }
}

struct Handler {
    responder: Responder,
    status: watch::Sender<Gateway>,
    counts: Arc<Counts>,
    clock: Clock,
    sessions: Mutex<Sessions>,
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
                self.sessions().unready = 0;
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
    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the status true: serenity resumes by itself, quietly.
    fn look(&self, connected: bool) {
        let ready = *self.status.borrow() == Gateway::Ready;
        if connected && !ready {
            self.status.send_replace(Gateway::Ready);
        } else if ready && !connected {
            tracing::warn!(
                "the gateway's connection is lost; it is made again. Posts and alerts go on meanwhile."
            );
            self.status.send_replace(Gateway::Connecting);
        }
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
    mut stop: watch::Receiver<bool>,
) -> Option<String> {
    let handler = Arc::new(Handler { responder, status, counts, clock, sessions: Mutex::default() });
    let mut failures = 0;
    while !*stop.borrow() {
        let wait = if handler.sessions().may_begin(handler.clock.now()) {
            let ended = session(&handler, api_url, &mut stop).await;
            handler.status.send_replace(Gateway::Connecting);
            if let Some(fatal) = fatal(&ended) {
                handler.status.send_replace(Gateway::Stopped(fatal.to_owned()));
                return Some(fatal.to_owned());
            }
            if *stop.borrow() {
                // Nothing begins again, so there is nothing to tell.
                return None;
            }
            let unready = handler.sessions().unready;
            failures = if ended.is_ok() && unready == 0 { 1 } else { failures + 1 };
            again_after(ended, failures, unready)
        } else {
            tracing::error!(
                "{IDENTIFIES} sessions in a day: Muster waits an hour before it looks again, so that Discord does not reset the token. Is the token in use elsewhere? Posts and alerts go on meanwhile."
            );
            SPARE
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = asked(&mut stop) => {}
        }
    }
    None
}

/// How long to wait after a session, said to the log as well.
fn again_after(ended: serenity::Result<()>, failures: u32, unready: u32) -> Duration {
    let why = ended.err().map_or_else(|| "the session is over".to_owned(), |e| e.to_string());
    if unready < UNREADY {
        let wait = BACKOFF.after(failures);
        tracing::warn!(
            "the gateway ended: {why}; again in {} s. Posts and alerts go on meanwhile.",
            wait.as_secs()
        );
        return wait;
    }
    tracing::error!(
        "Discord let none of the last {unready} sessions begin ({why}); again in {} s. If discordstatus.com shows no outage, update Muster. Posts and alerts go on meanwhile.",
        RARELY.as_secs()
    );
    RARELY
}

/// One session, to its end.
async fn session(
    handler: &Arc<Handler>,
    api_url: Option<&str>,
    stop: &mut watch::Receiver<bool>,
) -> serenity::Result<()> {
    let mut runner = tokio::select! {
        runner = connect(handler, api_url) => runner?,
        () = asked(stop) => return Ok(()),
    };
    // It identifies as soon as Discord says HELLO, and never again: see `manager`.
    handler.sessions().begin(handler.clock.now());
    handler.counts.identifies.fetch_add(1, Ordering::Relaxed);
    let orders = runner.messenger;
    let manager = runner.manager;
    // Aborted when it is dropped, however this ends.
    let mut running = JoinSet::new();
    running.spawn(async move { Box::pin(runner.runner.run()).await });
    let mut every = tokio::time::interval(LOOK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut lost, mut silent, mut latency) = (Duration::ZERO, Duration::ZERO, None);
    loop {
        tokio::select! {
            ended = running.join_next() => return match ended {
                Some(Ok(ended)) => ended,
                _ => Err(serenity::Error::Other("serenity's shard broke")),
            },
            () = asked(stop) => {
                // Only a shard that is connected can say goodbye: one whose connection is closed
                // would wait for the answer for ever.
                if *handler.status.borrow() == Gateway::Ready {
                    orders.shutdown_clean();
                    let _ = tokio::time::timeout(GOODBYE, running.join_next()).await;
                }
                return Ok(());
            }
            _ = every.tick() => {}
        }
        let shard = manager.runners.lock().await.get(&SHARD).map(|shard| (shard.stage, shard.latency));
        let connected = shard.is_some_and(|(stage, _)| stage == ConnectionStage::Connected);
        handler.look(connected);
        lost = if connected { Duration::ZERO } else { lost + LOOK };
        let now = shard.and_then(|(_, latency)| latency);
        silent = if now == latency { silent + LOOK } else { Duration::ZERO };
        latency = now;
        if lost >= NOT_READY {
            return Err(serenity::Error::Other("it did not become ready in time"));
        }
        if silent >= HANGS {
            return Err(serenity::Error::Other("no heartbeat came back"));
        }
    }
}

/// A shard whose connection is open, before it runs.
struct Opened {
    runner: ShardRunner,
    messenger: ShardMessenger,
    manager: Arc<ShardManager>,
}

async fn connect(handler: &Arc<Handler>, api_url: Option<&str>) -> serenity::Result<Opened> {
    let http = Arc::new(http(handler, api_url)?);
    let url = Arc::new(tokio::sync::Mutex::new(http.get_gateway().await?.url));
    let info = ShardInfo { id: SHARD, total: 1 };
    // No intent: interactions need none, and what is not sent cannot be leaked.
    let opening = Shard::new(url.clone(), http.token(), info, GatewayIntents::empty(), None);
    let shard = tokio::time::timeout(REQUEST, opening)
        .await
        .map_err(|_| serenity::Error::Other("the gateway's address does not answer"))??;
    let manager = manager(&http)?;
    // A runner that gives up asks to be shut down first; nobody else would answer it for 5 s.
    manager.shutdown_finished(SHARD);
    let runner = ShardRunner::new(ShardRunnerOptions {
        data: Arc::default(),
        event_handlers: vec![],
        raw_event_handlers: vec![handler.clone()],
        manager: manager.clone(),
        shard,
        http,
    });
    let messenger = ShardMessenger::new(&runner);
    let info =
        ShardRunnerInfo { latency: None, runner_tx: messenger.clone(), stage: ConnectionStage::Disconnected };
    manager.runners.lock().await.insert(SHARD, info);
    Ok(Opened { runner, messenger, manager })
}

fn http(handler: &Handler, api_url: Option<&str>) -> reqwest::Result<Http> {
    let client = reqwest::Client::builder().use_rustls_tls().timeout(REQUEST).build()?;
    let http =
        HttpBuilder::new(handler.responder.rest.token().reveal()).client(client).ratelimiter_disabled(true);
    Ok(match api_url {
        Some(url) => http.proxy(url.trim_end_matches('/')),
        None => http,
    }
    .build())
}

/// What serenity's runner reports to. It comes with a task that begins sessions whenever a
/// runner asks for one; that task belongs to a runtime that is gone before it ran, so a runner
/// that asks just ends, and [`run`] decides.
fn manager(http: &Arc<Http>) -> std::io::Result<Arc<ShardManager>> {
    let nowhere = tokio::runtime::Builder::new_current_thread().build()?;
    let inside = nowhere.enter();
    let (manager, _) = ShardManager::new(ShardManagerOptions {
        data: Arc::default(),
        event_handlers: vec![],
        raw_event_handlers: vec![],
        shard_index: 0,
        shard_init: 1,
        shard_total: 1,
        ws_url: Arc::default(),
        http: http.clone(),
        intents: GatewayIntents::empty(),
        presence: None,
    });
    drop(inside);
    nowhere.shutdown_background();
    Ok(manager)
}

/// Waits until somebody asks for the end.
pub async fn asked(stop: &mut watch::Receiver<bool>) {
    // Without a sender nobody can ask any more, which is an end too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What no new try can mend (Discord, "Gateway close event codes"). serenity's runner ends with
/// an error for these alone.
fn fatal(ended: &serenity::Result<()>) -> Option<&'static str> {
    match ended {
        Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => Some(TOKEN_REFUSED),
        Err(serenity::Error::Gateway(
            GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents,
        )) => Some("Discord refuses the intents, although Muster asks for none. Update Muster."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_so_many_sessions_and_no_more() {
        let mut sessions = Sessions::default();
        let start = Timestamp(1_795_251_600_000);
        for second in 0..IDENTIFIES as u64 {
            let now = start.after(Duration::from_secs(second));
            assert!(sessions.may_begin(now), "session {second}");
            sessions.begin(now);
        }
        assert!(!sessions.may_begin(start.after(Duration::from_secs(86_399))));
        assert!(sessions.may_begin(start.after(Duration::from_secs(86_400))), "the first is a day old");
    }

    #[test]
    fn sessions_that_never_begin_are_tried_rarely() {
        let waits: Vec<u64> = (1..=6).map(|n| again_after(Ok(()), n, n).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 300, 300]);
        assert_eq!(again_after(Ok(()), 1, 0).as_secs(), 5, "after one that was ready");
    }
}
