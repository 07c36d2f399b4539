/** The status page keeps the last canaries, from what the ledger recorded of them. */
import { NOW, pageManifest } from './sample';
import { Entry } from '../../../src/runtime/ledger/entries';
import { LedgerRecord } from '../../../src/runtime/ledger/record';
import { FinishedAttempt } from '../../../src/runtime/status-page/dora';
import { readAttempts } from '../../../src/runtime/status-page/finished-attempts';
import { filesOf } from '../../../src/runtime/status-page/published-files';
import { NO_DATA, readData, withFindings, writeData } from '../../../src/runtime/status-page/status-data';

const RECORD = {
  id: '7',
  kind: 'deploy',
  environment: 'production',
  createdAt: new Date(NOW - 600_000).toISOString(),
  release: { version: 'v2', sha: 'b'.repeat(40) },
  stable: { release: { version: 'v1', sha: 'a'.repeat(40) } },
} as unknown as LedgerRecord;

const WORSE = 'with 25 % of the traffic for at least 1 min: errors: Canary is worse than Stable';

type Step = Pick<Entry, 'state'> & Partial<Entry>;

/** One entry each 10 seconds. */
function entries(...steps: Step[]): Entry[] {
  return steps.map((step, index) => ({ note: '', at: new Date(NOW - 300_000 + index * 10_000).toISOString(), ...step }));
}

const step = (weight: number, note = ''): Step => ({ state: 'promoting', weight, note });

async function attemptOf(record: LedgerRecord, ...steps: Step[]): Promise<FinishedAttempt> {
  const ledger = { records: async () => [record], history: async () => entries(...steps) };
  const { attempts } = await readAttempts({ ledger, environment: 'production', known: [], limit: 1, committedAt: async () => undefined, now: NOW });
  return attempts[0]!;
}

const canaryOf = async (...steps: Step[]) => (await attemptOf(RECORD, ...steps)).canary;

test.each<[string, Step[], object]>([
  ['promoted, for the reason of its last step', [step(5), step(25, 'first'), step(100, 'not 2 times as bad'), { state: 'baking' }, { state: 'stable' }],
    { end: 'promoted', percent: 25, why: 'not 2 times as bad', beganAt: NOW - 300_000, endedAt: NOW - 280_000 }],
  ['rolled back in a step', [{ state: 'verifying' }, step(5), step(25), { state: 'rollingBack', note: WORSE }, { state: 'rolledBack' }],
    { end: 'takenBack', percent: 25, why: WORSE, beganAt: NOW - 290_000, endedAt: NOW - 270_000 }],
  ['promoted, and rolled back in the bake', [step(5), step(100, 'good'), { state: 'baking' }, { state: 'rollingBack', note: '500' }, { state: 'rolledBack' }],
    { end: 'promoted', percent: 5, why: 'good' }],
  ['halted without a verdict', [step(5), { state: 'halted', note: 'no verdict of the analysis within 10 min' }], { end: 'halted', percent: 5 }],
  ['superseded', [step(5), { state: 'superseded', note: 'v3 is wanted' }], { end: 'superseded', why: 'v3 is wanted' }],
])('a canary that was %s', async (_, steps, expected) => {
  expect(await canaryOf(...steps)).toMatchObject(expected);
});

test.each<[string, Step[]]>([
  ['the release got all traffic at once', [step(100), { state: 'baking' }, { state: 'stable' }]],
  ['another strategy records no weights', [{ state: 'promoting' }, { state: 'baking' }, { state: 'stable' }]],
  ['the entry of its end is lost', [step(5), { state: 'baking' }, { state: 'stable' }]],
])('there is none if %s', async (_, steps) => {
  expect(await canaryOf(...steps)).toBeUndefined();
});

test('a drill is none, because it compares nothing', async () => {
  const drill = { ...RECORD, kind: 'drill' } as LedgerRecord;
  expect(await attemptOf(drill, step(5), step(100), { state: 'rollingBack' }, { state: 'rolledBack' })).toMatchObject({ kind: 'drill' });
  expect(await attemptOf(drill, step(5), step(100), { state: 'rollingBack' }, { state: 'rolledBack' })).not.toHaveProperty('canary');
});

function pageOf(attempts: readonly FinishedAttempt[]): string {
  const data = withFindings(NO_DATA, 'production', { attempts, attemptsFrom: NOW - 600_000, alerts: [], episodes: [] }, NOW);
  const kept = readData(writeData(data));
  if (!kept || kept === 'newer') throw new Error('the data cannot be read back');
  return filesOf(kept, { title: 'acme/shop', manifest: pageManifest(['production']), now: NOW })['index.html'];
}

async function attempt(number: number, why: string): Promise<FinishedAttempt> {
  const one = await attemptOf(RECORD, step(5), { state: 'rollingBack', note: why }, { state: 'rolledBack' });
  // a later one began later
  return { ...one, id: `${number}`, version: `v${number}.0`, canary: { ...one.canary!, beganAt: one.canary!.beganAt + number } };
}

test('the page shows the last ten with release, end, share, duration and evidence, and they survive the file between the runs', async () => {
  const page = pageOf(await Promise.all(Array.from({ length: 12 }, (_, index) => attempt(index, WORSE))));
  expect(page).toContain('<caption>The last canaries of production');
  expect(page).toMatch(/<td>v11\.0<\/td><td>rolled back<\/td><td class="number">5 %<\/td><td class="number">10 s<\/td><td class="what">with 25 % .* worse than Stable<\/td>/);
  const shown = [...page.matchAll(/<td>(v\d+\.0)<\/td><td>rolled back/g)].map(([, version]) => version);
  expect(shown).toEqual(Array.from({ length: 10 }, (_, index) => `v${11 - index}.0`));
});

test('it says nothing of canaries where there was none, and what others wrote is text', async () => {
  expect(pageOf([])).not.toContain('canaries');
  const page = pageOf([await attempt(1, '<script>alert(1)</script>')]);
  expect(page).not.toContain('<script');
  expect(page).toContain('&#60;script&#62;');
});

test.each<[string, unknown]>([
  ['an end that is none', { end: 'toString', percent: 5, beganAt: 1, endedAt: 2, why: '' }],
  ['a share that is no number', { end: 'promoted', percent: '5', beganAt: 1, endedAt: 2, why: '' }],
  ['text', 'promoted'],
])('data with %s are not read', async (_, canary) => {
  const attempts = [{ ...await attempt(1, ''), canary } as FinishedAttempt];
  const data = withFindings(NO_DATA, 'production', { attempts, alerts: [], episodes: [] }, NOW);
  expect(readData(writeData(data))).toBeUndefined();
});
