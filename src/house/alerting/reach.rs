//! Routes that no alert can take: somebody wrote them and waits for their alerts there.

use super::Lines;
use super::routes::BELOW;
use crate::house::problem::Notes;
use crate::model::alerting::Route;
use crate::model::labels::{Labels, MatchOp, Matcher};

/// Notes each route that can never be taken.
pub fn check(root: &Route, lines: &Lines, notes: &mut Notes) {
    below((root, &root.name), &[], lines, notes);
}

fn below((parent, path): (&Route, &str), above: &[&Matcher], lines: &Lines, notes: &mut Notes) {
    for (n, route) in parent.routes.iter().enumerate() {
        let path = format!("{path}{BELOW}{}", route.name);
        let line = lines.routes.get(&path).copied().unwrap_or(1);
        let all: Vec<&Matcher> = above.iter().copied().chain(&route.matchers).collect();
        let taken = parent.routes[..n].iter().find(|before| !before.go_on && covers(before, &all));
        if let Some(before) = taken {
            let what = format!(
                "no alert can take the route `{path}`: `{}` before it takes all of them",
                before.name
            );
            notes.add(line, what, "move it up, narrow the other, or give the other continue = true");
        } else if let Some((one, other)) = contradiction(&all) {
            let what = format!("no alert can take the route `{path}`: {one} and {other} cannot both be");
            notes.add(line, what, "correct its `match`, or that of the route above it");
        } else {
            below((route, &path), &all, lines, notes);
        }
    }
}

/// Whether a route takes whatever all of these match.
fn covers(route: &Route, all: &[&Matcher]) -> bool {
    let always = |m: &Matcher| m.op == MatchOp::Like && matches!(m.value.as_str(), ".*" | "(?s).*");
    route.matchers.iter().all(|m| {
        let name = |other: &&&Matcher| other.name == m.name && other.op == MatchOp::Is;
        let same = all.contains(&m);
        same || always(m) || all.iter().find(name).is_some_and(|is| m.matches(&value(is)))
    })
}

/// Two that no labels can match at once.
fn contradiction<'a>(all: &[&'a Matcher]) -> Option<(&'a Matcher, &'a Matcher)> {
    let exact = all.iter().filter(|m| m.op == MatchOp::Is);
    let mut pairs = exact.flat_map(|is| all.iter().map(move |other| (*is, *other)));
    pairs.find(|(is, other)| is.name == other.name && !other.matches(&value(is)))
}

fn value(is: &Matcher) -> Labels {
    Labels::new([(is.name.as_str(), is.value.as_str())])
}
