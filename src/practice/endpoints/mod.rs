//! The table of endpoints, which routing, the printed list, the demo and the docs share, and one
//! file for each family of them.
//!
//! A new endpoint is a row here, a [`Route`] and a function in the file of its family.

mod auth;
mod aws;
mod azure;
mod deflate;
mod dialects;
mod digest;
mod ending;
mod escape;
mod faults;
mod flood;
mod hmac;
mod huawei;
mod identity;
mod json;
mod jwt;
mod limits;
mod oauth;
mod rpc;
mod sink;
mod socketio;
mod status;
mod talk;

use std::io;
use std::sync::Arc;

use serde_json::json;

use super::conn::{Conn, End};
use super::head::Head;
use super::huawei::Gateway;
use super::oauth::Issuer;
use super::reply::Reply;
use super::session::Session;
use super::upgrade;

pub(super) use auth::is_practice_user;

/// What kind of behaviour an endpoint shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Keeps all rules.
    Healthy,
    /// Asks for credentials and opens with the right ones.
    Auth,
    /// Answers the opening handshake with something else than 101.
    Refused,
    /// Opens, and ends the connection in some way.
    Ending,
    /// Speaks a protocol on top of WebSocket, and is strict about it.
    Dialect,
    /// Breaks the protocol.
    Faulty,
}

impl Kind {
    /// A heading for endpoints of this kind.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Healthy => "Healthy",
            Kind::Auth => "Authentication",
            Kind::Refused => "Refused handshakes",
            Kind::Ending => "Ways to end",
            Kind::Dialect => "Protocols on top",
            Kind::Faulty => "Broken protocol",
        }
    }
}

/// One endpoint of the practice server.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// The path; a last part of `N`s stands for a number.
    pub path: &'static str,
    /// Path and query as one would type them to see it at work.
    pub example: &'static str,
    /// What it does and which query parameters it takes, in a line.
    pub summary: &'static str,
    pub kind: Kind,
    route: Route,
}

/// What serves an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Index,
    Echo,
    Clock,
    Flood,
    Large,
    Json,
    Xml,
    Html,
    Binary,
    Headers,
    SlowEcho,
    Ping,
    Fragments,
    Sink,
    Subprotocol,
    Deflate,
    Escape,
    SocketIo,
    AuthBearer,
    AuthBasic,
    AuthHeader,
    AuthQuery,
    AuthCookie,
    Login,
    AuthSubprotocol,
    AuthToken,
    AuthHuawei,
    AuthAppCode,
    AuthAppKey,
    AuthHuaweiApiKey,
    OldService,
    NewService,
    IamTokens,
    AuthOAuth,
    OAuthToken,
    OAuthDevice,
    OAuthApprove,
    OAuthAuthorize,
    AuthAws,
    AuthHmac,
    AuthJwt,
    AuthJwtKey,
    AuthAzure,
    AuthDigest,
    AuthFirstMessage,
    AuthMtls,
    Origin,
    OwnOrigin,
    NoOrigin,
    SubprotocolRequired,
    Status,
    Slow,
    Hang,
    Close,
    CloseCodes,
    Drop,
    Reset,
    Idle,
    NoPong,
    DropEach,
    SizeLimit,
    TextOnly,
    BinaryOnly,
    FirstMessage,
    RateLimit,
    Lifetime,
    Deaf,
    Say,
    GraphQl,
    Stomp,
    SignalR,
    Mqtt,
    Ocpp,
    Rpc,
    SockJs,
    Cable,
    Phoenix,
    Wamp,
    NoAccept,
    WrongAccept,
    BadUtf8,
    Mask,
    ReservedBits,
    ReservedOpcode,
    BadCloseCode,
    HugeFrame,
    EndlessHeaders,
    Garbage,
    LateBody,
}

const fn row(
    kind: Kind,
    route: Route,
    path: &'static str,
    example: &'static str,
    summary: &'static str,
) -> Endpoint {
    Endpoint { path, example, summary, kind, route }
}

use Kind::{Auth, Dialect, Ending, Faulty, Healthy, Refused};

#[rustfmt::skip]
const TABLE: &[Endpoint] = &[
    row(Healthy, Route::Index, "/", "/", "a list of the endpoints for a browser; to a WebSocket, an echo"),
    row(Healthy, Route::Echo, "/echo", "/echo", "sends every message back"),
    row(Healthy, Route::Clock, "/clock", "/clock", "the time as JSON, every=1 (seconds)"),
    row(Healthy, Route::Flood, "/flood", "/flood?count=1000000", "numbered JSON messages as fast as they are taken: count=100000 size=150 rate=0 (a second, 0 is unlimited)"),
    row(Healthy, Route::Large, "/large", "/large?size=10485760", "one JSON text message of size=1048576 bytes"),
    row(Healthy, Route::Json, "/json", "/json", "JSON documents; answers JSON with JSON, and names the mistake in anything else"),
    row(Healthy, Route::Xml, "/xml", "/xml", "XML documents, then an echo"),
    row(Healthy, Route::Html, "/html", "/html", "HTML documents, then an echo"),
    row(Healthy, Route::Binary, "/binary", "/binary", "binary messages, a PNG among them, then an echo"),
    row(Healthy, Route::Headers, "/headers", "/headers", "sends the request head back as it was received"),
    row(Healthy, Route::SlowEcho, "/slow-echo", "/slow-echo?ms=1000", "sends every message back after ms=1000"),
    row(Healthy, Route::Ping, "/ping", "/ping?every=1", "sends a ping every=1 (seconds), and tells of the pongs"),
    row(Healthy, Route::Fragments, "/fragments", "/fragments", "messages in parts=16 fragments with pings between them, then an echo in fragments"),
    row(Healthy, Route::Sink, "/sink", "/sink", "keeps nothing: tells bytes, frames and sha256 of each message, of any length; sum=0 without the checksum"),
    row(Healthy, Route::Subprotocol, "/subprotocol", "/subprotocol", "speaks chat.v2 and chat.v1: choose=NAME, ignore=1 picks none, wrong=1 one that was not offered, required=1 refuses without"),
    row(Healthy, Route::Deflate, "/deflate", "/deflate", "an echo that packs (permessage-deflate): server_no_context_takeover=1 client_no_context_takeover=1 server_max_window_bits= client_max_window_bits= parts=1, and fault=bad-parameter, corrupt, bomb or refuse"),
    row(Healthy, Route::Escape, "/escape", "/escape", "text that attacks terminals; with close=1 so does the close reason"),
    row(Healthy, Route::SocketIo, "/socket.io/", "/socket.io/?EIO=4&transport=websocket", "a Socket.IO server's greeting, pings (interval=25000 ms) and manners"),
    row(Healthy, Route::SocketIo, "/socketio", "/socketio", "the same without the usual slash"),
    row(Auth, Route::AuthBearer, "/auth/bearer", "/auth/bearer", "Authorization: Bearer practice-token"),
    row(Auth, Route::AuthBasic, "/auth/basic", "/auth/basic", "user practice, password practice"),
    row(Auth, Route::AuthHeader, "/auth/header", "/auth/header", "X-API-Key: practice-key"),
    row(Auth, Route::AuthQuery, "/auth/query", "/auth/query?api_key=practice-key", "api_key=practice-key in the query"),
    row(Auth, Route::AuthCookie, "/auth/cookie", "/auth/cookie", "Cookie: session=practice-session"),
    row(Auth, Route::Login, "/login", "/login", "POST: that cookie for username practice, password practice, as a form or JSON"),
    row(Auth, Route::AuthSubprotocol, "/auth/subprotocol", "/auth/subprotocol", "Sec-WebSocket-Protocol: bearer, practice-token"),
    row(Auth, Route::AuthToken, "/auth/token", "/auth/token", "X-Auth-Token: practice-token; refuses as ModelArts' gateway does"),
    row(Auth, Route::AuthHuawei, "/auth/huawei", "/auth/huawei", "a signature by PRACTICEACCESSKEY / practice-secret-key (or PRACTICEAPPKEY / practice-app-secret); refuses as ModelArts' gateway does, and locks the access key for a minute after five failures in a row"),
    row(Auth, Route::AuthAppCode, "/auth/appcode", "/auth/appcode", "X-Apig-AppCode: practice-app-code; refuses as ModelArts' gateway does"),
    row(Auth, Route::AuthAppKey, "/auth/appkey", "/auth/appkey", "apikey: PRACTICEAPPKEY; refuses as ModelArts' gateway does"),
    row(Auth, Route::AuthHuaweiApiKey, "/auth/huawei-api-key", "/auth/huawei-api-key", "Authorization: Bearer practice-api-key, as ModelArts' new generation takes it"),
    row(Auth, Route::OldService, "/v1/infers", "/v1/infers/468d146d-278a-4ca2-8830-0b6fb37d3b72/ws", "a ModelArts service: takes a token, a signature, an AppCode or an AppKey as above"),
    row(Auth, Route::NewService, "/v2/infer", "/v2/infer/468d146d-278a-4ca2-8830-0b6fb37d3b72/ws", "a ModelArts service of the new generation: takes an API key or a token as above"),
    row(Auth, Route::IamTokens, "/v3/auth/tokens", "/v3/auth/tokens", "IAM: gives a token to POST by account practice, user practice, password practice, for project practice-1"),
    row(Auth, Route::AuthOAuth, "/auth/oauth", "/auth/oauth", "Authorization: Bearer with a token that /oauth/token gave"),
    row(Auth, Route::OAuthToken, "/oauth/token", "/oauth/token", "POST: an OAuth 2.0 token for practice-client / practice-client-secret, or for practice-public with a code: expires_in=3600"),
    row(Auth, Route::OAuthDevice, "/oauth/device", "/oauth/device", "POST: a device code: expires_in=600 interval=5"),
    row(Auth, Route::OAuthApprove, "/oauth/device/approve", "/oauth/device/approve", "the page for user_code=; deny=1 says no"),
    row(Auth, Route::OAuthAuthorize, "/oauth/authorize", "/oauth/authorize", "agrees at once and sends the browser back with a code: deny=1 says no, wrong_state=1 forgets the state"),
    row(Auth, Route::AuthAws, "/auth/aws", "/auth/aws", "a signature of AWS (V4, in headers or presigned) by AKIAPRACTICEKEY00000 / practice/secret+access/key: region= service= as the scope must have them; refuses as API Gateway does"),
    row(Auth, Route::AuthHmac, "/auth/hmac", "/auth/hmac", "Authorization: HMAC key=practice-hmac-key, ts=, sig= over method, target and time by practice-hmac-secret, or &signature= over the query: algorithm=sha256|sha512|sha1 encoding=hex|base64|base64url"),
    row(Auth, Route::AuthJwt, "/auth/jwt", "/auth/jwt", "a JWT in bearer, access_token= or subprotocol, by practice-jwt-secret (HS) or the keys of /auth/jwt/key.pem: aud="),
    row(Auth, Route::AuthJwtKey, "/auth/jwt/key.pem", "/auth/jwt/key.pem?alg=ES256", "the private key for alg=RS256|PS256|ES256|ES384|EdDSA, to be fetched with a browser"),
    row(Auth, Route::AuthAzure, "/auth/azure", "/auth/azure/client/hubs/chat", "a client access token as Azure Web PubSub takes it, by the access key cHJhY3RpY2UtYXp1cmUta2V5"),
    row(Auth, Route::AuthDigest, "/auth/digest", "/auth/digest", "Digest by user practice, password practice: algorithm=SHA-256,MD5 uses=1000 of a nonce until it is stale"),
    row(Auth, Route::AuthFirstMessage, "/auth/first-message", "/auth/first-message", "opens to everybody and wants {\"type\":\"auth\",\"token\":\"practice-token\"} as first message within seconds=10"),
    row(Auth, Route::AuthMtls, "/auth/mtls", "/auth/mtls", "a client certificate; on the port that serve --tls names for it"),
    row(Refused, Route::Status, "/status/NNN", "/status/503", "answers with this status: body= type= location= header=Name:Value chunked=1 gzip=1 slow_body=1 until_close=1"),
    row(Refused, Route::Origin, "/origin", "/origin", "403 unless Origin is allow=https://practice.example"),
    row(Refused, Route::OwnOrigin, "/origin/own", "/origin/own", "403 unless Origin is the server's own address"),
    row(Refused, Route::NoOrigin, "/origin/none", "/origin/none", "403 if there is an Origin"),
    row(Refused, Route::SubprotocolRequired, "/subprotocol/required", "/subprotocol/required", "speaks chat.v2 and chat.v1, and refuses with 400 without"),
    row(Refused, Route::Echo, "/slash/", "/slash/", "sends every message back; 404 without the slash at the end"),
    row(Refused, Route::Slow, "/slow", "/slow?ms=3000", "answers the handshake after ms=3000, then echoes"),
    row(Refused, Route::Hang, "/hang", "/hang", "never answers the handshake"),
    row(Ending, Route::Close, "/close/NNNN", "/close/1011?reason=out%20of%20tea", "closes with this code: reason=, after=0 messages"),
    row(Ending, Route::CloseCodes, "/close-codes", "/close-codes", "closes with the code and reason that a message names"),
    row(Ending, Route::Drop, "/drop", "/drop?after=1", "ends TCP without a close frame, after=0 messages"),
    row(Ending, Route::Reset, "/reset", "/reset", "resets TCP, after=0 messages"),
    row(Ending, Route::Idle, "/idle", "/idle?seconds=20", "ends TCP when it has heard nothing for seconds=20"),
    row(Ending, Route::NoPong, "/no-pong", "/no-pong", "echoes, but answers no ping"),
    row(Ending, Route::DropEach, "/drop-each", "/drop-each", "ends TCP when a message comes, without an answer"),
    row(Ending, Route::SizeLimit, "/size-limit", "/size-limit?bytes=1024&how=close", "echoes up to bytes=1024; a larger message ends it: how=close|drop|reset code=1009"),
    row(Ending, Route::TextOnly, "/text-only", "/text-only", "closes with 1003 when a binary message comes"),
    row(Ending, Route::BinaryOnly, "/binary-only", "/binary-only", "closes with 1003 when a text message comes"),
    row(Ending, Route::FirstMessage, "/first-message", "/first-message?seconds=5", "ends who sends nothing within seconds=10: ask=TEXT to greet with, code=4003 how="),
    row(Ending, Route::RateLimit, "/rate-limit", "/rate-limit?count=5", "ends who sends more than count=5 messages within seconds=1: code=1008 how="),
    row(Ending, Route::Lifetime, "/lifetime", "/lifetime?ms=5000", "ends at the age of ms=60000 whatever is said: code=1001 reason= how="),
    row(Ending, Route::Deaf, "/deaf", "/deaf", "reads nothing, and resets TCP after ms=60000"),
    row(Ending, Route::Say, "/say", "/say?text=hello&code=4001", "sends text= (as often as given) and hex=, after=0 messages, and then ends if code= or how= is given"),
    row(Dialect, Route::GraphQl, "/graphql", "/graphql", "graphql-transport-ws with its close codes: ms=3000 for connection_init, token=1 wants practice-token, legacy=1 speaks the old protocol"),
    row(Dialect, Route::Stomp, "/stomp", "/stomp", "a STOMP broker: ms=10000 for CONNECT; login practice, passcode practice"),
    row(Dialect, Route::SignalR, "/signalr", "/signalr", "a SignalR hub: ms=15000 for the handshake"),
    row(Dialect, Route::Mqtt, "/mqtt", "/mqtt", "an MQTT broker: rc= answers CONNECT so; user name practice"),
    row(Dialect, Route::Ocpp, "/ocpp", "/ocpp/CP001", "an OCPP server: ids that begin with CP, version=1.6"),
    row(Dialect, Route::Rpc, "/rpc", "/rpc", "JSON-RPC 2.0: echo, sum and fail; answers after delay= seconds, or those of the params' member delay"),
    row(Dialect, Route::SockJs, "/sockjs", "/sockjs", "SockJS framing: arrays of strings"),
    row(Dialect, Route::Cable, "/cable", "/cable", "ActionCable with PracticeChannel: unauthorized=1 refuses"),
    row(Dialect, Route::Phoenix, "/socket/websocket", "/socket/websocket?vsn=2.0.0", "Phoenix channels with room:practice: ms=60000 of silence end it"),
    row(Dialect, Route::Wamp, "/wamp", "/wamp", "a WAMP router with realm1"),
    row(Faulty, Route::NoAccept, "/no-accept", "/no-accept", "a 101 without Sec-WebSocket-Accept"),
    row(Faulty, Route::WrongAccept, "/wrong-accept", "/wrong-accept", "a 101 with a Sec-WebSocket-Accept for another key"),
    row(Faulty, Route::BadUtf8, "/bad-utf8", "/bad-utf8", "a text message that is no UTF-8"),
    row(Faulty, Route::Mask, "/mask", "/mask", "a masked frame from the server"),
    row(Faulty, Route::ReservedBits, "/reserved-bits", "/reserved-bits", "a frame with RSV1 set, as if compressed"),
    row(Faulty, Route::ReservedOpcode, "/reserved-opcode", "/reserved-opcode", "a frame with opcode=3"),
    row(Faulty, Route::BadCloseCode, "/bad-close-code", "/bad-close-code", "a close frame with a code=1005 that must not be sent"),
    row(Faulty, Route::HugeFrame, "/huge-frame", "/huge-frame", "a frame that says it has 2^62 bytes"),
    row(Faulty, Route::EndlessHeaders, "/endless-headers", "/endless-headers", "a 101 whose header lines do not end"),
    row(Faulty, Route::Garbage, "/garbage", "/garbage", "binary bytes instead of HTTP"),
    row(Faulty, Route::LateBody, "/late-body", "/late-body", "a 101, and then text that is no frame"),
];

/// Every endpoint, in the order to list them.
pub fn endpoints() -> &'static [Endpoint] {
    TABLE
}

/// The endpoint for a path, and the number in its place.
fn find(path: &str) -> Option<(&'static Endpoint, u16)> {
    TABLE.iter().find_map(|endpoint| {
        let prefix = endpoint.path.trim_end_matches('N');
        if prefix != endpoint.path {
            let number = path.strip_prefix(prefix)?.parse().ok()?;
            return Some((endpoint, number));
        }
        // A signature covers the path, and a charge point or a service has its id there.
        let below = matches!(
            endpoint.route,
            Route::AuthHuawei
                | Route::OldService
                | Route::NewService
                | Route::AuthAws
                | Route::AuthAzure
                | Route::Ocpp
        ) && path.strip_prefix(endpoint.path).is_some_and(|rest| rest.starts_with('/'));
        (path == endpoint.path || below).then_some((endpoint, 0))
    })
}

/// One request and what it may use.
pub(super) struct Call {
    pub(super) head: Head,
    /// Whether it came through TLS.
    pub(super) tls: bool,
    /// What Huawei's gateway remembers of earlier requests.
    pub(super) gateway: Arc<Gateway>,
    /// Longest message taken, in bytes.
    pub(super) max_message: u64,
    /// Tokens that the authorization server gave.
    pub(super) issuer: Arc<Issuer>,
}

/// Longest body of a request that is read.
const BODY_MAX: usize = 64 * 1024;

impl Call {
    /// The body of a request, or the refusal of one that is too long or does not tell its length.
    async fn body(&self, conn: &mut Conn) -> io::Result<Result<Vec<u8>, Reply>> {
        let length = match self.head.header("content-length") {
            Some(text) => text.parse::<usize>().ok(),
            None if self.head.header("transfer-encoding").is_none() => Some(0),
            None => return Ok(Err(Reply::new(411))),
        };
        let Some(length) = length.filter(|length| *length <= BODY_MAX) else {
            return Ok(Err(Reply::new(413)));
        };
        while conn.input.len() < length {
            if conn.fill().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Ok(conn.input.split_to(length).to_vec()))
    }

    /// Opens the WebSocket as a lawful server does. Of the subprotocols the first offered is
    /// taken, since clients fail if none of theirs is.
    async fn open<'a>(&self, conn: &'a mut Conn) -> io::Result<Result<Session<'a>, End>> {
        let offered = upgrade::offered(&self.head);
        self.open_with(conn, offered.first().map(String::as_str)).await
    }

    /// As [`Call::open`], with a subprotocol of the endpoint's choice, or none.
    async fn open_with<'a>(
        &self,
        conn: &'a mut Conn,
        subprotocol: Option<&str>,
    ) -> io::Result<Result<Session<'a>, End>> {
        if let Err(reply) = upgrade::check(&self.head) {
            return reply.send(conn).await.map(Err);
        }
        conn.output.extend_from_slice(&upgrade::accepting(&self.head, subprotocol));
        Ok(Ok(Session::new(conn, self.max_message)))
    }
}

/// Opens the WebSocket in an endpoint's function, or leaves the function with the refusal sent.
macro_rules! open {
    ($call:expr, $conn:expr) => {
        match $call.open($conn).await? {
            Ok(session) => session,
            Err(end) => return Ok(end),
        }
    };
}
use open;

/// Serves a request to the end of its connection.
pub(super) async fn serve(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let Some((endpoint, number)) = find(call.head.path()) else {
        let path = call.head.path();
        return Reply::new(404)
            .json(&json!({ "error": "not found", "path": path }))
            .send(conn)
            .await;
    };
    match endpoint.route {
        Route::Index => index(call, conn).await,
        Route::Echo => talk::echo(call, conn).await,
        Route::Clock => talk::clock(call, conn).await,
        Route::Flood => flood::flood(call, conn).await,
        Route::Large => flood::large(call, conn).await,
        Route::Json => json::json(call, conn).await,
        Route::Xml => talk::documents(call, conn, talk::XML).await,
        Route::Html => talk::documents(call, conn, talk::HTML).await,
        Route::Binary => talk::binary(call, conn).await,
        Route::Headers => talk::headers(call, conn).await,
        Route::SlowEcho => talk::slow_echo(call, conn).await,
        Route::Ping => talk::ping(call, conn).await,
        Route::Fragments => talk::fragments(call, conn).await,
        Route::Sink => sink::sink(call, conn).await,
        Route::Subprotocol => talk::subprotocol(call, conn).await,
        Route::Deflate => deflate::deflate(call, conn).await,
        Route::Escape => escape::escape(call, conn).await,
        Route::SocketIo => socketio::socketio(call, conn).await,
        Route::AuthBearer => auth::bearer(call, conn).await,
        Route::AuthBasic => auth::basic(call, conn).await,
        Route::AuthHeader => auth::header(call, conn).await,
        Route::AuthQuery => auth::query(call, conn).await,
        Route::AuthCookie => auth::cookie(call, conn).await,
        Route::Login => auth::login(call, conn).await,
        Route::AuthSubprotocol => auth::subprotocol(call, conn).await,
        Route::AuthToken => huawei::token(call, conn).await,
        Route::AuthHuawei => huawei::signature(call, conn).await,
        Route::AuthAppCode => huawei::app_code(call, conn).await,
        Route::AuthAppKey => huawei::app_key(call, conn).await,
        Route::AuthHuaweiApiKey => huawei::api_key(call, conn).await,
        Route::OldService => huawei::old_service(call, conn).await,
        Route::NewService => huawei::new_service(call, conn).await,
        Route::IamTokens => huawei::tokens(call, conn).await,
        Route::AuthOAuth => oauth::oauth(call, conn).await,
        Route::OAuthToken => oauth::token(call, conn).await,
        Route::OAuthDevice => oauth::device(call, conn).await,
        Route::OAuthApprove => oauth::approve(call, conn).await,
        Route::OAuthAuthorize => oauth::authorize(call, conn).await,
        Route::AuthAws => aws::aws(call, conn).await,
        Route::AuthHmac => hmac::hmac(call, conn).await,
        Route::AuthJwt => jwt::jwt(call, conn).await,
        Route::AuthJwtKey => jwt::key(call, conn).await,
        Route::AuthAzure => azure::azure(call, conn).await,
        Route::AuthDigest => digest::digest(call, conn).await,
        Route::AuthFirstMessage => identity::first_message(call, conn).await,
        Route::AuthMtls => identity::mtls(call, conn).await,
        Route::Status => status::status(call, conn, number).await,
        Route::Origin => status::origin(call, conn).await,
        Route::OwnOrigin => status::own_origin(call, conn).await,
        Route::NoOrigin => status::no_origin(call, conn).await,
        Route::SubprotocolRequired => talk::subprotocol_required(call, conn).await,
        Route::Slow => status::slow(call, conn).await,
        Route::Hang => status::hang(conn).await,
        Route::Close => ending::close(call, conn, number).await,
        Route::CloseCodes => ending::close_codes(call, conn).await,
        Route::Drop => ending::after(call, conn, End::Drop).await,
        Route::Reset => ending::after(call, conn, End::Reset).await,
        Route::Idle => ending::idle(call, conn).await,
        Route::NoPong => ending::no_pong(call, conn).await,
        Route::DropEach => limits::drop_each(call, conn).await,
        Route::SizeLimit => limits::size_limit(call, conn).await,
        Route::TextOnly => limits::only(call, conn, true).await,
        Route::BinaryOnly => limits::only(call, conn, false).await,
        Route::FirstMessage => limits::first_message(call, conn).await,
        Route::RateLimit => limits::rate_limit(call, conn).await,
        Route::Lifetime => limits::lifetime(call, conn).await,
        Route::Deaf => limits::deaf(call, conn).await,
        Route::Say => limits::say(call, conn).await,
        Route::GraphQl => dialects::graphql(call, conn).await,
        Route::Stomp => dialects::stomp(call, conn).await,
        Route::SignalR => dialects::signalr(call, conn).await,
        Route::Mqtt => dialects::mqtt(call, conn).await,
        Route::Ocpp => dialects::ocpp(call, conn).await,
        Route::Rpc => rpc::rpc(call, conn).await,
        Route::SockJs => dialects::sockjs(call, conn).await,
        Route::Cable => dialects::cable(call, conn).await,
        Route::Phoenix => dialects::phoenix(call, conn).await,
        Route::Wamp => dialects::wamp(call, conn).await,
        Route::NoAccept => faults::no_accept(call, conn).await,
        Route::WrongAccept => faults::wrong_accept(call, conn).await,
        Route::BadUtf8 => faults::frame(call, conn, faults::bad_utf8).await,
        Route::Mask => faults::frame(call, conn, faults::mask).await,
        Route::ReservedBits => faults::frame(call, conn, faults::reserved_bits).await,
        Route::ReservedOpcode => faults::frame(call, conn, faults::reserved_opcode).await,
        Route::BadCloseCode => faults::frame(call, conn, faults::bad_close_code).await,
        Route::HugeFrame => faults::frame(call, conn, faults::huge_frame).await,
        Route::EndlessHeaders => faults::endless_headers(conn).await,
        Route::Garbage => faults::garbage(conn).await,
        Route::LateBody => faults::late_body(call, conn).await,
    }
}

/// `/`: the list for a browser, an echo for a WebSocket.
async fn index(call: &Call, conn: &mut Conn) -> io::Result<End> {
    if call.head.wants_upgrade() || call.head.method != "GET" {
        return talk::echo(call, conn).await;
    }
    let mut text = String::from("wsdeck practice server\n");
    let mut kind = None;
    for endpoint in endpoints() {
        if kind.replace(endpoint.kind) != Some(endpoint.kind) {
            text.push_str(&format!("\n{}\n", endpoint.kind.title()));
        }
        text.push_str(&format!("  {:<18} {}\n", endpoint.path, endpoint.summary));
    }
    Reply::new(200).body("text/plain; charset=utf-8", text).send(conn).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_reached_by_its_example() {
        for endpoint in endpoints() {
            let path = endpoint.example.split('?').next().unwrap();
            let (found, _) = find(path).unwrap_or_else(|| panic!("{path} leads nowhere"));
            assert_eq!(found.path, endpoint.path, "{path}");
            assert!(!endpoint.summary.is_empty());
        }
    }

    #[test]
    fn numbers_in_paths_are_read() {
        let number = |path| find(path).map(|(endpoint, number)| (endpoint.route, number));
        assert_eq!(number("/status/503"), Some((Route::Status, 503)));
        assert_eq!(number("/close/4999"), Some((Route::Close, 4999)));
        for path in ["/status/", "/status/x", "/close/99999", "/nowhere", "/echo/", "/auth/huaweix"]
        {
            assert_eq!(number(path), None, "{path}");
        }
        assert_eq!(number("/auth/huawei/v1/a"), Some((Route::AuthHuawei, 0)));
    }
}
