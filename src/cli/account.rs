//! Who sits at the terminal: the account that the system knows, not what anybody claims.

/// The name of an account, from `/etc/passwd`; its number where it has none there.
pub fn name(uid: u32) -> String {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(uid)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("account {uid}"))
}

/// The name of the account that this program runs as.
pub fn own() -> String {
    name(rustix::process::getuid().as_raw())
}
