//! A push to a telephone, as ntfy takes it (docs.ntfy.sh, "Publishing").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;

use super::http;
use super::{Message, Trouble};
use crate::model::incident::Severity;

/// ntfy makes a file of what is longer than 4,096 bytes.
const LONGEST: usize = 3_500;
const CURE: &str = "Let whoever holds the token write to the topic (oncall.notify.ntfy-token names its variable), or correct the topic";

/// Sends it.
pub async fn send(
    client: &Client,
    topic: &str,
    token: Option<&str>,
    message: &Message,
) -> Result<(), Trouble> {
    let url = http::url(topic, "the ntfy topic")?;
    let mut request = client
        .post(url)
        .header("Title", header(&message.subject))
        .header("Priority", priority(message.severity))
        .header("Tags", tags(message))
        // The same for each sending: a newer server shows the later in the place of the earlier.
        .header("X-Sequence-ID", sequence(message))
        .body(bytes(&message.text, LONGEST).to_owned());
    if let Some(link) = message.link.as_deref().filter(|l| l.is_ascii()) {
        request = request.header("Click", link);
    }
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    http::send(request, "ntfy", CURE).await
}

/// 5 wakes people up.
fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::P1 => "5",
        Severity::P2 => "4",
        Severity::P3 | Severity::P4 => "3",
    }
}

/// The first is shown as a picture before the title.
fn tags(message: &Message) -> String {
    let picture = match (message.cards.is_empty(), message.severity) {
        (true, _) => "white_check_mark",
        (false, Severity::P1) => "rotating_light",
        (false, _) => "warning",
    };
    format!("{picture},{}", message.severity)
}

/// Letters, digits and `-`, 64 at most.
fn sequence(message: &Message) -> String {
    let id = format!("{}-{}", message.journal, message.id);
    id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(64).collect()
}

/// A header has ASCII only; what has more is written as RFC 2047 says, which ntfy reads.
fn header(text: &str) -> String {
    match text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        true => text.to_owned(),
        false => format!("=?UTF-8?B?{}?=", STANDARD.encode(text)),
    }
}

/// The first bytes of a text, cut between two characters.
fn bytes(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ascii_is_written_as_the_standard_says() {
        assert_eq!(header("INC-7: P1 critical"), "INC-7: P1 critical");
        assert_eq!(header("läuft"), "=?UTF-8?B?bMOkdWZ0?=");
        assert_eq!(header("a\r\nX: b"), format!("=?UTF-8?B?{}?=", STANDARD.encode("a\r\nX: b")));
        assert_eq!(bytes("aä", 2), "a");
        assert_eq!(bytes("aä", 9), "aä");
    }
}
