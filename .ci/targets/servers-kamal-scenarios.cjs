// Kamal, as a peer of Target.servers with containers: the same hosts, engines, registry, images, HAProxy and users. Its own proxy is an image from outside
// (`proxy: false`), so an HAProxy on each host passes requests on to the containers that pass its check, as kamal-proxy does.
//   servers-kamal-scenarios.cjs RUN KAMAL
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { ContainersShop, HOSTS, isWrong, now, REPOSITORY, seconds, URL_OF_USERS } = require('./containers-shop.cjs');
const { sleep } = require('./scenarios.cjs');

const [, , RUN, KAMAL] = process.argv;

class KamalShop extends ContainersShop {
  home = join(this.root, 'home');

  /**
   * Each of its options that makes it faster or more careful is set.
   *
   * @param deployTimeout how many seconds a container may take to become healthy
   */
  configure(deployTimeout = 60) {
    for (const folder of ['config', '.kamal', 'home']) mkdirSync(join(this.root, folder), { recursive: true });
    writeFileSync(join(this.root, '.kamal/secrets'), 'REGISTRY_PASSWORD=unused\n');
    writeFileSync(join(this.root, 'config/deploy.yml'), JSON.stringify({
      service: 'shop',
      image: 'acme/shop',
      servers: { web: { hosts: HOSTS, proxy: false } },
      // host by host, as ours
      boot: { limit: 1 },
      registry: { server: process.env.REGISTRY, username: 'unused', password: ['REGISTRY_PASSWORD'] },
      ssh: { user: 'deploy', keys: [join(this.place, 'key')], keys_only: true, config: false },
      builder: { arch: 'amd64' },
      readiness_delay: 1,
      deploy_timeout: deployTimeout,
      drain_timeout: 5,
    }));
  }

  async build(version, kind) {
    this.writeImage(version, kind);
    this.release(version);
    const image = `${REPOSITORY}:${version}`;
    for (const args of [['build', '--quiet', '--tag', image, '.'], ['push', '--quiet', image]]) execFileSync('docker', args, { cwd: this.root, stdio: 'pipe' });
    this.digests[version] = version;
  }

  /** A command of Kamal. What it prints comes late, so `begins` is called with each container that starts on a host meanwhile. */
  async kamal(args, begins = () => undefined) {
    const begun = now();
    const child = spawn(KAMAL, args, { cwd: this.root, env: { ...process.env, HOME: this.home }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const kill = () => process.kill(-child.pid, 'SIGKILL');
    const watches = HOSTS.map((host) => {
      const events = ['events', '--filter', 'type=container', '--filter', 'event=start', '--format', '{{.Actor.Attributes.name}}'];
      const watch = spawn('docker', ['--host', `unix://${this.disk(host)}/run/docker.sock`, ...events], { stdio: ['ignore', 'pipe', 'ignore'] });
      watch.stdout.on('data', () => child.exitCode ?? child.signalCode ?? begins(host, now(), kill));
      return watch;
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
    const [code, signal] = await once(child, 'close');
    for (const watch of watches) watch.kill();
    return { begun, ended: now(), code, signal, output };
  }

  deploy(version, begins) {
    return this.kamal(['deploy', '--skip-push', `--version=${version}`], begins);
  }

  /** The versions that run on a host, as Kamal names their containers. */
  runningOn(host) {
    return this.engineOn(host, 'ps', '--filter', 'label=service=shop', '--format', '{{.Names}}').split('\n').map((name) => name.replace('shop-web-', '').replace(/_replaced_.*/, ' (old)')).sort().join(' and ');
  }

  comparedRow(compared, end, row) {
    this.loadedRow(compared, end, row);
    this.keepCompared('Kamal', compared, end, row);
  }
}

const shop = new KamalShop('Kamal', RUN, 'kamal');
const secondsOf = ({ begun, ended }) => `${seconds(ended - begun)} s`;
/** The last response of a release after a time. */
const lastOf = (at, fits) => shop.responses.filter((response) => response.at > at && fits(response)).at(-1)?.at ?? at;

async function good(version) {
  await shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd('good', ended, { code: ended.code, live: shop.onBoth() }, { code: 0, live: version });
  shop.comparedRow('good', `on both hosts after ${secondsOf(ended)}`, { from: ended.begun, to: ended.ended });
}

async function unhealthy(version, stable) {
  await shop.build(version, 'unhealthy');
  shop.configure(10);
  let started;
  const ended = await shop.deploy(version, (_, at) => { started ??= at; });
  shop.expectEnd('unhealthy', ended, { code: ended.code, live: shop.onBoth(), isStarted: started !== undefined }, { code: 1, live: stable, isStarted: true });
  shop.configure();
  shop.comparedRow('unhealthy on a host', `${stable} went on on both hosts`, { from: ended.begun, to: ended.ended, detect: ended.ended - started });
}

/** A person sees it at once, and rolls back. */
async function bad(version, stable) {
  await shop.build(version, 'bad');
  const ended = await shop.deploy(version);
  const between = shop.onBoth();
  const back = await shop.kamal(['rollback', stable]);
  shop.expectEnd('bad', { output: `${ended.output}\n${back.output}` },
    { code: ended.code, seen: shop.firstAfter(ended.begun, isWrong) !== undefined, between, back: back.code, live: shop.onBoth() }, { code: 0, seen: true, between: version, back: 0, live: stable });
  shop.comparedRow('bad for users', `stays until a person runs kamal rollback ${stable}`, { from: ended.begun, to: back.ended, restore: lastOf(back.begun, isWrong) - back.begun });
}

async function killed(version, stable) {
  await shop.build(version);
  // one host has it, the next one is at it
  const ended = await shop.deploy(version, (host, _, kill) => host === 'web2' && kill());
  const begun = now();
  const refused = await shop.kamal(['rollback', stable]);
  const released = await shop.kamal(['lock', 'release']);
  const back = await shop.kamal(['rollback', stable]);
  // the release that was interrupted may still run beside the old one
  const stopped = await shop.kamal(['app', 'stale_containers', '--stop']);
  shop.expectEnd('killed', { output: [ended, refused, released, back, stopped].map(({ output }) => output).join('\n---\n') },
    { signal: ended.signal, refused: refused.code, back: back.code, stopped: stopped.code, live: shop.onBoth() }, { signal: 'SIGKILL', refused: 1, back: 0, stopped: 0, live: stable });
  shop.comparedRow('interrupted', `locked; ${stable} after kamal lock release, rollback and app stale_containers --stop`,
    { from: ended.begun, to: stopped.ended, restore: stopped.ended - begun });
}

async function missing(version, stable) {
  const ended = await shop.deploy(version);
  shop.expectEnd('missing', ended, { failed: ended.code !== 0, live: shop.onBoth() }, { failed: true, live: stable });
  shop.comparedRow('its image is missing', 'no container was replaced', { from: ended.begun, to: ended.ended });
}

async function byHand(version, to) {
  const ended = await shop.kamal(['rollback', to]);
  shop.expectEnd('by hand', ended, { code: ended.code, live: shop.onBoth() }, { code: 0, live: to });
  shop.comparedRow('rollback by hand', `${to} on both hosts`, { from: ended.begun, to: ended.ended, restore: lastOf(ended.begun, (response) => response.version === version) - ended.begun });
}

void shop.run(async () => {
  shop.prepareHosts();
  shop.configure();
  await shop.build('v1');
  const first = await shop.kamal(['setup', '--skip-push', '--version=v1']);
  shop.expectEnd('first', first, { code: first.code, live: shop.onBoth() }, { code: 0, live: 'v1' });
  const stop = shop.useService(URL_OF_USERS, 20, 5);
  try {
    // HAProxy on the hosts may not have found it yet
    await shop.eventually(() => shop.responses.at(-1)?.version === 'v1');
    await good('v2');
    await bad('v3', 'v2');
    await unhealthy('v4', 'v2');
    await killed('v5', 'v2');
    await missing('v6', shop.onBoth());
    await byHand('v2', 'v1');
    await sleep(100);
  } finally {
    stop();
  }
}, 'the same machines');
