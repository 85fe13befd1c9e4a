"""A server of the endpoints in ../README.md on `aiohttp`; nginx stands in front of it."""

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import WSMsgType, web

from answer import difference, is_binary

PAYLOADS = Path(sys.argv[1])


async def upgraded(request, **more):
    socket = web.WebSocketResponse(max_msg_size=0, protocols=("chat.v2", "chat.v1"), **more)
    await socket.prepare(request)
    return socket


async def echo(request):
    socket = await upgraded(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def push(request):
    socket = await upgraded(request)
    name = request.match_info["name"]
    payload = (PAYLOADS / name).read_bytes()
    if is_binary(name):
        message = payload
        await socket.send_bytes(payload)
    else:
        message = payload.decode()
        await socket.send_str(message)
    back = await socket.receive()
    wrong = difference(message, back.data)
    await socket.close(code=4900 if wrong else 1000, message=(wrong or "came back whole").encode())
    return socket


async def close(request):
    socket = await upgraded(request)
    reason = request.query.get("reason", "").encode()
    await socket.close(code=int(request.match_info["code"]), message=reason)
    return socket


async def ping(request):
    socket = await upgraded(request, autoping=False)
    await socket.ping(b"are you there?")
    pong = await socket.receive()
    same = pong.type is WSMsgType.PONG and bytes(pong.data) == b"are you there?"
    await socket.close(code=1000 if same else 4900, message=b"pong" if same else b"no such pong")
    return socket


async def subprotocol(request):
    socket = await upgraded(request)
    await socket.send_str(socket.ws_protocol or "")
    await socket.close()
    return socket


async def headers(request):
    socket = await upgraded(request)
    pairs = [[name.decode(), value.decode()] for name, value in request.raw_headers]
    await socket.send_str(json.dumps(pairs))
    await socket.close()
    return socket


async def status(request):
    code = int(request.match_info["code"])
    return web.Response(status=code, text=f"refused with {code}\n")


async def main():
    app = web.Application()
    for path, endpoint in [
        ("/echo", echo),
        ("/push/{name}", push),
        ("/close/{code}", close),
        ("/ping", ping),
        ("/subprotocol", subprotocol),
        ("/headers", headers),
        ("/status/{code}", status),
    ]:
        app.router.add_get(path, endpoint)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("listening", runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
