"""The cases. Each is a name and what to do; `world` has the client, the peers, the payloads."""

import json
from urllib.parse import quote

SHORT = ["text", "json", "xml", "html", "binary", "empty", "empty-binary"]
SIZES = ["text-1", "text-125", "text-126", "text-127", "text-65535", "text-65536"]
LARGE = ["large", "large-binary"]


class Target:
    """One server and how to reach it."""

    def __init__(self, name, base, options=()):
        self.name = name
        self.base = base
        self.options = list(options)


def there_and_back(world, target, name, endpoint="push"):
    """The server sends it, we print and return it, the server compares."""
    url = f"{target.base}/{endpoint}/{name}"
    run = world.client.run("cat", url, "--json", "--echo", *target.options)
    expected = world.payloads[name]
    kind = "binary" if "binary" in name else "text"
    for direction in ("in", "out"):
        event = run.event(kind, direction)
        run.expect(f"bytes {direction}", event["bytes"], len(expected))
        same = run.message(direction) == expected
        run.expect(f"the message {direction} is the one that was sent", same, True)
    close = run.event("close", "in")
    run.expect("close", (close["code"], close["reason"]), (1000, "came back whole"))


def fragments(world, target, name):
    there_and_back(world, target, name, "fragments")


def lines(world, target):
    """Lines go out as messages, come back, and are printed as they were."""
    sent = [b"one", b"", "zwei 漢字 👩‍👩‍👧‍👦".encode(), b"NUL \0 and \x1b[31m", b'{"n": 1.50}', b"\r"]
    run = world.client.run(
        "cat", f"{target.base}/echo", "--count", str(len(sent)), *target.options,
        stdin=b"\n".join(sent) + b"\n",
    )  # fmt: skip
    run.expect("standard output", run.out, b"\n".join(sent) + b"\n")


def binary_lines(world, target):
    """The same with binary messages, printed raw: every byte but the line break."""
    sent = bytes(byte for byte in range(256) if byte != 10)
    run = world.client.run(
        *["cat", f"{target.base}/echo", "--count", "1", "--binary", "--binary-as", "raw"],
        *target.options,
        stdin=sent,
    )
    run.expect("standard output", run.out, sent)


def large_line(world, target):
    """16 MiB in one line of standard input, there and back."""
    sent = b"0123456789abcdef" * (1024 * 1024)
    run = world.client.run(
        "cat", f"{target.base}/echo", "--count", "1", *target.options, stdin=sent
    )
    run.expect("bytes", len(run.out), len(sent) + 1)
    run.expect("it came back as it was", run.out == sent + b"\n", True)


def too_large(world, target):
    """A message over the limit ends the connection, and says so."""
    run = world.client.run(
        *["cat", f"{target.base}/push/text-65536", "--json", "--no-input"],
        *["--max-message-size", "65535", *target.options],
        code=17,
    )
    run.expect("messages", run.events("text"), [])
    run.expect("close code sent", run.event("close", "out")["code"], 1009)


def subprotocol(world, target):
    offered = ["--subprotocol", "chat.v9", "--subprotocol", "chat.v2"]
    run = world.client.run(
        "cat", f"{target.base}/subprotocol", "--json", "--no-input", *offered, *target.options
    )
    run.expect("chosen, as the server says", run.event("text")["text"], "chat.v2")
    run.expect("chosen, as we say", run.event("open")["subprotocol"], "chat.v2")


def no_subprotocol(world, target):
    run = world.client.run(
        "cat", f"{target.base}/subprotocol", "--json", "--no-input", *target.options
    )
    run.expect("chosen, as the server says", run.event("text")["text"], "")
    run.expect("chosen, as we say", run.event("open")["subprotocol"], None)


def ping(world, target):
    """The server's ping is answered with its payload, and both are told."""
    run = world.client.run("cat", f"{target.base}/ping", "--json", "--no-input", *target.options)
    close = run.event("close", "in")
    run.expect("close", (close["code"], close["reason"]), (1000, "pong"))
    for kind, direction in (("ping", "in"), ("pong", "out")):
        run.expect(kind, run.event(kind, direction)["base64"], "YXJlIHlvdSB0aGVyZT8=")


def close(world, target, code, reason, exit_code):
    query = f"?reason={quote(reason)}" if reason else ""
    run = world.client.run(
        *["cat", f"{target.base}/close/{code}{query}", "--json", "--no-input"],
        *target.options,
        code=exit_code,
    )
    event = run.event("close", "in")
    run.expect("close", (event["code"], event["reason"]), (code, reason))


HEADERS = [
    ["X-First", "1"],
    ["x-lower-Case", "two  blanks"],
    ["X-First", "again"],
    ["Cookie", "a=1; b=\"2\""],
    ["Authorization", "Custom abc:def=="],
    ["X-Last", "~!@#$%^&*()_+|"],
]


def headers(world, target):
    """Order, case and repetition arrive as they were given."""
    options = [word for name, value in HEADERS for word in ("-H", f"{name}: {value}")]
    run = world.client.run(
        *["cat", f"{target.base}/headers?a=1&a=%20&b", "--no-input"],
        *["--origin", "https://app.example"],
        *options,
        *target.options,
    )
    arrived = json.loads(run.out)
    names = {name.lower() for name, _ in HEADERS}
    run.expect("headers", [pair for pair in arrived if pair[0].lower() in names], HEADERS)
    run.expect("Origin", [v for n, v in arrived if n == "Origin"], ["https://app.example"])
    ours = [name for name, _ in arrived if name.lower() == "sec-websocket-version"]
    run.expect("case of the handshake's own names", ours, ["Sec-WebSocket-Version"])


def healthy(world, target):
    """`check`: a message, a ping and its pong, a clean close."""
    run = world.client.run(
        *["check", f"{target.base}/echo", "--json", "--send", "hello", "--wait", "0.2"],
        *target.options,
    )
    report = json.loads(run.out)
    run.expect("verdict", (report["ok"], report["phase"], report["code"]), (True, "none", None))
    stages = {stage["name"]: stage["ok"] for stage in report["stages"]}
    run.expect("a stage failed", [name for name, ok in stages.items() if not ok], [])
    run.expect("TLS was a stage", "tls" in stages, target.base.startswith("wss:"))


def refused(world, url, phase, exit_code, codes, options=()):
    """`check` and `cat` agree on what is wrong."""
    run = world.client.run("check", url, "--json", *options, code=exit_code)
    report = json.loads(run.out)
    run.expect("verdict", (report["ok"], report["phase"]), (False, phase))
    run.expect(f"{report['code']} is one of {codes}", report["code"] in codes, True)
    run.expect("there is a summary", bool(report["summary"]), True)
    run = world.client.run("cat", url, "--json", "--no-input", *options, code=exit_code)
    run.expect("finding", run.events("finding")[0]["code"], report["code"])


def refusal_body(world, target):
    """The body of a refusal, which many clients lose, is in the record."""
    run = world.client.run(
        "check", f"{target.base}/status/403", "--json", *target.options, code=15
    )
    run.expect("its body is told", b"refused with 403" in run.out, True)


def compressed(world, url, extensions, packs):
    """What was agreed on is told, and both sizes of each message that was packed."""
    lines = ["short", *['{"type":"tick","symbol":"EURUSD","bid":1.08421,"n":%d}' % n * 3 for n in range(9)]]
    sent = "".join(line + "\n" for line in lines).encode()
    run = world.client.run("cat", url, "--json", "--count", str(len(lines)), stdin=sent)
    agreed = (run.event("open")["extensions"] or "").replace(" ", "").split(";")
    run.expect("agreed on", sorted(agreed), sorted(extensions))
    for direction in ("in", "out"):
        events = [e for e in run.events("text") if e["dir"] == direction]
        run.expect(f"messages {direction}", [e["text"] for e in events], lines)
        for event in events:
            run.expect("bytes", event["bytes"], len(event["text"]))
            if event["text"] != "short":
                was = event.get("wire", event["bytes"]) < event["bytes"]
                run.expect(f"packed {direction}", was, packs or direction == "in")


def plain(world, url):
    """Without the offer nothing is agreed on."""
    run = world.client.run("cat", url, "--json", "--no-compression", "--count", "1", stdin=b"x" * 999)
    run.expect("agreed on", run.event("open")["extensions"], None)
    run.expect("packed", [e for e in run.events("text") if "wire" in e], [])


def of_deflate(peers):
    """Compression with the servers that have it."""
    fresh = ["server_no_context_takeover", "client_no_context_takeover"]
    small = ["server_max_window_bits=9", "client_max_window_bits=9"]
    smallest = ["server_max_window_bits=12", "client_max_window_bits=8"]
    mixed = ["server_no_context_takeover", "client_max_window_bits=10"]
    for name, port, params, packs in [
        ("fresh", peers.deflate["fresh"], fresh, True),
        ("small", peers.deflate["small"], small, True),
        ("smallest", peers.deflate["smallest"], smallest, False),
        ("mixed", peers.deflate["mixed"], mixed, True),
    ]:
        target = Target(f"deflate {name}", f"ws://127.0.0.1:{port}")
        yield (
            f"{target.name}: sizes",
            compressed,
            (f"{target.base}/echo", ["permessage-deflate", *params], packs),
        )
        yield f"{target.name}: switched off", plain, (f"{target.base}/echo",)
        for payload in [*SHORT, "text-65535", *LARGE]:
            yield f"{target.name}: {payload} there and back", there_and_back, (target, payload)
        for payload in ["json", "large"]:
            yield f"{target.name}: {payload} in fragments", fragments, (target, payload)
    yield "node: switched off", plain, (f"ws://127.0.0.1:{peers.node}/echo",)


def of_target(target):
    """The cases that each server must pass."""
    for name in SHORT + SIZES + LARGE:
        yield f"{name} there and back", there_and_back, (target, name)
    if target.name != "nginx":
        for name in ["text", "binary", *LARGE]:
            yield f"{name} in fragments", fragments, (target, name)
    yield "lines as messages", lines, (target,)
    yield "lines as binary messages", binary_lines, (target,)
    yield "a line of 16 MiB", large_line, (target,)
    yield "a message over the limit", too_large, (target,)
    yield "a subprotocol", subprotocol, (target,)
    yield "no subprotocol", no_subprotocol, (target,)
    yield "a ping from the server", ping, (target,)
    yield "headers as given", headers, (target,)
    yield "check finds it healthy", healthy, (target,)
    yield "the body of a refusal", refusal_body, (target,)
    for code, reason, exit_code in [
        (1000, "", 0),
        (1000, "all done", 0),
        (1001, "going away", 0),
        (1011, "it broke", 17),
        (4001, "token expired ✗", 17),
    ]:
        yield f"close {code} {reason}".strip(), close, (target, code, reason, exit_code)
    for status in (401, 403, 404, 500):
        yield (
            f"refused with {status}",
            refused,
            (f"{target.base}/status/{status}", "http", 15, AnyOf("http/", "auth/"), target.options),
        )


class AnyOf:
    """Codes that begin so. Which of a family fits best is the rules' own matter."""

    def __init__(self, *starts):
        self.starts = starts

    def __contains__(self, code):
        return code is not None and code.startswith(self.starts)

    def __str__(self):
        return "/".join(f"{start}*" for start in self.starts)


def all_cases(peers):
    """Every case as (name, function, arguments)."""
    secure = f"wss://localhost:{peers.nginx}"
    trust = ["--cacert", peers.ca]
    for target in [
        Target("node", f"ws://127.0.0.1:{peers.node}"),
        Target("websockets", f"ws://127.0.0.1:{peers.websockets}"),
        Target("nginx", secure, trust),
    ]:
        for name, function, arguments in of_target(target):
            yield f"{target.name}: {name}", function, arguments
    yield from of_deflate(peers)
    yield (
        "nginx: a certificate authority that nobody knows",
        refused,
        (f"{secure}/echo", "tls", 14, AnyOf("tls/")),
    )
    yield (
        "nginx: a certificate for another name",
        refused,
        (f"wss://127.0.0.1:{peers.nginx}/echo", "tls", 14, AnyOf("tls/"), trust),
    )
    yield (
        "nginx: unverified on request",
        there_and_back,
        (Target("nginx", f"wss://127.0.0.1:{peers.nginx}", ["--insecure"]), "text"),
    )
    yield (
        "nginx: ws:// to the TLS port",
        refused,
        (f"ws://localhost:{peers.nginx}/echo", "http", 15, AnyOf("http/")),
    )
    yield (
        "nginx: nobody behind it",
        refused,
        (f"{secure}/down", "http", 15, AnyOf("http/"), trust),
    )
    # Node answers the TLS greeting in plain words; websockets hangs up without one.
    for name, port, code in [
        ("node", peers.node, "tls/plain-http-server"),
        ("websockets", peers.websockets, "tls/closed-on-hello"),
    ]:
        yield (
            f"{name}: wss:// to the plain port",
            refused,
            (f"wss://127.0.0.1:{port}/echo", "tls", 14, [code]),
        )
