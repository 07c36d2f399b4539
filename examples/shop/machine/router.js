'use strict';

/**
 * What users reach: an HTTP proxy with two ports.
 *
 *   node router.js <users' port> <candidate port>     (working directory: SHOP_HOME)
 *
 * The users' port forwards to `live/socket`, and `live` is a symbolic link to a slot: opening the connection
 * follows the link, so a switch is one rename and there is nothing to reload, to poll or to forget.
 * The candidate port forwards to `candidate/socket`: the slot that was shipped to last.
 */
const fs = require('node:fs');
const http = require('node:http');
const { pipeline } = require('node:stream');

const [usersPort, candidatePort] = process.argv.slice(2).map(Number);
const drainMs = Number(process.env.SHOP_DRAIN_MS || 5000);
const UPSTREAM_TIMEOUT_MS = 30000;
/** They concern one connection, not the request. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

let draining = false;

function router(port, socketPath) {
  // Longer than any load balancer or client in front of it keeps a connection: the client closes first.
  const server = http.createServer({ keepAliveTimeout: 75000 }, (request, response) => forward(request, response, port, socketPath));
  server.headersTimeout = 80000;
  return server;
}

function forward(request, response, port, socketPath) {
  if (draining) response.setHeader('connection', 'close');
  const upstream = http.request({
    socketPath,
    method: request.method,
    path: request.url,
    headers: { ...endToEnd(request.headers), 'x-shop-port': port },
    // A connection of its own: an idle one might be closed by the slot in the very moment it is used again.
    agent: false,
    timeout: UPSTREAM_TIMEOUT_MS,
  });
  upstream.on('response', (received) => {
    response.writeHead(received.statusCode, endToEnd(received.headers));
    pipeline(received, response, () => undefined);
  });
  upstream.on('timeout', () => upstream.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
  upstream.on('error', (error) => reject(response, error));
  response.on('close', () => upstream.destroy());
  // Not a pipeline: a slot that resets must not cost the user's connection, but get a 502.
  request.pipe(upstream);
}

function reject(response, error) {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const status = { ENOENT: 503, ETIMEDOUT: 504 }[error.code] ?? 502;
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(`${status === 503 ? 'no release is here yet' : `the release does not respond: ${error.code ?? error.message}`}\n`);
}

function endToEnd(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

const servers = [
  [router('users', 'live/socket'), usersPort],
  [router('candidate', 'candidate/socket'), candidatePort],
];

process.on('SIGTERM', () => {
  draining = true;
  for (const [server] of servers) {
    server.close();
    server.closeIdleConnections();
  }
  setTimeout(() => process.exit(0), drainMs).unref();
});

Promise.all(servers.map(([server, port]) => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
}))).then(() => {
  console.log(`ready: users on ${usersPort}, candidate on ${candidatePort}`);
  if (process.env.SHOP_READY_FD) {
    fs.writeSync(Number(process.env.SHOP_READY_FD), 'ready\n');
    fs.closeSync(Number(process.env.SHOP_READY_FD));
  }
}).catch((error) => {
  console.error(`cannot start: ${error.message}`);
  process.exit(1);
});
