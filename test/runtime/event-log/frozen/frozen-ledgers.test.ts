/** What versions wrote, read by this one and by one with the next schema: Stable, blocks, freezes, alerts and previews are as they were. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factsOf } from './facts';
import { FrozenGithub, FrozenResponses } from './frozen-github';
import { Logs } from './story';
import { loadNext, loadNextWithoutUpgrader, loadToday, Version } from './versions';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';
import { newRecord } from '../../ledger/records';

type Place = 'file' | 'github';

const FROZEN = readdirSync(__dirname).filter((name) => name.startsWith('schema-'));
const PLACES = FROZEN.flatMap((schema) => (['file', 'github'] as const).map((place) => [schema, place] as const));

let versions: { readonly today: Version; readonly next: Version; readonly forgetful: Version };
let folder: string;
let github: FrozenGithub;
beforeAll(async () => {
  const [today, next, forgetful] = await Promise.all([loadToday(), loadNext(), loadNextWithoutUpgrader()]);
  versions = { today, next, forgetful };
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-frozen-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await github?.stop();
});

function frozen<T>(schema: string, file: string): T {
  return JSON.parse(readFileSync(join(__dirname, schema, file), 'utf8')) as T;
}

function inFiles({ FileEventLog }: Version): Logs {
  const clock = new InstantClock();
  return { deployments: new FileEventLog({ path: join(folder, 'ledger.json'), clock }), alerts: new FileEventLog({ path: join(folder, 'alerts.json'), clock }) };
}

function atGithub({ GithubApi, GithubEventLog }: Version, { url, token = 'frozen' }: { readonly url: string; readonly token?: string }): Logs {
  const log = new GithubEventLog({ api: new GithubApi({ url, token, repository: 'acme/shop', clock: new InstantClock() }) });
  return { deployments: log, alerts: log };
}

async function open(schema: string, place: Place, version: Version): Promise<Logs> {
  if (place === 'file') {
    for (const file of ['ledger.json', 'alerts.json']) copyFileSync(join(__dirname, schema, file), join(folder, file));
    return inFiles(version);
  }
  github = await FrozenGithub.start(frozen<FrozenResponses>(schema, 'github.json'));
  return atGithub(version, github);
}

describe.each(PLACES)('%s in %s', (schema, place) => {
  const facts = frozen<Record<Place, unknown>>(schema, 'facts.json')[place];

  it.each(['today', 'next'] as const)('is read by the version %s as it was read when it was written', async (name) => {
    const version = versions[name];
    expect(await factsOf(version, await open(schema, place, version))).toEqual(facts);
  });

  it('needs the upgrader: without one the next version would not read it', async () => {
    const logs = await open(schema, place, versions.forgetful);
    expect(await factsOf(versions.forgetful, logs).catch(() => 'an error')).not.toEqual(facts);
  });
});

describe('what the next version writes', () => {
  const stableOf = async ({ EnvironmentHistory, Ledger }: Version, { deployments }: Logs) => (
    new EnvironmentHistory(new Ledger({ eventLog: deployments, isAlive: async () => false }), 'staging').stable()
  );

  /** A deployment that became Stable, with the history before it. */
  async function ship({ EnvironmentHistory, Ledger }: Version, { deployments }: Logs, version: string): Promise<void> {
    const ledger = new Ledger({ eventLog: deployments, isAlive: async () => false });
    const history = new EnvironmentHistory(ledger, 'staging');
    const [stable, carried] = [await history.stable(), await history.carriedOn()];
    const record = await ledger.create(newRecord({ release: { version, sha: 'f'.repeat(40) }, stable, carried }));
    for (const state of ['deploying', 'verifying', 'stable'] as const) await ledger.advance(record, { state, note: '', processId: record.processId });
  }

  it('goes on after what this one wrote in a file, which this one then leaves alone: it names the version that is needed', async () => {
    const { next, today } = versions;
    await ship(next, await open('schema-1', 'file', next), 'v100');
    expect((await stableOf(next, inFiles(next)))?.release.version).toBe('v100');
    const before = readFileSync(join(folder, 'ledger.json'), 'utf8');
    const needed = `the ledger ${join(folder, 'ledger.json')} was written by projen-delivery 9.8.7 (schema 2, which this one, 0.0.0, does not know), so nothing is changed. Update projen-delivery to 9.8.7 or later on this branch and run \`npx projen\`.`;
    await expect(stableOf(today, inFiles(today))).rejects.toThrow(needed);
    await expect(ship(today, inFiles(today), 'v101')).rejects.toThrow('9.8.7 or later');
    expect(readFileSync(join(folder, 'ledger.json'), 'utf8')).toBe(before);
  });

  it('goes on at GitHub in records of both schemas, also in one that this one began', async () => {
    const { next, today } = versions;
    const standIn = await GithubStandIn.start({ repository: 'acme/shop' });
    const token = standIn.token({ deployments: 'write' });
    const at = (version: Version) => atGithub(version, { url: standIn.url, token });
    await ship(today, at(today), 'v1');
    const ledger = new today.Ledger({ eventLog: at(today).deployments, isAlive: async () => false });
    const left = await ledger.create(newRecord({ release: { version: 'v2', sha: '2'.repeat(40) } }));
    await ledger.advance(left, { state: 'deploying', note: '', processId: left.processId });

    const nextLedger = new next.Ledger({ eventLog: at(next).deployments, isAlive: async () => false });
    await nextLedger.advance(left, { state: 'verifying', note: '', processId: '9.1.next', takenFrom: left.processId });
    expect((await nextLedger.history(left)).map(({ state }) => state)).toEqual(['pending', 'deploying', 'verifying']);
    // the process that was thought to be gone, and its version
    await expect(ledger.history(left)).rejects.toThrow(/an entry of a record of deployments \(status \d+\) was written by projen-delivery 9.8.7 \(schema 2/);

    for (const state of ['baking', 'stable'] as const) await nextLedger.advance(left, { state, note: '', processId: '9.1.next' });
    await ship(next, at(next), 'v3');
    expect((await stableOf(next, at(next)))?.release.version).toBe('v3');
    const before = standIn.deployments().length;
    await expect(stableOf(today, at(today))).rejects.toThrow('9.8.7 or later');
    await expect(ship(today, at(today), 'v4')).rejects.toThrow('9.8.7 or later');
    expect(standIn.deployments()).toHaveLength(before);
    await standIn.stop();
    expect(standIn.violations).toEqual([]);
  });
});
