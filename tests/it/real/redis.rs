//! A Redis of a test's own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How often a foreign process is looked at until it is ready, 50 ms apart.
pub const TRIES: u32 = 600;

/// Looks until `ready` finds something.
pub fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    for _ in 0..TRIES {
        if let Some(found) = ready() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("waited in vain for {what}");
}

/// A running `redis-server` on loopback, with a folder and a port of its own. It ends with the test.
pub struct RealRedis {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl RealRedis {
    /// Starts one, and waits until it answers.
    pub fn start() -> RealRedis {
        // Between looking for a free port and taking it, another program may take it.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let folder = tempfile::tempdir().unwrap();
            let log = std::fs::File::create(folder.path().join("redis.log")).unwrap();
            let child = Command::new("redis-server")
                .args([
                    "--bind",
                    "127.0.0.1",
                    "--port",
                    &port.to_string(),
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                ])
                .current_dir(folder.path())
                .stdin(Stdio::null())
                .stdout(log)
                .stderr(Stdio::null())
                .spawn()
                .expect("redis-server can be started; tests/run installs it");
            let mut redis = RealRedis { child, port, _folder: folder };
            let mut gone = false;
            until("redis to answer or to end", || {
                gone = redis.child.try_wait().unwrap().is_some();
                let ready = || redis.try_ask(&["PING"]).is_ok_and(|reply| reply == ["PONG"]);
                (gone || ready()).then_some(())
            });
            if !gone {
                return redis;
            }
        }
        panic!("redis-server found no free port in five tries");
    }

    /// Its address, as Celery names it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// The answer to a command, flattened; what is not there is no word.
    pub fn ask(&self, words: &[&str]) -> Vec<String> {
        self.try_ask(words).unwrap_or_else(|e| panic!("redis, {words:?}: {e}"))
    }

    /// The number that a command answers: of `LLEN` and `HLEN`.
    pub fn count(&self, words: &[&str]) -> u64 {
        self.ask(words)[0].parse().unwrap()
    }

    /// Takes the next entry of a list, and waits for it.
    pub fn next(&self, list: &str) -> String {
        let found = self.ask(&["BLPOP", list, "30"]);
        found.get(1).unwrap_or_else(|| panic!("nothing came into the list {list}")).clone()
    }

    fn try_ask(&self, words: &[&str]) -> std::io::Result<Vec<String>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(40)))?;
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        stream.write_all(request.as_bytes())?;
        let mut found = vec![];
        reply(&mut BufReader::new(stream), &mut found)?;
        Ok(found)
    }
}

/// One reply of Redis' protocol, its words behind those in `found`.
fn reply(stream: &mut BufReader<TcpStream>, found: &mut Vec<String>) -> std::io::Result<()> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let (kind, rest) = line.trim_end().split_at_checked(1).unwrap_or(("", ""));
    let length = || rest.parse::<i64>().map_err(std::io::Error::other);
    match kind {
        "+" | ":" => found.push(rest.to_owned()),
        "$" => {
            if let Ok(length) = usize::try_from(length()?) {
                let mut bytes = vec![0; length + 2];
                stream.read_exact(&mut bytes)?;
                found.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            }
        }
        "*" => {
            for _ in 0..length()?.max(0) {
                reply(stream, found)?;
            }
        }
        _ => return Err(std::io::Error::other(line)),
    }
    Ok(())
}

impl Drop for RealRedis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
