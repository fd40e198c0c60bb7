//! What a timeline's lines say without Markdown: everything that people wrote is escaped in them,
//! so each mark that is not is one of Muster's own, and can be read back.

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// Words that stand out.
    Strong(String),
    /// A link.
    Link {
        /// What it says.
        label: String,
        /// Where it leads.
        url: String,
    },
}

/// The pieces of a line that Muster wrote in Markdown.
pub fn pieces(markdown: &str) -> Vec<Piece> {
    let mut pieces = vec![];
    let (mut now, mut strong) = (String::new(), false);
    let mut rest = markdown;
    let end = |now: &mut String, strong: bool, pieces: &mut Vec<Piece>| {
        let text = std::mem::take(now);
        if !text.is_empty() {
            pieces.push(if strong { Piece::Strong(text) } else { Piece::Text(text) });
        }
    };
    while let Some(c) = rest.chars().next() {
        if let Some(escaped) = rest.strip_prefix('\\').and_then(|r| r.chars().next()) {
            now.push(escaped);
            rest = &rest[1 + escaped.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("**") {
            end(&mut now, strong, &mut pieces);
            strong = !strong;
            rest = after;
        } else if let Some((label, url, after)) = rest.strip_prefix('[').and_then(link) {
            end(&mut now, strong, &mut pieces);
            pieces.push(Piece::Link { label: plain(label), url: url.to_owned() });
            rest = after;
        } else {
            now.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    end(&mut now, strong, &mut pieces);
    pieces
}

/// The rest of `[label](<url>)`: label, address, and what follows.
fn link(rest: &str) -> Option<(&str, &str, &str)> {
    let mut escaped = false;
    let close = rest.char_indices().find(|(_, c)| {
        let found = *c == ']' && !escaped;
        escaped = *c == '\\' && !escaped;
        found
    })?;
    let (label, after) = rest.split_at(close.0);
    let (url, after) = after.strip_prefix("](<")?.split_once(">)")?;
    Some((label, url, after))
}

/// The words alone; behind a link stands where it leads.
pub fn plain(markdown: &str) -> String {
    pieces(markdown)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Strong(text) => text,
            Piece::Link { label, url } => format!("{label} ({url})"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::text::escape_markdown;

    #[test]
    fn what_people_wrote_comes_out_as_they_wrote_it() {
        for wrote in
            ["**bold** [x](<y>) \\", "a\\", "`code` @everyone <@1>", "ends with \\**", "]", "[", "é**é"]
        {
            let line = format!("📝 **{}**: {}", escape_markdown(wrote), escape_markdown(wrote));
            assert_eq!(
                pieces(&line),
                [Piece::Text("📝 ".into()), Piece::Strong(wrote.into()), Piece::Text(format!(": {wrote}")),],
                "{line}"
            );
        }
    }

    #[test]
    fn links_are_links() {
        let line = format!("🔗 [{}](<https://x.example/7>) (lead)", escape_markdown("a ] b"));
        assert_eq!(plain(&line), "🔗 a ] b (https://x.example/7) (lead)");
        let url = "https://x.example/7".to_owned();
        assert_eq!(pieces(&line)[1], Piece::Link { label: "a ] b".into(), url });
        assert_eq!(plain("[not a link] (at all)"), "[not a link] (at all)");
    }
}
