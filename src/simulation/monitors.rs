//! What watches the team's services, and tells Muster: sources that send twice, late and out of order,
//! that send again what nobody answered, and that die.

use super::run::Run;
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::input::Input;
use crate::model::labels::{Fingerprint, Labels};
use crate::simulation::house::SERVICE;

/// What they watch: a name, whether it is the service's, how bad it is, and whether what is said of it
/// ends by itself, as Prometheus' does.
const WATCHED: [(&str, bool, &str, bool); 6] = [
    ("Down", true, "critical", true),
    ("Slow", true, "warning", true),
    ("Queue", true, "warning", false),
    ("Disk", false, "info", false),
    ("Certificate", false, "warning", false),
    ("Backup", false, "error", false),
];
/// The one whose source knows it by a key: it gets worse and better while it fires, and of its end nothing
/// is said but the key.
const KEYED: usize = 2;
/// How long what Prometheus says holds, in ms.
const HOLDS: i64 = 240_000;

/// Every source, which no crash of Muster's ends.
#[derive(Default)]
pub struct Monitors {
    /// How each thing that is watched stands.
    things: [Thing; WATCHED.len()],
    /// Requests that were not answered: they are sent again.
    unanswered: Vec<Batch>,
}

/// How something stands, as its source sees it.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    /// Whether it is wrong.
    pub fires: bool,
    /// Since when it is so, by the source's clock.
    since: i64,
    /// What its source says of it.
    summary: String,
    /// Whether its source died.
    dead: bool,
    /// Whether it is worse than it was at first.
    worse: bool,
}

impl Monitors {
    /// What each source says last, and by which fingerprint; `None` of those that died.
    pub fn truth(&self) -> Vec<(Fingerprint, Option<bool>)> {
        let all = WATCHED.iter().zip(&self.things);
        all.map(|(what, thing)| (labels(what).fingerprint(), (!thing.dead).then_some(thing.fires))).collect()
    }

    /// A request was answered.
    pub fn answered(&mut self, batch: &Batch) {
        if let Some(at) = self.unanswered.iter().position(|b| b == batch) {
            self.unanswered.remove(at);
        }
    }
}

fn labels((name, service, severity, _): &(&str, bool, &str, bool)) -> Labels {
    let labels = Labels::new([("alertname", *name), ("severity", *severity)]);
    if *service { labels.with("service", SERVICE) } else { labels }
}

impl Run {
    /// Something begins or ends, and its source says so; or it says the same again; or dies.
    pub fn watch(&mut self) {
        let index = self.chance.below(WATCHED.len());
        let now = self.discord.lock().now;
        let summary = self.text("something is wrong");
        let (turns, dies, late) = (self.chance.percent(45), self.chance.percent(2), self.chance.percent(15));
        let again = self.chance.percent(25);
        let worse = index == KEYED && self.chance.percent(30);
        let Some(thing) = self.monitors.things.get_mut(index) else { return };
        if turns {
            // Nothing begins and ends in one moment, as its source sees it.
            (thing.fires, thing.since) = (!thing.fires, now.max(thing.since + 1));
            if thing.fires {
                thing.summary = summary;
            }
        }
        thing.worse ^= worse;
        // One that was put up again says what is so.
        thing.dead = dies;
        if thing.dead {
            self.story(format!("the source of alert {index} dies"));
            return;
        }
        let batch = self.says(index);
        if !late {
            self.request(&batch);
        }
        if again {
            self.request(&batch);
        }
        self.monitors.unanswered.push(batch);
        // What nobody answered is sent again, whatever was sent since.
        if self.chance.percent(30) {
            let all = self.monitors.unanswered.clone();
            if let Some(batch) = self.chance.one(&all) {
                self.request(batch);
            }
        }
    }

    /// Every source says how it is now, and what was not answered, until it is.
    pub fn all_say(&mut self) -> Result<(), super::invariants::Broken> {
        for index in 0..WATCHED.len() {
            if self.monitors.things.get(index).is_some_and(|t| !t.dead && t.since > 0) {
                let batch = self.says(index);
                self.monitors.unanswered.push(batch);
            }
        }
        // Each start may end again once; nothing else goes wrong any more.
        for _ in 0..10 {
            if self.monitors.unanswered.is_empty() {
                break;
            }
            self.come_to_rest()?;
            for batch in self.monitors.unanswered.clone() {
                self.request(&batch);
            }
            self.come_to_rest()?;
        }
        // That may have taken longer than what is said holds: whoever lives says it again.
        for index in 0..WATCHED.len() {
            if self.monitors.things.get(index).is_some_and(|t| !t.dead && t.since > 0) {
                let batch = self.says(index);
                self.request(&batch);
            }
        }
        self.turn(usize::MAX)
    }

    fn says(&self, index: usize) -> Batch {
        let (what, thing) = (&WATCHED[index], &self.monitors.things[index]);
        let mut labels = labels(what);
        let fingerprint = labels.fingerprint();
        if index == KEYED {
            labels = match (thing.fires, thing.worse) {
                (false, _) => Labels::default(),
                (true, true) => labels.with("severity", "critical"),
                (true, false) => labels,
            };
        }
        let since = Some(Timestamp(thing.since));
        let until = what.3.then(|| Timestamp(self.clock.now().0 + HOLDS));
        let signal =
            if thing.fires { Signal::Firing { since, until } } else { Signal::Resolved { at: since } };
        let received = Received {
            fingerprint,
            labels,
            annotations: Labels::new([("summary", thing.summary.clone())]),
            link: None,
            signal,
        };
        Batch { source: "monitor".to_owned(), alerts: vec![received], ..Batch::default() }
    }

    /// A request reaches the process, where one is there.
    fn request(&mut self, batch: &Batch) {
        if let Some(p) = &mut self.process {
            p.inbox.push_back(Input::Alerts(Box::new(batch.clone())));
        }
    }
}
