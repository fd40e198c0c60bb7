//! What a card shows, from what was received.

use std::time::Duration;

use muster::core::alerts::card;
use muster::model::ids::GroupId;
use muster::model::labels::Labels;

use super::{ENDS, FIRES, alert, changed, labels, owed, read, sent};
use crate::triage::rig::{Rig, Who, said};

#[test]
fn a_card_says_what_its_source_says_and_where_more_is_to_be_seen() {
    let mut rig = Rig::new();
    changed(&mut rig, "soundlab 0.9.1", "soundlab", 30);
    changed(&mut rig, "soundlab 0.9.0", "soundlab", 300);
    changed(&mut rig, "nexus 2.0", "nexus", 5);
    sent(&mut rig, vec![alert(labels("a:9100"), FIRES), alert(labels("b:9100"), FIRES)]);
    let all = read(owed(&rig));
    for words in [
        "ALR-1 · P3 · soundlab answers with errors",
        "**Firing**: 2 alerts",
        "instance **a:9100**",
        "instance **b:9100**",
        "5 % of \\*all\\* requests fail \\@everyone",
        "[Source](<https://prometheus.example/graph?g0.expr=up>)",
        "[Runbook](<https://runbooks.example/soundlab#errors>)",
        "/runbook service:soundlab",
        "soundlab 0.9.1",
    ] {
        assert!(all.contains(words), "{words} is not in {all}");
    }
    for words in ["javascript", "soundlab 0.9.0", "nexus 2.0", "alertname", "severity **"] {
        assert!(!all.contains(words), "{words} is in {all}");
    }
}

#[test]
fn what_a_rule_names_itself_stands_first() {
    let mut rig = Rig::new();
    let action = rig.house.runbooks["soundlab"].actions.keys().next_back().expect("it has actions").clone();
    let mut one = alert(labels("a"), FIRES);
    one.annotations = Labels::new([("summary", "errors"), ("muster_suggest", action.as_str())]);
    sent(&mut rig, vec![one]);
    let card = owed(&rig);
    assert_eq!(card.playbooks.first().map(|p| p.action.as_str()), Some(action.as_str()));
    assert!(read(card).contains("its rule names it"));
}

#[test]
fn when_it_is_over_the_card_says_how_long_it_took() {
    let mut rig = Rig::new();
    sent(&mut rig, vec![alert(labels("a"), FIRES)]);
    rig.pass(Duration::from_secs(750));
    sent(&mut rig, vec![alert(labels("a"), ENDS)]);
    let all = read(owed(&rig));
    assert!(all.contains("**Over** after 12 m 30 s"), "{all}");
    assert!(all.contains("[Why?]") && !all.contains("[Acknowledge"), "{all}");
}

#[test]
fn a_thousand_alerts_are_ten_lines_and_a_number() {
    let mut rig = Rig::new();
    sent(&mut rig, (0..1_000).map(|n| alert(labels(&format!("h{n}")), FIRES)).collect());
    let card = card::card(&rig.state, &rig.house, &rig.state.alerts.groups[&GroupId(1)]);
    assert_eq!((card.firing, card.alerts.len()), (1_000, 10));
    let all = read(card);
    assert!(all.contains("1000 alerts") && all.contains("and 990 more"), "{all}");
}

#[test]
fn the_list_is_worst_first_and_of_one_service_where_that_is_asked() {
    let mut rig = Rig::new();
    let of = |name: &str, service: &str, severity: &str| {
        let labels = Labels::new([("alertname", name), ("service", service), ("severity", severity)]);
        let mut one = alert(labels, FIRES);
        one.annotations = Labels::default();
        one
    };
    sent(&mut rig, vec![of("Slow", "nexus", "warning")]);
    sent(&mut rig, vec![of("Down", "soundlab", "critical")]);
    let all = said(rig.command(Who::Onlooker, "alerts list", &[]));
    let at = |words: &str| all.find(words).unwrap_or_else(|| panic!("{words} is not in {all}"));
    assert!(all.contains("2 problems") && at("Down") < at("Slow"), "{all}");
    let one = said(rig.command(Who::Onlooker, "alerts list", &[("service", "nexus")]));
    assert!(one.contains("1 problem") && one.contains("Slow") && !one.contains("Down"), "{one}");
    let card = said(rig.command(Who::Onlooker, "alerts show", &[("alert", "ALR-2")]));
    assert!(card.contains("ALR-2 · P1 · Down") && card.contains("**INC-1**"), "{card}");
    let none = said(rig.command(Who::Onlooker, "alerts show", &[("alert", "ALR-9")]));
    assert!(none.contains("There is no ALR-9"), "{none}");
}

#[test]
fn the_section_of_the_runbook_that_speaks_of_it_is_one_command_away() {
    let mut rig = Rig::new();
    let anchor = rig.house.runbooks["soundlab"].sections[1].anchor.clone();
    let mut one = alert(labels("a"), FIRES);
    one.annotations = Labels::new([("summary", "errors"), ("muster_section", anchor.as_str())]);
    sent(&mut rig, vec![one]);
    let all = read(owed(&rig));
    assert!(all.contains(&format!("`/runbook service:soundlab action:{anchor}`")), "{all}");
    let mut one = alert(labels("b"), FIRES);
    one.annotations = Labels::new([("muster_section", "gone-since")]);
    one.labels = Labels::new([("alertname", "Other"), ("service", "soundlab")]);
    sent(&mut rig, vec![one]);
    assert!(!read(owed(&rig)).contains("gone-since"));
}
