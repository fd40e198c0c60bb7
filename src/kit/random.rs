//! Randomness from the operating system, spelled in letters that survive being read aloud.

/// Crockford's base 32 without the vowels that make words: safe in file names, nonces, URLs.
const LETTERS: &[u8; 32] = b"0123456789bcdfghjkmnpqrstvwxyzae";

/// `len` random letters (5 bits each).
///
/// # Errors
/// When the operating system gives no randomness, which no caller can go on without.
pub fn letters(len: usize) -> Result<String, String> {
    let mut bytes = vec![0u8; len];
    getrandom::fill(&mut bytes).map_err(|e| format!("the system gives no randomness: {e}"))?;
    Ok(bytes.iter().map(|b| LETTERS[usize::from(b & 31)] as char).collect())
}

/// A number in base 36, the shortest spelling that Discord's 25-character nonce leaves room for.
pub fn base36(mut n: u64) -> String {
    let mut out = Vec::new();
    loop {
        let digit = u8::try_from(n % 36).unwrap_or(0);
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        n /= 36;
        if n == 0 {
            break;
        }
    }
    out.reverse();
    out.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base36_is_the_usual_spelling() {
        assert_eq!(base36(0), "0");
        assert_eq!(base36(35), "z");
        assert_eq!(base36(36), "10");
        assert_eq!(base36(u64::MAX), "3w5e11264sgsf");
    }

    #[test]
    fn letters_differ_and_have_the_length_asked_for() {
        let (a, b) = (letters(10).unwrap(), letters(10).unwrap());
        assert_eq!((a.len(), b.len()), (10, 10));
        assert_ne!(a, b);
    }
}
