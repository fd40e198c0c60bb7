//! A simple command of a script: its words, what joins it with others, and what it starts.

/// A simple command: `docker ps -a`.
#[derive(Debug, Default)]
pub struct Command {
    /// Where it begins, counted from 1 in the file.
    pub line: usize,
    /// Its words without quotes, redirections left out.
    pub words: Vec<Word>,
    /// Its place in its pipeline, from 0.
    pub place: usize,
    /// How many commands its pipeline has.
    pub of: usize,
    /// What stands before its pipeline.
    pub before: Join,
    /// What stands behind its pipeline.
    pub after: Join,
    /// Whether its exit code is asked for: behind `if`, `while`, `until` or `!`.
    pub condition: bool,
    /// Whether something is put into its standard input: `<`, `<<`, `<<<`.
    pub fed: bool,
}

/// What joins two pipelines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// A new line, `;`, `&`, or nothing.
    #[default]
    End,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// A word.
#[derive(Debug, Default)]
pub struct Word {
    /// Where it begins.
    pub line: usize,
    /// Without its quotes, expansions as they are written.
    pub text: String,
    /// The expansions in it that bash would split: `$X`, `${X}`.
    pub bare: Vec<String>,
}

/// A command without what only says how it is started.
pub struct Call<'a> {
    /// What is started.
    pub name: &'a str,
    /// What it gets.
    pub args: &'a [Word],
    /// How many words stand before it and may be split on purpose.
    pub skipped: usize,
    /// Whether `timeout` ends it.
    pub limited: bool,
}

impl Command {
    /// What is started: assignments, `sudo`, `env` and the like are left out.
    pub fn call(&self) -> Option<Call<'_>> {
        let mut at = 0;
        let mut limited = false;
        while let Some(word) = self.words.get(at) {
            let wraps =
                matches!(word.text.as_str(), "sudo" | "env" | "exec" | "command" | "nohup" | "nice" | "time");
            if word.text == "timeout" {
                limited = true;
                at += 1;
                // Its own options, and the time.
                while let Some(option) = self.words.get(at).filter(|w| w.text.starts_with('-')) {
                    at += if matches!(option.text.as_str(), "-k" | "-s") { 2 } else { 1 };
                }
                at += 1;
            } else if wraps {
                at += 1;
                while let Some(option) = self.words.get(at).filter(|w| w.text.starts_with('-')) {
                    if word.text == "sudo" && matches!(option.text.as_str(), "-i" | "-s") {
                        break;
                    }
                    at += if matches!(option.text.as_str(), "-u" | "-g" | "-n") { 2 } else { 1 };
                }
            } else if assignment(&word.text) {
                at += 1;
            } else {
                break;
            }
        }
        let name = self.words.get(at)?;
        let name = name.text.rsplit('/').next().unwrap_or_default();
        Some(Call { name, args: &self.words[at + 1..], skipped: at, limited })
    }
}

impl Call<'_> {
    /// Whether these words stand in its arguments in this order, each next to the other.
    pub fn has(&self, words: &[&str]) -> bool {
        self.args.windows(words.len()).any(|w| w.iter().zip(words).all(|(a, b)| a.text == *b))
    }

    /// Whether one of these words is an argument.
    pub fn any(&self, words: &[&str]) -> bool {
        self.args.iter().any(|w| words.contains(&w.text.as_str()))
    }

    /// Whether it is Docker compose, in any of its spellings.
    pub fn compose(&self) -> bool {
        self.name == "docker-compose"
            || (self.name == "docker" && self.args.first().is_some_and(|w| w.text == "compose"))
            || self.name.trim_matches(['$', '{', '}']).eq_ignore_ascii_case("compose")
    }
}

/// `NAME=…`
pub fn assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else {
        return false;
    };
    let name = name.trim_end_matches('+');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
