//! The secrets that a house counts on: each by the name of its variable, with what does not work without it. The files
//! name them and the environment has them, so that only where Muster runs can be said what is missing.

use std::collections::BTreeMap;

use crate::model::house::House;

/// What does not work because its secret has no value, a sentence for each variable. `has` says whether one has.
pub fn missing(house: &House, has: impl Fn(&str) -> bool) -> Vec<String> {
    let mut without: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut wants = |name, what| without.entry(name).or_default().push(what);
    let intake = &house.settings.intake;
    for source in intake.sources.iter().filter(|_| intake.listen.is_some()) {
        if let Some(name) = &source.secret {
            wants(name.as_str(), format!("the source `{}` lets nobody in", source.name));
        }
    }
    let notify = &house.oncall.notify;
    if let Some((_, name)) = notify.smtp.as_ref().and_then(|smtp| smtp.login.as_ref()) {
        wants(name, "nobody is called by e-mail".to_owned());
    }
    if let Some(twilio) = &notify.twilio {
        wants(&twilio.token, "nobody is called by telephone or SMS".to_owned());
    }
    if let Some(name) = &notify.ntfy_token {
        wants(name, "nobody is called by ntfy".to_owned());
    }
    if let Some(name) = &notify.webhook_secret {
        wants(name, "nobody is called by webhook".to_owned());
    }
    for book in house.runbooks.values() {
        let names = book.sections.iter().flat_map(|s| &s.steps).flat_map(|step| &step.options.secrets);
        let mut seen = vec![];
        for name in names {
            if !seen.contains(&name) {
                wants(name, format!("steps of the runbook of `{}` fail", book.service));
                seen.push(name);
            }
        }
    }
    let unset = without.into_iter().filter(|(name, _)| !has(name));
    unset.map(|(name, what)| format!("{name} is not set: {}.", what.join(", and "))).collect()
}
