//! The rows of the five services, each proved: its action is asked for by slash command, passes on the
//! healthy practice service, and fails under the row's own fault. `tests/rows.toml` says which test proves
//! which row, and why the others come later.

mod astradio;
mod calling;
mod list;
mod nexus;
mod proof;
mod reminders;
mod rule;
mod soundfoundry;
mod soundlab;
mod soundscape;
mod watching;

use calling::{Calling, MINUTE};
use proof::Proof;
use rule::{Rule, Watched};
