
/// Whether this mistake is the one that is made now: a copy of the source has all of them.
pub fn planted(mistake: &str) -> bool {
    static NOW: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    NOW.get_or_init(|| std::env::var("MUSTER_PLANTED").unwrap_or_default()) == mistake
}
