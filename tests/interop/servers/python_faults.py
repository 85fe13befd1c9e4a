"""Ways in which Python's `websockets` refuses. Prints `listening ORIGIN SUBPROTOCOL BASIC`."""

import asyncio
import logging

from websockets.asyncio.server import basic_auth, serve

logging.disable(logging.CRITICAL)


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main():
    servers = [
        await serve(echo, "127.0.0.1", 0, **options)
        for options in (
            {"origins": ["https://app.example"]},
            {"subprotocols": ["chat.v1"]},
            {"process_request": basic_auth("inside", credentials=("ann", "secret"))},
        )
    ]
    ports = [str(server.sockets[0].getsockname()[1]) for server in servers]
    print("listening", *ports, flush=True)
    await asyncio.get_running_loop().create_future()


asyncio.run(main())
