//! How protocols on top of WebSocket say which message answers which: the tables.
//!
//! A new one is a line here: a member that carries an id, a value of `type` that tells the role,
//! or a shape of array. What the tables mean is in [`super::sign`].

/// What a member of the outermost object says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// An id. Of several the first in the table counts, and ids of different spaces are never
    /// the same.
    Key(Space),
    /// A name that a call goes by; of several the first in the table counts. A message with
    /// `method` is a call, unless it has a result.
    Method,
    Name,
    /// `type`: a name, and maybe a role.
    Type,
    /// What a reply carries.
    Result,
    /// What went wrong, if it is there and is neither null nor false.
    Error,
    /// False if something went wrong.
    Success,
    /// A word for how it went.
    Status,
    /// What a call of GraphQL carries.
    Payload,
}

/// Ids that may be compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Id,
    /// Numbers in order, which events have as well.
    Seq,
    Ref,
    Ocpp,
    Wamp,
    SocketIo,
}

pub(super) const MEMBERS: &[(&[u8], Part)] = &[
    // Where a message has an id of its own too, it is the other one that pairs.
    (b"correlationId", Part::Key(Space::Id)),
    (b"correlation_id", Part::Key(Space::Id)),
    (b"requestId", Part::Key(Space::Id)),
    (b"request_id", Part::Key(Space::Id)),
    (b"reqId", Part::Key(Space::Id)),
    (b"req_id", Part::Key(Space::Id)),
    // Slack's socket mode.
    (b"envelope_id", Part::Key(Space::Id)),
    (b"msgId", Part::Key(Space::Id)),
    (b"msg_id", Part::Key(Space::Id)),
    (b"messageId", Part::Key(Space::Id)),
    (b"message_id", Part::Key(Space::Id)),
    (b"id", Part::Key(Space::Id)),
    // Phoenix, version 1 of its serializer.
    (b"ref", Part::Key(Space::Ref)),
    // Debug Adapter Protocol: a response says the `seq` of its request here.
    (b"request_seq", Part::Key(Space::Seq)),
    (b"seq", Part::Key(Space::Seq)),
    (b"method", Part::Method),
    (b"action", Part::Name),
    (b"command", Part::Name),
    (b"cmd", Part::Name),
    (b"op", Part::Name),
    (b"event", Part::Name),
    (b"type", Part::Type),
    (b"result", Part::Result),
    (b"error", Part::Error),
    (b"errors", Part::Error),
    (b"success", Part::Success),
    (b"ok", Part::Success),
    (b"status", Part::Status),
    (b"payload", Part::Payload),
];

/// What every name of an id ends with, quote included: messages without any of these are not
/// looked at further.
pub(super) const ENDINGS: [&[u8]; 3] = [b"d\"", b"f\"", b"q\""];

/// What a value of `type` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Call,
    /// A call, if its id is text and it has a payload: words that others use otherwise.
    GraphqlCall,
    Reply,
    Failed,
    /// The last of several replies, or the end of a call by who made it.
    End,
    /// Says nothing about pairs, if its number is one that events have as well.
    Event,
}

pub(super) const TYPES: &[(&[u8], Meaning)] = &[
    // Debug Adapter Protocol and many others.
    (b"request", Meaning::Call),
    (b"response", Meaning::Reply),
    (b"reply", Meaning::Reply),
    (b"result", Meaning::Reply),
    (b"event", Meaning::Event),
    // graphql-transport-ws, and subscriptions-transport-ws before it.
    (b"subscribe", Meaning::GraphqlCall),
    (b"start", Meaning::GraphqlCall),
    (b"next", Meaning::Reply),
    (b"data", Meaning::Reply),
    (b"error", Meaning::Failed),
    (b"complete", Meaning::End),
    (b"stop", Meaning::End),
];

/// How `status` says that something went wrong.
pub(super) const BAD_STATUS: &[&[u8]] = &[b"error", b"fail", b"failed", b"failure"];

/// An array whose first element is a number that says what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub code: &'static [u8],
    /// Place of the id, and whether it is text.
    pub key: usize,
    pub text: bool,
    pub space: Space,
    pub means: Meaning,
    pub name: Named,
}

/// Where the name of a call is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named {
    Nowhere,
    At(usize),
    As(&'static str),
}

/// OCPP-J 1.6 and 2.0.1 section 4, 2.1 section 4; WAMP, section 6.5 of its specification.
pub(super) const SHAPES: &[Shape] = &[
    ocpp(b"2", Meaning::Call, Named::At(2)),
    ocpp(b"3", Meaning::Reply, Named::Nowhere),
    ocpp(b"4", Meaning::Failed, Named::Nowhere),
    ocpp(b"5", Meaning::Failed, Named::Nowhere),
    wamp(b"16", Meaning::Call, Named::As("publish")),
    wamp(b"17", Meaning::Reply, Named::Nowhere),
    wamp(b"32", Meaning::Call, Named::As("subscribe")),
    wamp(b"33", Meaning::Reply, Named::Nowhere),
    wamp(b"34", Meaning::Call, Named::As("unsubscribe")),
    wamp(b"35", Meaning::Reply, Named::Nowhere),
    wamp(b"48", Meaning::Call, Named::At(3)),
    wamp(b"50", Meaning::Reply, Named::Nowhere),
    wamp(b"64", Meaning::Call, Named::As("register")),
    wamp(b"65", Meaning::Reply, Named::Nowhere),
    wamp(b"66", Meaning::Call, Named::As("unregister")),
    wamp(b"67", Meaning::Reply, Named::Nowhere),
    wamp(b"68", Meaning::Call, Named::As("invocation")),
    wamp(b"70", Meaning::Reply, Named::Nowhere),
    Shape { key: 2, ..wamp(b"8", Meaning::Failed, Named::Nowhere) },
];

const fn ocpp(code: &'static [u8], means: Meaning, name: Named) -> Shape {
    Shape { code, key: 1, text: true, space: Space::Ocpp, means, name }
}

const fn wamp(code: &'static [u8], means: Meaning, name: Named) -> Shape {
    Shape { code, key: 1, text: false, space: Space::Wamp, means, name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_overlooked_by_the_first_look() {
        for (name, part) in MEMBERS {
            if matches!(part, Part::Key(_)) {
                let quoted = [*name, b"\"".as_slice()].concat();
                assert!(
                    ENDINGS.iter().any(|end| quoted.ends_with(end)),
                    "{}",
                    String::from_utf8_lossy(name)
                );
            }
        }
    }
}
