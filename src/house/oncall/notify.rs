//! `[oncall.notify]` and `[oncall.audit]`: what Muster needs to reach people beside Discord, and what
//! looks after Muster itself.

use super::people::{is_email, is_number};
use super::variable;
use crate::house::node::Table;
use crate::house::problem::{Notes, nearest};
use crate::model::oncall::{Audit, Notify, Smtp, Tls, Twilio};

/// How a connection may be kept secret, and the port that is usual for it.
const TLS: [(&str, Tls, u16); 3] =
    [("implicit", Tls::Implicit, 465), ("starttls", Tls::StartTls, 587), ("off", Tls::Off, 25)];

/// `[oncall.notify]`
pub fn read(table: &mut Table<'_>, notes: &mut Notes) -> Notify {
    let smtp = table.table("smtp", notes).and_then(|mut t| {
        let smtp = smtp(&mut t, notes);
        t.done("[oncall.notify.smtp]", notes);
        smtp
    });
    let twilio = table.table("twilio", notes).and_then(|mut t| {
        let twilio = twilio(&mut t, notes);
        t.done("[oncall.notify.twilio]", notes);
        twilio
    });
    let ntfy_token = variable(table, "ntfy-token", notes);
    let webhook_secret = variable(table, "webhook-secret", notes);
    Notify { smtp, twilio, ntfy_token, webhook_secret }
}

fn needed(table: &mut Table<'_>, key: &'static str, like: &str, notes: &mut Notes) -> Option<String> {
    if table.get(key).is_none() {
        notes.add(table.line, format!("there is no `{key}` here"), format!("add {key} = \"{like}\""));
        return None;
    }
    table.text(key, notes).map(|t| t.trim().to_owned())
}

fn smtp(table: &mut Table<'_>, notes: &mut Notes) -> Option<Smtp> {
    let host = needed(table, "host", "mail.example.org", notes);
    if let (Some(host), Some(node)) = (&host, table.get("host"))
        && (host.is_empty() || host.contains([' ', '/', '@']))
    {
        notes.add(node.line, format!("`{host}` is no server's name"), "write it like mail.example.org");
    }
    let mut tls = TLS[0];
    if let (Some(node), Some(word)) = (table.get("tls"), table.text("tls", notes)) {
        match TLS.iter().find(|(known, ..)| *known == word) {
            Some(found) => tls = *found,
            None => {
                let words: Vec<&str> = TLS.iter().map(|(word, ..)| *word).collect();
                notes.add(node.line, format!("`tls` cannot be `{word}`"), nearest(word, &words));
            }
        }
    }
    let loopback =
        |host: &str| host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
    if tls.1 == Tls::Off && !host.as_deref().is_some_and(loopback) {
        let what = "`tls` is off, and the server is not this machine";
        notes.add(table.line, what, "write tls = \"starttls\" or \"implicit\": others could read the mails");
    }
    let port = table.integer("port", (1, 65_535), notes).and_then(|n| u16::try_from(n).ok());
    let from = needed(table, "from", "Muster <muster@example.org>", notes);
    if let (Some(from), Some(node)) = (&from, table.get("from")) {
        let bare = from.split_once('<').map_or(from.as_str(), |(_, rest)| rest.trim_end_matches('>'));
        if !is_email(bare) || from.contains(char::is_control) {
            let what = format!("`from` is `{from}`, which is no e-mail address");
            notes.add(node.line, what, "write it like muster@example.org, or Muster <muster@example.org>");
        }
    }
    let user = table.text("user", notes).map(str::to_owned);
    let password = variable(table, "password", notes);
    let login = match (user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        _ => {
            let cure = "write both, or none: the password as NAME_OF_AN_ENVIRONMENT_VARIABLE";
            notes.add(table.line, "`user` and `password` go together", cure);
            None
        }
    };
    Some(Smtp { host: host?, port: port.unwrap_or(tls.2), tls: tls.1, from: from?, login })
}

fn twilio(table: &mut Table<'_>, notes: &mut Notes) -> Option<Twilio> {
    let api = crate::house::watch::address(table, "api", notes);
    let account = needed(table, "account", "AC…", notes);
    if let (Some(account), Some(node)) = (&account, table.get("account"))
        && (account.is_empty() || !account.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        notes.add(node.line, "`account` is no account's id", "copy it from the service: letters and digits");
    }
    let from = needed(table, "from", "+15005550006", notes);
    if let (Some(from), Some(node)) = (&from, table.get("from"))
        && !is_number(from)
    {
        notes.add(node.line, "`from` is no telephone number", "write it with + and the country");
    }
    if table.get("token").is_none() {
        let cure = "add token = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\"";
        notes.add(table.line, "there is no `token` here", cure);
    }
    let token = variable(table, "token", notes);
    let api = api.unwrap_or_else(|| "https://api.twilio.com".to_owned());
    Some(Twilio { api, account: account?, from: from?, token: token? })
}

/// `[oncall.audit]`
pub fn audit(table: &mut Table<'_>, notes: &mut Notes) -> Audit {
    let mut dead_mans_switch = None;
    if let (Some(node), Some(text)) = (table.get("dead-mans-switch"), table.text("dead-mans-switch", notes)) {
        if text.starts_with("http://") || text.starts_with("https://") {
            dead_mans_switch = Some(text.trim().to_owned());
        } else {
            let cure = "write the check's whole address: https://hc-ping.com/…";
            notes.add(node.line, "`dead-mans-switch` is no http address", cure);
        }
    }
    let node = table.get("disk");
    let disk = node.and_then(|n| n.scalar()).and_then(bytes);
    if let (Some(node), None) = (node, disk) {
        notes.add(node.line, "`disk` is no size", "write it like 500MB or 2GB");
    }
    Audit { dead_mans_switch, disk }
}

/// A size as people write it.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    let unit: u64 = match text[digits..].trim() {
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit).filter(|n| *n > 0)
}
