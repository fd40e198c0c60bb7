//! Reports of every kind: none written, too long, in the hour that comes twice.

use super::*;
use crate::core::history::Turn;
use crate::model::card::{Entry, IncidentCard, What};
use crate::model::ids::{ActionId, IncidentId, UserId};
use crate::model::incident::{Phase, Severity, Stamp, Status};
use crate::model::person::Person;
use crate::model::report::{Due, Published, Review, Written};

fn person(name: &str) -> Person {
    Person { id: UserId(7), name: name.into() }
}

fn stamp(at: i64) -> Stamp {
    Stamp { at: Timestamp(at), by: person("responder") }
}

/// 2026-03-29 00:30 UTC: half an hour before Berlin's clocks go forward.
const FORWARD: i64 = 1_774_744_200_000;
/// 2026-10-25 00:10 UTC: Berlin's clocks show 02:10, and again an hour later.
const BACK: i64 = 1_792_887_000_000;
const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// An incident of an hour.
fn history(at: i64, entries: Vec<Entry>) -> History {
    History {
        card: IncidentCard {
            id: IncidentId(4),
            title: "# not a heading".into(),
            severity: Severity::P2,
            service: Some("soundlab".into()),
            declared: stamp(at),
            phase: Phase::Resolved { when: stamp(at + 3_600_000), how: Some("restarted".into()) },
            duties: Default::default(),
            links: vec![],
            alerts: vec![],
            drill: false,
            private: false,
            respond_by: None,
            page: None,
        },
        numbers: vec![],
        entries,
        review: Review::default(),
        actions: vec![],
        runs: vec![],
        alerts: vec![],
        course: vec![
            Turn { at: Timestamp(at), status: Some(Status::Investigating), severity: Severity::P2 },
            Turn { at: Timestamp(at + 60_000), status: Some(Status::Identified), severity: Severity::P2 },
        ],
    }
}

fn noted(at: i64, text: &str) -> Entry {
    Entry { at: Timestamp(at), by: Some(person("responder")), what: What::Noted { text: text.into() } }
}

fn item(n: u32, state: ActionState) -> ActionItem {
    ActionItem {
        id: ActionId(n),
        incident: IncidentId(4),
        what: format!("watch the disk {n}"),
        owner: Some(person("lead")),
        due: Some(Due { day: "2026-12-01".parse().unwrap(), remind: Timestamp(0) }),
        added: stamp(FORWARD),
        state,
    }
}

fn write(h: &mut History, part: Part, text: &str) {
    h.review.parts.insert(part, Written { text: text.to_owned(), when: stamp(FORWARD) });
}

#[test]
fn times_are_the_zones_and_the_total_is_what_really_passed() {
    let md = markdown(&history(FORWARD, vec![]), BERLIN);
    assert!(md.contains("01:30 – 03:30 (total 1 h 00 m)"), "{md}");
    assert!(md.contains("- **Date:** 2026-03-29"), "{md}");
    assert!(md.contains("\\# not a heading"), "{md}");
}

#[test]
fn the_hour_that_comes_twice_and_another_day_are_told_apart() {
    let (first, second) = (noted(BACK, "first"), noted(BACK + 3_600_000, "second"));
    let later = noted(BACK + 24 * 3_600_000, "next day");
    let md = markdown(&history(BACK, vec![first, second, later]), BERLIN);
    let (one, two) =
        (md.find("**2026-10-25** (UTC+02:00)").unwrap(), md.find("**2026-10-25** (UTC+01:00)").unwrap());
    let (a, b) = (
        md.find("02:10 - 📝 **responder**: first").unwrap(),
        md.find("02:10 - 📝 **responder**: second").unwrap(),
    );
    assert!(one < a && a < two && two < b, "{md}");
    assert!(md.contains("**2026-10-26** (UTC+01:00)\n\n- 01:10 - "), "{md}");
    let mut over_night = history(BACK, vec![]);
    over_night.card.phase = Phase::Resolved { when: stamp(BACK + 24 * 3_600_000), how: None };
    let md = markdown(&over_night, BERLIN);
    assert!(md.contains("2026-10-25 02:10 – 2026-10-26 01:10 (total 1 d 0 h)"), "{md}");
}

#[test]
fn every_entry_is_in_the_file_whole() {
    let text = "x".repeat(5_000);
    let md = markdown(&history(FORWARD, vec![noted(FORWARD, &text)]), Tz::UTC);
    assert!(md.contains(&text));
}

#[test]
fn a_report_has_the_parts_of_nx_11_in_their_order() {
    let mut h = history(FORWARD, vec![noted(FORWARD, "looked")]);
    for part in Part::ALL {
        write(&mut h, part, &format!("the {}", part.word()));
    }
    h.actions = vec![
        item(1, ActionState::Open),
        item(2, ActionState::Done { when: stamp(FORWARD) }),
        item(3, ActionState::Dropped { when: stamp(FORWARD), why: "the disk is gone".into() }),
    ];
    h.review.published = Some(Published { revision: 2, when: stamp(FORWARD), version: 9 });
    let md = markdown(&h, BERLIN);
    let parts = [
        "# Incident report: ",
        "- **Date:** 2026-03-29",
        "- **Severity:** P2 high",
        "- **Duration:** ",
        "- **Status:** resolved",
        "- **Revision:** 2, published by responder",
        "## Summary\n\nthe summary",
        "## Figures",
        "| Time to identify | 1 m 00 s |",
        "## Timeline",
        "- 01:30 - 📝",
        "## Root cause\n\nthe root-cause",
        "## Resolution\n\nthe resolution",
        "## Action items\n\n- [ ] **ACT-1**: watch the disk 1 (lead, due 2026-12-01)",
        "- [x] **ACT-2**: watch the disk 2 (lead, due 2026-12-01, done)",
        "- [x] **ACT-3**: watch the disk 3 (lead, due 2026-12-01, dropped: the disk is gone)",
        "## Lessons learned\n\nthe lessons",
    ];
    let mut from = 0;
    for part in parts {
        let at = md[from..].find(part).unwrap_or_else(|| panic!("{part} is not behind the others: {md}"));
        from += at + part.len();
    }
    let title = face(&h, BERLIN).embeds[0].title.clone().unwrap();
    assert_eq!(title, "Report · INC-4 · \\# not a heading (revision 2)");
}

#[test]
fn a_report_without_anything_written_says_so_everywhere() {
    let h = history(FORWARD, vec![]);
    let md = markdown(&h, Tz::UTC);
    assert_eq!(md.matches("Not written yet.").count(), 3, "{md}");
    assert!(md.contains("> **Draft**: nobody has published this."), "{md}");
    assert!(md.contains("## Resolution\n\nrestarted"), "what resolved it is its resolution: {md}");
    let shown = draft(&h, 3, Tz::UTC);
    assert!(shown.content.contains("It still needs: root cause, lessons learned."), "{}", shown.content);
    assert!(!shown.buttons[0].enabled, "it cannot be published");
}

#[test]
fn an_exercise_is_marked_everywhere() {
    let mut h = history(FORWARD, vec![]);
    h.card.drill = true;
    assert!(markdown(&h, Tz::UTC).contains("> **DRILL: this was an exercise"));
    let shown = face(&h, Tz::UTC);
    assert!(shown.content.contains("DRILL"));
    assert!(shown.embeds[0].title.as_deref().unwrap().starts_with("DRILL · Report"));
}

#[test]
fn what_people_typed_is_no_markup_and_no_heading_of_the_report_s_own() {
    let mut h = history(FORWARD, vec![noted(FORWARD, "**x**\n## Resolution\n@everyone")]);
    write(&mut h, Part::RootCause, "one\n===\n## Lessons learned\n- a list stays\n---\n<@1>");
    let md = markdown(&h, Tz::UTC);
    assert_eq!(md.matches("\n## Resolution").count(), 1, "{md}");
    assert_eq!(md.matches("\n## Lessons learned").count(), 1, "{md}");
    assert!(md.contains("one\n\\===\n\\#\\# Lessons learned\n- a list stays\n\\---\n\\<\\@1\\>"), "{md}");
    assert!(md.contains("\\@everyone"), "{md}");
}

#[test]
fn a_page_stands_on_its_own_and_runs_nothing() {
    let hostile = "<script>alert(1)</script><img src=x onerror=y> & \"quoted\" 'too' **b**";
    let mut h = history(FORWARD, vec![noted(FORWARD, hostile)]);
    h.card.title = hostile.into();
    h.card.declared.by.name = hostile.into();
    for part in Part::ALL {
        write(&mut h, part, hostile);
    }
    h.card.links =
        vec![crate::model::incident::Link { url: "javascript:alert(1)".into(), label: hostile.into() }];
    h.actions = vec![item(1, ActionState::Dropped { when: stamp(FORWARD), why: hostile.into() })];
    h.actions[0].what = hostile.into();
    let page = html(&h, BERLIN);
    for forbidden in ["<script", "<img src=x", "onerror=y>", "javascript:", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden} is in {page}");
    }
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none'"), "{page}");
    assert_eq!(page.matches("<img ").count(), 1);
    assert!(page.contains("src=\"data:image/png;base64,"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("<time>01:30</time>") && page.contains("2026-03-29 (UTC+01:00)"));
    for part in ["Summary", "Timeline", "Root cause", "Resolution", "Action items", "Lessons learned"] {
        assert!(page.contains(&format!("<h2>{part}</h2>")), "{part}");
    }
    for (open, close) in [("<ul", "</ul>"), ("<li", "</li>"), ("<dl>", "</dl>"), ("<p", "</p>")] {
        assert_eq!(page.matches(open).count(), page.matches(close).count(), "{open}");
    }
}

#[test]
fn json_has_the_names_that_programs_read() {
    let mut h = history(BACK, vec![noted(BACK, "first"), noted(BACK + 3_600_000, "second **b**")]);
    write(&mut h, Part::RootCause, "a full disk");
    h.actions = vec![item(1, ActionState::Open)];
    let report: serde_json::Value = serde_json::from_str(&json(&h, BERLIN)).unwrap();
    let names: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "action_items alerts began changes declared_by drill duration_seconds duties ended figures format incident \
        lessons links published published_by resolution resolved_by revision root_cause runs service severity \
        status summary timeline timezone title";
    assert_eq!(names.join(" "), expected, "a name is for ever");
    assert_eq!(report["format"], 1);
    assert_eq!(report["began"], "2026-10-25T02:10:00+02:00");
    assert_eq!(report["ended"], "2026-10-25T02:10:00+01:00", "an hour later by every clock but the wall's");
    assert_eq!(report["duration_seconds"], 3_600);
    assert_eq!(report["figures"]["time_to_identify_seconds"], 60);
    assert_eq!(report["timeline"][1]["text"], "📝 responder: second **b**");
    assert_eq!(report["action_items"][0]["due"], "2026-12-01");
    assert_eq!(
        (&report["summary"], &report["root_cause"]),
        (&serde_json::Value::Null, &"a full disk".into())
    );
}
