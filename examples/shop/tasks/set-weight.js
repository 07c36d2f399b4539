'use strict';

/**
 * The slot DELIVERY_SLOT gets DELIVERY_WEIGHT per cent of the requests from now on, and the other slot the rest. Refused if a slot that gets
 * some is not up, or if DELIVERY_SLOT holds another release than DELIVERY_VERSION / DELIVERY_SHA say. Doing it twice changes nothing.
 */
const { Machine, namedSlot, task } = require('../machine/machine');

task(async () => {
  const slot = namedSlot();
  if (!slot) throw new Error('DELIVERY_SLOT is not set: say whose share it is (blue or green)');
  const { DELIVERY_WEIGHT: given = '' } = process.env;
  const weight = Number(given);
  if (!/^\d+$/.test(given) || weight > 100) throw new Error(`DELIVERY_WEIGHT is "${given}": it must be a whole number from 0 to 100`);
  const machine = new Machine();
  // with 0 the release need not be there yet
  if (weight > 0) machine.confirm(slot);
  await machine.share(slot, weight);
  console.log(`slot ${slot} gets ${weight} % of the requests`);
});
