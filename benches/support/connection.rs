//! One keep-alive connection of HTTP/1.1, which is opened again when it has ended.
//!
//! Bytes in, bytes out: the generator shares the machine with the server, so what it costs is not to be seen. It knows
//! what our server sends, and no more: a status, headers, a body with its length.

use actix_web::http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to a server.
pub(crate) struct Connection {
    address: String,
    stream: Option<TcpStream>,
    bytes: Vec<u8>,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) path: &'a str,
    pub(crate) token: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// JSON; sent where it is not empty.
    pub(crate) body: String,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(address: &str) -> Connection {
        Connection { address: address.to_owned(), stream: None, bytes: Vec::new() }
    }

    /// Sends a request and reads the whole answer; a connection that was closed is opened once more.
    pub(crate) async fn send(&mut self, method: Method, ask: &Ask<'_>) -> Result<Answer, String> {
        let was_open = self.stream.is_some();
        match self.once(&method, ask).await {
            // The server closes an idle connection at any moment: this request never reached it.
            Err(_) if was_open && self.bytes.is_empty() => self.once(&method, ask).await,
            answer => answer,
        }
        .map_err(|error| error.to_string())
    }

    async fn once(&mut self, method: &Method, ask: &Ask<'_>) -> std::io::Result<Answer> {
        // Put back only after a whole answer.
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.opened().await?,
        };
        self.bytes.clear();
        let mut head = format!("{method} {} HTTP/1.1\r\nhost: {}\r\n", ask.path, self.address);
        if !ask.token.is_empty() {
            head.extend(["authorization: Bearer ", ask.token, "\r\n"]);
        }
        for (name, value) in ask.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !ask.body.is_empty() {
            head.push_str("content-type: application/json\r\n");
        }
        if *method != Method::GET {
            head.push_str(&format!("content-length: {}\r\n", ask.body.len()));
        }
        head.extend(["\r\n", &ask.body]);
        stream.write_all(head.as_bytes()).await?;
        let broken = |what: &str| std::io::Error::other(what.to_owned());
        let body_at = loop {
            if stream.read_buf(&mut self.bytes).await? == 0 {
                return Err(broken("closed before its answer"));
            }
            if let Some(end) = self.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.bytes[..body_at]).to_ascii_lowercase();
        let value =
            |name: &str| head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let status =
            head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(|| broken("no status"))?;
        // 204 and 304 have no body.
        let length =
            value("content-length").map_or(Ok(0), str::parse::<usize>).map_err(|_| broken("no length"))?;
        let length = if status == 304 { 0 } else { length };
        while self.bytes.len() < body_at + length {
            if stream.read_buf(&mut self.bytes).await? == 0 {
                return Err(broken("closed in its answer"));
            }
        }
        let answer = Answer {
            status,
            retry_after: value("retry-after").is_some(),
            body: self.bytes[body_at..].to_vec(),
        };
        if value("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    /// Tries for a second: a server may only be starting.
    async fn opened(&self) -> std::io::Result<TcpStream> {
        for _ in 0..50 {
            if let Ok(stream) = TcpStream::connect(&self.address).await {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Err(std::io::Error::other("no connection within a second"))
    }
}
