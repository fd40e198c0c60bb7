//! Takes a shell script apart, as far as the rules need it: simple commands with their words,
//! which expansions stand unquoted, and what a pipeline is joined with. It follows bash's rules
//! for quotes, comments, substitutions and here-documents; it runs nothing.

use super::command::{Command, Join, Word};

/// The commands of a script whose first line is `first` in its file, those in substitutions too.
pub fn commands(text: &str, first: usize) -> Vec<Command> {
    let mut reader = Reader { rest: text, line: first, out: Vec::new(), here: Vec::new(), deep: 0 };
    while !reader.rest.is_empty() {
        // A stray `)` ends a list, not the script.
        reader.list(None);
    }
    reader.out
}

/// How deep substitutions are followed.
const DEEPEST: usize = 32;

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    out: Vec<Command>,
    /// The ends of here-documents that begin on this line.
    here: Vec<String>,
    deep: usize,
}

/// The list that is being read.
#[derive(Default)]
struct Now {
    word: Option<Word>,
    words: Vec<Word>,
    pipeline: Vec<Command>,
    before: Join,
    /// In the part between `if` and `then`.
    asking: bool,
    /// Behind `!`.
    not: bool,
    /// The next word is where a redirection leads.
    redirects: bool,
    fed: bool,
}

impl Now {
    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.redirects) {
            return;
        }
        if self.words.is_empty() {
            match word.text.as_str() {
                "if" | "elif" | "while" | "until" => self.asking = true,
                "then" | "do" | "else" => self.asking = false,
                "!" => self.not = true,
                "{" | "}" | "fi" | "done" | "esac" => {}
                _ => self.words.push(word),
            }
            return;
        }
        self.words.push(word);
    }

    fn goes_on(&self) -> bool {
        let empty = self.word.is_none() && self.words.is_empty();
        empty && (!self.pipeline.is_empty() || self.before != Join::End)
    }

    fn end_command(&mut self) {
        self.end_word();
        let words = std::mem::take(&mut self.words);
        let fed = std::mem::take(&mut self.fed);
        let Some(line) = words.first().map(|w| w.line) else { return };
        // Their words are patterns and lists, which are meant to be split.
        if matches!(words[0].text.as_str(), "for" | "case" | "select" | "function") {
            return;
        }
        let (place, condition) = (self.pipeline.len(), self.asking || self.not);
        self.pipeline.push(Command {
            line,
            words,
            place,
            condition,
            fed,
            before: self.before,
            ..Command::default()
        });
    }

    fn end_pipeline(&mut self, join: Join, out: &mut Vec<Command>) {
        self.end_command();
        let of = self.pipeline.len();
        out.extend(self.pipeline.drain(..).map(|c| Command { of, after: join, ..c }));
        self.before = join;
        self.not = false;
    }
}

impl<'a> Reader<'a> {
    fn bump(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn take(&mut self, text: &str) -> bool {
        let there = self.rest.starts_with(text);
        if there {
            self.line += text.matches('\n').count();
            self.rest = &self.rest[text.len()..];
        }
        there
    }

    /// Goes past everything up to and with `end`.
    fn past(&mut self, end: &str) {
        let length = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }

    /// A list of commands up to `end`, or to the end of the text.
    fn list(&mut self, end: Option<char>) {
        let mut now = Now::default();
        self.deep += 1;
        loop {
            let line = self.line;
            if self.take("\\\n") || self.take("\\\r\n") {
                now.end_word();
                continue;
            }
            if self.take("&>") || self.take(">&") || self.take("<&") {
                digits(&mut now);
                now.end_word();
                now.redirects = true;
                continue;
            }
            if self.take("&&") {
                now.end_pipeline(Join::And, &mut self.out);
                continue;
            }
            if self.take("||") {
                now.end_pipeline(Join::Or, &mut self.out);
                continue;
            }
            if self.take("|&") {
                now.end_command();
                continue;
            }
            if now.word.is_none() && now.words.is_empty() && self.take("((") {
                self.past("))");
                continue;
            }
            if self.rest.starts_with("<(") || self.rest.starts_with(">(") {
                self.rest = &self.rest[2..];
                self.inner(')');
                word(&mut now, line).text.push_str("<(…)");
                continue;
            }
            if self.rest.starts_with("<<") && !self.rest.starts_with("<<<") {
                self.rest = &self.rest[2..];
                self.take("-");
                let text = self.rest.trim_start_matches([' ', '\t']);
                let length =
                    text.find(|c: char| c.is_whitespace() || ";|&<>)".contains(c)).unwrap_or(text.len());
                self.here.push(text[..length].replace(['\'', '"', '\\'], ""));
                self.rest = &text[length..];
                now.end_word();
                now.fed = true;
                continue;
            }
            let Some(c) = self.bump() else { break };
            match c {
                c if Some(c) == end => break,
                // Behind `|`, `&&` and `||` the command goes on.
                '\n' if now.goes_on() => {}
                '\n' => {
                    now.end_pipeline(Join::End, &mut self.out);
                    for end in std::mem::take(&mut self.here) {
                        self.here_document(&end);
                    }
                }
                ';' | '&' => now.end_pipeline(Join::End, &mut self.out),
                '|' => now.end_command(),
                ' ' | '\t' | '\r' => now.end_word(),
                '#' if now.word.is_none() => {
                    let length = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = &self.rest[length..];
                }
                '(' if now.word.is_none() && now.words.is_empty() => self.inner(')'),
                // A function's `()`.
                '(' => {
                    self.past(")");
                    now = Now { before: now.before, ..Now::default() };
                }
                // The end of a pattern of `case`.
                ')' => now = Now { before: now.before, asking: now.asking, ..Now::default() },
                '<' | '>' => {
                    digits(&mut now);
                    now.end_word();
                    while self.take("<") || self.take(">") || self.take("|") {}
                    now.fed |= c == '<';
                    now.redirects = true;
                }
                '\'' => {
                    let length = self.rest.find('\'').unwrap_or(self.rest.len());
                    word(&mut now, line).text.push_str(&self.rest[..length]);
                    self.past("'");
                }
                '"' => self.quoted(word(&mut now, line)),
                '\\' => {
                    let next = self.bump();
                    word(&mut now, line).text.extend(next);
                }
                '$' => self.expansion(word(&mut now, line), true),
                '`' => {
                    self.inner('`');
                    word(&mut now, line).text.push_str("$(…)");
                }
                c => word(&mut now, line).text.push(c),
            }
        }
        now.end_pipeline(Join::End, &mut self.out);
        self.deep -= 1;
    }

    /// A list inside another, up to `end`.
    fn inner(&mut self, end: char) {
        if self.deep < DEEPEST {
            self.list(Some(end));
        } else {
            self.past(if end == ')' { ")" } else { "`" });
        }
    }

    /// Up to the closing quotation mark.
    fn quoted(&mut self, word: &mut Word) {
        while let Some(c) = self.bump() {
            match c {
                '"' => return,
                '\\' => word.text.extend(self.bump()),
                '$' => self.expansion(word, false),
                '`' => {
                    self.inner('`');
                    word.text.push_str("$(…)");
                }
                c => word.text.push(c),
            }
        }
    }

    /// What stands behind a `$`.
    fn expansion(&mut self, word: &mut Word, splits: bool) {
        if self.take("((") {
            self.past("))");
            word.text.push_str("$((…))");
            return;
        }
        if self.take("(") {
            self.inner(')');
            word.text.push_str("$(…)");
            return;
        }
        let name = if let Some(rest) = self.rest.strip_prefix('{') {
            let length = rest.find('}').unwrap_or(rest.len());
            let name = rest[..length].to_owned();
            self.past("}");
            word.text.push_str(&format!("${{{name}}}"));
            name
        } else {
            let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = match self.rest.chars().next() {
                Some(c) if "?#!$-@*".contains(c) || c.is_ascii_digit() => 1,
                _ => self.rest.find(|c| !letter(c)).unwrap_or(self.rest.len()),
            };
            let name = self.rest[..length].to_owned();
            self.rest = &self.rest[length..];
            word.text.push('$');
            word.text.push_str(&name);
            name
        };
        // Numbers, and the length of something, are never split.
        if splits && !name.is_empty() && !name.starts_with(['?', '#', '!', '$', '-']) {
            word.bare.push(name);
        }
    }

    /// Goes past a here-document.
    fn here_document(&mut self, end: &str) {
        while !self.rest.is_empty() {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            let line = self.rest[..length].trim_end_matches('\r').trim_start_matches('\t');
            let over = line == end;
            self.past("\n");
            if over {
                return;
            }
        }
    }
}

fn word(now: &mut Now, line: usize) -> &mut Word {
    now.word.get_or_insert_with(|| Word { line, ..Word::default() })
}

/// The number before `>` says which stream, and is no word.
fn digits(now: &mut Now) {
    if now.word.as_ref().is_some_and(|w| w.text.bytes().all(|b| b.is_ascii_digit()) && w.bare.is_empty()) {
        now.word = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let word = |w: &Word| if w.bare.is_empty() { w.text.clone() } else { format!("{}!", w.text) };
        let words = |c: &Command| c.words.iter().map(word).collect::<Vec<_>>().join(" ");
        commands(text, 1).iter().map(|c| format!("{} {}/{} {}", c.line, c.place, c.of, words(c))).collect()
    }

    #[test]
    fn a_script_comes_apart_as_bash_would_take_it() {
        let script = "A=$B c \"$D\" '$E' \\$F # not this\nx | y 2>&1 > \"$OUT\" && z\n\
                      if ! grep q; then\n  w $(inner $G | last)\nfi\n\
                      cat <<EOF | tee f\n$H it's\nEOF\nfor f in $LIST; do\n g \"${f}\" \\\n  h\ndone\n\
                      case $x in a) b;; esac\nn=$((1 + 2)); fn() { k; }\n";
        let wanted = [
            "1 0/1 A=$B! c $D $E $F",
            "2 0/2 x",
            "2 1/2 y",
            "2 0/1 z",
            "3 0/1 grep q",
            "4 0/2 inner $G!",
            "4 1/2 last",
            "4 0/1 w $(…)",
            "6 0/2 cat",
            "6 1/2 tee f",
            "10 0/1 g ${f} h",
            "13 0/1 b",
            "14 0/1 n=$((…))",
            "14 0/1 k",
        ];
        assert_eq!(told(script), wanted);
    }

    #[test]
    fn hostile_scripts_are_read_to_their_end() {
        for hostile in
            ["$(".repeat(50_000), "\"".repeat(9_999), ")".repeat(50_000), "<<".repeat(9), "((".into()]
        {
            commands(&hostile, 1);
        }
        assert_eq!(told("a\\"), ["1 0/1 a"]);
    }

    #[test]
    fn what_is_started_is_found_behind_what_starts_it() {
        let all = commands("A=1 sudo -u me timeout -k 5 10 /bin/tail -f x\n$COMPOSE down\nsudo -i", 1);
        let calls: Vec<_> = all.iter().filter_map(Command::call).map(|c| (c.name, c.limited)).collect();
        assert_eq!(
            calls,
            [("tail", false), ("$COMPOSE", false), ("-i", false)].map(|(n, _)| (n, n == "tail"))
        );
    }
}
