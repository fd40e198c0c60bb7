//! The pages that the door has of its own: whether Muster is well, its figures, and calendars.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;

use super::server::Serving;
use super::{Answer, Problem, calendar};
use crate::model::house::House;
use crate::render::alertmanager::Figures;

impl Serving {
    /// Muster's own pages.
    pub(super) async fn page(&self, parts: &Parts, house: &Arc<House>, peer: IpAddr) -> Option<Answer> {
        match parts.uri.path() {
            "/healthz" | "/-/healthy" | "/-/ready" => Some(self.healthy().await),
            "/metrics" if !near(parts, house, peer) => {
                Some(Problem::new(403, "figures are for this machine and its network alone").answer())
            }
            "/metrics" => Some(self.figures().await),
            path if path.starts_with(calendar::AT) => Some(self.calendar(parts, house).await),
            _ => None,
        }
    }

    /// Whether what is sent now would be kept.
    async fn healthy(&self) -> Answer {
        match self.door.engine.read(|_, _| ()).await {
            Ok(()) => Answer::text(200, "OK\n"),
            Err(down) => Answer::text(503, format!("{down}\n")),
        }
    }

    async fn figures(&self) -> Answer {
        let look = self.door.engine.read(|state, _| Figures::of(state)).await;
        match look {
            Ok(figures) => Answer::metrics(self.counts.text(&figures, (self.door.up)())),
            Err(down) => Answer::text(503, format!("{down}\n")),
        }
    }
}

/// Whether somebody asks from this machine or its network, as far as can be told.
fn near(parts: &Parts, house: &House, peer: IpAddr) -> bool {
    let through = parts.headers.get("x-forwarded-for").and_then(|h| h.to_str().ok());
    let from = match through {
        None => Some(peer),
        // The proxy's own word stands last.
        Some(all) if house.settings.intake.trust_proxy => {
            all.rsplit(',').next().and_then(|last| last.trim().parse().ok())
        }
        Some(_) => None,
    };
    match from {
        Some(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Some(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.is_loopback() || ip.is_private(),
            None => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        },
        None => false,
    }
}
