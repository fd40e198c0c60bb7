//! `/silence`: what people may say, what they are told, and who may.

use std::collections::BTreeMap;
use std::time::Duration;

use muster::core::alerts::mute::muted;
use muster::core::state::State;
use muster::core::{self, Outcome};
use muster::kit::time::Timestamp;
use muster::model::alert::Mute;
use muster::model::card::Show;
use muster::model::commit::{Commit, FORMAT};
use muster::model::event::Event;
use muster::model::house::House;
use muster::model::ids::{ChannelId, InteractionId, RoleId, SilenceId, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::reply::{Choice, Refusal, Reply};
use muster::sandbox::world::seed;

use super::{BEGIN, fires, house, labels};

struct Desk {
    house: House,
    state: State,
    now: Timestamp,
    clicks: u64,
}

impl Desk {
    fn new() -> Desk {
        Desk { house: house(), state: State::default(), now: BEGIN, clicks: 0 }
    }

    fn act(&mut self, roles: &[u64], act: Act) -> Result<Reply, Refusal> {
        self.clicks += 1;
        let person = Person { id: UserId(1001), name: "responder".to_owned() };
        let by = Actor { person, roles: roles.iter().map(|r| RoleId(*r)).collect() };
        let input = Input::Interaction(Interaction {
            id: InteractionId(self.clicks),
            token: "token".to_owned(),
            guild: Some(self.house.settings.guild),
            channel: ChannelId(seed::ALERTS.0),
            by,
            act,
        });
        let Outcome { events, effects, reply } = core::step(&self.state, &self.house, self.now, &input)?;
        if !events.is_empty() {
            let (seq, cause) = (self.state.head.next(), core::cause(&input));
            let commit = Commit { v: FORMAT, seq, at: self.now, cause, events, effects };
            let line = serde_json::to_string(&commit).unwrap();
            assert_eq!(serde_json::from_str::<Commit>(&line).unwrap(), commit);
            self.state.apply(&commit);
        }
        Ok(reply)
    }

    /// As the responder.
    fn say(&mut self, command: &str, args: &[(&str, &str)]) -> String {
        let reply = self.act(&[seed::ROLE_RESPONDER.0], typed(command, args));
        match reply {
            Ok(Reply::Show { show: Show::Notice { text, .. }, .. }) => text,
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => refusal.0,
        }
    }

    fn mute_of(&self, text: &str) -> Option<Mute> {
        let labels = labels(text);
        muted(&self.state.alerts, &self.house, self.now, labels.fingerprint(), &labels)
    }

    fn pass(&mut self, hours: u64) {
        self.now = self.now.after(Duration::from_secs(3600 * hours));
    }
}

fn typed(command: &str, args: &[(&str, &str)]) -> Act {
    let args: BTreeMap<String, Arg> =
        args.iter().map(|(k, v)| ((*k).to_owned(), Arg::Text((*v).to_owned()))).collect();
    Act::Command(Invocation { command: command.to_owned(), args })
}

fn add<'a>(match_: &'a str, lasts: &'a str) -> [(&'a str, &'a str); 3] {
    [("match", match_), ("for", lasts), ("why", "the *disk* is being exchanged")]
}

#[test]
fn a_silence_says_which_of_what_fires_is_meant_and_counts_until_it_ends() {
    let mut desk = Desk::new();
    for text in [
        "alertname=Disk,service=soundlab,severity=warning",
        "alertname=Down,service=soundlab,severity=critical",
    ] {
        fires(&mut desk.state.alerts, text);
    }
    let said = desk.say("silence add", &add("service=soundlab, severity!=critical", "2h"));
    assert!(said.contains("**SIL-1** for 2 h 00 m"), "{said}");
    assert!(said.contains("One alert that fires now is meant:\n- ALR-1 `{alertname=\"Disk\""), "{said}");
    assert!(said.contains("the \\*disk\\* is being exchanged"), "{said}");
    let disk = "alertname=Disk,service=soundlab,severity=warning";
    assert_eq!(desk.mute_of(disk), Some(Mute::Silence(SilenceId(1))));
    assert_eq!(desk.mute_of("service=soundlab,severity=critical"), None);
    let list = desk.say("silence list", &[]);
    assert!(
        list.contains("One silence:") && list.contains("**SIL-1**") && list.contains("1 firing · responder"),
        "{list}"
    );
    let over = desk.say("silence end", &[("silence", "1")]);
    assert!(
        over.contains("**SIL-1** is over") && over.contains("One alert that it muted still fires"),
        "{over}"
    );
    assert_eq!(desk.mute_of(disk), None);
    assert!(
        desk.say("silence end", &[("silence", "SIL-1")])
            .contains("SIL-1 is over, or there never was one. Now there is: none.")
    );
    assert_eq!(desk.say("silence list", &[]), "Nothing is silenced. `/silence add` does it.");
    let again = desk.say("silence add", &add("service=nexus", "1m"));
    assert!(again.contains("**SIL-2**") && again.contains("Nothing that fires now is meant."), "{again}");
    desk.pass(1);
    assert_eq!(
        desk.say("silence list", &[]),
        "Nothing is silenced. `/silence add` does it.",
        "its time is over"
    );
}

#[test]
fn what_would_silence_everything_or_for_ever_is_refused_and_changes_nothing() {
    let mut desk = Desk::new();
    for (match_, lasts, why) in [
        (" , ", "2h", "would silence everything"),
        ("{}", "2h", "would silence everything"),
        ("service=~\".*\"", "2h", "nearly everything would be silent"),
        ("service!=soundlab", "2h", "nearly everything would be silent"),
        ("soundlab", "2h", "`soundlab` compares nothing"),
        ("service=~(", "2h", "is no pattern"),
        ("service=soundlab", "31 days", "from 1 minute to 30 days"),
        ("service=soundlab", "30s", "from 1 minute to 30 days"),
        ("service=soundlab", "soon", "“soon” is no time"),
    ] {
        let said = desk.say("silence add", &add(match_, lasts));
        assert!(said.contains(why), "{match_} {lasts}: {said}");
    }
    let blank = desk.say("silence add", &[("match", "a=b"), ("for", "1h"), ("why", " \u{200b}\n")]);
    assert!(blank.contains("Say why") || blank.contains("needs `why`"), "{blank}");
    assert_eq!(desk.state.head.0, 0);
    let said = desk.say("silence add", &add("service=soundlab", "30 days"));
    assert!(said.contains("**SIL-1** for 30 d"), "{said}");
}

#[test]
fn of_very_many_some_are_shown_and_the_rest_counted() {
    let mut desk = Desk::new();
    for n in 0..1_000 {
        let text = format!("alertname=Disk,service=soundlab,instance=host-{n},what={}", "`x".repeat(60));
        fires(&mut desk.state.alerts, &text);
    }
    let said = desk.say("silence add", &add("service=soundlab", "2h"));
    assert!(said.contains("1000 alerts that fire now are meant:"), "{said}");
    let shown = said.matches("\n- ALR-1 ").count();
    assert!((5..=25).contains(&shown) && said.contains(&format!("and {} more", 1_000 - shown)), "{said}");
    assert!(said.chars().count() <= 2_000, "{}", said.chars().count());
    for n in 0..60 {
        desk.say(
            "silence add",
            &add(&format!("service=soundlab, instance=~\"{}|{n}\"", "host-".repeat(150)), "2h"),
        );
    }
    let list = desk.say("silence list", &[]);
    assert!(list.starts_with("61 silences") && list.contains(" more"), "{list}");
    assert!(list.chars().count() <= 2_000, "{}", list.chars().count());
}

#[test]
fn who_may_not_changes_nothing_and_is_proposed_nothing() {
    let mut desk = Desk::new();
    let refused = desk.act(&[], typed("silence add", &add("service=soundlab", "2h"))).unwrap_err();
    assert!(refused.0.contains("responder, lead, approver"), "{refused:?}");
    for role in [seed::ROLE_RESPONDER, seed::ROLE_LEAD, seed::ROLE_APPROVER] {
        desk.act(&[role.0], typed("silence add", &add("service=soundlab", "2h"))).unwrap();
    }
    let propose = |desk: &mut Desk, roles: &[u64], so_far: &str| -> Vec<Choice> {
        let Act::Command(command) = typed("silence end", &[]) else { unreachable!() };
        let act = Act::Complete { command, option: "silence".to_owned(), typed: so_far.to_owned() };
        let Ok(Reply::Choices(all)) = desk.act(roles, act) else { panic!() };
        all
    };
    assert_eq!(propose(&mut desk, &[], ""), []);
    let all = propose(&mut desk, &[seed::ROLE_LEAD.0], "");
    assert_eq!(all.iter().map(|c| c.value.as_str()).collect::<Vec<_>>(), ["SIL-3", "SIL-2", "SIL-1"]);
    assert!(all[0].name.contains("service=\"soundlab\""), "{all:?}");
    desk.say("silence end", &[("silence", "SIL-2")]);
    let left = propose(&mut desk, &[seed::ROLE_LEAD.0], "sil-");
    assert_eq!(left.iter().map(|c| c.value.as_str()).collect::<Vec<_>>(), ["SIL-3", "SIL-1"]);
}

#[test]
fn the_record_says_who_silenced_what() {
    let mut desk = Desk::new();
    let act = typed("silence add", &add("service=soundlab", "2h"));
    desk.act(&[seed::ROLE_RESPONDER.0], act).unwrap();
    let silence = &desk.state.alerts.silences[&SilenceId(1)];
    let event = Event::SilenceAdded(Box::new(silence.clone()));
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(json["silence-added"]["matchers"][0], "service=\"soundlab\"");
    assert_eq!(json["silence-added"]["asked"]["by"]["name"], "responder");
    assert_eq!(silence.until, BEGIN.after(Duration::from_secs(7_200)));
}
