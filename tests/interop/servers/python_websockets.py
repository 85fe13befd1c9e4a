"""A server of the endpoints in ../README.md on Python's `websockets`."""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from answer import difference, is_binary

PAYLOADS = Path(sys.argv[1])
SUPPORTED = ["chat.v2", "chat.v1"]

# Parameters of permessage-deflate by the second argument; without one, what is usual here.
DEFLATE = {
    "fresh": {"server_no_context_takeover": True, "client_no_context_takeover": True},
    "small": {"server_max_window_bits": 9, "client_max_window_bits": 9},
    "smallest": {"server_max_window_bits": 12, "client_max_window_bits": 8},
    "mixed": {"server_no_context_takeover": True, "client_max_window_bits": 10},
}
VARIANT = sys.argv[2] if len(sys.argv) > 2 else None


async def push(socket, name, fragmented):
    payload = (PAYLOADS / name).read_bytes()
    message = payload if is_binary(name) else payload.decode()
    if fragmented:
        middle = len(message) // 2
        await socket.send([message[:middle], message[middle:]])
    else:
        await socket.send(message)
    wrong = difference(message, await socket.recv())
    await socket.close(4900 if wrong else 1000, wrong or "came back whole")


async def ping(socket):
    pong = await socket.ping("are you there?")
    await asyncio.wait_for(pong, 20)
    await socket.close(1000, "pong")


async def handle(socket):
    try:
        await talk(socket)
    except ConnectionClosed:
        # Some cases end the connection before the endpoint is done with it.
        pass


async def talk(socket):
    url = urlsplit(socket.request.path)
    endpoint, *rest = url.path.strip("/").split("/")
    if endpoint == "echo":
        async for message in socket:
            await socket.send(message)
    elif endpoint in ("push", "fragments"):
        await push(socket, rest[0], endpoint == "fragments")
    elif endpoint == "close":
        await socket.close(int(rest[0]), parse_qs(url.query).get("reason", [""])[0])
    elif endpoint == "ping":
        await ping(socket)
    elif endpoint == "subprotocol":
        await socket.send(socket.subprotocol or "")
    elif endpoint == "headers":
        await socket.send(json.dumps(list(socket.request.headers.raw_items())))
    else:
        await socket.close(4404, "no such endpoint")


def refuse(connection, request):
    endpoint, *rest = request.path.strip("/").split("/")
    if endpoint == "status":
        return connection.respond(int(rest[0]), f"refused with {rest[0]}\n")
    return None


def choose(_connection, offered):
    return next((name for name in SUPPORTED if name in offered), None)


async def main():
    extensions = VARIANT and [ServerPerMessageDeflateFactory(**DEFLATE[VARIANT])]
    server = await serve(
        handle,
        "127.0.0.1",
        0,
        process_request=refuse,
        select_subprotocol=choose,
        max_size=None,
        extensions=extensions,
    )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
