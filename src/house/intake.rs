//! Reads `[intake]` of `muster.toml`: where Muster listens, and who may come in.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::node::{Node, Table, Value};
use super::problem::Notes;
use super::settings::service_name;
use crate::model::intake::{Intake, Kind, REQUESTS, Source};

/// What the file says; Muster does not listen where it says nothing.
pub fn read(top: &mut Table<'_>, notes: &mut Notes) -> Intake {
    let mut intake = Intake::default();
    let Some(mut table) = top.table("intake", notes) else { return intake };
    if let Some(text) = table.text("listen", notes) {
        let line = table.get("listen").map_or(table.line, |n| n.line);
        match text.parse::<SocketAddr>() {
            Ok(address) => intake.listen = Some(address),
            Err(_) => {
                let what = format!("`listen` is `{text}`, which is no address with a port");
                notes.add(line, what, "write it like 127.0.0.1:9099; a name is not looked up");
            }
        }
    }
    if let Some(url) = table.text("public_url", notes) {
        let line = table.get("public_url").map_or(table.line, |n| n.line);
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            let what = format!("`public_url` is `{url}`, which is no http address");
            notes.add(line, what, "write it like https://muster.example.org");
        }
        intake.public_url = Some(url.trim_end_matches('/').to_owned());
    }
    intake.trust_proxy = table.boolean("trust-proxy", notes).unwrap_or_default();
    let nodes = match table.get("sources").map(|n| (n, &n.value)) {
        None => &[][..],
        Some((_, Value::List(nodes))) => nodes.as_slice(),
        Some((node, _)) => {
            let what = format!("`sources` is {}, not a list of tables", node.kind());
            notes.add(node.line, what, "begin each source with [[intake.sources]]");
            &[]
        }
    };
    if let (Some(first), None) = (nodes.first(), intake.listen) {
        let cure = "add listen = \"127.0.0.1:9099\" to [intake]";
        notes.add(first.line, "there are sources, and Muster does not listen", cure);
    }
    let mut names = BTreeSet::new();
    for node in nodes {
        let Some(source) = source(node, intake.listen, notes) else { continue };
        if !names.insert(source.name.clone()) {
            let what = format!("two sources are called `{}`", source.name);
            notes.add(node.line, what, "give each a name of its own");
        }
        intake.sources.push(source);
    }
    if let Some(services) = table.table("services", notes) {
        for entry in services.entries() {
            match entry.node.text().filter(|name| service_name(name)) {
                Some(name) => {
                    intake.services.insert(entry.key.clone(), name.to_owned());
                }
                None => {
                    let what = format!("what stands behind `{}` is no service's name", entry.key);
                    notes.add(
                        entry.line,
                        what,
                        "write \"what the source calls it\" = \"the runbook's name\"",
                    );
                }
            }
        }
    }
    table.done("[intake]", notes);
    intake
}

fn source(node: &Node, listen: Option<SocketAddr>, notes: &mut Notes) -> Option<Source> {
    let mut table = Table::of(node, "[[intake.sources]]", notes)?;
    let name = table.text("name", notes).map(str::to_owned);
    let kind = table.parse::<Kind>("kind", notes);
    let secret = table.text("secret", notes).map(str::to_owned);
    let open = table.boolean("open", notes).unwrap_or_default();
    let limit = table.integer("limit", (1, 1_000_000), notes).and_then(|n| u32::try_from(n).ok());
    for key in ["name", "kind"] {
        if table.get(key).is_none() {
            notes.add(table.line, format!("a source has no `{key}`"), format!("add {key} = \"…\""));
        }
    }
    if let Some(name) = name.as_deref().filter(|n| !service_name(n)) {
        let what = format!("`{name}` cannot be a source's name");
        notes.add(table.line, what, "use up to 32 of the letters a to z, digits and `-`");
    }
    if let Some(secret) = &secret {
        let line = table.get("secret").map_or(table.line, |n| n.line);
        let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if secret.is_empty() || !secret.chars().all(letter) {
            // The value is not repeated: it may be the secret itself.
            let cure = "set the secret in the environment, and write the variable's name: NAME_OF_SECRET";
            notes.add(line, "`secret` is no name of an environment variable", cure);
        }
    }
    // The address of a job is its secret there.
    let unlocked = kind == Some(Kind::Healthchecks);
    let loopback = listen.is_none_or(|l| l.ip().is_loopback());
    if open && !loopback {
        let what = "`open` lets everybody in who reaches this address";
        notes.add(table.line, what, "listen on 127.0.0.1, or give the source a secret");
    }
    if secret.is_none() && !open && !unlocked {
        let cure = "add secret = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\"; on loopback, open = true does as well";
        notes.add(table.line, "this source has no secret", cure);
    }
    table.done("[[intake.sources]]", notes);
    Some(Source { name: name?, kind: kind?, secret, open, limit: limit.unwrap_or(REQUESTS) })
}
