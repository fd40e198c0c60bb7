//! What GitHub sends: deployments and workflows become marks, so that "what changed?" has an answer
//! (GitHub, "Webhook events and payloads").

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{Came, at, named, time};
use crate::kit::time::Timestamp;
use crate::model::alert::Batch;
use crate::model::incident::Link;
use crate::model::mark::{Mark, Went};

/// The header that holds the signature.
pub const SIGNATURE: &str = "x-hub-signature-256";
/// The header that says which kind of event it is.
pub const EVENT: &str = "x-github-event";
/// The header that holds the delivery's id: the same when GitHub sends it again.
pub const DELIVERY: &str = "x-github-delivery";

/// A delivery, as it came.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// What this source is called in `muster.toml`.
    pub source: &'a str,
    /// Which service is made of which repository: `owner/name` to a runbook's name. One that is not
    /// there counts as the service that is called as the repository is.
    pub services: &'a BTreeMap<String, String>,
    /// Which kind of event ([`EVENT`]).
    pub event: &'a str,
    /// Its id ([`DELIVERY`]).
    pub id: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// What a delivery comes to.
///
/// # Errors
/// Every field that is missing, by its name.
pub fn read(delivery: &Delivery<'_>, now: Timestamp) -> Result<Came, Vec<String>> {
    let body: Value =
        serde_json::from_slice(delivery.body).map_err(|e| vec![format!("the body is no JSON: {e}")])?;
    let read = match delivery.event {
        "ping" => {
            return Ok(Came::Nothing("GitHub can reach Muster, and the signature is right.".to_owned()));
        }
        "deployment_status" => deployment(&body, now),
        "workflow_run" => workflow(&body, now),
        "" => return Err(vec!["the header X-GitHub-Event is missing".to_owned()]),
        other => {
            let why = format!("Muster keeps deployment_status and workflow_run; `{other}` is passed over.");
            return Ok(Came::Nothing(why));
        }
    };
    Ok(match read? {
        Err(why) => Came::Nothing(why),
        Ok(mut mark) => {
            let repository = at(&body, &["repository", "full_name"]).unwrap_or_default();
            let own = || at(&body, &["repository", "name"]).map(|name| name.to_lowercase());
            mark.service = named(delivery.services, &repository).or_else(own);
            Came::Batch(Batch {
                source: delivery.source.to_owned(),
                receipt: delivery.id.map(str::to_owned),
                marks: vec![mark],
                ..Batch::default()
            })
        }
    })
}

/// A mark, or why there is none.
type Read = Result<Result<Mark, String>, Vec<String>>;

fn wanted(body: &Value, ways: &[&[&str]]) -> Result<Vec<String>, Vec<String>> {
    let found: Vec<Option<String>> = ways.iter().map(|way| at(body, way)).collect();
    let missing = |(way, found): (&&[&str], &Option<String>)| {
        found.is_none().then(|| format!("`{}` is missing", way.join(".")))
    };
    let missing: Vec<String> = ways.iter().zip(&found).filter_map(missing).collect();
    if missing.is_empty() { Ok(found.into_iter().flatten().collect()) } else { Err(missing) }
}

fn deployment(body: &Value, now: Timestamp) -> Read {
    let ways: [&[&str]; 3] =
        [&["deployment_status", "state"], &["deployment", "ref"], &["repository", "full_name"]];
    let found = wanted(body, &ways)?;
    let (state, branch) = (found[0].as_str(), found[1].as_str());
    let went = match state {
        "success" => Went::Done,
        "failure" | "error" => Went::Failed,
        "in_progress" => Went::Began,
        // They come before, or after another deployment took its place.
        _ => return Ok(Err(format!("A deployment that is `{state}` is passed over."))),
    };
    let of = |key: &str| at(body, &["deployment_status", key]);
    let environment = of("environment").or_else(|| at(body, &["deployment", "environment"]));
    let mut what = match environment {
        Some(environment) => format!("Deployment of {branch} to {environment}"),
        None => format!("Deployment of {branch}"),
    };
    what += &commit(at(body, &["deployment", "sha"]), branch);
    if let Some(said) = of("description").filter(|_| went == Went::Failed) {
        what += &format!(": {said}");
    }
    let page = of("log_url").or_else(|| of("target_url")).or_else(|| of("environment_url"));
    Ok(Ok(Mark {
        what,
        at: of("updated_at").or_else(|| of("created_at")).and_then(|t| time(&t)).unwrap_or(now),
        went,
        by: at(body, &["deployment", "creator", "login"]),
        link: page.map(|url| Link { url, label: "Log".to_owned() }),
        ..Mark::default()
    }))
}

fn workflow(body: &Value, now: Timestamp) -> Read {
    let ways: [&[&str]; 4] = [
        &["action"],
        &["workflow_run", "name"],
        &["workflow_run", "head_branch"],
        &["repository", "default_branch"],
    ];
    let found = wanted(body, &ways)?;
    let (action, name, branch, default) =
        (found[0].as_str(), found[1].as_str(), found[2].as_str(), found[3].as_str());
    if branch != default {
        return Ok(Err(format!("A workflow on {branch} is passed over: {default} is what is released.")));
    }
    let of = |key: &str| at(body, &["workflow_run", key]);
    let conclusion = of("conclusion").unwrap_or_default();
    let went = match (action, conclusion.as_str()) {
        ("requested", _) => Went::Began,
        ("completed", "success") => Went::Done,
        ("completed", "failure" | "timed_out" | "startup_failure") => Went::Failed,
        ("completed", "cancelled") => Went::Unsaid,
        ("completed", "") => return Err(vec!["`workflow_run.conclusion` is missing".to_owned()]),
        (_, "") => return Ok(Err(format!("A workflow that is `{action}` is passed over."))),
        (_, other) => return Ok(Err(format!("A workflow that ended as `{other}` is passed over."))),
    };
    let number = of("run_number").map(|n| format!(" #{n}")).unwrap_or_default();
    let ended = if went == Went::Unsaid { " (cancelled)" } else { "" };
    let when = if went == Went::Began { of("run_started_at") } else { None };
    Ok(Ok(Mark {
        what: format!("Workflow {name}{number} on {branch}{}{ended}", commit(of("head_sha"), branch)),
        at: when.or_else(|| of("updated_at")).and_then(|t| time(&t)).unwrap_or(now),
        went,
        by: at(body, &["workflow_run", "actor", "login"]),
        link: of("html_url").map(|url| Link { url, label: "Run".to_owned() }),
        ..Mark::default()
    }))
}

/// A commit's first letters, unless the branch's name is the commit already.
fn commit(sha: Option<String>, branch: &str) -> String {
    let short = sha.filter(|sha| *sha != branch).map(|sha| sha.chars().take(7).collect::<String>());
    short.map(|sha| format!(" ({sha})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_795_251_600_000);

    fn read(event: &str, body: &Value) -> Result<Came, Vec<String>> {
        let services = BTreeMap::from([("team/lab".to_owned(), "soundlab".to_owned())]);
        let body = body.to_string();
        let id = Some("72d3162e-cc78-11e3-81ab-4c9367dc0958");
        super::read(
            &Delivery { source: "github", services: &services, event, id, body: body.as_bytes() },
            NOW,
        )
    }

    fn mark(event: &str, body: &Value) -> Mark {
        let Came::Batch(mut batch) = read(event, body).unwrap() else { panic!("nothing came") };
        assert_eq!(batch.receipt.as_deref(), Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"));
        batch.marks.remove(0)
    }

    fn nothing(event: &str, body: &Value) -> String {
        let Came::Nothing(why) = read(event, body).unwrap() else { panic!("something came") };
        why
    }

    fn status(state: &str) -> Value {
        json!({
            "action": "created",
            "deployment_status": {
                "state": state, "environment": "production", "description": "the smoke test failed",
                "log_url": "https://github.example.test/team/lab/runs/9", "target_url": "",
                "created_at": "2026-11-21T08:58:00Z", "updated_at": "2026-11-21T08:59:00Z"
            },
            "deployment": {
                "ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e", "task": "deploy",
                "environment": "production", "creator": {"login": "deployer"}
            },
            "repository": {"name": "lab", "full_name": "Team/lab", "default_branch": "main"}
        })
    }

    fn run(action: &str, branch: &str, conclusion: &Value) -> Value {
        json!({
            "action": action,
            "workflow_run": {
                "name": "release", "run_number": 562, "head_branch": branch, "conclusion": conclusion,
                "head_sha": "acb5820ced9479c074f688cc328bf03f341a511d",
                "html_url": "https://github.example.test/team/lab/actions/runs/30433642",
                "run_started_at": "2026-11-21T08:50:00Z", "updated_at": "2026-11-21T08:59:00Z",
                "actor": {"login": "deployer"}
            },
            "repository": {"name": "Soundscape", "full_name": "team/soundscape", "default_branch": "main"}
        })
    }

    #[test]
    fn a_deployment_is_a_mark_of_the_service_that_the_settings_name() {
        let done = mark("deployment_status", &status("success"));
        assert_eq!(done.what, "Deployment of main to production (f95f852)");
        assert_eq!((done.service.as_deref(), done.went), (Some("soundlab"), Went::Done));
        assert_eq!((done.at, done.by.as_deref()), (Timestamp(1_795_251_540_000), Some("deployer")));
        assert_eq!(done.link.unwrap().url, "https://github.example.test/team/lab/runs/9");
        let failed = mark("deployment_status", &status("failure"));
        assert_eq!(failed.went, Went::Failed);
        assert!(failed.what.ends_with(": the smoke test failed"), "{}", failed.what);
        assert_eq!(mark("deployment_status", &status("in_progress")).went, Went::Began);
        for state in ["pending", "queued", "waiting", "inactive"] {
            assert!(nothing("deployment_status", &status(state)).contains(state));
        }
    }

    #[test]
    fn a_workflow_counts_on_the_branch_that_is_released() {
        let failed = mark("workflow_run", &run("completed", "main", &json!("failure")));
        assert_eq!(failed.what, "Workflow release #562 on main (acb5820)");
        assert_eq!((failed.service.as_deref(), failed.went), (Some("soundscape"), Went::Failed));
        let began = mark("workflow_run", &run("requested", "main", &Value::Null));
        assert_eq!((began.went, began.at), (Went::Began, Timestamp(1_795_251_000_000)));
        assert_eq!(mark("workflow_run", &run("completed", "main", &json!("success"))).went, Went::Done);
        assert!(nothing("workflow_run", &run("completed", "topic", &json!("failure"))).contains("topic"));
        assert!(nothing("workflow_run", &run("completed", "main", &json!("skipped"))).contains("skipped"));
        assert!(nothing("workflow_run", &run("in_progress", "main", &Value::Null)).contains("in_progress"));
    }

    #[test]
    fn what_is_no_deployment_is_passed_over_and_what_lacks_a_field_is_told() {
        assert!(nothing("ping", &json!({"zen": "x"})).contains("reach"));
        assert!(nothing("push", &json!({})).contains("push"));
        let errors = read("deployment_status", &json!({"deployment": {"ref": "main"}})).unwrap_err();
        assert_eq!(errors, ["`deployment_status.state` is missing", "`repository.full_name` is missing"]);
        assert_eq!(read("workflow_run", &json!({})).unwrap_err().len(), 4);
        assert!(read("", &json!({})).unwrap_err()[0].contains("X-GitHub-Event"));
    }
}
