//! Grafana's webhook: Alertmanager's with figures and links of its own, and signed where a team wants.

use std::time::Duration;

use axum::http::Method;
use axum::http::header::AUTHORIZATION;

use super::webhook::envelope;
use super::{Call, Problem, Protocol, Wants, guard};
use crate::kit::time::Timestamp;

/// Where Grafana writes the signature.
const SIGNATURE: &str = "x-grafana-alerting-signature";
/// Where it is to write the time, if it is to: Grafana has no name of its own for that header.
const TIMESTAMP: &str = "x-grafana-alerting-timestamp";
/// How old a signed request may be: a recorded one is not to be played again.
const RECENT: Duration = Duration::from_secs(5 * 60);

/// A webhook contact point of Grafana. It tries again on 5xx.
pub struct Grafana;

impl Protocol for Grafana {
    fn signs_body(&self) -> bool {
        true
    }

    /// By its signature; by basic authorization or a bearer token where it does not sign.
    fn admit(&self, call: &Call<'_>) -> Result<(), Problem> {
        if !call.headers.contains_key(SIGNATURE) && call.headers.contains_key(AUTHORIZATION) {
            return guard::bearer_or_password(call);
        }
        let Some(time) = call.headers.get(TIMESTAMP) else {
            return guard::signed(call, SIGNATURE, "", b"");
        };
        guard::signed(call, SIGNATURE, "", &[time.as_bytes(), b":"].concat())?;
        let seconds = time.to_str().ok().and_then(|t| t.parse::<i64>().ok());
        let at = seconds.map(|s| Timestamp(s.saturating_mul(1000)));
        let far = |at: Timestamp| call.now.since(at).max(at.since(call.now));
        match at.map(far) {
            Some(far) if far <= RECENT => Ok(()),
            _ => Err(Problem::stranger(format!("{TIMESTAMP} is no Unix time of the last five minutes"))),
        }
    }

    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        envelope(call, &[Method::POST, Method::PUT])?.wants(call, |told, added| {
            let links = [
                ("dashboard_url", &told.dashboard),
                ("panel_url", &told.panel),
                ("silence_url", &told.silence),
                ("image_url", &told.image),
            ];
            for (name, link) in links {
                added.extend(link.as_ref().map(|l| (name, l.0.clone().into_owned())));
            }
            let values = told.values.iter().flatten().filter(|(_, v)| !v.is_null());
            let values: Vec<String> = values.map(|(name, v)| format!("{name}={v}")).collect();
            added.push(("values", values.join(", ")));
        })
    }
}
