/** What is live before the first change, compared with the records. */
import { InMemoryEnvironment, SECOND, STAGING, V1, V2, V3 } from './in-memory-environment';
import { EnvironmentManifest } from '../../../src/contract/manifest';
import { RuntimeContext } from '../../../src/runtime/context';
import { LiveBefore, liveBefore, nextSlot, strayFault } from '../../../src/runtime/deployment/live-before';
import { makePlan } from '../../../src/runtime/deployment/plan';
import { DeploymentRequest, runDeployment } from '../../../src/runtime/deployment/run-deployment';
import { Observation } from '../../../src/runtime/probing/observation';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { pointerTo, TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';

const SLOTS = {
  strategy: { kind: 'blueGreen', bakeMs: 0, commandTimeoutMs: SECOND, timeBudget: BLUE_GREEN_TIME_BUDGET, candidateUrl: 'https://{slot}.example.com' },
  target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] }, promote: { kind: 'exec', argv: ['env', 'promote'] } },
} as const satisfies Partial<EnvironmentManifest>;

let staging: InMemoryEnvironment;
/** The release that responds to users, and in each slot. */
let served: Record<string, string | undefined>;
beforeEach(() => {
  staging = new InMemoryEnvironment();
  served = {};
});

function context(changes: Partial<RuntimeContext> = {}): RuntimeContext {
  return staging.context({ id: 5, inCi: false }, {
    probe: async (check, { release, slot = 'users' }): Promise<Observation> => {
      const at = staging.clock.now();
      const version = served[slot];
      staging.done.push(`probe ${slot}`);
      if (version === undefined) return { startedAt: at, endedAt: at, outcome: 'unreachable', saw: 'refused' };
      const isNamed = check.kind === 'http' && check.release !== undefined;
      const outcome = !isNamed || version === release.version ? 'healthy' : 'unhealthy';
      return { startedAt: at, endedAt: at, outcome, status: 200, saw: version, ...(isNamed && { release: version }) };
    },
    ...changes,
  });
}

const before = (): Promise<LiveBefore> => staging.clock.run(liveBefore(context(), staging.history, V2));
const fault = async () => strayFault(context(), await staging.history.stable(), await before());
const planned = () => staging.clock.run(makePlan(context(), staging.history, V2));
const ran = (wanted: Partial<DeploymentRequest>) => staging.clock.run(runDeployment(context(), async (history) => (
  { kind: 'deploy', release: V2, stable: await history.stable(), ...wanted }
)));

describe('without a record of Stable', () => {
  it('nothing that responds is no objection', async () => {
    expect(await before()).not.toHaveProperty('stray');
    expect((await planned()).faults).toEqual([]);
  });

  it('a release that responds is adopted first: nothing is changed', async () => {
    served = { users: 'v1' };
    expect(await fault()).toBe('staging: v1 responds, and no release is recorded as Stable. Nothing was changed, because users may be on it. '
      + 'To be able to go back to it, record it first: npx projen delivery adopt staging --release v1 --local');
    expect((await planned()).faults).toEqual([await fault()]);
    await expect(ran({})).rejects.toThrow('v1 responds, and no release is recorded as Stable');
    expect(staging.done.filter((one) => !one.startsWith('probe'))).toEqual([]);
    expect(await staging.attempts()).toEqual([]);
  });

  it('the message names the slot that responds', async () => {
    staging = new InMemoryEnvironment(SLOTS);
    served = { users: 'v1', blue: 'v1', green: 'v0' };
    expect(await fault()).toMatch(/v1 responds on blue, .* adopt staging --release v1 --slot blue --local$/);
  });

  it('a service whose checks do not say which release responds is adopted first, too', async () => {
    staging = new InMemoryEnvironment({ healthChecks: STAGING.healthChecks.map((one) => ({ ...one, release: undefined })) });
    served = { users: 'a placeholder' };
    expect(await fault()).toMatch(/^staging: something responds, .* adopt staging --release VERSION --local \(VERSION is the release that is live\)$/);
  });

  it('in CI the command is for the records of the CI system', async () => {
    served = { users: 'v1' };
    const inCi = staging.context({ id: 5 });
    expect(strayFault(inCi, undefined, { stray: { release: 'v1' }, isStableOverwritten: false })).toMatch(/adopt staging --release v1$/);
  });

  it('the halted release of a first deployment is known: the next one goes to the other slot', async () => {
    staging = new InMemoryEnvironment(SLOTS);
    await staging.record({ release: V1, strategy: 'blueGreen', slot: 'blue' }, 'deploying', 'verifying', 'promoting', 'baking', 'halted');
    served = { users: 'v1', blue: 'v1' };
    expect(await planned()).toMatchObject({ slot: 'green', faults: [] });
  });
});

describe('with Stable on blue', () => {
  beforeEach(async () => {
    staging = new InMemoryEnvironment(SLOTS);
  });
  const stableOn = (slot: string) => staging.record({ release: V1, strategy: 'blueGreen', slot }, ...TO_STABLE);

  it('the next release goes to green', async () => {
    await stableOn('blue');
    served = { users: 'v1', blue: 'v1' };
    expect(await planned()).toMatchObject({ slot: 'green', faults: [] });
  });

  it('another release that responds is no ground to overwrite it, also for a rollback and a drill', async () => {
    await stableOn('blue');
    served = { users: 'v9', green: 'v9', blue: 'v1' };
    expect(await fault()).toBe('staging: v9 responds on green, and the records say that v1 (aaaaaaa, blue) is live. Nothing was changed, because users may be on it. '
      + 'To keep what is live, record it first: npx projen delivery adopt staging --release v9 --slot green --local');
    for (const kind of ['deploy', 'rollback', 'drill'] as const) await expect(ran({ kind, slot: 'green' })).rejects.toThrow('v9 responds on green');
    expect((await planned()).faults).toEqual([await fault()]);
  });

  it('Stable in the other slot is as unknown: that slot would be overwritten', async () => {
    await stableOn('blue');
    served = { users: 'v1', green: 'v1', blue: 'v2' };
    expect(await fault()).toMatch(/v1 responds on green, and the records say that v1 \(aaaaaaa, blue\) is live/);
  });

  it('a release that a cache shows once is no objection', async () => {
    await stableOn('blue');
    let looks = 0;
    Object.defineProperty(served, 'users', { get: () => (looks++ === 0 ? 'v0' : 'v1') });
    served.blue = 'v1';
    expect(await before()).not.toHaveProperty('stray');
  });

  it('a halted release that has the users keeps its slot, and Stable is not looked for where another one is', async () => {
    const stable = await stableOn('blue');
    await staging.record({ release: V3, run: { id: 2, attempt: 1 }, strategy: 'blueGreen', slot: 'green', stable: pointerTo(stable) }, 'deploying', 'verifying', 'promoting', 'halted');
    served = { users: 'v3', green: 'v3', blue: 'v7' };
    expect(await planned()).toMatchObject({ slot: 'blue', faults: [], stable: { release: V1, slot: undefined } });
  });

  it('a release that was rolled back, and got the users late, keeps its slot', async () => {
    const stable = await stableOn('blue');
    await staging.record({ release: V3, run: { id: 2, attempt: 1 }, strategy: 'blueGreen', slot: 'green', stable: pointerTo(stable) }, ...TO_ROLLED_BACK);
    served = { users: 'v3', green: 'v3', blue: 'v1' };
    expect(await planned()).toMatchObject({ slot: 'blue', faults: [], alreadyLive: false });
    expect(await nextSlot(context(), staging.history, await before())).toBe('blue');
  });
});
