'use strict';

/** Stops everything on the machine. What was live is live again after `start`. */
const { Machine, task } = require('../machine/machine');

task(async () => {
  const machine = new Machine();
  await machine.stop();
  console.log(`nothing of ${machine.home} runs any more`);
});
