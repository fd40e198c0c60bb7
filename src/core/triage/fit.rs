//! Which playbooks may help: those whose heading and first lines have words of what is wrong.
//! Words and nothing more, so that everybody can see why one is named; none starts by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::model::house::{HEALTH, House};
use crate::model::incident::Severity;
use crate::model::runbook::{Action, Runbook};
use crate::model::triage::Playbook;

/// How many are named.
const MOST: usize = 3;
/// What a word of a heading counts; one of the first lines counts 1.
const HEADING: usize = 3;
/// Below this one word of some text fits by chance.
const ENOUGH: usize = 2;

/// Words that say nothing of what is wrong.
const EMPTY: &str = "a about after again all an and any anything are as at be because been before being but by \
    can cannot come could did do does doing done for from get got had has have he her his how i if in into is it \
    its just many may more most much my no nobody none not nothing now of off often on one only or other our out over \
    page people please problem said same say see seem she should since so some somebody somebody something still \
    such than that the their them then there these they thing this those to too up us user very was we well were \
    what when where which while who why will with without work would wrong you your broken broke issue service";

/// Words that mean the same to whoever is in a hurry.
const ALIKE: [&[&str]; 4] = [
    &["down", "outage", "offline", "unreachable", "unavailable", "dead"],
    &["slow", "slowly", "sluggish", "latency", "lag", "performance"],
    &["corrupt", "corruption", "damaged"],
    &["error", "500", "500s", "5xx", "exception"],
];

/// [`EMPTY`] as its words are compared.
static NOTHING: LazyLock<BTreeSet<String>> = LazyLock::new(|| EMPTY.split_whitespace().map(stem).collect());

/// Each of [`ALIKE`] as it is compared, and the first of its kind.
static SAME: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut same = BTreeMap::new();
    for group in ALIKE {
        for word in group {
            same.entry(stem(word)).or_insert_with(|| stem(group[0]));
        }
    }
    same
});

/// The playbooks that fit, best first: of one service, or of all.
pub fn playbooks(house: &House, service: Option<&str>, what: &str, level: Severity) -> Vec<Playbook> {
    let said = words(what);
    let books = house.runbooks.values().filter(|r| service.is_none_or(|s| s == r.service));
    let mut found: Vec<(usize, bool, Playbook)> = books
        .flat_map(|book| book.actions.iter().map(move |(name, action)| (book, name, action)))
        // What comes round by itself, and the check of everything, answer no symptom.
        .filter(|(_, name, action)| name.as_str() != HEALTH && action.schedule.is_none())
        .filter_map(|(book, name, action)| {
            let (score, words) = fits(book, action, &said)?;
            let title = title(book, action);
            let playbook = Playbook { service: book.service.clone(), action: name.clone(), title, words };
            Some((score, action.severity == Some(level), playbook))
        })
        .collect();
    // Sorting is stable: of equals the first of the files is first.
    found.sort_by_key(|(score, level, _)| (std::cmp::Reverse(*score), !level));
    found.into_iter().map(|(.., playbook)| playbook).take(MOST).collect()
}

fn title(book: &Runbook, action: &Action) -> String {
    let section = book.section(&action.section).map(|s| s.title.clone());
    action.title.clone().or(section).unwrap_or_else(|| action.section.clone())
}

/// How well a section fits, and by which words of what was said.
fn fits(book: &Runbook, action: &Action, said: &[(String, String)]) -> Option<(usize, Vec<String>)> {
    let section = book.section(&action.section)?;
    let set = |text: &str| words(text).into_iter().map(|(stem, _)| stem).collect::<BTreeSet<_>>();
    let mut heading = set(&section.title);
    heading.extend(set(action.title.as_deref().unwrap_or_default()));
    // Every heading of a service may name it: that tells nothing apart.
    for own in set(&book.service).union(&set(&book.title)) {
        heading.remove(own);
    }
    // What stands before the first fence says what it is about; then come the steps.
    let text = set(section.markdown.split("```").next().unwrap_or_default());
    let mut score = 0;
    let mut fitting = vec![];
    for (stem, word) in said {
        let worth = if heading.contains(stem) { HEADING } else { usize::from(text.contains(stem)) };
        if worth > 0 {
            score += worth;
            fitting.push(word.clone());
        }
    }
    (score >= ENOUGH).then_some((score, fitting))
}

/// The words of a text that say something, each once: as they are compared, and as they stand.
fn words(text: &str) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|w| w.split('\'').next().unwrap_or(w).to_lowercase())
        .filter(|w| w.chars().count() >= 2)
        .map(|w| (alike(&w), w))
        .filter(|(stem, _)| !NOTHING.contains(stem) && seen.insert(stem.clone()))
        .collect()
}

/// A word as it is compared: of those that mean the same, the first.
fn alike(word: &str) -> String {
    let own = stem(word);
    SAME.get(&own).cloned().unwrap_or(own)
}

/// A word without its ending, so that `plays` and `playing` are one.
fn stem(word: &str) -> String {
    let long = |w: &str| w.chars().count() >= 3;
    let mut word = match word.strip_suffix('s') {
        Some(w) if long(w) && !w.ends_with('s') => w,
        _ => word,
    };
    if let Some(w) = word.strip_suffix("ing").or_else(|| word.strip_suffix("ed")).filter(|w| long(w)) {
        // `stopp` of `stopped`.
        let mut end = w.chars().rev();
        let double = end.next().is_some_and(|last| !"aeiouls".contains(last) && end.next() == Some(last));
        word = if double { &w[..w.len() - w.chars().next_back().map_or(0, char::len_utf8)] } else { w };
    }
    word.strip_suffix('e').filter(|w| long(w)).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_whatever_their_ending() {
        for (a, b) in [
            ("plays", "playing"),
            ("stopped", "stops"),
            ("frames", "frame"),
            ("crashes", "crash"),
            ("errors", "500"),
            ("Outage".to_lowercase().as_str(), "offline"),
        ] {
            assert_eq!(alike(a), alike(b), "{a} and {b}");
        }
        assert_ne!(alike("stream"), alike("storm"));
        let stems: Vec<String> =
            words("It's the SAME page: nothing plays! Plays it?").into_iter().map(|w| w.1).collect();
        assert_eq!(stems, ["plays"]);
        assert_eq!(
            words("日本語 и é🎵"),
            [("日本語".to_owned(), "日本語".to_owned())],
            "no word is cut in two"
        );
    }
}
