//! The sandbox: a Discord of its own on loopback, for trying Muster without an account and for testing it. It is written
//! from Discord's documentation and knows nothing of the bot, so that a mistake of the bot's shows.
//!
//! - [`world`] is Discord's state and rules, pure;
//! - `rest` and [`gateway`] are its two doors, `limits`, [`faults`] and `log` what happens at the first;
//! - [`client`] is a person's client, for tests and stories;
//! - [`page`] shows it all in a browser, [`practice`] is what there is to break;
//! - [`beside`] is what the page also shows: the bot's own journal and clock, given by whoever starts both.

pub mod beside;
pub mod client;
pub mod faults;
pub mod gateway;
pub mod limits;
mod log;
pub mod page;
pub mod practice;
mod rest;
mod shared;
pub mod world;

pub use beside::Beside;
pub use client::Client;
pub use faults::{Fault, Faults, Rule};
pub use gateway::Gateway;
pub use limits::Limits;
pub use shared::Clock;
pub use world::World;
pub use world::seed::Person;

use axum::Router;
use practice::Fleet;
use shared::Shared;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use world::guild::OverwriteKind;
use world::{Id, Timings};

/// How a sandbox is to be.
pub struct Setup {
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// The time.
    pub clock: Clock,
    /// Where to log REST requests, if anywhere; the file is appended to.
    pub request_log: Option<PathBuf>,
    /// The rate limits.
    pub limits: Limits,
    /// Discord's times, where they shall differ from the world's own.
    pub timings: Option<Timings>,
    /// How often clients are to send a heartbeat, ms.
    pub heartbeat_ms: u64,
    /// The world to go on with; a fresh practice world if none.
    pub world: Option<World>,
}

impl Setup {
    /// Any free port, Discord's own limits, no log, a fresh world.
    pub fn new(clock: Clock) -> Setup {
        Setup {
            port: 0,
            clock,
            request_log: None,
            limits: Limits::real(),
            timings: None,
            heartbeat_ms: 41_250,
            world: None,
        }
    }
}

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts one.
    ///
    /// # Errors
    /// If the port is taken, or the request log cannot be opened.
    pub async fn start(setup: Setup) -> io::Result<Sandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, setup.port)).await?;
        let port = listener.local_addr()?.port();
        let fleet = Fleet::new(Arc::clone(&setup.clock));
        let shared = Arc::new(Shared::new(setup, port, fleet)?);
        let app = Router::new()
            .merge(page::router(Arc::clone(&shared)))
            .merge(rest::router(Arc::clone(&shared)))
            .merge(gateway::router(Arc::clone(&shared)))
            .nest("/practice", practice::router(Arc::clone(&shared.fleet)))
            // Any web page that is open on this machine could call it otherwise.
            .layer(axum::middleware::from_fn(page::loopback_only));
        let until = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            let served =
                axum::serve(listener, app).with_graceful_shutdown(async move { until.closed().await });
            if let Err(error) = served.await {
                eprintln!("The sandbox stopped serving: {error}. Start it again.");
            }
        });
        Ok(Sandbox { shared, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.shared.port).into()
    }

    /// What a bot sets as Discord's address: `http://127.0.0.1:PORT`, without `/api`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// What goes wrong over REST.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What goes wrong over the gateway.
    pub fn gateway(&self) -> Gateway<'_> {
        Gateway { shared: &self.shared }
    }

    /// The practice services.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.shared.fleet
    }

    /// Shows this beside Discord from now on.
    pub fn show_beside(&self, beside: Arc<dyn Beside>) {
        self.shared.beside.send_replace(Some(beside));
        self.shared.touched();
    }

    /// A client of that person's.
    pub fn client(&self, person: Person) -> Client {
        Client::new(Arc::clone(&self.shared), person)
    }

    /// Reads from the world.
    pub fn look<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.shared.lock().world)
    }

    /// Does something to the world now (`i64`, ms), as Discord or somebody with the right to would; clients are told.
    pub fn change<R>(&self, change: impl FnOnce(&mut World, i64) -> R) -> R {
        self.shared.change(change)
    }

    /// Switches direct messages from members of a server off for somebody, as they would in their settings
    /// (50007), or on.
    pub fn refuse_direct_messages(&self, person: Person, refuse: bool) {
        self.shared.change(|world, _| world.refuse_direct_messages(person.id(), refuse));
    }

    /// Hides a channel from somebody, as an administrator would.
    pub fn hide(&self, channel: Id, from: Person) {
        let (kind, hidden) = (OverwriteKind::Member, world::VIEW_CHANNEL);
        self.shared.change(|world, _| world.overwrite(channel, kind, from.id(), 0, hidden));
    }

    /// Lets what depends on time happen now, after a clock was moved by hand.
    pub fn tick(&self) {
        self.shared.change(|_, _| ());
    }

    /// Waits until `what` finds something in the world. It is asked after every change; callers limit the wait.
    pub async fn wait_for<R>(&self, what: impl Fn(&World) -> Option<R>) -> R {
        client::wait_for(&self.shared, what).await
    }

    /// Waits until that many connections of bots are up.
    pub async fn wait_for_bots(&self, count: usize) {
        self.bots_are(|connected| connected >= count).await;
    }

    /// Waits until the connections of all bots are down: a killed one is noticed a moment after its end, and
    /// what is sent to it until then nobody hears.
    pub async fn wait_for_no_bots(&self) {
        self.bots_are(|connected| connected == 0).await;
    }

    async fn bots_are(&self, wanted: impl Fn(usize) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !wanted(self.shared.lock().hub.bots_connected()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The bot's requests that were answered 401, 403 or 429 and count towards a ban.
    pub fn invalid_requests(&self) -> usize {
        self.shared.lock().limiter.invalid_requests()
    }

    /// Stops it, and gives the world back, with which another can go on.
    pub async fn stop(mut self) -> World {
        self.shared.closing.send_replace(true);
        // Connections that somebody keeps open must not keep this waiting.
        if tokio::time::timeout(Duration::from_secs(2), &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.shared.lock().world.clone()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.closing.send_replace(true);
    }
}
