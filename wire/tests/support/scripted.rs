//! A server that does what a test tells it, step by step.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::message;

/// What a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub tag: u8,
    pub body: Vec<u8>,
}

impl Sent {
    /// The texts that the body begins with, each up to its zero byte.
    pub fn text(&self, index: usize) -> String {
        let part = self.body.split(|byte| *byte == 0).nth(index).unwrap();
        String::from_utf8_lossy(part).into_owned()
    }
}

pub struct Server {
    pub stream: Box<dyn Both>,
}

pub trait Both: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Both for T {}

impl Server {
    pub fn new(stream: impl Both + 'static) -> Self {
        Self {
            stream: Box::new(stream),
        }
    }

    /// The body of a message without a tag: start-up, question for TLS, cancel.
    pub async fn untagged(&mut self) -> Vec<u8> {
        let length = self.stream.read_u32().await.unwrap();
        let mut body = vec![0; length as usize - 4];
        self.stream.read_exact(&mut body).await.unwrap();
        body
    }

    /// The parameters of the start-up message.
    pub async fn start_up(&mut self) -> Vec<(String, String)> {
        let body = self.untagged().await;
        assert_eq!(body[..4], [0, 3, 0, 0], "protocol 3.0");
        let texts: Vec<String> = body[4..]
            .split(|byte| *byte == 0)
            .map(|text| String::from_utf8(text.to_vec()).unwrap())
            .collect();
        let pairs = texts.chunks(2).filter(|pair| !pair[0].is_empty());
        pairs
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect()
    }

    pub async fn receive(&mut self) -> Sent {
        self.try_receive().await.expect("a message")
    }

    pub async fn try_receive(&mut self) -> Option<Sent> {
        let tag = self.stream.read_u8().await.ok()?;
        let body = self.untagged().await;
        Some(Sent { tag, body })
    }

    /// Everything up to a message with this tag.
    pub async fn until(&mut self, tag: u8) -> Vec<Sent> {
        let mut all = Vec::new();
        loop {
            all.push(self.receive().await);
            if all.last().unwrap().tag == tag {
                return all;
            }
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub async fn send_all(&mut self, messages: &[Vec<u8>]) {
        self.send(&messages.concat()).await;
    }

    /// Lets a client in that is not asked who it is.
    pub async fn let_in(&mut self) {
        self.start_up().await;
        self.welcome().await;
    }

    /// What follows the end of an authentication.
    pub async fn welcome(&mut self) {
        self.send_all(&[
            message::ok(),
            message::parameter("client_encoding", "UTF8"),
            message::parameter("server_version", "18.0"),
            message::parameter("in_hot_standby", "off"),
            message::parameter("default_transaction_read_only", "off"),
            message::key(7, 77),
            message::ready(),
        ])
        .await;
    }
}
