//! Health checks: the probes of one service one after the other, services side by side.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::http::HttpRunner;
use crate::engine::Delivery;
use crate::model::check::{Asked, Finding, Probe, Verdict};
use crate::model::event::Settlement;
use crate::model::house::House;

/// Runs the probes of health checks.
pub struct CheckRunner {
    http: HttpRunner,
    houses: watch::Receiver<Arc<House>>,
}

impl CheckRunner {
    /// Looks each step up in the newest house when it runs.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(houses: watch::Receiver<Arc<House>>) -> Result<CheckRunner, String> {
        Ok(CheckRunner { http: HttpRunner::new()?, houses })
    }

    /// Asks all, and gives what was found in the order asked. Asking twice does no harm, so a
    /// check that a crash cut short is simply made again.
    pub async fn check(&self, asked: &Asked) -> Delivery {
        let house = self.houses.borrow().clone();
        let services = asked.probes.chunk_by(|a, b| a.service == b.service);
        let findings = join_all(services.map(|probes| self.service(&house, probes))).await;
        Delivery::Settled(Settlement::Checked { findings: findings.into_iter().flatten().collect() })
    }

    async fn service(&self, house: &House, probes: &[Probe]) -> Vec<Finding> {
        let none = BTreeMap::new();
        let mut findings = Vec::with_capacity(probes.len());
        for probe in probes {
            let vars = house.vars(&probe.service).unwrap_or(&none);
            let step =
                house.runbook(&probe.service).and_then(|r| Some((r, r.step(&probe.step)?.name.as_ref()?)));
            findings.push(match step {
                Some((runbook, name)) => self.http.probe(runbook, name, vars).await,
                None => Finding {
                    probe: probe.clone(),
                    millis: 0,
                    expected: format!("the step `{}`", probe.step),
                    verdict: Verdict::Broke {
                        why: "the runbook does not have this step any more; ask again".to_owned(),
                    },
                },
            });
        }
        findings
    }
}
