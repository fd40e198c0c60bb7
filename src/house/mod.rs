//! Reads what people wrote in files into a [`House`]: `muster.toml`, `commands/`, `runbooks/`.
//!
//! All that is wrong is told, each with its file, line and cure, not only the first. Reading is
//! a function of the files: a reload that fails leaves the caller with the house it has.

mod after;
mod alerting;
mod arguments;
mod builtin;
mod check;
pub mod commands;
mod files;
pub mod import;
mod intake;
mod lint;
mod node;
mod oncall;
pub mod problem;
pub mod runbook;
pub mod secrets;
pub mod settings;
mod sources;
mod toml_tree;
mod watch;
mod yaml_tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use self::check::{check, check_builtin};
use self::commands::Known;
use self::files::Source;
use self::import::Import;
pub use self::lint::rules;
pub use self::problem::Problem;
use self::problem::{Notes, sorted};
use crate::model::command::{CommandBody, CommandFile};
use crate::model::house::House;
use crate::model::intake::Kind;
use crate::model::mapping::Mapping;
use crate::model::oncall::OnCall;
use crate::model::runbook::Runbook;
use crate::model::settings::Settings;

/// Discord takes this many top-level commands for a server.
const MOST_COMMANDS: usize = 100;

/// Discord takes this many commands of a message's menu.
const MOST_ON_MESSAGES: usize = 15;

/// What was read: as much as could be, and all that is wrong with the rest.
struct Reading {
    settings: Option<settings::Read>,
    commands: BTreeMap<String, CommandFile>,
    runbooks: BTreeMap<String, (String, runbook::Read)>,
    sources: BTreeMap<String, Mapping>,
    problems: Vec<Problem>,
}

/// The house of a team, from its `muster.toml` and the folders that it names.
///
/// # Errors
/// Everything that is wrong with any of these files, sorted by file and line.
pub fn load(muster_toml: &Path) -> Result<House, Vec<Problem>> {
    let mut house = finish(read(muster_toml))?;
    let home = muster_toml.canonicalize().ok().and_then(|file| file.parent().map(Path::to_path_buf));
    house.settings.folders.home = home;
    Ok(house)
}

/// What `data/sandbox.toml` leaves open.
#[derive(Clone, Copy, Debug)]
pub struct Practice<'a> {
    /// Where the sandbox is: `http://127.0.0.1:PORT`, without a `/` at its end.
    pub address: &'a str,
    /// What a shell calls this program; one word that it does not take apart.
    pub muster: &'a str,
    /// The sandbox's data folder, an absolute path.
    pub data: &'a str,
}

/// The sandbox's house at `address`, for whoever runs nothing in it.
///
/// # Errors
/// As for [`sandbox_with`].
pub fn sandbox(address: &str) -> Result<House, Vec<Problem>> {
    sandbox_with(Practice { address, muster: "muster", data: "data" })
}

/// The sandbox's house: everything built in, for its practice services.
///
/// # Errors
/// What is wrong with the built-in files; the tests see to it that nothing is.
pub fn sandbox_with(practice: Practice<'_>) -> Result<House, Vec<Problem>> {
    finish(builtin_reading(practice))
}

fn builtin_reading(practice: Practice<'_>) -> Reading {
    let mut reading = Reading::empty();
    let open = [("{sandbox}", practice.address), ("{muster}", practice.muster), ("{data}", practice.data)];
    let settings = open.iter().fold(builtin::SANDBOX.to_owned(), |text, (name, value)| {
        text.replace(name, &value.replace('\\', "\\\\").replace('"', "\\\""))
    });
    reading.settings(Source::new("data/sandbox.toml", settings.into()));
    reading.builtin_commands(&[]);
    reading.builtin_sources();
    let roles = reading.roles();
    for (service, text) in builtin::RUNBOOKS {
        let source = Source::new(format!("runbooks/{service}.md"), (*text).into());
        reading.runbook(service, source, roles.as_ref());
    }
    reading
}

fn finish(reading: Reading) -> Result<House, Vec<Problem>> {
    let oncall = reading.oncall();
    let problems = sorted(reading.problems);
    match reading.settings {
        Some(read) if problems.is_empty() => Ok(House {
            settings: read.settings,
            commands: reading.commands,
            runbooks: reading.runbooks.into_iter().map(|(k, (_, r))| (k, r.runbook)).collect(),
            sources: reading.sources,
            oncall,
        }),
        _ => Err(problems),
    }
}

/// Reads everything, as far as it goes.
fn read(muster_toml: &Path) -> Reading {
    let mut reading = Reading::empty();
    reading.settings(files::read(muster_toml));
    let home = muster_toml.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let roles = reading.roles();
    let lines = reading.settings.as_ref().map(|r| r.lines.clone()).unwrap_or_default();
    let folders = reading.settings.as_ref().map(|r| r.settings.folders.clone()).unwrap_or_default();

    let mut notes = Notes::new(muster_toml.display().to_string());
    let names: Vec<&str> = builtin::COMMANDS.iter().map(|(name, _)| *name).collect();
    settings::check_disabled(&lines, &names, &mut notes);
    reading.builtin_commands(&lines.disabled);

    // A folder that is named must be there; one that has the usual name may be.
    let mut folder = |named: Option<&PathBuf>, usual: &str, ending, line: Option<usize>| {
        let path = home.join(named.map_or(Path::new(usual), PathBuf::as_path));
        let wanted = named.is_some() || path.is_dir();
        if wanted { files::list(&path, ending, line.unwrap_or(1), &mut notes) } else { Vec::new() }
    };
    let commands = folder(folders.commands.as_ref(), "commands", "toml", lines.commands);
    let sources = folder(folders.sources.as_ref(), "sources", "toml", lines.sources);
    let runbooks = folder(folders.runbooks.as_ref(), "runbooks", "md", lines.runbooks);
    let mut sections = BTreeMap::new();
    for path in runbooks {
        let service = stem(&path);
        if !service.eq_ignore_ascii_case("readme") {
            reading.runbook(&service, files::read(&path), roles.as_ref());
            let read = reading.runbooks.get(&service).map(|(_, r)| &r.runbook.sections);
            let anchors = read.map(|all| all.iter().map(|s| s.anchor.clone()).collect());
            sections.insert(service, anchors);
        }
    }
    for path in commands {
        let known = Known { roles: roles.as_ref(), sections: &sections };
        let file = reading.command(&stem(&path), files::read(&path), &known);
        reading.commands.extend(file.map(|f| (f.name.clone(), f)));
    }
    reading.builtin_sources();
    for path in sources {
        // A team's own takes the place of the one that is built in.
        reading.source(&stem(&path), files::read(&path));
    }
    reading.known_sources(&lines, &mut notes);
    let (menu, typed): (Vec<&CommandFile>, Vec<&CommandFile>) =
        reading.commands.values().partition(|f| matches!(f.body, CommandBody::OnMessage(_)));
    if typed.len() > MOST_COMMANDS {
        let what = format!("there are {} commands", typed.len());
        let cure = format!("Discord takes {MOST_COMMANDS}: make some of them subcommands");
        notes.add(lines.commands.unwrap_or(1), what, cure);
    }
    let called: BTreeSet<&str> = menu.iter().flat_map(|f| f.commands()).map(|c| c.path.as_str()).collect();
    if menu.len() > MOST_ON_MESSAGES || called.len() < menu.len() {
        let what =
            format!("there are {} commands of a message's menu with {} names", menu.len(), called.len());
        let cure = format!("Discord takes {MOST_ON_MESSAGES}, each with a name of its own");
        notes.add(lines.commands.unwrap_or(1), what, cure);
    }
    reading.problems.extend(notes.into_problems());
    reading
}

/// A file's name without its ending; what is no Unicode in it becomes `�`, which no name may
/// hold, and is refused as a name.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Reading {
    fn empty() -> Reading {
        Reading {
            settings: None,
            commands: BTreeMap::new(),
            runbooks: BTreeMap::new(),
            sources: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    fn settings(&mut self, source: Result<Source, Problem>) {
        self.settings = self.with_source(source, |source, notes| {
            settings::read(&toml_tree::parse(&source.text, notes)?, notes)
        });
    }

    /// The roles that may be named; `None` while the settings could not be read.
    fn roles(&self) -> Option<BTreeSet<String>> {
        let settings: &Settings = &self.settings.as_ref()?.settings;
        Some(settings.roles.keys().cloned().collect())
    }

    /// Who is on call, and who is called next: what `muster.toml` says, and the runbooks.
    fn oncall(&self) -> OnCall {
        let Some(read) = &self.settings else { return OnCall::default() };
        let settings = &read.settings;
        let known = oncall::Known {
            roles: &settings.roles,
            timezone: settings.timezone,
            channel: Some(settings.channels.incidents),
            administrators: &settings.administrators,
        };
        oncall::join(&read.oncall, &known, self.runbooks.values().map(|(_, read)| &read.runbook))
    }

    fn builtin_commands(&mut self, disabled: &[(String, usize)]) {
        for (name, text) in builtin::COMMANDS {
            if disabled.iter().any(|(word, _)| word == name) {
                continue;
            }
            let source = Source::new(format!("commands/{name}.toml (built in)"), (*text).into());
            let known = Known { roles: None, sections: &BTreeMap::new() };
            let file = self.command(name, source, &known);
            self.commands.extend(file.map(|f| (f.name.clone(), f)));
        }
    }

    fn command(
        &mut self,
        name: &str,
        source: Result<Source, Problem>,
        known: &Known<'_>,
    ) -> Option<CommandFile> {
        self.with_source(source, |source, notes| {
            commands::read(name, &toml_tree::parse(&source.text, notes)?, known, notes)
        })
    }

    fn runbook(&mut self, service: &str, source: Result<Source, Problem>, roles: Option<&BTreeSet<String>>) {
        let read = self.with_source(source, |source, notes| {
            let read = runbook::read(service, source, roles, notes)?;
            Some((source.name.clone(), read))
        });
        self.runbooks.extend(read.map(|read| (service.to_owned(), read)));
    }

    fn builtin_sources(&mut self) {
        for (name, text) in builtin::SOURCES {
            self.source(name, Source::new(format!("data/sources/{name}.toml (built in)"), (*text).into()));
        }
    }

    fn source(&mut self, name: &str, source: Result<Source, Problem>) {
        let read = self.with_source(source, |source, notes| {
            sources::read(name, &toml_tree::parse(&source.text, notes)?, notes)
        });
        self.sources.extend(read.map(|mapping| (name.to_owned(), mapping)));
    }

    /// Notes every source of `muster.toml` that speaks as no file says. One that is wrong is its own
    /// problem.
    fn known_sources(&self, lines: &settings::Lines, notes: &mut Notes) {
        let Some(read) = &self.settings else { return };
        for source in &read.settings.intake.sources {
            let Kind::Mapping(name) = &source.kind else { continue };
            let broken = self.problems.iter().any(|p| p.file.ends_with(&format!("/{name}.toml")));
            if !broken && !self.sources.contains_key(name) {
                let known: Vec<&str> = self.sources.keys().map(String::as_str).collect();
                let cure = format!("{}; or write sources/{name}.toml", problem::nearest(name, &known));
                notes.add(lines.intake, format!("there is no mapping `{name}`"), cure);
            }
        }
    }

    fn with_source<T>(
        &mut self,
        source: Result<Source, Problem>,
        read: impl FnOnce(&Source, &mut Notes) -> Option<T>,
    ) -> Option<T> {
        match source {
            Err(problem) => {
                self.problems.push(problem);
                None
            }
            Ok(source) => {
                let mut notes = Notes::new(source.name.clone());
                let found = read(&source, &mut notes);
                self.problems.extend(notes.into_problems());
                found
            }
        }
    }
}

/// The runbook in `text`, as it would be read from `file`: for whoever has a text and no file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn runbook_of(service: &str, file: &str, text: &str) -> Result<Runbook, Vec<Problem>> {
    let source = Source::new(file, text.into()).map_err(|p| vec![p])?;
    let mut notes = Notes::new(file);
    let read = runbook::read(service, &source, None, &mut notes);
    read.map(|r| r.runbook).ok_or_else(|| sorted(notes.into_problems()))
}

/// What a Markdown file becomes as a runbook. `service` is what its copy is to be of; otherwise
/// the file's name says it.
///
/// # Errors
/// Why it cannot be read at all, with line and cure.
pub fn import_file(path: &Path, service: Option<&str>) -> Result<Import, Vec<Problem>> {
    let source = files::read(path).map_err(|p| vec![p])?;
    import::import(&source.name, source.bytes, service)
}
