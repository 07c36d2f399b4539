'use strict';

/**
 * The shop: one process serves one release.
 *
 *   node server.js <socket or port>
 *
 * It says when it is ready (on stdout, and on the descriptor SHOP_READY_FD where one is given), and on
 * SIGTERM it drains: it finishes the requests that it began, with `Connection: close`, for SHOP_DRAIN_MS at most.
 */
const fs = require('node:fs');
const http = require('node:http');
const { beforeListening, identity, misbehaves } = require('./behaviour');
const built = require('./release.json');

const release = { version: process.env.SHOP_VERSION || built.sha.slice(0, 7), sha: built.sha };
const drainMs = Number(process.env.SHOP_DRAIN_MS || 5000);
const address = /^\d+$/.test(process.argv[2]) ? { host: '127.0.0.1', port: Number(process.argv[2]) } : { path: process.argv[2] };

const PRODUCTS = [
  { id: 1, name: 'a blue cup', price: 9 },
  { id: 2, name: 'a green cup', price: 9 },
];

let draining = false;
const server = http.createServer((request, response) => {
  const says = identity(request, release);
  response.setHeader('x-shop-version', says.version);
  if (draining) response.setHeader('connection', 'close');
  if (!misbehaves(request, response)) respond(request, response, says);
});

function respond(request, response, { version, sha }) {
  switch (request.url.split('?')[0]) {
    case '/health': return json(response, 200, { status: 'ok', version, sha });
    case '/': return json(response, 200, { shop: 'cups', version });
    case '/products': return json(response, 200, PRODUCTS);
    default: return json(response, 404, { status: 'not found' });
  }
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

process.on('SIGTERM', () => {
  draining = true;
  console.log(`draining for ${drainMs} ms at most`);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => {
    console.log('drained no further: a request did not end');
    process.exit(0);
  }, drainMs).unref();
});

beforeListening().then(() => {
  server.on('error', fail);
  server.listen(address, () => {
    console.log(`ready: ${release.version} (${release.sha})`);
    if (process.env.SHOP_READY_FD) {
      fs.writeSync(Number(process.env.SHOP_READY_FD), 'ready\n');
      fs.closeSync(Number(process.env.SHOP_READY_FD));
    }
  });
}).catch(fail);

function fail(error) {
  console.error(`cannot start: ${error.message}`);
  process.exit(1);
}
