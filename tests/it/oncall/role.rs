//! The server's role that follows the rotas: who gets it and who loses it, when, and what is said where
//! Discord does not let Muster.

use muster::model::ahead::Holding;
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::event::{Reason, Settlement};
use muster::model::ids::RoleId;
use muster::model::input::Arg;
use muster::sandbox::world::seed;
use muster::sandbox::world::seed::Person::{self, Approver, Lead, Responder};

use super::rig::{Desk, person, text};

const ROLE: RoleId = RoleId(seed::ROLE_ON_CALL.0);

/// A team that has only soundlab's rota: Mon–Wed A, Thu–Sat B, Sun C, from nine to nine. It is Saturday.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.house.oncall.rotas.retain(|name, _| name == "soundlab");
    desk.house.oncall.role = Some(ROLE);
    desk
}

fn is_role(effect: &Effect) -> bool {
    matches!(effect, Effect::Role { .. })
}

/// Who gets it (`+`) and loses it (`-`).
fn turns(effects: &[Effect]) -> Vec<String> {
    let one = |e: &Effect| match e {
        Effect::Role { role, person, held, .. } => {
            assert_eq!(*role, ROLE);
            let who = Person::ALL.into_iter().find(|p| p.id().0 == person.id.0).map_or("?", Person::name);
            Some(format!("{}{who}", if *held { '+' } else { '-' }))
        }
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

/// Discord does it.
fn done(desk: &mut Desk) -> Vec<String> {
    turns(&desk.settle(is_role, |_| Settlement::Shown))
}

fn refuse(desk: &mut Desk, reason: Reason) -> Vec<String> {
    let said = "Missing Permissions (50013): give the bot's own role Manage Roles".to_owned();
    turns(&desk.settle(is_role, |_| Settlement::GaveUp { reason, said: said.clone() }))
}

/// How often people were told of a refusal.
fn told(desk: &Desk) -> usize {
    let all = desk.commits.iter().flat_map(|c| &c.effects);
    let said = |e: &&Effect| matches!(e, Effect::Say { show: Show::Notice { text, .. }, .. } if text.contains("on-call role") && text.contains("Manage Roles"));
    all.filter(said).count()
}

fn over<'a>(who: Person, from: &'a str, until: &'a str) -> [(&'a str, Arg); 4] {
    [
        ("rota", text("soundlab")),
        ("person", Arg::Person(person(who))),
        ("from", text(from)),
        ("until", text(until)),
    ]
}

#[test]
fn it_changes_at_the_change_of_shift_and_at_an_override_s_begin_and_end() {
    let mut desk = desk();
    assert_eq!(turns(&desk.reread()), ["+approver"], "the files are read anew");
    assert_eq!(done(&mut desk), ["+approver"]);
    assert_eq!(
        (turns(&desk.start()), turns(&desk.wake())),
        (vec![], vec![]),
        "a restart gives nothing twice"
    );

    // From noon to one, in Berlin.
    let (said, effects) = desk.say(Responder, "oncall override", &over(Lead, "12:00", "13:00"));
    assert!(said.contains("OVR-1") && turns(&effects).is_empty(), "{said}");
    desk.pass(119);
    assert_eq!(turns(&desk.wake()), Vec::<String>::new(), "not a minute before");
    desk.pass(1);
    assert_eq!(turns(&desk.wake()), ["+lead", "-approver"]);
    done(&mut desk);
    desk.pass(60);
    assert_eq!(turns(&desk.wake()), ["+approver", "-lead"]);
    done(&mut desk);

    // One that begins at once, and is taken back.
    let (_, effects) = desk.say(Responder, "oncall override", &over(Responder, "now", "18:00"));
    assert_eq!(turns(&effects), ["+responder", "-approver"]);
    let (_, effects) = desk.say(Responder, "oncall override-end", &[("override", text("OVR-2"))]);
    assert_eq!(turns(&effects), ["+approver", "-responder"], "what is still owed counts as done");
    assert_eq!(done(&mut desk).len(), 4, "in the order in which it was owed");
    assert_eq!(desk.state.oncall.roles.iter().map(|h| h.stands).collect::<Vec<_>>(), [Holding::Held]);

    // Sunday at nine, while Muster was down.
    desk.pass(24 * 60);
    let late: Vec<String> = turns(&desk.start()).into_iter().chain(turns(&desk.wake())).collect();
    assert_eq!(late, ["+lead", "-approver"]);
    done(&mut desk);
    assert_eq!(desk.state.oncall.roles.len(), 1);
}

#[test]
fn who_is_away_does_not_hold_it_and_another_file_takes_it_back() {
    let mut desk = desk();
    desk.reread();
    done(&mut desk);
    // The second of Saturday is C, whom the practice team calls lead.
    let away = [("from", text("12:00")), ("until", text("14:00"))];
    desk.say(Approver, "unavailable", &away);
    assert_eq!(
        muster::core::next_wakeup(&desk.state),
        Some(desk.now.after(std::time::Duration::from_secs(7_200)))
    );
    desk.pass(120);
    assert_eq!(turns(&desk.wake()), ["+lead", "-approver"]);
    done(&mut desk);
    desk.pass(120);
    assert_eq!(turns(&desk.wake()), ["+approver", "-lead"]);
    done(&mut desk);
    // Another role: from whoever has the one before it is taken.
    desk.house.oncall.role = None;
    assert_eq!(turns(&desk.reread()), ["-approver"]);
    done(&mut desk);
    assert!(desk.state.oncall.roles.is_empty());
    assert_eq!((turns(&desk.reread()), turns(&desk.start())), (vec![], vec![]));
}

#[test]
fn a_refusal_is_told_once_and_tried_again_and_nobody_loses_what_muster_did_not_give() {
    let mut desk = desk();
    desk.reread();
    assert_eq!(refuse(&mut desk, Reason::Forbidden), ["+approver"]);
    assert_eq!((told(&desk), desk.state.oncall.roles[0].stands), (1, Holding::NotGiven));
    assert!(turns(&desk.wake()).is_empty(), "it is not tried for ever");
    assert_eq!(turns(&desk.start()), ["+approver"], "but at the next start");
    refuse(&mut desk, Reason::Forbidden);
    assert_eq!(told(&desk), 1, "people know that already");

    desk.pass(23 * 60);
    assert_eq!(turns(&desk.wake()), ["+lead"], "nothing is taken from whom Muster never gave it");
    assert_eq!(done(&mut desk), ["+lead"]);
    assert!(!desk.state.oncall.role_refused);

    // It may not be taken: they hold it, so it is tried again. Whoever left the server has no roles.
    desk.pass(24 * 60);
    assert_eq!(turns(&desk.wake()), ["+responder", "-lead"]);
    refuse(&mut desk, Reason::Forbidden);
    assert_eq!(told(&desk), 2, "it worked in between");
    assert_eq!(turns(&desk.reread()), ["+responder", "-lead"]);
    let gone = |e: &Effect| match e {
        Effect::Role { held: true, .. } => Settlement::Shown,
        _ => Settlement::GaveUp { reason: Reason::Gone, said: "Unknown Member (10007)".to_owned() },
    };
    desk.settle(is_role, gone);
    assert_eq!(told(&desk), 2, "that is as it should be");
    assert_eq!(desk.state.oncall.roles.len(), 1);
}
