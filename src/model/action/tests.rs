//! Actions as command files name them.

use super::*;
use crate::model::command::OptionKind;

#[test]
fn every_action_reads_back_and_wants_only_kinds_that_exist() {
    for action in Action::ALL {
        assert_eq!(action.word().parse(), Ok(action));
        for argument in action.arguments() {
            assert!(argument.kinds.iter().all(|k| OptionKind::WORDS.contains(k)), "{action}");
        }
    }
    assert!("incident".parse::<Action>().is_err());
}
