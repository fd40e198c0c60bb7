//! Striking out, decision by decision: what is found, what is kept of it, what follows.

use muster::core::state::INCIDENTS;
use muster::model::button::FormKind;
use muster::model::card::{Show, What};
use muster::model::effect::Effect;
use muster::model::event::{Event, Settlement};
use muster::model::ids::{ChannelId, IncidentId, MessageId, Seq};
use muster::model::reply::{Refusal, Reply};
use muster::model::strike::MARK;
use muster::model::strike::TextStruck;

use super::desk::{Desk, Who, words};

const SECRET: &str = "hunter2 *hunter2*";
const ONE: IncidentId = IncidentId(1);

fn strike(desk: &mut Desk, who: Who, entry: u32, text: &str) -> Result<Reply, Refusal> {
    desk.submit(who, FormKind::Strike(ONE, entry), &[("text", text), ("why", "a password was pasted")])
}

fn note(desk: &mut Desk, text: &str) -> Seq {
    desk.command(Who::Responder, "incident note", &[("text", text), ("incident", "INC-1")]).expect("noted");
    desk.state().head
}

/// Everything that is kept or shown, as text.
fn all(desk: &Desk) -> String {
    let state = serde_json::to_string(desk.state()).unwrap();
    let commits: Vec<String> = desk.commits().iter().map(|c| serde_json::to_string(c).unwrap()).collect();
    format!("{state}{}", commits.join("\n"))
}

fn holds(desk: &Desk) -> bool {
    all(desk).contains("hunter2")
}

#[test]
fn it_leaves_record_and_state_and_what_is_owed_and_the_record_says_so() {
    let mut desk = Desk::new();
    desk.declared(&format!("login says {SECRET}"), "P2");
    note(&mut desk, &format!("try {SECRET}, or {SECRET}"));
    assert!(desk.owed().iter().any(|e| format!("{e:?}").contains("hunter2")), "a note waits to be said");
    let answer = strike(&mut desk, Who::Lead, 0, SECRET);
    let told = words(&answer);
    assert!(told.contains("Struck out in INC-1") && !told.contains("hunter2"), "{told}");
    assert!(told.contains("Exports and backups") && told.contains("rename it"), "{told}");
    assert!(!holds(&desk), "{}", all(&desk));
    assert!(desk.state().incidents[&ONE].title.contains(MARK));
    desk.replays();
    let commit = desk.commits().pop().unwrap();
    let Event::TextStruck(TextStruck { incident, count, lines, by, why, .. }) = &commit.events[0] else {
        panic!("{commit:?}");
    };
    assert_eq!((*incident, by.name.as_str(), why.as_deref()), (ONE, "lead", Some("a password was pasted")));
    assert!(*count >= 6 && lines.len() == 2, "{count} in {lines:?}");
    muster::journal::verify(&*desk.committer.reader()).expect("nothing else was changed");
    // The card is brought up to date, and the timeline tells of it.
    let edited =
        |e: &Effect| matches!(e, Effect::EditCard { show: Show::Incident(c), .. } if c.title.contains(MARK));
    assert!(desk.owed().iter().any(edited));
    desk.deliver();
    let history = muster::core::history::fold(ONE, &desk.commits()).unwrap();
    assert!(history.entries.iter().any(|e| matches!(&e.what, What::Struck { count: n, .. } if n == count)));
    assert_eq!(history.entries.len(), history.numbers.len());
}

#[test]
fn what_was_posted_is_changed_also_when_it_was_on_its_way() {
    let mut desk = Desk::new();
    desk.declared("one", "P2");
    let said = note(&mut desk, SECRET);
    desk.deliver();
    let way = note(&mut desk, &format!("again: {SECRET}"));
    let on_its_way = *desk.state().unsettled.keys().next().unwrap();
    assert_eq!(on_its_way.seq, way);
    strike(&mut desk, Who::Lead, 0, SECRET).expect("struck");
    let amends = |desk: &Desk| {
        let owed = desk.owed();
        let shows = owed.into_iter().filter_map(|e| match e {
            Effect::Amend { message, show: Show::Entry(entry), .. } => Some((message, format!("{entry:?}"))),
            _ => None,
        });
        shows.collect::<Vec<_>>()
    };
    let first = amends(&desk);
    assert!(first.len() == 1 && first[0].1.contains(MARK), "{said}: {first:?}");
    let (channel, message) = (ChannelId(5), MessageId(77));
    desk.settle(on_its_way, Settlement::Posted { channel, message });
    let both = amends(&desk);
    assert!(both.len() == 2 && both.iter().any(|(m, _)| *m == message), "{both:?}");
    desk.deliver();
    desk.replays();
    assert!(desk.state().amend.is_empty() && !holds(&desk));
}

#[test]
fn a_message_that_cannot_be_changed_is_named() {
    use muster::model::event::Reason;
    let mut desk = Desk::new();
    desk.declared("one", "P2");
    note(&mut desk, SECRET);
    desk.deliver();
    strike(&mut desk, Who::Lead, 0, SECRET).expect("struck");
    let owed = desk.state().unsettled.iter().find(|(_, o)| matches!(o.effect, Effect::Amend { .. }));
    let id = *owed.expect("it is owed").0;
    desk.settle(id, Settlement::GaveUp { reason: Reason::Forbidden, said: "Missing Access".into() });
    let named = desk.owed().iter().any(|e| {
        format!("{e:?}")
            .contains("could not be changed (Missing Access): delete it, <https://discord.com/channels/")
    });
    assert!(named, "{:?}", desk.owed());
}

#[test]
fn an_entry_is_struck_whole_by_its_number() {
    let mut desk = Desk::new();
    desk.declared("one", "P2");
    let entry = note(&mut desk, "the whole\nof hunter2");
    note(&mut desk, "another word");
    desk.deliver();
    strike(&mut desk, Who::Lead, u32::try_from(entry.0).unwrap(), "").expect("struck");
    assert!(!holds(&desk) && all(&desk).contains("another word"));
    let history = muster::core::history::fold(ONE, &desk.commits()).unwrap();
    let at = history.numbers.iter().position(|n| *n == entry).expect("its number stays");
    assert!(matches!(&history.entries[at].what, What::Noted { text } if text == MARK));
    let again = strike(&mut desk, Who::Lead, 9_999, "");
    assert!(words(&again).contains("has no entry 9999"), "{}", words(&again));
    // A number that is no entry with words of its own.
    let settled = desk.commits().iter().find(|c| matches!(c.events[0], Event::Settled { .. })).unwrap().seq;
    let none = strike(&mut desk, Who::Lead, u32::try_from(settled.0).unwrap(), "");
    assert!(words(&none).contains("entry"), "{}", words(&none));
}

#[test]
fn who_may_not_and_what_is_too_short_or_nowhere_changes_nothing() {
    let mut desk = Desk::new();
    desk.declared("one", "P2");
    note(&mut desk, SECRET);
    desk.deliver();
    for who in [Who::Responder, Who::Approver, Who::Onlooker] {
        let refused = strike(&mut desk, who, 0, SECRET);
        assert!(words(&refused).contains("is for lead"), "{}", words(&refused));
    }
    for (text, why) in
        [("", "exact text"), ("hun", "too short"), ("▇▇▇ (", "too short"), ("Hunter2", "stands nowhere")]
    {
        let refused = strike(&mut desk, Who::Lead, 0, text);
        assert!(words(&refused).contains(why), "{text}: {}", words(&refused));
        assert!(refused.is_err() && (text.is_empty() || !words(&refused).contains(text)), "{text}");
    }
    assert!(holds(&desk));
    let refusals =
        desk.commits().into_iter().filter(|c| matches!(c.events[0], Event::Refused { .. })).count();
    assert_eq!(refusals, 7, "each try is on record");
    assert!(!all(&desk).contains("Hunter2"), "and does not say what was looked for");
    desk.replays();
}

#[test]
fn an_incident_that_is_not_at_hand_is_found_too() {
    let mut desk = Desk::new();
    for n in 1..=INCIDENTS + 3 {
        let title = if n == 2 { format!("number 2 {SECRET}") } else { format!("number {n}") };
        let id = desk.declared(&title, "P3");
        let args = [("how", "restarted"), ("incident", &*id.to_string())];
        desk.command(Who::Responder, "incident resolve", &args).expect("it is resolved");
        desk.deliver();
        if n == 2 {
            let id = ("incident", "INC-2");
            desk.command(Who::Responder, "report write", &[("root-cause", "a relay"), id]).expect("written");
            desk.command(Who::Approver, "report publish", &[id]).expect("published");
            desk.deliver();
        }
    }
    assert!(!desk.state().incidents.contains_key(&IncidentId(2)));
    let told = words(&strike(&mut desk, Who::Lead, 0, SECRET));
    assert!(told.contains("It stood in INC-2 too"), "{told}");
    assert!(!holds(&desk));
    desk.replays();
    let edited = |e: &Effect| matches!(e, Effect::EditCard { incident: IncidentId(2), show: Show::Incident(c) } if c.title.contains(MARK));
    assert!(desk.owed().iter().any(edited), "its card too");
    let reports = desk
        .owed()
        .into_iter()
        .filter(|e| matches!(e, Effect::Amend { show: Show::Report { incident: IncidentId(2), .. }, .. }));
    assert_eq!(reports.count(), 1, "and its report");
    desk.deliver();
    desk.replays();
}

#[test]
fn what_people_were_told_and_what_a_triage_says_is_changed_too() {
    let mut desk = Desk::new();
    let answers = [("users", "many"), ("feature", "core"), ("data", "no")];
    let what = format!("login says {SECRET}");
    let args = [&[("what", what.as_str()), ("service", "soundlab")], &answers[..]].concat();
    desk.command(Who::Responder, "triage", &args).expect("asked");
    desk.deliver();
    desk.declared("one", "P1");
    assert!(holds(&desk));
    strike(&mut desk, Who::Lead, 0, SECRET).expect("struck");
    let edited =
        |e: &Effect| matches!(e, Effect::EditBoard { show, .. } if format!("{show:?}").contains(MARK));
    assert_eq!(desk.owed().iter().filter(|e| edited(e)).count(), 1, "{:?}", desk.owed());
    assert!(!holds(&desk));
    desk.deliver();
    desk.replays();
}
