//! Protocols whose faults show in the opening handshake: a path, a subprotocol, an identity.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::message::MessageKind;
use crate::diagnose::dialect::{self, ended_by_peer};
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::rules::ws::story;
use crate::diagnose::{see, words};

use super::dialect::severity;

/// An end this soon after the opening answers the handshake, in microseconds.
const AT_ONCE_US: u64 = 2_000_000;

fn path(e: &Evidence) -> &str {
    e.request.target.split('?').next().unwrap_or_default()
}

fn offered(e: &Evidence, part: &str) -> bool {
    e.request.subprotocols.iter().any(|name| name.contains(part))
}

fn chosen(e: &Evidence) -> Option<&str> {
    e.websocket.as_ref()?.subprotocol.as_deref()
}

/// The peer ended it at once, without a message.
fn turned_away(e: &Evidence) -> Option<String> {
    let (session, end) = see::end(e)?;
    let soon = see::open_us(session, end) < AT_ONCE_US && session.received.messages() == 0;
    (ended_by_peer(e) && soon).then(|| story(session, end))
}

pub(super) fn phoenix_path(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[403, 404])?;
    let path = path(e).trim_end_matches('/');
    (path.ends_with("/socket") || path.ends_with("/live")).then_some(())?;
    let cowboy = see::server(e).contains("cowboy");
    let draft = if cowboy {
        likely("Phoenix sockets end in /websocket, and this path does not.")
            .because("The server is Cowboy, on which Phoenix runs.")
    } else {
        possible("If this is Phoenix, the path lacks /websocket.")
    };
    Some(
        draft
            .because(format!("The path {} was answered with {}.", words::name(path), reply.status))
            .hint("Add /websocket to the path, and vsn=2.0.0 to the query.")
            .fix(
                "Add /websocket to the path",
                Change::SetPath { path: format!("{path}/websocket") },
            )
            .fix(
                "Set vsn=2.0.0 in the query",
                Change::SetParam { name: "vsn".into(), value: "2.0.0".into() },
            ),
    )
}

pub(super) fn phoenix_heartbeat(e: &Evidence) -> Option<Draft> {
    let dialect = dialect::get("phoenix")?;
    let known = dialect.known(e)?;
    let (session, end) = see::end(e)?;
    ended_by_peer(e).then_some(())?;
    let since = session.last_message_sent_us.unwrap_or(session.opened_us);
    let quiet = end.at_us.saturating_sub(since);
    (quiet.abs_diff(60_000_000) <= 3_000_000).then_some(())?;
    Some(
        likely("Phoenix closes connections on which the client sends nothing for 60 s.")
            .because(format!("Nothing had been sent for {}.", words::span(quiet)))
            .because(known.why)
            .because(story(session, end))
            .hint("Send [null,\"1\",\"phoenix\",\"heartbeat\",{}] every 30 s: pings do not count.")
            .fix(
                "Put a heartbeat message into the composer",
                Change::SetMessage { text: r#"[null,"1","phoenix","heartbeat",{}]"#.into() },
            ),
    )
}

pub(super) fn ocpp_subprotocol(e: &Evidence) -> Option<Draft> {
    (offered(e, "ocpp") && chosen(e).is_none()).then_some(())?;
    let (session, end) = see::end(e)?;
    ended_by_peer(e).then_some(())?;
    let tried = words::names(&e.request.subprotocols, 3);
    let other = if offered(e, "ocpp1.6") { "ocpp2.0.1" } else { "ocpp1.6" };
    Some(
        likely(format!("The OCPP server does not accept the version that was offered ({tried})."))
            .because("It chose none of the subprotocols, and then ended the connection.")
            .because(story(session, end))
            .hint("Offer the version for which the server is set up.")
            .fix(
                format!("Offer {other} only"),
                Change::SetSubprotocols { names: vec![other.into()] },
            ),
    )
}

pub(super) fn ocpp_identity(e: &Evidence) -> Option<Draft> {
    (offered(e, "ocpp") || chosen(e).is_some_and(|name| name.contains("ocpp"))).then_some(())?;
    let id = words::name(path(e).trim_end_matches('/').rsplit('/').next().unwrap_or_default());
    let draft = match see::status(e, &[401, 404]) {
        Some(reply) if reply.status == 404 => likely(format!(
            "The OCPP server does not know this charge point ({id})."
        ))
        .because("It answers 404, which OCPP servers do for an identity that they do not know."),
        Some(_) => possible(format!("The OCPP server does not accept this charge point ({id})."))
            .because(
                "It answers 401: the password in Basic belongs to the charge point's identity.",
            ),
        None => {
            let story = turned_away(e)?;
            chosen(e)?;
            possible(format!("The OCPP server may not know this charge point ({id})."))
                .because(story)
        }
    };
    Some(
        draft
            .hint("Check the identity, which is the last part of the path.")
            .hint("Check the password in Basic, with the identity as its user name."),
    )
}

/// Bytes of a message shown in hex.
fn bytes(text: &str) -> Vec<u8> {
    see::unhex(text)
}

pub(super) fn kubernetes(e: &Evidence) -> Option<Draft> {
    let path = path(e);
    let pod = path.contains("/api/v1/") || path.contains("/namespaces/");
    let stream = ["/exec", "/attach", "/portforward"].iter().any(|end| path.ends_with(end));
    let ours = offered(e, "channel.k8s.io");
    ((pod && stream) || ours).then_some(())?;
    if let Some(reply) = see::status(e, &[400, 403]) {
        let said = see::holds(reply, &["Upgrade request required", "unable to upgrade"]);
        (said.is_some() || !ours).then_some(())?;
        let draft = match said {
            Some(said) => certain("Kubernetes streams need one of their subprotocols.")
                .because(format!("It says {}.", words::said(said))),
            None => possible("Kubernetes streams need one of their subprotocols.")
                .because(format!("The path is one of a stream, and {} came.", reply.status)),
        };
        let names = vec!["v5.channel.k8s.io".to_owned(), "v4.channel.k8s.io".to_owned()];
        return Some(
            draft
                .hint("Offer v5.channel.k8s.io and v4.channel.k8s.io.")
                .hint("Send the token as Authorization: Bearer, or as a subprotocol base64url.bearer.authorization.k8s.io.")
                .fix("Offer the subprotocols of Kubernetes", Change::SetSubprotocols { names }),
        );
    }
    let session = e.session.as_ref()?;
    chosen(e).filter(|name| name.contains("channel.k8s.io"))?;
    let failed = dialect::heard(session).map(bytes).find(|bytes| bytes.first() == Some(&3));
    let bare = session.first_sent.iter().find(|m| {
        m.kind == MessageKind::Text && !m.start.starts_with("\\x0") && !m.start.is_empty()
    });
    if let Some(bytes) = failed.filter(|bytes| bytes.windows(7).any(|w| w == b"Failure")) {
        return Some(
            certain("Kubernetes says that the command failed.")
                .severity(severity(e))
                .because(format!(
                    "On the channel 3, that of errors, came {}.",
                    words::said(&String::from_utf8_lossy(&bytes[1..]))
                ))
                .hint("Check the command, the container and the rights of the token."),
        );
    }
    let message = bare?;
    Some(
        likely("Kubernetes streams need a channel byte before the data.")
            .severity(severity(e))
            .because(format!("The message {} has none.", words::said_in(&message.start, 60)))
            .hint("Send binary messages: the byte 00 for standard input, and then the data."),
    )
}

pub(super) fn jupyter(e: &Evidence) -> Option<Draft> {
    path(e).contains("/api/kernels/").then_some(())?;
    let reply = see::status(e, &[401, 403, 404])?;
    Some(if reply.status == 404 {
        likely("Jupyter has no such kernel.")
            .because(match see::holds(reply, &["Kernel does not exist"]) {
                Some(said) => format!("It says {}.", words::said(said)),
                None => "It answers 404 at the path of a kernel.".into(),
            })
            .hint("Start a kernel first, with POST /api/kernels, and use its id in the path.")
    } else {
        likely("Jupyter does not accept the token.")
            .because(format!("It answers {} at the path of a kernel.", reply.status))
            .hint("Add token=… to the query, or send it as Authorization: token ….")
            .hint("Check the Origin header if the token is right.")
    })
}

/// Ports on which brokers speak MQTT over TCP, without WebSocket.
const TCP_PORTS: [u16; 2] = [1883, 8883];

pub(super) fn mqtt_subprotocol(e: &Evidence) -> Option<Draft> {
    (!offered(e, "mqtt")).then_some(())?;
    let dialect = dialect::get("mqtt")?;
    let packet = e.session.as_ref().is_some_and(|session| {
        session.first_sent.iter().any(|m| m.start.starts_with("10 ") && m.start.contains("4d 51"))
    });
    let on_path = dialect.known(e).is_some();
    let on_tcp = TCP_PORTS.contains(&e.request.port);
    let failed = see::status(e, &[400]).is_some()
        || turned_away(e).is_some()
        || (on_tcp && see::http(e).is_some())
        || (packet && ended_by_peer(e));
    (failed && (on_path || packet || on_tcp)).then_some(())?;
    let draft = if on_path || packet {
        likely("MQTT over WebSocket needs the subprotocol mqtt, which was not offered.")
    } else {
        possible(format!(
            "The port {} is usually MQTT over TCP, on which no WebSocket is spoken.",
            e.request.port
        ))
    };
    Some(
        draft
            .because(match turned_away(e) {
                Some(story) => story,
                None => "The broker did not take the connection.".into(),
            })
            .hint("Offer the subprotocol mqtt, and send binary messages.")
            .hint(
                "Check the port: 8083, 8084 and 9001 are usual for WebSocket, and the path /mqtt.",
            )
            .fix("Offer the subprotocol mqtt", Change::AddSubprotocol { name: "mqtt".into() }),
    )
}

pub(super) fn mqtt_connack(e: &Evidence) -> Option<Draft> {
    let dialect = dialect::get("mqtt")?;
    let session = e.session.as_ref()?;
    let packet = session.first_received.iter().map(|text| bytes(text)).find(|bytes| {
        bytes.len() >= 4 && bytes[0] == 0x20 && usize::from(bytes[1]) + 2 >= bytes.len().min(4)
    })?;
    let sent = session.first_sent.iter().any(|m| m.start.starts_with("10 "));
    dialect.known(e).filter(|known| known.surely || sent)?;
    let rc = packet[3];
    (rc != 0).then_some(())?;
    let row = dialect.returns.iter().find(|row| row.code == u16::from(rc));
    let draft = match row {
        Some(row) => certain(format!("MQTT refuses the connection: {}.", row.meaning))
            .hint(format!("{}.", row.check)),
        None => certain(format!("MQTT refuses the connection with the code {rc}."))
            .hint("Look the code up in the specification of MQTT."),
    };
    Some(
        draft
            .severity(severity(e))
            .because(format!("The broker's CONNACK carries the return code {rc} (0x{rc:02X}).")),
    )
}
