//! Short messages and telephone calls, through a service that takes them as Twilio does (its REST API of
//! 2010-04-01, "Messages" and "Calls").
//!
//! The service knows no id of the sender's: a request that was taken and not answered is made again, and
//! rings a second time.

use reqwest::Client;

use super::http;
use super::{Message, Trouble};
use crate::kit::text::cut;
use crate::model::oncall::Twilio;

/// Three parts of a message in letters of more than ASCII; what is longer is cut rather than paid.
const TEXT: usize = 200;
/// How much is read aloud, in characters: half a minute.
const SPOKEN: usize = 400;
const CURE: &str = "Correct the account, the token's variable and the sender's number in muster.toml, or the person's number";

/// Sends a short message.
pub async fn text(
    client: &Client,
    twilio: &Twilio,
    token: &str,
    to: &str,
    message: &Message,
) -> Result<(), Trouble> {
    let body = message.short(TEXT);
    post(client, twilio, token, "Messages", &[("To", to), ("From", &twilio.from), ("Body", &body)]).await
}

/// Calls, and reads it aloud.
pub async fn call(
    client: &Client,
    twilio: &Twilio,
    token: &str,
    to: &str,
    message: &Message,
) -> Result<(), Trouble> {
    let twiml = spoken(&message.subject);
    post(client, twilio, token, "Calls", &[("To", to), ("From", &twilio.from), ("Twiml", &twiml)]).await
}

async fn post(
    client: &Client,
    twilio: &Twilio,
    token: &str,
    what: &str,
    form: &[(&str, &str)],
) -> Result<(), Trouble> {
    let (api, account) = (twilio.api.trim_end_matches('/'), &twilio.account);
    let url =
        http::url(&format!("{api}/2010-04-01/Accounts/{account}/{what}.json"), "[oncall.notify.twilio]")?;
    let request = client.post(url).basic_auth(account, Some(token)).form(form);
    http::send(request, "the telephone service", CURE).await
}

/// What is read aloud, twice: whoever is woken up misses the first words.
fn spoken(subject: &str) -> String {
    let words = xml(&cut(subject, SPOKEN));
    let say = format!("<Say>This is Muster. {words}. Acknowledge in Discord.</Say>");
    format!("<Response>{say}<Pause length=\"1\"/>{say}</Response>")
}

/// A text that is nothing but text in XML 1.0, which has no way to write most control characters.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_read_aloud_is_markup() {
        let twiml = spoken("</Say><Dial>+1</Dial> \"a\" & 'b'\u{1}\n\u{ffff}");
        assert_eq!(twiml.matches('<').count(), 7, "{twiml}");
        assert!(
            twiml.contains("&lt;/Say&gt;&lt;Dial&gt;") && twiml.contains("&quot;a&quot; &amp; &apos;b&apos;")
        );
        assert!(!twiml.contains(['\u{1}', '\n', '\u{ffff}']));
    }
}
