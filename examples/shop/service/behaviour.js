'use strict';

/**
 * How this release behaves, as `behaviour.json` beside this file says. A real service has no such file:
 * its faults come with a commit too, only less readable.
 *
 *   behaviour      good | error | hang | reset | crash | slow | flapping | stale
 *   port           only requests that came through this port of the router: `users` or `candidate`
 *   environment    only on this environment (DEPLOY_ENV)
 *   afterRequests  only after so many good responses
 *   share          only this share of the requests, drawn anew for each: 0.05
 *   delayMs        slow: how long it takes to start
 *   version, sha   stale: what it says it is
 */
const script = require('./behaviour.json');

const KNOWN = ['good', 'error', 'hang', 'reset', 'crash', 'slow', 'flapping', 'stale'];
if (!KNOWN.includes(script.behaviour)) {
  throw new Error(`behaviour.json: "${script.behaviour}" is no behaviour; known are ${KNOWN.join(', ')}`);
}

const here = script.environment === undefined || script.environment === process.env.DEPLOY_ENV;
const behaviour = here ? script.behaviour : 'good';
let met = 0;

/** Before the service listens. */
async function beforeListening() {
  if (behaviour === 'crash') throw new Error('this release cannot start: no catalogue');
  if (behaviour === 'slow') await new Promise((resolve) => setTimeout(resolve, script.delayMs ?? 3000));
}

/** What this release says it is. */
function identity(request, release) {
  if (behaviour !== 'stale' || !concerns(request)) return release;
  return { version: script.version, sha: script.sha };
}

/** Responds in the service's place where this release is bad; false where it is not. */
function misbehaves(request, response) {
  if (!FAULTS[behaviour] || !concerns(request)) return false;
  met += 1;
  if (met <= (script.afterRequests ?? 0)) return false;
  if (script.share !== undefined && Math.random() >= script.share) return false;
  return FAULTS[behaviour](request, response);
}

function concerns(request) {
  return script.port === undefined || script.port === request.headers['x-shop-port'];
}

const FAULTS = {
  error(_request, response) {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end('{"status":"error","error":"the catalogue cannot be read"}\n');
    return true;
  },
  hang() {
    return true;
  },
  reset(request) {
    request.socket.destroy();
    return true;
  },
  // two good responses, one bad: never three in a row
  flapping(request, response) {
    return met % 3 === 0 && FAULTS.error(request, response);
  },
};

module.exports = { beforeListening, identity, misbehaves };
