//! What REST, the gateway and the tests share: one world behind one lock, and the news that it changed. Whatever an
//! operation causes is handed to the gateway's sessions under that same lock, so that everybody sees one order.

use super::Setup;
use super::beside::Beside;
use super::faults::Faults;
use super::gateway::Hub;
use super::limits::{Limiter, Limits};
use super::log::RequestLog;
use super::practice::Fleet;
use super::world::World;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Milliseconds since the Unix epoch, asked whenever something happens.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

pub(super) struct Shared {
    pub clock: Clock,
    pub faults: Faults,
    pub log: RequestLog,
    pub limits: Limits,
    pub heartbeat_ms: u64,
    pub port: u16,
    pub fleet: Arc<Fleet>,
    /// What the page shows beside Discord, once somebody gave it.
    pub beside: watch::Sender<Option<Arc<dyn Beside>>>,
    /// Counts changes of the world; awaited by `wait_for`.
    pub changes: watch::Sender<u64>,
    /// Turns true when the sandbox stops; whatever waits, ends.
    pub closing: watch::Sender<bool>,
    inner: Mutex<Inner>,
}

/// What the lock guards.
pub(super) struct Inner {
    pub world: World,
    pub hub: Hub,
    pub limiter: Limiter,
}

impl Shared {
    pub fn new(setup: Setup, port: u16, fleet: Arc<Fleet>) -> std::io::Result<Shared> {
        let mut world = setup.world.unwrap_or_else(super::world::seed::world);
        world.base_url = format!("http://127.0.0.1:{port}");
        if let Some(timings) = setup.timings {
            world.timings = timings;
        }
        // Events from before the start are nobody's news.
        world.drain();
        Ok(Shared {
            clock: setup.clock,
            faults: Faults::default(),
            log: RequestLog::open(setup.request_log)?,
            limits: setup.limits,
            heartbeat_ms: setup.heartbeat_ms,
            port,
            fleet,
            beside: watch::Sender::new(None),
            changes: watch::Sender::new(0),
            closing: watch::Sender::new(false),
            inner: Mutex::new(Inner { world, hub: Hub::default(), limiter: Limiter::default() }),
        })
    }

    /// A panic elsewhere must not make the sandbox deaf: the world is consistent between operations.
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets whoever looks know that something changed that is not the world's.
    pub fn touched(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Does something to the world now, and tells of it.
    pub fn change<R>(&self, operation: impl FnOnce(&mut World, i64) -> R) -> R {
        let now = self.now();
        let mut inner = self.lock();
        inner.world.tick(now);
        let result = operation(&mut inner.world, now);
        let events = inner.world.drain();
        let Inner { world, hub, .. } = &mut *inner;
        for event in events {
            hub.deliver(world, event);
        }
        drop(inner);
        self.touched();
        result
    }

    /// Ends when the sandbox stops.
    pub async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // An error means that the sender is gone, which is the same news.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}
