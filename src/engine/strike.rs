//! Striking a text out of the journal: looks for it in every line, folds the state anew without it,
//! and lets the journal be written anew. Slow, as long as reading the journal twice, and rare.

use std::collections::BTreeMap;

use super::committer::Committer;
use crate::core::state::State;
use crate::core::strike::{self, Found, Needles, Shown};
use crate::core::{self, Outcome, past, seen};
use crate::journal::{AppendError, Damage, Journal, Reader, StruckLines};
use crate::kit::time::Timestamp;
use crate::model::commit::{Commit, FORMAT};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::ids::Seq;
use crate::model::incident::Incident;
use crate::model::input::Input;
use crate::model::reply::{Refusal, Reply};
use crate::model::strike::TextStruck;
use crate::model::strike::{StrikeAsk, StruckLine};

/// Why nothing was struck.
pub(super) enum Unstruck {
    /// The person is told; all is as it was.
    Refused(Refusal),
    /// Nobody knows what is on the disk.
    Failed(AppendError),
}

impl From<Damage> for Unstruck {
    fn from(damage: Damage) -> Unstruck {
        // It names a commit, and never what stands in it.
        tracing::error!("nothing was struck out: {damage}");
        let why = "The journal cannot be read, so nothing was struck out. `muster verify` says what happened to it.";
        Unstruck::Refused(Refusal::new(why))
    }
}

/// What a look through the whole journal found.
#[derive(Default)]
struct Scan {
    state: State,
    struck: BTreeMap<Seq, Commit>,
    lines: StruckLines,
    said: Vec<StruckLine>,
    count: u32,
    left: u32,
    shown: Vec<Shown>,
}

impl<J: Journal> Committer<J> {
    /// Strikes it out, durably, and gives the answer and the commit that says so.
    pub(super) fn strike(
        &mut self,
        now: Timestamp,
        input: &Input,
        ask: &StrikeAsk,
    ) -> Result<(Reply, Commit), Unstruck> {
        let reader = self.reader();
        let needles = needles(&*reader, ask)?;
        let mut ask = ask.clone();
        ask.text = None;
        if let Some(why) = &mut ask.why {
            needles.replace(why);
        }
        let mut scan = Scan::default();
        for line in reader.lines(Seq(1)) {
            let (seq, line) = line?;
            scan.take(&needles, seq, &line)?;
        }
        let found = Found {
            ask: &ask,
            state: &scan.state,
            struck: &scan.struck,
            lines: std::mem::take(&mut scan.said),
            count: scan.count,
            left: scan.left,
            shown: &scan.shown,
        };
        let mut outcome = strike::outcome(found, self.house(), now).map_err(Unstruck::Refused)?;
        let recalled = scan.recall(&*reader, &outcome)?;
        outcome.effects.extend(strike::cards(&recalled));
        past::told(&mut outcome, recalled);
        let Outcome { events, effects, reply } = outcome;
        let head = scan.state.head;
        let commit =
            Commit { v: FORMAT, seq: head.next(), at: now, cause: core::cause(input), events, effects };
        self.journal_mut().strike(head, &commit, &scan.lines).map_err(|e| match e {
            AppendError::NotStruck(why) => {
                Unstruck::Refused(Refusal::new(format!("Nothing was struck out. {why}")))
            }
            e => Unstruck::Failed(e),
        })?;
        scan.state.apply(&commit);
        self.replace_state(scan.state);
        Ok((reply, commit))
    }
}

/// What to look for: the text, or all that the entry says.
fn needles(reader: &dyn Reader, ask: &StrikeAsk) -> Result<Needles, Unstruck> {
    let needles = match (&ask.text, ask.entry) {
        (Some(text), _) => Needles::of([text.0.as_str()]),
        (None, Some(entry)) => {
            let commits = reader.get(&[entry])?;
            Needles::of(commits.iter().flat_map(|c| strike::texts(ask.incident, c)))
        }
        (None, None) => Needles::of([]),
    };
    if needles.is_empty() {
        let why = "This entry holds no text of its own that is long enough. Give the exact text instead.";
        return Err(Unstruck::Refused(Refusal::new(why)));
    }
    Ok(needles)
}

impl Scan {
    /// Takes the next line.
    fn take(&mut self, needles: &Needles, seq: Seq, line: &[u8]) -> Result<(), Damage> {
        let before: Commit = serde_json::from_slice(line).map_err(|e| Damage::at(seq, e.to_string()))?;
        let may_hold = std::str::from_utf8(line).is_ok_and(|text| needles.may_be_in(text));
        let struck = if may_hold { needles.strike(line) } else { None };
        let commit = match struck {
            Some(struck) => {
                self.count += struck.count;
                let now = self.lines.put(line, &struck.commit).map_err(|e| Damage::at(seq, e))?;
                self.said.push(StruckLine { seq, now: now.to_string() });
                self.struck.insert(seq, struck.commit.clone());
                struck.commit
            }
            None => before.clone(),
        };
        self.left += u32::from(may_hold && needles.stand_in(&commit));
        for event in &commit.events {
            if let Event::Settled { effect, outcome } = event
                && let Some(shown) = self.shown.iter_mut().rev().find(|s| s.id == *effect)
            {
                shown.outcome = Some(outcome.clone());
            }
        }
        self.state.apply(&commit);
        for ((id, effect), (_, old)) in commit.owed().zip(before.owed()) {
            if effect != old || self.shows_struck(effect) {
                self.shown.push(Shown { id, effect: effect.clone(), outcome: None });
            }
        }
        Ok(())
    }

    /// Whether it shows a part of the journal in which something was struck.
    fn shows_struck(&self, effect: &Effect) -> bool {
        let posts = matches!(effect, Effect::Say { .. } | Effect::PostRun { .. });
        let show = if posts && !self.struck.is_empty() { effect.show() } else { None };
        let commits = show.and_then(|show| seen::commits(&self.state, show)).unwrap_or_default();
        commits.iter().any(|seq| self.struck.contains_key(seq))
    }

    /// What the incidents were that the outcome is about and that are not at hand.
    fn recall(&self, reader: &dyn Reader, outcome: &Outcome) -> Result<Vec<Incident>, Damage> {
        let mut recalled = vec![];
        for event in &outcome.events {
            let Event::TextStruck(TextStruck { incident, others, .. }) = event else { continue };
            for id in others.iter().chain([incident]).filter(|id| self.state.past_incidents.contains_key(id))
            {
                let seqs = self.state.commits_about(*id).unwrap_or_default();
                let mut commits = reader.get(&seqs)?;
                for commit in &mut commits {
                    if let Some(struck) = self.struck.get(&commit.seq) {
                        *commit = struck.clone();
                    }
                }
                recalled.extend(past::recalled(*id, &commits));
            }
        }
        Ok(recalled)
    }
}
