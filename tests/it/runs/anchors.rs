//! What a section's anchor may start: never what an action asks somebody for.

use muster::model::input::Arg;
use muster::model::reply::Reply;

use super::rig::{Rig, Who};

const BOOK: &str = r#"---
runbook: 1
actions:
  rollback: {section: roll-back, lock: deploy, approve: {role: approver}}
---
# Shop
## Roll back
```sh {name=swap}
#| undo: unswap
./swap
```
### After it
```sh {name=after}
./after
```
## Taking it back
```sh {name=unswap}
./unswap
```
## Look around
```sh {name=look}
#| rerun: safe
./look
```
"#;

#[test]
fn an_actions_section_is_that_action_by_whatever_name() {
    for name in ["rollback", "roll-back"] {
        let mut rig = Rig::new(BOOK);
        let run = rig.asked(Who::Responder, name);
        assert_eq!(rig.run(run).plan.action, "rollback");
        assert!(rig.owed().is_empty(), "{name} asks the approver first");
        assert_eq!(rig.run(run).plan.lock.as_deref(), Some("shop/deploy"));
    }
}

#[test]
fn what_holds_an_action_or_is_part_of_one_or_of_its_undo_is_no_way_around_it() {
    for name in ["shop", "after-it", "taking-it-back"] {
        let mut rig = Rig::new(BOOK);
        assert!(rig.ask(Who::Responder, name, &[]).is_err(), "{name}");
        assert!(rig.ask(Who::Responder, name, &[("dry-run", Arg::Boolean(true))]).is_err(), "{name}");
        assert!(rig.owed().is_empty());
    }
    let mut rig = Rig::new(BOOK);
    assert!(matches!(rig.ask(Who::Responder, "look-around", &[]), Ok(Reply::Run { .. })));
}
