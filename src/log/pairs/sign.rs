//! What a payload says of pairs: by which key, and in which role.

use std::hash::{BuildHasher, Hasher};

use super::dialect::{BAD_STATUS, MEMBERS, Meaning, Named, Part, SHAPES, Shape, Space, TYPES};
use super::json::{Elements, Ended, Value, last_members, members};

/// Of a payload that is longer, its beginning and its end are looked at.
const HEAD: usize = 256 * 1024;
const TAIL: usize = 4 * 1024;

/// Bytes of a payload that are read at the most.
pub(super) const MOST_READ: usize = HEAD + TAIL;

/// Messages of one batch (JSON-RPC 2.0 section 6) that are looked at.
const BATCH: usize = 64;

/// Longer ids and names are none.
const LONGEST_KEY: usize = 1024;
const LONGEST_NAME: usize = 64;

/// Elements of an array that can say something.
const PLACES: usize = 5;

/// An id, hashed with its space.
pub(super) type Key = u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Call,
    Reply {
        failed: bool,
    },
    /// The last reply, or the end of a call by who made it.
    End,
    /// A call, or a reply if a call of the other side has this key.
    Either {
        failed: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign<'a> {
    pub key: Key,
    pub role: Role,
    /// What the call goes by, escapes as written.
    pub name: Option<&'a [u8]>,
}

/// Tells `see` what a payload says; mostly nothing.
pub(super) fn read<'a>(
    payload: &'a [u8],
    hasher: &impl BuildHasher,
    see: &mut dyn FnMut(Sign<'a>),
) {
    let head = &payload[..payload.len().min(HEAD)];
    match head.iter().position(|b| !b.is_ascii_whitespace()).map(|at| (head[at], &head[at + 1..])) {
        Some((b'{', rest)) => {
            let cut = &payload[head.len()..];
            object(rest, &cut[cut.len().saturating_sub(TAIL)..], hasher).into_iter().for_each(see);
        }
        Some((b'[', rest)) => array(rest, hasher, see),
        Some((b'4', rest)) => socket_io(rest, hasher).into_iter().for_each(see),
        _ => {}
    }
}

fn hash(hasher: &impl BuildHasher, space: Space, value: &[u8]) -> Option<Key> {
    if value.is_empty() || value.len() > LONGEST_KEY {
        return None;
    }
    let mut state = hasher.build_hasher();
    state.write_u8(space as u8);
    // The same id may be written with escapes on one side and without on the other.
    if value.contains(&b'\\') {
        let quoted = [b"\"", value, b"\""].concat();
        let plain: String = serde_json::from_slice(&quoted).ok()?;
        state.write(plain.as_bytes());
    } else {
        state.write(value);
    }
    Some(state.finish())
}

/// An id is a text or a number; servers give numbers back as texts and the other way round.
fn key(hasher: &impl BuildHasher, space: Space, value: Value<'_>) -> Option<Key> {
    match value {
        Value::Text(text) => hash(hasher, space, text),
        Value::Plain(text) if !text[0].is_ascii_alphabetic() => hash(hasher, space, text),
        _ => None,
    }
}

fn name(value: Value<'_>) -> Option<&[u8]> {
    match value {
        Value::Text(text) if !text.is_empty() && text.len() <= LONGEST_NAME => Some(text),
        _ => None,
    }
}

/// What was found among the members of an object.
#[derive(Default)]
struct Found<'a> {
    /// Place in the table, so that the first one there wins, space and value.
    key: Option<(usize, Space, Value<'a>)>,
    name: Option<(usize, &'a [u8])>,
    method: bool,
    result: bool,
    payload: bool,
    failed: bool,
    replied: bool,
    kind: Option<Meaning>,
    text_key: bool,
}

impl<'a> Found<'a> {
    fn see(&mut self, member: &'a [u8], value: Value<'a>) {
        let Some((rank, (_, part))) =
            MEMBERS.iter().enumerate().find(|(_, (name, _))| *name == member)
        else {
            return;
        };
        match part {
            Part::Key(space) => {
                let usable = matches!(value, Value::Text(_))
                    || matches!(value, Value::Plain(text) if !text[0].is_ascii_alphabetic());
                if usable && self.key.is_none_or(|(before, ..)| rank < before) {
                    self.key = Some((rank, *space, value));
                    self.text_key = matches!(value, Value::Text(_));
                }
            }
            Part::Method | Part::Name | Part::Type => {
                let word = name(value);
                if let Some(word) = word
                    && self.name.is_none_or(|(before, _)| rank < before)
                {
                    self.name = Some((rank, word));
                }
                self.method |= *part == Part::Method && word.is_some();
                self.replied |= word == Some(b"phx_reply");
                if *part == Part::Type {
                    let known = TYPES.iter().find(|(text, _)| Some(*text) == word);
                    self.kind = known.map(|(_, means)| *means);
                }
            }
            Part::Result => self.result = true,
            Part::Error => {
                self.result |= value != Value::Plain(b"null");
                self.failed |= value.says_yes();
            }
            Part::Success => self.failed |= value == Value::Plain(b"false"),
            Part::Status => {
                self.failed |= matches!(value, Value::Text(text) if BAD_STATUS.contains(&text));
            }
            Part::Payload => self.payload = true,
        }
    }

    fn sign(self, hasher: &impl BuildHasher) -> Option<Sign<'a>> {
        let (_, space, value) = self.key?;
        let failed = self.failed;
        let role = match self.kind {
            Some(Meaning::Event) if space == Space::Seq => return None,
            Some(Meaning::Call) if !self.result => Role::Call,
            Some(Meaning::GraphqlCall) if self.text_key && self.payload => Role::Call,
            Some(Meaning::Reply) => Role::Reply { failed },
            Some(Meaning::Failed) => Role::Reply { failed: true },
            Some(Meaning::End) => Role::End,
            _ if self.replied => Role::Reply { failed },
            _ if self.method && !self.result => Role::Call,
            _ if self.result => Role::Reply { failed },
            _ => Role::Either { failed },
        };
        Some(Sign { key: key(hasher, space, value)?, role, name: self.name.map(|(_, name)| name) })
    }
}

/// From behind the brace; `tail` is the end of an object that goes on far behind.
fn object<'a>(rest: &'a [u8], tail: &'a [u8], hasher: &impl BuildHasher) -> Option<Sign<'a>> {
    let mut found = Found::default();
    let ended = members(rest, &mut |name, value| found.see(name, value));
    if ended == Ended::Cut && !tail.is_empty() {
        last_members(tail, &mut |name, value| found.see(name, value));
    }
    found.sign(hasher)
}

/// From behind the bracket: a batch of objects, or an array of known shape.
fn array<'a>(rest: &'a [u8], hasher: &impl BuildHasher, see: &mut dyn FnMut(Sign<'a>)) {
    let mut elements = Elements::new(rest);
    let Some(first) = elements.next() else { return };
    if let Value::Nested(text) = first {
        for element in std::iter::once(first).chain(elements).take(BATCH) {
            if let Value::Nested([b'{', rest @ ..]) = element {
                object(rest, &[], hasher).into_iter().for_each(&mut *see);
            }
        }
        debug_assert!(!text.is_empty());
        return;
    }
    let mut places = [None; PLACES];
    places[0] = Some(first);
    for (place, element) in places[1..].iter_mut().zip(elements.by_ref()) {
        *place = Some(element);
    }
    let sign = match first {
        Value::Plain(code) => SHAPES
            .iter()
            .filter(|shape| shape.code == code)
            .find_map(|shape| of_shape(shape, &places, hasher)),
        Value::Text(_) => phoenix(&places, hasher),
        Value::Nested(_) | Value::Cut => None,
    };
    let sign =
        sign.or_else(|| (first == Value::Plain(b"null")).then(|| phoenix(&places, hasher))?);
    sign.into_iter().for_each(see);
}

fn of_shape<'a>(
    shape: &Shape,
    places: &[Option<Value<'a>>; PLACES],
    hasher: &impl BuildHasher,
) -> Option<Sign<'a>> {
    let id = places[shape.key]?;
    // Something has to follow in all of them.
    places[2]?;
    if matches!(id, Value::Text(_)) != shape.text {
        return None;
    }
    let role = match shape.means {
        Meaning::Call | Meaning::GraphqlCall | Meaning::Event => Role::Call,
        Meaning::Reply => Role::Reply { failed: false },
        Meaning::Failed => Role::Reply { failed: true },
        Meaning::End => Role::End,
    };
    let name = match shape.name {
        Named::Nowhere => None,
        // A call without its name is some other array.
        Named::At(place) => Some(name(places[place]?)?),
        Named::As(name) => Some(name.as_bytes()),
    };
    Some(Sign { key: key(hasher, shape.space, id)?, role, name })
}

/// Phoenix, version 2 of its serializer: `[join_ref, ref, topic, event, payload]`. What the server
/// pushes has no ref.
fn phoenix<'a>(
    places: &[Option<Value<'a>>; PLACES],
    hasher: &impl BuildHasher,
) -> Option<Sign<'a>> {
    let [_, Some(id), Some(Value::Text(_)), Some(Value::Text(event)), Some(payload)] = *places
    else {
        return None;
    };
    let key = key(hasher, Space::Ref, id)?;
    if event != b"phx_reply" {
        let name = (event.len() <= LONGEST_NAME).then_some(event);
        return Some(Sign { key, role: Role::Call, name });
    }
    let mut failed = false;
    if let Value::Nested([b'{', rest @ ..]) = payload {
        members(rest, &mut |name, value| {
            failed |= name == b"status" && value != Value::Text(b"ok")
        });
    }
    Some(Sign { key, role: Role::Reply { failed }, name: None })
}

/// Events with an acknowledgement of Socket.IO over Engine.IO, version 4 of both: `42`, maybe
/// `/namespace,`, the id, then an array that begins with the event's name; `43` answers it.
fn socket_io<'a>(rest: &'a [u8], hasher: &impl BuildHasher) -> Option<Sign<'a>> {
    let (kind, rest) = rest.split_first()?;
    let (space, rest) = match rest {
        [b'/', ..] => rest.split_at(memchr::memchr(b',', &rest[..rest.len().min(256)])? + 1),
        _ => rest.split_at(0),
    };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=20).contains(&digits) || rest.get(digits) != Some(&b'[') {
        return None;
    }
    let mut id = [0_u8; 280];
    let id = id.get_mut(..space.len() + digits)?;
    id[..space.len()].copy_from_slice(space);
    id[space.len()..].copy_from_slice(&rest[..digits]);
    let key = hash(hasher, Space::SocketIo, id)?;
    match kind {
        b'2' => {
            let name = Elements::new(&rest[digits + 1..]).next().and_then(name);
            Some(Sign { key, role: Role::Call, name })
        }
        b'3' => Some(Sign { key, role: Role::Reply { failed: false }, name: None }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use proptest::prelude::*;

    use super::*;

    fn signs(state: &RandomState, text: &str) -> Vec<(Key, Role, String)> {
        let mut out = Vec::new();
        read(text.as_bytes(), state, &mut |sign| {
            let name = sign.name.map(|n| String::from_utf8_lossy(n).into_owned());
            out.push((sign.key, sign.role, name.unwrap_or_default()));
        });
        out
    }

    const CALL: Role = Role::Call;
    const REPLY: Role = Role::Reply { failed: false };
    const FAILED: Role = Role::Reply { failed: true };
    const EITHER: Role = Role::Either { failed: false };

    #[test]
    fn each_dialect_has_its_calls_and_replies() {
        let state = RandomState::new();
        for (call, role, name, reply, answer) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"sum","params":[1,2]}"#,
                CALL,
                "sum",
                r#"{"jsonrpc":"2.0","id":1,"result":3}"#,
                REPLY,
            ),
            (
                r#"{"id":"a1","method":"x"}"#,
                CALL,
                "x",
                r#"{"jsonrpc":"2.0","error":{"code":-1},"id":"a1"}"#,
                FAILED,
            ),
            // Kraken: the reply has the method too.
            (
                r#"{"method":"subscribe","req_id":7}"#,
                CALL,
                "subscribe",
                r#"{"method":"subscribe","result":{},"success":true,"req_id":7}"#,
                REPLY,
            ),
            (r#"{"id":5,"type":"ping"}"#, EITHER, "ping", r#"{"type":"pong","id":5}"#, EITHER),
            (
                r#"{"requestId":"x","action":"get"}"#,
                EITHER,
                "get",
                r#"{"id":"9","requestId":"x","ok":false}"#,
                Role::Either { failed: true },
            ),
            (r#"{"id":"q"}"#, EITHER, "", r#"{"id":"r","correlationId":"q"}"#, EITHER),
            (r#"{"id":12}"#, EITHER, "", r#"{"id":"12"}"#, EITHER),
            (r#"{"id":"é/"}"#, EITHER, "", r#"{"id":"\u00e9\/"}"#, EITHER),
            (
                r#"{"seq":3,"type":"request","command":"launch"}"#,
                CALL,
                "launch",
                r#"{"seq":8,"type":"response","request_seq":3,"success":false}"#,
                FAILED,
            ),
            (
                r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#,
                CALL,
                "subscribe",
                r#"{"id":"1","type":"next","payload":{}}"#,
                REPLY,
            ),
            (
                r#"{"topic":"t","event":"phx_join","payload":{},"ref":"1"}"#,
                EITHER,
                "phx_join",
                r#"{"topic":"t","event":"phx_reply","payload":{},"ref":"1"}"#,
                REPLY,
            ),
            (
                r#"["1","4","room:a","shout",{"x":1}]"#,
                CALL,
                "shout",
                r#"["1","4","room:a","phx_reply",{"status":"ok","response":{}}]"#,
                REPLY,
            ),
            (
                r#"[null,"2","phoenix","heartbeat",{}]"#,
                CALL,
                "heartbeat",
                r#"[null,"2","phoenix","phx_reply",{"response":{},"status":"error"}]"#,
                FAILED,
            ),
            (
                r#"[2,"19223201","BootNotification",{"a":1}]"#,
                CALL,
                "BootNotification",
                r#"[3, "19223201", {"status":"Accepted"}]"#,
                REPLY,
            ),
            (r#"[2,"u","Reset",{}]"#, CALL, "Reset", r#"[4,"u","NotImplemented","no",{}]"#, FAILED),
            (r#"[48,7,{},"com.sum",[1]]"#, CALL, "com.sum", r#"[50,7,{},[2]]"#, REPLY),
            (r#"[32,8,{},"topic"]"#, CALL, "subscribe", r#"[8,32,8,{},"wamp.error"]"#, FAILED),
            (r#"4217["save",{"a":1}]"#, CALL, "save", "4317[true]", REPLY),
            (r#"42/chat,1["x"]"#, CALL, "x", "43/chat,1[]", REPLY),
        ] {
            let [(key, found, what)] = signs(&state, call)[..].to_vec().try_into().unwrap();
            assert_eq!((found, what.as_str()), (role, name), "{call}");
            let [(other, found, _)] = signs(&state, reply)[..].to_vec().try_into().unwrap();
            assert_eq!((other, found), (key, answer), "{reply}");
        }
    }

    #[test]
    fn an_end_is_told_from_another_reply() {
        let state = RandomState::new();
        let found = signs(&state, r#"{"id":"1","type":"complete"}"#);
        assert_eq!(found[0].1, Role::End);
    }

    #[test]
    fn a_batch_has_a_sign_for_each_member() {
        let state = RandomState::new();
        let calls =
            signs(&state, r#"[{"id":1,"method":"a"},{"method":"note"},{"id":2,"method":"b"}]"#);
        let replies = signs(&state, r#"[{"id":2,"result":0},{"id":1,"result":0}]"#);
        assert_eq!(calls.len(), 2);
        assert_eq!((calls[0].0, calls[1].0), (replies[1].0, replies[0].0));
        let many = format!("[{}]", vec![r#"{"id":1}"#; 1000].join(","));
        assert_eq!(signs(&state, &many).len(), BATCH);
    }

    #[test]
    fn what_is_no_part_of_a_pair_says_nothing() {
        let state = RandomState::new();
        for text in [
            "",
            "hello id",
            r#"{"jsonrpc":"2.0","method":"note"}"#,
            r#"{"id":null,"method":"x"}"#,
            r#"{"id":true}"#,
            r#"{"id":{"a":1}}"#,
            r#"{"id":""}"#,
            r#"{"a":{"id":1}}"#,
            r#"{"text":"\"id\":1"}"#,
            r#"{"type":"event","seq":4,"event":"stopped"}"#,
            r#"[2,"uid"]"#,
            "[2,3,{}]",
            r#"["2","uid","Action",{}]"#,
            r#"[null,null,"room","push",{}]"#,
            "[1,2,3,4,5]",
            "[]",
            r#"42["message"]"#,
            "42",
            "2024-01-01[",
        ] {
            assert_eq!(signs(&state, text), [], "{text}");
        }
    }

    #[test]
    fn spaces_of_ids_are_apart() {
        let state = RandomState::new();
        let keys: Vec<Key> =
            [r#"{"id":1}"#, r#"{"seq":1}"#, r#"{"ref":1}"#, r#"[3,"1",{}]"#, r#"[50,1,{}]"#]
                .iter()
                .map(|text| signs(&state, text)[0].0)
                .collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key));
        }
    }

    #[test]
    fn a_large_message_has_its_id_at_either_end() {
        let state = RandomState::new();
        let small = signs(&state, r#"{"id":77,"result":[]}"#);
        let long = "1,".repeat(HEAD);
        for text in [
            format!(r#"{{"id":77,"result":[{long}1]}}"#),
            format!(r#"{{"result":[{long}1],"id":77}}"#),
            format!(r#"{{"result":["{long}"],"more":{{"id":1}},"id":77}}"#),
        ] {
            assert_eq!(signs(&state, &text), small);
        }
        assert_eq!(signs(&state, &format!(r#"{{"result":[{long}1,{{"id":77}}]}}"#)), []);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fall(text in "[\\[{4]?[ -~\\[\\]{}\":,0-9é]{0,80}") {
            signs(&RandomState::new(), &text);
        }
    }
}
