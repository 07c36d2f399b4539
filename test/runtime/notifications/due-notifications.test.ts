/** Who notifies, on GitHub: what a run ended that is gone falls to one of those that come later; and what is noted about it changes nothing else. */
import { AlertManifest, EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../../src/runtime/ci/github/event-log';
import type { RuntimeContext } from '../../../src/runtime/context';
import { State } from '../../../src/runtime/deployment/state-machine';
import { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord } from '../../../src/runtime/ledger/record';
import { dueNotifications } from '../../../src/runtime/notifications/due-notifications';
import { channelKey } from '../../../src/runtime/notifications/notification';
import { NotificationLog } from '../../../src/runtime/notifications/notification-log';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../ledger/instant-clock';
import { newRecord } from '../ledger/records';

const CHANNEL = 'webhook (HOOK)';
const AUDIENCE: readonly AlertManifest[] = [{ name: CHANNEL, kind: 'webhook', address: 'HOOK', on: ['deployed', 'rolledBack', 'halted'], secrets: ['HOOK'] }];

let clock: InstantClock;
let github: GithubStandIn;
let alive: Set<number>;
/** What happens before a run learns whether this one is alive. */
let whenAsked: ((run: number) => Promise<void>) | undefined;

beforeEach(async () => {
  clock = new InstantClock();
  github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
  alive = new Set();
  whenAsked = undefined;
});
afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

it('the run that ended it notifies, in any of its jobs and attempts', async () => {
  await ended(5, 'v2', 'rolledBack');
  expect(await due(5)).toEqual(['rolledBack v2']);
  expect(await due(5)).toEqual(['rolledBack v2']);
});

it('while that run is alive no other run notifies; when it is gone, the next one does', async () => {
  await noted(await ended(4, 'v1', 'stable'), 4);
  await ended(5, 'v2', 'rolledBack');
  alive.add(5);
  expect(await due(6)).toEqual([]);
  alive.delete(5);
  expect(await due(6)).toEqual(['rolledBack v2']);
});

it.each([0, 2])('of several at once one notifies (writes are read back after %i reads)', async (readLag) => {
  await noted(await ended(4, 'v1', 'stable'), 4);
  await ended(5, 'v2', 'rolledBack');
  github.readLag = readLag;
  const runs = [6, 7, 8];
  runs.forEach((run) => alive.add(run));
  const found = await Promise.all(runs.map((run) => due(run)));
  expect(found.flat()).toEqual(['rolledBack v2']);
});

it('who took it on and died is made up for', async () => {
  await noted(await ended(4, 'v1', 'stable'), 4);
  await ended(5, 'v2', 'rolledBack');
  alive.add(6);
  expect(await due(6)).toEqual(['rolledBack v2']);
  expect(await due(7)).toEqual([]);
  alive.delete(6);
  expect(await due(7)).toEqual(['rolledBack v2']);
});

it('who was faster, and is over, has sent it', async () => {
  await noted(await ended(4, 'v1', 'stable'), 4);
  const record = await ended(5, 'v2', 'rolledBack');
  whenAsked = async (run) => {
    whenAsked = undefined;
    // run 7 asks for run 5, which is gone, and has not claimed it yet
    expect(run).toBe(5);
    await noted(record, 6);
  };
  expect(await due(7)).toEqual([]);
});

it('a notification is sent once, and a deployment older than the first notified one is skipped', async () => {
  await ended(3, 'v0', 'stable');
  const record = await ended(4, 'v1', 'stable');
  expect(await due(6)).toEqual([]);
  await noted(record, 4);
  expect([await due(4), await due(6)]).toEqual([[], []]);
});

describe('a channel that was not reached', () => {
  const OTHER = { ...AUDIENCE[0]!, name: 'webhook (OTHER)', address: 'OTHER', secrets: ['OTHER'] } as AlertManifest;
  const BOTH = [...AUDIENCE, OTHER];
  const failed = (record: LedgerRecord, run: number, notified: string[] = []) => notificationLog().add(record, {
    processId: `${run}.1.sender`, notified: notified.map(channelKey), failed: BOTH.map(({ name }) => name).filter((name) => !notified.includes(name)).map(channelKey),
  });
  const channelsDue = async (run: number, audience = BOTH) => (await dueNotifications(context(run), notificationLog(), audience))
    .map(({ audience: channels, notification: { event, release } }) => `${event} ${release?.version}: ${channels.map(({ name }) => name).join()}`);

  it.each(['rolledBack', 'halted'] as const)('gets what was %s from a later run, and the others do not', async (state) => {
    const record = await ended(4, 'v1', state);
    await failed(record, 4, [CHANNEL]);
    clock.advance(60_000);
    expect(await channelsDue(5)).toEqual([`${state} v1: ${OTHER.name}`]);
  });

  it('gets it even if no channel was reached, and nothing was notified before', async () => {
    await failed(await ended(4, 'v1', 'rolledBack'), 4);
    clock.advance(60_000);
    expect(await channelsDue(5)).toEqual([`rolledBack v1: ${CHANNEL},${OTHER.name}`]);
  });

  it('is told when it happened', async () => {
    const record = await ended(4, 'v1', 'halted');
    await failed(record, 4);
    clock.advance(3_600_000);
    const [late] = await dueNotifications(context(5), notificationLog(), BOTH);
    const at = (await ledger().history(record)).at(-1)!.at;
    expect(late!.notification.text).toContain(`This happened at ${at}; it could not be sent before.`);
  });

  it('gets nothing of a good release later, which is no incident', async () => {
    await failed(await ended(4, 'v1', 'stable'), 4);
    clock.advance(60_000);
    expect([await channelsDue(4), await channelsDue(5)]).toEqual([[`deployed v1: ${CHANNEL},${OTHER.name}`], []]);
  });

  it('gets nothing that was sent before it was added', async () => {
    await noted(await ended(4, 'v1', 'rolledBack'), 4);
    clock.advance(60_000);
    expect(await channelsDue(5)).toEqual([]);
  });

  it('is tried less and less often, for a week', async () => {
    const record = await ended(4, 'v1', 'halted');
    for (let run = 4; run < 16; run++) await failed(record, run);
    const times = [60_000, 5 * 3_600_000, 3_600_000, 7 * 24 * 3_600_000];
    const dueAfter: number[] = [];
    for (const ms of times) {
      clock.advance(ms);
      dueAfter.push((await channelsDue(99)).length);
    }
    expect(dueAfter).toEqual([0, 0, 1, 0]);
  });
});

it('several that died: the oldest notification is sent first', async () => {
  await noted(await ended(3, 'v1', 'stable'), 3);
  await ended(4, 'v2', 'rolledBack');
  await ended(5, 'v3', 'halted');
  await ended(6, 'v4', 'stable');
  expect(await due(6)).toEqual(['rolledBack v2', 'halted v3', 'deployed v4']);
});

it('a mark changes nothing of the record: neither its history, nor what GitHub shows', async () => {
  const record = await ended(5, 'v2', 'rolledBack');
  const before = [await ledger().history(record), shown()];
  await noted(record, 5);
  expect([await ledger().history(record), shown()]).toEqual(before);
  expect(await new EnvironmentHistory(ledger(), 'staging').isBlocked(record.release)).toBe(true);
  expect(github.deployments('staging')[0].statuses.at(-1)!.logUrl).toBe(`https://github.com/acme/shop/actions/runs/5/attempts/1#sender,notified=${channelKey(CHANNEL)}`);
});

it('what someone else wrote is no mark', async () => {
  const record = await ended(5, 'v2', 'rolledBack');
  const mark = { state: 'failure' as const, description: 'rolledBack: ', logUrl: `https://github.com/acme/shop/actions/runs/5/attempts/1#x,notified=${channelKey(CHANNEL)}`, creator: 'mallory' };
  github.addStatus(Number(record.id), mark);
  expect(await due(5)).toEqual(['rolledBack v2']);
});

/** A deployment that a run carried to its end. */
async function ended(run: number, version: string, state: State): Promise<LedgerRecord> {
  const record = await ledger().create(newRecord({
    environment: 'staging', run: { id: run, attempt: 1 }, processId: `${run}.1.owner`, release: { version, sha: version.charCodeAt(1).toString(16).padStart(40, 'a') },
  }));
  const path: State[] = state === 'rolledBack' ? ['deploying', 'rollingBack', state] : ['deploying', 'verifying', 'baking', 'confirming', state];
  for (const one of path) await ledger().advance(record, { state: one, note: `it is ${one}`, processId: `${run}.1.owner` });
  clock.advance(60_000);
  return record;
}

function noted(record: LedgerRecord, run: number): Promise<void> {
  return notificationLog().add(record, { processId: `${run}.1.sender`, notified: [channelKey(CHANNEL)] });
}

/** What a run must notify. */
async function due(run: number): Promise<string[]> {
  const found = await dueNotifications(context(run), notificationLog(), AUDIENCE);
  return found.map(({ notification: { event, release } }) => `${event} ${release?.version}`);
}

function context(run: number): RuntimeContext {
  const environment = { name: 'staging', url: 'https://staging.example.com', target: {} } as EnvironmentManifest;
  return {
    clock,
    environment,
    ledger: ledger(),
    manifest: { environments: [environment] } as Partial<Manifest> as Manifest,
    ci: { repository: 'acme/shop' },
    run: { inCi: true, id: run, attempt: 1, processId: `${run}.1.sender`, url: `https://github.com/acme/shop/actions/runs/${run}` },
  } as unknown as RuntimeContext;
}

function ledger(): Ledger {
  const isAlive = async ({ id }: { readonly id: number }) => {
    await whenAsked?.(id);
    return alive.has(id);
  };
  return new Ledger({ eventLog: new GithubEventLog({ api: api() }), isAlive });
}

function notificationLog(): NotificationLog {
  return new NotificationLog(new GithubEventLog({ api: api() }));
}

function api(): GithubApi {
  return new GithubApi({ url: github.url, token: github.token({ deployments: 'write' }), repository: 'acme/shop', clock });
}

/** What a person sees of the newest deployment. */
function shown(): unknown[] {
  const { state, description, environmentUrl } = github.deployments('staging')[0].statuses.at(-1)!;
  return [state, description, environmentUrl];
}
