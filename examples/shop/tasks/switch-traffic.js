'use strict';

/**
 * Users reach the slot DELIVERY_SLOT from now on. Refused if the slot is not up, or holds another release
 * than DELIVERY_VERSION / DELIVERY_SHA say. Doing it twice changes nothing.
 */
const { Machine, namedSlot, task } = require('../machine/machine');

task(async () => {
  const slot = namedSlot();
  if (!slot) throw new Error('DELIVERY_SLOT is not set: say which slot users shall reach (blue or green)');
  const machine = new Machine();
  const there = machine.confirm(slot);
  await machine.switchTo(slot);
  console.log(`users reach slot ${slot}: ${there.version} (${there.sha})`);
});
