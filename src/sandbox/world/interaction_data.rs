//! What a person filled in: the options of a command and the values of a select, checked against what was offered.

use super::{Answer, Errors, Id, World};
use serde_json::{Map, Value, json};

/// Checks the options of a command. While somebody still types (`partial`) required ones may be missing.
pub(super) fn options(
    world: &World,
    guild: Option<Id>,
    channel: Id,
    offered: &[Value],
    given: &[Value],
    partial: bool,
) -> Answer<(Vec<Value>, Value)> {
    let mut errors = Errors::default();
    let mut named = Vec::new();
    let checked = level(offered, given, partial, "data.options", &mut errors, &mut named);
    errors.done()?;
    Ok((checked, resolve(world, guild, channel, &named)))
}

fn level(
    offered: &[Value],
    given: &[Value],
    partial: bool,
    path: &str,
    errors: &mut Errors,
    named: &mut Vec<(u64, Id)>,
) -> Vec<Value> {
    for missing in offered.iter().filter(|option| option["required"] == true && !partial) {
        if !given.iter().any(|option| option["name"] == missing["name"]) {
            let why = format!("The option {} is required", missing["name"]);
            errors.add(path, "INTERACTION_APPLICATION_COMMAND_OPTION_MISSING", why);
        }
    }
    let nested = offered.iter().any(|option| matches!(option["type"].as_u64(), Some(1 | 2)));
    if nested && given.len() != 1 {
        errors.add(
            path,
            "INTERACTION_APPLICATION_COMMAND_OPTION_MISSING",
            "Exactly one subcommand is required",
        );
    }
    let mut checked = Vec::new();
    for (index, option) in given.iter().enumerate() {
        let path = format!("{path}.{index}");
        let Some(offer) = offered.iter().find(|offer| offer["name"] == option["name"]) else {
            let why = "The option is not one of the command's";
            errors.add(&path, "INTERACTION_APPLICATION_COMMAND_OPTION_UNKNOWN", why);
            continue;
        };
        let kind = offer["type"].as_u64().unwrap_or(0);
        let mut out = json!({ "type": kind, "name": offer["name"] });
        if matches!(kind, 1 | 2) {
            let empty = Vec::new();
            let offered = offer["options"].as_array().unwrap_or(&empty);
            let given = option["options"].as_array().unwrap_or(&empty);
            out["options"] = json!(level(offered, given, partial, &format!("{path}.options"), errors, named));
        } else {
            let focused = partial && option["focused"] == true;
            if focused {
                out["focused"] = json!(true);
                if offer["autocomplete"] != true {
                    let why = "The option does not complete";
                    errors.add(&path, "INTERACTION_APPLICATION_COMMAND_OPTION_NO_AUTOCOMPLETE", why);
                }
            } else if !partial || !option["value"].is_string() {
                check_value(offer, kind, &option["value"], &format!("{path}.value"), errors, named);
            }
            out["value"] = option["value"].clone();
        }
        checked.push(out);
    }
    checked
}

fn check_value(
    offer: &Value,
    kind: u64,
    value: &Value,
    path: &str,
    errors: &mut Errors,
    named: &mut Vec<(u64, Id)>,
) {
    let fits = match kind {
        3 => value.is_string(),
        4 => value.is_i64() || value.is_u64(),
        5 => value.is_boolean(),
        10 => value.is_number(),
        _ => super::message_check::snowflake(value).is_some(),
    };
    if !fits {
        let why = "The value does not have the option's type";
        return errors.add(path, "INTERACTION_APPLICATION_COMMAND_OPTION_TYPE", why);
    }
    if let Some(id) = super::message_check::snowflake(value).filter(|_| matches!(kind, 6..=9)) {
        named.push((kind, id));
    }
    if let Some(choices) = offer["choices"].as_array()
        && !choices.iter().any(|choice| choice["value"] == *value)
    {
        errors.add(
            path,
            "INTERACTION_APPLICATION_COMMAND_INVALID_CHOICE",
            "The value is not one of the choices",
        );
    }
    let length = value.as_str().map_or(0, |text| text.chars().count() as u64);
    if kind == 3 {
        let (min, max) =
            (offer["min_length"].as_u64().unwrap_or(0), offer["max_length"].as_u64().unwrap_or(6000));
        errors.length(path, length as usize, min as usize, max as usize);
    }
    let number = value.as_f64().filter(|_| matches!(kind, 4 | 10));
    let below = number.zip(offer["min_value"].as_f64()).is_some_and(|(number, min)| number < min);
    let above = number.zip(offer["max_value"].as_f64()).is_some_and(|(number, max)| number > max);
    if below || above {
        errors.add(path, "NUMBER_TYPE_MAX", "The value is outside of the option's bounds.");
    }
}

/// Checks what was chosen in a select.
pub(super) fn select(
    world: &World,
    guild: Option<Id>,
    channel: Id,
    component: &Value,
    values: &Value,
) -> Answer<(Vec<Value>, Value)> {
    let wrong = || Errors::one("data.values", "COMPONENT_VALIDATION_FAILED", "Component validation failed");
    let values = values.as_array().ok_or_else(wrong)?;
    let (min, max) =
        (component["min_values"].as_u64().unwrap_or(1), component["max_values"].as_u64().unwrap_or(1));
    if !(min..=max).contains(&(values.len() as u64)) {
        return Err(wrong());
    }
    let kind = component["type"].as_u64().unwrap_or(3);
    if kind == 3 {
        let offered = component["options"].as_array().ok_or_else(wrong)?;
        if !values.iter().all(|value| offered.iter().any(|option| option["value"] == *value)) {
            return Err(wrong());
        }
        return Ok((values.clone(), json!({})));
    }
    // The selects' types 5 to 8 are users, roles, both and channels; the options' 6 to 9 users, channels, roles and both.
    let as_option = match kind {
        5 => 6,
        6 => 8,
        7 => 9,
        _ => 7,
    };
    let ids: Option<Vec<Id>> = values.iter().map(super::message_check::snowflake).collect();
    let named: Vec<(u64, Id)> = ids.ok_or_else(wrong)?.into_iter().map(|id| (as_option, id)).collect();
    Ok((values.clone(), resolve(world, guild, channel, &named)))
}

/// The objects behind ids, by the option type they came from (6 user, 7 channel, 8 role, 9 user or role).
pub(super) fn resolve(world: &World, guild: Option<Id>, channel: Id, named: &[(u64, Id)]) -> Value {
    let mut resolved: Map<String, Value> = Map::new();
    let mut put = |kind: &str, id: Id, value: Value| {
        let entry = resolved.entry(kind).or_insert_with(|| json!({}));
        entry[id.to_string()] = value;
    };
    let guild = guild.and_then(|guild| world.guilds.get(&guild));
    for (kind, id) in named {
        if matches!(kind, 6 | 9) && world.users.contains_key(id) {
            put("users", *id, world.user_json(*id));
            if let Some(member) = guild.and_then(|guild| guild.members.get(id)) {
                let mut value = world.member_json(member, false);
                value["permissions"] = json!(world.permissions(channel, *id).to_string());
                put("members", *id, value);
            }
        }
        if let Some(role) = guild.and_then(|guild| guild.role(*id)).filter(|_| matches!(kind, 8 | 9)) {
            put("roles", *id, role.json());
        }
        if let Some(found) = world.channels.get(id).filter(|_| *kind == 7) {
            put("channels", *id, found.json(world));
        }
    }
    Value::Object(resolved)
}
