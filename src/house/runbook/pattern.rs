//! Whether a text is a regular expression, without building the program that would match it:
//! building is what takes long in a runbook with thousands of patterns.

/// Up to this length a pattern without counted repetitions fits the limit that `regex` has for
/// a program, whatever classes are in it.
const SHORT: usize = 64;

/// Whether `regex` takes this pattern.
///
/// # Errors
/// Why not, in a few words.
pub fn check(pattern: &str) -> Result<(), String> {
    let short = pattern.len() <= SHORT && !pattern.contains('{');
    let found = if short {
        regex_syntax::parse(pattern).map(drop).map_err(|e| e.to_string())
    } else {
        regex::Regex::new(pattern).map(drop).map_err(|e| e.to_string())
    };
    // The reason is the last line; those above it draw where it stands.
    found.map_err(|why| why.lines().last().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_building_it_would_say() {
        let hard = r"\w\W\d\pL\PL.".repeat(4);
        for pattern in
            ["a", "^(a|b)+?$", r"(?m)^x \d$", "(", "a)|(b", "[z-a]", r"\y", "(?<n>a)(?<n>b)", "*", &hard]
        {
            assert!(pattern.len() <= SHORT);
            assert_eq!(check(pattern).is_ok(), regex::Regex::new(pattern).is_ok(), "{pattern}");
        }
        assert!(check("((a{1000}){1000}){1000}").is_err());
        assert!(check(&"(".repeat(1000)).is_err());
    }
}
