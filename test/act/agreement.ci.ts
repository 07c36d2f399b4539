/**
 * The shop's synthesized workflow, executed by two engines: ours and act. Both must bring every release to the same end.
 * Not part of `npm test`: .ci/second-engine installs act and says where it is in $ACT.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActEngine } from './act-engine';
import { Engine } from './engine';
import { ExecutorEngine } from './executor-engine';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { shortenTimes } from '../e2e/short-times';
import { prepareShop, ReleaseKind, ShopWorkspace } from '../examples/workspace';

/** What the environment and its ledger look like when a run is over. */
interface End {
  readonly results: Record<string, string>;
  /** Which of the releases so far users reach, counted from 0. */
  readonly live: number;
  /** The states that the run's deployment went through, as the ledger has them: one that takes it over says its state again. */
  readonly states: string[];
}

const NOT_REQUESTED = { environment_production: 'skipped', deploy_production: 'skipped', monitor_production: 'skipped', rollback_production: 'skipped' };
const GREEN = {
  ...NOT_REQUESTED, build: 'success', environment_staging: 'success', deploy_staging: 'success', monitor_staging: 'success', rollback_staging: 'skipped',
};
const RED = { ...GREEN, deploy_staging: 'failure', monitor_staging: 'failure' };
const TO_USERS = ['deploying', 'verifying', 'promoting', 'baking'];

/** One release after the other, each on top of what the one before left. */
const STORY: [ReleaseKind, End][] = [
  ['good', { results: GREEN, live: 0, states: [...TO_USERS, 'confirming', 'stable'] }],
  ['good', { results: GREEN, live: 1, states: [...TO_USERS, 'confirming', 'stable'] }],
  ['bad', { results: RED, live: 1, states: [...TO_USERS, 'rollingBack', 'rolledBack'] }],
  ['stale', { results: RED, live: 1, states: ['deploying', 'verifying', 'rollingBack', 'rolledBack'] }],
  ['good', { results: GREEN, live: 4, states: [...TO_USERS, 'confirming', 'stable'] }],
];

const ENGINES: Record<string, (options: { root: string; repository: string; api: GithubStandIn }) => Promise<Engine>> = {
  'our executor': async (options) => new ExecutorEngine(options),
  'act': (options) => ActEngine.create({ ...options, act: process.env.ACT ?? 'act' }),
};

describe.each(Object.keys(ENGINES))('executed by %s', (name) => {
  let root: string;
  let shop: ShopWorkspace;
  let api: GithubStandIn;
  let engine: Engine;
  const versions: string[] = [];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'delivery-second-engine-'));
    shop = await prepareShop({ root });
    shortenTimes(shop.repository);
    await shop.commit('chore: short times for the tests');
    api = await GithubStandIn.start({ repository: 'acme/shop' });
    engine = await ENGINES[name]({ root, repository: shop.repository, api });
    await shop.start();
  });

  afterAll(async () => {
    await shop.stop();
    await engine.stop();
    await api.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test.each(STORY)('a release that is %s comes to its end', async (kind, end) => {
    const { sha, version } = await shop.commitRelease(kind);
    versions.push(version);
    const { results, log } = await engine.push('refs/heads/main', sha);
    const reached: End = { results, live: versions.indexOf(await served()), states: statesOfNewest() };
    expect({ ...reached, ...shown(reached, end, log) }).toEqual(end);
    expect(api.violations).toEqual([]);
  });

  async function served(): Promise<string> {
    const response = await fetch(`${shop.machine('staging').url}/health`);
    return ((await response.json()) as { version: string }).version;
  }

  function statesOfNewest(): string[] {
    const states = api.deployments('staging')[0].statuses.map(({ description }) => /^\w+/.exec(description)?.[0] ?? '');
    return states.filter((state, i) => state !== states[i - 1]);
  }
});

/** The log belongs to a difference, and to nothing else. */
function shown(reached: End, end: End, log: string): { log?: string } {
  return JSON.stringify(sorted(reached)) === JSON.stringify(sorted(end)) ? {} : { log };
}

function sorted({ results, ...rest }: End): unknown {
  return { ...rest, results: Object.entries(results).sort() };
}
