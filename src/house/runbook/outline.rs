//! A Markdown text as headings and what stands under them: the same reading as on Git hosts.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What a Markdown text is made of, in its order.
#[derive(Debug, Default)]
pub struct Outline {
    /// The headings.
    pub headings: Vec<Heading>,
    /// What is a step, or could be one.
    pub items: Vec<Item>,
}

/// A heading.
#[derive(Debug)]
pub struct Heading {
    /// Its text without markup.
    pub title: String,
    /// Its name in links.
    pub anchor: String,
    /// 1 to 6.
    pub level: u8,
    /// Its first line, counted from 1.
    pub line: usize,
    /// Its last line; another one where it is underlined.
    pub last_line: usize,
}

/// Something that a person does or a program runs.
#[derive(Debug)]
pub struct Item {
    /// Where it begins.
    pub line: usize,
    /// What it is.
    pub kind: ItemKind,
    /// The text since the item or heading before it, as it stands, without empty lines around.
    pub beside: String,
    /// The bytes that belong to it.
    bytes: Range<usize>,
}

/// What an item is.
#[derive(Debug)]
pub enum ItemKind {
    /// `- [ ]`
    Task(String),
    /// `1.`
    Numbered(String),
    /// A code fence.
    Fence {
        /// What stands behind the opening backticks.
        info: String,
        /// What is between the fences.
        code: String,
        /// Whether its end is there. Without one, the rest of the file is in it.
        closed: bool,
    },
}

/// A list item that is not yet over.
struct Open {
    at: usize,
    numbered: bool,
    task: bool,
    text: String,
    /// Whether it lies in one that is a step: then it is part of that one's text.
    inside: bool,
}

impl Open {
    fn is_step(&self) -> bool {
        self.numbered || self.task
    }
}

/// The outline of a text.
pub fn read(text: &str) -> Outline {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1))
        .collect();
    let line = |offset: usize| starts.partition_point(|s| *s <= offset);
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;

    let mut headings = Vec::new();
    let mut ends: Vec<Range<usize>> = Vec::new();
    let mut slots: Vec<Option<Item>> = Vec::new();
    let mut anchors = Anchors::default();
    let mut lists: Vec<bool> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut heading: Option<(u8, usize, String)> = None;
    let mut fence: Option<(usize, String, String)> = None;
    let mut quotes = 0usize;

    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some((level as u8, range.start, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, start, title)) = heading.take() {
                    let anchor = anchors.next(&title);
                    // In a quotation or a list it is only large text.
                    if quotes == 0 && open.is_empty() {
                        ends.push(range.clone());
                        let last = text[start..range.end].trim_end().len() + start;
                        let (line, last_line) = (line(start), line(last.saturating_sub(1).max(start)));
                        headings.push(Heading { title, anchor, level, line, last_line });
                    }
                }
            }
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes = quotes.saturating_sub(1),
            Event::Start(Tag::List(first)) => lists.push(first.is_some()),
            Event::End(TagEnd::List(_)) => {
                lists.pop();
            }
            Event::Start(Tag::Item) => {
                let numbered = lists.last().copied().unwrap_or(false);
                let inside = open.last().is_some_and(|o| o.inside || o.is_step());
                open.push(Open { at: slots.len(), numbered, task: false, text: String::new(), inside });
                slots.push(Some(item(line(range.start), ItemKind::Numbered(String::new()), range)));
            }
            Event::End(TagEnd::Item) => {
                if let Some(done) = open.pop() {
                    let text = done.text.trim().to_owned();
                    let kind = match (done.task, done.numbered) {
                        _ if text.is_empty() => None,
                        (true, _) => Some(ItemKind::Task(text)),
                        (false, true) => Some(ItemKind::Numbered(text)),
                        (false, false) => {
                            if let Some(outer) = open.last_mut().filter(|_| done.inside) {
                                bullet(&mut outer.text, &text);
                            }
                            None
                        }
                    };
                    let slot = &mut slots[done.at];
                    *slot = slot.take().zip(kind).map(|(item, kind)| Item { kind, ..item });
                }
            }
            Event::TaskListMarker(_) => {
                if let Some(item) = open.last_mut() {
                    item.task = true;
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                fence = Some((range.start, info.to_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((start, info, code)) = fence.take() {
                    let kind = ItemKind::Fence { info, code, closed: closed(&text[start..range.end]) };
                    slots.push(Some(item(line(start), kind, range)));
                }
            }
            Event::Text(t) | Event::Code(t) => {
                if let Some((_, _, code)) = &mut fence {
                    code.push_str(&t);
                } else if let Some((_, _, title)) = &mut heading {
                    title.push_str(&t);
                } else if let Some(item) = open.last_mut() {
                    item.text.push_str(&t);
                }
            }
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph) => {
                if let Some((_, _, title)) = &mut heading {
                    title.push(' ');
                } else if let Some(item) = open.last_mut() {
                    item.text.push(' ');
                }
            }
            _ => {}
        }
    }
    let mut items: Vec<Item> = slots.into_iter().flatten().collect();
    beside(&mut items, &ends, text);
    Outline { headings, items }
}

fn item(line: usize, kind: ItemKind, bytes: Range<usize>) -> Item {
    Item { line, kind, beside: String::new(), bytes }
}

/// Adds a plain bullet to the text of the item that it lies in.
fn bullet(text: &mut String, inner: &str) {
    text.truncate(text.trim_end().len());
    text.push_str("\n- ");
    text.push_str(&inner.replace('\n', "\n  "));
    text.push('\n');
}

/// Gives each item the text between it and what precedes it. What lies in an item belongs to it.
fn beside(items: &mut [Item], headings: &[Range<usize>], text: &str) {
    let (mut told, mut next) = (0, 0);
    for item in items {
        while let Some(heading) = headings.get(next).filter(|h| h.start < item.bytes.start) {
            told = told.max(heading.end);
            next += 1;
        }
        if item.bytes.start >= told {
            item.beside = tidy(&text[told..item.bytes.start]).to_owned();
            told = item.bytes.end;
        }
    }
}

/// Without the empty lines, and the marks of the item itself, at both ends.
fn tidy(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let last = text.rfind('\n').map_or(0, |at| at + 1);
        if text.is_empty() || !text[last..].chars().all(|c| matches!(c, '>' | '-' | '*' | '+' | ' ' | '\t')) {
            return text;
        }
        text = text[..last].trim_end();
    }
}

/// Whether a fence has its end: as many marks as it begins with, or more.
fn closed(fence: &str) -> bool {
    let fence = fence.trim();
    let Some((first, rest)) = fence.split_once('\n') else {
        return false;
    };
    let mark = first.chars().next().unwrap_or('`');
    let count = first.chars().take_while(|c| *c == mark).count();
    let last = rest.rsplit('\n').next().unwrap_or_default().trim_matches(['>', ' ', '\t']);
    last.chars().count() >= count && last.chars().all(|c| c == mark)
}

/// Gives headings their names in links as GitHub does: lower case, spaces to `-`, everything
/// dropped that is no letter, digit, `-` or `_`; the second of a name gets `-1`.
#[derive(Default)]
struct Anchors(HashMap<String, usize>);

impl Anchors {
    fn next(&mut self, title: &str) -> String {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
        let base: String =
            title.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect();
        let mut anchor = base.clone();
        let mut count = self.0.get(&base).copied().unwrap_or(0);
        while self.0.contains_key(&anchor) {
            count += 1;
            anchor = format!("{base}-{count}");
        }
        self.0.insert(base, count);
        self.0.insert(anchor.clone(), 0);
        anchor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_git_hosts() {
        let mut anchors = Anchors::default();
        let given = ["Quick rollback", "Response", "Response", "Response-1", "✅ Done: **A & B**", "Ärger_x"];
        let names: Vec<String> = given.iter().map(|t| anchors.next(t)).collect();
        let wanted = ["quick-rollback", "response", "response-1", "response-1-1", "-done-a--b", "ärger_x"];
        assert_eq!(names, wanted);
    }

    #[test]
    fn tasks_numbered_items_and_fences_are_found_in_order_also_inside_items() {
        let text = "# T\n\n- plain\n- [ ] tick `me`\n\n1. first\n   ```sh\n   ls\n   cd\n   ```\n   - [x] inner\n2. second\n\n> ## not a section\n\nUnder\n-----\n~~~\nopen\n";
        let outline = read(text);
        let items: Vec<String> = outline
            .items
            .iter()
            .map(|i| match &i.kind {
                ItemKind::Task(t) => format!("{} task {t}", i.line),
                ItemKind::Numbered(t) => format!("{} numbered {t}", i.line),
                ItemKind::Fence { info, code, closed } => {
                    format!("{} {info} {code:?} {closed}", i.line)
                }
            })
            .collect();
        let wanted = [
            "4 task tick me",
            "6 numbered first",
            "7 sh \"ls\\ncd\\n\" true",
            "11 task inner",
            "12 numbered second",
            "18  \"open\\n\" false",
        ];
        assert_eq!(items, wanted);
        let headings: Vec<_> =
            outline.headings.iter().map(|h| (h.title.as_str(), h.line, h.last_line)).collect();
        assert_eq!(headings, [("T", 1, 1), ("Under", 16, 17)]);
    }
}
