//! Discord's limits for a message. What is too long is cut at a word, and the whole of it is
//! attached as a file, as far as Discord takes it: nothing is refused for its length, and what is
//! left out is in the journal.

use std::fmt::Write as _;

use crate::kit::text::cut;
use crate::render::{Embed, Face, FaceList, File};

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
/// Bytes of all files together: Discord takes 10 MiB, and the message around them has its share.
const FILES: usize = 10 * 1024 * 1024 - 64 * 1024;
const LEFT_OUT: &str = "\n\nThe rest is left out here: Discord takes no more than 10 MiB with a message. \
    `muster export` writes the whole journal to a file.\n";
/// Longest title of a form.
pub const FORM_TITLE: usize = 45;
/// Longest label of a form's field.
pub const FIELD_LABEL: usize = 45;
/// Longest text of a form's field, typed or there already.
pub const FIELD_TEXT: u16 = 4000;
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
    let mut room = FILES;
    for file in &mut files {
        shorten(&mut file.bytes, room);
        room = room.saturating_sub(file.bytes.len());
    }
    let list = face.list.filter(|l| !l.options.is_empty()).map(list);
    Face { content, embeds, buttons, apart: face.apart, list, files, pings: face.pings }
}

/// A list within Discord's limits (Discord, "Select menu structure").
fn list(mut list: FaceList) -> FaceList {
    list.placeholder = cut(&list.placeholder, 150);
    list.options.truncate(CHOICES);
    for (_, read, below) in &mut list.options {
        (*read, *below) = (cut(read, CHOICE), cut(below, CHOICE));
    }
    list
}

/// Cuts a file's text to `room` bytes, after a line where there is one, and says so at its end.
fn shorten(text: &mut Vec<u8>, room: usize) {
    if text.len() <= room {
        return;
    }
    let room = room.saturating_sub(LEFT_OUT.len());
    // Where no line ends, before the first byte of a character: those are not 10xx_xxxx.
    let end = match text[..room].iter().rposition(|b| *b == b'\n') {
        Some(line) => line,
        None => (0..=room).rev().find(|at| text[*at] & 0xc0 != 0x80).unwrap_or(0),
    };
    text.truncate(end);
    text.extend_from_slice(LEFT_OUT.as_bytes());
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

    #[test]
    fn files_are_cut_at_a_line_where_they_are_too_large_together() {
        let file = |text: String| File { name: "a.md".into(), bytes: text.into(), description: "a".into() };
        let lines = file("a line of the report\n".repeat(FILES / 40));
        let one_line = file("é".repeat(FILES));
        let all = vec![lines.clone(), one_line, lines.clone()];
        let fitted = fit(Face { files: all, ..Face::text("short".into()) }).files;
        assert!(fitted.iter().map(|f| f.bytes.len()).sum::<usize>() <= 10 * 1024 * 1024);
        assert_eq!(fitted[0], lines, "there is room for this one");
        let texts: Vec<_> = fitted.into_iter().map(|f| String::from_utf8(f.bytes).unwrap()).collect();
        assert!(texts[1].starts_with("éé") && texts[1].ends_with(&format!("é{LEFT_OUT}")));
        assert_eq!(texts[2], LEFT_OUT, "no room is left");
        let long = file("a line of the report\n".repeat(FILES / 10));
        let fitted = fit(Face { files: vec![long], ..Face::text("short".into()) }).files;
        assert!(fitted[0].bytes.len() <= FILES);
        let text = String::from_utf8(fitted[0].bytes.clone()).unwrap();
        assert!(text.ends_with(&format!("\na line of the report{LEFT_OUT}")));
    }
}
