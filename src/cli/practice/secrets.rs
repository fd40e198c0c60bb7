//! The secrets of the practice services, so that a runbook's step that names one runs in the sandbox as well.
//! They open nothing but these services. What the environment sets is taken before them.

use std::collections::BTreeMap;

use crate::runner::Secrets;
use crate::sandbox::practice::{soundfoundry, soundscape};

/// What a sandbox's Muster is started with.
pub fn secrets() -> Secrets {
    let all = [
        ("SCOPE_PROXY_WRITE_TOKEN", soundscape::WRITE_TOKEN),
        ("SOUNDFOUNDRY_TOKEN", soundfoundry::USER_TOKEN),
        ("SOUNDFOUNDRY_FREE_TOKEN", soundfoundry::FREE_TOKEN),
        ("SOUNDFOUNDRY_PRO_TOKEN", soundfoundry::PRO_TOKEN),
    ];
    let all: BTreeMap<String, String> = all.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    Secrets::environment().or(all)
}
