//! One keep-alive connection of HTTP/1.1, which is opened again when it has ended.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection to a server.
pub(crate) struct Connection {
    address: String,
    sender: Option<SendRequest<Full<Bytes>>>,
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
    pub(crate) body: Bytes,
}

impl Connection {
    pub(crate) fn new(address: &str) -> Connection {
        Connection { address: address.to_owned(), sender: None }
    }

    /// Sends a request and reads the whole answer; a connection that was closed is opened once more.
    pub(crate) async fn send(&mut self, method: Method, ask: &Ask<'_>) -> Result<Answer, String> {
        let was_open = self.sender.as_ref().is_some_and(|sender| !sender.is_closed());
        match self.once(&method, ask).await {
            // The server closes an idle connection at any moment: nothing was sent on it yet.
            Err(error) if was_open && error.is_canceled() => self.once(&method, ask).await,
            answer => answer,
        }
        .map_err(|error| error.to_string())
    }

    async fn once(&mut self, method: &Method, ask: &Ask<'_>) -> hyper::Result<Answer> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = loop {
                match TcpStream::connect(&self.address).await {
                    Ok(stream) => break stream,
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                }
            };
            let _slower = stream.set_nodelay(true);
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let mut request = Request::builder().method(method).uri(ask.path).header(header::HOST, &self.address);
        if !ask.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", ask.token));
        }
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        if !ask.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(Bytes::from(ask.body.clone()))).expect("the request is sound");
        let sender = self.sender.as_mut().expect("opened above");
        let sent = async {
            sender.ready().await?;
            let answer = sender.send_request(request).await?;
            let status = answer.status().as_u16();
            let retry_after = answer.headers().contains_key(header::RETRY_AFTER);
            let body = answer.into_body().collect().await?.to_bytes();
            Ok(Answer { status, retry_after, body })
        };
        let answer = sent.await;
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }
}
