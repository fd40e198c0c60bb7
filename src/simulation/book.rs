//! The runbook of the simulated team: every kind of step that a run can have, and every rule
//! that an action can have. By hand, as the rest of the house.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::house::HEALTH;
use crate::model::runbook::http::{Assert, Capture, HttpStep, Of, Operand, Part, Predicate, Status, Subject};
use crate::model::runbook::http::{Body, Template};
use crate::model::runbook::step::{Manual, OnFail, Question, Rerun, Retry, Shell, StepOptions};
use crate::model::runbook::{Action, Approve, Param, ParamKind, Runbook, Section, Step, StepKind, Undo};

/// The one service.
pub const SERVICE: &str = "soundlab";
/// With approval, a lock, a deadline, undo, and every kind of step.
pub const SWAP: &str = "swap";
/// Shares the lock with [`SWAP`], asks for the service's name, and takes back by itself.
pub const RESTART: &str = "restart";
/// Asks two people first, and only responders may ask for it.
pub const DRAIN: &str = "drain";
/// What people may type for the version.
pub const VERSION: &str = r"[0-9]+\.[0-9]+\.[0-9]+";

/// The role that agrees; said here a second time in `invariants`.
pub const SIGNER: &str = "signer";
const MINUTE: Duration = Duration::from_secs(60);

/// The file as it is after so many changes. Each changes a step, and so its hash.
pub fn soundlab(changes: u32) -> Runbook {
    let action = |section: &str| Action {
        section: section.to_owned(),
        title: None,
        lock: None,
        deadline: None,
        approve: None,
        confirm: false,
        undo: Undo::Offer,
        roles: None,
        danger: None,
        schedule: None,
        severity: None,
    };
    let swap = Action {
        lock: Some("deploy".to_owned()),
        deadline: Some(20 * MINUTE),
        approve: Some(by_others(1)),
        danger: Some("Listeners hear a gap.".to_owned()),
        ..action(SWAP)
    };
    let restart = Action {
        lock: Some("deploy".to_owned()),
        deadline: Some(3 * MINUTE),
        confirm: true,
        undo: Undo::Auto,
        ..action(RESTART)
    };
    let drain = Action { roles: Some(vec!["responder".to_owned()]), ..action(DRAIN) };
    let version = Param { kind: ParamKind::Text, pattern: VERSION.to_owned(), max: 20, leading_dash: false };
    let actions = [(HEALTH, action(HEALTH)), (SWAP, swap), (RESTART, restart), (DRAIN, drain)];
    let sections = vec![
        section(HEALTH, vec![get("alive"), get("ready")]),
        section(SWAP, swapping(changes)),
        section(RESTART, restarting()),
        section(DRAIN, draining()),
        section("asides", asides()),
    ];
    Runbook {
        service: SERVICE.to_owned(),
        title: "Soundlab".to_owned(),
        hash: format!("{changes:064x}"),
        timezone: None,
        working_days: vec![],
        params: BTreeMap::from([("version".to_owned(), version)]),
        actions: actions.map(|(name, action)| (name.to_owned(), action)).into(),
        vars: vec![],
        tables: BTreeMap::new(),
        reviewed: None,
        on_call: None,
        escalation: vec![],
        reminders: vec![],
        sections: lined(sections),
        watches: vec![],
    }
}

fn by_others(count: u8) -> Approve {
    Approve { count, role: SIGNER.to_owned(), by_other: true, within: 15 * MINUTE }
}

fn swapping(changes: u32) -> Vec<Step> {
    let named = |name: &str| name.parse().ok();
    let safe = |retry| StepOptions { rerun: Rerun::Safe, retry, ..StepOptions::default() };
    let retry = Retry { times: 2, every: Duration::from_secs(5) };
    let swap = StepOptions {
        env: vec!["version".to_owned()],
        undo: named("unswap"),
        timeout: Some(Duration::from_secs(60 + u64::from(changes))),
        ..StepOptions::default()
    };
    let announce = StepOptions { verify: named("announced"), ..StepOptions::default() };
    let finish = StepOptions { undo: named("unfinish"), ..StepOptions::default() };
    let question = Question { text: Some("Does it sound right?".to_owned()), approve: by_others(1) };
    let before = with(get("before"), StepOptions { on_fail: OnFail::Continue, ..StepOptions::default() });
    let mut after = get("after");
    if let (Some(name), StepKind::Http(http)) = (capturing(&before), &mut after.kind) {
        http.asserts = vec![Assert {
            subject: Subject { part: Of::Jsonpath("$.version".to_owned()), count: false },
            not: false,
            predicate: Predicate::NotEqual(Operand::Value(name)),
            source: "jsonpath \"$.version\" != {{bad}}".to_owned(),
            line: 1,
        }];
    }
    vec![
        before,
        shell("pull", "docker pull soundlab", safe(Some(retry))),
        shell("swap", "swap \"$version\"", swap),
        shell("announce", "announce", announce),
        task("Listen to a track"),
        step("sure", StepKind::Approve(question)),
        shell("finish", "finish", finish),
        after,
    ]
}

fn draining() -> Vec<Step> {
    let question = Question { text: None, approve: by_others(2) };
    vec![
        step("both", StepKind::Approve(question)),
        shell("drain", "drain", StepOptions::default()),
        task("Look at the queue"),
    ]
}

fn restarting() -> Vec<Step> {
    let safe = StepOptions { rerun: Rerun::Safe, ..StepOptions::default() };
    let stop = StepOptions { undo: "begin-again".parse().ok(), ..StepOptions::default() };
    let mut kick = get("kick");
    if let StepKind::Http(http) = &mut kick.kind {
        http.method = "POST".to_owned();
        http.body = Some(Body::Text(Template(vec![Part::Text("now".to_owned())])));
    }
    vec![shell("stop", "stop", stop), kick, shell("begin", "start", safe)]
}

/// What comes only when another step says so.
fn asides() -> Vec<Step> {
    let safe = StepOptions { rerun: Rerun::Safe, ..StepOptions::default() };
    vec![
        shell("unswap", "swap back", StepOptions::default()),
        get("announced"),
        shell("unfinish", "finish --undo", safe.clone()),
        shell("begin-again", "start", safe),
    ]
}

/// The first name that a step captures.
fn capturing(step: &Step) -> Option<String> {
    match &step.kind {
        StepKind::Http(http) => http.captures.first().map(|c| c.name.clone()),
        _ => None,
    }
}

fn get(name: &str) -> Step {
    let captures = if name == "before" {
        let subject = Subject { part: Of::Jsonpath("$.version".to_owned()), count: false };
        vec![Capture { name: "bad".to_owned(), subject }]
    } else {
        vec![]
    };
    let http = HttpStep {
        method: "GET".to_owned(),
        url: Template(vec![Part::Text(format!("http://soundlab.test/{name}"))]),
        query: vec![],
        headers: vec![],
        body: None,
        status: Status::Is(200),
        captures,
        asserts: vec![],
    };
    step(name, StepKind::Http(http))
}

fn shell(name: &str, script: &str, options: StepOptions) -> Step {
    with(step(name, StepKind::Shell(Shell::Script(script.to_owned()))), options)
}

fn task(words: &str) -> Step {
    Step { name: None, ..step(words, StepKind::Manual(Manual::Task(words.to_owned()))) }
}

fn with(step: Step, options: StepOptions) -> Step {
    Step { options, ..step }
}

fn step(name: &str, kind: StepKind) -> Step {
    Step {
        name: name.parse().ok(),
        kind,
        line: 0,
        options: StepOptions::default(),
        source: String::new(),
        beside: String::new(),
    }
}

fn section(anchor: &str, steps: Vec<Step>) -> Section {
    Section {
        anchor: anchor.to_owned(),
        title: anchor.to_owned(),
        level: 2,
        parents: vec![],
        line: 0,
        last_line: 0,
        markdown: String::new(),
        text_line: 0,
        steps,
    }
}

/// With lines as if each section and each step were ten of them.
fn lined(mut sections: Vec<Section>) -> Vec<Section> {
    let mut line = 0;
    for section in &mut sections {
        line += 10;
        section.line = line;
        for step in &mut section.steps {
            line += 10;
            step.line = line;
        }
        section.last_line = line + 9;
    }
    sections
}
