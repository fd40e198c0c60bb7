//! What a row of looks means.

use std::time::Duration;

use super::judge::{self, Judged};
use crate::kit::time::Timestamp;
use crate::model::labels::Fingerprint;
use crate::model::watch::{Compare, Condition, Fires, Memory, Query, Rate, Reading, Sample, Source, Watch};

const EVERY: Duration = Duration::from_secs(15);
const MINUTE: Duration = Duration::from_secs(60);

fn rule(source: Source, fires: Fires) -> Watch {
    Watch {
        name: "rule".parse().unwrap(),
        section: "alerts".to_owned(),
        about: String::new(),
        source,
        fires,
        holds: None,
        only: None,
        clear: None,
        open: None,
        suggest: None,
    }
}

fn state(times: u32, within: Option<Duration>) -> Watch {
    let query = Query::new("up == 0").unwrap();
    rule(Source::State(Condition::Query(query)), Fires::Consecutive { times, within })
}

fn counter(compare: Compare, limit: f64) -> Watch {
    let rate = Rate { compare, limit, per: MINUTE };
    rule(Source::Counter(Query::new("errors").unwrap()), Fires::Rate(rate))
}

fn bad() -> Reading {
    Reading::Holds(true, "bad".to_owned())
}

fn good() -> Reading {
    Reading::Holds(false, "good".to_owned())
}

fn unknown() -> Reading {
    Reading::Unknown("no answer".to_owned())
}

fn count(value: f64) -> Reading {
    Reading::Counters(vec![(Fingerprint(1), value)])
}

/// A row of looks, each so many seconds after the first.
struct Row {
    rule: Watch,
    memory: Memory,
    only: Option<Reading>,
    clear: Option<Reading>,
}

impl Row {
    fn of(rule: Watch) -> Row {
        Row { rule, memory: Memory::default(), only: None, clear: None }
    }

    fn look(&mut self, second: i64, got: Reading) -> Judged {
        let sample = Sample {
            service: "soundlab".to_owned(),
            rule: self.rule.name.clone(),
            got,
            only: self.only.clone(),
            clear: self.clear.clone(),
            link: None,
            memory: Memory::default(),
        };
        judge::judge(&self.rule, EVERY, Timestamp(second * 1000), &sample, &mut self.memory).0
    }

    fn looks(&mut self, from: i64, all: &[Reading]) -> Vec<Judged> {
        (from..).step_by(15).zip(all).map(|(at, got)| self.look(at, got.clone())).collect()
    }
}

use Judged::{AsBefore, Fires as Now, Over};

#[test]
fn so_often_one_after_the_other_and_unknown_neither_counts_nor_begins_anew() {
    let mut row = Row::of(state(2, Some(MINUTE)));
    let seen = row.looks(0, &[bad(), good(), bad(), unknown(), unknown(), bad(), bad(), good()]);
    assert_eq!(seen, [AsBefore, Over, AsBefore, AsBefore, AsBefore, Now, Now, Over]);
    let mut slow = Row::of(state(2, Some(MINUTE)));
    assert_eq!([slow.look(0, bad()), slow.look(61, bad()), slow.look(100, bad())], [AsBefore, AsBefore, Now]);
}

#[test]
fn for_so_long_counts_only_what_was_seen() {
    let five = Watch { holds: Some(MINUTE), ..state(1, None) };
    let mut row = Row::of(five.clone());
    let all = vec![bad(); 5];
    assert_eq!(row.looks(0, &all), [AsBefore, AsBefore, AsBefore, AsBefore, Now]);
    // A look that found nothing takes both sides of it away.
    let mut gap = Row::of(five.clone());
    let all = [bad(), bad(), unknown(), bad(), bad(), bad(), bad()];
    assert_eq!(gap.looks(0, &all).iter().position(|j| *j == Now), Some(6));
    // A process that stood still for an hour has seen nothing of it.
    let mut asleep = Row::of(five);
    assert_eq!([asleep.look(0, bad()), asleep.look(3600, bad())], [AsBefore, AsBefore]);
}

#[test]
fn what_fires_ends_when_it_is_good_or_where_its_own_condition_says_so() {
    let mut row = Row::of(state(1, None));
    row.clear = Some(good());
    assert_eq!([row.look(0, bad()), row.look(15, good())], [Now, AsBefore]);
    row.clear = Some(unknown());
    assert_eq!(row.look(30, good()), AsBefore);
    row.clear = Some(bad());
    assert_eq!(row.look(45, good()), Over);
}

#[test]
fn while_nothing_is_asked_for_nothing_is_bad() {
    let mut row = Row::of(state(1, None));
    row.only = Some(good());
    assert_eq!(row.look(0, bad()), Over);
    row.only = Some(unknown());
    assert_eq!(row.look(15, bad()), AsBefore);
    row.only = Some(bad());
    assert_eq!(row.look(30, bad()), Now);
}

#[test]
fn a_rate_counts_what_grew_in_a_minute_and_a_counter_may_begin_anew() {
    let mut row = Row::of(counter(Compare::Above, 5.0));
    // The first look knows nothing; 6 more within a minute are too many; a restart begins at 0.
    let all = [100.0, 102.0, 105.0, 106.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let seen = row.looks(0, &all.map(count));
    assert_eq!(seen, [AsBefore, AsBefore, AsBefore, Now, Now, Over, Over, Over, Over]);
    let mut none = Row::of(counter(Compare::Above, 0.0));
    assert_eq!(none.looks(0, &[count(4.0), count(4.0), count(5.0)]), [AsBefore, AsBefore, Now]);
}

#[test]
fn a_series_that_was_away_goes_on_from_what_it_was() {
    let mut row = Row::of(counter(Compare::Above, 5.0));
    let both = |other: f64| Reading::Counters(vec![(Fingerprint(1), 0.0), (Fingerprint(2), other)]);
    let seen = row.looks(0, &[both(52_341.0), count(0.0), count(0.0), both(52_343.0), count(0.0)]);
    assert!(!seen.contains(&Now), "all that it ever counted did not happen now: {seen:?}");
    assert_eq!(row.look(75, both(52_353.0)), Now);
}

#[test]
fn that_something_is_too_slow_is_known_only_of_a_time_that_was_watched() {
    let mut row = Row::of(counter(Compare::Below, 1.0));
    let seen = row.looks(0, &vec![count(7.0); 6]);
    assert_eq!(seen, [AsBefore, AsBefore, AsBefore, AsBefore, Now, Now]);
}

#[test]
fn new_lines_are_counted_from_the_first_look_on() {
    let rate = Rate { compare: Compare::Above, limit: 10.0, per: MINUTE };
    let lines = Source::Lines { step: "log".parse().unwrap(), pattern: "RATE".to_owned() };
    let mut row = Row::of(rule(lines, Fires::Rate(rate)));
    assert_eq!(row.looks(0, &[Reading::Lines(6), Reading::Lines(4)]), [AsBefore, AsBefore]);
    assert_eq!(row.look(30, Reading::Lines(1)), Now);
}

#[test]
fn how_long_nothing_is_known_is_remembered() {
    let mut row = Row::of(state(1, None));
    row.looks(0, &[good(), unknown(), unknown()]);
    assert_eq!(row.memory.unknown, Some(Timestamp(15_000)));
    row.look(60, good());
    assert_eq!(row.memory.unknown, None);
}
