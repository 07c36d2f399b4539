/** A canary that is compared with Stable, through the bundled runtime as a real process; its counters come from a server, by a command. */
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { AnalysisManifest, AnalyzedMetricManifest } from '../../../src/contract/analysis-manifest';
import { CommandMetricManifest } from '../../../src/contract/metric-manifest';
import { canaryTimeBudget } from '../../../src/strategies/canary';
import { killAt, OnLine, World } from '../world';

let world: World;
let metrics: Server;
/** What each scrape adds to the counters of both sides: requests and errors. */
let traffic: { canary: [number, number]; stable: [number, number] } | undefined;
let scrapes: number;
/** What is counted once, between the first two scrapes with this share of the traffic. */
let once: NonNullable<typeof traffic> & { percent: number } | undefined;
let scrapesOfOnce: number;

const GOOD = { canary: [100, 0], stable: [900, 9] } as const;
const BAD = { canary: [100, 5], stable: [900, 1] } as const;
const BACK = ['weight 0 for v2 on green', 'weight 100 for v1 on blue'];
const FORTH = ['weight 0 for v2 on green', 'deploy v2 to green', 'weight 10 for v2 on green', 'weight 50 for v2 on green', 'weight 100 for v2 on green'];
const HOUR = 3_600_000;

beforeEach(async () => {
  scrapes = 0;
  [once, scrapesOfOnce] = [undefined, 0];
  traffic = { canary: [...GOOD.canary], stable: [...GOOD.stable] };
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } };
  metrics = createServer((_, response) => {
    scrapes += 1;
    const counted = once && world.commands.at(-1)?.startsWith(`weight ${once.percent} `) ? countedOnce() : traffic;
    for (const side of ['canary', 'stable'] as const) {
      totals[side] = { requests: totals[side].requests + (counted?.[side][0] ?? 0), errors: totals[side].errors + (counted?.[side][1] ?? 0) };
    }
    response.end(JSON.stringify(traffic === undefined ? {} : totals));
  });
  await new Promise<void>((ready) => metrics.listen(0, '127.0.0.1', ready));
  world = await World.create('canary');
  analyze();
  await world.ship('v1');
  world.forgetCommands();
});

/** The first scrape is the baseline of the weight, and the second one shows what was counted since. */
function countedOnce(): typeof traffic {
  scrapesOfOnce += 1;
  return scrapesOfOnce === 2 ? once : undefined;
}

afterEach(async () => {
  metrics.closeAllConnections();
  await new Promise((done) => metrics.close(done));
  await world.destroy();
});

interface Settings extends Partial<Pick<AnalysisManifest, 'withoutVerdict'>>, Pick<AnalyzedMetricManifest, 'expected'> {
  readonly atMostMs?: number;
  readonly atLeastMs?: number;
  readonly missRate?: number;
  readonly blockMs?: number;
  readonly intervalMs?: number;
  readonly atMostOfHalfMs?: number;
}

/** Blocks are as short as the intervals, so that a verdict takes seconds. */
function analyze({
  atMostMs = HOUR, atMostOfHalfMs = atMostMs, atLeastMs = 60, withoutVerdict = 'promoteIfShown', missRate = 0.4, blockMs = 1, intervalMs = 30, expected,
}: Settings = {}): void {
  const weights = [{ percent: 10, atLeastMs, atMostMs }, { percent: 50, atLeastMs: 60, atMostMs: atMostOfHalfMs }];
  const { port } = metrics.address() as AddressInfo;
  const metric = { kind: 'command', name: 'counters', intervalMs, timeoutMs: 20_000, lateMs: 60_000, command: { kind: 'bash', line: `curl -sS http://127.0.0.1:${port}/` } } as const;
  const errors = { alpha: 0.001, missRate, tolerance: 0.1, detect: 2, blockMs };
  const { strategy } = world.manifest.environments[0]!;
  const analysis = { metrics: [{ metric, errors, expected }], withoutVerdict };
  world.change({ strategy: { ...strategy, weights, timeBudget: canaryTimeBudget(weights), analysis } });
}

/** Stops at the first measurement with evidence. */
const killAtEvidence: OnLine = (line, stop) => {
  if (/10 % of the traffic · Canary: .* of what a rollback needs/.test(line)) stop('SIGKILL');
};

test('a good release passes each weight as soon as a regression is excluded, long before the time is over', async () => {
  const { code, output } = await world.ship('v2');
  expect([code, world.served, world.commands]).toEqual([0, 'v2', FORTH]);
  expect(output).toMatch(/10 % of the traffic · Canary: [\d,]+ requests, 0 errors \(0 %\) · Stable: [\d,]+ requests, \d+ errors \(1 %\) · errors: 0 % of what a rollback needs, \d+ % of what a promotion needs/);
  expect(output).toContain('errors: Canary is not 2 times as bad as Stable');
  // the evidence of the first weight counts with the second one
  expect(/50 % of the traffic · .*errors: 0 % of what a rollback needs, (\d+) %/.exec(output)?.[1]).not.toBe('0');
});

test('a release with more errors is rolled back, although its health checks are good: its traffic is taken away first', async () => {
  traffic = { canary: [...BAD.canary], stable: [...BAD.stable] };
  const sha = world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  const { code, output, summary } = await world.step(run, 'deploy', 'production');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', [...FORTH.slice(0, 3), ...BACK]]);
  expect(output).toContain('errors: Canary is worse than Stable');
  expect(summary).toContain('| Weight | Metric | Canary | Stable |');
  expect(summary).toMatch(/\| 10 % \| errors \| [\d,]+ requests, \d+ errors \(5 %\) \|.*\| 100 % \| 0 % \| worse than Stable \|/);
  expect(summary).toMatch(/xychart-beta[\s\S]*line \[.*100\]\n {2}line \[100, .*100\]/);
  // a health verdict blocks it, until a person decides otherwise
  expect((await world.delivery('status')).output).toContain(`blocked on production: v2 (${sha.slice(0, 7)})`);
});

test('good evidence does not end a step before its atLeast', async () => {
  analyze({ atLeastMs: 4_000 });
  const { code, output } = await world.ship('v2');
  const [, first] = /promoting +healthy +([\d.]+ (?:ms|s|min))/.exec(output) ?? [];
  expect([code, first]).toEqual([0, expect.stringMatching(/^(?:[4-9]|\d\d)(?:\.\d)? s$|min/)]);
});

test('without data there is no verdict: at the end of the step a person decides', async () => {
  traffic = undefined;
  analyze({ atMostMs: 5_000 });
  const { code, output } = await world.ship('v2');
  expect([code, world.served]).toEqual([3, 'v1 and v2']);
  expect(output).toContain('no verdict of the analysis within 5 s, and too little was measured to decide (errors: the metric source has no data of Canary): a person decides');
  expect((await world.delivery('status')).output).toContain('10 % of the traffic on production went to v2 when it was halted');
});

test('without a verdict, enough data without evidence promote it', async () => {
  // neither side has errors, so nothing excludes a regression, but 5 % errors would have shown
  traffic = { canary: [100, 0], stable: [900, 0] };
  analyze({ atMostMs: 10_000, expected: { requestsPerSecond: 1000, stableErrorRate: 0.001, canaryErrorRate: 0.5 } });
  const { code, output } = await world.ship('v2');
  expect([code, world.served]).toEqual([0, 'v2']);
  expect(output).toContain('no verdict of the analysis within 10 s, but a bad release would have been seen in 99 of 100 canaries');
});

test.each([
  ['promote', 0, 'v2', FORTH],
  ['rollBack', 1, 'v1', [...FORTH.slice(0, 3), ...BACK]],
  ['halt', 3, 'v1 and v2', FORTH.slice(0, 3)],
] as const)('without a verdict, withoutVerdict decides: %s', async (withoutVerdict, exit, served, commands) => {
  traffic = undefined;
  analyze({ atMostMs: 600, withoutVerdict });
  const { code } = await world.ship('v2');
  expect([code, world.served, world.commands]).toEqual([exit, served, commands]);
  // its files were not found bad, but this commit was rolled back
  if (withoutVerdict === 'rollBack') expect(JSON.parse((await world.delivery('status', '--json')).output)).toMatchObject([{ blocked: [{ version: 'v2', why: 'command' }] }]);
});

test.each([
  { percent: 50, exit: 1, served: 'v1', note: "at the end of the canary, 130 of 200 errors are Canary's. As good a release has so many in at most 0.05 % of all canaries" },
  // one look, at the end of the last comparison
  { percent: 10, exit: 0, served: 'v2', note: 'withoutVerdict promotes it' },
])('errors that are too few for a verdict before lead to a rollback at the last look: counted with $percent %', async ({ exit, note, percent, served }) => {
  traffic = { canary: [0, 0], stable: [0, 0] };
  once = { percent, canary: [1000, 130], stable: [1000, 70] };
  const atMost = { atMostMs: percent === 10 ? 10_000 : 60, atMostOfHalfMs: percent === 50 ? 10_000 : 60 };
  analyze({ ...atMost, blockMs: 0, intervalMs: 300, withoutVerdict: 'promote', missRate: 0.001 });
  const { code, output } = await world.ship('v2');
  expect(output).toContain(note);
  expect(output).toMatch(new RegExp(`${percent} % of the traffic · Canary: 1,000 requests, 130 errors`));
  expect([code, world.served]).toEqual([exit, served]);
});

test('killed between a measurement and the entry of the ledger, it is recovered: weight 0, and Stable has all traffic', async () => {
  traffic = { canary: [100, 1], stable: [900, 9] };
  world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  await world.step({ ...run, onLine: killAtEvidence }, 'deploy', 'production');
  const { output } = await world.delivery('status');
  expect(output).toContain('10 % of the traffic goes to v2, which is not verified, and the rest to v1. The next command recovers it first: it is rolled back to v1');
  world.forgetCommands();
  const { code } = await world.step(run, 'rollback', 'production', '--recover');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', BACK]);
});

test('cancelled in a step, the process restores Stable itself', async () => {
  traffic = { canary: [100, 1], stable: [900, 9] };
  world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  let isStopped = false;
  const cancel: OnLine = (line, stop) => {
    if (isStopped || !line.includes('of what a rollback needs')) return;
    isStopped = true;
    stop('SIGINT');
  };
  await world.step({ ...run, onLine: cancel }, 'deploy', 'production');
  await world.step(run, 'rollback', 'production', '--recover');
  expect(world.served).toBe('v1');
});

test('a bad health check ends the step at once, whatever the analysis says', async () => {
  const { code, output } = await world.ship('v2', 'bad');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', [...FORTH.slice(0, 3), ...BACK]]);
  expect(output).not.toContain('Canary is worse');
});

test('a drill and a rollback by hand compare nothing', async () => {
  expect((await world.delivery('drill', 'production')).code).toBe(0);
  expect(scrapes).toBe(0);
});

test('the plan says how long the steps take, and what they can see', async () => {
  analyze({ expected: { requestsPerSecond: 100, stableErrorRate: 0.001, canaryErrorRate: 0.05 } });
  world.release('v2');
  const { output } = await world.delivery('plan', 'production', '--release', 'v2');
  expect(output).toMatch(/10 % for 60 ms to 1 h, 50 % for 60 ms to 1 h, each of which must end healthy, then all of it\. To expect: at 100 requests a second and a weight of 10 %, 5 % errors take .* to see/);
});

test('a metric source that this runtime does not know is found before anything changes', async () => {
  const { strategy } = world.manifest.environments[0]!;
  const [metric] = strategy.analysis!.metrics;
  const analysis = { ...strategy.analysis!, metrics: [{ ...metric!, metric: { ...metric!.metric as CommandMetricManifest, kind: 'tea leaves' as 'command' } }] };
  world.change({ strategy: { ...strategy, analysis } });
  const { code, output } = await world.ship('v2');
  expect([code, world.commands]).toEqual([2, []]);
  expect(output).toContain('whose canary reads a metric source of the kind "tea leaves", which this runtime does not know');
});

test('killed as the second weight begins', async () => {
  world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  await world.step({ ...run, onLine: killAt('Promote v2: 50 %') }, 'deploy', 'production');
  const { code } = await world.step(run, 'rollback', 'production', '--recover');
  expect([code, world.served]).toEqual([1, 'v1']);
});
