//! `muster replay`: what is recorded happens again, and only the settings make a difference.

use std::sync::Arc;
use std::time::Duration;

use muster::cli::replay::{Compared, Side, compared};
use muster::core;
use muster::engine::committer::Committer;
use muster::journal::MemoryJournal;
use muster::kit::time::Timestamp;
use muster::model::alert::{Batch, Received, Signal};
use muster::model::alerting::{Inhibition, Route};
use muster::model::effect::Effect;
use muster::model::event::Settlement;
use muster::model::house::House;
use muster::model::ids::{ChannelId, InteractionId, MessageId, RoleId, UserId};
use muster::model::incident::Severity;
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::policy::Policy;

use super::{BEGIN, house, labels, matchers};

/// The one that made the recording: everything it owes is done at once.
struct Recorder {
    committer: Committer<MemoryJournal>,
    house: House,
    now: Timestamp,
    numbers: u64,
}

impl Recorder {
    fn new(mut house: House) -> Recorder {
        house.settings.administrators.push(UserId(1001));
        let committer = Committer::open(MemoryJournal::new(), Arc::new(house.clone())).unwrap();
        let mut recorder = Recorder { committer, house, now: BEGIN, numbers: 0 };
        recorder.input(Input::Started { version: "1".to_owned() });
        recorder
    }

    fn input(&mut self, input: Input) {
        let mut inputs = vec![input];
        while !inputs.is_empty() {
            let group = self.committer.commit(self.now, &inputs);
            assert!(group.answers.iter().all(Result::is_ok), "{:?}", group.answers);
            inputs.clear();
            for (effect, owed) in group.commits.iter().flat_map(|c| c.owed()) {
                self.numbers += 1;
                let outcome = match owed {
                    Effect::Say { .. } | Effect::PostCard { .. } | Effect::PostBoard { .. } => {
                        Settlement::Posted { channel: ChannelId(1), message: MessageId(self.numbers) }
                    }
                    Effect::OpenThread { .. } => Settlement::Opened { thread: ChannelId(self.numbers) },
                    _ => Settlement::Shown,
                };
                inputs.push(Input::Settled { effect, outcome });
            }
        }
    }

    /// So long passes, and what is due in it comes.
    fn pass(&mut self, minutes: u64) {
        let until = self.now.after(Duration::from_secs(60 * minutes));
        while let Some(next) = core::next_wakeup(self.committer.state()).filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.input(Input::Wake);
        }
        self.now = until;
    }

    fn alert(&mut self, text: &str, signal: Signal) {
        let labels = labels(text);
        let annotations = labels_of("summary", &format!("something about {text}"));
        let received =
            Received { fingerprint: labels.fingerprint(), labels, annotations, link: None, signal };
        let batch = Batch { source: "prometheus".to_owned(), alerts: vec![received], ..Batch::default() };
        self.input(Input::Alerts(Box::new(batch)));
    }

    /// It fires until somebody says that it does not.
    fn fires(&mut self, text: &str) {
        self.alert(text, Signal::Firing { since: Some(self.now), until: None });
    }

    fn ends(&mut self, text: &str) {
        self.alert(text, Signal::Resolved { at: None });
    }

    fn say(&mut self, command: &str, args: &[(&str, &str)]) {
        self.numbers += 1;
        let args = args.iter().map(|(k, v)| ((*k).to_owned(), Arg::Text((*v).to_owned()))).collect();
        let person = Person { id: UserId(1001), name: "responder".to_owned() };
        let act = Act::Command(Invocation { command: command.to_owned(), args });
        self.input(Input::Interaction(Interaction {
            id: InteractionId(self.numbers),
            token: String::new(),
            guild: Some(self.house.settings.guild),
            channel: ChannelId(1),
            by: Actor { person, roles: vec![] },
            act,
        }));
    }

    fn against(&self, house: House) -> Compared {
        self.since(house, 7 * 24 * 60)
    }

    fn since(&self, house: House, minutes: u64) -> Compared {
        let since = Duration::from_secs(60 * minutes);
        compared(&*self.committer.reader(), self.now, since, house).unwrap()
    }
}

fn labels_of(name: &str, value: &str) -> muster::model::labels::Labels {
    muster::model::labels::Labels::new([(name, value)])
}

/// A few days with all that happens: renewing, expiring, coming back, silences, incidents, a night.
fn days(house: House) -> Recorder {
    let mut r = Recorder::new(house);
    // Renewed every minute for an hour, and then not any more.
    for _ in 0..60 {
        let until = Some(r.now.after(Duration::from_secs(240)));
        r.alert(
            "alertname=Slow,service=soundlab,severity=warning",
            Signal::Firing { since: Some(BEGIN), until },
        );
        r.pass(1);
    }
    r.pass(30);
    // A P1 opens an incident; what follows from it comes too.
    r.fires("alertname=Down,service=nexus,severity=critical");
    r.pass(2);
    for n in 0..4 {
        r.fires(&format!("alertname=Queue,service=nexus,severity=warning,instance=worker-{n}"));
        r.pass(3);
    }
    r.pass(5 * 60);
    for n in 0..4 {
        r.ends(&format!("alertname=Queue,service=nexus,severity=warning,instance=worker-{n}"));
    }
    r.ends("alertname=Down,service=nexus,severity=critical");
    r.pass(10);
    let incident = r.committer.state().open().first().map(|i| i.id.to_string());
    r.say("incident resolve", &[("incident", &incident.expect("the P1 opened one"))]);
    r.pass(600);
    // Silenced for two hours; one of the two still fires then.
    r.say("silence add", &[("match", "service=soundscape"), ("for", "2h"), ("why", "it is being moved")]);
    r.fires("alertname=Visuals,service=soundscape,severity=error");
    r.fires("alertname=Stats,service=soundscape,severity=high");
    r.pass(60);
    r.ends("alertname=Stats,service=soundscape,severity=high");
    r.pass(120);
    r.ends("alertname=Visuals,service=soundscape,severity=error");
    // It comes and goes.
    for _ in 0..8 {
        r.fires("alertname=Flaps,service=astradio,severity=warning");
        r.pass(1);
        r.ends("alertname=Flaps,service=astradio,severity=warning");
        r.pass(1);
    }
    r.pass(60);
    r
}

fn with_routes() -> House {
    let mut house = house();
    let route = |name: &str, match_: &str, go_on: bool| Route {
        name: name.to_owned(),
        matchers: matchers(match_),
        go_on,
        ..Route::default()
    };
    house.settings.alerting.root.routes =
        vec![route("audit", "service=~\".+\"", true), route("sound", "service=~\"sound.*\"", false)];
    house
}

#[test]
fn with_the_same_settings_everybody_would_be_told_the_same() {
    for house in [house(), with_routes()] {
        let recorder = days(house.clone());
        let c = recorder.against(house);
        assert_eq!(c.differences, [], "{:#?}", c.differences);
        assert_eq!(c.then, c.now);
        assert!(c.same >= 5 && c.alerts >= 15, "{c:#?}");
        assert!(c.then.told > 5 && c.then.over >= 4 && c.then.opened >= 1, "{:#?}", c.then);
        assert!(
            c.then.held.contains_key("silenced") && c.then.held.contains_key("flapping"),
            "{:#?}",
            c.then
        );
    }
}

#[test]
fn what_an_inhibition_would_have_kept_quiet_is_named() {
    let recorder = days(house());
    let mut new = house();
    new.settings.alerting.inhibitions.push(Inhibition {
        name: "worse".to_owned(),
        source: matchers("severity=critical"),
        target: matchers("severity=warning"),
        equal: vec!["service".to_owned()],
    });
    let c = recorder.against(new);
    let [one] = c.differences.as_slice() else { panic!("{:#?}", c.differences) };
    let ([then], [now]) = (one.then.as_slice(), one.now.as_slice()) else { panic!("{one:#?}") };
    assert_eq!((then.service.as_deref(), then.alerts, now.alerts), (Some("nexus"), 4, 4));
    assert!(then.told.contains_key("first") && !now.told.contains_key("first"), "{one:#?}");
    assert!(now.held.contains("inhibited") && then.held.is_empty(), "{one:#?}");
    assert_eq!((c.now.never, c.now.held.get("inhibited")), (c.then.never + 1, Some(&1)));
    assert!(c.now.told < c.then.told);
}

#[test]
fn who_would_be_mentioned_and_called_otherwise_is_named() {
    let recorder = days(house());
    let mut new = house();
    new.settings.roles.insert("night".to_owned(), vec![RoleId(77)]);
    new.settings.alerting.root.mention = vec!["night".to_owned()];
    let c = recorder.against(new);
    assert_eq!(c.then.mentioned, 0, "{c:#?}");
    assert!(c.now.mentioned >= 5 && c.then.paged >= 1 && c.now.paged == c.then.paged, "{c:#?}");
    for d in &c.differences {
        let named = |sides: &[Side]| sides.iter().flat_map(|s| s.mentioned.clone()).collect::<Vec<_>>();
        assert_eq!((named(&d.then), named(&d.now)), (vec![], vec!["night".to_owned()]), "{d:#?}");
    }
    let mut new = house();
    let policy = |p: &&mut Policy| p.fits(Some("nexus"), Severity::P1);
    let policy = new.oncall.policies.iter_mut().find(policy).expect("the P1 of nexus has one");
    policy.rungs[0].within = Duration::from_secs(7);
    let c = recorder.against(new);
    let [one] = c.differences.as_slice() else { panic!("{:#?}", c.differences) };
    let by = |sides: &[Side]| sides[0].paged.clone().expect("people are called");
    let (then, now) = (by(&one.then), by(&one.now));
    assert!(then != now && now.contains("7 s") && !then.contains(" 7 s"), "{then} and {now}");
    let mut new = house();
    new.oncall.policies.clear();
    let c = recorder.against(new);
    assert!(c.then.paged >= 1 && c.now.paged == 0, "{c:#?}");
    assert!(c.differences.iter().all(|d| d.now.iter().all(|s| s.paged.is_none())), "{c:#?}");
    assert_eq!(c.differences.len(), usize::try_from(c.then.paged).unwrap());
}

#[test]
fn other_groups_are_put_beside_those_that_there_were() {
    let recorder = days(house());
    let mut new = house();
    new.settings.alerting.root.group_by = vec!["service".to_owned(), "instance".to_owned()];
    let c = recorder.against(new);
    let queue =
        c.differences.iter().find(|d| d.then.iter().any(|s| s.title.contains("Queue") || s.alerts == 4));
    let queue = queue.unwrap_or_else(|| panic!("{:#?}", c.differences));
    assert_eq!((queue.then.len(), queue.now.len()), (1, 4), "{queue:#?}");
    // Two alerts of one service that were two groups, and would be one where nothing tells them apart.
    let scape =
        c.differences.iter().find(|d| d.then.iter().all(|s| s.service.as_deref() == Some("soundscape")));
    assert!(scape.is_some_and(|d| d.then.len() == 2), "{:#?}", c.differences);
    let mut new = house();
    new.settings.alerting.root.opens.clear();
    let c = recorder.against(new);
    assert_eq!((c.now.opened, c.now.joined), (0, 0));
    assert!(c.then.opened >= 1 && !c.differences.is_empty());
}

#[test]
fn what_fired_before_is_there_and_is_no_news() {
    let mut r = Recorder::new(house());
    r.fires("alertname=Old,service=soundlab,severity=warning");
    r.say("silence add", &[("match", "alertname=Later"), ("for", "3 days"), ("why", "it is being moved")]);
    r.pass(24 * 60);
    r.fires("alertname=Later,service=soundlab,severity=warning");
    r.pass(60);
    r.ends("alertname=Old,service=soundlab,severity=warning");
    r.pass(60);
    let c = r.since(house(), 3 * 60);
    assert_eq!((c.alerts, c.then.groups, c.now.groups), (2, 1, 1), "{c:#?}");
    let over = |c: &muster::cli::replay::Counts| (c.over, c.first, c.held.get("silenced").copied());
    assert_eq!(over(&c.then), (1, 0, Some(1)));
    assert_eq!(over(&c.now), (1, 0, Some(1)));
}

#[test]
fn an_empty_journal_and_the_words_say_so() {
    let r = Recorder::new(house());
    let c = r.against(house());
    assert_eq!((c.same, c.differences.len(), c.alerts), (0, 0, 0));
    assert_eq!(serde_json::to_value(&c).unwrap()["then"]["told"], 0);
    let said = r.said(TEAM, false).unwrap();
    assert!(said.contains("No alert is recorded in that time."), "{said}");
}

const TEAM: &str = "[discord]\nguild = \"1100000000000000010\"\n[channels]\nincidents = \"1100000000000000030\"\n\
                    alerts = \"1100000000000000031\"\nreports = \"1100000000000000032\"\n[roles]\nlead = []\n";

impl Recorder {
    /// What the terminal says of these settings.
    fn said(&self, settings: &str, json: bool) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("new.toml");
        std::fs::write(&config, settings).unwrap();
        let since = Duration::from_secs(7 * 24 * 3600);
        muster::cli::replay::of(&*self.committer.reader(), self.now, since, &config, json)
    }
}

#[test]
fn the_terminal_says_the_counts_first_and_then_what_makes_them() {
    // As these settings: nobody is on call.
    let mut house = house();
    house.oncall.policies.clear();
    let mut r = Recorder::new(house);
    r.fires("alertname=Down,service=web,severity=critical");
    r.pass(10);
    r.ends("alertname=Down,service=web,severity=critical");
    r.pass(10);
    let same = r.said(TEAM, false).unwrap();
    assert!(same.contains("People would be told the same of all 1."), "{same}");
    let quiet = format!("{TEAM}[alerts]\nopen = []\nwait = \"30m\"\n");
    let said = r.said(&quiet, false).unwrap();
    let count = |what: &str| {
        let line =
            said.lines().find(|l| l.trim_start().starts_with(what)).unwrap_or_else(|| panic!("{said}"));
        line[28..].split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(count("groups"), ["1", "1"]);
    assert_eq!(count("told that it is so"), ["1", "0", "*"]);
    assert_eq!(count("held: waiting for more"), ["0", "1", "*"]);
    assert_eq!(count("incidents opened"), ["1", "0", "*"]);
    assert!(said.contains("Of 0 people would be told the same, of 1 they would not:"), "{said}");
    let (then, now) =
        (said.find("  then: P1 · default").unwrap(), said.find("  now:  P1 · default").unwrap());
    assert!(then < now && said[then..now].contains("told: first 1×, over 1×; opened an incident"), "{said}");
    assert!(said[now..].contains("not told; held: waiting for more"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&r.said(&quiet, true).unwrap()).unwrap();
    assert_eq!((&json["then"]["told"], &json["now"]["told"]), (&1.into(), &0.into()));
    assert_eq!(json["differences"][0]["now"][0]["held"][0], "waiting for more");
    let wrong = r.said("[alerts]\nwait = 1\n", false).unwrap_err();
    assert!(wrong.contains("new.toml:2: `wait` is no duration"), "{wrong}");
}
