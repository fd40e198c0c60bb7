//! The bench's sender: HTTP over connections that stay open, one request at a time on each, the same
//! for Muster and for Debian's Alertmanager.

use std::fmt::Write as _;
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::program::Trouble;

/// What takes alerts in.
#[async_trait::async_trait(?Send)]
pub trait Target {
    /// Where, as host and port.
    fn address(&self) -> Result<String, Trouble>;
    /// Resident memory in MB.
    fn resident(&self) -> Result<f64, Trouble>;
    /// Kills it with SIGKILL, and starts it on what is left.
    async fn kill_and_start(&mut self) -> Result<(), Trouble>;
}

/// So many a second.
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// The value that this share is not above.
pub fn quantile(figures: &mut [f64], share: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[((figures.len() - 1) as f64 * share).round() as usize]
}

/// The body of a request: alerts as Prometheus sends them, each with its number.
pub fn alerts(name: &str, numbers: Range<usize>) -> String {
    let mut body = String::from("[");
    for (at, n) in numbers.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            body,
            r#"{comma}{{"annotations":{{"description":"More than 5 % of requests failed for 5 minutes.","summary":"the problem {name}"}},"endsAt":"2099-01-01T00:00:00.000Z","startsAt":"2026-01-01T00:00:00.000Z","generatorURL":"http://prometheus.test:9090/graph?g0.expr=rate%28errors%5B5m%5D%29+%3E+0.05&g0.tab=1","labels":{{"alertname":"{name}","instance":"host-{n}.test:9100","job":"node","severity":"warning"}}}}"#
        );
    }
    body.push(']');
    body
}

/// One connection that stays open.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> std::io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream: BufReader::new(stream), line: String::new(), body: vec![] })
    }

    /// Posts alerts, and gives the status.
    pub async fn post(&mut self, body: &str) -> std::io::Result<u16> {
        let head = format!(
            "POST /api/v2/alerts HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.ask(&[head.as_str(), body].concat()).await
    }

    /// How many alerts it holds.
    pub async fn count(&mut self) -> Result<usize, Trouble> {
        let status = self.ask("GET /api/v2/alerts HTTP/1.1\r\nhost: bench\r\n\r\n").await?;
        if status != 200 {
            return Err(format!("the answer is {status}").into());
        }
        let all: Vec<serde::de::IgnoredAny> = serde_json::from_slice(&self.body)?;
        Ok(all.len())
    }

    async fn ask(&mut self, request: &str) -> std::io::Result<u16> {
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        let (mut status, mut length, mut chunked) = (0, 0_usize, false);
        while self.line().await? {
            let line = self.line.trim_end();
            if status == 0 {
                status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
            } else if let Some((name, value)) = line.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().unwrap_or(0),
                    "transfer-encoding" => chunked = true,
                    _ => {}
                }
            }
        }
        self.body.clear();
        while chunked {
            self.line().await?;
            let size = usize::from_str_radix(self.line.trim(), 16).map_err(std::io::Error::other)?;
            self.bytes(size).await?;
            self.line().await?;
            chunked = size > 0;
        }
        self.bytes(length).await?;
        Ok(status)
    }

    /// Reads a line; whether anything stands in it.
    async fn line(&mut self) -> std::io::Result<bool> {
        self.line.clear();
        if self.stream.read_line(&mut self.line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(!self.line.trim_end().is_empty())
    }

    async fn bytes(&mut self, count: usize) -> std::io::Result<()> {
        let from = self.body.len();
        self.body.resize(from + count, 0);
        self.stream.read_exact(&mut self.body[from..]).await.map(drop)
    }
}

/// Debian's Alertmanager, with one group that nobody is told of.
pub struct Alertmanager {
    child: Child,
    port: u16,
    folder: TempDir,
}

/// Starts one.
pub async fn alertmanager() -> Result<Alertmanager, Trouble> {
    let folder = tempfile::tempdir()?;
    std::fs::write(
        folder.path().join("alertmanager.yml"),
        "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n",
    )?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let child = run(&folder, port)?;
    let target = Alertmanager { child, port, folder };
    target.ready().await?;
    Ok(target)
}

fn run(folder: &TempDir, port: u16) -> std::io::Result<Child> {
    let mut command = Command::new("prometheus-alertmanager");
    command.args(["--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address="]);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}")).current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

impl Alertmanager {
    async fn ready(&self) -> Result<(), Trouble> {
        for _ in 0..600 {
            if let Ok(mut connection) = Connection::open(&self.address()?).await
                && connection.count().await.is_ok()
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("prometheus-alertmanager does not come up (apt-get install prometheus-alertmanager)".into())
    }
}

#[async_trait::async_trait(?Send)]
impl Target for Alertmanager {
    fn address(&self) -> Result<String, Trouble> {
        Ok(format!("127.0.0.1:{}", self.port))
    }

    fn resident(&self) -> Result<f64, Trouble> {
        crate::program::resident(self.child.id())
    }

    async fn kill_and_start(&mut self) -> Result<(), Trouble> {
        self.child.kill()?;
        self.child.wait()?;
        self.child = run(&self.folder, self.port)?;
        self.ready().await
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
