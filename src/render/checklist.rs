//! The checklist of an incident that is over, and the list of what is still to be done.

use super::{Colour, Embed, Face, FaceButton, Style, name};
use crate::kit::text;
use crate::model::button::Button;
use crate::model::ids::IncidentId;
use crate::model::report::{ActionItem, AfterButton, CheckLine, ChecklistCard, Sees};

/// Longest label of an item's button.
const LABEL: usize = 76;
/// Characters of an action item in a list.
const WHAT: usize = 160;
/// Characters of a list: an embed's description holds 4096.
const LIST: usize = 3_900;

/// The checklist, with a button for each item that a person ticks.
pub fn card(c: &ChecklistCard) -> Face {
    let lines: Vec<String> = c.items.iter().map(line).collect();
    let done = c.items.iter().filter(|l| l.done.is_some()).count();
    let report = match (c.missing.as_slice(), c.published) {
        ([], Some(revision)) => format!("Its report is published (revision {revision})."),
        ([], None) => "Its report has all that it needs: a reviewer can publish it.".to_owned(),
        (missing, _) => {
            let words: Vec<String> = missing.iter().map(|p| p.title().to_lowercase()).collect();
            format!("Its report still needs: {}.", words.join(", "))
        }
    };
    let after = |label: &str, style, button| FaceButton {
        label: label.to_owned(),
        style,
        button: Button::After(c.incident, button),
        enabled: true,
    };
    let mut buttons = vec![
        after("Write it up", Style::Primary, AfterButton::Write),
        after("Action item", Style::Quiet, AfterButton::AddAction),
        after("Report", Style::Quiet, AfterButton::Draft),
    ];
    let apart = buttons.len();
    for (at, line) in (0u16..).zip(&c.items) {
        let by_hand = line.item.sees.is_none_or(Sees::by_hand);
        let seen = line.done.is_some() && line.item.ticked.is_none();
        if by_hand && !seen {
            let ticked = line.item.ticked.is_some();
            let (mark, style) = if ticked { ("☑", Style::Success) } else { ("☐", Style::Quiet) };
            let label = format!("{mark} {}", text::cut(&line.item.text, LABEL));
            buttons.push(after(&label, style, AfterButton::Tick(at, !ticked)));
        }
    }
    let drill = if c.drill { "DRILL · " } else { "" };
    Face {
        embeds: vec![Embed {
            title: Some(format!("{drill}{} · after the incident", c.incident)),
            description: format!("{}\n\n{report}", lines.join("\n")),
            colour: Some(if done == c.items.len() { Colour::Green } else { Colour::Blue }),
            footer: Some(format!("{done} of {} done", c.items.len())),
            ..Embed::default()
        }],
        buttons,
        apart,
        ..Face::default()
    }
}

fn line(l: &CheckLine) -> String {
    let text = text::escape_markdown(&l.item.text);
    match (&l.done, l.item.sees) {
        (Some(done), _) => format!("✅ {text} · {} <t:{}:R>", name(&done.by), done.at.seconds()),
        (None, Some(Sees::RootCause)) => format!("⬜ {text} · *Write it up* ticks it"),
        (None, Some(Sees::FollowUps)) => format!("⬜ {text} · the first *Action item* ticks it"),
        (None, Some(Sees::Shared)) => format!("⬜ {text} · the published report ticks it"),
        (None, None) => format!("⬜ {text}"),
    }
}

/// What is still to be done.
pub fn items(of: Option<IncidentId>, open: &[ActionItem]) -> Face {
    let (mut lines, mut left) = (String::new(), 0);
    for item in open {
        let owner = item.owner.as_ref().map_or_else(|| "nobody".to_owned(), name);
        let due = item.due.as_ref().map(|d| format!(" · due {}", d.day)).unwrap_or_default();
        let what = text::escape_markdown(&text::cut(&item.what, WHAT));
        let line = format!("**{}** ({}) · {owner}{due}\n{what}\n", item.id, item.incident);
        if left > 0 || lines.chars().count() + line.chars().count() > LIST {
            left += 1;
        } else {
            lines.push_str(&line);
        }
    }
    let of = of.map(|i| format!(" after {i}")).unwrap_or_default();
    let title = match open.len() {
        0 => format!("Nothing is to be done{of}"),
        1 => format!("1 action item is open{of}"),
        n => format!("{n} action items are open{of}"),
    };
    Face {
        embeds: vec![Embed {
            title: Some(title),
            description: lines,
            colour: Some(if open.is_empty() { Colour::Green } else { Colour::Blue }),
            footer: (left > 0).then(|| format!("{left} more: name an incident to see its own")),
            ..Embed::default()
        }],
        ..Face::default()
    }
}
