import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { metricContext, UNSTOPPED } from './metric-context';
import { Metric } from '../../../src';
import { CommandMetricManifest, MetricManifest } from '../../../src/contract/metric-manifest';
import { difference, Scrape } from '../../../src/runtime/analysis/counters';
import { ConfigurationError, InterruptedError } from '../../../src/runtime/errors';
import { metricSourceOf } from '../../../src/runtime/metrics/open-metric-source';
import { printedCounters } from '../../../src/runtime/metrics/printed-counters';

let directory: string;
beforeEach(() => { directory = realpathSync(mkdtempSync(join(tmpdir(), 'delivery-metric-'))); });
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function scrape(line: string, changes: Partial<CommandMetricManifest> = {}, signal = UNSTOPPED): Promise<Scrape> {
  const manifest = { ...Metric.command(line)._manifest as CommandMetricManifest, ...changes };
  return metricSourceOf(manifest, metricContext({}, directory)).scrape(signal);
}

const print = (value: unknown) => {
  writeFileSync(join(directory, 'printed'), typeof value === 'string' ? value : JSON.stringify(value));
  return 'cat printed';
};

const COUNTED = { canary: { requests: 500, errors: 2 }, stable: { requests: 9500, errors: 11 } };

describe('a command that prints counters', () => {
  test('is a scrape of this moment', async () => {
    const before = Date.now();
    const found = await scrape(print(COUNTED));
    const measured = { measuredAtMs: found.atMs };
    expect(found).toEqual({ atMs: found.atMs, canary: { ...COUNTED.canary, ...measured }, stable: { ...COUNTED.stable, ...measured } });
    expect(found.atMs).toBeGreaterThanOrEqual(before);
  });

  test('may say when they were measured, and add latencies', async () => {
    const latency = { boundsMs: [0.5, 100, 250], below: [0, 420, 490], count: 500 };
    const side = { requests: 500, errors: 2, measuredAt: '2026-11-29T04:00:00+01:00', latency };
    expect(await scrape(print({ canary: side, stable: side }))).toMatchObject({
      canary: { requests: 500, errors: 2, measuredAtMs: Date.parse('2026-11-29T03:00:00Z'), latency },
    });
  });

  test('gets the variables of the release and of the environment, and no token', async () => {
    const variables = '$DELIVERY_SLOT $DELIVERY_VERSION $DELIVERY_STABLE_VERSION $DEPLOY_ENV $SHOP';
    const { problem } = await scrape(`echo "${variables} \${GITHUB_TOKEN-none}" >&2; exit 3`);
    expect(problem).toBe('the command ended with exit code 3: green v2.0.0 v1.9.0 production shoes none');
  });

  test('may write to standard error', async () => {
    expect(await scrape(`echo "reading the counters" >&2; ${print(COUNTED)}`)).toMatchObject(COUNTED);
  });

  test('may leave out a side, of which there is then no data', async () => {
    const found = await scrape(print({ stable: COUNTED.stable }));
    expect(difference(undefined, found, 60_000).inconclusive).toBe('the metric source has no data of Canary');
  });
});

describe('says nothing about the release, and why:', () => {
  const side = COUNTED.canary;
  const latency = { boundsMs: [10, 20], below: [1, 2], count: 3 };
  const withLatency = (changes: object) => ({ ...COUNTED, canary: { ...side, latency: { ...latency, ...changes } } });
  test.each<[string, unknown, string]>([
    ['no JSON', 'requests 5', 'the output of the command is not a JSON object'],
    ['a list', [COUNTED], 'the output of the command is not a JSON object'],
    ['nothing', '', 'the output of the command is empty'],
    ['two documents', '{}\n{}', 'the output of the command is not a JSON object'],
    ['an unknown member', { ...COUNTED, baseline: {} }, 'the output of the command has the unknown member "baseline"'],
    ['a side that is a number', { ...COUNTED, canary: 5 }, 'is wrong at canary: it is not an object'],
    ['an unknown member of a side', { ...COUNTED, stable: { ...side, failures: 3 } }, 'is wrong at stable: it has the unknown member "failures"'],
    ['no errors', { ...COUNTED, canary: { requests: 3 } }, 'is wrong at canary: errors is missing, not a count'],
    ['text as a number', { ...COUNTED, canary: { requests: '500', errors: 2 } }, 'requests is "500", not a count'],
    ['a negative count', { ...COUNTED, canary: { requests: 5, errors: -2 } }, 'errors is -2, not a count'],
    ['more than a number can count', '{"canary":{"requests":1e999,"errors":0}}', 'requests is null, not a count'],
    ['more errors than requests', { ...COUNTED, canary: { requests: 1, errors: 2 } }, 'it has more errors than requests (2 of 1)'],
    ['a time without a zone', { ...COUNTED, canary: { ...side, measuredAt: '2026-11-29T04:00:00' } }, 'measuredAt is "2026-11-29T04:00:00", not a time such as'],
    ['a day that is not there', { ...COUNTED, canary: { ...side, measuredAt: '2026-13-29T04:00:00Z' } }, 'not a time such as'],
    ['the future', { ...COUNTED, canary: { ...side, measuredAt: '2199-01-01T00:00:00Z' } }, 'measuredAt is in the future'],
    ['an unknown member of the latency', withLatency({ p99: 3 }), 'latency: it has the unknown member "p99"'],
    ['no bounds', withLatency({ boundsMs: [] }), 'boundsMs is not a list of 1 to 1000 numbers'],
    ['bounds out of order', withLatency({ boundsMs: [20, 10] }), 'boundsMs are not positive and ascending'],
    ['a count too few', withLatency({ below: [1] }), 'below is not one count for each of boundsMs'],
    ['a histogram that is not cumulative', withLatency({ below: [2, 1] }), 'below is not cumulative'],
    ['a histogram of more than all', withLatency({ below: [2, 4] }), 'below is not cumulative'],
    ['a histogram without its count', withLatency({ count: undefined }), 'count is missing, not a count'],
  ])('%s', async (_, printed, reason) => {
    const found = printedCounters(typeof printed === 'string' ? printed : JSON.stringify(printed), 1_000_000_000_000);
    expect(found).toEqual({ atMs: 1_000_000_000_000, problem: expect.stringContaining(reason) });
    const baseline = { atMs: 1, canary: { ...side, measuredAtMs: 1 }, stable: { ...side, measuredAtMs: 1 } };
    expect(difference(baseline, found, 60_000)).toEqual({ baseline, inconclusive: found.problem });
  });

  test('a text that would forge a command of the runner', async () => {
    const forged = '::error::x\u001b[31m\n##[error]y';
    const { problem } = await scrape(`printf '%s' "$(cat forged)" >&2; exit 1; ${writeFileSync(join(directory, 'forged'), forged) ?? ''}`);
    expect(problem).toBe('the command ended with exit code 1: ## [error]y');
    for (const found of [printedCounters(JSON.stringify({ [forged]: 1 }), 1), printedCounters(JSON.stringify({ canary: { requests: forged } }), 1)]) {
      expect(found.problem).not.toMatch(/^::|##\[|\n|\u001b/);
    }
  });

  test('a command that is not there, or is killed', async () => {
    expect(await scrape('no-such-command-anywhere')).toMatchObject({ problem: expect.stringMatching(/^the command ended with exit code 127: .*no-such-command-anywhere/) });
    expect(await scrape('kill -KILL $$')).toMatchObject({ problem: 'the command ended with SIGKILL' });
  });

  test('a command that does not end in time', async () => {
    expect(await scrape('sleep 60', { timeoutMs: 200 })).toMatchObject({ problem: 'the command did not end within 200 ms' });
  });

  test.each(['yes', 'yes | tr -d "\\n"'])('a command that prints without end, which is stopped: %s', async (line) => {
    expect(await scrape(line)).toMatchObject({ problem: 'the command printed more than 64 KiB' });
  });
});

test('a document of 64 KiB on one line is read', async () => {
  const text = JSON.stringify(COUNTED);
  expect(await scrape(print(`${text}${' '.repeat(60_000)}`))).toMatchObject(COUNTED);
});

test('whatever is printed is a scrape or a reason, on one line', () => {
  const json = fc.jsonValue();
  const asSide = json.map((one) => JSON.stringify({ canary: one, stable: COUNTED.stable }));
  const value = fc.oneof(fc.string(), json.map((one) => JSON.stringify(one)), asSide);
  fc.assert(fc.property(value, (text) => {
    const { canary, problem, stable } = printedCounters(text, 5);
    expect(problem === undefined || (canary === undefined && stable === undefined)).toBe(true);
    expect(problem ?? '').not.toMatch(/[\r\n]|##\[/);
  }));
});

test('a scrape that is interrupted ends at once', async () => {
  const end = new AbortController();
  setTimeout(() => end.abort(), 200);
  await expect(scrape('sleep 60', {}, end.signal)).rejects.toThrow(InterruptedError);
  await expect(scrape('echo never > begun', {}, end.signal)).rejects.toThrow(InterruptedError);
});

test('a kind of source that this runtime does not know is an error that names it', () => {
  expect(() => metricSourceOf({ kind: 'graphite' } as unknown as MetricManifest, metricContext()))
    .toThrow(new ConfigurationError('this runtime does not know the metric source "graphite" of production. Run npx projen and commit both files.'));
});
