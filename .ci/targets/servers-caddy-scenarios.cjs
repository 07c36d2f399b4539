// The scenarios of .ci/targets/servers with two slots on each host behind the real Caddy: what differs from HAProxy.
const { execFileSync } = require('node:child_process');
const { rmSync, writeFileSync } = require('node:fs');
const { request } = require('node:http');
const { join } = require('node:path');
const { HOSTS } = require('./servers-shop.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');
const { SlotsShop } = require('./servers-slots-shop.cjs');

const [, , run, caddy] = process.argv;
const USERS = 5;
const upstreams = (port) => HOSTS.map((_, index) => `10.77.${index + 1}.2:${port}`);
const [blue, green] = [upstreams(3001), upstreams(3002)];

class CaddyShop extends SlotsShop {
  /** When. */
  reloads = [];

  get url() {
    return 'http://10.77.4.2:8082/';
  }

  slots({ ServerSlots }) {
    return ServerSlots.caddy({ hosts: ['proxy'], admin: '/srv/run/caddy.sock', blue, green, healthPath: '/health', weightsFile: '/srv/run/caddy-weights' });
  }

  /** Caddy begins anew with each configuration, and closes connections that are idle: each time, each user can lose the request that is sent just then. */
  mayFail(from, to, runs) {
    const changes = runs.flatMap(({ lines }) => lines).filter(({ text }) => / % of the users \(before: /.test(text));
    return USERS * (changes.length + this.reloads.filter((at) => at >= from && at <= to).length);
  }

  /** The weights of Caddy as an operator sees them, in per cent of a slot's share. */
  async weights() {
    const handlers = [];
    JSON.parse(await this.admin('/config/apps/http'), (_, value) => {
      if (value?.handler === 'reverse_proxy' && value.load_balancing?.selection_policy) handlers.push(value);
      return value;
    });
    const [{ load_balancing: { selection_policy: { weights } }, upstreams: all }] = handlers;
    const of = (dials) => {
      const found = dials.map((dial) => weights[all.findIndex((one) => one.dial === dial)]);
      return new Set(found).size === 1 ? found[0] : Number.NaN;
    };
    const share = (weight) => Math.round((weight * 100) / (of(blue) + of(green)));
    return `${share(of(blue))}/${share(of(green))}`;
  }

  admin(path) {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: join(this.disk('proxy'), 'run/caddy.sock'), path, headers: { host: 'localhost' } }, (response) => {
        let text = '';
        response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text));
      });
      sent.on('error', reject).end();
    });
  }

  /** An operator reloads the Caddyfile. */
  reload() {
    this.reloads.push(now());
    execFileSync(caddy, ['reload', '--config', join(this.place, 'Caddyfile'), '--adapter', 'caddyfile'], { stdio: 'ignore' });
  }
}
const shop = new CaddyShop('servers behind Caddy', run, 'caddy');

const blueGreen = ({ Strategy }, options) => Strategy.blueGreen(options);
const canary = ({ CanaryStep, Duration, Strategy }, options) => Strategy.canary({
  ...options, steps: [CanaryStep.weight(20, { atLeast: Duration.seconds(1) }), CanaryStep.weight(50, { atLeast: Duration.seconds(1) })],
});

void shop.run(async () => {
  // the releases that went out behind HAProxy
  for (const host of HOSTS) for (const slot of ['blue', 'green']) rmSync(shop.folderOf(host, slot), { recursive: true, force: true });
  shop.synthesizeFor(blueGreen);
  let stop = () => undefined;
  try {
    shop.build('v1');
    const first = await shop.deploy('v1');
    shop.expectEnd('first', first, { code: first.code, live: await shop.live() }, { code: 0, live: 'v1 on green' });
    stop = shop.useService(shop.url, 20, USERS);
    await sleep(300);
    await shop.good('v2', 'blue');
    if (shop.measured) return await shop.measure('servers behind Caddy', 'v2 on blue');
    await shop.refused('v3', 'bad', 'v2 on blue');
    await shop.refused('v4', 'stale', 'v2 on blue');
    await shop.badAfterTheSwitch('v5', 'v2 on blue');
    await shop.staleAfterTheSwitch('v6', 'v2 on blue');
    await shop.killed('v7', 'after the promotion', /promote succeeded/, 'v2 on blue');
    shop.synthesizeFor(canary);
    await shop.good('v8', 'green', 'canary');
    await shop.killed('v9', 'at 20 %', /set the weight to 20 % succeeded/, 'v8 on green');
    const before = now();
    shop.reload();
    shop.expectEnd('reload', { output: '' }, { live: await shop.live() }, { live: 'v8 on green' });
    shop.loadedRow('the Caddyfile is reloaded', 'v8 on green: the weights are those of the imported file', { from: before });
    await shop.changedByHand('a reload with other weights', () => {
      writeFileSync(join(shop.disk('proxy'), 'run/caddy-weights'), 'lb_policy weighted_round_robin 1 1 1 1 1 1\n');
      shop.reload();
    }, 'v8 on green');
    process.stdout.write(`servers behind Caddy: ${shop.responses.length} requests of ${USERS} users in ${seconds(now() - shop.responses[0].at)} s\n`);
  } finally {
    stop();
  }
}, 'real sshd, Caddy and Node.js on network namespaces of one machine');
