//! How the rule of a row is proved: Muster looks by itself, at the practice service, every 15 seconds of a
//! clock that is driven by hand. It is silent while all is well, fires under the row's own fault, and is over
//! when that is healed.

use std::time::Duration;

use muster::model::house::House;
use muster::model::labels::Fingerprint;
use muster::model::runbook::StepName;
use muster::model::watch::Watch;

use crate::support::app::App;
use crate::support::soon;

/// Between two looks.
pub const EVERY: Duration = Duration::from_secs(15);

/// What proves a row.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The service.
    pub service: &'static str,
    /// Its rule.
    pub rule: &'static str,
    /// The row's own fault.
    pub fault: &'static str,
}

impl Rule {
    /// A proof.
    pub fn of(service: &'static str, rule: &'static str, fault: &'static str) -> Rule {
        Rule { service, rule, fault }
    }

    /// Silent while all is well, fires under the fault, and is over when it is healed.
    pub async fn holds(self) {
        let watched = Watched::start(self.service, self.rule).await;
        watched.looks(32).await;
        assert!(watched.known(), "nothing is known of {} on the healthy service", self.rule);
        assert!(!watched.fires().await, "{} fires on the healthy service", self.rule);
        let fleet = watched.app.sandbox.fleet();
        fleet.break_it(self.service, self.fault).unwrap();
        assert!(watched.comes(true).await, "{} does not fire under {}", self.rule, self.fault);
        fleet.heal(self.service, Some(self.fault)).unwrap();
        assert!(watched.comes(false).await, "{} still fires without {}", self.rule, self.fault);
        watched.app.settled_in_time().await;
    }
}

/// A Muster that looks at one rule.
pub struct Watched {
    /// It, and its practice services.
    pub app: App,
    name: String,
    fingerprint: Fingerprint,
}

impl Watched {
    /// Starts both.
    pub async fn start(service: &str, rule: &str) -> Watched {
        let only = |house: &mut House| {
            house.settings.watch.off = false;
            for (name, book) in &mut house.runbooks {
                book.watches.retain(|w| name == service && w.name.as_str() == rule);
            }
        };
        let app = App::with(only).await;
        app.sandbox.fleet().hasten();
        let name: StepName = rule.parse().unwrap();
        let (fingerprint, _) = Watch::fingerprints(service, &name);
        Watched { app, name: format!("{service}/{rule}"), fingerprint }
    }

    /// Lets time pass, so that so many looks are taken.
    pub async fn looks(&self, count: u32) {
        for _ in 0..count {
            self.app.pass(EVERY);
            let now = self.app.clock.now();
            let mut looks = self.app.bot().looks();
            let looked = looks.wait_for(|all| all.get(&self.name).is_some_and(|look| look.at >= now));
            soon("a look", looked).await.expect("Muster looks");
        }
    }

    /// Whether something was seen at the last look.
    pub fn known(&self) -> bool {
        self.app.bot().looks().borrow().get(&self.name).is_some_and(|look| look.unknown.is_none())
    }

    /// Whether its alert fires.
    pub async fn fires(&self) -> bool {
        let fingerprint = self.fingerprint;
        let fires = self
            .app
            .bot()
            .engine()
            .read(move |state, _| state.alerts.live.get(&fingerprint).is_some_and(|alert| alert.fires()));
        fires.await.unwrap()
    }

    /// Whether within 70 minutes it comes to fire, or to be over.
    pub async fn comes(&self, wanted: bool) -> bool {
        for _ in 0..280 {
            self.looks(1).await;
            if self.fires().await == wanted {
                return true;
            }
        }
        false
    }
}
