"""wsdeck as the cases call it."""

import base64
import json
import os
import subprocess
import tempfile

# A case that takes longer hangs. Debug builds on a busy machine need a while for 16 MiB.
TIME_LIMIT = 120

SHOWN = 1500


class Wrong(Exception):
    """What a case did not like."""


class Run:
    """One finished run of wsdeck."""

    def __init__(self, arguments, code, out, err):
        self.arguments = arguments
        self.code = code
        self.out = out
        self.err = err

    def events(self, *kinds):
        """The objects that `cat --json` printed; only those of these kinds, if any are named."""
        try:
            events = [json.loads(line) for line in self.out.splitlines()]
        except ValueError as error:
            raise self.wrong(f"standard output is not JSON lines: {error}") from None
        return [event for event in events if not kinds or event["event"] in kinds]

    def event(self, kind, direction=None):
        """The one event of this kind."""
        found = [e for e in self.events(kind) if direction in (None, e.get("dir"))]
        if len(found) != 1:
            raise self.wrong(f"{len(found)} events {kind!r} ({direction or 'any way'}), 1 expected")
        return found[0]

    def message(self, direction="in"):
        """Bytes of the one text or binary message that went this way."""
        found = [e for e in self.events("text", "binary") if e["dir"] == direction]
        if len(found) != 1:
            raise self.wrong(f"{len(found)} messages {direction}, 1 expected")
        return payload(found[0])

    def expect(self, what, seen, expected):
        """Fails unless both are the same."""
        if seen != expected:
            seen, expected = (repr(value)[:300] for value in (seen, expected))
            raise self.wrong(f"{what}: {seen}, expected {expected}")

    def wrong(self, why):
        """The failure with everything that is needed to look into it."""
        shown = [why, "ran: wsdeck " + " ".join(map(repr, self.arguments)), f"exit code {self.code}"]
        for name, stream in (("standard output", self.out), ("standard error", self.err)):
            if stream:
                more = f" … {len(stream)} bytes" if len(stream) > SHOWN else ""
                shown.append(f"{name}: {stream[:SHOWN].decode(errors='backslashreplace')}{more}")
        return Wrong("\n".join(shown))


def payload(event):
    """Bytes of a message event."""
    if event["event"] == "text":
        return event["text"].encode()
    return base64.b64decode(event["base64"], validate=True)


class Client:
    """Runs the binary with a home of its own, so that nothing of this machine's user counts."""

    def __init__(self, binary, home):
        self.binary = os.path.abspath(binary)
        proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        self.env = {
            name: value for name, value in os.environ.items() if name.lower() not in proxies
        }
        self.env |= {"HOME": home, "WSDECK_CONFIG_DIR": home, "WSDECK_DATA_DIR": home}

    def run(self, *arguments, stdin=b"", code=0):
        """Runs wsdeck to its end and checks its exit code."""
        # A file and no pipe for what goes in, so that a large message needs no second thread.
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            try:
                done = subprocess.run(
                    [self.binary, *arguments],
                    stdin=source,
                    capture_output=True,
                    env=self.env,
                    timeout=TIME_LIMIT,
                    check=False,
                )
            except subprocess.TimeoutExpired as expired:
                run = Run(arguments, None, expired.stdout or b"", expired.stderr or b"")
                raise run.wrong(f"not finished after {TIME_LIMIT} seconds") from None
        run = Run(arguments, done.returncode, done.stdout, done.stderr)
        if b"panicked at" in done.stderr:
            raise run.wrong("it panicked")
        if code is not None:
            run.expect("exit code", run.code, code)
        return run
