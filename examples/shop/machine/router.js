'use strict';

/**
 * What users reach: an HTTP proxy with two ports.
 *
 *   node router.js <users' port> <candidate port>     (working directory: SHOP_HOME)
 *
 * The users' port forwards to the slot that the symbolic link `live` names: each request reads the link, so a
 * switch is one rename and there is nothing to reload, to poll or to forget. During a canary `split.json` names
 * the slot that gets a share of the requests: the router draws the slot for each request anew.
 * The candidate port forwards to the slot that `candidate` names: the one that was shipped to last.
 * The socket `counters` says how many requests of users each slot got, and how many of them failed.
 */
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { pipeline } = require('node:stream');

const [usersPort, candidatePort] = process.argv.slice(2).map(Number);
const drainMs = Number(process.env.SHOP_DRAIN_MS || 5000);
const UPSTREAM_TIMEOUT_MS = 30000;
/** They concern one connection, not the request. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

let draining = false;
const counted = { blue: { requests: 0, errors: 0 }, green: { requests: 0, errors: 0 } };

/** The slot for the next request of a user. Throws ENOENT before the first switch. */
function usersSlot() {
  const split = readSplit();
  return split && Math.random() * 100 < split.weight ? split.slot : linked('live');
}

function readSplit() {
  try {
    return JSON.parse(fs.readFileSync('split.json', 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function linked(link) {
  return path.basename(fs.readlinkSync(link));
}

function router(port, slotOf) {
  // Longer than any load balancer or client in front of it keeps a connection: the client closes first.
  const server = http.createServer({ keepAliveTimeout: 75000 }, (request, response) => forward(request, response, port, slotOf));
  server.headersTimeout = 80000;
  return server;
}

function forward(request, response, port, slotOf) {
  if (draining) response.setHeader('connection', 'close');
  let slot;
  try {
    slot = slotOf();
  } catch (error) {
    return reject(response, error);
  }
  if (port === 'users') response.once('finish', () => count(slot, response.statusCode));
  const upstream = http.request({
    socketPath: `slots/${slot}/socket`,
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

function count(slot, status) {
  counted[slot].requests += 1;
  if (status >= 500) counted[slot].errors += 1;
}

function endToEnd(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

fs.rmSync('counters', { force: true });
const servers = [
  [router('users', usersSlot), usersPort],
  [router('candidate', () => linked('candidate')), candidatePort],
  [http.createServer((_request, response) => response.end(JSON.stringify(counted))), 'counters'],
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
  if (typeof port === 'number') server.listen(port, '127.0.0.1', resolve);
  else server.listen(port, resolve);
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
