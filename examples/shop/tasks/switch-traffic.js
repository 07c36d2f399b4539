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
  const there = machine.shipped(slot);
  for (const [name, held] of [['DELIVERY_SHA', there?.sha], ['DELIVERY_VERSION', there?.version]]) {
    const wanted = process.env[name];
    if (there && wanted && wanted !== held) {
      throw new Error(`slot ${slot} holds ${there.version} (${there.sha}), but ${name} is ${wanted}: users stay on ${machine.live() ?? 'nothing'}`);
    }
  }
  await machine.switchTo(slot);
  console.log(`users reach slot ${slot}: ${there.version} (${there.sha})`);
});
