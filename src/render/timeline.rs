//! A timeline: one line an entry, in pages that fit a message.

use super::{Colour, Embed, Face, FaceButton, Style, alerts, name, telling, triage};
use crate::core::history::History;
use crate::kit::text;
use crate::model::button::Button;
use crate::model::card::{Entry, What};
use crate::model::quote::QuotedMessage;
use crate::model::telling::Audience;

/// Entries on a page. Each is cut to [`LINE`] there; the report has them whole.
const PAGE: usize = 12;
/// Characters of an entry on a page: twelve of them and their times stay under an embed's 4096.
const LINE: usize = 280;

/// One entry as it stands in the thread, with Discord's own time.
pub fn line(entry: &Entry) -> String {
    let respond = match &entry.what {
        What::Declared { severity, respond_by: Some(by), .. } => {
            format!("\nRespond {}", triage::respond(*severity, *by))
        }
        _ => String::new(),
    };
    format!("<t:{}:T> {}{respond}", entry.at.seconds(), said(entry))
}

/// What an entry says, in Markdown.
pub fn said(entry: &Entry) -> String {
    let who = entry.by.as_ref().map(name).unwrap_or_default();
    match &entry.what {
        What::Declared { title, severity, triage: from, .. } => {
            let from = from.as_ref().map(|t| triage::said(t, *severity)).unwrap_or_default();
            let title = text::escape_markdown(title);
            format!("🚨 **Declared** by {who} as {}: {title}{from}", severity.in_words())
        }
        What::Told { audience, stage, text, place } => format!(
            "📣 **Told {}** by {who} {}, while {}: {}",
            match audience {
                Audience::Public => "the public",
                Audience::StatusPage => "the status page",
            },
            telling::place(*place),
            stage.word(),
            text::escape_markdown(text)
        ),
        What::Noted { text } => format!("📝 **{who}**: {}", text::escape_markdown(text)),
        What::Resolved { how: Some(how) } => {
            format!("✅ **Resolved** by {who}: {}", text::escape_markdown(how))
        }
        What::Resolved { how: None } => format!("✅ **Resolved** by {who}"),
        What::Updated { status, text } => {
            let words =
                text.as_deref().map(|t| format!(": {}", text::escape_markdown(t))).unwrap_or_default();
            format!("🔎 **{}** ({who}){words}", text::capital(status.word()))
        }
        What::SeverityChanged { was, severity, why } => {
            let why = why.as_deref().map(|w| format!(": {}", text::escape_markdown(w))).unwrap_or_default();
            format!("🎚️ **{}**, was {} ({who}){why}", severity.in_words(), was.in_words())
        }
        What::Assigned { duty, to } => format!("👤 **{}** is {} ({who})", name(to), duty.word()),
        What::Linked { link } => {
            format!("🔗 [{}](<{}>) ({who})", text::escape_markdown(&link.label), link.url)
        }
        What::Invited { person } => format!("👤 **{}** is brought in ({who})", name(person)),
        What::Merged { incident, into } => format!("🧩 **{incident}** is part of **{into}** ({who})"),
        What::Reopened { why } => {
            let why = why.as_deref().map(|w| format!(": {}", text::escape_markdown(w))).unwrap_or_default();
            format!("🔁 **Reopened** by {who}{why}")
        }
        What::Closed => format!("🗄️ **Closed** by {who}"),
        What::Run { run, text } => {
            let by = if who.is_empty() { String::new() } else { format!(" by {who}") };
            format!("▶️ **{run}**{by}: {}", text::escape_markdown(text))
        }
        What::Page { page, text } => {
            let by = if who.is_empty() { String::new() } else { format!(" by {who}") };
            format!("📟 **{page}**{by}: {}", text::escape_markdown(text))
        }
        What::Quoted { message } => quoted(message, &who),
        What::Struck { count, why } => {
            let why = why.as_deref().map(|w| format!(": {}", text::escape_markdown(w))).unwrap_or_default();
            let places = if *count == 1 { "1 place".to_owned() } else { format!("{count} places") };
            format!("✂️ **Struck out** by {who}, in {places}{why}")
        }
        What::Wrote { parts } => {
            let parts: Vec<String> = parts.iter().map(|p| p.title().to_lowercase()).collect();
            format!("📋 **{who}** wrote the report's {}", parts.join(", "))
        }
        What::ActionAdded { action, what, owner, due } => {
            let owner = owner.as_ref().map(|p| format!(", for {}", name(p))).unwrap_or_default();
            let due = due.map(|d| format!(", due {d}")).unwrap_or_default();
            format!("☐ **{action}**{owner}{due}: {} ({who})", text::escape_markdown(what))
        }
        What::ActionEnded { action, what, dropped: None } => {
            format!("☑️ **{action}** is done: {} ({who})", text::escape_markdown(what))
        }
        What::ActionEnded { action, what, dropped: Some(why) } => {
            let (what, why) = (text::escape_markdown(what), text::escape_markdown(why));
            format!("✖️ **{action}** is dropped: {what} ({who}: {why})")
        }
        What::Published { revision: 1 } => format!("📰 **Report published** by {who}"),
        What::Published { revision } => format!("📰 **Report published** by {who}, revision {revision}"),
        What::Alert { group, title, turn } => alerts::entry(*group, title, turn, &who),
        What::Changed { mark } => format!("🚀 **Changed**: {}", alerts::changed(mark)),
        What::Undelivered { what, why } => {
            format!("⚠️ Not delivered: {what} ({})", text::escape_markdown(&text::line(why)))
        }
    }
}

/// A message that somebody added. The link stands first: where the text is cut, it stays whole.
fn quoted(message: &QuotedMessage, added_by: &str) -> String {
    let author = name(&message.author);
    let files: Vec<String> = message
        .attachments
        .iter()
        .map(|a| format!("{} ({})", text::escape_markdown(&text::line(&a.name)), size(a.bytes)))
        .collect();
    let files = if files.is_empty() { String::new() } else { format!(" 📎 {}", files.join(", ")) };
    let words = match text::escape_markdown(&message.text) {
        none if none.is_empty() && files.is_empty() => "(no text)".to_owned(),
        words => words,
    };
    format!("💬 **{author}** ([message](<{}>), added by {added_by}): {words}{files}", message.link)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes % 1_048_576) * 10) >> 20),
    }
}

/// A page of it, counted from 0; past the end is the last one.
pub fn page(history: &History, wanted: u32) -> Face {
    let pages = history.entries.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(wanted).unwrap_or(usize::MAX).min(pages - 1);
    let lines: Vec<String> = history
        .entries
        .iter()
        .zip(&history.numbers)
        .skip(page * PAGE)
        .take(PAGE)
        .map(|(e, number)| format!("`#{number}` {}", text::cut(&line(e), LINE).replace('\n', " ")))
        .collect();
    let id = history.card.id;
    let turn = |label: &str, to: Option<usize>| FaceButton {
        label: label.to_owned(),
        style: Style::Quiet,
        button: Button::Timeline(id, u32::try_from(to.unwrap_or(page)).unwrap_or(u32::MAX)),
        enabled: to.is_some(),
    };
    let buttons = match pages {
        1 => vec![],
        _ => {
            // Two buttons of one message may not have the same id: at the ends one is left out.
            let earlier = page.checked_sub(1).map(|p| turn("◀ Earlier", Some(p)));
            let later = (page + 1 < pages).then(|| turn("Later ▶", Some(page + 1)));
            earlier.into_iter().chain(later).collect()
        }
    };
    Face {
        embeds: vec![Embed {
            title: Some(format!("{id} · timeline")),
            description: lines.join("\n"),
            colour: Some(Colour::Blue),
            footer: Some(format!("page {} of {pages} · {} entries", page + 1, history.entries.len())),
            ..Embed::default()
        }],
        buttons,
        ..Face::default()
    }
}
