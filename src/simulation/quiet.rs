//! What makes alerts quiet, and what is quiet and should not be: people silence alerts for a while, and a
//! job says that it ran, or does not.

use std::time::Duration;

use super::house::SERVICE;
use super::run::Run;
use crate::model::alert::{GroupNews, Held, Mute, Why};
use crate::model::event::Event;
use crate::model::heartbeat::{Beat, Heartbeat, Ping, Said};
use crate::model::incident::Severity;
use crate::model::input::Input;
use crate::sandbox::world::seed::Person;

/// The one job.
pub const JOB: &str = "nightly";
/// Which alerts people silence: all of something, one of them, and what no silence may mean.
const MEANT: [&str; 6] = [
    "severity=warning",
    "alertname=Down",
    "alertname=Queue service=soundlab",
    "heartbeat=nightly",
    "severity=~\"critical|error\"",
    "alertname=~\".*\"",
];

/// The jobs that are waited for.
pub fn jobs() -> Vec<Heartbeat> {
    vec![Heartbeat {
        name: JOB.to_owned(),
        uuid: None,
        service: Some(SERVICE.to_owned()),
        every: Duration::from_secs(5 * 60),
        grace: Duration::from_secs(60),
        severity: Severity::P3,
    }]
}

impl Run {
    /// Somebody silences something, or ends that; or the job says something.
    pub fn hush(&mut self) {
        if self.chance.percent(55) {
            self.job();
            return;
        }
        let mut forms = self.open_forms();
        forms.retain(|f| f.is("m1 form-silence"));
        let lasts = (*self.chance.one(&["1m", "2m", "4 minutes", "30m"]).unwrap_or(&"1m")).to_owned();
        let why = self.text("it is known");
        if let Some(form) = self.chance.one(&forms) {
            self.submit_with(form, |field| if field == "for" { lasts.clone() } else { why.clone() });
            return;
        }
        let anybody = self.chance.percent(15);
        let user = if anybody { Person::Onlooker } else { Person::Responder }.id();
        let Some(place) = self.chance.one(&self.places()).copied() else { return };
        match self.chance.weighted(&[40, 25, 8, 27]) {
            0 => {
                let meant = (*self.chance.one(&MEANT).unwrap_or(&MEANT[0])).to_owned();
                let options = [("match", meant), ("for", lasts), ("why", why)];
                self.type_command(user, place, "silence add", &options);
            }
            1 => {
                let known = self.process.as_ref().map_or(0, |p| p.committer.state().alerts.silences.len());
                let silence = format!("SIL-{}", self.chance.below(known) + 1);
                self.type_command(user, place, "silence end", &[("silence", silence)]);
            }
            2 => drop(self.type_command(user, place, "silence list", &[])),
            _ => {
                let mut buttons = self.buttons();
                buttons.retain(|(_, _, b)| b.starts_with("m1 alert-silence"));
                if let Some((channel, message, button)) = self.chance.one(&buttons).cloned() {
                    self.press(user, channel, message, &button);
                }
            }
        }
    }

    /// The job begins, is done, fails or says something else; nobody hears it while the program is away.
    fn job(&mut self) {
        let said = match self.chance.weighted(&[20, 60, 12, 8]) {
            0 => Said::Began,
            1 => Said::Done,
            2 => Said::Failed(Some(1)),
            _ => Said::Log,
        };
        self.story(format!("the job {JOB} says {said:?}"));
        let ping = Ping { heartbeat: JOB.to_owned(), said, body: String::new() };
        if let Some(p) = &mut self.process {
            p.inbox.push_back(Input::Ping(Box::new(ping)));
        }
    }
}

/// What is worth counting of it.
pub fn milestone(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::SilenceAdded(_) => "silenced",
        Event::SilenceEnded { .. } => "silence ended",
        Event::Alerts { news: GroupNews::Held(Held::Muted(Mute::Silence(_))), .. } => "alert muted",
        Event::Alerts { news: GroupNews::Told { why: Why::NoLongerMuted, .. }, .. } => "alert told after all",
        Event::Beats(news) if news.what == Beat::Late => "job late",
        Event::Pinged(ping) => match ping.said {
            Said::Done => "job done",
            Said::Failed(_) => "job failed",
            Said::Began | Said::Log => return None,
        },
        _ => return None,
    })
}
