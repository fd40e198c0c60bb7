//! What waited goes out as one message: it goes on saying how each of its pages stands.

use muster::model::button::PageButton;
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::ids::PageId;
use muster::model::input::Input;
use muster::render;

use super::limits::limited;
use super::rig::{FIRST, MINUTE, Rig};

/// The messages of several pages that were edited: by what each edit is found, and the message.
fn bundles(rig: &Rig) -> Vec<((PageId, u32), render::Face)> {
    let effects = rig.commits.iter().flat_map(|c| &c.effects);
    let edits = effects.filter_map(|e| match e {
        Effect::EditPage { page, call, show: Show::Pages(cards), .. } => {
            Some(((*page, *call), render::page::several(cards)))
        }
        _ => None,
    });
    edits.collect()
}

fn labels(face: &render::Face) -> Vec<&str> {
    face.buttons.iter().map(|b| b.label.as_str()).collect()
}

#[test]
fn of_several_pages_in_one_message_those_that_are_not_answered_keep_their_buttons() {
    let mut rig = limited();
    for _ in 0..5 {
        rig.declare("P1");
        rig.deliver_all();
    }
    rig.pass(3 * MINUTE);
    rig.press_in(FIRST, 4, PageButton::Acknowledge, false).expect("they were called");
    let (first, face) = bundles(&rig).pop().expect("the message is brought up to date");
    assert_eq!(labels(&face), ["Acknowledge PAG-3", "Acknowledge PAG-5"]);
    let words = face.embeds[0].description.clone();
    assert!(["PAG-3", "PAG-4", "PAG-5"].iter().all(|page| words.contains(page)), "{words}");
    assert_eq!(words.matches("somebody 11** is on it since").count(), 1, "{words}");
    // Whoever cannot is asked no more of that page alone.
    rig.press_in(FIRST, 3, PageButton::Cannot, false).expect("they were called");
    rig.press_in(FIRST, 5, PageButton::Acknowledge, false).expect("they were called");
    let (last, face) = bundles(&rig).pop().expect("the message is brought up to date");
    assert!(face.buttons.is_empty(), "{:?}", face.buttons);
    assert_eq!(first, last, "the edits of one message wait for each other");
    let alone = rig.cards().into_iter().filter(|(edit, card)| *edit && card.page == PageId(4));
    assert_eq!(alone.count(), 1, "by itself only the mention is edited");
}

#[test]
fn what_is_answered_while_its_message_is_under_way_is_shown_answered_beside_the_others() {
    let mut rig = limited();
    for _ in 0..4 {
        rig.declare("P1");
        rig.deliver_all();
    }
    rig.now = rig.now.after(3 * MINUTE);
    rig.step(&Input::Wake);
    rig.press_in(FIRST, 3, PageButton::Acknowledge, true).expect("they were called");
    rig.deliver_all();
    let (_, face) = bundles(&rig).pop().expect("the message is brought up to date");
    assert_eq!(labels(&face), ["Acknowledge PAG-4"]);
}
