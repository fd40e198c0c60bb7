//! Discord's limits for a message. What is too long is cut at a word, and the whole of it is
//! attached as a file: nothing is lost, and nothing is refused for its length.

use std::fmt::Write as _;

use crate::kit::text::cut;
use crate::render::{Embed, Face, File};

// Discord, "Channels resource", "Embed limits", "Component reference".
const CONTENT: usize = 2000;
const EMBEDS: usize = 10;
const ALL_EMBEDS: usize = 6000;
const TITLE: usize = 256;
const DESCRIPTION: usize = 4096;
const FIELDS: usize = 25;
const FIELD_NAME: usize = 256;
const FIELD_VALUE: usize = 1024;
const FOOTER: usize = 2048;
const LABEL: usize = 80;
const BUTTONS: usize = 25;
/// Longest title of a form.
pub const FORM_TITLE: usize = 45;
/// Longest label of a form's field.
pub const FIELD_LABEL: usize = 45;
/// Longest name of a choice.
pub const CHOICE: usize = 100;
/// Most choices.
pub const CHOICES: usize = 25;

/// The same face within the limits, with a file beside it where something had to be cut.
pub fn fit(face: Face) -> Face {
    let whole = in_full(&face);
    let mut knife = Knife { cut: false };
    let mut left = ALL_EMBEDS;
    let mut embeds = vec![];
    for embed in face.embeds {
        if embeds.len() == EMBEDS || left == 0 {
            knife.cut = true;
            break;
        }
        embeds.push(knife.embed(embed, &mut left));
    }
    let mut buttons = face.buttons;
    buttons.truncate(BUTTONS);
    for b in &mut buttons {
        b.label = cut(&b.label, LABEL);
    }
    let content = knife.cut_to(&face.content, CONTENT);
    let mut files = face.files;
    if knife.cut {
        files.push(File {
            name: "whole.md".to_owned(),
            bytes: whole.into_bytes(),
            description: "The whole text, which is too long for a message".to_owned(),
        });
    }
    Face { content, embeds, buttons, files }
}

struct Knife {
    cut: bool,
}

impl Knife {
    fn cut_to(&mut self, text: &str, max: usize) -> String {
        let short = cut(text, max);
        self.cut |= short != text;
        short
    }

    /// Cuts to `max` and to what is `left` for all embeds together.
    fn take(&mut self, text: &str, max: usize, left: &mut usize) -> String {
        let short = self.cut_to(text, max.min(*left));
        *left -= short.chars().count().min(*left);
        short
    }

    fn embed(&mut self, e: Embed, left: &mut usize) -> Embed {
        // The footer first: it is short, and says how much there is.
        let footer = e.footer.map(|f| self.take(&f, FOOTER, left));
        let title = e.title.map(|t| self.take(&t, TITLE, left));
        let description = self.take(&e.description, DESCRIPTION, left);
        self.cut |= e.fields.len() > FIELDS;
        let mut fields = vec![];
        for (name, value, beside) in e.fields.into_iter().take(FIELDS) {
            // A field needs both; where there is no room for them it is only in the file.
            if *left < 2 {
                self.cut = true;
                break;
            }
            let name = self.take(if name.is_empty() { "–" } else { &name }, FIELD_NAME.min(*left - 1), left);
            let value = self.take(if value.is_empty() { "–" } else { &value }, FIELD_VALUE, left);
            fields.push((name, value, beside));
        }
        Embed { title, description, fields, footer, ..e }
    }
}

/// Everything that a face says, as Markdown.
fn in_full(face: &Face) -> String {
    let mut out = face.content.clone();
    for e in &face.embeds {
        if let Some(title) = &e.title {
            let _ = write!(out, "\n\n## {title}");
        }
        let _ = write!(out, "\n\n{}", e.description);
        for (name, value, _) in &e.fields {
            let _ = write!(out, "\n\n**{name}**\n{value}");
        }
        if let Some(footer) = &e.footer {
            let _ = write!(out, "\n\n{footer}");
        }
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(e: &Embed) -> usize {
        let n = |s: &str| s.chars().count();
        e.title.as_deref().map_or(0, n)
            + n(&e.description)
            + e.footer.as_deref().map_or(0, n)
            + e.fields.iter().map(|(a, b, _)| n(a) + n(b)).sum::<usize>()
    }

    #[test]
    fn a_short_face_stays_as_it_is() {
        let face = Face::text("short".into());
        assert_eq!(fit(face.clone()), face);
    }

    #[test]
    fn over_long_text_everywhere_is_cut_and_attached_whole() {
        let long = "é word ".repeat(1_000);
        let embed = Embed {
            title: Some(long.clone()),
            description: long.clone(),
            fields: (0..40).map(|i| (format!("{i} {long}"), long.clone(), true)).collect(),
            footer: Some(long.clone()),
            ..Embed::default()
        };
        let fitted = fit(Face { content: long.clone(), embeds: vec![embed; 12], ..Face::default() });
        assert!(fitted.content.chars().count() <= CONTENT);
        assert!(fitted.embeds.len() <= EMBEDS);
        assert!(fitted.embeds.iter().map(chars).sum::<usize>() <= ALL_EMBEDS);
        for e in &fitted.embeds {
            assert!(
                e.fields.len() <= FIELDS && e.fields.iter().all(|(n, v, _)| !n.is_empty() && !v.is_empty())
            );
        }
        let whole = String::from_utf8(fitted.files[0].bytes.clone()).unwrap();
        assert!(whole.contains(&format!("39 {long}")), "the last field is in the file");
    }
}
