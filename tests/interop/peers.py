"""The servers: started on free loopback ports, and ended by their own process ids."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

SERVERS = Path(__file__).parent / "servers"
START_LIMIT = 30


class Peers:
    """Every server that the cases need; leave the `with` block and they are gone."""

    def __init__(self, folder, payloads, node_modules):
        self.folder = Path(folder)
        self.payloads = payloads
        self.node_modules = node_modules
        self.processes = []
        self.python = [sys.executable]

    def __enter__(self):
        try:
            self.node = self.serve(["node"], "node_ws.cjs")
            self.websockets = self.serve(self.python, "python_websockets.py")
            self.deflate = {
                variant: self.serve(self.python, "python_websockets.py", variant)
                for variant in ("fresh", "small", "smallest", "mixed")
            }
            self.aiohttp = self.serve(self.python, "python_aiohttp.py")
            self.ca = make_certificates(self.folder)
            self.nginx = self._nginx()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def spawn(self, command, **more):
        """Starts a process that is ended with the rest."""
        with open(self.folder / "servers.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, **more)
        self.processes.append(process)
        return process

    def serve(self, runner, script, *more):
        """Starts a server of the common endpoints and answers with its port."""
        (port,) = self.serve_many(runner, script, str(self.payloads), *more)
        return port

    def serve_many(self, runner, script, *arguments):
        """Starts a script that prints its ports as `listening PORT…`."""
        env = os.environ | {"NODE_PATH": str(self.node_modules)}
        command = [*runner, str(SERVERS / script), *arguments]
        process = self.spawn(command, stdout=subprocess.PIPE, env=env)
        line = process.stdout.readline().decode().split()
        if len(line) < 2 or line[0] != "listening":
            raise RuntimeError(f"{script} did not start:\n{self.log()}")
        return [int(port) for port in line[1:]]

    def _nginx(self):
        # nginx cannot say which port it got; another process may take the one that was free.
        for _ in range(5):
            port, down = free_port(), free_port()
            conf = self.folder / "nginx.conf"
            conf.write_text(nginx_conf(self.folder, port, self.aiohttp, down))
            process = self.spawn(["nginx", "-p", str(self.folder), "-e", "stderr", "-c", str(conf)])
            if wait_until_open(process, port):
                return port
        raise RuntimeError(f"nginx did not start:\n{self.log()}")

    def log(self):
        """What the servers complained about."""
        return (self.folder / "servers.log").read_text(errors="replace")[-4000:]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(process, port):
    """True when the port takes connections, False if the process has ended."""
    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def nginx_conf(folder, port, upstream, down):
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"  {kind}_temp_path {folder}/nginx-{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; {user}
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}
  map $http_upgrade $forwarded {{ default upgrade; '' close; }}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $forwarded;
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name localhost;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
    location /down {{ proxy_pass http://127.0.0.1:{down}; }}
  }}
}}
"""


def openssl_runner(folder):
    """Runs openssl in this folder, and complains if it does."""

    def openssl(*arguments):
        done = subprocess.run(
            ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"openssl {' '.join(arguments)}:\n{done.stderr}")

    return openssl


def make_certificates(folder):
    """A certificate authority and a certificate for localhost; answers with the CA's file."""
    openssl = openssl_runner(folder)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(
        *["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"],
        *["-subj", "/CN=wsdeck interop CA"],
        *["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    )
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "leaf.ext").write_text(
        "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    openssl(
        *["x509", "-req", "-in", "server.csr", "-out", "server.pem", "-days", "1"],
        *["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "leaf.ext"],
    )
    return str(folder / "ca.pem")
