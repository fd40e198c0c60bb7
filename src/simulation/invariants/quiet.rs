//! What must hold of silences and of jobs that are waited for. The journal is read anew here, and what
//! decides is not asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::View;
use crate::core::alerts::{beats, route};
use crate::kit::time::Timestamp;
use crate::model::alert::{GroupNews, GroupPhase, Held, Mute, Why};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::heartbeat::{Beat, Said};
use crate::model::ids::{GroupId, SilenceId};
use crate::model::labels::{Fingerprint, Labels};
use crate::model::silence::Silence;

/// How long after the end of a silence, or after a start, people may still not be told.
const SOON: Duration = Duration::from_secs(5);

/// An alert as the journal has it.
struct Told {
    labels: Labels,
    group: GroupId,
    fires: bool,
}

/// What the journal says of alerts.
#[derive(Default)]
struct Read {
    alerts: BTreeMap<Fingerprint, Told>,
    silences: BTreeMap<SilenceId, Silence>,
}

impl Read {
    fn take(&mut self, commit: &Commit) {
        for event in &commit.events {
            match event {
                Event::SilenceAdded(silence) => {
                    self.silences.insert(silence.id, (**silence).clone());
                }
                Event::SilenceEnded { silence, .. } => {
                    if let Some(silence) = self.silences.get_mut(silence) {
                        silence.until = silence.until.min(commit.at);
                    }
                }
                Event::AlertsReceived(received) => {
                    for taken in &received.alerts {
                        let id = taken.alert.fingerprint;
                        if taken.news.ends() {
                            self.over(id);
                        } else {
                            let labels = taken.alert.labels.clone();
                            self.alerts.insert(id, Told { labels, group: taken.group, fires: true });
                        }
                    }
                }
                Event::Alerts { news: GroupNews::Expired(gone), .. } => {
                    gone.iter().for_each(|id| self.over(*id));
                }
                Event::Alerts { group, news: GroupNews::Dismissed { .. } } => {
                    let own = self.alerts.values_mut().filter(|a| a.group == *group);
                    own.for_each(|alert| alert.fires = false);
                }
                _ => {}
            }
        }
    }

    fn over(&mut self, id: Fingerprint) {
        if let Some(alert) = self.alerts.get_mut(&id) {
            alert.fires = false;
        }
    }

    fn fires(&self, id: Fingerprint) -> bool {
        self.alerts.get(&id).is_some_and(|alert| alert.fires)
    }

    /// Whether all of a group that fires is silenced.
    fn silent(&self, group: GroupId, at: Timestamp) -> bool {
        let mut firing = self.alerts.values().filter(|a| a.group == group && a.fires).peekable();
        let means = |alert: &Told| self.silences.values().any(|s| s.counts(at) && s.means(&alert.labels));
        firing.peek().is_some() && firing.all(means)
    }
}

pub(super) fn nobody_is_told_of_silence(view: &View<'_>) -> Result<(), String> {
    let mut read = Read::default();
    for commit in view.commits() {
        read.take(commit);
        for event in &commit.events {
            let group = match event {
                Event::Alerts { group, news: GroupNews::Told { why, .. } } if *why != Why::Over => *group,
                Event::Alerts { group, news: GroupNews::InStorm(_) } => *group,
                _ => continue,
            };
            if read.silent(group, commit.at) {
                return Err(format!("commit {} tells of {group}, and all of it is silenced", commit.seq));
            }
        }
    }
    Ok(())
}

pub(super) fn told_when_silence_is_over(view: &View<'_>) -> Result<(), String> {
    let alerts = &view.state.alerts;
    if view.now < alerts.began.after(SOON) {
        return Ok(());
    }
    for group in alerts.groups.values().filter(|g| g.phase == GroupPhase::Firing) {
        let Some(Held::Muted(Mute::Silence(id))) = &group.held else { continue };
        let over = alerts.silences.get(id).is_none_or(|s| s.until.after(SOON) <= view.now);
        if over {
            return Err(format!("{} fires, {id} is over, and nobody was told", group.id));
        }
    }
    Ok(())
}

pub(super) fn told_in_time(view: &View<'_>) -> Result<(), String> {
    let alerts = &view.state.alerts;
    for group in alerts.groups.values().filter(|g| g.phase == GroupPhase::Firing && g.held.is_none()) {
        let (Some((at, _)), false) = (group.told, group.untold.is_empty()) else { continue };
        let route = route::by_path(&view.house.settings.alerting, &group.opened.route);
        // What joined while Muster was not there is told soon after it is.
        let due = at.after(route.interval).max(alerts.began).after(SOON);
        let fresh = group.untold.iter().filter_map(|id| alerts.live.get(id)).map(|a| a.since).max();
        if due.max(fresh.unwrap_or_default().after(SOON)) < view.now && alerts.timers.by(view.now).is_some() {
            return Err(format!("something of {} fires since long, and nobody was told", group.id));
        }
    }
    Ok(())
}

pub(super) fn jobs_are_watched(view: &View<'_>) -> Result<(), String> {
    let mut read = Read::default();
    let mut late: BTreeSet<String> = BTreeSet::new();
    let mut known: BTreeMap<String, crate::model::heartbeat::Beats> = BTreeMap::new();
    let mut began = Timestamp::default();
    for commit in view.commits() {
        for event in &commit.events {
            match event {
                Event::Started { .. } => began = commit.at,
                Event::Beats(news) => {
                    let job = known.entry(news.heartbeat.clone()).or_default();
                    match news.what {
                        Beat::Expected { every, grace } => {
                            job.done.get_or_insert(commit.at);
                            (job.every, job.grace) = (every, grace);
                        }
                        Beat::Late => {
                            let done = job.done.map(|at| at.after(job.every).after(job.grace));
                            let run = job.began.map(|at| at.after(job.grace));
                            let due = done.into_iter().chain(run).min();
                            let due = due.map(|due| due.max(began.after(job.grace)));
                            if due.is_none_or(|due| commit.at < due) {
                                return Err(format!("commit {}: a job is late before its time", commit.seq));
                            }
                            if !late.insert(news.heartbeat.clone()) {
                                return Err(format!("commit {}: a job is late twice", commit.seq));
                            }
                        }
                        Beat::Forgotten => {
                            late.remove(&news.heartbeat);
                        }
                    }
                }
                Event::Pinged(ping) => {
                    let job = known.entry(ping.heartbeat.clone()).or_default();
                    match ping.said {
                        Said::Began => job.began = Some(commit.at),
                        Said::Done => {
                            (job.began, job.done) = (None, Some(commit.at));
                            late.remove(&ping.heartbeat);
                        }
                        Said::Failed(_) => {
                            job.began = None;
                            late.insert(ping.heartbeat.clone());
                        }
                        Said::Log => {}
                    }
                }
                _ => {}
            }
        }
        read.take(commit);
        for job in known.keys() {
            if read.fires(beats::fingerprint(job)) != late.contains(job) {
                let is = if late.contains(job) {
                    "late, and its alert does not fire"
                } else {
                    "well, and its alert fires"
                };
                return Err(format!("after commit {} {job} is {is}", commit.seq));
            }
        }
    }
    Ok(())
}
