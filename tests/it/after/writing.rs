//! Writing a report: nothing that somebody typed is lost or overwritten unseen.

use muster::model::afterwards::ChecklistOpened;
use muster::model::event::Event;
use muster::model::reply::Reply;
use muster::model::report::{AfterButton, AfterForm, CheckItem, Part};

use super::rig::{Rig, Who, refused, said};

#[test]
fn the_form_opens_with_what_is_there() {
    let mut rig = Rig::resolved("P2");
    rig.command(Who::Lead, "report write", &[("root-cause", "a full disk"), ("incident", "INC-1")]).unwrap();
    let Ok(Reply::Form(form)) = rig.press(Who::Responder, AfterButton::Write) else { panic!("no form") };
    let values: Vec<_> = form.fields.iter().map(|f| (f.name.as_str(), f.value.as_deref().unwrap())).collect();
    assert_eq!(
        values,
        [("summary", ""), ("root-cause", "a full disk"), ("resolution", "restarted"), ("lessons", "")]
    );
    // Sent as it is it changes nothing, and is no commit.
    let before = rig.commits.len();
    let as_it_is: Vec<(&str, &str)> = values;
    assert!(said(rig.submit(Who::Responder, AfterForm::Write(1), &as_it_is)).contains("says that already"));
    assert_eq!(rig.commits.len(), before);
    // A field that is emptied is taken back.
    rig.submit(Who::Responder, AfterForm::Write(1), &[("root-cause", ""), ("lessons", "x")]).unwrap();
    assert_eq!((rig.review().text(Part::RootCause), rig.review().text(Part::Lessons)), (None, Some("x")));
}

#[test]
fn two_forms_that_are_open_at_once_overwrite_nothing() {
    let mut rig = Rig::resolved("P2");
    rig.submit(Who::Lead, AfterForm::Write(0), &[("root-cause", "a full disk"), ("lessons", "")]).unwrap();
    let late = [("root-cause", "a dead relay, **really**"), ("lessons", "watch it")];
    let why = refused(rig.submit(Who::Responder, AfterForm::Write(0), &late));
    assert!(why.contains("while your form was open (Root cause)"), "{why}");
    assert!(why.contains("a dead relay, \\*\\*really\\*\\*") && why.contains("watch it"), "{why}");
    assert_eq!(rig.review().text(Part::RootCause), Some("a full disk"));
    // What is still empty can be filled from an old form.
    rig.submit(Who::Responder, AfterForm::Write(0), &[("root-cause", ""), ("lessons", "watch it")]).unwrap();
    assert_eq!(rig.review().text(Part::Lessons), Some("watch it"));
    assert_eq!(rig.review().text(Part::RootCause), Some("a full disk"));
}

#[test]
fn an_incident_that_changed_while_the_form_was_open_loses_nobodys_words() {
    let words = [("root-cause", "a full disk")];
    let mut rig = Rig::resolved("P2");
    rig.command(Who::Lead, "incident reopen", &[("incident", "INC-1")]).unwrap();
    let said = said(rig.submit(Who::Responder, AfterForm::Write(0), &words));
    assert!(said.contains("INC-1 is open: the report is published once it is resolved"), "{said}");
    rig.command(Who::Lead, "incident declare", &[("title", "the same"), ("severity", "P1")]).unwrap();
    rig.command(Who::Lead, "incident merge", &[("incident", "INC-1"), ("into", "INC-2")]).unwrap();
    let other = [("root-cause", "something else")];
    let why = refused(rig.submit(Who::Responder, AfterForm::Write(1), &other));
    assert!(why.contains("part of **INC-2**") && why.contains("something else"), "{why}");
    rig.house.commands.remove("report");
    let why = refused(rig.submit(Who::Responder, AfterForm::Write(1), &other));
    assert!(why.contains("switched off") && why.contains("something else"), "{why}");
    let why = refused(rig.submit(Who::Onlooker, AfterForm::AddAction, &[("what", "buy a disk")]));
    assert!(why.contains("buy a disk"), "{why}");
}

#[test]
fn what_hides_or_reorders_is_not_kept() {
    let mut rig = Rig::resolved("P2");
    let parts = [("root-cause", "a\u{202e}b\u{200b}\u{1b}[31mc"), ("incident", "INC-1")];
    rig.command(Who::Lead, "report write", &parts).unwrap();
    assert_eq!(rig.review().text(Part::RootCause), Some("abc"));
}

#[test]
fn items_are_ticked_taken_back_and_seen() {
    let mut rig = Rig::resolved("P2");
    let done = |rig: &Rig| -> Vec<bool> {
        rig.review().items.iter().map(|item| rig.review().done(item).is_some()).collect()
    };
    assert_eq!(done(&rig), [false; 4]);
    rig.press(Who::Responder, AfterButton::Tick(1, true)).unwrap();
    let before = rig.commits.len();
    // Somebody else presses the same button a moment later.
    assert_eq!(rig.press(Who::Approver, AfterButton::Tick(1, true)), Ok(Reply::None));
    assert_eq!(rig.commits.len(), before, "what is so already is no commit");
    assert_eq!(rig.review().items[1].ticked.as_ref().map(|t| t.by.name.as_str()), Some("responder"));
    rig.press(Who::Approver, AfterButton::Tick(1, false)).unwrap();
    assert_eq!(done(&rig), [false; 4]);
    assert!(refused(rig.press(Who::Responder, AfterButton::Tick(0, true))).contains("by itself"));
    assert!(refused(rig.press(Who::Responder, AfterButton::Tick(9, true))).contains("no such item"));
    assert!(rig.press(Who::Onlooker, AfterButton::Tick(1, true)).is_err());
    rig.write_up(Who::Responder);
    rig.add("watch disks", None, "").unwrap();
    assert_eq!(done(&rig), [true, false, true, false]);
    assert!(refused(rig.press(Who::Responder, AfterButton::Tick(2, true))).contains("sees that by itself"));
    rig.publish(Who::Lead).unwrap();
    assert_eq!(done(&rig), [true, false, true, true]);
}

#[test]
fn a_team_s_own_checklist_is_opened() {
    let mut rig = Rig::new();
    rig.house.settings.after.checklist =
        ["Status page is green", "learnings shared"].map(str::to_owned).to_vec();
    rig.command(Who::Lead, "incident declare", &[("title", "x"), ("severity", "P4")]).unwrap();
    rig.command(Who::Lead, "incident resolve", &[("incident", "INC-1")]).unwrap();
    let items = rig.events().find_map(|e| match e {
        Event::ChecklistOpened(ChecklistOpened { items, .. }) => Some(items.clone()),
        _ => None,
    });
    assert_eq!(items.unwrap(), ["Status page is green", "learnings shared"].map(CheckItem::of));
    rig.press(Who::Responder, AfterButton::Tick(0, true)).unwrap();
}
