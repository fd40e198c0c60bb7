//! What each button does, for whom, and what whoever comes second or late learns.

use std::time::Duration;

use muster::core::alerts::why;
use muster::core::seen::Seen;
use muster::model::alert::{Held, Mute};
use muster::model::button::{AlertButton, Button, FormKind};
use muster::model::card::Show;
use muster::model::ids::{GroupId, SilenceId};
use muster::model::input::Input;
use muster::model::reply::Reply;
use muster::render;

use super::{ENDS, FIRES, alert, labels, owed, read, sent};
use crate::triage::rig::{Rig, Who, said};

const ONE: GroupId = GroupId(1);

fn press(rig: &mut Rig, who: Who, button: AlertButton) -> String {
    let reply = rig.press(who, Button::Alert(ONE, button));
    said(reply)
}

fn firing() -> Rig {
    let mut rig = Rig::new();
    sent(&mut rig, vec![alert(labels("a"), FIRES)]);
    rig
}

/// What *Why?* shows, with the journal's own commits.
fn why_says(rig: &mut Rig, who: Who, page: u32) -> String {
    let reply = rig.press(who, Button::Alert(ONE, AlertButton::Why(page))).expect("everybody may ask");
    let Reply::Show { show, private: true } = reply else { panic!("{reply:?}") };
    let Show::AlertWhy(ask) = &show else { panic!("{show:?}") };
    let chain = why::fold(ask.group, &rig.commits).expect("it came to be");
    let seen = Seen::Alert(Box::new(chain));
    let face = render::face(&show, Some(&seen), chrono_tz::UTC);
    let mut out = String::new();
    for e in &face.embeds {
        out.push_str(&format!("{}\n{}\n", e.title.as_deref().unwrap_or_default(), e.description));
        e.fields.iter().for_each(|(n, v, _)| out.push_str(&format!("{n}: {v}\n")));
        out.push_str(e.footer.as_deref().unwrap_or_default());
    }
    face.buttons.iter().for_each(|b| out.push_str(&format!("[{}]", b.label)));
    face.files.iter().for_each(|f| out.push_str(&format!("({})", f.name)));
    out
}

#[test]
fn whoever_takes_it_stands_on_the_card_and_the_second_learns_who_that_is() {
    let mut rig = firing();
    let refused = press(&mut rig, Who::Onlooker, AlertButton::Acknowledge);
    assert!(refused.contains("is for"), "{refused}");
    let taken = press(&mut rig, Who::Responder, AlertButton::Acknowledge);
    assert!(taken.contains("**ALR-1** is yours"), "{taken}");
    let all = read(owed(&rig));
    assert!(all.contains("Acknowledged: responder <t:"), "{all}");
    let second = press(&mut rig, Who::Lead, AlertButton::Acknowledge);
    assert!(second.contains("responder did it <t:"), "{second}");
    let typed = said(rig.command(Who::Lead, "alerts ack", &[("alert", "alr-1")]));
    assert!(typed.contains("responder did it"), "{typed}");
}

#[test]
fn an_incident_is_opened_as_the_person_and_whoever_comes_second_is_sent_there() {
    let mut rig = firing();
    let opened = press(&mut rig, Who::Lead, AlertButton::Open);
    assert!(opened.contains("**INC-1** is declared as P3 medium"), "{opened}");
    assert_eq!(rig.incident(1).declared.by.name, "lead");
    assert_eq!(rig.incident(1).alerts, [ONE]);
    assert_eq!(rig.incident(1).service.as_deref(), Some("soundlab"));
    let all = read(owed(&rig));
    assert!(all.contains("Incident: **INC-1**"), "{all}");
    let second = press(&mut rig, Who::Responder, AlertButton::Open);
    assert!(second.contains("ALR-1 belongs to **INC-1** already"), "{second}");
    let playbook = press(&mut rig, Who::Responder, AlertButton::Playbook);
    assert!(playbook.contains("incident:INC-1`"), "{playbook}");
}

#[test]
fn a_silence_is_of_what_its_alerts_share_and_stands_on_the_card() {
    let mut rig = firing();
    let form = rig.press(Who::Responder, Button::Alert(ONE, AlertButton::Silence)).expect("a form");
    let Reply::Form(form) = form else { panic!("{form:?}") };
    assert_eq!(form.kind, FormKind::Silence(ONE));
    let mut send = |who, lasts: &str, why: &str| {
        let fields = [("for", lasts), ("why", why)];
        said(rig.submit(who, FormKind::Silence(ONE), &fields))
    };
    assert!(send(Who::Responder, "soon", "we know").contains("is no time"));
    assert!(send(Who::Responder, "2h", " \u{200b}").contains("Say why"));
    assert!(send(Who::Onlooker, "2h", "we know").contains("is for"));
    let done = send(Who::Responder, "1h 30m", "we *know*");
    assert!(done.contains("**SIL-1** for 1 h 30 m"), "{done}");
    let silence = &rig.state.alerts.silences[&SilenceId(1)];
    let matchers: Vec<String> = silence.matchers.iter().map(ToString::to_string).collect();
    assert_eq!(matchers, ["alertname=\"HighErrorRate\"", "service=\"soundlab\""]);
    assert!(silence.means(&labels("another host")));
    let all = read(owed(&rig));
    assert!(all.contains("**SIL-1** by responder until <t:"), "{all}");
    assert!(all.contains("we \\*know\\*") && all.contains("[Silence]"), "{all}");
    let held = &rig.state.alerts.groups[&ONE].held;
    assert_eq!(held, &Some(Held::Muted(Mute::Silence(SilenceId(1)))));
    let why = why_says(&mut rig, Who::Onlooker, 0);
    assert!(why.contains("**Nobody was told**: **SIL-1** by responder until"), "{why}");
}

#[test]
fn playbooks_are_named_to_one_person_and_none_starts() {
    let mut rig = firing();
    let before = rig.commits.len();
    let named = press(&mut rig, Who::Responder, AlertButton::Playbook);
    assert!(named.contains("Nothing of it runs before somebody asks for it"), "{named}");
    assert!(named.contains("`/runbook service:soundlab action:"), "{named}");
    assert!(press(&mut rig, Who::Onlooker, AlertButton::Playbook).contains("is for"));
    assert!(rig.state.runs.is_empty() && rig.commits.len() <= before + 2, "nothing began");
}

#[test]
fn a_button_of_what_is_over_does_nothing_and_says_so() {
    let mut rig = firing();
    rig.pass(Duration::from_secs(60));
    sent(&mut rig, vec![alert(labels("a"), ENDS)]);
    let head = rig.state.head;
    for button in [AlertButton::Acknowledge, AlertButton::Open, AlertButton::Silence] {
        let told = press(&mut rig, Who::Responder, button);
        assert!(told.contains("ALR-1 is over since <t:1795251660:R>: nothing is done"), "{told}");
    }
    let form = rig.submit(Who::Responder, FormKind::Silence(ONE), &[("for", "2h"), ("why", "x")]);
    assert!(said(form).contains("nothing is done"));
    assert!(rig.state.head == head && rig.state.alerts.silences.is_empty() && rig.state.incidents.is_empty());
    assert!(why_says(&mut rig, Who::Onlooker, 0).contains("✅ **Over**"));
    let unknown = said(rig.press(Who::Lead, Button::Alert(GroupId(7), AlertButton::Open)));
    assert!(unknown.contains("There is no ALR-7"), "{unknown}");
}

#[test]
fn somebody_may_say_that_it_is_over() {
    let mut rig = firing();
    assert!(said(rig.command(Who::Onlooker, "alerts close", &[("alert", "1")])).contains("is for"));
    let done = said(rig.command(Who::Responder, "alerts close", &[("alert", "1")]));
    assert!(done.contains("**ALR-1** is over, because you say so"), "{done}");
    assert!(read(owed(&rig)).contains("**Over** after"));
    let why = why_says(&mut rig, Who::Onlooker, 0);
    assert!(why.contains("**Closed** by responder"), "{why}");
}

#[test]
fn why_tells_the_chain_and_whom_it_paged() {
    let mut rig = firing();
    press(&mut rig, Who::Responder, AlertButton::Acknowledge);
    press(&mut rig, Who::Lead, AlertButton::Open);
    let why = why_says(&mut rig, Who::Onlooker, 0);
    let mut from = 0;
    for words in [
        "ALR-1 · why? · soundlab answers with errors",
        "📥 **Received** from prometheus: 1 alert nobody had heard of (instance **a**)",
        "🧭 **Routed** to default › audio, grouped with everything that has alertname **HighErrorRate** · service **soundlab**",
        "📣 **Told**: the first time, 1 alert fires",
        "👤 **Acknowledged** by responder",
        "🚨 **Opened INC-1** by lead",
        "Where it stands: People were told at",
        "Taken by responder. It belongs to **INC-1**.",
        "Route: **default** takes everything, groups by alertname, service",
        "**audio** takes ",
        "Paged: Nobody: no page began for it, or it is over for long.\nIts route calls responder.",
    ] {
        let at = why[from..]
            .find(words)
            .unwrap_or_else(|| panic!("{words:?} is not behind\n{}\nin\n{why}", &why[..from]));
        from += at;
    }
}

#[test]
fn a_long_chain_has_pages_and_a_file_with_all_of_it() {
    let mut rig = firing();
    for n in 0..30 {
        rig.pass(Duration::from_secs(1));
        sent(&mut rig, vec![alert(labels(&format!("h{n}")), FIRES)]);
    }
    let first = why_says(&mut rig, Who::Onlooker, 0);
    assert!(first.contains("page 1 of 4") && first.contains("[Later ▶]"), "{first}");
    assert!(!first.contains("Earlier") && first.contains("(alr-1-why.txt)"), "{first}");
    let last = why_says(&mut rig, Who::Onlooker, u32::MAX);
    assert!(last.contains("page 4 of 4") && last.contains("h29") && last.contains("[◀ Earlier]"), "{last}");
}

#[test]
fn time_alone_changes_nothing_on_what_was_pressed() {
    let mut rig = firing();
    press(&mut rig, Who::Responder, AlertButton::Acknowledge);
    rig.pass(Duration::from_secs(3));
    rig.step(&Input::Wake).expect("time passes");
    assert!(rig.state.alerts.groups[&ONE].acknowledged.is_some());
}
