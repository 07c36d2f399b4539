'use strict';

/** Starts the machine: the router, and the release that was live when it was stopped. */
const { Machine, task } = require('../machine/machine');

task(async () => {
  const machine = new Machine();
  const started = await machine.start();
  const live = machine.live();
  console.log(`the router ${started ? 'listens' : 'listened already'}: users http://127.0.0.1:${machine.port}, candidate http://127.0.0.1:${machine.candidatePort}`);
  console.log(live ? `users reach slot ${live}: ${machine.shipped(live)?.version ?? 'nothing runs there'}` : 'no release is live yet: run the task "ship"');
});
