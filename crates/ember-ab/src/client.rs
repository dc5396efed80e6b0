//! One connection at a time to the server, made anew when the server has closed it.

use crate::target::LARGEST;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// An answer as it came.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// No connection could be made.
    Connect(String),
    /// The connection was closed or said what is no HTTP.
    Broken(String),
    /// The body is larger than what is read.
    TooLarge,
}

/// Somebody who asks one thing after another.
pub struct Client {
    address: SocketAddr,
    line: Option<SendRequest<Full<Bytes>>>,
    /// Connections that were made.
    pub connections: u64,
}

impl Client {
    /// With no connection yet.
    pub fn new(address: SocketAddr) -> Client {
        Client { address, line: None, connections: 0 }
    }

    /// Send a request and read the whole answer.
    ///
    /// A server may close a connection that is kept open just when the next request comes; so a request that fails on a connection which
    /// was used before, without any answer, is sent once more on a fresh one, as every client does.
    pub async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        if let Some(mut line) = self.line.take()
            && line.ready().await.is_ok()
            && let Ok(response) = line.send_request(request.clone()).await
        {
            return self.read(line, response).await;
        }
        let mut line = self.connect().await?;
        let response = line.send_request(request).await.map_err(broken)?;
        self.read(line, response).await
    }

    async fn connect(&mut self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let unreachable = |error: std::io::Error| Failure::Connect(error.to_string());
        let stream = TcpStream::connect(self.address).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        self.connections += 1;
        let (line, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // Whatever ends the connection is seen at the next request, which is where it matters.
        tokio::task::spawn_local(connection);
        Ok(line)
    }

    async fn read(
        &mut self,
        line: SendRequest<Full<Bytes>>,
        response: hyper::Response<hyper::body::Incoming>,
    ) -> Result<Answer, Failure> {
        let (head, mut incoming) = response.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = incoming.frame().await {
            if let Some(data) = frame.map_err(broken)?.data_ref() {
                if body.len() + data.len() > LARGEST {
                    return Err(Failure::TooLarge);
                }
                body.extend_from_slice(data);
            }
        }
        self.line = Some(line);
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

fn broken(error: hyper::Error) -> Failure {
    Failure::Broken(error.to_string())
}
