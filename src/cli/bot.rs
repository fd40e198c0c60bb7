//! A running Muster, put together: engine, outbox, Discord, runner. `serve`, the sandbox and
//! the tests all start this one.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::discord::api::RestError;
use crate::discord::deliver::{DiscordDelivery, Identity, identity};
use crate::discord::gateway::{self, Counts, Gateway};
use crate::discord::respond::Responder;
use crate::discord::{Rest, Token, commands};
use crate::engine::{Deliver, Delivery, Down, Engine, Job};
use crate::journal::Journal;
use crate::kit::backoff::Backoff;
use crate::kit::clock::Clock;
use crate::model::effect::Effect;
use crate::model::house::House;
use crate::model::input::Input;
use crate::runner::CheckRunner;

/// Between two tries to reach Discord at the start.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), most: Duration::from_secs(60) };

/// How long the gateway may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// A running Muster.
pub struct Bot {
    watch: Watch,
    reloader: Reloader,
    stop: watch::Sender<bool>,
    gateway: JoinHandle<()>,
}

/// Looks at a running Muster.
#[derive(Clone)]
pub struct Watch {
    /// The engine, for whoever hands in more than Discord does.
    pub engine: Engine,
    /// How the gateway is.
    pub gateway: watch::Receiver<Gateway>,
    /// What it counts.
    pub counts: Arc<Counts>,
}

/// Gives a running Muster the files that people changed.
#[derive(Clone)]
pub struct Reloader {
    engine: Engine,
    house: Arc<watch::Sender<Arc<House>>>,
    rest: Arc<Rest>,
}

impl Reloader {
    /// Works with this house from now on, and tells Discord where commands changed.
    pub async fn reload(&self, house: House) {
        let house = Arc::new(house);
        self.engine.reload(house.clone());
        self.house.send_replace(house.clone());
        match identity(&*self.rest).await {
            Ok(identity) => register(&self.rest, &self.engine, &house, identity).await,
            Err(e) => tracing::warn!("the commands could not be compared with Discord's: {e}"),
        }
    }
}

/// Each effect to whoever does that kind.
struct Routes {
    discord: Arc<DiscordDelivery<Rest>>,
    runner: CheckRunner,
}

#[async_trait::async_trait]
impl Deliver for Routes {
    async fn deliver(&self, job: Job) -> Delivery {
        match &job.effect {
            Effect::Check(asked) => self.runner.check(asked).await,
            _ => self.discord.deliver(job).await,
        }
    }
}

impl Bot {
    /// Starts on a journal. Comes back as soon as the journal is folded: what is owed is under
    /// way then, and Discord is being reached; [`Bot::ready`] waits for commands to arrive.
    ///
    /// # Errors
    /// When the journal cannot be read, or the program cannot set itself up.
    pub async fn start(
        journal: impl Journal + 'static,
        house: House,
        token: Token,
        clock: Clock,
    ) -> Result<Bot, Down> {
        let house = Arc::new(house);
        let (sender, houses) = watch::channel(house.clone());
        let tz = house.settings.timezone;
        let api_url = house.settings.api_url.clone();
        let rest = Arc::new(Rest::new(token, api_url.as_deref(), clock.clone()).map_err(Down)?);
        let discord = Arc::new(DiscordDelivery::new(rest.clone(), tz, clock.clone()));
        let runner = CheckRunner::new(houses).map_err(Down)?;
        let routes = Arc::new(Routes { discord: discord.clone(), runner });
        let engine = Engine::start(journal, house.clone(), clock.clone(), routes)?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        engine.submit(Input::Started { version }).await.map_err(|r| Down(r.0))?;
        let (status, gateway) = watch::channel(Gateway::Connecting);
        let counts = Arc::new(Counts::default());
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn({
            let (engine, rest, counts) = (engine.clone(), rest.clone(), counts.clone());
            async move {
                let identity = introduce(&rest, &engine, &house, &discord).await;
                let responder = Responder { engine, rest, tz, application: identity.application };
                let ended = gateway::run(responder, api_url.as_deref(), clock, status, counts, stopped).await;
                if let Some(why) = ended {
                    tracing::error!("{why}");
                }
            }
        });
        let reloader = Reloader { engine: engine.clone(), house: Arc::new(sender), rest };
        Ok(Bot { watch: Watch { engine, gateway, counts }, reloader, stop, gateway: task })
    }

    /// Waits until commands arrive.
    ///
    /// # Errors
    /// What stands in the way, where no waiting helps.
    pub async fn ready(&self) -> Result<(), Down> {
        self.reaches(Gateway::Ready).await
    }

    /// Waits for what no waiting mends, and says it.
    pub async fn stopped(&self) -> Down {
        // `Stopped` itself is what `reaches` fails with.
        match self.reaches(Gateway::Stopped(String::new())).await {
            Err(down) => down,
            Ok(()) => Down("the gateway stopped".to_owned()),
        }
    }

    async fn reaches(&self, wanted: Gateway) -> Result<(), Down> {
        let mut gateway = self.watch.gateway.clone();
        let at = gateway.wait_for(|g| *g == wanted || matches!(g, Gateway::Stopped(_))).await;
        match at.as_deref() {
            Ok(Gateway::Stopped(why)) => Err(Down(why.clone())),
            Ok(_) => Ok(()),
            Err(_) => Err(Down("Muster is stopping".to_owned())),
        }
    }

    /// For whoever reads the files again.
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// For whoever wants to know how it is doing.
    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.watch.engine
    }

    /// Keeps a snapshot and ends. What is owed stays owed.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // It may be waiting for Discord, which is no reason for a person to wait.
        let mut gateway = self.gateway;
        if tokio::time::timeout(GOODBYE, &mut gateway).await.is_err() {
            gateway.abort();
        }
        self.watch.engine.stop().await;
    }
}

/// Learns who the bot is and registers its commands, before the gateway brings the first use.
/// Goes on asking while Discord is away.
async fn introduce(rest: &Rest, engine: &Engine, house: &House, discord: &DiscordDelivery<Rest>) -> Identity {
    let mut failures = 0;
    let identity = loop {
        match discord.identity().await {
            Ok(identity) => break identity,
            Err(e) => {
                failures += 1;
                let wait = match e {
                    RestError::Limited(after) => after,
                    _ => BACKOFF.after(failures),
                };
                tracing::warn!("Discord cannot be reached: {e}; again in {} s", wait.as_secs().max(1));
                tokio::time::sleep(wait).await;
            }
        }
    };
    register(rest, engine, house, identity).await;
    identity
}

/// Registers the commands. Where Discord refuses, the old ones go on working.
async fn register(rest: &Rest, engine: &Engine, house: &House, identity: Identity) {
    match commands::register(rest, engine, house, identity.application).await {
        Ok(true) => tracing::info!("slash commands registered"),
        Ok(false) => {}
        Err(e @ RestError::Refused { status: 403 | 404, .. }) => tracing::error!(
            "the slash commands were not taken: {e}. Is the bot in the server that muster.toml names? `muster invite` prints the link."
        ),
        Err(e) => tracing::error!("the slash commands were not taken: {e}"),
    }
}
