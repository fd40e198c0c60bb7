//! Pictures of every kind: small, full, in the hour that comes twice.

use super::*;
use crate::core::alerts::lines::AlertSpan;
use crate::core::history::Turn;
use crate::model::card::{Entry, IncidentCard, What};
use crate::model::ids::{GroupId, IncidentId, RunId, UserId};
use crate::model::incident::{Phase, Severity, Stamp};
use crate::model::mark::Mark;
use crate::model::person::Person;
use crate::model::report::Review;

const BERLIN: Tz = chrono_tz::Europe::Berlin;
/// 2026-11-21 10:00 in Berlin.
const BEGAN: i64 = 1_795_251_600_000;

fn person() -> Person {
    Person { id: UserId(7), name: "responder".into() }
}

fn at(minutes: i64) -> Timestamp {
    Timestamp(BEGAN + minutes * 60_000)
}

fn entry(minutes: i64, what: What) -> Entry {
    Entry { at: at(minutes), by: Some(person()), what }
}

fn noted(minutes: i64) -> Entry {
    entry(minutes, What::Noted { text: "seen".into() })
}

fn turn(minutes: i64, status: Option<Status>, severity: Severity) -> Turn {
    Turn { at: at(minutes), status, severity }
}

fn run(n: u32, from: i64, to: Option<i64>, how: RunEnd) -> RunSpan {
    let end = to.map(|to| (at(to), how));
    RunSpan { run: RunId(n), what: "soundlab rollback".into(), from: at(from), end }
}

fn alert(n: u32, from: i64, to: Option<i64>) -> AlertSpan {
    let title = "soundlab answers with errors".into();
    AlertSpan { group: GroupId(n), title, from: at(from), over: to.map(at) }
}

fn changed(minutes: i64) -> Entry {
    let what = "soundlab 0.9.1 is out".to_owned();
    let mark = Mark { what, at: at(minutes), service: Some("soundlab".into()), ..Mark::default() };
    Entry { at: at(minutes), by: None, what: What::Changed { mark: Box::new(mark) } }
}

/// An incident of two hours with everything in it.
pub fn history() -> History {
    let (declared, resolved) = (Stamp { at: at(0), by: person() }, Stamp { at: at(124), by: person() });
    let say = |minutes, status| entry(minutes, What::Updated { status, text: None });
    History {
        card: IncidentCard {
            id: IncidentId(7),
            title: "Streams stop after ten seconds for everybody in Europe".into(),
            severity: Severity::P2,
            service: Some("soundlab".into()),
            declared,
            phase: Phase::Resolved { when: resolved, how: None },
            duties: Default::default(),
            links: vec![],
            alerts: vec![],
            drill: false,
            private: false,
            respond_by: None,
            page: None,
        },
        numbers: vec![],
        entries: vec![
            entry(
                0,
                What::Declared {
                    title: "Streams stop".into(),
                    severity: Severity::P1,
                    respond_by: None,
                    triage: None,
                },
            ),
            changed(2),
            noted(3),
            noted(4),
            noted(9),
            say(18, Status::Identified),
            noted(31),
            say(63, Status::Monitoring),
            noted(70),
            noted(90),
            noted(91),
            noted(92),
            entry(100, What::Undelivered { what: "a message".into(), why: "gone".into() }),
            entry(124, What::Resolved { how: None }),
        ],
        review: Review::default(),
        actions: vec![],
        runs: vec![
            run(1, 20, Some(22), RunEnd::Failed { why: "x".into() }),
            run(2, 24, Some(61), RunEnd::Passed),
            run(3, 26, Some(30), RunEnd::Undone { why: "x".into() }),
            run(4, 110, Some(123), RunEnd::Passed),
        ],
        alerts: vec![alert(3, -4, Some(66)), alert(4, 30, None)],
        course: vec![
            turn(0, Some(Status::Investigating), Severity::P1),
            turn(18, Some(Status::Identified), Severity::P1),
            turn(40, Some(Status::Identified), Severity::P2),
            turn(63, Some(Status::Monitoring), Severity::P2),
            turn(124, None, Severity::P2),
        ],
    }
}

/// What words take of the picture: left, right, top, bottom.
fn taken(scene: &scene::Scene) -> Vec<(String, [f32; 4])> {
    let fonts = font::Fonts::load();
    let words = scene.shapes.iter().filter_map(|s| match s {
        scene::Shape::Words { x, y, size, bold, anchor, words, .. } => {
            let w = fonts.width(words, *size, *bold);
            let x = match anchor {
                scene::Anchor::Start => *x,
                scene::Anchor::Middle => x - w / 2.0,
                scene::Anchor::End => x - w,
            };
            Some((words.clone(), [x, x + w, y - size * 0.75, y + size * 0.2]))
        }
        _ => None,
    });
    words.collect()
}

/// Nothing stands on anything else, and nothing outside.
fn readable(h: &History) {
    let scene = scene::scene(h, BERLIN);
    let words = taken(&scene);
    for (n, (a, [l, r, t, b])) in words.iter().enumerate() {
        assert!(*l >= 0.0 && *r <= scene.width && *t >= 0.0 && *b <= scene.height, "`{a}` stands outside");
        for (other, [l2, r2, t2, b2]) in &words[n + 1..] {
            let apart = r <= l2 || r2 <= l || b <= t2 || b2 <= t;
            assert!(apart, "`{a}` and `{other}` stand on each other");
        }
    }
    assert!(scene.height < 1_200.0, "{} high", scene.height);
}

#[test]
fn nothing_stands_on_anything_else() {
    readable(&history());
    let mut empty = history();
    (empty.entries, empty.runs, empty.course) = (vec![], vec![], vec![]);
    readable(&empty);
    for length in [0, 1, 7, 25, 59, 61, 600, 1_441, 10_000, 100_000, 1_000_000] {
        let mut h = history();
        h.card.phase = Phase::Resolved { when: Stamp { at: at(length), by: person() }, how: None };
        h.entries.retain(|e| e.at <= at(length));
        readable(&h);
    }
}

#[test]
fn ten_thousand_entries_and_hundreds_of_runs_are_bundled_and_none_is_forgotten() {
    let mut h = history();
    h.entries = (0..10_000).map(|n| Entry { at: Timestamp(BEGAN + n * 700), ..noted(0) }).collect();
    h.runs =
        (0..300).map(|n| run(n + 1, i64::from(n) / 3, Some(i64::from(n) / 3 + 2), RunEnd::Passed)).collect();
    readable(&h);
    let lanes = lanes::of(&h);
    let xs: Vec<f32> = (0..10_000).map(|n| n as f32 / 12.0).collect();
    let bundles = lanes::bundled(xs, 24.0);
    assert_eq!(bundles.iter().map(|b| b.count).sum::<usize>(), 10_000);
    assert!(bundles.windows(2).all(|w| w[1].x - w[0].x >= 24.0));
    assert_eq!(lanes.iter().map(|l| l.marks.len()).sum::<usize>(), 10_000);
    let says = |words: &str| {
        scene::scene(&h, BERLIN)
            .shapes
            .iter()
            .any(|s| matches!(s, scene::Shape::Words { words: w, .. } if w.contains(words)))
    };
    assert!(says("more runs, which the report lists"));
}

#[test]
fn the_same_history_is_the_same_picture() {
    let (one, two) = (png(&history(), BERLIN).unwrap(), png(&history(), BERLIN).unwrap());
    assert_eq!(one, two);
    assert!(one.starts_with(b"\x89PNG") && one.len() < 500_000, "{} bytes", one.len());
    if let Ok(file) = std::env::var("MUSTER_PICTURE") {
        std::fs::write(file, one).unwrap();
    }
}

#[test]
fn the_axis_is_the_clock_on_the_wall_also_when_it_is_changed() {
    let clocks = |from: i64, to: i64| {
        let ticks = axis::ticks(Timestamp(from), Timestamp(to), BERLIN, 9);
        assert!(ticks.windows(2).all(|w| w[0].at < w[1].at), "{ticks:?}");
        ticks.into_iter().map(|t| t.clock).collect::<Vec<_>>()
    };
    // 2026-03-29: 02:00 is not there.
    let forward = 1_774_742_400_000;
    assert_eq!(
        clocks(forward, forward + 3 * 3_600_000),
        ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30", "05:00"]
    );
    // Days have their midnight, and a name.
    let days = axis::ticks(at(0), Timestamp(BEGAN + 5 * 86_400_000), BERLIN, 9);
    assert_eq!(days[0].day.as_deref(), Some("22 Nov 2026"));
    assert!(days.iter().all(|t| t.clock == "00:00" || t.clock.is_empty() || t.clock == "12:00"), "{days:?}");
    let one = axis::ticks(at(0), at(0), BERLIN, 9);
    assert_eq!(one.len(), 1, "{one:?}");
}

#[test]
fn what_it_shows_is_said_in_words_too() {
    let alt = alt(&history(), BERLIN);
    for words in [
        "Timeline of INC-7 on 2026-11-21 from 10:00 to 12:04 (Europe/Berlin)",
        "investigating (P1 critical) from 10:00",
        "resolved (P2 high) from 12:04",
        "RUN-1 soundlab rollback: failed in 2 m 00 s",
        "8 notes",
    ] {
        assert!(alt.contains(words), "{words} is not in {alt}");
    }
    let mut long = history();
    long.runs = (0..100).map(|n| run(n, 1, Some(2), RunEnd::Passed)).collect();
    assert!(super::alt(&long, BERLIN).chars().count() <= ALT);
}

#[test]
fn a_title_of_any_kind_fits_and_hides_nothing() {
    for title in ["x".repeat(5_000), "\u{202e}gnp.exe".to_owned(), "火事 🔥".to_owned(), String::new()] {
        let mut h = history();
        h.card.title = title;
        readable(&h);
        assert!(png(&h, BERLIN).is_some());
    }
}
