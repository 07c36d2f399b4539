'use strict';

/**
 * Prints what the router has counted, for Metric.command: the requests and errors of the canary's slot (DELIVERY_SLOT), and of the other one.
 */
const http = require('node:http');
const { Machine, namedSlot, task } = require('../machine/machine');

task(async () => {
  const slot = namedSlot();
  if (!slot) throw new Error('DELIVERY_SLOT is not set: say which slot the canary is in (blue or green)');
  new Machine();
  const { blue, green } = await counters();
  const [canary, stable] = slot === 'blue' ? [blue, green] : [green, blue];
  console.log(JSON.stringify({ canary, stable }));
});

/** Relative to the machine's home folder, which is the working directory now. */
function counters() {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath: 'counters', path: '/', agent: false, timeout: 2000 }, async (response) => {
      try {
        resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()));
      } catch (error) {
        reject(error);
      }
    });
    request.once('timeout', () => request.destroy(new Error('the router does not respond: no counters')));
    request.once('error', reject);
  });
}
