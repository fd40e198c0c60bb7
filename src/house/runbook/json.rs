//! Reads a JSON body with names in it. A name stands in a string, or alone where a value stands.

use super::token;
use crate::model::runbook::http::{Json, Part, Template};

/// How deep lists and objects may lie in each other.
const DEEPEST: usize = 64;

/// What is wrong, and how many lines below the first.
type Wrong = (usize, String);

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// The JSON in `text`, all of it.
///
/// # Errors
/// What is wrong, with the number of line ends before it.
pub fn parse(text: &str) -> Result<Json, Wrong> {
    let mut reader = Reader { text, at: 0 };
    let json = reader.value(0)?;
    reader.space();
    if reader.rest().is_empty() { Ok(json) } else { Err(reader.wrong("something stands behind its end")) }
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong(&self, why: &str) -> Wrong {
        (self.text[..self.at].matches('\n').count(), why.to_owned())
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Goes past `mark` if it comes next.
    fn take(&mut self, mark: char) -> bool {
        self.space();
        let there = self.rest().starts_with(mark);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Json, Wrong> {
        if depth > DEEPEST {
            return Err(self.wrong("it is too deep"));
        }
        self.space();
        if let Some(after) = self.rest().strip_prefix("{{") {
            let length = after.find("}}").ok_or_else(|| self.wrong("`{{` is not closed"))? + 4;
            let template = token::template(&self.rest()[..length]).map_err(|e| self.wrong(&e))?;
            self.at += length;
            return match template.0.into_iter().next() {
                Some(Part::Value(name)) => Ok(Json::Value(name)),
                _ => Err(self.wrong("`{{` holds no name")),
            };
        }
        if self.take('[') {
            return self.series(']', |r| r.value(depth + 1)).map(Json::List);
        }
        if self.take('{') {
            let pair = |r: &mut Self| {
                r.space();
                let key = token::fixed(&r.string()?).ok_or_else(|| r.wrong("a key holds a name"))?;
                if !r.take(':') {
                    return Err(r.wrong("a `:` is missing behind a key"));
                }
                Ok((key, r.value(depth + 1)?))
            };
            return self.series('}', pair).map(Json::Object);
        }
        if self.rest().starts_with('"') {
            return self.string().map(Json::Text);
        }
        let length = self.rest().find([',', ']', '}', ' ', '\n', '\t', '\r']).unwrap_or(self.rest().len());
        let plain = serde_json::from_str(&self.rest()[..length])
            .map_err(|_| self.wrong("a value is missing or misspelt"))?;
        self.at += length;
        Ok(Json::Plain(plain))
    }

    /// What stands between brackets, with commas.
    fn series<T>(
        &mut self,
        end: char,
        mut one: impl FnMut(&mut Self) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, Wrong> {
        let mut all = Vec::new();
        if self.take(end) {
            return Ok(all);
        }
        loop {
            all.push(one(self)?);
            if self.take(end) {
                return Ok(all);
            }
            if !self.take(',') {
                return Err(self.wrong(&format!("a `,` or `{end}` is missing")));
            }
        }
    }

    fn string(&mut self) -> Result<Template, Wrong> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return Err(self.wrong("text between quotation marks is missing"));
        }
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let (end, _) = end.ok_or_else(|| self.wrong("a quotation mark is not closed"))?;
        let mut template = token::template(&rest[1..end]).map_err(|e| self.wrong(&e))?;
        for part in &mut template.0 {
            if let Part::Text(text) = part {
                *text = serde_json::from_str(&format!("\"{text}\""))
                    .map_err(|_| self.wrong("an escape in a text is wrong"))?;
            }
        }
        self.at += end + 1;
        Ok(template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_texts_and_as_values() {
        let json = parse("{\"a\": [1, {{n}}, \"x{{s}}\\n\"],\n \"b\": null}").unwrap();
        let Json::Object(pairs) = json else { panic!() };
        let Json::List(list) = &pairs[0].1 else { panic!() };
        assert_eq!(list[1], Json::Value("n".into()));
        let wanted = [Part::Text("x".into()), Part::Value("s".into()), Part::Text("\n".into())];
        assert_eq!(list[2], Json::Text(Template(wanted.into())));
        assert_eq!(pairs[1].1, Json::Plain(serde_json::Value::Null));
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (text, line) in [
            ("{\"a\": 1,\n\"b\" 2}", 1),
            ("[1, 2", 0),
            ("{\"a\": tru}", 0),
            ("{}\n\n{}", 2),
            ("{\"a\": \"x\n", 0),
            ("{\"a\": {{b}", 0),
            ("", 0),
        ] {
            assert_eq!(parse(text).unwrap_err().0, line, "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
