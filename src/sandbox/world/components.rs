//! Components of messages: what Discord refuses, and how it gives them back (every component gets a number).

use super::message_check::{list, snowflake};
use super::{Errors, Id};
use serde_json::{Map, Value, json};

/// Checks the components of a message; `v2` tells whether it carries the flag IS_COMPONENTS_V2.
pub(super) fn check(components: &[Value], v2: bool, path: &str, errors: &mut Errors) -> Vec<Value> {
    let mut check = Check { v2, errors, next: 0, custom_ids: Vec::new(), text: 0, count: 0 };
    let checked: Vec<Value> =
        components.iter().enumerate().map(|(i, c)| check.top(c, &format!("{path}.{i}"))).collect();
    if check.text > 4000 {
        let why = "The total text of a message's components must be 4000 or fewer in length.";
        check.errors.add(path, "COMPONENT_MAX_TOTAL_TEXT_LENGTH", why);
    }
    if check.count > 40 {
        check.errors.length(path, check.count, 0, 40);
    }
    checked
}

/// Every interactive component in a list, however deep.
pub fn interactive(components: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    for component in components {
        if component.get("custom_id").is_some() {
            found.push(component);
        }
        if let Some(children) = component["components"].as_array() {
            found.extend(interactive(children));
        }
        for one in ["accessory", "component"] {
            if let Some(child) = component.get(one) {
                found.extend(interactive(std::slice::from_ref(child)));
            }
        }
    }
    found
}

struct Check<'a> {
    v2: bool,
    errors: &'a mut Errors,
    next: u64,
    custom_ids: Vec<String>,
    text: usize,
    count: usize,
}

impl Check<'_> {
    fn number(&mut self, given: &Value, kind: u64) -> Map<String, Value> {
        self.count += 1;
        self.next += 1;
        let id = given["id"].as_u64().filter(|id| *id > 0).unwrap_or(self.next);
        let mut out = Map::new();
        out.insert("type".to_owned(), json!(kind));
        out.insert("id".to_owned(), json!(id));
        out
    }

    fn top(&mut self, given: &Value, path: &str) -> Value {
        match given["type"].as_u64() {
            Some(1) => self.row(given, path),
            Some(kind @ (9 | 10 | 12 | 13 | 14 | 17)) if self.v2 => self.layout(kind, given, path),
            Some(_) => {
                self.errors.choices(
                    &format!("{path}.type"),
                    if self.v2 { "1, 9, 10, 12, 13, 14, 17" } else { "1," },
                );
                json!({})
            }
            None => {
                self.errors.required(&format!("{path}.type"));
                json!({})
            }
        }
    }

    fn row(&mut self, given: &Value, path: &str) -> Value {
        let mut out = self.number(given, 1);
        let at = format!("{path}.components");
        let children = given["components"].as_array().map(Vec::as_slice).unwrap_or(&[]);
        self.errors.length(&at, children.len(), 1, 5);
        let selects =
            children.iter().filter(|child| matches!(child["type"].as_u64(), Some(3 | 5..=8))).count();
        if selects > 0 && children.len() > 1 {
            self.errors.add(
                &at,
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                "The specified component exceeds the maximum width",
            );
        }
        let children = children
            .iter()
            .enumerate()
            .map(|(i, child)| {
                let path = format!("{at}.{i}");
                match child["type"].as_u64() {
                    Some(2) => self.button(child, &path),
                    Some(kind @ (3 | 5..=8)) => self.select(kind, child, &path),
                    _ => {
                        self.errors.choices(&format!("{path}.type"), "2, 3, 5, 6, 7, 8");
                        json!({})
                    }
                }
            })
            .collect();
        out.insert("components".to_owned(), Value::Array(children));
        Value::Object(out)
    }

    fn custom_id(&mut self, given: &Value, path: &str) -> Value {
        let path = format!("{path}.custom_id");
        match given["custom_id"].as_str() {
            Some(id) => {
                self.errors.length(&path, id.chars().count(), 1, 100);
                if self.custom_ids.iter().any(|known| known == id) {
                    let why = "Component custom id cannot be duplicated";
                    self.errors.add(&path, "COMPONENT_CUSTOM_ID_DUPLICATED", why);
                }
                self.custom_ids.push(id.to_owned());
                json!(id)
            }
            None => {
                self.errors.required(&path);
                Value::Null
            }
        }
    }

    fn button(&mut self, given: &Value, path: &str) -> Value {
        let mut out = self.number(given, 2);
        let style = given["style"].as_u64().unwrap_or(0);
        if !(1..=6).contains(&style) {
            self.errors.choices(&format!("{path}.style"), "1, 2, 3, 4, 5, 6");
        }
        out.insert("style".to_owned(), json!(style));
        copy(given, &mut out, &["label", "emoji", "disabled"]);
        let label = given["label"].as_str().unwrap_or("");
        self.errors.length(&format!("{path}.label"), label.chars().count(), 0, 80);
        if label.is_empty() && given["emoji"].is_null() && style != 6 {
            self.errors.required(&format!("{path}.label"));
        }
        if style == 5 {
            let url = given["url"].as_str().unwrap_or("");
            if !given["custom_id"].is_null() {
                let why = "A custom id and url cannot both be specified";
                self.errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", why);
            }
            if url.is_empty() {
                self.errors.required(&format!("{path}.url"));
            }
            self.errors.length(&format!("{path}.url"), url.chars().count(), 0, 512);
            out.insert("url".to_owned(), json!(url));
        } else if style != 6 {
            if !given["url"].is_null() {
                let why = "A custom id and url cannot both be specified";
                self.errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", why);
            }
            let id = self.custom_id(given, path);
            out.insert("custom_id".to_owned(), id);
        }
        Value::Object(out)
    }

    fn select(&mut self, kind: u64, given: &Value, path: &str) -> Value {
        let mut out = self.number(given, kind);
        let id = self.custom_id(given, path);
        out.insert("custom_id".to_owned(), id);
        copy(given, &mut out, &["placeholder", "disabled", "default_values", "channel_types"]);
        let placeholder = given["placeholder"].as_str().unwrap_or("");
        self.errors.length(&format!("{path}.placeholder"), placeholder.chars().count(), 0, 150);
        let (min, max) =
            (given["min_values"].as_u64().unwrap_or(1), given["max_values"].as_u64().unwrap_or(1));
        out.insert("min_values".to_owned(), json!(min));
        out.insert("max_values".to_owned(), json!(max));
        if kind == 3 {
            let options = given["options"].as_array().map(Vec::as_slice).unwrap_or(&[]);
            self.errors.length(&format!("{path}.options"), options.len(), 1, 25);
            let mut seen = Vec::new();
            for (i, option) in options.iter().enumerate() {
                for (name, least, required) in
                    [("label", 1, true), ("value", 1, true), ("description", 0, false)]
                {
                    let at = format!("{path}.options.{i}.{name}");
                    match option[name].as_str() {
                        Some(text) => self.errors.length(&at, text.chars().count(), least, 100),
                        None if required => self.errors.required(&at),
                        None => {}
                    }
                }
                if seen.contains(&&option["value"]) {
                    let why = "The specified option value is already used";
                    self.errors.add(
                        &format!("{path}.options.{i}.value"),
                        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                        why,
                    );
                }
                seen.push(&option["value"]);
            }
            out.insert("options".to_owned(), json!(options));
        }
        if min > 25 || max == 0 || max > 25 || min > max {
            self.errors.add(
                &format!("{path}.max_values"),
                "NUMBER_TYPE_MAX",
                "int value should be between 1 and 25.",
            );
        }
        Value::Object(out)
    }

    fn layout(&mut self, kind: u64, given: &Value, path: &str) -> Value {
        let mut out = self.number(given, kind);
        let children = given["components"].as_array().map(Vec::as_slice).unwrap_or(&[]);
        match kind {
            10 => {
                let text = given["content"].as_str().unwrap_or("");
                self.errors.length(&format!("{path}.content"), text.chars().count(), 1, 4000);
                self.text += text.chars().count();
                out.insert("content".to_owned(), json!(text));
            }
            14 => {
                out.insert("spacing".to_owned(), json!(given["spacing"].as_u64().unwrap_or(1)));
                out.insert("divider".to_owned(), json!(given["divider"].as_bool().unwrap_or(true)));
            }
            9 => {
                self.errors.length(&format!("{path}.components"), children.len(), 1, 3);
                let texts = self.children(children, &[10], path);
                out.insert("components".to_owned(), texts);
                let at = format!("{path}.accessory");
                let accessory = match given["accessory"]["type"].as_u64() {
                    Some(2) => self.button(&given["accessory"], &at),
                    Some(11) => self.media(11, &given["accessory"], "media"),
                    _ => {
                        self.errors.required(&at);
                        json!({})
                    }
                };
                out.insert("accessory".to_owned(), accessory);
            }
            17 => {
                self.errors.length(&format!("{path}.components"), children.len(), 1, 40);
                out.insert("accent_color".to_owned(), given["accent_color"].clone());
                out.insert("spoiler".to_owned(), json!(given["spoiler"].as_bool().unwrap_or(false)));
                let inside = self.children(children, &[1, 9, 10, 12, 13, 14], path);
                out.insert("components".to_owned(), inside);
            }
            13 => return self.media(13, given, "file"),
            _ => {
                let items =
                    list(given.get("items"), &format!("{path}.items"), 10, self.errors).unwrap_or(&[]);
                let items: Vec<Value> = items.iter().map(|item| media_item(item, "media")).collect();
                out.insert("items".to_owned(), json!(items));
            }
        }
        Value::Object(out)
    }

    fn children(&mut self, children: &[Value], allowed: &[u64], path: &str) -> Value {
        let checked = children.iter().enumerate().map(|(i, child)| {
            let at = format!("{path}.components.{i}");
            if child["type"].as_u64().is_some_and(|kind| allowed.contains(&kind)) {
                self.top(child, &at)
            } else {
                let allowed = allowed.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                self.errors.choices(&format!("{at}.type"), &allowed);
                json!({})
            }
        });
        Value::Array(checked.collect())
    }

    fn media(&mut self, kind: u64, given: &Value, name: &str) -> Value {
        let mut out = self.number(given, kind);
        if let Value::Object(item) = media_item(given, name) {
            out.extend(item);
        }
        if kind == 13 {
            out.insert("name".to_owned(), Value::Null);
            out.insert("size".to_owned(), Value::Null);
        }
        Value::Object(out)
    }
}

fn media_item(given: &Value, name: &str) -> Value {
    let url = &given[name]["url"];
    let mut item = json!({
        "description": given["description"], "spoiler": given["spoiler"].as_bool().unwrap_or(false),
    });
    item[name] = json!({
        "id": snowflake(&given[name]["id"]).unwrap_or(Id(0)), "url": url, "proxy_url": url,
        "width": null, "height": null, "content_type": null,
    });
    item
}

fn copy(from: &Value, into: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        if let Some(value) = from.get(*name).filter(|value| !value.is_null()) {
            into.insert((*name).to_owned(), value.clone());
        }
    }
}
