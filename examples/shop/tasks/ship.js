'use strict';

/**
 * Starts the release of dist/ in the slot DELIVERY_SLOT; users do not see it until `switch-traffic`.
 * Without DELIVERY_SLOT it goes to the idle slot and, once it is up, to the users: deploying in one step.
 * Returns when the release listens. Doing it twice changes nothing.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Machine, namedSlot, task } = require('../machine/machine');

task(async () => {
  const dist = path.resolve('dist');
  const release = describe(dist);
  const machine = new Machine();
  const named = namedSlot();
  const slot = named ?? (holds(machine, machine.live(), release) ? machine.live() : machine.idle());

  if (holds(machine, slot, release) && await machine.isUp(slot)) {
    console.log(`slot ${slot} already runs ${release.version} (${release.sha})`);
  } else {
    // Where users get nothing good anyway, the next release may come in the bad one's place.
    if (await machine.serves(slot)) {
      throw new Error(`slot ${slot} serves users: a release is never started under them; ship to ${machine.idle()}`);
    }
    await machine.ship(slot, dist, release);
    console.log(`slot ${slot} runs ${release.version} (${release.sha}), pid ${machine.shipped(slot).pid}`);
  }
  machine.present(slot);
  if (!named) {
    await machine.switchTo(slot);
    console.log(`users reach slot ${slot}`);
  }
});

/** What dist/ holds, and what it shall be called; dist/ must hold the commit that is meant. */
function describe(dist) {
  if (!fs.existsSync(path.join(dist, 'release.json'))) throw new Error(`${dist} holds no release.json: run the task "bundle" first`);
  const { sha } = JSON.parse(fs.readFileSync(path.join(dist, 'release.json'), 'utf8'));
  const wanted = process.env.DELIVERY_SHA;
  if (wanted && wanted !== sha) throw new Error(`dist/ holds commit ${sha}, but DELIVERY_SHA is ${wanted}: bundle that commit`);
  return {
    version: process.env.DELIVERY_VERSION || sha.slice(0, 7),
    sha,
    digest: digest(dist),
    environment: process.env.DEPLOY_ENV || 'development',
  };
}

function digest(folder) {
  const hash = createHash('sha256');
  for (const name of fs.readdirSync(folder, { recursive: true }).sort()) {
    const file = path.join(folder, name);
    if (fs.statSync(file).isFile()) hash.update(`${name}\0`).update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

function holds(machine, slot, release) {
  const there = slot && machine.shipped(slot);
  return there?.digest === release.digest && there.version === release.version && there.environment === release.environment;
}
