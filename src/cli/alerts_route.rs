//! `muster alerts route`: which route an alert with these labels takes, and why not another.

use std::fmt::Write as _;
use std::process::ExitCode;

use super::args::AlertsRouteArgs;
use super::output::failed;
use super::serve;
use crate::core::alerts::{group, silence};
use crate::house;
use crate::kit::time::spoken;
use crate::model::alerting::{Alerting, Route};
use crate::model::house::House;
use crate::model::incident::Severity;
use crate::model::labels::{Labels, MatchOp, Matcher};

/// Prints it.
pub fn run(args: &AlertsRouteArgs) -> ExitCode {
    match labels(&args.labels.join(" ")).and_then(|labels| Ok(told(&house(args.config.as_deref())?, &labels)))
    {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// The settings that count: those named, else muster.toml, else the practice team's.
///
/// # Errors
/// What is wrong with them.
pub fn house(named: Option<&std::path::Path>) -> Result<House, String> {
    let usual = std::path::Path::new("muster.toml");
    match named.or(usual.exists().then_some(usual)) {
        Some(config) => serve::house(config),
        None => house::sandbox("http://127.0.0.1:7700")
            .map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// Labels as people type them: `alertname=Down, service="soundlab"`.
///
/// # Errors
/// What is no label.
pub fn labels(typed: &str) -> Result<Labels, String> {
    let mut pairs = vec![];
    for matcher in silence::matchers(typed)? {
        if matcher.op != MatchOp::Is {
            return Err(format!("`{matcher}` is no label: an alert has {}=\"…\"", matcher.name));
        }
        pairs.push((matcher.name, matcher.value));
    }
    if pairs.is_empty() {
        return Err("name the alert's labels: alertname=Down service=soundlab severity=critical".to_owned());
    }
    Ok(Labels::new(pairs))
}

/// The way of an alert with these labels through the routes of this house, step by step, and what
/// the route at its end says.
pub fn told(house: &House, labels: &Labels) -> String {
    let alerting = &house.settings.alerting;
    let mut out = format!("{labels}\n");
    let mut taken = vec![];
    walk(&alerting.root, &alerting.root.name, 0, labels, &mut out, &mut taken);
    for (path, route) in taken {
        says(house, alerting, &path, route, labels, &mut out);
    }
    out
}

/// Goes down the tree as alerts do: the first that matches has it, as deep as one does.
fn walk<'r>(
    route: &'r Route,
    path: &str,
    deep: usize,
    labels: &Labels,
    out: &mut String,
    taken: &mut Vec<(String, &'r Route)>,
) {
    let before = taken.len();
    let indent = "  ".repeat(deep + 1);
    let mut stopped = None;
    for child in &route.routes {
        let misses: Vec<&Matcher> = child.matchers.iter().filter(|m| !m.matches(labels)).collect();
        let _ = match (&stopped, misses.as_slice()) {
            (Some(by), _) => writeln!(out, "{indent}{}: not asked, `{by}` has it", child.name),
            (None, [first, ..]) => writeln!(out, "{indent}{}: no, {}", child.name, miss(first, labels)),
            (None, []) => {
                let all: Vec<String> = child.matchers.iter().map(ToString::to_string).collect();
                let why = if all.is_empty() { "it takes what comes".to_owned() } else { all.join(", ") };
                let _ = writeln!(out, "{indent}{}: yes, {why}", child.name);
                walk(child, &format!("{path} › {}", child.name), deep + 1, labels, out, taken);
                if !child.go_on {
                    stopped = Some(child.name.clone());
                }
                Ok(())
            }
        };
    }
    if taken.len() == before {
        taken.push((path.to_owned(), route));
    }
}

fn miss(matcher: &Matcher, labels: &Labels) -> String {
    match labels.get(&matcher.name) {
        Some(value) => format!("it wants {matcher}, and {} is {value:?}", matcher.name),
        None => format!("it wants {matcher}, and there is no {}", matcher.name),
    }
}

fn says(house: &House, alerting: &Alerting, path: &str, route: &Route, labels: &Labels, out: &mut String) {
    let severity = alerting.severity(route.severity, labels);
    let channel = route.channel.unwrap_or(house.settings.channels.alerts);
    let mention = if route.mention.is_empty() { "nobody".to_owned() } else { route.mention.join(", ") };
    let opens =
        if route.opens.contains(&severity) { "opens an incident by itself" } else { "opens no incident" };
    let _ = writeln!(
        out,
        "takes: {path}\n  {severity}, which {opens}\n  group: {}\n  channel: {channel}, mentions: {mention}\n  pages: {}\n  waits {}, tells what is new after {}, and again after {}",
        labels.only(&route.group_by),
        pages(house, labels, severity),
        spoken(route.wait),
        spoken(route.interval),
        spoken(route.repeat),
    );
}

/// Who is called until somebody answers, when people are told.
fn pages(house: &House, labels: &Labels, severity: Severity) -> String {
    let service = group::service(house, labels);
    let Some(policy) = house.oncall.policy(service.as_deref(), severity) else {
        let of = service.map_or_else(|| "what has no service".to_owned(), |s| format!("`{s}`"));
        return format!("nobody, for no policy is for a {severity} of {of}");
    };
    format!("by the policy {}", policy.in_words())
}
