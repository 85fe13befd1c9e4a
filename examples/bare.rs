//! What everything else is measured against: a loop around tokio-tungstenite that takes messages and
//! counts them, with nothing else. Used by `benches/compare`.

use futures_util::StreamExt as _;
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let url =
        std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("usage: bare ws://HOST:PORT/"))?;
    let address = url::Url::parse(&url)?.socket_addrs(|| None)?;
    let stream = TcpStream::connect(&*address).await?;
    let (mut socket, _) = tokio_tungstenite::client_async(&url, stream).await?;
    let (mut messages, mut bytes) = (0u64, 0u64);
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            messages += 1;
            bytes += message.len() as u64;
        }
    }
    println!("{messages} messages, {bytes} bytes");
    Ok(())
}
