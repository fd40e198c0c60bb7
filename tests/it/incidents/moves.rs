//! Which moves are legal from where: everything else is a sentence, and changes nothing.

use std::time::Duration;

use muster::model::button::FormKind;
use muster::model::card::{Show, What};
use muster::model::effect::Effect;
use muster::model::event::Event;
use muster::model::ids::IncidentId;
use muster::model::incident::Phase;

use super::desk::{Desk, Who, words};

const ONE: IncidentId = IncidentId(1);
const ID: (&str, &str) = ("incident", "INC-1");

/// How one gets to where a move is tried from.
const FROM: [(&str, &[&str]); 4] = [
    ("open", &[]),
    ("resolved", &["incident resolve"]),
    ("closed", &["incident resolve", "incident close"]),
    ("merged", &["incident merge"]),
];

/// A command, what is typed, and from where it is legal.
type Move = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const MOVES: [Move; 9] = [
    ("incident update", &[("status", "identified")], &["open"]),
    ("incident severity", &[("severity", "P1")], &["open", "resolved"]),
    ("incident assign", &[("duty", "scribe"), ("person", "@lead")], &["open", "resolved"]),
    ("incident note", &[("text", "seen")], &["open", "resolved", "closed", "merged"]),
    ("incident link", &[("url", "https://tracker.example/1")], &["open", "resolved", "closed", "merged"]),
    ("incident merge", &[("into", "INC-2")], &["open", "resolved"]),
    ("incident resolve", &[("how", "restarted")], &["open"]),
    ("incident reopen", &[("why", "it is back")], &["resolved", "closed"]),
    ("incident close", &[], &["resolved"]),
];

/// INC-1 brought to this place, and INC-2 beside it.
fn at(path: &[&str]) -> Desk {
    let mut desk = Desk::new();
    desk.declared("one", "P3");
    desk.declared("two", "P3");
    for command in path {
        let args = if *command == "incident merge" { vec![ID, ("into", "INC-2")] } else { vec![ID] };
        desk.command(Who::Responder, command, &args).expect("the way there is legal");
        desk.deliver();
    }
    desk
}

#[test]
fn a_move_is_legal_from_where_the_table_says_and_from_nowhere_else() {
    for (place, path) in FROM {
        for (command, args, legal) in MOVES {
            let mut desk = at(path);
            let before = desk.state().incidents[&ONE].phase.clone();
            let args: Vec<_> = args.iter().copied().chain([ID]).collect();
            let answer = desk.command(Who::Responder, command, &args);
            let may = legal.contains(&place);
            assert_eq!(answer.is_ok(), may, "{command} from {place}: {answer:?}");
            if !may {
                assert_eq!(desk.state().incidents[&ONE].phase, before, "{command} from {place}");
                assert!(desk.owed().is_empty(), "{command} from {place}: {:?}", desk.owed());
                assert!(words(&answer).ends_with('.'), "{command} from {place}: {answer:?}");
            }
            desk.replays();
        }
    }
}

#[test]
fn of_two_who_resolve_it_at_once_the_second_learns_who_was_first() {
    let mut desk = at(&[]);
    desk.submit(Who::Responder, FormKind::Resolve(ONE), &[("how", "restarted")]).expect("the first");
    let second = desk.submit(Who::Lead, FormKind::Resolve(ONE), &[("how", "something else")]);
    assert!(words(&second).contains("resolved already: responder did it"), "{second:?}");
    let resolved = |e: &Event| matches!(e, Event::IncidentResolved { .. });
    assert_eq!(desk.commits().iter().flat_map(|c| &c.events).filter(|e| resolved(e)).count(), 1);
    assert!(
        matches!(&desk.state().incidents[&ONE].phase, Phase::Resolved { how: Some(how), .. } if how == "restarted")
    );
}

#[test]
fn nobody_without_a_role_moves_anything() {
    for (command, args, legal) in MOVES {
        let from = FROM.iter().find(|(place, _)| legal.contains(place)).expect("somewhere").1;
        let mut desk = at(from);
        let args: Vec<_> = args.iter().copied().chain([ID]).collect();
        let answer = desk.command(Who::Onlooker, command, &args);
        assert!(words(&answer).contains("is for responder, lead, approver"), "{command}: {answer:?}");
    }
}

#[test]
fn a_worse_severity_needs_no_reason_and_a_lesser_one_does() {
    let mut desk = at(&[]);
    let answer = desk.command(Who::Responder, "incident severity", &[("severity", "P4"), ID]);
    assert!(words(&answer).contains("Say in `why`"), "{answer:?}");
    desk.command(Who::Responder, "incident severity", &[("severity", "P2"), ID]).expect("worse");
    let args = [("severity", "P4"), ("why", "one person of many"), ID];
    desk.command(Who::Responder, "incident severity", &args).expect("with a reason");
}

#[test]
fn what_people_write_pings_nobody_and_hides_nothing() {
    let mut desk = Desk::new();
    let title = "@everyone <@1001> \u{202e}txt.exe **loud**\u{7}";
    let id = desk.declared(title, "P3");
    let kept = &desk.state().incidents[&id].title;
    assert!(!kept.contains(['\u{202e}', '\u{7}']), "{kept:?}");
    desk.command(Who::Responder, "incident note", &[("text", "<@&1001> \u{2066}# head")]).expect("noted");
    for effect in desk.owed() {
        let show = effect.show().expect("it shows something");
        let face = muster::render::face(show, None, chrono_tz::UTC);
        assert!(face.pings.roles.is_empty() && face.pings.users.is_empty(), "{face:?}");
        if let Show::Entry(entry) = show {
            assert!(matches!(&entry.what, What::Noted { text } if !text.contains('\u{2066}')), "{entry:?}");
            assert!(face.content.contains("\\# head"), "{face:?}");
        }
    }
}

#[test]
fn silence_is_reminded_of_and_a_word_ends_it() {
    let mut desk = at(&[]);
    let reminded = |desk: &Desk| {
        let commits = desk.commits();
        let events = commits.iter().flat_map(|c| &c.events);
        events.filter(|e| matches!(e, Event::IncidentReminded { incident: ONE })).count()
    };
    desk.pass(Duration::from_secs(4 * 3600 - 1));
    assert_eq!(reminded(&desk), 0);
    desk.pass(Duration::from_secs(1));
    assert_eq!(reminded(&desk), 1);
    desk.command(Who::Responder, "incident update", &[("status", "identified"), ID]).expect("a word");
    desk.pass(Duration::from_secs(4 * 3600 - 1));
    assert_eq!(reminded(&desk), 1, "the clock began anew");
    assert!(!desk.owed().iter().any(|e| matches!(e, Effect::OpenThread { .. })));
    desk.replays();
}
