"""What real servers and gateways say when they refuse, and that `check` names each."""

import json
import os
import socket
import subprocess
from contextlib import ExitStack
from types import SimpleNamespace

from peers import SERVERS, free_port, openssl_runner, wait_until_open

# A ClientHello or a request that nobody likes: some servers close, some reset, some answer.
HUNG_UP = ["http/tls-port-closed", "http/closed-no-answer", "tcp/accepted-then-closed"]
HUNG_UP += ["http/tls-port-alert", "http/reset-no-answer"]


class Faults:
    """The servers of this file; `with` ends them."""

    def __init__(self, peers):
        self.peers = peers
        self.folder = peers.folder
        self.stack = ExitStack()

    def __enter__(self):
        self.certificates()
        folder = str(self.folder)
        self.node = SimpleNamespace()
        ports = self.peers.serve_many(["node"], "node_faults.cjs", folder)
        self.node.routed, self.node.by_path, self.node.deaf, self.node.tls = ports
        python = self.peers.serve_many(self.peers.python, "python_faults.py")
        self.python = SimpleNamespace()
        self.python.origin, self.python.subprotocol, self.python.basic = python
        # Takes connections and never answers.
        self.silent = socket.create_server(("127.0.0.1", 0))
        self.stack.callback(self.silent.close)
        self.start_nginx()
        self.openssl = {name: self.s_server(options) for name, options in S_SERVERS.items()}
        return self

    def __exit__(self, *_):
        # The processes are the peers' to end.
        self.stack.close()

    def certificates(self):
        """What `s_server` shows, made of the authority that the peers have."""
        openssl = openssl_runner(self.folder)
        rsa = ["-newkey", "rsa:2048", "-nodes"]

        def signed(name, extensions, days="1", digest="-sha256", key=rsa):
            request = ["req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr"]
            openssl(*request, "-subj", "/CN=localhost")
            (self.folder / f"{name}.ext").write_text(extensions)
            openssl(
                *["x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", "-days", days],
                *["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", digest],
                *["-extfile", f"{name}.ext"],
            )

        san = "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n"
        signed("rsa", san)
        signed("expired", san, days="-1")
        signed("no-san", "basicConstraints=CA:FALSE\n")
        signed("client-only", san + "extendedKeyUsage=clientAuth\n")
        signed("sha1", san, digest="-sha1")
        # As tutorials make one: it marks itself as a CA.
        openssl(
            *["req", "-x509", *rsa, "-keyout", "own.key", "-out", "own.pem", "-days", "2"],
            *["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        )
        openssl("req", "-x509", *rsa, "-keyout", "other.key", "-out", "other.pem", "-subj", "/CN=x")

    def s_server(self, options):
        for _ in range(5):
            port = free_port()
            given = [word.replace("{}", str(self.folder)) for word in options]
            process = self.peers.spawn(
                ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", *given],
                stdout=subprocess.DEVNULL,
            )
            if wait_until_open(process, port):
                return port
        raise RuntimeError(f"openssl s_server {options} did not start:\n{self.peers.log()}")

    def start_nginx(self):
        root = self.folder / "nginx-faults"
        root.mkdir()
        (root / "users").write_text("ann:{PLAIN}secret\n")
        for _ in range(5):
            ports = [free_port() for _ in range(4)]
            conf = root / "nginx.conf"
            conf.write_text(nginx_conf(root, self, ports))
            process = self.peers.spawn(["nginx", "-p", str(root), "-e", "stderr", "-c", str(conf)])
            if wait_until_open(process, ports[0]):
                self.nginx, self.nginx_tls, self.nginx_client_cert, self.nginx_rejects = ports
                return
        raise RuntimeError(f"nginx did not start:\n{self.peers.log()}")


RSA = ["-cert", "{}/rsa.pem", "-key", "{}/rsa.key"]


def shows(name):
    return ["-cert", f"{{}}/{name}.pem", "-key", f"{{}}/{name}.key"]


S_SERVERS = {
    "page": RSA,
    "tls1.1": [*RSA, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    "old cipher": [*RSA, "-tls1_2", "-cipher", "AES128-SHA"],
    "client certificate, 1.3": [*RSA, "-tls1_3", "-Verify", "1", "-verify_return_error"],
    "client certificate, 1.2": [*RSA, "-tls1_2", "-Verify", "1", "-verify_return_error"],
    "h2 only": [*RSA, "-alpn", "h2"],
    "another name": [*RSA, "-servername", "other.example", "-servername_fatal", "-cert2", "{}/rsa.pem", "-key2", "{}/rsa.key"],
    "expired": shows("expired"),
    "no SAN": shows("no-san"),
    "client-only": shows("client-only"),
    "SHA-1": [*shows("sha1"), "-cipher", "ALL:@SECLEVEL=0"],
    "own": shows("own"),
}  # fmt: skip


def nginx_conf(root, faults, ports):
    plain, tls, client_cert, rejects = ports
    peers = faults.peers
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"  {kind}_temp_path {root}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    certificate = f"ssl_certificate {root}/../server.pem; ssl_certificate_key {root}/../server.key;"
    upgrade = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
    return f"""
daemon off; worker_processes 1; pid {root}/nginx.pid; {user}
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}
  limit_conn_zone $server_port zone=one:1m;
  limit_req_zone $server_port zone=slow:1m rate=1r/m;
  server {{
    listen 127.0.0.1:{plain};
    large_client_header_buffers 2 4k;
    location / {{ return 404; }}
    # The mistake that all tutorials warn of: the upgrade is for one hop.
    location /stripped/node/ {{ proxy_pass http://127.0.0.1:{faults.node.by_path}/; }}
    location /stripped/websockets/ {{ proxy_pass http://127.0.0.1:{faults.python.origin}/; }}
    location /stripped/aiohttp/ {{ proxy_pass http://127.0.0.1:{peers.aiohttp}/; }}
    location = /health {{ default_type application/json; return 200 '{{"status":"ok"}}'; }}
    location = /page {{ default_type text/html; return 200 '<!doctype html><div id="root"></div>'; }}
    location /down {{ proxy_pass http://127.0.0.1:{free_port()}; }}
    location /plain-to-tls {{ {upgrade} proxy_pass http://127.0.0.1:{faults.node.tls}; }}
    location /tls-to-plain {{ {upgrade} proxy_pass https://127.0.0.1:{faults.node.routed}; }}
    location /slow {{ proxy_read_timeout 1s; proxy_pass http://127.0.0.1:{faults.silent.getsockname()[1]}; }}
    location /basic {{ auth_basic "inside"; auth_basic_user_file {root}/users; try_files /none =404; }}
    location /limited/ {{ limit_conn one 1; {upgrade} proxy_pass http://127.0.0.1:{peers.aiohttp}/; }}
    location /rate/ {{ limit_req zone=slow; limit_req_status 429; {upgrade} proxy_pass http://127.0.0.1:{peers.aiohttp}/; }}
    location /idle/ {{ proxy_read_timeout 3s; {upgrade} proxy_pass http://127.0.0.1:{peers.aiohttp}/; }}
    location = /moved {{ return 301 https://$host$request_uri; }}
    location = /dir {{ return 301 /dir/; }}
    location = /elsewhere {{ return 302 http://elsewhere.example/feed; }}
    location = /denied {{ deny all; }}
    location = /dropped {{ return 444; }}
    location = /maintenance {{ add_header Retry-After 120 always; return 503; }}
  }}
  server {{
    listen 127.0.0.1:{tls} ssl;
    {certificate}
    location / {{ return 404; }}
  }}
  server {{
    listen 127.0.0.1:{client_cert} ssl;
    {certificate}
    ssl_client_certificate {root}/../ca.pem; ssl_verify_client on;
    location / {{ return 404; }}
  }}
  server {{
    listen 127.0.0.1:{rejects} ssl;
    ssl_reject_handshake on;
  }}
}}
"""


def told(world, url, codes, exit_code, options=()):
    """`check` says one of these codes, with the exit code that belongs to its phase."""
    url = url(world.faults)
    wait = [] if "--wait" in options else ["--wait", "0.3"]
    run = world.client.run("check", url, "--json", *wait, *options, code=None)
    report = json.loads(run.out)
    run.expect(f"{report['code']} is one of {codes}", report["code"] in codes, True)
    run.expect("exit code", run.code, exit_code)
    run.expect("there is a summary", bool(report["summary"]), True)


def noticed(world, url, code, options=()):
    """The connection is healthy, and `check` notices this."""
    url = url(world.faults)
    run = world.client.run("check", url, "--json", "--wait", "0.3", *options)
    codes = [finding["code"] for finding in json.loads(run.out)["findings"]]
    run.expect(f"{code} is among {codes}", code in codes, True)


def limited(world):
    """One connection is taken, so the next is one too many."""
    with socket.create_connection(("127.0.0.1", world.faults.nginx)) as taken:
        taken.sendall(
            b"GET /limited/echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        if b" 101 " not in taken.recv(1024):
            raise RuntimeError("nginx did not take the first connection")
        told(world, at("nginx", "/limited/echo"), ["http/503"], 15)


def rate_limited(world):
    """The first request of the minute is taken, the second refused."""
    url = at("nginx", "/rate/echo")(world.faults)
    world.client.run("check", url, "--json", "--wait", "0.1", code=None)
    told(world, at("nginx", "/rate/echo"), ["http/429"], 15)


def at(server, path, scheme="ws", host="127.0.0.1"):
    """An address that is known when the servers run: `nginx`, `node.tls`, `openssl:page`."""

    def url(faults):
        kind, _, name = server.partition(":")
        place = faults
        for part in kind.split("."):
            place = getattr(place, part)
        port = place[name] if name else place
        return f"{scheme}://{host}:{port}{path}"

    return url


def all_cases(ca):
    """Every case as (name, function, arguments)."""
    trust = ["--cacert", ca]
    for name, server, path, codes, exit_code, options in of_http():
        yield name, told, (at(server, path), codes, exit_code, options)
    yield "nginx: limit_conn", limited, ()
    yield "nginx: limit_req", rate_limited, ()
    yield (
        "nginx: proxy_read_timeout ends a silent connection",
        told,
        (at("nginx", "/idle/echo"), ["ws/close-1006"], 16, ["--wait", "6"]),
    )
    yield (
        "ws: handleProtocols chooses none",
        noticed,
        (at("node.routed", "/no-protocol"), "ws/subprotocol-not-chosen", ["--subprotocol", "a"]),
    )
    for name, server, codes, exit_code in of_tls():
        yield name, told, (at(server, "/", "wss", "localhost"), codes, exit_code, trust)
    yield (
        "nginx: wss:// to the plain port",
        told,
        (at("nginx", "/", "wss"), ["tls/plain-http-server"], 14),
    )
    for name in ("nginx_tls", "node.tls", "openssl:page"):
        codes = ["http/tls-port-400"] if name == "nginx_tls" else HUNG_UP
        exits = AnyExit(12, 15) if name != "nginx_tls" else 15
        yield f"{name}: ws:// to the TLS port", told, (at(name, "/"), codes, exits)


class AnyExit:
    """Exit codes that are right alike."""

    def __init__(self, *codes):
        self.codes = codes

    def __eq__(self, other):
        return other in self.codes

    def __repr__(self):
        return f"one of {self.codes}"


def of_http():
    bearer = ["--auth", "bearer", "--auth-param", "token=some-token"]
    basic = ["--auth", "basic", "--auth-param", "username=ann", "--auth-param", "password=wrong"]
    big = ["-H", "X-Big: " + "x" * 8000]
    removed = ["http/400-upgrade-stripped", "http/426-upgrade"]
    return [
        ("nginx: the upgrade is lost before ws", "nginx", "/stripped/node/right", removed, 15, []),
        ("nginx: the upgrade is lost before websockets", "nginx", "/stripped/websockets/", removed, 15, []),
        ("nginx: the upgrade is lost before aiohttp", "nginx", "/stripped/aiohttp/echo", removed, 15, []),
        ("nginx: an ordinary endpoint", "nginx", "/health", ["http/200-plain-endpoint"], 15, []),
        ("nginx: a page for every path", "nginx", "/page", ["http/200-spa"], 15, []),
        ("nginx: 404", "nginx", "/nowhere", ["http/404-path"], 15, []),
        ("nginx: nobody behind it", "nginx", "/down", ["http/502"], 15, []),
        ("nginx: http to a TLS backend", "nginx", "/plain-to-tls", ["http/502", "http/400-bare"], 15, []),
        ("nginx: https to a plain backend", "nginx", "/tls-to-plain", ["http/502"], 15, []),
        ("nginx: a silent backend", "nginx", "/slow", ["http/504"], 15, []),
        ("nginx: a header too large", "nginx", "/health", ["http/400-header-size"], 15, big),
        ("nginx: auth_basic", "nginx", "/basic", ["http/401-no-credentials"], 15, []),
        ("nginx: auth_basic, wrong password", "nginx", "/basic", ["http/401-basic-refused"], 15, basic),
        ("nginx: auth_basic, a bearer token", "nginx", "/basic", ["http/401-wrong-scheme"], 15, bearer),
        ("nginx: redirect to https", "nginx", "/moved", ["http/301-to-https"], 15, []),
        ("nginx: redirect to the slash", "nginx", "/dir", ["http/redirect-path"], 15, []),
        ("nginx: redirect elsewhere", "nginx", "/elsewhere", ["http/redirect-other-host"], 15, []),
        ("nginx: deny", "nginx", "/denied", ["http/403-bare"], 15, []),
        ("nginx: return 444", "nginx", "/dropped", HUNG_UP, AnyExit(12, 15), []),
        ("nginx: 503", "nginx", "/maintenance", ["http/503"], 15, []),
        ("ws: verifyClient says 401", "node.routed", "/verify-401", ["http/401-no-credentials"], 15, []),
        ("ws: verifyClient says 401 to a token", "node.routed", "/verify-401", ["http/401-bare"], 15, bearer),
        ("ws: verifyClient says no", "node.routed", "/verify-none", ["http/401-no-credentials"], 15, []),
        ("ws: verifyClient says 403", "node.routed", "/verify-403", ["http/403-bare"], 15, []),
        ("ws: verifyClient says 429", "node.routed", "/verify-429", ["http/429"], 15, []),
        ("ws: a path that it does not know", "node.by_path", "/wrong", ["http/400-bare"], 15, []),
        ("ws: socket.destroy", "node.routed", "/destroyed", HUNG_UP, AnyExit(12, 15), []),
        ("ws: maxPayload", "node.routed", "/small", ["ws/close-1009", "msg/too-big-known"], 16, ["--send", "x" * 500]),
        ("ws: the handler gives up", "node.routed", "/throws", ["msg/drop-on-send", "ws/101-then-fin", "ws/101-then-rst"], 16, ["--send", "boom"]),
        ("node: nobody listens for upgrades", "node.deaf", "/feed", ["http/404-no-ws-support"], 15, []),
        ("websockets: an origin", "python.origin", "/", ["http/403-origin"], 15, ["--origin", "https://evil.example"]),
        ("websockets: no origin", "python.origin", "/", ["http/403-origin"], 15, []),
        ("websockets: a subprotocol", "python.subprotocol", "/", ["http/400-subprotocol"], 15, []),
        ("websockets: another subprotocol", "python.subprotocol", "/", ["http/400-subprotocol"], 15, ["--subprotocol", "chat.v9"]),
        ("websockets: Basic", "python.basic", "/", ["http/401-no-credentials"], 15, []),
        ("websockets: Basic, wrong password", "python.basic", "/", ["http/401-basic-refused"], 15, basic),
    ]  # fmt: skip


def of_tls():
    return [
        ("s_server: its own page", "openssl:page", ["http/200-spa", "http/200-plain-endpoint"], 15),
        ("s_server: TLS 1.1", "openssl:tls1.1", ["tls/protocol-version"], 14),
        ("s_server: an old cipher", "openssl:old cipher", ["tls/handshake-failure", "tls/no-shared-cipher"], 14),
        ("s_server: a client certificate, TLS 1.3", "openssl:client certificate, 1.3", ["tls/client-cert-13"], 14),
        ("s_server: a client certificate, TLS 1.2", "openssl:client certificate, 1.2", ["tls/client-cert-12"], 14),
        ("s_server: h2 only", "openssl:h2 only", ["tls/no-alpn"], 14),
        ("s_server: another name", "openssl:another name", ["tls/unrecognized-name"], 14),
        ("s_server: expired", "openssl:expired", ["tls/cert-expired"], 14),
        ("s_server: no SAN", "openssl:no SAN", ["tls/cert-no-san"], 14),
        ("s_server: a client's certificate", "openssl:client-only", ["tls/cert-usage"], 14),
        ("s_server: SHA-1", "openssl:SHA-1", ["tls/cert-weak"], 14),
        ("s_server: its own certificate", "openssl:own", ["tls/cert-self-signed", "tls/cert-ca-as-leaf"], 14),
        ("nginx: ssl_verify_client", "nginx_client_cert", ["tls/client-cert-http"], 14),
        ("nginx: ssl_reject_handshake", "nginx_rejects", ["tls/unrecognized-name"], 14),
    ]  # fmt: skip
