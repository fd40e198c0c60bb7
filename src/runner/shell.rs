//! Runs a shell step: bash on its text, or a program without a shell. No value is ever a part of
//! the text: values arrive as variables of the environment, and only those that the step names.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;

use super::attempt::{Attempt, Halt, Outcome};
use super::output::Collector;
use super::processes::{self, Brood, GRACE, MARKER};
use crate::kit::text::{cut, line};
use crate::kit::time::spoken;
use crate::model::input::Input;
use crate::model::run::{Process, RanHow};
use crate::model::runbook::step::Shell;

/// How long a step may take where it says nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a precheck may take.
const PRECHECK: Duration = Duration::from_secs(30);
/// How long a pipe may stay open after all that is known to hold it has been ended.
const DRAIN: Duration = Duration::from_secs(2);
/// Where programs are looked for where Muster itself was not told.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Names that steer the shell or the loader: a value under such a name would be run, not read.
const STEERING: [&str; 9] =
    [MARKER, "PATH", "HOME", "LANG", "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4"];
/// How long the last line is that stands behind an exit code, in characters.
const LAST: usize = 300;

/// How a process ended.
enum End {
    Exit(ExitStatus),
    /// Its own time was over.
    Late(Duration),
    Halted(Halt),
}

/// Runs the step.
pub async fn run(attempt: &Attempt, shell: &Shell) -> Outcome {
    match steps(attempt, shell).await {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

async fn steps(attempt: &Attempt, shell: &Shell) -> Result<Outcome, Outcome> {
    let options = &attempt.job.step.options;
    let environment = environment(attempt).map_err(Outcome::broke)?;
    let home = attempt.job.home.as_deref();
    let folder = match (home, options.cwd.as_deref()) {
        (Some(home), Some(cwd)) => Some(home.join(cwd).display().to_string()),
        (Some(home), None) => Some(home.display().to_string()),
        (None, cwd) => cwd.map(str::to_owned),
    };
    let folder = folder.as_deref();
    if let Some(folder) = folder
        && !tokio::fs::metadata(folder).await.is_ok_and(|m| m.is_dir())
    {
        return Err(Outcome::broke(format!(
            "there is no folder {folder} where Muster runs: make it, or correct `cwd` of the step"
        )));
    }
    if let Some(precheck) = &options.precheck {
        let words = bash(precheck);
        let (end, out) = process(attempt, &words, &environment, folder, PRECHECK, false).await?;
        let output = out.finish();
        let why = match end {
            End::Exit(status) if status.success() => None,
            End::Exit(status) => Some(exit(status, &output.last(1, LAST))),
            End::Late(limit) => Some(format!("no end in {}; it was ended", spoken(limit))),
            End::Halted(halt) => return Err(Outcome::new(halt.how()).with(output)),
        };
        if let Some(why) = why {
            let how = RanHow::Failed { why: format!("precheck: {why}; the step was not run") };
            return Err(Outcome::new(how).with(output));
        }
    }
    if attempt.job.dry {
        return Ok(Outcome::new(RanHow::Would { what: would(shell, options.precheck.is_some()) }));
    }
    let words = match shell {
        Shell::Script(text) => bash(text),
        Shell::Argv(words) => words.iter().map(String::as_str).collect(),
    };
    let limit = options.timeout.unwrap_or(PATIENCE);
    let (end, out) = process(attempt, &words, &environment, folder, limit, true).await?;
    let output = out.finish();
    let how = match end {
        End::Exit(status) if status.success() => RanHow::Passed { got: "exit 0".to_owned() },
        End::Exit(status) => RanHow::Failed { why: exit(status, &output.last(1, LAST)) },
        End::Late(limit) => RanHow::Broke { why: format!("no end in {}; it was ended", spoken(limit)) },
        End::Halted(halt) => halt.how(),
    };
    Ok(Outcome::new(how).with(output))
}

/// The words that run a text. The text is the step's own; what stands behind it is its `$0`.
fn bash(text: &str) -> Vec<&str> {
    vec!["bash", "-eu", "-o", "pipefail", "-c", text, "muster"]
}

fn would(shell: &Shell, checked: bool) -> String {
    let what = match shell {
        Shell::Script(text) => match text.lines().filter(|l| !l.trim().is_empty()).count() {
            1 => "runs 1 line of bash".to_owned(),
            n => format!("runs {n} lines of bash"),
        },
        Shell::Argv(words) => format!("runs {}", cut(&line(&words.join(" ")), LAST)),
    };
    if checked { format!("{what} (its precheck passed)") } else { what }
}

/// All that the process sees of the world.
fn environment(attempt: &Attempt) -> Result<BTreeMap<String, String>, String> {
    let ours = |name: &str, or: &str| std::env::var(name).unwrap_or_else(|_| or.to_owned());
    let job = &attempt.job;
    let mut all = BTreeMap::from([
        ("PATH".to_owned(), ours("PATH", PATH)),
        ("HOME".to_owned(), ours("HOME", "/")),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        (MARKER.to_owned(), attempt.marker.clone()),
    ]);
    let options = &job.step.options;
    for name in options.env.iter().chain(&options.secrets) {
        if STEERING.contains(&name.as_str()) || name.starts_with("LD_") {
            return Err(format!(
                "`{name}` steers the shell itself and is not handed over: call it otherwise in the runbook, \
                 and set it from that in the script"
            ));
        }
    }
    for name in &options.env {
        match job.values.get(name).filter(|_| job.env.contains(name)) {
            Some(value) => all.insert(name.clone(), value.clone()),
            None => {
                return Err(format!(
                    "`{name}` has no value: set it in muster.toml, under the vars of this service"
                ));
            }
        };
    }
    all.extend(attempt.secrets.clone());
    Ok(all)
}

/// Starts a process, and stays with it until it and all that it started is gone.
async fn process(
    attempt: &Attempt,
    words: &[&str],
    environment: &BTreeMap<String, String>,
    folder: Option<&str>,
    limit: Duration,
    told: bool,
) -> Result<(End, Collector), Outcome> {
    if let Some(halt) = attempt.halted_already() {
        return Err(Outcome::new(halt.how()));
    }
    let started = start(words, environment, folder);
    let (mut child, pipe) = started.map_err(|e| Outcome::broke(why_not(words, &e)))?;
    let mut leash = Leash(None);
    // Nobody has waited for it yet, so the number is its own.
    let leader = child.id().map(|pid| Process {
        pid,
        started: processes::started(pid),
        boot: attempt.boot().to_owned(),
    });
    let brood = Brood { leader: leader.clone(), own: true, marker: attempt.marker.clone() };
    leash.0 = Some(brood.clone());
    // The process does not wait for the journal; the result does.
    let noted = leader.filter(|_| told).map(|process| {
        let (run, step, at) = (attempt.job.run, attempt.job.at, attempt.job.attempt);
        tokio::spawn(attempt.report(Input::Spawned { run, step, attempt: at, process }))
    });

    let mut printed = Printed { pipe, collector: Collector::new(attempt.redactor.clone()) };
    let mut buffer = vec![0; 64 * 1024];
    let end = {
        let pump = printed.pump(attempt, &mut buffer);
        let watch = async {
            let end = tokio::select! {
                status = child.inner_mut().wait() => status.map(End::Exit),
                () = tokio::time::sleep(limit) => Ok(End::Late(limit)),
                halt = attempt.halted() => Ok(End::Halted(halt)),
            };
            // Whatever became of it: nothing that it started outlives it.
            let gone = brood.end(GRACE).await;
            let _ = tokio::time::timeout(DRAIN, child.inner_mut().wait()).await;
            (end, gone)
        };
        tokio::pin!(pump, watch);
        let mut open = true;
        let end = loop {
            tokio::select! {
                end = &mut watch => break end,
                () = &mut pump, if open => open = false,
            }
        };
        if open {
            let _ = tokio::time::timeout(DRAIN, pump).await;
        }
        end
    };
    leash.0 = None;
    if let Some(noted) = noted {
        let _ = noted.await;
    }
    match end {
        (_, false) => {
            let pid = brood.leader.map_or(0, |l| l.pid);
            let why = format!(
                "it could not be ended, the machine holds on to it: look for process {pid} where Muster runs"
            );
            Err(Outcome::broke(why).with(printed.collector.finish()))
        }
        (Ok(end), true) => Ok((end, printed.collector)),
        (Err(e), true) => {
            let why = format!("nobody can tell how it ended ({e}): look what it did, then go on by hand");
            Err(Outcome::broke(why).with(printed.collector.finish()))
        }
    }
}

/// Ends a process of which the watcher is gone.
struct Leash(Option<Brood>);

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(brood) = self.0.take() {
            brood.kill_now();
        }
    }
}

/// What comes through the pipe.
struct Printed {
    pipe: Receiver,
    collector: Collector,
}

impl Printed {
    /// Reads until nobody holds the other end any more, and shows the last lines now and then.
    async fn pump(&mut self, attempt: &Attempt, buffer: &mut [u8]) {
        let mut fresh = false;
        loop {
            let pause = attempt.screen.pause();
            if fresh && pause.is_zero() {
                attempt.screen.show(self.collector.glance());
                fresh = false;
            }
            tokio::select! {
                read = self.pipe.read(buffer) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(n) => {
                        self.collector.push(&buffer[..n]);
                        fresh = true;
                    }
                },
                () = tokio::time::sleep(pause), if fresh => {}
            }
        }
    }
}

/// A process in a session of its own, and the pipe that it prints into: one for both, so that
/// what it says comes in its order.
fn start(
    words: &[&str],
    environment: &BTreeMap<String, String>,
    folder: Option<&str>,
) -> io::Result<(Box<dyn ChildWrapper>, Receiver)> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let (reader, writer) = io::pipe()?;
    let pipe = Receiver::from_owned_fd(OwnedFd::from(reader))?;
    let errors = writer.try_clone()?;
    let mut command = CommandWrap::with_new(program, |command| {
        command.args(arguments).env_clear().envs(environment);
        command.stdin(Stdio::null()).stdout(writer).stderr(errors);
        if let Some(folder) = folder {
            command.current_dir(folder);
        }
    });
    // The command holds the pipe's other end, and must be gone for its end to be seen.
    let child = command.wrap(ProcessSession).spawn()?;
    Ok((child, pipe))
}

fn why_not(words: &[&str], error: &io::Error) -> String {
    let program = words.first().copied().unwrap_or_default();
    match error.kind() {
        io::ErrorKind::NotFound => {
            format!("there is no program `{program}` where Muster runs: install it, or write its whole path")
        }
        io::ErrorKind::PermissionDenied => {
            format!("`{program}` may not be run by Muster's account: make it executable (chmod +x)")
        }
        io::ErrorKind::ArgumentListTooLong => {
            "the values of this step are longer than the machine lets a process have: shorten them".to_owned()
        }
        io::ErrorKind::InvalidInput => {
            "a value of this step holds a zero byte, which no variable can: correct the value".to_owned()
        }
        _ => format!("`{program}` could not be started ({error}): look at the machine, then run it again"),
    }
}

/// An end that is not good, with the last line that was printed.
fn exit(status: ExitStatus, last: &str) -> String {
    let how = match (status.code(), status.signal()) {
        // A shell tells of a signal in its own way.
        (Some(code @ 129..=159), _) => match name(code - 128) {
            Some(name) => format!("exit {code} ({name})"),
            None => format!("exit {code}"),
        },
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => {
            format!("ended by {}", name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned))
        }
        (None, None) => "no exit code".to_owned(),
    };
    let last = cut(&line(last), LAST);
    if last.is_empty() { how } else { format!("{how}: {last}") }
}

fn name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return None,
    })
}
