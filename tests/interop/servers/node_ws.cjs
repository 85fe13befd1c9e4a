// A server of the endpoints in ../README.md on Node's `ws`.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { WebSocketServer } = require('ws');

const payloads = process.argv[2];
const SUPPORTED = ['chat.v2', 'chat.v1'];

const server = http.createServer((request, response) => {
  response.writeHead(404, { 'Content-Type': 'text/plain' });
  response.end('nothing but WebSockets here\n');
});

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: 0,
  perMessageDeflate: true,
  handleProtocols: (offered) => SUPPORTED.find((name) => offered.has(name)) ?? false,
});

function isBinary(name) {
  return name.includes('binary');
}

function differsAt(a, b) {
  if (a.length !== b.length) return `sent ${a.length} bytes, ${b.length} came back`;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? null : `byte ${at} of ${a.length} differs`;
}

// Sends the payload and closes with what became of it on its way there and back.
function push(socket, name, fragmented) {
  const payload = fs.readFileSync(path.join(payloads, name));
  const binary = isBinary(name);
  socket.once('message', (data, isBinaryBack) => {
    const wrong = isBinaryBack === binary ? differsAt(payload, data) : 'the kind was changed';
    socket.close(wrong ? 4900 : 1000, wrong ?? 'came back whole');
  });
  if (!fragmented) {
    socket.send(payload, { binary });
    return;
  }
  const middle = payload.length >> 1;
  socket.send(payload.subarray(0, middle), { binary, fin: false });
  socket.ping('between');
  socket.send(payload.subarray(middle), { binary, fin: true });
}

const ENDPOINTS = {
  echo: (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })),
  push: (socket, [name]) => push(socket, name, false),
  fragments: (socket, [name]) => push(socket, name, true),
  close: (socket, [code], query) => socket.close(Number(code), query.get('reason') ?? ''),
  ping: (socket) => {
    socket.once('pong', (data) => {
      const same = data.toString() === 'are you there?';
      socket.close(same ? 1000 : 4900, same ? 'pong' : 'the pong had another payload');
    });
    socket.ping('are you there?');
  },
  subprotocol: (socket) => {
    socket.send(socket.protocol);
    socket.close(1000);
  },
  headers: (socket, _, query, request) => {
    const raw = request.rawHeaders;
    const pairs = raw.flatMap((name, at) => (at % 2 ? [] : [[name, raw[at + 1]]]));
    socket.send(JSON.stringify(pairs));
    socket.close(1000);
  },
};

server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'http://localhost');
  const [endpoint, ...rest] = url.pathname.slice(1).split('/');
  if (endpoint === 'status') {
    const body = `refused with ${rest[0]}\n`;
    socket.end(
      `HTTP/1.1 ${rest[0]} No\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    return;
  }
  const serve = ENDPOINTS[endpoint];
  if (!serve) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(request, socket, head, (opened) => {
    opened.on('error', (error) => console.error(`${request.url}: ${error.message}`));
    serve(opened, rest, url.searchParams, request);
  });
});

server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
