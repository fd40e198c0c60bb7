//! Who publishes a report, when, and how often.

use muster::model::card::Show;
use muster::model::report::{AfterButton, Part};

use super::rig::{Rig, Who, refused, said};

#[test]
fn nothing_is_posted_before_somebody_publishes() {
    let rig = Rig::resolved("P2");
    assert_eq!(rig.reports(), 0);
    let list = rig.effects().filter(|e| matches!(e.show(), Some(Show::Checklist(_)))).count();
    assert_eq!(list, 1);
}

#[test]
fn two_reviewers_at_once_publish_one_report() {
    let mut rig = Rig::resolved("P2");
    rig.write_up(Who::Responder);
    let version = rig.review().version;
    // Both saw the same draft, and both press.
    assert!(
        said(rig.press(Who::Lead, AfterButton::Publish(version))).contains("report of **INC-1** goes to")
    );
    let second = refused(rig.press(Who::Approver, AfterButton::Publish(version)));
    assert!(second.contains("nothing has changed since: lead did it"), "{second}");
    assert_eq!(rig.reports(), 1);
}

#[test]
fn what_is_published_is_what_its_reviewer_saw() {
    let mut rig = Rig::resolved("P2");
    rig.write_up(Who::Responder);
    let seen = rig.review().version;
    rig.command(Who::Responder, "report write", &[("lessons", "another"), ("incident", "INC-1")]).unwrap();
    let why = refused(rig.press(Who::Lead, AfterButton::Publish(seen)));
    assert!(why.contains("has changed since this draft was shown"), "{why}");
    assert_eq!(rig.reports(), 0);
    rig.press(Who::Lead, AfterButton::Publish(rig.review().version)).unwrap();
    // A tick and a reminder are nothing that a report says.
    rig.press(Who::Lead, AfterButton::Tick(1, true)).unwrap();
    assert!(refused(rig.publish(Who::Lead)).contains("nothing has changed"));
}

#[test]
fn a_refusal_says_what_is_missing() {
    let mut rig = Rig::resolved("P1");
    let why = refused(rig.publish(Who::Lead));
    assert!(why.contains("still needs: root cause, lessons learned."), "{why}");
    let mut mild = Rig::resolved("P3");
    let cause = [("root-cause", "a full disk"), ("incident", "INC-1")];
    mild.command(Who::Responder, "report write", &cause).unwrap();
    mild.publish(Who::Lead).unwrap();
    assert_eq!(mild.reports(), 1, "a P3 may be published without lessons");
}

#[test]
fn who_wrote_the_root_cause_does_not_publish_it_unless_the_team_wants_it_so() {
    let mut rig = Rig::resolved("P2");
    rig.write_up(Who::Approver);
    let why = refused(rig.publish(Who::Approver));
    assert!(why.contains("You wrote the root cause"), "{why}");
    // Being an administrator lifts the role, not the second pair of eyes.
    rig.house.settings.administrators = vec![Who::Approver.person().id];
    assert!(refused(rig.publish(Who::Approver)).contains("You wrote the root cause"));
    rig.house.settings.after.by_other = false;
    rig.publish(Who::Approver).unwrap();
    assert_eq!(rig.reports(), 1);
}

#[test]
fn reports_are_published_by_those_whom_the_team_names() {
    let mut rig = Rig::resolved("P2");
    rig.write_up(Who::Responder);
    for who in [Who::Responder, Who::Onlooker] {
        let why = refused(rig.publish(who));
        assert!(why.contains("published by lead or approver"), "{why}");
    }
    rig.house.settings.after.reviewers = vec!["lead".to_owned()];
    assert!(refused(rig.publish(Who::Approver)).contains("published by lead."));
    rig.publish(Who::Lead).unwrap();
}

#[test]
fn an_open_or_merged_incident_has_no_report_to_publish() {
    let mut rig = Rig::resolved("P2");
    rig.write_up(Who::Responder);
    rig.command(Who::Lead, "incident reopen", &[("incident", "INC-1")]).unwrap();
    assert!(refused(rig.publish(Who::Lead)).contains("INC-1 is open"));
    rig.command(Who::Lead, "incident declare", &[("title", "the same"), ("severity", "P1")]).unwrap();
    rig.command(Who::Lead, "incident merge", &[("incident", "INC-1"), ("into", "INC-2")]).unwrap();
    assert!(refused(rig.publish(Who::Lead)).contains("part of **INC-2**"));
    assert_eq!(rig.reports(), 0);
}

#[test]
fn resolved_a_second_time_it_has_one_checklist_and_a_second_revision() {
    let mut rig = Rig::resolved("P2");
    rig.settle();
    rig.write_up(Who::Responder);
    rig.press(Who::Responder, AfterButton::Tick(1, true)).unwrap();
    rig.publish(Who::Lead).unwrap();
    rig.command(Who::Lead, "incident reopen", &[("why", "it came back"), ("incident", "INC-1")]).unwrap();
    rig.command(Who::Lead, "incident resolve", &[("incident", "INC-1")]).unwrap();
    assert!(rig.review().items[1].ticked.is_some(), "what was ticked stays so");
    let posted = rig
        .effects()
        .filter(|e| {
            matches!(
                e,
                muster::model::effect::Effect::PostBoard {
                    board: muster::model::effect::Board::Checklist(_),
                    ..
                }
            )
        })
        .count();
    assert_eq!(posted, 1);
    assert!(said(rig.publish(Who::Lead)).contains("Revision 2"));
    assert_eq!(rig.reports(), 2);
    let h = rig.history();
    assert_eq!(h.review.published.as_ref().map(|p| p.revision), Some(2));
    assert_eq!(h.review.text(Part::RootCause), Some("a full disk"));
}
