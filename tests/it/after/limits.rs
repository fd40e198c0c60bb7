//! Reports past every limit of Discord's: what is shown fits, and nothing is lost.

use muster::core::history::History;
use muster::discord::wire;
use muster::kit::time::Timestamp;
use muster::model::card::{Entry, IncidentCard, What};
use muster::model::ids::{ActionId, IncidentId};
use muster::model::incident::{Phase, Severity, Stamp};
use muster::model::report::{
    ActionItem, ActionState, CheckItem, CheckLine, ChecklistCard, Part, Review, Written,
};
use muster::render::{self, File, report};
use serde_json::Value;

use super::rig::{BEGIN, Who};

/// Everything as long as it can be, and longer.
fn enormous() -> History {
    let stamp = || Stamp { at: BEGIN, by: Who::Responder.person() };
    let long = |n: usize| format!("{n:05} {}", "# **words** <@1> and `more` ".repeat(140));
    let mut review = Review::default();
    for (n, part) in Part::ALL.into_iter().enumerate() {
        review.parts.insert(part, Written { text: long(n), when: stamp() });
    }
    History {
        card: IncidentCard {
            id: IncidentId(1),
            title: "**@everyone** ".repeat(14),
            severity: Severity::P1,
            service: Some("soundlab".into()),
            declared: stamp(),
            phase: Phase::Resolved { when: stamp(), how: Some(long(0)) },
            duties: Default::default(),
            links: vec![],
            alerts: vec![],
            drill: true,
            private: false,
            respond_by: None,
            page: None,
        },
        numbers: (1..=10_000).map(muster::model::ids::Seq).collect(),
        entries: (0..10_000)
            .map(|n| Entry {
                at: Timestamp(BEGIN.0 + n * 1_000),
                by: Some(Who::Responder.person()),
                what: What::Noted { text: format!("note {n:05} of many **bold**") },
            })
            .collect(),
        review,
        actions: (0..50)
            .map(|n| ActionItem {
                id: ActionId(n + 1),
                incident: IncidentId(1),
                what: format!("item {n:05} {}", "x ".repeat(245)),
                owner: Some(Who::Lead.person()),
                due: None,
                added: stamp(),
                state: ActionState::Open,
            })
            .collect(),
        alerts: vec![],
        runs: vec![],
        course: vec![],
    }
}

/// What Discord counts (its pages on embeds and messages), in characters.
fn within(body: &Value) {
    let chars = |v: &Value| v.as_str().map_or(0, |s| s.chars().count());
    assert!(chars(&body["content"]) <= 2_000);
    let mut all = 0;
    for embed in body["embeds"].as_array().unwrap() {
        assert!(chars(&embed["title"]) <= 256 && chars(&embed["description"]) <= 4_096);
        all += chars(&embed["title"]) + chars(&embed["description"]) + chars(&embed["footer"]["text"]);
        let fields = embed["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert!(fields.len() <= 25);
        for field in fields {
            assert!(
                (1..=256).contains(&chars(&field["name"])) && (1..=1_024).contains(&chars(&field["value"]))
            );
            all += chars(&field["name"]) + chars(&field["value"]);
        }
    }
    assert!(all <= 6_000, "{all} characters in embeds");
    let rows = body["components"].as_array().unwrap();
    assert!(rows.len() <= 5);
    for row in rows {
        let buttons = row["components"].as_array().unwrap();
        assert!((1..=5).contains(&buttons.len()));
        assert!(
            buttons.iter().all(|b| (1..=80).contains(&chars(&b["label"])) && chars(&b["custom_id"]) <= 100)
        );
    }
    assert_eq!(body["allowed_mentions"], serde_json::json!({"parse": []}));
    for file in body["attachments"].as_array().unwrap() {
        assert!(chars(&file["description"]) <= 1_024);
    }
}

fn file<'a>(files: &'a [File], ending: &str) -> &'a File {
    files.iter().find(|f| f.name.ends_with(ending)).unwrap()
}

#[test]
fn a_report_past_every_limit_fits_and_is_whole_in_its_file() {
    let h = enormous();
    for face in [report::face(&h, chrono_tz::Europe::Berlin), report::draft(&h, 7, chrono_tz::Tz::UTC)] {
        let (body, files) = wire::message(face);
        within(&body.into());
        let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["inc-1.png", "inc-1.md"], "what is cut is cut on purpose, and stands in one file");
        let md = String::from_utf8(file(&files, ".md").bytes.clone()).unwrap();
        let notes: Vec<&str> =
            md.lines().filter_map(|l| l.split_once(": note ")).map(|(_, n)| &n[..5]).collect();
        let all: Vec<String> = (0..10_000).map(|n| format!("{n:05}")).collect();
        assert_eq!(notes, all, "no entry is lost");
        for n in 0..50 {
            assert!(md.contains(&format!("item {n:05} {}", "x ".repeat(244))), "item {n} is lost");
        }
        for (n, part) in Part::ALL.into_iter().enumerate() {
            assert!(md.contains(&format!("## {}\n\n{n:05} \\# \\*\\*words", part.title())));
        }
        assert_eq!(md.matches("and \\`more\\`").count(), 4 * 140);
        assert!(files.iter().map(|f| f.bytes.len()).sum::<usize>() < 10 * 1024 * 1024);
    }
}

#[test]
fn the_page_and_the_json_have_all_of_it_too() {
    let h = enormous();
    let (page, json) = (report::html(&h, chrono_tz::Tz::UTC), report::json(&h, chrono_tz::Tz::UTC));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["timeline"].as_array().unwrap().len(), 10_000);
    assert_eq!(json["action_items"].as_array().unwrap().len(), 50);
    assert_eq!(json["timeline"][9_999]["text"], "📝 responder: note 09999 of many **bold**");
    assert_eq!(page.matches("<li><time>").count(), 10_000);
    assert!(!page.contains("<@1>"), "everything is escaped");
}

#[test]
fn a_checklist_and_a_list_of_items_at_their_longest_fit() {
    let line = |n: usize| {
        let item = CheckItem::of(&format!("{n:02}{}", "é".repeat(68)));
        CheckLine { item, done: None }
    };
    let card = ChecklistCard {
        incident: IncidentId(u32::MAX),
        title: "x".repeat(200),
        drill: true,
        items: (0..15).map(line).collect(),
        missing: Part::ALL.to_vec(),
        published: Some(u32::MAX),
    };
    let show = muster::model::card::Show::Checklist(card);
    let (body, files) = wire::message(render::face(&show, None, chrono_tz::Tz::UTC));
    assert!(files.is_empty());
    let body: Value = body.into();
    within(&body);
    let buttons = body["components"].to_string().matches("custom_id").count();
    assert_eq!(buttons, 18, "three beside one for each item");
    let h = enormous();
    let open = h.actions.iter().cycle().take(400).cloned().collect();
    let show = muster::model::card::Show::ActionItems { incident: None, open };
    let (body, _) = wire::message(render::face(&show, None, chrono_tz::Tz::UTC));
    within(&body.into());
}
