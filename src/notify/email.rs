//! E-mail, handed to one server by SMTP (RFC 5321). Its `Message-ID` is the same for each sending of one
//! call, by which mailboxes leave out what they have.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as Security, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::{Message, Trouble};
use crate::model::event::Reason;
use crate::model::incident::Severity;
use crate::model::oncall::{Smtp, Tls};
use crate::runner::address;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Of a name's addresses, so many are tried.
const ADDRESSES: usize = 3;

/// Sends it, within `wait`: some servers let strangers wait.
pub async fn send(
    settings: &Smtp,
    password: Option<String>,
    to: &str,
    message: &Message,
    wait: Duration,
) -> Result<(), Trouble> {
    let mail = compose(settings, to, message)?;
    let ips = resolve(settings).await?;
    let login = settings.login.as_ref().map(|(user, _)| user.clone()).zip(password);
    let mut last = Trouble::later("the e-mail server has no address");
    for ip in ips.into_iter().take(ADDRESSES) {
        let transport = transport(settings, ip, login.clone(), &mail)?;
        let sent = tokio::time::timeout(wait, transport.send(mail.clone())).await;
        last = match sent {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(e)) => meaning(&e),
            // It may have been taken: no other address of it is asked at once.
            Err(_) => return Err(Trouble::later("the e-mail server does not answer in time")),
        };
        if matches!(last, Trouble::Refused { .. }) {
            break;
        }
    }
    Err(last)
}

/// The server's addresses, those left out that must not be reached.
async fn resolve(settings: &Smtp) -> Result<Vec<IpAddr>, Trouble> {
    let host = settings.host.trim_matches(['[', ']']);
    let found = tokio::net::lookup_host((host, settings.port)).await;
    let all: Vec<IpAddr> = match found {
        Ok(found) => found.map(|a| a.ip()).collect(),
        Err(e) => return Err(Trouble::later(format!("the e-mail server {host} is not found: {e}"))),
    };
    let wrong = |why: &str| Trouble::refused(Reason::Invalid, format!("the e-mail server {host} {why}"));
    let may: Vec<IpAddr> = all.into_iter().filter(|ip| !address::refused(*ip)).collect();
    if may.is_empty() {
        return Err(wrong(
            "is one that must not be reached (link-local or metadata): correct it in muster.toml",
        ));
    }
    if settings.tls == Tls::Off && may.iter().any(|ip| !ip.is_loopback()) {
        return Err(wrong("is not on this machine: set `tls` to starttls or implicit in muster.toml"));
    }
    Ok(may)
}

/// A connection to one address; what it shows as its certificate must be for the name.
fn transport(
    settings: &Smtp,
    ip: IpAddr,
    login: Option<(String, String)>,
    mail: &Mail,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Trouble> {
    let parameters = || {
        TlsParameters::new(settings.host.clone())
            .map_err(|e| Trouble::refused(Reason::Invalid, format!("no TLS to {}: {e}", settings.host)))
    };
    let security = match settings.tls {
        Tls::Implicit => Security::Wrapper(parameters()?),
        Tls::StartTls => Security::Required(parameters()?),
        Tls::Off => Security::None,
    };
    let domain = mail.envelope().from().map_or("localhost", |from| from.domain()).to_owned();
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(ip.to_string())
        .port(settings.port)
        .tls(security)
        .hello_name(ClientId::Domain(domain))
        .timeout(Some(CONNECT));
    if let Some((user, password)) = login {
        builder = builder.credentials(Credentials::new(user, password));
    }
    Ok(builder.build())
}

fn compose(settings: &Smtp, to: &str, message: &Message) -> Result<Mail, Trouble> {
    let wrong = |what: &str, why: &dyn std::fmt::Display| {
        Trouble::refused(
            Reason::Invalid,
            format!("{what} is no e-mail address ({why}): correct it in muster.toml"),
        )
    };
    let from: Mailbox = settings.from.parse().map_err(|e| wrong("the sender", &e))?;
    let to: Mailbox = to.parse().map_err(|e| wrong("the person's address", &e))?;
    let id = format!("<{}.{}@{}>", message.id.replace('/', "."), message.journal, from.email.domain());
    let at = u64::try_from(message.at.0).unwrap_or(0);
    let mut mail = Mail::builder()
        .from(from)
        .to(to)
        .subject(message.subject.clone())
        .message_id(Some(id))
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(at))
        .header(ContentType::TEXT_PLAIN)
        .body(format!("{}\n\n{}", message.subject, message.text))
        .map_err(|e| Trouble::refused(Reason::Invalid, format!("no e-mail can be made of it: {e}")))?;
    // RFC 3834: whoever is away does not answer it.
    let mut more = vec![("Auto-Submitted", "auto-generated")];
    if matches!(message.severity, Severity::P1 | Severity::P2) {
        more.extend([("Importance", "high"), ("X-Priority", "1")]);
    }
    for (name, value) in more {
        if let Ok(name) = HeaderName::new_from_ascii(name.to_owned()) {
            mail.headers_mut().insert_raw(HeaderValue::new(name, value.to_owned()));
        }
    }
    Ok(mail)
}

/// What an answer of the server means (RFC 5321, 4.2.1: 4yz may work later, 5yz never will).
fn meaning(e: &smtp::Error) -> Trouble {
    let mut said = e.to_string();
    let mut source = e.source();
    while let Some(deeper) = source {
        let words = deeper.to_string();
        if !said.contains(&words) {
            said = format!("{said}: {words}");
        }
        source = deeper.source();
    }
    if e.is_permanent() {
        let (reason, cure) = match e.status().map(u16::from) {
            Some(530 | 534 | 535 | 538) => {
                (Reason::Forbidden, "Correct the name and the password's variable")
            }
            Some(550 | 551 | 553) => {
                (Reason::Gone, "Correct the person's address, or let the server take mail from Muster")
            }
            _ => (Reason::Invalid, "Ask whoever runs that server"),
        };
        return Trouble::refused(reason, format!("the e-mail server refuses: {said}. {cure}"));
    }
    // What the other side cannot do today it cannot do in a minute.
    if e.is_client() || e.is_tls() || said.contains("certificate") {
        let said = format!("the e-mail server cannot be used as muster.toml says: {said}");
        return Trouble::refused(Reason::Invalid, said);
    }
    Trouble::later(format!("the e-mail server does not take it now: {said}"))
}
