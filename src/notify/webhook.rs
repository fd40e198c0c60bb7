//! A page as JSON, to any address that takes it.
//!
//! `Muster-Id` is the same for each sending of one call. With a key, `Muster-Signature` is
//! `sha256=` and the HMAC, in hexadecimal, of `Muster-Timestamp` (seconds since 1970), a dot and the body.

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::http;
use super::{Message, Trouble};
use crate::kit::hash::hmac_sha256;
use crate::model::page::{PageCard, Stands};
use crate::render::page;

const CURE: &str = "Correct the address, or the key that oncall.notify.webhook-secret names";

/// Sends it.
pub async fn send(client: &Client, url: &str, key: Option<&str>, message: &Message) -> Result<(), Trouble> {
    let url = http::url(url, "the webhook")?;
    let body = body(message).to_string();
    let at = message.at.seconds().to_string();
    let mut request = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("Muster-Id", &message.id)
        .header("Muster-Timestamp", &at);
    if let Some(key) = key {
        request = request.header("Muster-Signature", signature(key, &at, body.as_bytes()));
    }
    http::send(request.body(body), "the webhook", CURE).await
}

/// What proves that these bytes were sent then, by somebody with the key.
pub fn signature(key: &str, at: &str, body: &[u8]) -> String {
    let mac = hmac_sha256(key.as_bytes(), &[at.as_bytes(), b".", body]);
    let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={hex}")
}

fn body(message: &Message) -> Value {
    json!({
        "id": message.id,
        "journal": message.journal,
        "test": message.cards.is_empty(),
        "subject": message.subject,
        "text": message.text,
        "severity": message.severity,
        "link": message.link,
        "pages": message.cards.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(card: &PageCard) -> Value {
    let until = match &card.stands {
        Stands::Calling { until, .. } | Stands::Asked { until } => Some(until.rfc3339()),
        _ => None,
    };
    json!({
        "page": card.page.to_string(),
        "about": page::about(card),
        "title": page::wrong(card),
        "severity": card.severity,
        "service": card.service,
        "since": card.since.rfc3339(),
        "why": page::because(&card.why),
        "answer_until": until,
        "link": card.link,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::time::Timestamp;
    use crate::model::page::Way;
    use crate::notify::message::tests::calling;

    #[test]
    fn the_signature_is_of_the_time_and_the_body() {
        // printf '1795251600.{}' | openssl dgst -sha256 -hmac key
        let one = signature("key", "1795251600", b"{}");
        assert_eq!(one, "sha256=7130c89c5fce39700af4774f794c5942820cc5970c4e9f86f296d6c6b17f548d");
        assert_ne!(one, signature("key", "1795251601", b"{}"));
        assert_ne!(one, signature("kez", "1795251600", b"{}"));
    }

    #[test]
    fn the_body_says_which_page_and_until_when() {
        let message = Message::of(&calling(Way::Webhook, &[7, 8]), "j", Timestamp(0)).unwrap();
        let body = body(&message);
        assert_eq!((&body["id"], &body["test"]), (&json!("PAG-7/3+1"), &json!(false)));
        assert_eq!(body["pages"][1]["page"], "PAG-8");
        assert_eq!(body["pages"][0]["about"], "INC-7");
        assert!(body["pages"][0]["answer_until"].is_string(), "{body}");
    }
}
