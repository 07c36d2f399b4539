// What the scenarios of servers share: releases, the hosts as their administrator sees them, HAProxy, and users who send requests while releases go out.
const { execFileSync, spawn } = require('node:child_process');
const { existsSync, mkdirSync, openSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');
const { basename, join } = require('node:path');
const { LoadedScenarios, now, sleep } = require('./scenarios.cjs');

const HOSTS = ['web1', 'web2', 'web3'];
/** How the service of a release responds. `badForUsers`, `staleForUsers`: only where no slot is named. `errors`: 5 of 100 requests fail. */
const KINDS = {
  good: {}, bad: { isGood: false }, badForUsers: { forUsers: { isGood: false } }, stale: { version: 'v0' }, staleForUsers: { forUsers: { version: 'v0' } }, errors: { errorShare: 0.05 },
};

const SERVICE = `const { createServer } = require('node:http');
const { errorShare = 0, forUsers, ...release } = require('./release.json');
let errors = 0;
const server = createServer((request, response) => {
  // as evenly as it can be
  errors += request.url === '/health' ? 0 : errorShare;
  const fails = errors >= 1;
  if (fails) errors -= 1;
  // a service that ends takes no new requests on a connection
  response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json', ...(!server.listening && { connection: 'close' }) });
  response.end(JSON.stringify({ ...release, ...(request.url === '/' && forUsers), ...(fails && { isGood: false }), host: require('node:os').hostname() }));
});
server.listen(process.env.PORT, () => console.log('listening'));
process.on('SIGTERM', () => {
  server.close(() => process.exit());
  server.closeIdleConnections();
  setTimeout(() => process.exit(), 10_000);
});
`;

class ServersShop extends LoadedScenarios {
  constructor(name, run, folder) {
    super(name, join(run, folder));
    this.place = run;
    process.env.SSH_KEY = readFileSync(join(run, 'key'), 'utf8');
    this.hostKeys = readFileSync(join(run, 'known-hosts'), 'utf8').trim().split('\n');
  }

  /** A release: the service and what it responds. Both are committed, as the output of a build would be an artifact. */
  build(version, kind = 'good') {
    const folder = join(this.root, 'dist');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'server.cjs'), SERVICE);
    writeFileSync(join(folder, 'release.json'), JSON.stringify({ version, isGood: true, ...KINDS[kind] }));
    this.release(version);
  }

  deploy(version, onLine) {
    return this.delivery(['deploy', 'production', '--release', version], onLine);
  }

  /** The folder that a host has as `/srv`. */
  disk(host) {
    return join(this.place, 'hosts', host);
  }

  /** The folder with the releases and the pointer of a service: `shop`, or a slot. */
  folderOf(host, service) {
    return join(this.disk(host), 'shop', service === 'shop' ? '' : service);
  }

  /** The release in a folder of a host, from its own file. */
  releaseIn(host, name, service = 'shop') {
    const file = join(this.folderOf(host, service), 'releases', name, 'release.json');
    return existsSync(file) ? /"version":"(v\d+)"/.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  }

  /** The release that a pointer of a host names. */
  releaseOn(host, service = 'shop') {
    try {
      return this.releaseIn(host, basename(readlinkSync(join(this.folderOf(host, service), 'current'))), service);
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The release on all hosts, or the list of what differs. */
  onAll(service = 'shop', hosts = HOSTS) {
    const found = hosts.map((host) => this.releaseOn(host, service));
    return new Set(found).size === 1 ? found[0] : found.join(', ');
  }

  /** A line of the account that deploys. */
  ssh(host, line) {
    execFileSync('ssh', ['-i', join(this.place, 'key'), '-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${join(this.place, 'known-hosts')}`, `deploy@${host}`, line]);
  }

  /** A person goes back to an older release. */
  async rollBackByHand(from, to) {
    const begun = now();
    const ended = await this.delivery(['rollback', 'production', '--local', '--release', to, '--reason', 'a customer found a fault']);
    const restored = this.responses.filter((response) => response.version === from).at(-1)?.at;
    this.expectEnd('rollback by hand', ended, { code: ended.code, live: this.onAll() }, { code: 0, live: to });
    this.loadedRow(`rollback by hand (${from})`, `${to} on all hosts`, { from: begun, to: ended.ended, restore: restored - begun });
  }

  /** A person moves the pointer of a host to another of its releases, and restarts the service. */
  pointByHand(host, name) {
    const link = join(this.folderOf(host, 'shop'), 'current');
    rmSync(link);
    symlinkSync(`releases/${name}`, link);
    this.ssh(host, '/srv/bin/host restart shop');
  }

  /** Everything that runs on a host ends at once, and its connections are refused. */
  killHost(host) {
    process.kill(-Number(readFileSync(join(this.place, `${host}.pid`), 'utf8')), 'SIGKILL');
  }

  /** It starts again, with its disk as it was. */
  async startHost(host) {
    const log = openSync(join(this.place, `${host}.log`), 'a');
    const child = spawn('.ci/targets/servers-host', ['boot', host, this.disk(host)], { detached: true, stdio: ['ignore', log, log] });
    child.unref();
    writeFileSync(join(this.place, `${host}.pid`), String(child.pid));
    const end = now() + 60_000;
    for (;;) {
      const isUp = await new Promise((done) => {
        const socket = connect(22, host, () => { socket.destroy(); done(true); });
        socket.on('error', () => done(false));
      });
      if (isUp) return;
      if (now() > end) throw new Error(`${host} did not start again: ${readFileSync(join(this.place, `${host}.log`), 'utf8')}`);
      await sleep(100);
    }
  }

  /** Fills a host's disk. Returns what makes room again. */
  fillDisk(host) {
    const file = join(this.disk(host), 'log');
    try {
      writeFileSync(file, Buffer.alloc(96 * 1024 * 1024));
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
    return () => rmSync(file);
  }

  /** One command of HAProxy's runtime API, as an operator gives it. */
  haproxy(command) {
    return new Promise((resolve, reject) => {
      let text = '';
      connect(join(this.disk('proxy'), 'run/admin.sock')).on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text)).on('error', reject).end(`${command}\n`);
    });
  }

  /** The weights of the first host's servers; `differs` where the other hosts have others. */
  async haproxyWeights() {
    const rows = (await this.haproxy('show stat shop 4 -1')).split('\n').map((row) => row.split(','));
    const at = rows[0].indexOf('weight');
    const of = (slot) => {
      const found = HOSTS.map((host) => rows.find(([, server]) => server === `${host}-${slot}`)[at]);
      return new Set(found).size === 1 ? found[0] : 'differs';
    };
    return `${of('blue')}/${of('green')}`;
  }

  /** An operator reloads HAProxy. Returns when the new process serves. */
  async reload() {
    const pid = async () => /^Pid: (\d+)/m.exec(await this.haproxy('show info').catch(() => ''))?.[1];
    const before = await pid();
    process.kill(Number(readFileSync(join(this.place, 'haproxy-master.pid'), 'utf8')), 'SIGUSR2');
    const end = now() + 60_000;
    for (let after = before; after === before || after === undefined; after = await pid()) {
      if (now() > end) throw new Error('HAProxy was not reloaded');
      await sleep(50);
    }
  }

  hasFailed({ host, status }) {
    return status === undefined || host === undefined || status >= 500;
  }
}

module.exports = { HOSTS, ServersShop };
