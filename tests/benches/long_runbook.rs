//! A runbook as long as one likes, as teams would write it if they wrote that much: text, lists,
//! guided steps, and named steps of every kind that name each other.

use std::fmt::Write as _;

/// A service's runbook of at least `bytes` bytes, and how many named steps are in it.
pub fn long_runbook(bytes: usize) -> (String, usize) {
    let mut text = String::from(
        "---\nrunbook: 1\nvars: [base, HOST]\nparams: {version: {type: string, pattern: \"[0-9.]+\"}}\n---\n# Long\n",
    );
    let mut named = 0;
    for n in 0.. {
        if text.len() >= bytes {
            break;
        }
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            r#"
## Service {n} is slow

When the *p95* of service {n} is above 2000 ms for five minutes, look at these first:

- the [dashboard](https://dash.example/d/{n}) of the service
- what was deployed in the last hour

```http {{name=before-{n}}}
#| on-fail: continue
GET {{{{base}}}}/services/{n}/version
HTTP *
[Captures]
bad-{n}: jsonpath "$.version"
```

### Mend it

1. Say in the thread that service {n} is being restarted.
   ```sh
   docker compose ps service-{n}
   ```
2. Wait for an answer.

```sh {{name=swap-{n}}}
#| env: [HOST, version]
#| precheck: docker image inspect service-{n}:previous
#| timeout: 60s
#| undo: back-{n}
#| verify: healthy-{n}
docker tag "service-{n}:$version" service-{n}:current
systemctl --host "$HOST" restart service-{n}
```

```http {{name=healthy-{n}}}
#| poll: {{every: 2s, for: 45s}}
#| needs: [swap-{n}]
GET {{{{base}}}}/services/{n}/healthz
HTTP 200
[Asserts]
jsonpath "$.status" == "ok"
jsonpath "$.checks.queue" < {n}
body matches /service_{n}_up [01]/
duration < 2000
```

```http {{name=changed-{n}}}
GET {{{{base}}}}/services/{n}/version
HTTP 200
[Asserts]
jsonpath "$.version" != "{{{{bad-{n}}}}}"
```

- [ ] The graphs of service {n} look as they did before
- [ ] The thread says so

### If it does not help

Ask the team that owns service {n}. They know its *queues*, its `cron` and what it was like last time; the table says who they are.

| team | when |
|---|---|
| team {n} | by day |
| platform | by night |

## Service {n}, back again

```sh {{name=back-{n}}}
#| env: [HOST]
docker tag service-{n}:previous service-{n}:current
systemctl --host "$HOST" restart service-{n}
```
"#
        );
        named += 5;
    }
    (text, named)
}
