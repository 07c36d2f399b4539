/** What a deployment would do, and the reasons against it: decided from the ledger and the configuration. */
import { hold, InMemoryEnvironment, SECOND, V1, V2, V3 } from './in-memory-environment';
import { EnvironmentManifest, TriggerManifest } from '../../../src/contract/manifest';
import { Run } from '../../../src/runtime/ci/run';
import { RuntimeContext } from '../../../src/runtime/context';
import { nextSlot } from '../../../src/runtime/deployment/live-before';
import { freeze, isLive, laterRunFault, makePlan, Plan, rootTrigger } from '../../../src/runtime/deployment/plan';
import { State } from '../../../src/runtime/deployment/state-machine';
import { Release } from '../../../src/runtime/release';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { newRecord, pointerTo, release, TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';

const OURS = { id: 5 };
const TAG: TriggerManifest = { kind: 'tag', pattern: 'v*' };

let staging: InMemoryEnvironment;
beforeEach(() => {
  staging = new InMemoryEnvironment();
});

function planned(wanted: Release, run: Pick<Run, 'id'> & Partial<Run> = OURS, changes: Partial<RuntimeContext> = {}): Promise<Plan> {
  return makePlan(staging.context(run, changes), staging.history, wanted);
}

/** Adds an environment before `staging`, and changes that. */
function after(name: string, changes: Partial<EnvironmentManifest>): void {
  const [environment] = staging.manifest.environments;
  staging = Object.assign(new InMemoryEnvironment(), {
    manifest: { ...staging.manifest, environments: [{ ...environment, ...changes }, { ...environment, name, trigger: TAG }] },
  });
}

describe('the plan', () => {
  it('of a first deployment has nothing to go back to', async () => {
    expect(await planned(V1)).toMatchObject({ release: V1, stable: undefined, alreadyLive: false, isRollbackPointGone: false, faults: [] });
    expect((await planned(V1)).rollbackPoint).toContain('none: no release was verified here yet');
  });

  it('goes back to Stable', async () => {
    const stable = await staging.record({ release: V1 }, ...TO_STABLE);
    expect(await planned(V2)).toMatchObject({ stable: { recordId: stable.id }, rollbackPoint: 'v1 (aaaaaaa) is deployed again', faults: [] });
  });

  it('says that the files of Stable are gone: a bad release would be halted', async () => {
    staging.manifest = { ...staging.manifest, artifact: { paths: ['dist'] } };
    await staging.record({ release: release('v1', 'a', '1') }, ...TO_STABLE);
    const gone = { artifacts: { exists: async ({ digest }: { digest: string }) => digest[0] !== '1' } } as unknown as RuntimeContext['ci'];
    expect(await planned(release('v2', 'b', '2'), OURS, { ci: gone })).toMatchObject({ isRollbackPointGone: true, rollbackPoint: expect.stringContaining('are gone') as string });
    expect(await planned(release('v2', 'b', '2'))).toMatchObject({ isRollbackPointGone: false });
  });

  it('shows a runtime that does not match its manifest', async () => {
    expect((await planned(V1, OURS, { mismatch: 'the runtime was changed' })).faults).toEqual(['the runtime was changed']);
  });

  it.each<[Run['ref'], string | undefined]>([
    [{ type: 'tag', name: 'v2' }, undefined],
    [{ type: 'tag', name: 'x2' }, 'the tag x2 does not deploy to staging'],
    [{ type: 'branch', name: 'main' }, 'the branch main does not deploy to staging'],
    [undefined, undefined],
  ])('of the ref %j: %s', async (ref, notNow) => {
    expect(await planned(V2, { ...OURS, ref })).toMatchObject({ notNow, faults: [] });
  });
});

describe('a release that is live already', () => {
  it('has nothing to do, whatever else is against it', async () => {
    staging.manifest = { ...staging.manifest, environments: [{ ...staging.manifest.environments[0], freezes: [ALWAYS] }] };
    await staging.record({ release: V1, run: { id: 9, attempt: 1 } }, ...TO_STABLE);
    const { alreadyLive, faults, frozen } = await planned(V1);
    expect([alreadyLive, faults, frozen]).toEqual([true, [], undefined]);
  });

  it.each<[State[], boolean]>([
    [['deploying', 'rollingBack', 'rolledBack'], true], [['failed'], true], [['superseded'], true], [['deploying', 'halted'], false], [['deploying'], false],
  ])(
    'is Stable after a later attempt that was %j: %s', async (states, alreadyLive) => {
      await staging.left({}, ...states);
      expect([await isLive(staging.history), (await planned(V1)).alreadyLive]).toEqual([alreadyLive, alreadyLive]);
    },
  );

  it.each<[string, Release, boolean]>([
    ['is served by the engine, too', V1, true], ['was not changed by hand: then the engine serves another one', V3, false],
  ])('%s', async (_, { sha, version }, alreadyLive) => {
    const driver = { kind: 'lambda', functionName: 'shop', alias: 'live', code: 'shop.zip' } as const;
    staging = new InMemoryEnvironment({ target: { deploy: { kind: 'driver', call: 'deploy' }, driver } });
    await staging.record({ release: V1 }, ...TO_STABLE);
    // the alias, and the version that it points at, as the AWS CLI prints them
    const engine: RuntimeContext['execute'] = async (_command, { capture }) => {
      capture!.output(JSON.stringify({ version: '7', revisionId: 'r', description: `delivery ${version} ${sha}` }));
      return { outcome: 'succeeded', durationMs: 0 };
    };
    const plan = await planned(V1, OURS, { execute: engine });
    expect(plan.alreadyLive).toBe(alreadyLive);
    expect(plan.changedByHand).toEqual(alreadyLive ? undefined : expect.stringContaining('serves v3 (ccccccc, version 7), and the ledger says v1 (aaaaaaa)'));
  });

  it('is known by its files; beside the build by its commit', async () => {
    await staging.record({ release: release('v1', 'a', '1') }, ...TO_STABLE);
    const plans = await Promise.all([release('v1', 'a', '1'), release('v1', 'a', '2'), release('v1', 'a')].map((one) => planned(one)));
    expect(plans.map(({ alreadyLive }) => alreadyLive)).toEqual([true, false, true]);
  });
});

describe('a deployment is refused', () => {
  const faultsOf = async (wanted: Release, run: Pick<Run, 'id'> = OURS) => (await planned(wanted, run)).faults;

  it('if the release was rolled back here', async () => {
    await staging.left({}, ...TO_ROLLED_BACK);
    expect(await faultsOf(V2)).toEqual([expect.stringContaining('v2 (bbbbbbb) was rolled back on staging before')]);
    expect(await faultsOf(V3)).toEqual([]);
  });

  it('with the files of a release that was rolled back here', async () => {
    await staging.record({ release: release('v2', 'b', '2') }, ...TO_ROLLED_BACK);
    expect(await faultsOf(release('v3', 'c', '2'))).toEqual([expect.stringContaining('v3 (ccccccc) has the same files as v2 (bbbbbbb), which was rolled back')]);
  });

  it('if its run is older than that of what is there', async () => {
    await staging.record({ release: V1, run: { id: 9, attempt: 1 } }, ...TO_STABLE);
    // its version is lower, too: one fault is enough
    expect(await faultsOf(release('v0', 'd'))).toEqual([expect.stringContaining('run 9 is newer than this one (5) and put v1 on staging')]);
  });

  it('if a person requested another release since its run began', async () => {
    await hold(staging, 9);
    expect(await faultsOf(V2)).toEqual([expect.stringContaining('grace requested v1 on staging (run 9), so runs that began before, such as this one (5)')]);
    expect(await faultsOf(V2, { id: 10 })).toEqual([]);
  });

  it('with one reason, if the rollback that a person requested was done', async () => {
    await hold(staging, 9);
    await staging.record({ kind: 'rollback', release: V1, run: { id: 9, attempt: 1 } }, ...TO_STABLE);
    expect(await faultsOf(V2)).toEqual([expect.stringContaining('run 9 is newer than this one')]);
  });

  it('if it lowers the version, unless that is allowed', async () => {
    await staging.record({ release: V2 }, ...TO_STABLE);
    expect(await faultsOf(V1)).toEqual([expect.stringContaining('v1 is a lower version than v2, which is Stable on staging')]);
    const [environment] = staging.manifest.environments;
    staging.manifest = { ...staging.manifest, environments: [{ ...environment, allowDowngrade: true }] };
    expect(await faultsOf(V1)).toEqual([]);
  });

  it.each<[string, boolean | undefined, boolean]>([['1.0.0-rc.1', undefined, true], ['1.0.0-rc.1', true, false], ['1.0.0', undefined, false]])(
    'if it is a prerelease, unless prereleases are intended: %s, %s', async (version, prereleases, isRefused) => {
      const [environment] = staging.manifest.environments;
      staging.manifest = { ...staging.manifest, environments: [{ ...environment, trigger: { kind: 'release', ...(prereleases && { prereleases }) } as TriggerManifest }] };
      expect(await faultsOf(release(version, 'a'))).toEqual(isRefused ? [expect.stringContaining('is a prerelease, and staging takes none')] : []);
    },
  );

  it('if it was rolled back on the environment before', async () => {
    after('test', { trigger: { kind: 'after', environment: 'test' } });
    await staging.record({ environment: 'test', release: V2 }, ...TO_ROLLED_BACK);
    expect(await faultsOf(V2)).toEqual([expect.stringContaining('v2 (bbbbbbb) was rolled back on test, which comes before staging')]);
    expect(await faultsOf(V3)).toEqual([]);
  });

  it('if it was not verified on the environment that is required', async () => {
    after('test', { trigger: { kind: 'tag', pattern: 'v*', requires: 'test' } });
    expect(await faultsOf(V2)).toEqual([expect.stringContaining('v2 (bbbbbbb) was not verified on test, which staging requires')]);
    await staging.record({ environment: 'test', release: V2 }, ...TO_STABLE);
    expect(await faultsOf(V2)).toEqual([]);
  });
});

describe('what was built for an environment before', () => {
  const [verified, builtAgain] = [release('v2', 'b', '2'), release('v2', 'b', '3')];
  beforeEach(async () => {
    after('test', { trigger: { kind: 'tag', pattern: 'v*', requires: 'test' } });
    await staging.record({ environment: 'test', release: verified }, ...TO_STABLE);
  });

  it.each<[string, Release]>([['nothing', release('v2', 'b')], ['other files', builtAgain]])('is what is deployed, if this run built %s', async (_, wanted) => {
    expect((await planned(wanted)).release).toEqual(verified);
  });

  it('must still be there', async () => {
    const gone = { artifacts: { exists: async () => false } } as unknown as RuntimeContext['ci'];
    expect((await planned(release('v2', 'b'), OURS, { ci: gone })).faults).toEqual([expect.stringContaining('so staging cannot get what was verified')]);
    expect((await planned(release('v2', 'b'))).faults).toEqual([]);
  });
});

describe('a run whose id is smaller, and that began later', () => {
  const fault = (id = 5) => laterRunFault(staging.context({ id }), staging.history);

  it.each<[string, number | undefined, number | undefined, boolean]>([
    ['the other one began later', 1, 2, true],
    ['this one began later', 2, 1, false],
    ['both began at the same time', 1, 1, false],
    ['it is not known when this one began', undefined, 2, false],
    ['it is not known when the other one began', 1, undefined, false],
    ['what is there was recorded before this one began', 9e15, 9e15 + 1, false],
  ])('is refused only if the other one began later: %s', async (_, ours, theirs, isRefused) => {
    await staging.record({ release: V1, run: { id: 4, attempt: 1 } }, ...TO_STABLE);
    staging.beganAt = async (id) => (id === 4 ? theirs : ours);
    expect(await fault()).toEqual(isRefused ? expect.stringContaining('run 4 began after this one (5), though its id is smaller, and put v1 on staging') : undefined);
  });

  it('is not asked for where ids always increase, or about this run itself', async () => {
    await staging.record({ release: V1, run: { id: 4, attempt: 1 } }, ...TO_STABLE);
    expect(await fault()).toBeUndefined();
    staging.beganAt = async (id) => id;
    expect(await fault(4)).toBeUndefined();
  });

  it('may follow a drill that rolled back: it changed nothing', async () => {
    await staging.left({ kind: 'drill', run: { id: 4, attempt: 1 } }, ...TO_ROLLED_BACK);
    staging.beganAt = async (id) => (id === 4 ? 2 : 1);
    expect(await fault()).toBeUndefined();
  });
});

const ALWAYS = { kind: 'between', from: '2020-01-01T00:00', until: '2099-01-01T00:00', timeZone: 'UTC', reason: 'holidays' } as const;

describe('a freeze', () => {
  beforeEach(() => {
    staging = new InMemoryEnvironment({ freezes: [ALWAYS] });
  });
  const frozen = () => freeze(staging.context(OURS), staging.history);

  it('stops a deployment until it ends, and says why', async () => {
    expect(await frozen()).toEqual({ frozen: 'until 2099-01-01 00:00 UTC (holidays)' });
    expect(await planned(V2)).toMatchObject({ frozen: 'until 2099-01-01 00:00 UTC (holidays)', faults: [] });
  });

  it('does not stop a run that has something to recover', async () => {
    await staging.left({}, 'deploying');
    expect(await frozen()).toEqual({});
  });

  it('is lifted by a person', async () => {
    await staging.ledger.create(newRecord({ kind: 'override', by: 'grace', reason: 'a fix' }));
    expect(await frozen()).toEqual({ override: 'grace lifted the freeze: a fix' });
  });

  it('is over at its end', async () => {
    await staging.clock.run(staging.clock.sleep(Date.UTC(2099, 0, 1) - staging.clock.now() - SECOND));
    expect(await frozen()).toMatchObject({ frozen: expect.any(String) as string });
    await staging.clock.run(staging.clock.sleep(SECOND));
    expect(await frozen()).toEqual({});
  });
});

describe('the trigger of an environment', () => {
  const named = (name: string, trigger: TriggerManifest) => ({ ...staging.manifest.environments[0], name, trigger });
  const follows = (environment: string): TriggerManifest => ({ kind: 'after', environment });
  const rootOf = (...environments: EnvironmentManifest[]) => (
    rootTrigger({ environment: environments.at(-1)!, manifest: { ...staging.manifest, environments } })
  );

  it('is that of the first one that it follows', () => {
    expect(rootOf(named('a', TAG), named('b', follows('a')), named('c', follows('b')), named('d', follows('c')))).toEqual(TAG);
  });

  it('ends in a manifest with a cycle', () => {
    expect(rootOf(named('a', follows('b')), named('b', follows('a'))).kind).toBe('after');
  });
});

describe('the slot of the next release', () => {
  const slots = { strategy: { kind: 'blueGreen', bakeMs: 0, commandTimeoutMs: SECOND, timeBudget: BLUE_GREEN_TIME_BUDGET } } as const;
  const next = (slot?: string) => nextSlot(staging.context(OURS), staging.history, { slot });

  it('is none without slots', async () => {
    expect(await next()).toBeUndefined();
  });

  it('is the one without traffic: as the ledger says, unless what is live shows it', async () => {
    staging = new InMemoryEnvironment(slots);
    const record = await staging.record({ release: V1, strategy: 'blueGreen', slot: 'green' }, ...TO_STABLE);
    expect(pointerTo(record).slot).toBe('green');
    expect(await next()).toBe('blue');
    expect(await next('blue')).toBe('green');
  });
});
