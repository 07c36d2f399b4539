import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFailed, LoadClient, UserResponse } from './load-client';
import { inMs, Measurement, Outcome } from './measurement';
import { quantile } from './statistics';
import { Plot } from './svg-plot';
import { Switch, SwitchWatch } from './switch-watch';
import { prepareShop, ShopWorkspace } from '../test/examples/workspace';

const SWITCHES = 50;
const PER_SECOND = 1200;
const AT_ONCE = 50;
const ENVIRONMENT = 'production';

/** (e) What a switch of users costs them. */
export const switchFailures: Measurement = {
  letter: 'e',
  name: 'switch-failures',
  title: 'failed requests over 50 switches under load',

  async run(say) {
    const root = mkdtempSync(join(tmpdir(), 'bench-switches-'));
    let shop: ShopWorkspace | undefined;
    try {
      shop = await prepareShop({ root });
      await shop.start(ENVIRONMENT);
      return await perform(shop, say);
    } finally {
      await shop?.stop();
      rmSync(root, { recursive: true, force: true });
    }
  },
};

async function perform(shop: ShopWorkspace, say: (progress: string) => void): Promise<Outcome> {
  const { url, home } = shop.machine(ENVIRONMENT);
  await release(shop, 0);
  const watch = new SwitchWatch(home);
  const load = new LoadClient({ urls: [`${url}/`, `${url}/products`], perSecond: PER_SECOND, atOnce: AT_ONCE });
  try {
    for (let number = 1; number <= SWITCHES; number += 1) {
      await release(shop, number);
      say(`${number} of ${SWITCHES} switches, ${load.responses.length.toLocaleString('en')} requests`);
    }
  } finally {
    watch.stop();
    await load.stop();
  }
  return report(load.responses, watch.switches.slice(-SWITCHES));
}

/** What a deployment does to users: the idle slot's process is replaced, then users are switched to it. */
async function release(shop: ShopWorkspace, number: number): Promise<void> {
  const { version, sha } = await shop.commitRelease('good', { tag: `v1.${number}.0` });
  const variables = { DELIVERY_VERSION: version, DELIVERY_SHA: sha, DELIVERY_SLOT: number % 2 === 0 ? 'blue' : 'green' };
  for (const task of ['bundle', 'ship', 'switch-traffic']) await shop.task(task, ENVIRONMENT, variables);
}

function report(responses: readonly UserResponse[], switches: readonly Switch[]): Outcome {
  const failed = responses.filter(isFailed);
  const share = (failed.length / responses.length) * 100_000;
  const inEffect = switches.map((one, index) => effectOf(one, `v1.${index + 1}.0`, responses)).filter((ms) => ms !== undefined);
  const latencies = responses.map(({ startedAt, endedAt }) => endedAt - startedAt);
  return {
    figures: [
      { what: 'failed requests per 100,000', measured: share.toFixed(share === 0 ? 0 : 2), limit: '0', holds: responses.length > 0 && failed.length === 0 && inEffect.length === SWITCHES },
      { what: 'requests, and switches', measured: `${responses.length.toLocaleString('en')}, ${inEffect.length}` },
      { what: 'switch in effect for users, p99', measured: inMs(quantile(inEffect, 0.99)) },
    ],
    notes: [
      `${SWITCHES} times the shop's own tasks: the idle slot gets a new release, then users are switched to it, with up to ${PER_SECOND} requests a second, ${AT_ONCE} at once (p99 ${inMs(quantile(latencies, 0.99))}), half of them on kept connections, half on new ones. `
      + `No failure of ${responses.length.toLocaleString('en')} would mean: with 95 % confidence fewer than ${(300_000 / responses.length).toFixed(1)} per 100,000.`,
    ],
    data: {
      requests: responses.length,
      failed: failed.map(({ startedAt, endedAt, status, error, version }) => ({ startedAt, endedAt, status, error, version })),
      switchInEffectMs: inEffect,
      latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) },
    },
    plot: plot(inEffect),
  };
}

/** From the switch to the first response of the new release. */
function effectOf({ at }: Switch, version: string, responses: readonly UserResponse[]): number | undefined {
  const first = responses.find((response) => response.version === version);
  return first && Math.max(0, first.endedAt - at);
}

function plot(inEffect: number[]): Plot {
  return {
    title: 'From the switch to the first response of the new release',
    x: 'switches',
    y: 'ms',
    series: [{ name: 'switch in effect for users', points: inEffect.map((ms, index) => [index + 1, ms] as const) }],
  };
}
