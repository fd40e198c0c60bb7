//! Runs a shell step of a built-in runbook as it stands there: with bash, and with nothing in its environment
//! but a path and what the step names.

use std::process::{Command, Stdio};

use muster::model::house::House;
use muster::model::runbook::StepKind;
use muster::model::runbook::step::Shell;

/// How a step ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// It did, or the test ends here.
    pub fn well(self) -> Ran {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Runs the shell step called `name`. What it names in `env` comes from `given`, else from the settings.
pub fn run(house: &House, service: &str, name: &str, given: &[(&str, &str)]) -> Ran {
    let step = house.runbook(service).unwrap().step(name).unwrap_or_else(|| panic!("no step {name}"));
    let StepKind::Shell(Shell::Script(script)) = &step.kind else { panic!("{name} is no script") };
    let vars = house.vars(service).unwrap();
    for line in step.options.precheck.iter().chain([script]) {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eu", "-o", "pipefail", "-c", line]);
        bash.env_clear().env("PATH", std::env::var("PATH").unwrap()).stdin(Stdio::null());
        for wanted in &step.options.env {
            let own = given.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
            let value = own.or_else(|| vars.get(wanted).map(String::as_str));
            bash.env(wanted, value.unwrap_or_else(|| panic!("{wanted} has no value")));
        }
        let done = bash.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ran =
            Ran { code: done.status.code().unwrap_or(-1), out: text(&done.stdout), err: text(&done.stderr) };
        if line == script || ran.code != 0 {
            return ran;
        }
    }
    unreachable!("the script is the last of them")
}
