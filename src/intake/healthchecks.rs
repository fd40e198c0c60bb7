//! The ping API of healthchecks: a job that asks for an address says that it ran
//! (Healthchecks, "Pinging API").

use crate::kit::text;
use crate::model::heartbeat::{Heartbeat, Ping, Said};

/// How much of what a job sends along is kept: its end, in bytes.
pub const BODY: usize = 10_000;

/// Why a ping counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such job: 404.
    NotFound,
    /// The address is no ping's: 400, with what is wrong.
    Wrong(String),
}

/// The ping at an address: `way` is what stands behind `/ping/`, `body` what was sent along. `key` is
/// what an address with a slug begins with; without one only UUIDs count.
///
/// # Errors
/// Where there is no such job or no such signal.
pub fn read(way: &str, body: &[u8], jobs: &[Heartbeat], key: Option<&str>) -> Result<Ping, Refused> {
    let mut parts = way.split('/');
    let first = parts.next().unwrap_or_default();
    let job = if is_uuid(first) {
        let uuid = first.to_ascii_lowercase();
        jobs.iter().find(|job| job.uuid.as_deref().is_some_and(|own| same(own, &uuid)))
    } else {
        let slug = parts.next().unwrap_or_default();
        let known = key.is_some_and(|key| same(key, first));
        jobs.iter().find(|job| job.name == slug).filter(|_| known)
    };
    let job = job.ok_or(Refused::NotFound)?;
    let said = match (parts.next(), parts.next()) {
        (None, None) => Said::Done,
        (Some(signal), None) => signalled(signal)?,
        _ => return Err(Refused::Wrong("something stands behind the signal".to_owned())),
    };
    Ok(Ping { heartbeat: job.name.clone(), said, body: end(body) })
}

fn signalled(signal: &str) -> Result<Said, Refused> {
    Ok(match signal {
        "start" => Said::Began,
        "fail" => Said::Failed(None),
        "log" => Said::Log,
        status => match status.parse::<u8>() {
            Ok(0) => Said::Done,
            Ok(status) => Said::Failed(Some(status)),
            Err(_) => {
                let what =
                    format!("`{status}` is no signal: use start, fail, log, or an exit status from 0 to 255");
                return Err(Refused::Wrong(what));
            }
        },
    })
}

/// Eight, four, four, four and twelve hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Compared in a time that does not tell how much of it is right.
fn same(own: &str, said: &str) -> bool {
    let differ = own.bytes().zip(said.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    own.len() == said.len() && differ == 0
}

/// The end of what was sent along, from the beginning of a line.
fn end(body: &[u8]) -> String {
    let cut = body.len().saturating_sub(BODY);
    // What is no UTF-8 is left out, so that it takes no more room than it did.
    let kept = String::from_utf8_lossy(&body[cut..]).replace('\u{fffd}', "");
    let whole = match kept.find('\n') {
        Some(line) if cut > 0 => &kept[line + 1..],
        _ => &kept,
    };
    text::plain(whole).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::incident::Severity;
    use std::time::Duration;

    const UUID: &str = "d1665499-e827-441f-bf13-8f15e8f4c0b9";

    fn jobs() -> Vec<Heartbeat> {
        let job = |name: &str, uuid: Option<&str>| Heartbeat {
            name: name.into(),
            uuid: uuid.map(str::to_owned),
            service: None,
            every: Duration::from_secs(3600),
            grace: Duration::from_secs(60),
            severity: Severity::P3,
        };
        vec![job("tidy", None), job("backup", Some(UUID))]
    }

    fn ping(way: &str) -> Result<(String, Said), Refused> {
        read(way, b"", &jobs(), Some("s3cret")).map(|p| (p.heartbeat, p.said))
    }

    #[test]
    fn every_address_of_the_api_is_understood() {
        let backup = |said| Ok(("backup".to_owned(), said));
        assert_eq!(ping(UUID), backup(Said::Done));
        assert_eq!(ping(&UUID.to_uppercase()), backup(Said::Done));
        for (signal, said) in [
            ("start", Said::Began),
            ("fail", Said::Failed(None)),
            ("log", Said::Log),
            ("0", Said::Done),
            ("1", Said::Failed(Some(1))),
            ("255", Said::Failed(Some(255))),
        ] {
            assert_eq!(ping(&format!("{UUID}/{signal}")), backup(said));
            assert_eq!(ping(&format!("s3cret/tidy/{signal}")), Ok(("tidy".to_owned(), said)));
        }
        assert_eq!(ping("s3cret/backup"), backup(Said::Done));
    }

    #[test]
    fn what_is_not_there_is_not_found_and_what_is_no_signal_is_told() {
        for way in [
            "",
            "tidy",
            "s3cret",
            "s3cret/",
            "s3cret/other",
            "s3cre/tidy",
            "s3crett/tidy",
            "d1665499-e827-441f-bf13-8f15e8f4c0b8",
            "d1665499e827441fbf138f15e8f4c0b9",
        ] {
            assert_eq!(ping(way), Err(Refused::NotFound), "{way}");
        }
        assert_eq!(read("/tidy", b"", &jobs(), None), Err(Refused::NotFound), "no key, no slugs");
        for signal in ["256", "-1", "done", ""] {
            let answer = ping(&format!("{UUID}/{signal}"));
            assert!(matches!(&answer, Err(Refused::Wrong(what)) if what.contains(signal)), "{answer:?}");
        }
        assert!(matches!(ping(&format!("{UUID}/fail/1")), Err(Refused::Wrong(_))));
    }

    #[test]
    fn the_end_of_a_long_body_is_kept_from_the_beginning_of_a_line() {
        let kept = |body: &[u8]| read(UUID, body, &jobs(), None).unwrap().body;
        assert_eq!(kept(b"rows: 7\x1b[0m\n"), "rows: 7");
        let long = "0123456789 ä\n".repeat(2_000);
        let end = kept(long.as_bytes());
        assert!(end.len() <= BODY && end.len() > BODY - 100, "{}", end.len());
        assert!(end.starts_with("0123456789 ä\n") && end.ends_with("ä"));
        assert_eq!(kept(&[b"rows".as_slice(), &[0xff; 20_000], b"\nend"].concat()), "end");
    }
}
