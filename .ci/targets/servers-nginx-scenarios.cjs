// The scenarios of .ci/targets/servers with static files: nginx serves `current` on each host, and is not restarted. Where it keeps files open, `restart`
// reloads it.
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { HOSTS, ServersShop } = require('./servers-shop.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');

const URL_OF_USERS = 'http://10.77.4.2:8083/release.json';
/** On a host. */
const RELOAD = 'kill -HUP "$(cat /srv/run/nginx.pid)"';

class StaticShop extends ServersShop {
  /** A release: a page, and what users read of it. */
  build(version, kind = 'good') {
    mkdirSync(join(this.root, 'dist'), { recursive: true });
    writeFileSync(join(this.root, 'dist/index.html'), `<h1>${version}</h1>\n`);
    writeFileSync(join(this.root, 'dist/release.json'), JSON.stringify({ version, isGood: kind === 'good' }));
    this.release(version);
  }

  /** `site`: the folder of what nginx serves. */
  folderOf(host) {
    return join(this.disk(host), 'site');
  }

  /** Static files do not name their host. */
  hasFailed({ status }) {
    return status !== 200;
  }

  /** An operator changes the configuration of nginx on all hosts, and reloads it. */
  configure(change) {
    for (const host of HOSTS) {
      const file = join(this.disk(host), 'nginx.conf');
      writeFileSync(file, change(readFileSync(file, 'utf8')));
      this.ssh(host, RELOAD);
    }
  }
}

const shop = new StaticShop('servers with nginx', process.argv[2], 'nginx');

/** @param restart none where nginx finds the files of a release by itself */
function synthesize(restart) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.servers({
      hosts: HOSTS, hostKeys: shop.hostKeys.filter((line) => !line.startsWith('proxy')), user: 'deploy', privateKeySecret: 'SSH_KEY', directory: '/srv/site', files: 'dist', restart,
    }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: URL_OF_USERS,
      allowInsecure: true,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1), commandTimeout: Duration.seconds(60) }),
      healthChecks: [HealthCheck.http(URL_OF_USERS, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), json: [{ path: 'isGood', value: true }],
        interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 3, failureThreshold: 2, deadline: Duration.minutes(5), allowInsecure: true,
      })],
    }],
  }));
}

async function good(version, what = 'good') {
  shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, live: shop.onAll() }, { code: 0, live: version });
  shop.loadedRow(`${what} (${version})`, `stable on all hosts after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

async function bad(version, stable) {
  shop.build(version, 'bad');
  const ended = await shop.deploy(version);
  const wrong = shop.firstAfter(ended.begun, ({ isGood }) => isGood === false);
  const decided = shop.decisionIn(ended, wrong);
  const restored = shop.responses.filter(({ at, isGood }) => at > decided && isGood === false).at(-1)?.at ?? decided;
  shop.expectEnd('bad', ended, { code: ended.code, live: shop.onAll(), decided: decided > wrong }, { code: 1, live: stable, decided: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`bad (${version})`, `rolled back to ${stable} on all hosts`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

/** nginx keeps the files open that it found under `current`, for longer than a release may take to show. */
async function filesStayOpen(version, stable) {
  shop.configure((text) => text.replace('http {', 'http { open_file_cache max=100; open_file_cache_valid 1h;'));
  // until it has the files of the release before
  await shop.eventually(() => shop.responses.at(-1)?.version === stable);
  await sleep(2_000);
  shop.build(version);
  const ended = await shop.impatient(() => shop.deploy(version));
  shop.expectEnd('files stay open', ended, { code: ended.code, live: shop.onAll(), seen: shop.firstAfter(ended.begun, (one) => one.version === version) }, { code: 1, live: stable, seen: undefined });
  shop.loadedRow(`open_file_cache (${version})`, `users never saw it: back on ${stable}`, { from: ended.begun, to: ended.ended });
}

void shop.run(async () => {
  synthesize();
  let stop = () => undefined;
  try {
    shop.build('v1');
    const first = await shop.deploy('v1');
    shop.expectEnd('first', first, { code: first.code, live: shop.onAll() }, { code: 0, live: 'v1' });
    stop = shop.useService(URL_OF_USERS, 20, 5);
    await shop.eventually(() => shop.responses.length > 0 && !shop.hasFailed(shop.responses.at(-1)));
    const begun = now();
    await good('v2');
    await bad('v3', 'v2');
    await filesStayOpen('v4', 'v2');
    synthesize(RELOAD);
    await good('v5', 'the same, with a reload');
    await shop.rollBackByHand('v5', 'v2');
    shop.noneFailed(begun);
  } finally {
    stop();
  }
}, 'real sshd, nginx and HAProxy on network namespaces of one machine');
