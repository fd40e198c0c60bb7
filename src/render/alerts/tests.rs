//! What stands in a card, and what must not.

use super::*;
use crate::kit::time::Timestamp;
use crate::model::alert::Opened;
use crate::model::ids::{ChannelId, GroupId, IncidentId, SilenceId, StormId, UserId};
use crate::model::incident::{Severity, Stamp};
use crate::model::person::Person;
use crate::model::silence::Silence;
use crate::model::triage::Playbook;

const T: Timestamp = Timestamp(1_795_251_600_000);

fn person(name: &str) -> Person {
    Person { id: UserId(1001), name: name.to_owned() }
}

fn a_card() -> AlertCard {
    AlertCard {
        opened: Opened {
            group: GroupId(3),
            at: T,
            route: "default › audio".to_owned(),
            key: Labels::new([("alertname", "HighErrorRate"), ("service", "soundlab")]),
            title: "soundlab answers with errors".to_owned(),
            severity: Severity::P2,
            service: Some("soundlab".to_owned()),
            channel: ChannelId(7),
        },
        phase: GroupPhase::Firing,
        since: T,
        firing: 2,
        times: 3,
        summary: Some("5.2 % of requests fail".to_owned()),
        description: None,
        alerts: vec![],
        links: vec![Link { url: "https://prometheus.example/graph".to_owned(), label: "Source".to_owned() }],
        section: None,
        playbooks: vec![Playbook {
            service: "soundlab".to_owned(),
            action: "rollback".to_owned(),
            title: "Roll back".to_owned(),
            words: vec!["errors".to_owned()],
        }],
        changes: vec![],
        acknowledged: None,
        incident: None,
        thread: None,
        held: None,
        silence: None,
        worse: None,
        flaps: 0,
    }
}

fn line_of(host: &str, over: Option<Timestamp>) -> AlertLine {
    AlertLine { labels: Labels::new([("instance", host)]), since: T, over }
}

/// All that can be read in it.
fn read(face: &Face) -> String {
    let mut out = face.content.clone();
    for e in &face.embeds {
        let _ = write!(out, "\n{}\n{}", e.title.as_deref().unwrap_or_default(), e.description);
        for (name, value, _) in &e.fields {
            let _ = write!(out, "\n{name}: {value}");
        }
        let _ = write!(out, "\n{}", e.footer.as_deref().unwrap_or_default());
    }
    for b in &face.buttons {
        let _ = write!(out, "\n[{}{}]", b.label, if b.enabled { "" } else { ", off" });
    }
    out
}

fn has(face: &Face, words: &[&str]) {
    let all = read(face);
    words.iter().for_each(|w| assert!(all.contains(w), "{w:?} is not in\n{all}"));
}

fn has_not(face: &Face, words: &[&str]) {
    let all = read(face);
    words.iter().for_each(|w| assert!(!all.contains(w), "{w:?} is in\n{all}"));
}

#[test]
fn what_fires_says_what_where_since_when_how_often_and_what_helps() {
    let c = AlertCard { alerts: vec![line_of("a:9100", None), line_of("b:9100", Some(T))], ..a_card() };
    let face = card(&c);
    has(
        &face,
        &[
            "ALR-3 · P2 · soundlab answers with errors",
            "5.2 % of requests fail",
            "Status: **Firing**: 2 alerts, the oldest since <t:1795251600:R>",
            "Severity: P2 high",
            "Service: soundlab",
            "• instance **a:9100** since <t:1795251600:R>",
            "◦ instance **b:9100** over <t:1795251600:R>",
            "and 1 more",
            "[Source](<https://prometheus.example/graph>)",
            "`/runbook service:soundlab action:rollback`: Roll back (fits: errors)",
            "default › audio · began 3 times",
            "[Acknowledge]",
            "[Open incident]",
            "[Silence]",
            "[Run playbook]",
            "[Why?]",
        ],
    );
    assert_eq!(face.embeds[0].colour, Some(Colour::Orange));
}

#[test]
fn over_says_how_long_and_leaves_nothing_to_press_but_why() {
    let at = T.after(std::time::Duration::from_millis(750_000));
    let face = card(&AlertCard { phase: GroupPhase::Over { at }, firing: 0, ..a_card() });
    has(&face, &["**Over** after 12 m 30 s, <t:1795252350:R>", "[Why?]"]);
    has_not(&face, &["[Acknowledge", "[Silence", "[Open", "Firing"]);
    assert_eq!(face.embeds[0].colour, Some(Colour::Green));
}

#[test]
fn whoever_took_it_and_the_incident_stand_on_it_and_cannot_be_pressed_twice() {
    let face = card(&AlertCard {
        acknowledged: Some(Stamp { at: T, by: person("re*sponder") }),
        incident: Some(IncidentId(4)),
        thread: Some(ChannelId(99)),
        ..a_card()
    });
    has(&face, &["re\\*sponder <t:1795251600:R>", "**INC-4** in <#99>"]);
    has(&face, &["[Acknowledged, off]", "[Open incident, off]", "[Silence]"]);
}

#[test]
fn each_way_to_be_held_says_by_what_until_when_and_why() {
    let silence = Silence {
        id: SilenceId(2),
        matchers: vec![],
        from: T,
        until: Timestamp(T.0 + 7_200_000),
        why: "we *know*".to_owned(),
        asked: Stamp { at: T, by: person("lead") },
    };
    let by = crate::model::labels::Fingerprint(1);
    for (held, words) in [
        (Held::Muted(Mute::Silence(SilenceId(2))), "**SIL-2** by lead until <t:1795258800:f>: we \\*know\\*"),
        (Held::Muted(Mute::Window("nightly".into())), "maintenance window *nightly*"),
        (
            Held::Muted(Mute::Inhibited { by, rule: "site-down".into() }),
            "ALR-1 · the site is down fires, and the rule *site-down* keeps this quiet",
        ),
        (Held::Flaps { until: T }, "Its end is told if it stays quiet until <t:1795251600:T>"),
        (Held::Waits { until: T }, "Its route waits for more to come until <t:1795251600:T>"),
        (Held::Storm(StormId(5)), "the message of **STO-5** counts it"),
    ] {
        let face = card(&AlertCard {
            held: Some(held),
            silence: Some(Box::new(silence.clone())),
            worse: Some("ALR-1 · the site is down".to_owned()),
            flaps: 6,
            ..a_card()
        });
        has(&face, &["Nobody is told now", words, "It ended or came back 6 times lately"]);
    }
}

#[test]
fn what_comes_from_outside_has_no_mark_no_ping_and_nothing_hidden_and_fits() {
    let evil =
        "@everyone <@1> **b** `c` [x](https://e.example)\u{202e}\u{7}\u{200b}\u{1b}[31m\n# h".repeat(40);
    let mut c = a_card();
    c.opened.title = evil.clone();
    c.opened.route = evil.clone();
    c.opened.service = Some(evil.clone());
    c.summary = Some(evil.clone());
    c.description = Some(evil.clone());
    let labels = Labels::new((0..6).map(|n| (format!("{n}{evil}"), evil.clone())));
    c.alerts = vec![AlertLine { labels, since: T, over: None }; 10];
    c.firing = 10_000;
    c.changes = vec![
        Mark {
            what: evil.clone(),
            service: None,
            at: T,
            went: Went::Failed,
            by: Some(evil.clone()),
            link: None,
            post: false,
        };
        3
    ];
    c.worse = Some(evil.clone());
    c.held =
        Some(Held::Muted(Mute::Inhibited { by: crate::model::labels::Fingerprint(1), rule: evil.clone() }));
    let face = card(&c);
    assert!(face.pings.roles.is_empty() && face.pings.users.is_empty());
    let all = read(&face);
    for raw in ["\u{202e}", "\u{7}", "\u{200b}", "\u{1b}"] {
        assert!(!all.contains(raw), "{raw:?}");
    }
    // Discord reads no Markdown in a footer.
    let read_as_markdown = all.replace(face.embeds[0].footer.as_deref().unwrap(), "");
    let bare = read_as_markdown.replace("\\@", "").replace("\\<", "").replace("\\*", "").replace("\\`", "");
    assert!(!bare.contains("@everyone") && !bare.contains("<@") && !bare.contains("**b"), "{all}");
    let embed = &face.embeds[0];
    let chars = |s: &str| s.chars().count();
    assert!(embed.fields.len() <= 25 && embed.fields.iter().all(|(_, v, _)| chars(v) <= 1024));
    assert!(chars(embed.title.as_deref().unwrap()) <= 256 && chars(&embed.description) <= 4096);
    let sum: usize = embed.fields.iter().map(|(n, v, _)| chars(n) + chars(v)).sum();
    assert!(sum + chars(&embed.description) + 256 + chars(embed.footer.as_deref().unwrap()) <= 6000, "{sum}");
    assert!(all.contains("more"), "what has no room is counted");
}

#[test]
fn a_storm_counts_and_names_the_worst() {
    let c = StormCard {
        id: StormId(1),
        since: T,
        over: None,
        groups: (40, 31),
        alerts: 512,
        services: vec![("nexus".into(), 20), ("soundlab".into(), 11)],
        some: vec![(GroupId(9), Severity::P1, "the *site* is down".into())],
    };
    let face = storm(&c);
    has(
        &face,
        &[
            "STO-1 · storm: 40 problems at once",
            "31 of 40 problems, 512 alerts",
            "nexus: 20",
            "**ALR-9** · P1 critical · the \\*site\\* is down",
            "and 39 more",
        ],
    );
    let over = storm(&StormCard { over: Some(T.after(std::time::Duration::from_secs(90))), ..c });
    has(&over, &["**Over** after 1 m 30 s"]);
}

#[test]
fn a_list_is_never_longer_than_a_message_and_counts_the_rest() {
    let l = AlertListed {
        group: GroupId(1),
        severity: Severity::P1,
        title: "@everyone *x* ".repeat(8),
        service: None,
        since: T,
        firing: 3,
        held: true,
        acknowledged: Some(Stamp { at: T, by: person("lead") }),
        incident: Some(IncidentId(4)),
    };
    let face = list(&vec![l; 25], 100);
    assert!(face.embeds[0].description.chars().count() <= 4096);
    has(
        &face,
        &["125 problems", "ALR-1", "3 alerts", "INC-4", "taken by lead", "nobody is told now", "more:"],
    );
    has(&list(&[], 0), &["Nothing fires"]);
}
