//! Which routes an alert went through, and which it went past, with their matchers: what *Why?* says
//! of routing. It reads the settings as they are now.

use crate::model::alert::RouteSaid;
use crate::model::alerting::Route;
use crate::model::labels::{Labels, Matcher};

/// What stands between the names of a path.
const BETWEEN: &str = " › ";
/// Routes that an alert went past, at each level.
const PAST: usize = 5;

/// The routes of this path, from the root on, as far as the settings still have them.
pub fn path(root: &Route, path: &str, labels: &Labels) -> Vec<RouteSaid> {
    let mut names = path.split(BETWEEN);
    let mut out = vec![];
    if names.next() != Some(root.name.as_str()) {
        return out;
    }
    out.push(said(root, vec![]));
    let mut at = root;
    for name in names {
        let Some(place) = at.routes.iter().position(|r| r.name == name) else { break };
        // The first that takes an alert has it: these were asked before, and did not.
        let past = at.routes[..place].iter().filter_map(|r| {
            let against = r.matchers.iter().find(|m| !m.matches(labels))?;
            Some((r.name.clone(), against.to_string()))
        });
        out.push(said(&at.routes[place], past.take(PAST).collect()));
        at = &at.routes[place];
    }
    out
}

fn said(route: &Route, past: Vec<(String, String)>) -> RouteSaid {
    RouteSaid {
        name: route.name.clone(),
        matchers: route.matchers.iter().map(Matcher::to_string).collect(),
        group_by: route.group_by.clone(),
        mention: route.mention.clone(),
        past,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_what_it_went_past_and_the_matcher_that_was_against_it() {
        let route = |name: &str, matcher: &str| Route {
            name: name.to_owned(),
            matchers: vec![matcher.parse().unwrap()],
            ..Route::default()
        };
        let root = Route {
            routes: vec![route("db", "team=db"), route("audio", "service=~sound.*")],
            ..Route::default()
        };
        let labels = Labels::new([("service", "soundlab")]);
        let said = path(&root, "default › audio", &labels);
        assert_eq!(said.len(), 2);
        assert_eq!(said[1].matchers, ["service=~\"sound.*\""]);
        assert_eq!(said[1].past, [("db".to_owned(), "team=\"db\"".to_owned())]);
        assert_eq!(path(&root, "default › gone", &labels).len(), 1, "as far as the settings have them");
        assert!(path(&root, "other", &labels).is_empty());
    }
}
