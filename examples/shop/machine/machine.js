'use strict';

/**
 * A machine that runs the shop: two slots, and a router in front of them.
 *
 *   $SHOP_HOME/live           -> slots/green: the switch; every new connection of the router follows it
 *   $SHOP_HOME/split.json     only during a canary: the slot that gets a share of the requests, and its weight
 *   $SHOP_HOME/candidate      -> slots/blue: the slot that was shipped to last
 *   $SHOP_HOME/router.json    the router's process, router.log beside it, and its counters at the socket `counters`
 *   $SHOP_HOME/slots/<slot>/  release/ (what was shipped), socket, process.json, service.log
 */
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const daemon = require('./daemon');

const SLOTS = ['blue', 'green'];
const SPLIT = 'split.json';

class Machine {
  constructor(env = process.env) {
    /** A relative SHOP_HOME lies in the user's home folder. */
    this.home = path.resolve(os.homedir(), env.SHOP_HOME || '.shop');
    this.port = number(env, 'SHOP_PORT', 8080);
    this.candidatePort = number(env, 'SHOP_CANDIDATE_PORT', this.port + 1);
    this.startMs = number(env, 'SHOP_START_MS', 30000);
    this.drainMs = number(env, 'SHOP_DRAIN_MS', 5000);
    for (const slot of SLOTS) fs.mkdirSync(path.join(this.home, 'slots', slot), { recursive: true });
    // A socket's path may have 103 bytes: sockets are named relative to the home folder.
    process.chdir(this.home);
  }

  /** The slot that users reach; undefined before the first switch. */
  live() {
    return slotOf('live');
  }

  /** The slot that serves no users. */
  idle() {
    return this.live() === 'blue' ? 'green' : 'blue';
  }

  /** What runs in a slot: version, sha, digest, pid; undefined where nothing does. */
  shipped(slot) {
    return daemon.running(this.record(slot));
  }

  /** Whether a slot's process accepts connections. */
  async isUp(slot) {
    return this.shipped(slot) !== undefined && accepts(`slots/${slot}/socket`);
  }

  /** The slot that gets a share of the requests, and its weight in per cent; undefined where users reach one slot alone. */
  split() {
    return daemon.read(SPLIT);
  }

  /** Whether users are served from a slot, and well: it gets requests, and its health response is good. */
  async serves(slot) {
    return [this.live(), this.split()?.slot].includes(slot) && this.shipped(slot) !== undefined && isHealthy(`slots/${slot}/socket`);
  }

  /**
   * Users reach `slot` from now on: one rename, seen by the very next connection. Requests under way end
   * where they began. Switching to the slot that is live already changes nothing.
   */
  async switchTo(slot) {
    if (!(await this.isUp(slot))) throw new Error(`slot ${slot} is not up: users stay on ${this.live() ?? 'nothing'}; ship a release to ${slot} first`);
    point('live', slot);
    fs.rmSync(SPLIT, { force: true });
  }

  /** `slot` gets `weight` per cent of the requests, the other slot the rest. Seen by the very next request, too. */
  async share(slot, weight) {
    const other = SLOTS.find((name) => name !== slot);
    // nothing to move: the other slot need not be up, or a release that repairs it could not be deployed
    if (weight === 0 && this.live() === other) return fs.rmSync(SPLIT, { force: true });
    if (weight === 0 || weight === 100) return this.switchTo(weight === 0 ? other : slot);
    for (const each of SLOTS) {
      if (!(await this.isUp(each))) throw new Error(`slot ${each} is not up, so requests cannot be split; ship a release to it first`);
    }
    daemon.writeAtomically(SPLIT, JSON.stringify({ slot, weight }));
    point('live', other);
  }

  /** Throws if a slot holds another release than DELIVERY_SHA or DELIVERY_VERSION say. */
  confirm(slot, env = process.env) {
    const there = this.shipped(slot);
    for (const [name, held] of [['DELIVERY_SHA', there?.sha], ['DELIVERY_VERSION', there?.version]]) {
      if (there && env[name] && env[name] !== held) {
        throw new Error(`slot ${slot} holds ${there.version} (${there.sha}), but ${name} is ${env[name]}: users stay on ${this.live() ?? 'nothing'}`);
      }
    }
    return there;
  }

  /** The candidate port is served by `slot` from now on. */
  present(slot) {
    point('candidate', slot);
  }

  /** Puts the files of `dist` into a slot, in the place of what was there, and starts them. */
  async ship(slot, dist, { version, sha, digest, environment }) {
    await this.stopSlot(slot);
    const folder = path.join(this.home, 'slots', slot);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.cpSync(dist, path.join(folder, 'release'), { recursive: true });
    await this.startSlot(slot, { version, sha, digest, environment });
  }

  async startSlot(slot, details) {
    const folder = path.join(this.home, 'slots', slot);
    fs.rmSync(path.join(folder, 'socket'), { force: true });
    await daemon.start({
      argv: [path.join(folder, 'release', 'server.js'), './socket'],
      cwd: folder,
      env: { SHOP_VERSION: details.version, SHOP_DRAIN_MS: String(this.drainMs), DEPLOY_ENV: details.environment },
      log: path.join(folder, 'service.log'),
      record: this.record(slot),
      details,
      timeoutMs: this.startMs,
    });
  }

  async stopSlot(slot) {
    return daemon.stop(this.record(slot), { drainMs: this.drainMs });
  }

  /** Starts the router, and what was live when the machine went down. */
  async start() {
    for (const slot of [this.live(), this.split()?.slot]) {
      const known = slot && daemon.read(this.record(slot));
      if (known && !this.shipped(slot)) await this.startSlot(slot, known);
    }
    if (daemon.running(this.routerRecord())) return false;
    await daemon.start({
      argv: [path.join(__dirname, 'router.js'), String(this.port), String(this.candidatePort)],
      cwd: this.home,
      env: { SHOP_DRAIN_MS: String(this.drainMs) },
      log: path.join(this.home, 'router.log'),
      record: this.routerRecord(),
      details: { port: this.port, candidatePort: this.candidatePort },
      timeoutMs: this.startMs,
    });
    return true;
  }

  async stop() {
    await daemon.stop(this.routerRecord(), { drainMs: this.drainMs });
    await Promise.all(SLOTS.map((slot) => this.stopSlot(slot)));
  }

  record(slot) {
    return path.join(this.home, 'slots', slot, 'process.json');
  }

  routerRecord() {
    return path.join(this.home, 'router.json');
  }
}

/** The slot that a link names, with the home folder as working directory. */
function slotOf(link) {
  try {
    return path.basename(fs.readlinkSync(link));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** In one step: the link is always there. */
function point(link, slot) {
  const temporary = `${link}.${process.pid}`;
  fs.rmSync(temporary, { force: true });
  fs.symlinkSync(`slots/${slot}`, temporary);
  fs.renameSync(temporary, link);
}

function accepts(socketPath) {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** As users would see it. */
function isHealthy(socketPath) {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/health', headers: { 'x-shop-port': 'users' }, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.once('close', () => resolve(false));
  });
}

/** DELIVERY_SLOT: always a name, so that doing it twice changes nothing. Undefined where none is given. */
function namedSlot(env = process.env) {
  const slot = env.DELIVERY_SLOT;
  if (!slot) return undefined;
  if (!SLOTS.includes(slot)) throw new Error(`DELIVERY_SLOT is "${slot}": a slot is called ${SLOTS.join(' or ')}`);
  return slot;
}

function number(env, name, otherwise) {
  const value = env[name] ? Number(env[name]) : otherwise;
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} is "${env[name]}": it must be a whole number`);
  return value;
}

/** A task is a promise that either holds or says in one line why not. */
function task(main) {
  main().catch((error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  });
}

module.exports = { Machine, namedSlot, task };
