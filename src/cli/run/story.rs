//! A run as a terminal tells it: one line for each thing that is new, and a question where a
//! person is waited for.

use crate::cli::socket::Watched;
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::input::Press;
use crate::model::run::{Run, RunEnd, RunPhase, StepAt, StepEnd, StepOver, StepState};
use crate::model::runbook::step::Manual;
use crate::model::runbook::{Step, StepKind};

/// What was told so far.
#[derive(Default)]
pub struct Story {
    steps: Vec<Option<StepState>>,
    phase: Option<&'static str>,
    live: Option<String>,
    question: Option<Question>,
    end: Option<RunEnd>,
}

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A step that they do.
    Step(StepAt),
    /// The service's name, before the first step that changes something.
    Name,
    /// A step that was cut short.
    Unknown(StepAt),
    /// Whether to take back what was done.
    Undo,
}

impl Question {
    /// How it is answered.
    fn text(&self) -> &'static str {
        match self {
            Question::Step(_) => "  ? [d]one, [f]ailed WHY, [n]ot applicable WHY:",
            Question::Name => "  ? The next step changes something. Type the service's name to go on:",
            Question::Unknown(_) => {
                "  ? Nobody knows whether it worked. Look, then: [w]orked, [a]gain, [s]top:"
            }
            Question::Undo => "  ? Take back what was done? [y]es, [n]o:",
        }
    }

    /// What a line means. `None` leaves it.
    ///
    /// # Errors
    /// The question again.
    pub fn answer(&self, line: &str) -> Result<Option<Press>, &'static str> {
        let (word, reason) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let reason = reason.trim().to_owned();
        if *self == Question::Name {
            return if word.is_empty() {
                Err(self.text())
            } else {
                Ok(Some(Press::Confirm(line.trim().to_owned())))
            };
        }
        let press = match (self, word.to_ascii_lowercase().as_str()) {
            (Question::Step(at), "d" | "done") => Press::Done(*at),
            (Question::Step(at), "f" | "failed") if !reason.is_empty() => Press::Failed { step: *at, reason },
            (Question::Step(at), "n" | "na") if !reason.is_empty() => {
                Press::NotApplicable { step: *at, reason }
            }
            (Question::Unknown(at), "w" | "worked") => Press::Worked(*at),
            (Question::Unknown(at), "a" | "again") => Press::Again(*at),
            (Question::Unknown(at), "s" | "stop") => Press::Stop(*at),
            (Question::Undo, "y" | "yes") => Press::Undo,
            (Question::Undo, "n" | "no") => return Ok(None),
            _ => return Err(self.text()),
        };
        Ok(Some(press))
    }
}

impl Story {
    /// The lines that are new.
    pub fn tell(&mut self, watched: &Watched) -> Vec<String> {
        let run = &watched.run;
        let mut lines = vec![];
        if self.steps.is_empty() {
            lines.push(format!("{} · {} · {}", run.id, run.plan.service, text::line(&run.plan.title)));
            self.steps = vec![None; run.steps.len()];
        }
        self.phase(run, &mut lines);
        for (at, step) in run.plan.all() {
            let now = run.steps.get(usize::from(at));
            if now != self.steps.get(usize::from(at)).and_then(Option::as_ref) {
                if let Some(now) = now {
                    changed(step, now, &mut lines);
                }
                self.steps[usize::from(at)] = now.cloned();
            }
        }
        if watched.live != self.live {
            let old = self.live.take().unwrap_or_default();
            let fresh = watched.live.as_deref().unwrap_or_default();
            let new = fresh.strip_prefix(old.as_str()).unwrap_or(fresh);
            lines.extend(
                new.lines().filter(|l| !l.trim().is_empty()).map(|l| format!("  │ {}", text::plain(l))),
            );
            self.live.clone_from(&watched.live);
        }
        self.ended(run, &mut lines);
        let question = asked(run);
        if question != self.question {
            lines.extend(question.as_ref().map(|q| q.text().to_owned()));
            self.question = question;
        }
        lines
    }

    fn phase(&mut self, run: &Run, lines: &mut Vec<String>) {
        let (word, line) = match &run.phase {
            RunPhase::Asked { .. } => {
                let role = run.plan.approve.as_ref().map_or("", |a| a.role.as_str());
                (
                    "asked",
                    format!(
                        "waits for somebody of role {role} to approve {} in Discord; --break-glass REASON goes on alone after two minutes",
                        run.id
                    ),
                )
            }
            RunPhase::Going { stopping: Some(_), .. } => ("stopping", "is being ended".to_owned()),
            RunPhase::Going { undoing: Some(why), .. } => {
                ("undoing", format!("takes back what it did: {why}"))
            }
            RunPhase::Going { deadline: Some(at), since, .. } => {
                ("going", format!("begun; it has {}", spoken(at.since(*since))))
            }
            RunPhase::Going { .. } => ("going", "begun".to_owned()),
            RunPhase::Over { .. } => return,
        };
        if self.phase.replace(word) != Some(word) {
            lines.push(line);
        }
    }

    fn ended(&mut self, run: &Run, lines: &mut Vec<String>) {
        let RunPhase::Over { began, at, how } = &run.phase else {
            self.end = None;
            return;
        };
        if self.end.as_ref() == Some(how) {
            return;
        }
        self.end = Some(how.clone());
        let took = began.map(|b| format!(" in {}", spoken(at.since(b)))).unwrap_or_default();
        let allowed = run.plan.deadline.map(|d| format!(" of {}", spoken(d))).unwrap_or_default();
        lines.push(match how {
            RunEnd::Passed => format!("✓ {} passed{took}{allowed}", run.id),
            RunEnd::Failed { why } => format!("✗ {} failed{took}{allowed}: {}", run.id, text::line(why)),
            RunEnd::Cancelled { by, .. } => format!("✗ {} was cancelled by {}", run.id, text::line(&by.name)),
            RunEnd::Refused { by: Some(by) } => {
                format!("✗ {} was refused by {}", run.id, text::line(&by.name))
            }
            RunEnd::Refused { by: None } => format!("✗ nobody agreed to {} in time", run.id),
            RunEnd::Voided { why } => format!("✗ {} does not run: {}", run.id, text::line(why)),
            RunEnd::Undone { why } => format!("✓ what {} did is taken back: {}", run.id, text::line(why)),
        });
    }

    /// What is asked now.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// It was answered; what follows tells itself.
    pub fn answered(&mut self) {
        self.question = None;
    }

    /// How the run ended, once it has.
    pub fn end(&self) -> Option<&RunEnd> {
        self.end.as_ref()
    }
}

/// What a run waits for a person with.
fn asked(run: &Run) -> Option<Question> {
    if let RunPhase::Over { how: RunEnd::Failed { .. } | RunEnd::Cancelled { .. }, .. } = &run.phase
        && !run.undoable().is_empty()
        && !run.plan.dry
    {
        return Some(Question::Undo);
    }
    (0..).zip(&run.steps).find_map(|(at, s)| match s {
        StepState::Asked { .. } if run.wants_name(at) => Some(Question::Name),
        StepState::Asked { .. } => Some(Question::Step(at)),
        StepState::Unknown { asking: None, .. } => Some(Question::Unknown(at)),
        _ => None,
    })
}

/// What is new about a step.
fn changed(step: &Step, now: &StepState, lines: &mut Vec<String>) {
    let label = text::line(&step.label());
    match now {
        StepState::Waiting => {}
        StepState::Going { process: Some(_), .. } => {}
        StepState::Going { attempt: 1, .. } => lines.push(format!("▶ {label}")),
        StepState::Going { attempt, .. } => lines.push(format!("▶ {label}, for the {attempt}th time")),
        StepState::Again { why, .. } => lines.push(format!("↻ {label}: {}; again soon", text::line(why))),
        StepState::Approving { .. } => lines.push(format!("? {label}: somebody has to agree in Discord")),
        StepState::Unknown { asking: Some(_), .. } => {
            lines.push(format!("? {label} was cut short; its judge is asked"))
        }
        StepState::Unknown { asking: None, .. } => lines.push(format!("? {label} was cut short")),
        StepState::Asked { reminded, .. } if reminded.times == 0 => {
            lines.push(format!("□ {label}"));
            lines.extend(text::plain(&step.beside).lines().map(|l| format!("  {l}")));
            if let StepKind::Manual(Manual::Code { code, .. }) = &step.kind {
                lines.extend(text::plain(code).lines().map(|l| format!("    {l}")));
            }
        }
        StepState::Asked { .. } => lines.push(format!("□ {label} still waits")),
        StepState::Over(over) => lines.push(over_line(&label, over)),
    }
}

fn over_line(label: &str, over: &StepOver) -> String {
    let mark = match over.how {
        StepEnd::Passed => "✓",
        StepEnd::Failed => "✗",
        StepEnd::Warned => "⚠",
        StepEnd::Skipped | StepEnd::NotApplicable | StepEnd::Would => "–",
        StepEnd::Stopped => "■",
    };
    let took = match over.millis {
        0 => String::new(),
        ms => format!(" ({})", spoken(std::time::Duration::from_millis(ms))),
    };
    let tail: String = text::plain(&over.tail).lines().map(|l| format!("\n  │ {l}")).collect();
    let tail = if matches!(over.how, StepEnd::Failed | StepEnd::Warned) { tail } else { String::new() };
    format!("{mark} {label}{took}: {}{tail}", text::line(&over.words))
}
