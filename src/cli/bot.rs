//! A running Muster, put together: engine, outbox, Discord, runner. `serve`, the sandbox and
//! the tests all start this one.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit::{Auditor, Findings, Looked};
use crate::discord::api::RestError;
use crate::discord::deliver::{DiscordDelivery, Identity};
use crate::discord::gateway::{self, Counts, Gateway};
use crate::discord::respond::Responder;
use crate::discord::{Rest, Token, commands, live};
use crate::engine::live::Live;
use crate::engine::{Deliver, Delivery, Down, Engine, Job};
use crate::intake::{Door, Intake};
use crate::journal::Journal;
use crate::kit::backoff::Backoff;
use crate::kit::clock::Clock;
use crate::model::effect::Effect;
use crate::model::house::House;
use crate::model::input::Input;
use crate::model::page::Way;
use crate::notify::Notifier;
use crate::runner::watch::Looks;
use crate::runner::{CheckRunner, Secrets, StepRunner, Watcher};

/// Between two tries to reach Discord at the start.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), most: Duration::from_secs(60) };

/// How long the gateway may take to end: a little more than its own goodbye.
const GOODBYE: Duration = gateway::GOODBYE.saturating_add(Duration::from_secs(1));

/// A running Muster.
pub struct Bot {
    watch: Watch,
    reloader: Reloader,
    steps: StepRunner,
    /// Where alerts come in, where Muster listens.
    intake: Option<Intake>,
    watcher: Watcher,
    /// Looks after Muster itself, where it does.
    auditor: Option<Auditor>,
    houses: watch::Receiver<Arc<House>>,
    findings: watch::Sender<Findings>,
    /// Keeps the cards of runs fresh.
    cards: JoinHandle<()>,
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
    /// What the steps that run now printed last.
    pub live: Live,
    /// The time that it goes by.
    pub clock: Clock,
    /// Where secrets come from.
    pub secrets: Secrets,
    /// Where alerts come in, where it listens for them.
    pub intake: Option<SocketAddr>,
    /// What the auditor finds wrong; `None` where nobody looks.
    pub findings: watch::Receiver<Findings>,
}

/// Gives a running Muster the files that people changed.
#[derive(Clone)]
pub struct Reloader {
    engine: Engine,
    house: Arc<watch::Sender<Arc<House>>>,
    /// The newest house that was compared with Discord's commands; `None` before the first.
    tried: watch::Receiver<Option<Arc<House>>>,
    /// What Muster was started with.
    began: Arc<House>,
}

impl Reloader {
    /// Works with this house from now on. Comes back when Discord was told where commands
    /// changed, or another house came meanwhile; while Discord was never reached yet, at once.
    pub async fn reload(&self, house: House) {
        let (began, now) = (&self.began.settings, &house.settings);
        for (name, changed) in [
            ("timezone", began.timezone != now.timezone),
            ("discord.api_url", began.api_url != now.api_url),
            ("intake.listen", began.intake.listen != now.intake.listen),
        ] {
            if changed {
                tracing::warn!("{name} is not what it was at the start: it counts from the next start on");
            }
        }
        let house = Arc::new(house);
        self.engine.reload(house.clone());
        self.house.send_replace(house.clone());
        let mut tried = self.tried.clone();
        let superseded = || !Arc::ptr_eq(&self.house.borrow(), &house);
        // Where the gateway has stopped, nobody registers any more.
        let _ = tried.wait_for(|t| t.as_ref().is_none_or(|t| Arc::ptr_eq(t, &house)) || superseded()).await;
    }
}

/// Each effect to whoever does that kind.
struct Routes {
    discord: Arc<DiscordDelivery<Rest>>,
    checks: CheckRunner,
    steps: StepRunner,
    notifier: Notifier,
}

#[async_trait::async_trait]
impl Deliver for Routes {
    async fn deliver(&self, job: Job) -> Delivery {
        match &job.effect {
            Effect::Check(asked) => self.checks.check(asked).await,
            Effect::RunStep { .. } | Effect::EndStep { .. } => self.steps.deliver(&job).await,
            Effect::Page(calling) if !matches!(calling.way, Way::Mention | Way::Direct) => {
                self.notifier.deliver(&job).await
            }
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
        Bot::start_with(journal, house, token, clock, Secrets::environment()).await
    }

    /// The same, with secrets that come from elsewhere than the environment alone.
    ///
    /// # Errors
    /// As for [`Bot::start`].
    pub async fn start_with(
        journal: impl Journal + 'static,
        house: House,
        token: Token,
        clock: Clock,
        secrets: Secrets,
    ) -> Result<Bot, Down> {
        let house = Arc::new(house);
        let (sender, houses) = watch::channel(house.clone());
        let tz = house.settings.timezone;
        let api_url = house.settings.api_url.clone();
        let rest = Arc::new(Rest::new(token, api_url.as_deref(), clock.clone()).map_err(Down)?);
        let live = Live::default();
        let discord = DiscordDelivery::new(rest.clone(), tz, clock.clone()).with_live(live.clone());
        let discord = Arc::new(discord);
        let checks = CheckRunner::new(houses.clone()).map_err(Down)?;
        let steps = StepRunner::new(live.clone(), secrets.clone(), clock.clone()).map_err(Down)?;
        let notifier = Notifier::new(houses.clone(), secrets.clone(), clock.clone()).map_err(Down)?;
        let routes = Arc::new(Routes { discord: discord.clone(), checks, steps: steps.clone(), notifier });
        let engine = Engine::start(journal, house.clone(), clock.clone(), routes)?;
        let time = clock.clone();
        steps.set_engine(engine.clone());
        let version = env!("CARGO_PKG_VERSION").to_owned();
        engine.submit(Input::Started { version }).await.map_err(|r| Down(r.0))?;
        let watcher =
            Watcher::start(engine.clone(), houses.clone(), secrets.clone(), clock.clone()).map_err(Down)?;
        let (status, gateway) = watch::channel(Gateway::Connecting);
        let intake = match house.settings.intake.listen {
            Some(listen) => {
                let (named, reached) = (secrets.clone(), gateway.clone());
                let door = Door {
                    engine: engine.clone(),
                    houses: houses.clone(),
                    clock: clock.clone(),
                    secrets: Arc::new(move |name| named.one(name)),
                    up: Arc::new(move || *reached.borrow() == Gateway::Ready),
                };
                Some(Intake::start(door, listen).await.map_err(Down)?)
            }
            None => None,
        };
        let cards = tokio::spawn(live::keep(engine.clone(), live.clone(), discord.clone()));
        let counts = Arc::new(Counts::default());
        let (stop, stopped) = watch::channel(false);
        let (tries, tried) = watch::channel(None);
        let (findings, found) = watch::channel(None);
        let mine = houses.clone();
        let discord = Start { rest, engine: engine.clone(), tz, api_url, clock, discord, houses, tries };
        let task = tokio::spawn(discord.run(status, counts.clone(), stopped));
        let reloader = Reloader { engine: engine.clone(), house: Arc::new(sender), tried, began: house };
        Ok(Bot {
            watch: Watch {
                engine,
                gateway,
                counts,
                live,
                clock: time,
                secrets,
                intake: intake.as_ref().map(Intake::address),
                findings: found,
            },
            reloader,
            steps,
            intake,
            watcher,
            auditor: None,
            houses: mine,
            findings,
            cards,
            stop,
            gateway: task,
        })
    }

    /// Begins to look after Muster itself, whose data is in this folder.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn look_after(&mut self, folder: &Path) -> Result<(), Down> {
        let gateway = self.watch.gateway.clone();
        let what = Looked {
            engine: self.watch.engine.clone(),
            houses: self.houses.clone(),
            clock: self.watch.clock.clone(),
            up: Arc::new(move || *gateway.borrow() == Gateway::Ready),
            folder: folder.to_owned(),
        };
        self.auditor = Some(Auditor::start(what, self.findings.clone()).map_err(Down)?);
        Ok(())
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

    /// When each rule was last looked at.
    pub fn looks(&self) -> watch::Receiver<Looks> {
        self.watcher.looks()
    }

    /// Keeps a snapshot and ends. What is owed stays owed.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.cards.abort();
        // What ends now is no finding.
        if let Some(auditor) = self.auditor {
            auditor.close().await;
        }
        // First: whoever is answered is answered while there is somebody to keep it.
        if let Some(intake) = self.intake {
            intake.stop().await;
        }
        // It may be waiting for Discord, which is no reason for a person to wait.
        let mut gateway = self.gateway;
        if tokio::time::timeout(GOODBYE, &mut gateway).await.is_err() {
            gateway.abort();
        }
        self.watcher.close().await;
        self.watch.engine.stop().await;
        // Only now: that a step was cut short is for the next start to find, not a result.
        self.steps.close().await;
    }
}

/// What it takes to reach Discord.
struct Start {
    rest: Arc<Rest>,
    engine: Engine,
    tz: Tz,
    api_url: Option<String>,
    clock: Clock,
    discord: Arc<DiscordDelivery<Rest>>,
    houses: watch::Receiver<Arc<House>>,
    tries: watch::Sender<Option<Arc<House>>>,
}

impl Start {
    /// Until the gateway cannot work any more, or `stop` is asked for.
    async fn run(self, status: watch::Sender<Gateway>, counts: Arc<Counts>, mut stop: watch::Receiver<bool>) {
        let introduced = tokio::select! {
            introduced = introduce(&self.discord) => introduced,
            () = gateway::asked(&mut stop) => return,
        };
        let Identity { application, .. } = match introduced {
            Ok(identity) => identity,
            Err(why) => {
                tracing::error!("{why}");
                status.send_replace(Gateway::Stopped(why.to_owned()));
                return;
            }
        };
        let keep = commands::keep(&self.rest, &self.engine, self.houses, application, &self.tries);
        let responder =
            Responder { engine: self.engine.clone(), rest: self.rest.clone(), tz: self.tz, application };
        let mut tried = self.tries.subscribe();
        let serve = async {
            // The commands come before the gateway brings the first use of one.
            tokio::select! {
                _ = tried.wait_for(Option::is_some) => {}
                () = gateway::asked(&mut stop) => {}
            }
            gateway::run(responder, self.api_url.as_deref(), self.clock, status, counts, stop).await
        };
        let ended = tokio::select! {
            ended = serve => ended,
            () = keep => None,
        };
        if let Some(why) = ended {
            tracing::error!("{why}");
        }
    }
}

/// Learns who the bot is. Goes on asking while Discord is away; fails where no asking helps.
async fn introduce(discord: &DiscordDelivery<Rest>) -> Result<Identity, &'static str> {
    let mut failures = 0;
    loop {
        let wait = match discord.identity().await {
            Ok(identity) => return Ok(identity),
            Err(RestError::Refused { status: 401, .. }) => return Err(gateway::TOKEN_REFUSED),
            Err(e) => {
                failures += 1;
                let wait = match e {
                    RestError::Limited(after) => after,
                    _ => BACKOFF.after(failures),
                };
                tracing::warn!("Discord cannot be reached: {e}; again in {} s", wait.as_secs().max(1));
                wait
            }
        };
        tokio::time::sleep(wait).await;
    }
}
