//! What Discord refuses in application commands, and how it gives them back.

use super::{Answer, Errors, Refusal};
use serde_json::{Map, Value, json};

/// Characters that one command's names, descriptions and choices may have together.
const MOST_CHARACTERS: usize = 8000;

/// Checks a bulk overwrite: for each command its type, its name, and the rest as Discord keeps it.
pub(super) fn all(list: &[Value]) -> Answer<Vec<(u64, String, Value)>> {
    let mut errors = Errors::default();
    let mut commands: Vec<(u64, String, Value)> = Vec::new();
    for (index, given) in list.iter().enumerate() {
        let path = index.to_string();
        let (kind, name, body) = one(given, &path, &mut errors);
        if commands.iter().any(|(other, known, _)| *other == kind && *known == name) {
            let why = "Application command names must be unique";
            errors.add(&format!("{path}.name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", why);
        }
        commands.push((kind, name, body));
    }
    errors.done()?;
    for (kind, most) in [(1, 100), (2, 15), (3, 15)] {
        if commands.iter().filter(|(other, ..)| *other == kind).count() > most {
            return Err(Refusal {
                status: 400,
                code: 30032,
                message: format!("Maximum number of application commands reached ({most})"),
                errors: None,
                retry_after: None,
            });
        }
    }
    Ok(commands)
}

fn one(given: &Value, path: &str, errors: &mut Errors) -> (u64, String, Value) {
    let kind = given["type"].as_u64().unwrap_or(1);
    if !(1..=3).contains(&kind) {
        errors.choices(&format!("{path}.type"), "1, 2, 3");
    }
    let name = given["name"].as_str().unwrap_or("").to_owned();
    check_name(given, &name, kind == 1, path, errors);
    let mut body = Map::new();
    let description = given["description"].as_str().unwrap_or("");
    if kind == 1 {
        check_description(given, description, path, errors);
    } else if !description.is_empty() {
        let why = "Context menu commands cannot have description";
        errors.add(
            &format!("{path}.description"),
            "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED",
            why,
        );
    }
    body.insert("description".to_owned(), json!(description));
    for name in ["name_localizations", "description_localizations", "contexts"] {
        body.insert(name.to_owned(), given.get(name).cloned().unwrap_or(Value::Null));
    }
    let permissions = match &given["default_member_permissions"] {
        Value::Null => Value::Null,
        Value::String(bits) if bits.parse::<u64>().is_ok() => json!(bits),
        Value::Number(bits) if bits.as_u64().is_some() => json!(bits.to_string()),
        other => {
            let why = format!("Value {other} is not int.");
            errors.add(&format!("{path}.default_member_permissions"), "NUMBER_TYPE_COERCE", why);
            Value::Null
        }
    };
    body.insert("default_member_permissions".to_owned(), permissions);
    body.insert(
        "integration_types".to_owned(),
        given.get("integration_types").cloned().unwrap_or(json!([0])),
    );
    body.insert("nsfw".to_owned(), json!(given["nsfw"].as_bool().unwrap_or(false)));
    let options = given["options"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if kind != 1 && !options.is_empty() {
        let why = "Context menu commands cannot have options";
        errors.add(&format!("{path}.options"), "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_NOT_ALLOWED", why);
    }
    let options = check_options(options, 0, &format!("{path}.options"), errors);
    if !options.is_empty() {
        body.insert("options".to_owned(), Value::Array(options));
    }
    if characters(given) > MOST_CHARACTERS {
        let why = format!("Command exceeds maximum size ({MOST_CHARACTERS})");
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", why);
    }
    (kind, name, Value::Object(body))
}

fn check_name(given: &Value, name: &str, slash: bool, path: &str, errors: &mut Errors) {
    let path = format!("{path}.name");
    if !given["name"].is_string() {
        return errors.required(&path);
    }
    errors.length(&path, name.chars().count(), 1, 32);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
    if slash && (!name.chars().all(fits) || name.to_lowercase() != name) {
        errors.add(&path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

fn check_description(given: &Value, description: &str, path: &str, errors: &mut Errors) {
    let path = format!("{path}.description");
    if given["description"].is_string() {
        errors.length(&path, description.chars().count(), 1, 100);
    } else {
        errors.required(&path);
    }
}

/// `depth` 0 is the command itself, 1 inside a group or a subcommand of it, 2 inside a group's subcommand.
fn check_options(options: &[Value], depth: u8, path: &str, errors: &mut Errors) -> Vec<Value> {
    errors.length(path, options.len(), 0, 25);
    let mut names: Vec<&str> = Vec::new();
    let mut optional_seen = false;
    let nested = |option: &Value| matches!(option["type"].as_u64(), Some(1 | 2));
    let mixed = options.iter().any(nested) && !options.iter().all(nested);
    let checked = options.iter().enumerate().map(|(index, given)| {
        let path = format!("{path}.{index}");
        let name = given["name"].as_str().unwrap_or("");
        check_name(given, name, true, &path, errors);
        check_description(given, given["description"].as_str().unwrap_or(""), &path, errors);
        if names.contains(&name) {
            let why = "Option names must be unique";
            errors.add(&format!("{path}.name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", why);
        }
        names.push(name);
        let kind = given["type"].as_u64().unwrap_or(0);
        if !(1..=11).contains(&kind) {
            errors.choices(&format!("{path}.type"), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11");
        }
        if mixed || kind == 2 && depth > 0 || kind == 1 && depth > 1 {
            let why =
                "Sub-command and sub-command group option types are mutually exclusive to all other types";
            errors.add(&format!("{path}.type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", why);
        }
        let required = given["required"].as_bool().unwrap_or(false);
        if required && optional_seen {
            let why = "Required options must be placed before non-required options";
            errors.add(&path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", why);
        }
        optional_seen |= !required;
        one_option(given, kind, depth, &path, errors)
    });
    checked.collect()
}

fn one_option(given: &Value, kind: u64, depth: u8, path: &str, errors: &mut Errors) -> Value {
    let mut out = json!({ "type": kind, "name": given["name"], "description": given["description"] });
    for name in ["name_localizations", "description_localizations", "channel_types", "min_value", "max_value"]
    {
        if !given[name].is_null() {
            out[name] = given[name].clone();
        }
    }
    for flag in ["required", "autocomplete"] {
        if given[flag] == true {
            out[flag] = json!(true);
        }
    }
    for (name, least) in [("min_length", 0), ("max_length", 1)] {
        if let Some(length) = given[name].as_u64() {
            if kind != 3 || length < least || length > 6000 {
                let why = format!("int value should be between {least} and 6000.");
                errors.add(&format!("{path}.{name}"), "NUMBER_TYPE_MAX", why);
            }
            out[name] = json!(length);
        }
    }
    let choices = given["choices"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if given["autocomplete"] == true && (!choices.is_empty() || !matches!(kind, 3 | 4 | 10)) {
        let why = "Autocomplete may not be set to true if choices are present";
        errors.add(path, "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", why);
    }
    if !choices.is_empty() {
        out["choices"] = json!(check_choices(choices, Some(kind), &format!("{path}.choices"), errors));
    }
    if matches!(kind, 1 | 2) {
        let options = given["options"].as_array().map(Vec::as_slice).unwrap_or(&[]);
        out["options"] =
            json!(check_options(options, depth + kind_depth(kind), &format!("{path}.options"), errors));
    }
    out
}

fn kind_depth(kind: u64) -> u8 {
    // Inside a subcommand only values may stand, inside a group only subcommands.
    if kind == 1 { 2 } else { 1 }
}

/// Checks choices: of an option of that type, or (without a type) those of an autocomplete answer.
pub(super) fn check_choices(
    choices: &[Value],
    kind: Option<u64>,
    path: &str,
    errors: &mut Errors,
) -> Vec<Value> {
    errors.length(path, choices.len(), 0, 25);
    for (index, choice) in choices.iter().enumerate() {
        let name = format!("{path}.{index}.name");
        match choice["name"].as_str() {
            Some(text) => errors.length(&name, text.chars().count(), 1, 100),
            None => errors.required(&name),
        }
        let value = format!("{path}.{index}.value");
        match (&choice["value"], kind) {
            (Value::String(text), Some(3) | None) => errors.length(&value, text.chars().count(), 0, 100),
            (Value::Number(number), Some(4)) if number.is_i64() || number.is_u64() => {}
            (Value::Number(_), Some(10) | None) => {}
            (Value::Null, _) => errors.required(&value),
            _ => errors.add(&value, "CHOICE_VALUE_TYPE_INVALID", "The value does not fit the option's type."),
        }
    }
    choices.to_vec()
}

/// The characters of a command that count towards its size: names, descriptions and the values of choices.
fn characters(value: &Value) -> usize {
    let text = |name: &str| value[name].as_str().map_or(0, |text| text.chars().count());
    let inside = ["options", "choices"].into_iter().filter_map(|name| value[name].as_array()).flatten();
    text("name") + text("description") + text("value") + inside.map(characters).sum::<usize>()
}
