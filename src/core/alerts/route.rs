//! Which route takes an alert: a tree of label matchers, asked from the top.

use crate::model::alerting::{Alerting, Route};
use crate::model::labels::{Labels, Matcher};

/// What stands between the names of a path.
const BELOW: &str = " › ";

/// A route that takes an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Routed<'h> {
    /// By the names from the root on: `default`, `default › audio`.
    pub path: String,
    /// The route.
    pub route: &'h Route,
}

/// The routes that take an alert with these labels: the first that matches at each level, as deep as
/// one does, and those after it where it says that they are asked too. Never none: the root takes what
/// no other does.
pub fn route<'h>(alerting: &'h Alerting, labels: &Labels) -> Vec<Routed<'h>> {
    let mut found = vec![];
    below(&alerting.root, alerting.root.name.clone(), labels, &mut found);
    found
}

fn below<'h>(route: &'h Route, path: String, labels: &Labels, found: &mut Vec<Routed<'h>>) {
    let before = found.len();
    for child in route.routes.iter().filter(|r| Matcher::all(&r.matchers, labels)) {
        below(child, format!("{path}{BELOW}{}", child.name), labels, found);
        if !child.go_on {
            return;
        }
    }
    if found.len() == before {
        found.push(Routed { path, route });
    }
}

/// The route of this path; the root where it is not in the settings any more.
pub fn by_path<'h>(alerting: &'h Alerting, path: &str) -> &'h Route {
    let mut at = &alerting.root;
    for name in path.split(BELOW).skip(1) {
        match at.routes.iter().find(|r| r.name == name) {
            Some(child) => at = child,
            None => return &alerting.root,
        }
    }
    at
}

/// Whether some route says that those after it are asked too.
pub fn goes_on(route: &Route) -> bool {
    route.go_on || route.routes.iter().any(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route_of(name: &str, matchers: &[&str], go_on: bool, routes: Vec<Route>) -> Route {
        let matchers = matchers.iter().map(|m| m.parse().unwrap()).collect();
        Route { name: name.to_owned(), matchers, go_on, routes, ..Route::default() }
    }

    fn paths(alerting: &Alerting, labels: &[(&str, &str)]) -> Vec<String> {
        let labels = Labels::new(labels.iter().copied());
        route(alerting, &labels).into_iter().map(|r| r.path).collect()
    }

    #[test]
    fn the_first_that_matches_has_it_and_those_after_it_where_it_says_so() {
        let deep = route_of("night", &["severity=info"], false, vec![]);
        let root = Route {
            routes: vec![
                route_of("audit", &["service=~shop|till"], true, vec![]),
                route_of("shop", &["service=shop"], false, vec![deep]),
                route_of("late", &["service=shop"], false, vec![]),
            ],
            ..Route::default()
        };
        let alerting = Alerting { root, ..Alerting::default() };
        assert_eq!(paths(&alerting, &[("service", "blog")]), ["default"]);
        assert_eq!(
            paths(&alerting, &[("service", "shop")]),
            ["default › audit", "default › shop"],
            "`late` comes after one that does not go on"
        );
        let night = [("service", "shop"), ("severity", "info")];
        assert_eq!(paths(&alerting, &night), ["default › audit", "default › shop › night"]);
        assert_eq!(paths(&alerting, &[("service", "till")]), ["default › audit"]);
        for path in ["default", "default › shop › night"] {
            let name = path.rsplit(BELOW).next().unwrap();
            assert_eq!(by_path(&alerting, path).name, name);
        }
        assert_eq!(by_path(&alerting, "default › gone").name, "default");
        assert!(goes_on(&alerting.root) && !goes_on(&Route::default()));
    }
}
