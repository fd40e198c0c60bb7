//! Why people were told of alerts, or were not: each step from what was received on, in Discord and
//! in the terminal.

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::super::report::plain;
use super::super::{Colour, Embed, Face, File, Style, name};
use super::paged::paged;
use super::{fitting, labels, said};
use crate::core::alerts::why::{Chain, Fact, Happened};
use crate::kit::text::cut;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertWhy, Held, Mute, News, RouteSaid, Why};
use crate::model::button::{AlertButton, Button};
use crate::model::labels::Labels;
use crate::model::silence::Silence;
use crate::render::incident::{button, colour};

/// Steps on a page. Each is cut to [`LINE`] there; the file has them whole.
const PAGE: usize = 10;
/// Characters of a step on a page: ten of them and their times stay under an embed's 4096.
const LINE: usize = 330;

/// A page of it, counted from 0; past the end is the last one.
pub fn page(ask: &AlertWhy, chain: &Chain, tz: Tz) -> Face {
    let (opened, facts) = (&chain.opened, &chain.facts);
    let pages = facts.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(ask.page).unwrap_or(usize::MAX).min(pages - 1);
    let stamp = |at: Timestamp| format!("<t:{}:T>", at.seconds());
    let lines: Vec<String> = facts
        .iter()
        .skip(page * PAGE)
        .take(PAGE)
        .map(|f| {
            let line = format!("{} {}", stamp(f.at), step(f, &ask.silences, &stamp));
            closed(cut(&line, LINE).replace('\n', " "))
        })
        .collect();
    let turn = |label: &str, to: usize| {
        let to = u32::try_from(to).unwrap_or(u32::MAX);
        button(label, Style::Quiet, Button::Alert(opened.group, AlertButton::Why(to)), true)
    };
    // At the ends one is left out: two buttons of one message may not have the same id.
    let earlier = page.checked_sub(1).map(|p| turn("◀ Earlier", p));
    let later = (page + 1 < pages).then(|| turn("Later ▶", page + 1));
    let mut fields = vec![("Where it stands".to_owned(), stands(chain, &stamp), false)];
    fields.extend(routing(&ask.routes).map(|words| ("Route".to_owned(), words, false)));
    fields.push(("Paged".to_owned(), paged(ask, &stamp), false));
    Face {
        embeds: vec![Embed {
            title: Some(format!("{} · why? · {}", opened.group, said(&cut(&opened.title, 140)))),
            description: lines.join("\n"),
            colour: Some(match facts.last().map(|f| &f.what) {
                Some(Happened::Over) => Colour::Green,
                _ => colour(opened.severity),
            }),
            fields,
            footer: Some(format!("page {} of {pages} · {} steps", page + 1, facts.len())),
            ..Embed::default()
        }],
        buttons: earlier.into_iter().chain(later).collect(),
        files: if pages > 1 { vec![whole(ask, chain, tz)] } else { vec![] },
        ..Face::default()
    }
}

/// Markup that a cut left open is closed.
fn closed(mut words: String) -> String {
    if words.matches("**").count() % 2 == 1 {
        words.push_str("**");
    }
    words
}

/// All of it as a file.
fn whole(ask: &AlertWhy, chain: &Chain, tz: Tz) -> File {
    let id = chain.opened.group;
    File {
        name: format!("{}-why.txt", id.to_string().to_lowercase()),
        bytes: facts(ask, chain, tz).into_bytes(),
        description: format!("Why people were told of {id}, or were not: every step"),
    }
}

/// All of it in plain lines, with times in this zone.
pub fn facts(ask: &AlertWhy, chain: &Chain, tz: Tz) -> String {
    let o = &chain.opened;
    let at = |t: Timestamp| t.utc().with_timezone(&tz).format("%Y-%m-%d %H:%M:%S").to_string();
    let service = o.service.as_deref().unwrap_or("no service named");
    let title = crate::kit::text::line(&o.title);
    let mut out = format!("{} · {} · {title}\n{service} · times in {tz}\n\n", o.group, o.severity.in_words());
    for fact in &chain.facts {
        let _ =
            writeln!(out, "{}  #{}  {}", at(fact.at), fact.commit, plain(&step(fact, &ask.silences, &at)));
    }
    let _ = writeln!(out, "\nWhere it stands: {}", plain(&stands(chain, &at)).replace('\n', " "));
    if let Some(route) = routing(&ask.routes) {
        let _ = writeln!(out, "Route: {}", plain(&route).replace('\n', "\n  "));
    }
    let _ = writeln!(out, "Paged: {}", plain(&paged(ask, &at)).replace('\n', "\n  "));
    out
}

/// What a step says in plain words, for programs.
pub fn in_words(fact: &Fact, ask: &AlertWhy) -> String {
    plain(&step(fact, &ask.silences, &|t: Timestamp| t.rfc3339()))
}

fn step(fact: &Fact, silences: &[Silence], at: &dyn Fn(Timestamp) -> String) -> String {
    match &fact.what {
        Happened::Received { source, receipt, news, some } => {
            let news: Vec<String> = news.iter().map(|(n, count)| new(*n, *count)).collect();
            let receipt = receipt.as_deref().map(|r| format!(" (receipt {})", said(&cut(r, 80))));
            format!(
                "📥 **Received** from {}{}: {}{}",
                said(&cut(source, 80)),
                receipt.unwrap_or_default(),
                news.join(", "),
                named(some)
            )
        }
        Happened::Grouped { route, key } => {
            let key = match key.is_empty() {
                true => "with everything that this route takes".to_owned(),
                false => format!("with everything that has {}", labels(key)),
            };
            format!("🧭 **Routed** to {}, grouped {key}", said(&cut(route, 120)))
        }
        Happened::Told { why, firing } => format!("📣 **Told**: {}", told(*why, *firing)),
        Happened::Held(held) => format!("🔕 **Nobody was told**: {}", held_by(held, silences, at)),
        Happened::Hushed { by, count, some } => {
            format!("🔕 **Muted** {} of it{}: {}", many(*count), named(some), muted_by(by, silences, at))
        }
        Happened::Unhushed { count, some } => {
            format!("🔔 **Not muted any more**: {} of it{}", many(*count), named(some))
        }
        Happened::Expired { count, some } => {
            format!(
                "⌛ **Over by itself**: {} that the source did not say again{}",
                many(*count),
                named(some)
            )
        }
        Happened::Dismissed { by } => format!("✋ **Closed** by {}", name(by)),
        Happened::Settling => "⏳ **Quiet**, and watched: it may come back".to_owned(),
        Happened::Over => "✅ **Over**".to_owned(),
        Happened::Acknowledged { by: Some(by) } => format!("👤 **Acknowledged** by {}", name(by)),
        Happened::Acknowledged { by: None } => "👤 **Acknowledged** at its source".to_owned(),
        Happened::Linked { incident, by, opened } => {
            let what = if *opened { "Opened" } else { "Joined" };
            let by = match by {
                Some(by) => format!("by {}", name(by)),
                None => "because its route says so of what is this bad".to_owned(),
            };
            format!("🚨 **{what} {incident}** {by}")
        }
        Happened::InStorm(storm) => {
            format!("🌩️ **Part of {storm}**: too much began at once, and one message counts it")
        }
    }
}

fn many(count: u32) -> String {
    if count == 1 { "1 alert".to_owned() } else { format!("{count} alerts") }
}

fn new(news: News, count: u32) -> String {
    let many = many(count);
    match news {
        News::New => format!("{many} nobody had heard of"),
        News::Again => format!("{many} came back"),
        News::Changed => format!("{many} changed"),
        News::Renewed => format!("{many} renewed for long"),
        News::Left => format!("{many} went to another problem"),
        News::Joined => format!("{many} came from another problem"),
        News::Over => format!("{many} over"),
    }
}

fn named(some: &[Labels]) -> String {
    if some.is_empty() {
        return String::new();
    }
    format!(" ({})", some.iter().map(labels).collect::<Vec<_>>().join("; "))
}

fn told(why: Why, firing: u32) -> String {
    let fire = if firing == 1 { "1 alert fires".to_owned() } else { format!("{firing} alerts fire") };
    match why {
        Why::First => format!("the first time, {fire}"),
        Why::NewInGroup => format!("more of it fires than people were told of, {fire}"),
        Why::Repeat => format!("it still fires and people were told long ago, {fire}"),
        Why::NoLongerMuted => format!("it is not muted any more and still fires, {fire}"),
        Why::Over => "it is over".to_owned(),
    }
}

fn held_by(held: &Held, silences: &[Silence], at: &dyn Fn(Timestamp) -> String) -> String {
    match held {
        Held::Waits { until } => format!("its route waits for more to come, until {}", at(*until)),
        Held::Flaps { until } => {
            format!("it comes and goes; its end is told if it stays quiet until {}", at(*until))
        }
        Held::Storm(storm) => format!("the message of **{storm}** counts it"),
        Held::Muted(by) => muted_by(by, silences, at),
    }
}

fn muted_by(by: &Mute, silences: &[Silence], at: &dyn Fn(Timestamp) -> String) -> String {
    match by {
        Mute::Silence(id) => match silences.iter().find(|s| s.id == *id) {
            Some(s) => format!(
                "**{id}** by {} until {}: {}",
                name(&s.asked.by),
                at(s.until),
                said(&cut(&s.why, 160))
            ),
            None => format!("**{id}** silences it"),
        },
        Mute::Window(window) => format!("the maintenance window {}", said(&cut(window, 100))),
        Mute::Inhibited { by, rule } => {
            format!("something worse fires ({by}), and the rule {} keeps this quiet", said(&cut(rule, 100)))
        }
    }
}

/// What counts now: told or held last, taken by whom, in which incident.
fn stands(chain: &Chain, at: &dyn Fn(Timestamp) -> String) -> String {
    let facts = || chain.facts.iter().rev();
    let mut out = vec![];
    let last = facts().find(|f| matches!(f.what, Happened::Told { .. } | Happened::Held(_) | Happened::Over));
    match last.map(|f| (&f.what, f.at)) {
        Some((Happened::Told { why: Why::Over, .. } | Happened::Over, when)) => {
            out.push(format!("It is over since {}.", at(when)));
        }
        Some((Happened::Told { .. }, when)) => {
            out.push(format!("People were told at {} in <#{}>.", at(when), chain.opened.channel));
        }
        Some((Happened::Held(_), when)) => out.push(format!("Nobody is told since {}.", at(when))),
        _ => out.push("Nobody was told yet.".to_owned()),
    }
    let taken = facts().find_map(|f| match &f.what {
        Happened::Acknowledged { by } => Some(by.as_ref().map_or("somebody at its source".to_owned(), name)),
        _ => None,
    });
    out.extend(taken.map(|by| format!("Taken by {by}.")));
    let incident = facts().find_map(|f| match &f.what {
        Happened::Linked { incident, .. } => Some(*incident),
        _ => None,
    });
    out.push(match incident {
        Some(incident) => format!("It belongs to **{incident}**."),
        None => "It belongs to no incident.".to_owned(),
    });
    out.join(" ")
}

/// The routes, each with what it wants, and those that were asked before it.
fn routing(routes: &[RouteSaid]) -> Option<String> {
    if routes.is_empty() {
        return None;
    }
    let lines = routes.iter().map(|r| {
        let wants = match r.matchers.is_empty() {
            true => "takes everything".to_owned(),
            false => format!("takes {}", said(&cut(&r.matchers.join(", "), 160))),
        };
        let by = match r.group_by.is_empty() {
            true => String::new(),
            false => format!(", groups by {}", said(&cut(&r.group_by.join(", "), 80))),
        };
        let past = r.past.iter().map(|(route, against)| {
            format!("{} was not it: it wants {}", said(&cut(route, 60)), said(&cut(against, 100)))
        });
        let past: Vec<String> = past.collect();
        let past = if past.is_empty() { String::new() } else { format!(" ({})", past.join("; ")) };
        format!("**{}** {wants}{by}{past}", said(&cut(&r.name, 60)))
    });
    Some(fitting(lines, "\n", 0))
}
