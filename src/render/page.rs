//! A page's message: what is wrong, how bad, since when, what was tried, and what is wanted.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::incident::{button, colour};
use super::{Colour, Embed, Face, FaceButton, Pings, Style, name};
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::button::{Button, PageButton};
use crate::model::ids::PageId;
use crate::model::page::{About, Because, Ended, PageCard, Stands, Target};

/// What a private incident is called where not everybody may read its title.
const HIDDEN: &str = "a private incident";

/// What is wrong, as everybody may read it who gets this message; no Markdown in it.
pub fn wrong(card: &PageCard) -> &str {
    card.title.as_deref().unwrap_or(HIDDEN)
}

/// What the page is about, with its number: `INC-7`.
pub fn about(card: &PageCard) -> String {
    match card.about {
        About::Incident(id) => id.to_string(),
        About::Alerts(id) => id.to_string(),
        About::Asked { .. } => "You are asked for".to_owned(),
        About::Test => "Test page".to_owned(),
        About::Shift { .. } => "Test before your shift".to_owned(),
    }
}

/// Why this person is called, as words in a sentence of its own.
pub fn because(why: &Because) -> String {
    match why {
        Because::First => "You are first".to_owned(),
        Because::Again => "Nobody has answered yet: this is said again".to_owned(),
        Because::NoAnswer => "Nobody before you answered".to_owned(),
        Because::Unreachable => "Nobody before you could be reached".to_owned(),
        Because::Declined(who) => format!("{} cannot", name(who)),
        Because::Escalated(who) => format!("{} asks for you", name(who)),
        Because::WoreOff(who) => format!("{} was on it, and does not answer any more", name(who)),
        Because::Unresolved => "It is not resolved yet".to_owned(),
        Because::NewRound => "Nobody answered at all: it begins anew".to_owned(),
    }
}

/// How a page ended, as words.
pub fn ended(why: &Ended) -> String {
    match why {
        Ended::Resolved => "it is over".to_owned(),
        Ended::LessBad => "it is not bad enough to call anybody any more".to_owned(),
        Ended::Elsewhere(page) => format!("{page} is about it now"),
        Ended::Answered => "it was answered".to_owned(),
        Ended::Unanswered => "the test was not answered in time".to_owned(),
        Ended::Closed(by) => format!("{} ended it", name(by)),
    }
}

/// What stands there in one line: what a telephone shows of it.
fn headline(card: &PageCard) -> String {
    let what = text::escape_markdown(wrong(card));
    let service = card.service.as_deref().map(|s| format!(" · {}", text::escape_markdown(s)));
    format!("{} · {} · {what}{}", about(card), card.severity.in_words(), service.unwrap_or_default())
}

/// The message of one page.
pub fn card(card: &PageCard) -> Face {
    let (call, pings) = match &card.to {
        Target::Person { id, .. } => (format!("<@{id}>"), Pings { users: vec![*id], ..Pings::default() }),
        Target::Role { id, .. } => (format!("<@&{id}>"), Pings { roles: vec![*id], ..Pings::default() }),
        Target::Channel(_) => ("@here".to_owned(), Pings { here: true, ..Pings::default() }),
    };
    let (words, bar) = stands(card);
    let mut description = words;
    if let Some(due) = card.due {
        let _ = write!(description, "\n⏰ **{}**: it was due <t:{}:T>.", late(card), due.seconds());
    }
    let mut fields = vec![("Since".to_owned(), format!("<t:{}:R>", card.since.seconds()), true)];
    if !card.tried.is_empty() {
        let line =
            |(at, what): &(Timestamp, String)| format!("<t:{}:T> {}", at.seconds(), text::cut(what, 160));
        let tried: Vec<String> = card.tried.iter().map(line).collect();
        fields.push(("What was tried".to_owned(), tried.join("\n"), false));
    }
    if !card.playbooks.is_empty() {
        let line = |(title, how): &(String, String)| {
            format!("{}: `{how}`", text::escape_markdown(&text::cut(title, 80)))
        };
        let books: Vec<String> = card.playbooks.iter().map(line).collect();
        fields.push(("Playbook".to_owned(), books.join("\n"), false));
    }
    if let Some(link) = &card.link {
        fields.push(("Where".to_owned(), format!("<{link}>"), false));
    }
    // Only what asks for an answer calls again: an edit pings nobody, and shows it was one.
    let headline = headline(card);
    // Where everybody may be called, nothing that was written elsewhere may do it.
    let headline = if pings.here { headline.replace('@', "@\u{200b}") } else { headline };
    let content = format!("{call} {headline}");
    Face {
        content,
        embeds: vec![Embed {
            title: Some(format!("{} · call {}", card.page, card.call)),
            description,
            colour: Some(bar),
            fields,
            ..Embed::default()
        }],
        buttons: buttons(card.page, &card.stands, card.about.is_test()),
        pings,
        ..Face::default()
    }
}

/// How late a message comes, where it does.
fn late(card: &PageCard) -> String {
    card.late().map_or_else(|| "Late".to_owned(), |by| format!("Late by {}", spoken(by)))
}

/// Where it stands, and the bar that says so a second time.
fn stands(card: &PageCard) -> (String, Colour) {
    let why = because(&card.why);
    if let (Stands::Calling { .. }, About::Shift { from, until }) = (&card.stands, card.about) {
        let until = until.map(|at| format!(" to <t:{}:f>", at.seconds())).unwrap_or_default();
        let words = format!(
            "**This is a test**: you are on call from <t:{at}:f>{until}. Press *Acknowledge*, so that the rota \
             knows that you can be reached. Without an answer the on-call channel is told <t:{at}:R>.",
            at = from.seconds()
        );
        return (words, colour(card.severity));
    }
    match &card.stands {
        Stands::Acknowledged(by) if card.about.is_test() => (
            format!("✅ **{}** can be reached: answered <t:{}:T>.", name(&by.by), by.at.seconds()),
            Colour::Green,
        ),
        Stands::Calling { rung, until, next } => {
            let rung = text::escape_markdown(rung);
            let next = text::escape_markdown(next);
            let until = until.seconds();
            let words =
                format!("**{why}** ({rung}). Answer until <t:{until}:T> (<t:{until}:R>); then {next}.");
            (words, colour(card.severity))
        }
        Stands::Asked { until } => (
            format!(
                "**Are you still on it?** There was no sign of work. Answer until <t:{}:T>; then everybody is called again.",
                until.seconds()
            ),
            Colour::Yellow,
        ),
        Stands::Acknowledged(by) => {
            (format!("✅ **{}** is on it since <t:{}:T>.", name(&by.by), by.at.seconds()), Colour::Green)
        }
        Stands::Told(by) => (
            format!("**{why}**. {} is on it since <t:{}:T>.", name(&by.by), by.at.seconds()),
            colour(card.severity),
        ),
        Stands::Declined => ("You said that you cannot. The next is called.".to_owned(), Colour::Grey),
        Stands::Exhausted { again, tried } => {
            let mut words =
                "🚨 **Nobody answered.** Whoever reads this: somebody has to take it, now.".to_owned();
            for (who, what) in tried {
                let _ = write!(words, "\n- {}: {}", text::escape_markdown(who), text::escape_markdown(what));
            }
            let _ = write!(words, "\nEverybody is called again <t:{}:R>.", again.seconds());
            (text::cut(&words, 3_500), Colour::Red)
        }
        Stands::Over { at, why } => {
            (format!("Over since <t:{}:T>: {}.", at.seconds(), ended(why)), Colour::Grey)
        }
    }
}

fn buttons(page: PageId, stands: &Stands, test: bool) -> Vec<FaceButton> {
    let press = |label, style, what| button(label, style, Button::Page(page, what), true);
    match stands {
        // After somebody who is tested nobody comes.
        Stands::Calling { .. } if test => vec![
            press("Acknowledge", Style::Success, PageButton::Acknowledge),
            press("I can't", Style::Quiet, PageButton::Cannot),
        ],
        Stands::Calling { .. } => vec![
            press("Acknowledge", Style::Success, PageButton::Acknowledge),
            press("I can't", Style::Quiet, PageButton::Cannot),
            press("Escalate", Style::Quiet, PageButton::Escalate),
        ],
        Stands::Exhausted { .. } => vec![press("Acknowledge", Style::Success, PageButton::Acknowledge)],
        Stands::Asked { .. } => vec![
            press("Still on it", Style::Success, PageButton::Still),
            press("I can't", Style::Quiet, PageButton::Cannot),
        ],
        Stands::Told(_) | Stands::Acknowledged(_) | Stands::Declined | Stands::Over { .. } => vec![],
    }
}

/// What had waited for one person, as one message.
pub fn several(cards: &[PageCard]) -> Face {
    let asks = |card: &&PageCard| asks(&card.stands);
    let Some(first) = cards.iter().find(asks).or(cards.first()) else { return Face::default() };
    let mut face = card(first);
    let call = face.content.split(' ').next().unwrap_or_default().to_owned();
    face.content = format!("{call} {} pages waited for you", cards.len());
    let mut lines = String::new();
    for card in cards {
        let late = card.late().map(|by| format!(" · late by {}", spoken(by))).unwrap_or_default();
        let _ = write!(lines, "**{}** · call {} · {}{late}", card.page, card.call, headline(card));
        // What wants no answer any more says why.
        let over = if asks(&card) { String::new() } else { format!(" · {}", stands(card).0) };
        let _ = writeln!(lines, "{over}");
    }
    face.embeds = vec![Embed {
        title: Some("They waited because you were sent much at once".to_owned()),
        description: text::cut(&lines, 3_800),
        colour: face.embeds.first().and_then(|e| e.colour),
        ..Embed::default()
    }];
    // Two calls may be of one page, and Discord takes no button twice.
    let pages: BTreeSet<PageId> = cards.iter().filter(asks).map(|card| card.page).collect();
    let acknowledge = |page: PageId| {
        let label = format!("Acknowledge {page}");
        button(&label, Style::Success, Button::Page(page, PageButton::Acknowledge), true)
    };
    // Five rows of five are Discord's limit; one button each, for those that fit.
    face.buttons = pages.into_iter().take(25).map(acknowledge).collect();
    face
}

/// Whether an answer is wanted of whoever reads it.
fn asks(stands: &Stands) -> bool {
    matches!(stands, Stands::Calling { .. } | Stands::Asked { .. } | Stands::Exhausted { .. })
}

/// The same for what takes no Markdown and no buttons: a subject of one line, and a text.
pub fn plain(cards: &[PageCard]) -> (String, String) {
    let line = |c: &PageCard| {
        let service = c.service.as_deref().map(|s| format!(" ({s})")).unwrap_or_default();
        text::line(&format!("{}: {}, {}{service}", about(c), c.severity.in_words(), wrong(c)))
    };
    let subject = match cards {
        [one] => line(one),
        _ => format!("{} pages waited for you", cards.len()),
    };
    let mut body = String::new();
    for card in cards {
        if cards.len() > 1 {
            let _ = writeln!(body, "{}", line(card));
        }
        let _ = writeln!(body, "{}", text::line(&plain_stands(card)));
        if let Some(due) = card.due {
            let _ = writeln!(body, "{}: it was due at {}.", late(card), due.rfc3339());
        }
        for (at, what) in &card.tried {
            let _ = writeln!(body, "{} {}", at.rfc3339(), text::line(what));
        }
        if let Some(link) = &card.link {
            let _ = writeln!(body, "{link}");
        }
        let _ = writeln!(body, "Acknowledge in Discord, or there: /ack page:{}", card.page);
    }
    (subject, body)
}

fn plain_stands(card: &PageCard) -> String {
    if let (Stands::Calling { .. }, About::Shift { from, until }) = (&card.stands, card.about) {
        let until = until.map(|at| format!(" to {}", at.rfc3339())).unwrap_or_default();
        return format!(
            "This is a test: you are on call from {}{until}. Acknowledge it, so that the rota knows that you can be reached.",
            from.rfc3339()
        );
    }
    match &card.stands {
        Stands::Calling { rung, next, .. } => format!("{} ({rung}). Then {next}.", because(&card.why)),
        Stands::Asked { .. } => "Are you still on it? There was no sign of work.".to_owned(),
        Stands::Told(by) => format!("{}. {} is on it.", because(&card.why), by.by.name),
        Stands::Exhausted { .. } => "Nobody answered.".to_owned(),
        Stands::Acknowledged(by) => format!("{} is on it.", by.by.name),
        Stands::Declined => "You said that you cannot.".to_owned(),
        Stands::Over { why, .. } => format!("Over: {}.", ended(why)),
    }
}
