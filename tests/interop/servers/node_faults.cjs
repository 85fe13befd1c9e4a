// Ways in which Node servers refuse: `ws` with its options, and Node's own HTTP and HTTPS.
// Usage: node_faults.cjs FOLDER, which holds server.pem and server.key.
// Prints `listening ROUTED BY_PATH DEAF TLS`, a port each.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');
const { WebSocketServer } = require('ws');

const folder = process.argv[2];

const VERIFY = {
  '/verify-401': (info, done) => done(false, 401, 'Unauthorized'),
  '/verify-403': (info, done) => done(false, 403, 'Forbidden'),
  '/verify-none': () => false,
  '/verify-429': (info, done) => done(false, 429, 'Too Many Requests', { 'Retry-After': '7' }),
};

const OPEN = {
  '/no-protocol': { handleProtocols: () => false },
  '/small': { maxPayload: 100 },
  '/throws': {},
};

// Every path is a server of its own, as the options are per server.
const routed = http.createServer((request, response) => {
  response.writeHead(404);
  response.end();
});
const servers = new Map();
for (const [name, verifyClient] of Object.entries(VERIFY)) {
  servers.set(name, new WebSocketServer({ noServer: true, verifyClient }));
}
for (const [name, options] of Object.entries(OPEN)) {
  servers.set(name, new WebSocketServer({ noServer: true, ...options }));
}
routed.on('upgrade', (request, socket, head) => {
  if (request.url === '/destroyed') {
    // What many examples do with a client that they do not like.
    socket.destroy();
    return;
  }
  const server = servers.get(request.url);
  server.handleUpgrade(request, socket, head, (opened) => {
    opened.on('error', () => {});
    opened.on('message', () => {
      if (request.url === '/throws') opened.terminate();
    });
  });
});

// A server that `ws` makes itself: it answers 400 to another path, and 426 to an ordinary request.
const byPath = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/right' });

// Nobody listens for upgrades: they arrive as ordinary requests, as in Express.
const deaf = http.createServer((request, response) => {
  response.writeHead(404, { 'X-Powered-By': 'Express', 'Content-Type': 'text/html' });
  response.end(`<pre>Cannot GET ${request.url}</pre>`);
});

const secure = https.createServer({
  cert: fs.readFileSync(path.join(folder, 'server.pem')),
  key: fs.readFileSync(path.join(folder, 'server.key')),
});

async function main() {
  for (const server of [routed, deaf, secure]) {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  if (!byPath.address()) await new Promise((resolve) => byPath.once('listening', resolve));
  const ports = [routed, byPath, deaf, secure].map((server) => server.address().port);
  console.log(`listening ${ports.join(' ')}`);
}

main();
