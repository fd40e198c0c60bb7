//! The rules of `muster check`: for each a bad example, which it alone finds and in its line, and
//! good ones, in which nothing is found.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use muster::house;

use super::{SMALL, Team};

macro_rules! sh {
    ($text:literal) => {
        concat!("```sh {name=a}\n", $text, "\n```")
    };
}
macro_rules! gate {
    ($text:literal) => {
        concat!("```yaml {name=a kind=gate}\n", $text, "\n```")
    };
}

/// A rule, a bad example with the line of the finding, and a good one. A fence's text is that of
/// the step `a`; the first line of an example is line 8.
const TABLE: &[(&str, &str, usize, &str)] = &[
    ("purge-order", sh!("celery -A app control purge"), 9, sh!("celery -A app purge -f -Q mail")),
    (
        "purge-order",
        sh!("celery -A app.workers control -t 5 purge"),
        9,
        sh!("celery -A app control shutdown"),
    ),
    (
        "inspect-active",
        sh!("# the queue's depth\ncelery -A app inspect active"),
        10,
        sh!("# the queue's depth\nredis-cli llen celery\ncelery -A app inspect active"),
    ),
    ("inspect-active", sh!("celery -A app inspect active | wc -l"), 9, sh!("celery -A app inspect active")),
    (
        "export-restart",
        sh!("export RATE_LIMIT=50\ndocker compose restart api"),
        10,
        sh!("export RATE_LIMIT=50\ndocker compose up -d api"),
    ),
    (
        "export-restart",
        "```sh\nexport A=1\n```\n```sh {name=a}\n$COMPOSE restart\n```",
        12,
        sh!("$COMPOSE restart"),
    ),
    (
        "retag-latest",
        sh!("docker pull lab/app:1.4.2\ndocker tag lab/app:previous lab/app:latest"),
        10,
        sh!("docker tag lab/app:previous lab/app:latest"),
    ),
    (
        "retag-latest",
        "```yaml\nimage: lab/app:v1.4\n```\n```sh {name=a}\ndocker tag lab/app:old lab/app:latest\n```",
        12,
        "```yaml\nimage: lab/app:v1.4\n```\n```http {name=v}\nGET {{base}}/v\nHTTP 200\n[Captures]\nbad: body\n```\n```sh {name=a}\ndocker tag lab/app:old lab/app:latest\n```\n```http {name=w}\nGET {{base}}/v\nHTTP 200\n[Asserts]\nbody != \"{{bad}}\"\n```",
    ),
    ("revert-head", sh!("#| rerun: safe\ngit revert --no-edit HEAD"), 10, sh!("git revert --no-edit HEAD")),
    ("curl-or", sh!("curl -s localhost/healthz || echo down"), 9, sh!("curl -sf localhost/healthz")),
    ("curl-or", sh!("curl -f localhost/healthz ||\n  true"), 9, sh!("curl -f localhost/healthz || exit 1")),
    ("curl-fail", sh!("curl -s -o /dev/null localhost"), 9, sh!("curl --fail -s -o /dev/null localhost")),
    ("curl-fail", sh!("x=$(curl -s -Hfoo:1 localhost)"), 9, sh!("curl -sw '%{http_code}' localhost")),
    ("endless", sh!("docker logs -f app"), 9, sh!("docker logs --tail 100 app")),
    ("endless", sh!("watch -n 1 docker ps"), 9, sh!("timeout 10 watch docker ps || true")),
    ("endless", sh!("cd /srv\ntail -fn100 app.log"), 10, sh!("tail -n 100 app.log")),
    ("endless", sh!("docker compose -f x.yml logs --follow"), 9, sh!("docker compose -f x.yml logs")),
    ("endless", sh!("journalctl -u app -f"), 9, sh!("journalctl -u app -n 20")),
    ("interactive", sh!("sudo nano /etc/app.conf"), 9, sh!("sed -i s/a/b/ /etc/app.conf")),
    ("interactive", sh!("ssh -i key ops@web1"), 9, sh!("ssh -i key ops@web1 systemctl restart app")),
    ("interactive", sh!("docker exec -it app bash"), 9, sh!("docker exec app ls")),
    ("interactive", sh!("psql"), 9, sh!("psql -c 'select 1'")),
    ("pipe-head", sh!("ps aux | head -5"), 9, sh!("head -5 /proc/meminfo")),
    ("pipe-head", sh!("ps aux |\n  head -5"), 10, sh!("ps aux | head -5 || true")),
    ("pipe-grep", sh!("docker ps | grep app | wc -l"), 9, sh!("docker ps | grep -q app")),
    ("pipe-grep", sh!("n=$(docker ps | grep -c app)"), 9, sh!("if docker ps | grep app; then echo up; fi")),
    ("pipe-grep", sh!("docker ps | grep app"), 9, sh!("docker ps | { grep app || true; }")),
    (
        "unquoted",
        sh!("#| env: [HOST]\nsystemctl --host $HOST restart app"),
        10,
        sh!("#| env: [HOST]\nsystemctl --host \"$HOST\" restart app"),
    ),
    (
        "unquoted",
        sh!("rm -r $DIR/x"),
        9,
        sh!("$COMPOSE down\nA=$B\nexport C=$D\n[[ $E = f ]]\necho \"$G\" $? $#"),
    ),
    ("unquoted", sh!("echo \"$(ls ${DIR})\""), 9, sh!("for f in $LIST; do echo \"$f\"; done")),
    (
        "ratio",
        gate!("metrics: [{promql: 'rate(e{code=\"500\"}[5m]) / rate(e[5m])', is: \"< 0.1\"}]"),
        9,
        gate!("metrics: [{promql: 'sum(rate(e{code=\"500\"}[5m])) / sum(rate(e[5m]))', is: \"< 0.1\"}]"),
    ),
    (
        "ratio",
        gate!("metrics: [{promql: 'e{code=\"500\"} / e', is: \"< 0.1\"}]"),
        9,
        gate!("metrics: [{promql: 'free{a=\"b\"} / total{a=\"b\"}', is: \"< 0.1\"}]"),
    ),
    (
        "per-minute",
        gate!("metrics:\n  - name: errors per minute\n    promql: rate(errors[5m])\n    is: \"> 5\""),
        11,
        gate!("metrics:\n  - name: errors per minute\n    promql: rate(errors[5m]) * 60\n    is: \"> 5\""),
    ),
    (
        "threshold",
        gate!("questions: [Is memory above the threshold?]"),
        9,
        gate!("questions: [Is memory above the threshold of 90 %?]"),
    ),
    ("placeholder", sh!("ping -c 1 <YOUR-HOST>"), 9, sh!("cat < /etc/hosts")),
    ("placeholder", sh!("host YOUR_HOST"), 9, sh!("echo yours")),
    ("placeholder", sh!("ssh ops@<host> uptime"), 9, sh!("cat <<EOF >out\n<br>\nEOF\nsort <in >out")),
    ("placeholder", sh!("# TODO: the rest\ntrue"), 9, sh!("true")),
    (
        "placeholder",
        "```http {name=a}\nGET https://example.com/\nHTTP 200\n```",
        9,
        "See https://example.com/.",
    ),
    ("credential", sh!("export DB_PASSWORD=hunter2x"), 9, sh!("export DB_PASSWORD=\"$SECRET\"")),
    (
        "credential",
        sh!("psql postgres://app:s3cr3tpw@db/app -c x"),
        9,
        sh!("psql \"postgres://app:$PW@db/app\" -c x"),
    ),
    (
        "credential",
        "```http {name=a}\nGET {{base}}/\nAuthorization: Bearer abcdef0123456789abcd\nHTTP 200\n```",
        10,
        "```http {name=a}\n#| secrets: [TOKEN]\nGET {{base}}/\nAuthorization: Bearer {{TOKEN}}\nHTTP 200\n```",
    ),
    ("credential", sh!("use ghp_abcdefghijklmnopqrstuvwx"), 9, sh!("use ghp_x")),
    ("encoding", sh!("echo 'schÃ¶n'"), 9, sh!("echo 'schön, Ã, 12 °C'")),
    ("encoding", sh!("echo 'a\u{fffd}b'"), 9, sh!("echo 'a b'")),
    ("encoding", sh!("echo 'donâ€™t'"), 9, sh!("echo 'don’t'")),
];

const SET: &str = "[services.lab.vars]\nbase = \"https://lab.internal\"\nHOST = \"lab\"\n";

/// What is found in a runbook with this text, as `line: severity rule`.
fn found(text: &str) -> Vec<String> {
    let lab = format!("---\nrunbook: 1\nvars: [base, HOST]\n---\n# Lab\n## Do\n\n{text}\n");
    let team = Team::with(&[("muster.toml", &format!("{SMALL}{SET}")), ("runbooks/lab.md", &lab)]);
    let today = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    let problems = house::check(&team.path("muster.toml"), today);
    let one = |p: &house::Problem| {
        let severity = if p.fails() { "error" } else { "note" };
        assert!(!p.cure.is_empty());
        format!("{}: {severity} {}", p.line, p.rule.unwrap_or(&p.what))
    };
    problems.iter().map(one).collect()
}

#[test]
fn each_rule_finds_its_bad_example_and_no_other_does_and_none_finds_the_good_one() {
    let mut wrong = Vec::new();
    for (rule, bad, line, good) in TABLE {
        let told = found(bad);
        if told != [format!("{line}: error {rule}")] {
            wrong.push(format!("{rule}, bad: {bad}\n  finds {told:?}"));
        }
        let told = found(good);
        if !told.is_empty() {
            wrong.push(format!("{rule}, good: {good}\n  finds {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_an_example() {
    let shown: BTreeSet<&str> = TABLE.iter().map(|(rule, ..)| *rule).chain(["reviewed"]).collect();
    assert_eq!(house::rules().collect::<BTreeSet<_>>(), shown);
}

#[test]
fn what_a_person_copies_and_reads_is_noted_and_does_not_fail() {
    assert_eq!(found("```sh\ndocker logs -f app\n```"), ["9: note endless"]);
    assert_eq!(found("```sh\ngit revert HEAD\n```"), ["9: note revert-head"]);
    assert_eq!(
        found("Call <ON-CALL NUMBER>.\n\nWhen CPU exceeds the limit, wait."),
        ["8: note placeholder", "10: note threshold"]
    );
    assert_eq!(found("The password: hunter2x9"), ["8: note credential"]);
    // A terminal has no pipefail, and the shell of a person is their own.
    assert_eq!(found("```sh\nps aux | grep $X | head\n```"), [""; 0]);
    assert_eq!(found("`rate(errors[5m])` > 5/min"), ["8: note per-minute"]);
}

#[test]
fn a_precheck_is_looked_at_where_it_stands() {
    let text = "```sh {name=a}\n#| precheck: tail -f x\n#| timeout: 5s\ntrue\n```";
    assert_eq!(found(text), ["9: error endless"]);
}
