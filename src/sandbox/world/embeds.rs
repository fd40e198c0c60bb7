//! Embeds: their limits, and how they look when Discord gives them back.

use super::{Errors, Message, World};
use serde_json::{Map, Value, json};

/// Checks a list of embeds and gives them back as Discord would.
pub(super) fn check(list: &[Value], path: &str, errors: &mut Errors) -> Vec<Value> {
    list.iter().enumerate().map(|(index, embed)| one(embed, &format!("{path}.{index}"), errors)).collect()
}

/// The characters that count towards the 6000 of a message.
pub(super) fn characters(embed: &Value) -> usize {
    let count = |value: Option<&Value>| value.and_then(Value::as_str).map_or(0, |text| text.chars().count());
    let fields: usize = embed["fields"].as_array().map_or(0, |fields| {
        fields.iter().map(|field| count(field.get("name")) + count(field.get("value"))).sum()
    });
    count(embed.get("title"))
        + count(embed.get("description"))
        + count(embed["footer"].get("text"))
        + count(embed["author"].get("name"))
        + fields
}

fn one(embed: &Value, path: &str, errors: &mut Errors) -> Value {
    let Some(given) = embed.as_object() else {
        errors.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        return json!({});
    };
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("rich"));
    for (name, most) in [("title", 256), ("description", 4096)] {
        if let Some(text) = text(given.get(name), &format!("{path}.{name}"), most, false, errors) {
            out.insert(name.to_owned(), json!(text));
        }
    }
    if let Some(link) = link(given.get("url"), &format!("{path}.url"), false, errors) {
        out.insert("url".to_owned(), json!(link));
    }
    match given.get("color") {
        None | Some(Value::Null) => {}
        Some(color) => match color.as_u64() {
            Some(color) if color <= 0x00ff_ffff => {
                out.insert("color".to_owned(), json!(color));
            }
            Some(_) => errors.add(
                &format!("{path}.color"),
                "NUMBER_TYPE_MAX",
                "int value should be less than or equal to 16777215.",
            ),
            None => errors.add(
                &format!("{path}.color"),
                "NUMBER_TYPE_COERCE",
                format!("Value {color} is not int."),
            ),
        },
    }
    match given.get("timestamp") {
        None | Some(Value::Null) => {}
        Some(Value::String(at)) if looks_like_time(at) => {
            out.insert("timestamp".to_owned(), json!(at));
        }
        Some(at) => {
            let why = format!("Could not parse {at}. Should be ISO8601.");
            errors.add(&format!("{path}.timestamp"), "DATE_TIME_TYPE_PARSE", why);
        }
    }
    for name in ["image", "thumbnail"] {
        if let Some(image) = given.get(name).filter(|value| !value.is_null()) {
            let path = format!("{path}.{name}.url");
            match link(image.get("url"), &path, true, errors) {
                Some(url) => {
                    out.insert(name.to_owned(), json!({ "url": url }));
                }
                None => errors.required(&path),
            }
        }
    }
    if let Some(footer) = given.get("footer").filter(|value| !value.is_null()) {
        let path = format!("{path}.footer");
        let text = text(footer.get("text"), &format!("{path}.text"), 2048, true, errors);
        let icon = link(footer.get("icon_url"), &format!("{path}.icon_url"), true, errors);
        out.insert("footer".to_owned(), without_nulls(json!({ "text": text, "icon_url": icon })));
    }
    if let Some(author) = given.get("author").filter(|value| !value.is_null()) {
        let path = format!("{path}.author");
        let name = text(author.get("name"), &format!("{path}.name"), 256, true, errors);
        let url = link(author.get("url"), &format!("{path}.url"), false, errors);
        let icon = link(author.get("icon_url"), &format!("{path}.icon_url"), true, errors);
        out.insert("author".to_owned(), without_nulls(json!({ "name": name, "url": url, "icon_url": icon })));
    }
    if let Some(fields) =
        super::message_check::list(given.get("fields"), &format!("{path}.fields"), 25, errors)
    {
        let fields: Vec<Value> = fields
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let path = format!("{path}.fields.{index}");
                let name = text(field.get("name"), &format!("{path}.name"), 256, true, errors);
                let value = text(field.get("value"), &format!("{path}.value"), 1024, true, errors);
                let inline = field.get("inline").and_then(Value::as_bool).unwrap_or(false);
                json!({ "name": name, "value": value, "inline": inline })
            })
            .collect();
        if !fields.is_empty() {
            out.insert("fields".to_owned(), json!(fields));
        }
    }
    if out.len() == 1 {
        errors.required(&format!("{path}.description"));
    }
    Value::Object(out)
}

fn text(
    value: Option<&Value>,
    path: &str,
    most: usize,
    required: bool,
    errors: &mut Errors,
) -> Option<String> {
    match value {
        None | Some(Value::Null) => {
            if required {
                errors.required(path);
            }
            None
        }
        Some(Value::String(text)) => {
            let text = text.trim();
            if text.is_empty() && required {
                errors.required(path);
            }
            errors.length(path, text.chars().count(), 0, most);
            Some(text.to_owned()).filter(|text| !text.is_empty())
        }
        Some(_) => {
            errors.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
            None
        }
    }
}

fn link(value: Option<&Value>, path: &str, attachments: bool, errors: &mut Errors) -> Option<String> {
    let url = value?.as_str()?.trim();
    if url.is_empty() {
        return None;
    }
    errors.length(path, url.chars().count(), 0, 2048);
    let web =
        ["http://", "https://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    if web && !url.contains(char::is_whitespace) || attachments && url.starts_with("attachment://") {
        return Some(url.to_owned());
    }
    if url.contains("://") {
        let why = format!(
            "Scheme \"{}\" is not supported. Scheme must be one of ('http', 'https').",
            url.split("://").next().unwrap_or("")
        );
        errors.add(path, "URL_TYPE_INVALID_SCHEME", why);
    } else {
        errors.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.");
    }
    None
}

fn looks_like_time(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let sign = |at: usize, sign: u8| text.as_bytes().get(at) == Some(&sign);
    let date = digits(0..4) && sign(4, b'-') && digits(5..7) && sign(7, b'-') && digits(8..10);
    let time = sign(10, b'T') && digits(11..13) && sign(13, b':') && digits(14..16);
    date && (text.len() == 10 || time)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

impl World {
    /// An embed whose `attachment://` pictures point at the message's files, as Discord shows it.
    pub(super) fn with_attachment_urls(&self, embed: &Value, message: &Message) -> Value {
        let mut embed = embed.clone();
        for name in ["image", "thumbnail"] {
            let url = embed[name]["url"]
                .as_str()
                .and_then(|url| url.strip_prefix("attachment://"))
                .map(str::to_owned);
            let found = url.and_then(|name| message.attachments.iter().find(|file| file.filename == name));
            if let Some(file) = found {
                embed[name] = json!({ "url": self.attachment_url(message.channel, file) });
            }
        }
        embed
    }
}
