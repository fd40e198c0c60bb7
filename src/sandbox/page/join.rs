//! Joins the page's modules into one file, and its style sheets into another: forty small files cost a browser
//! half a second of asking before it runs the first line. The files stay apart where they are written, and there
//! is no build step: the program joins them when it starts to serve them.
//!
//! A module becomes a function of its own, in the order in which modules need each other, and hands out what it
//! exports. That is right only for the plain forms of `import` and `export`; whatever else a module uses is
//! refused with a sentence, and a test sees to it that no such file is ever shipped. Lines stay lines, under the
//! name of their file, so that an error's place can be found.

use std::fmt::Write as _;

/// `(name, text)` of a file of the page.
pub(super) type File<'a> = (&'a str, &'a str);

/// The module `entry` and all that it needs, as one module. An error says which file cannot be joined, and why.
pub(super) fn modules(files: &[File<'_>], entry: &str) -> Result<String, String> {
    let mut join = Join { files, done: Vec::new(), open: Vec::new(), text: String::new() };
    join.add(entry)?;
    Ok(join.text)
}

/// The style sheets, one after the other as they are listed.
pub(super) fn styles<'a>(files: impl Iterator<Item = File<'a>>) -> String {
    files.map(|(name, text)| format!("/* ---- {name} */\n{text}\n")).collect()
}

struct Join<'a> {
    files: &'a [File<'a>],
    /// Modules that stand in the text already, with what they export.
    done: Vec<(String, Vec<String>)>,
    /// Modules that wait for what they need, outermost first.
    open: Vec<String>,
    text: String,
}

impl Join<'_> {
    fn add(&mut self, name: &str) -> Result<(), String> {
        if self.done.iter().any(|(done, _)| done == name) {
            return Ok(());
        }
        if self.open.iter().any(|open| open == name) {
            return Err(format!(
                "{} → {name} need each other: such modules cannot be joined",
                self.open.join(" → ")
            ));
        }
        let Some((_, source)) = self.files.iter().find(|(file, _)| *file == name) else {
            return Err(format!("{} asks for {name}, which is no file of the page", self.open.join(" → ")));
        };
        self.open.push(name.to_owned());
        let mut exports = Vec::new();
        let mut body = String::new();
        for (at, line) in source.lines().enumerate() {
            let place = |why: &str| format!("{name}:{}: {why}: {line}", at + 1);
            if let Some((names, from)) = import(line).map_err(place)? {
                self.add(from)?;
                for asked in names.split(',').map(str::trim) {
                    if !self.exports(from, asked) {
                        return Err(place(&format!("{from} does not export {asked:?}")));
                    }
                }
                let _ = writeln!(body, "const {{ {names} }} = {};", variable(from)?);
            } else if let Some((exported, rest)) = export(line).map_err(place)? {
                exports.push(exported.to_owned());
                let _ = writeln!(body, "{rest}");
            } else {
                refuse(line).map_err(place)?;
                let _ = writeln!(body, "{line}");
            }
        }
        self.open.pop();
        let variable = variable(name)?;
        let _ = writeln!(self.text, "// ---- {name}\nconst {variable} = (() => {{");
        let _ = writeln!(self.text, "{body}return {{ {} }};\n}})();\n", exports.join(", "));
        self.done.push((name.to_owned(), exports));
        Ok(())
    }

    fn exports(&self, module: &str, name: &str) -> bool {
        let mut done = self.done.iter();
        done.any(|(done, exports)| done == module && exports.iter().any(|export| export == name))
    }
}

/// `import { a, b } from "./file.js";` as (`a, b`, `file.js`); other imports are refused.
fn import(line: &str) -> Result<Option<(&str, &str)>, &'static str> {
    if !line.starts_with("import") {
        return Ok(None);
    }
    let plain = || {
        let (names, from) =
            line.strip_prefix("import { ")?.strip_suffix("\";")?.split_once(" } from \"./")?;
        names.split(", ").all(is_name).then_some((names, from))
    };
    plain().map(Some).ok_or("only `import { a, b } from \"./file.js\";` can be joined")
}

/// `export const a = …` and its like as (`a`, the line without `export`); other exports are refused.
fn export(line: &str) -> Result<Option<(&str, &str)>, &'static str> {
    if !line.starts_with("export") {
        return Ok(None);
    }
    let plain = || {
        let rest = line.strip_prefix("export ")?;
        let kinds = ["const ", "function ", "async function ", "class "];
        let named = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
        let end = named.find(|c: char| !is_letter(c)).unwrap_or(named.len());
        is_name(&named[..end]).then_some((&named[..end], rest))
    };
    plain()
        .map(Some)
        .ok_or("only a named const, function or class can be exported from a file that is joined")
}

/// What means something else within a function than in a module of its own.
fn refuse(line: &str) -> Result<(), &'static str> {
    if line.contains("import(") || line.contains("import.meta") {
        return Err("what is imported while the page runs cannot be joined");
    }
    // A function's lines are indented; arrows on one line may wait, the file itself may not.
    let own = !line.starts_with([' ', '/', '}']) && !line.contains("=>");
    if own && line.contains("await ") {
        return Err("a file that waits cannot be joined");
    }
    Ok(())
}

/// The variable that holds what a file exports.
fn variable(file: &str) -> Result<String, String> {
    match file.strip_suffix(".js") {
        Some(stem) if is_name(stem) => Ok(format!("${stem}")),
        _ => Err(format!("{file} is no name of a module: letters and digits, then .js")),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_letter)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    //! What is joined stands in the order of need; what cannot be joined is refused by name.

    use super::*;

    #[test]
    fn what_is_needed_stands_before_what_needs_it() {
        let files = [
            ("app.js", "import { one } from \"./one.js\";\nimport { two } from \"./two.js\";\none(two);\n"),
            ("one.js", "import { two } from \"./two.js\";\n\nexport function one() {\n  return two;\n}\n"),
            ("two.js", "const own = 2;\nexport const two = own;\n"),
        ];
        let joined = modules(&files, "app.js").expect("they can be joined");
        let expected = "// ---- two.js\nconst $two = (() => {\nconst own = 2;\nconst two = own;\nreturn { two };\n})();\n\n\
             // ---- one.js\nconst $one = (() => {\nconst { two } = $two;\n\nfunction one() {\n  return two;\n}\nreturn { one };\n})();\n\n\
             // ---- app.js\nconst $app = (() => {\nconst { one } = $one;\nconst { two } = $two;\none(two);\nreturn {  };\n})();\n\n";
        assert_eq!(joined, expected);
    }

    #[test]
    fn what_cannot_be_joined_is_refused_by_name() {
        let refused = |text: &str, why: &str| {
            let files = [
                ("app.js", text),
                ("one.js", "export const one = 1;\n"),
                ("back.js", "import { app } from \"./app.js\";\n"),
            ];
            let said = modules(&files, "app.js").expect_err(text);
            assert!(said.starts_with("app.js") && said.contains(why), "{text}: {said}");
        };
        refused("import one from \"./one.js\";", "only `import");
        refused("import * as one from \"./one.js\";", "only `import");
        refused("import { one as two } from \"./one.js\";", "only `import");
        refused("import \"./one.js\";", "only `import");
        refused("import {", "only `import");
        refused("import { two } from \"./one.js\";", "does not export \"two\"");
        refused("import { none } from \"./none.js\";", "no file of the page");
        refused("import { back } from \"./back.js\";\nexport const app = 1;", "need each other");
        refused("export default 1;", "only a named");
        refused("export let count = 0;", "only a named");
        refused("export const { a } = b;", "only a named");
        refused("export { a };", "only a named");
        refused("const found = await fetch(\"/\");", "a file that waits");
        refused("  const late = await import(\"./one.js\");", "while the page runs");
        refused("const here = import.meta.url;", "while the page runs");
    }

    #[test]
    fn a_function_may_wait() {
        let files = [(
            "app.js",
            "const wait = async () => { await null; };\nasync function go() {\n  await wait();\n}\ngo();\n",
        )];
        assert!(modules(&files, "app.js").is_ok());
    }
}
