//! Forms: what an application may put in one, and what a person sent back.

use super::{Answer, Errors, Refusal};
use serde_json::{Value, json};

/// Checks the `data` of a form that an application opens; gives it back with numbered components.
pub(super) fn check(data: &Value, errors: &mut Errors) -> Value {
    for (name, most) in [("custom_id", 100), ("title", 45)] {
        let path = format!("data.{name}");
        match data[name].as_str() {
            Some(text) => errors.length(&path, text.chars().count(), 1, most),
            None => errors.required(&path),
        }
    }
    let rows = data["components"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    errors.length("data.components", rows.len(), 1, 5);
    let mut next = 0;
    let mut number = |value: &mut Value| {
        next += 1;
        if value["id"].as_u64().unwrap_or(0) == 0 {
            value["id"] = json!(next);
        }
    };
    let mut ids: Vec<String> = Vec::new();
    let mut components = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let path = format!("data.components.{index}");
        let mut out = row.clone();
        number(&mut out);
        match row["type"].as_u64() {
            Some(1) => {
                let inputs = row["components"].as_array().map(Vec::as_slice).unwrap_or(&[]);
                errors.length(&format!("{path}.components"), inputs.len(), 1, 1);
                let inputs = inputs.iter().enumerate().map(|(i, input)| {
                    let mut input = input.clone();
                    number(&mut input);
                    let path = format!("{path}.components.{i}");
                    match input["label"].as_str() {
                        Some(label) => errors.length(&format!("{path}.label"), label.chars().count(), 1, 45),
                        None => errors.required(&format!("{path}.label")),
                    }
                    field(&input, &[4], &path, &mut ids, errors);
                    input
                });
                out["components"] = inputs.collect();
            }
            Some(18) => {
                let label = row["label"].as_str().unwrap_or("");
                errors.length(&format!("{path}.label"), label.chars().count(), 1, 45);
                let description = row["description"].as_str().unwrap_or("");
                errors.length(&format!("{path}.description"), description.chars().count(), 0, 100);
                number(&mut out["component"]);
                field(&row["component"], &[3, 4, 5, 6, 7, 8], &format!("{path}.component"), &mut ids, errors);
            }
            Some(10) => {
                let text = row["content"].as_str().unwrap_or("");
                errors.length(&format!("{path}.content"), text.chars().count(), 1, 4000);
            }
            _ => errors.choices(&format!("{path}.type"), "1, 10, 18"),
        }
        components.push(out);
    }
    json!({ "custom_id": data["custom_id"], "title": data["title"], "components": components })
}

fn field(input: &Value, allowed: &[u64], path: &str, ids: &mut Vec<String>, errors: &mut Errors) {
    let kind = input["type"].as_u64().unwrap_or(0);
    if !allowed.contains(&kind) {
        let allowed = allowed.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        return errors.choices(&format!("{path}.type"), &allowed);
    }
    let at = format!("{path}.custom_id");
    match input["custom_id"].as_str() {
        Some(id) => {
            errors.length(&at, id.chars().count(), 1, 100);
            if ids.iter().any(|known| known == id) {
                errors.add(&at, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated");
            }
            ids.push(id.to_owned());
        }
        None => errors.required(&at),
    }
    if kind != 4 {
        return;
    }
    if !matches!(input["style"].as_u64(), Some(1 | 2)) {
        errors.choices(&format!("{path}.style"), "1, 2");
    }
    for (name, most) in [("placeholder", 100), ("value", 4000)] {
        let length = input[name].as_str().map_or(0, |text| text.chars().count());
        errors.length(&format!("{path}.{name}"), length, 0, most);
    }
    for (name, least) in [("min_length", 0), ("max_length", 1)] {
        if input[name].as_u64().is_some_and(|length| length < least || length > 4000) {
            let why = format!("int value should be between {least} and 4000.");
            errors.add(&format!("{path}.{name}"), "NUMBER_TYPE_MAX", why);
        }
    }
}

/// Checks what was sent of a form; gives the components as the application gets them.
pub(super) fn submitted(modal: &Value, data: &Value) -> Answer<Vec<Value>> {
    let mut errors = Errors::default();
    let sent =
        super::components::interactive(data["components"].as_array().map(Vec::as_slice).unwrap_or(&[]));
    let mut answer = |input: &Value| -> Value {
        let given = sent.iter().find(|given| given["custom_id"] == input["custom_id"]);
        let mut out = json!({ "type": input["type"], "id": input["id"], "custom_id": input["custom_id"] });
        let path = format!("data.components.{}", input["custom_id"].as_str().unwrap_or(""));
        let required = input["required"].as_bool().unwrap_or(true);
        if input["type"] == 4 {
            let value = given.and_then(|given| given["value"].as_str()).unwrap_or("");
            let length = value.chars().count();
            let least = input["min_length"].as_u64().unwrap_or(0).max(u64::from(required)) as usize;
            let most = input["max_length"].as_u64().unwrap_or(4000) as usize;
            if required && length == 0 {
                errors.required(&path);
            } else if length > 0 {
                errors.length(&path, length, least, most);
            }
            out["value"] = json!(value);
        } else {
            let values = given.and_then(|given| given["values"].as_array()).cloned().unwrap_or_default();
            if required && values.is_empty() {
                errors.required(&path);
            }
            out["values"] = json!(values);
        }
        out
    };
    let rows = modal["components"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let mut components = Vec::new();
    for row in rows {
        let mut out = json!({ "type": row["type"], "id": row["id"] });
        match row["type"].as_u64() {
            Some(1) => {
                out["components"] =
                    row["components"].as_array().into_iter().flatten().map(&mut answer).collect()
            }
            Some(18) => out["component"] = answer(&row["component"]),
            _ => {}
        }
        components.push(out);
    }
    errors.done()?;
    if sent.is_empty() && rows.iter().any(|row| row["type"] != 10) {
        return Err(Refusal::invalid_json());
    }
    Ok(components)
}
