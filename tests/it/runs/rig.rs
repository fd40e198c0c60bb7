//! Decisions about runs without anything around them: a state, a house, a time that the test
//! sets, and every commit checked to fold into the same state again.

use std::collections::BTreeMap;
use std::time::Duration;

use muster::core::state::State;
use muster::core::{self, Outcome};
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::button::{Button, FormKind, RunButton};
use muster::model::command::{Action, Allow, Command, CommandBody, CommandFile};
use muster::model::commit::{Commit, FORMAT};
use muster::model::effect::Effect;
use muster::model::event::{Event, Settlement};
use muster::model::house::House;
use muster::model::ids::{ChannelId, EffectId, InteractionId, RoleId, RunId, Seq, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::reply::{Refusal, Reply};
use muster::model::run::{Ran, RanHow, Run, RunPhase, StepEnd, StepState};
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z.
const BEGIN: Timestamp = Timestamp(1_795_251_600_000);

/// Somebody of the practice team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Responder,
    Approver,
    /// A second approver.
    Deputy,
    Lead,
    /// Holds no role.
    Onlooker,
    /// Held the approver's role when the card was shown.
    Former,
}

impl Who {
    fn actor(self) -> Actor {
        let (id, name, roles) = match self {
            Who::Responder => (1001, "responder", vec![seed::ROLE_RESPONDER]),
            Who::Approver => (1002, "approver", vec![seed::ROLE_APPROVER]),
            Who::Deputy => (1003, "deputy", vec![seed::ROLE_APPROVER]),
            Who::Lead => (1004, "lead", vec![seed::ROLE_LEAD]),
            Who::Onlooker => (1005, "onlooker", vec![]),
            Who::Former => (1006, "former approver", vec![seed::ROLE_RESPONDER]),
        };
        let roles = roles.into_iter().map(|r| RoleId(r.0)).collect();
        Actor { person: Person { id: UserId(id), name: name.to_owned() }, roles }
    }
}

/// A state and what changes it.
pub struct Rig {
    pub house: House,
    pub now: Timestamp,
    pub state: State,
    pub commits: Vec<Commit>,
    clicks: u64,
}

impl Rig {
    /// With this runbook of the service `shop`. Its var `base` is set.
    pub fn new(runbook: &str) -> Rig {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        // Jobs that are waited for would be late in these stories, which are not about them.
        house.settings.alerting.heartbeats.clear();
        house.oncall.role = None;
        house.settings.administrators.clear();
        house.settings.services.entry("shop".to_owned()).or_default().vars =
            BTreeMap::from([("base".to_owned(), "http://shop.test".to_owned())]);
        let command = Command {
            path: "run-it".to_owned(),
            description: "runs".to_owned(),
            options: vec![],
            allow: Allow::Roles(["responder", "approver", "lead"].map(str::to_owned).to_vec()),
            action: Action::Run,
            with: BTreeMap::new(),
        };
        let body = CommandBody::Single(command);
        let file = CommandFile { name: "run-it".to_owned(), description: "runs".to_owned(), body };
        house.commands.clear();
        house.commands.insert("run-it".to_owned(), file);
        let mut rig = Rig { house, now: BEGIN, state: State::default(), commits: vec![], clicks: 0 };
        rig.write(runbook);
        rig
    }

    /// The team changes the runbook.
    pub fn write(&mut self, runbook: &str) {
        let read = house::runbook_of("shop", "shop.md", runbook).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        self.house.runbooks.insert("shop".to_owned(), read);
    }

    /// One decision, and its commit where it leads to one.
    pub fn step(&mut self, input: &Input) -> Result<Reply, Refusal> {
        let Outcome { events, effects, reply } = core::step(&self.state, &self.house, self.now, input)?;
        if !events.is_empty() {
            let commit = Commit {
                v: FORMAT,
                seq: self.state.head.next(),
                at: self.now,
                cause: core::cause(input),
                events,
                effects,
            };
            let line = serde_json::to_string(&commit).expect("a commit is JSON");
            let read: Commit = serde_json::from_str(&line).expect("and reads back");
            assert_eq!(read, commit, "a commit reads back as it was");
            self.state.apply(&commit);
            self.commits.push(commit);
            let mut again = State::default();
            self.commits.iter().for_each(|c| again.apply(c));
            assert_eq!(again, self.state, "replay equals live");
            self.invariants();
        }
        Ok(reply)
    }

    /// What holds after every commit.
    fn invariants(&self) {
        let mut held = BTreeMap::new();
        for run in self.state.going() {
            if let Some(lock) = run.holds() {
                assert_eq!(held.insert(lock.to_owned(), run.id), None, "two runs hold {lock}");
            }
            let busy = run.steps.iter().filter(|s| matches!(s, StepState::Going { .. })).count();
            assert!(busy <= 1, "{busy} steps of {} at once", run.id);
            if matches!(run.phase, RunPhase::Asked { .. }) {
                assert!(run.steps.iter().all(|s| *s == StepState::Waiting), "a step before the approval");
            }
        }
        for run in self.state.runs.values().filter(|r| r.is_over()) {
            let open = |s: &StepState| !matches!(s, StepState::Waiting | StepState::Over(_));
            assert!(!run.steps.iter().any(open), "{} is over and a step is not: {:?}", run.id, run.steps);
        }
    }

    fn interaction(&mut self, who: Who, act: Act) -> Result<Reply, Refusal> {
        self.clicks += 1;
        self.step(&Input::Interaction(Interaction {
            id: InteractionId(self.clicks),
            token: "token".to_owned(),
            guild: Some(self.house.settings.guild),
            channel: ChannelId(seed::INCIDENTS.0),
            by: who.actor(),
            act,
        }))
    }

    /// Somebody runs an action: `rollback`, with options.
    pub fn ask(&mut self, who: Who, action: &str, more: &[(&str, Arg)]) -> Result<Reply, Refusal> {
        let mut args: BTreeMap<String, Arg> =
            more.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        args.insert("service".to_owned(), Arg::Text("shop".to_owned()));
        args.insert("action".to_owned(), Arg::Text(action.to_owned()));
        self.interaction(who, Act::Command(Invocation { command: "run-it".to_owned(), args }))
    }

    /// The same, which must work; the newest run's number.
    pub fn asked(&mut self, who: Who, action: &str) -> RunId {
        match self.ask(who, action, &[]) {
            Ok(Reply::Run { run, .. }) => run,
            other => panic!("{other:?}"),
        }
    }

    /// Somebody presses a button of a run.
    pub fn press(&mut self, who: Who, run: RunId, button: RunButton) -> Result<Reply, Refusal> {
        let tag = self.state.runs.get(&run).map_or(0, Run::tag);
        self.interaction(who, Act::Press(Ok(Button::Run(run, tag, button))))
    }

    /// Somebody presses a button of a card that shows another plan.
    pub fn press_stale(&mut self, who: Who, run: RunId, button: RunButton) -> Result<Reply, Refusal> {
        let tag = self.state.runs[&run].tag() ^ 1;
        self.interaction(who, Act::Press(Ok(Button::Run(run, tag, button))))
    }

    /// Somebody sends a form.
    pub fn submit(&mut self, who: Who, form: FormKind, fields: &[(&str, &str)]) -> Result<Reply, Refusal> {
        let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.interaction(who, Act::Submit { form: Ok(form), fields })
    }

    /// Time passes, and whatever is due then is decided.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(due) = core::next_wakeup(&self.state).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let before = self.commits.len();
            self.step(&Input::Wake).expect("a time is no person");
            assert!(self.commits.len() > before, "a time that came changed nothing, and comes again");
        }
        self.now = end;
    }

    /// The attempts at steps that are owed: effect, step, attempt.
    pub fn owed(&self) -> Vec<(EffectId, String, u32)> {
        let owed = self.state.unsettled.iter().filter_map(|(id, o)| match &o.effect {
            Effect::RunStep { run, step, attempt } => {
                let run = self.state.runs.get(run).expect("its run");
                Some((*id, run.step(*step).expect("its step").label(), *attempt))
            }
            _ => None,
        });
        owed.collect()
    }

    /// Whether somebody owes the end of a step.
    pub fn ends_a_step(&self) -> bool {
        self.state.unsettled.values().any(|o| matches!(o.effect, Effect::EndStep { .. }))
    }

    /// The only attempt that is owed went so.
    pub fn went(&mut self, label: &str, how: RanHow) {
        let owed = self.owed();
        let [(effect, step, _)] = owed.as_slice() else { panic!("not one attempt: {owed:?}") };
        assert_eq!(step, label);
        let ran = Ran { how, millis: 7, captures: BTreeMap::new(), output: Default::default() };
        self.settle(*effect, Settlement::Ran(Box::new(ran)));
    }

    /// An effect left the outbox.
    pub fn settle(&mut self, effect: EffectId, outcome: Settlement) {
        self.step(&Input::Settled { effect, outcome }).expect("a settlement is no person");
    }

    /// It passed.
    pub fn passed(&mut self, label: &str) {
        self.went(label, RanHow::Passed { got: "exit 0".to_owned() });
    }

    /// It failed.
    pub fn failed(&mut self, label: &str) {
        self.went(label, RanHow::Failed { why: "exit 1".to_owned() });
    }

    /// The run, as the state has it.
    pub fn run(&self, run: RunId) -> &Run {
        &self.state.runs[&run]
    }

    /// How the steps of a run ended, in a line: `before failed, swap passed, after -`.
    pub fn ends(&self, run: RunId) -> String {
        let run = self.run(run);
        let all = run.plan.all().map(|(at, step)| format!("{} {}", step.label(), word(run.ended(at))));
        all.collect::<Vec<_>>().join(", ")
    }

    /// Every event since a commit, by its kind.
    pub fn events_since(&self, seq: Seq) -> Vec<&Event> {
        self.commits.iter().filter(|c| c.seq > seq).flat_map(|c| &c.events).collect()
    }
}

fn word(end: Option<StepEnd>) -> &'static str {
    match end {
        None => "-",
        Some(StepEnd::Passed) => "passed",
        Some(StepEnd::Failed) => "failed",
        Some(StepEnd::Warned) => "warned",
        Some(StepEnd::Skipped) => "skipped",
        Some(StepEnd::NotApplicable) => "n/a",
        Some(StepEnd::Stopped) => "stopped",
        Some(StepEnd::Would) => "would",
    }
}
