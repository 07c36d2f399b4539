/** What the ledger says of an environment before the watch probes it. */
import { HealthCheckManifest } from '../../../src/contract/manifest';
import { State } from '../../../src/runtime/deployment/state-machine';
import { beforeStable, checkOn, environmentStatus, isSameStatus, watchedChecks } from '../../../src/runtime/monitoring/environment-status';
import { InMemoryEnvironment, V1, V2, V3 } from '../deployment/in-memory-environment';
import { pointerTo, TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';

let staging: InMemoryEnvironment;
beforeEach(() => {
  staging = new InMemoryEnvironment();
});

const context = () => staging.context({ id: 9 });
const status = () => environmentStatus(context());

it('is empty before anything was verified', async () => {
  expect(await status()).toEqual({ kind: 'empty', stable: undefined, newest: undefined });
});

it.each<[State[], 'stable' | 'unknown']>([
  [TO_STABLE, 'stable'], [TO_ROLLED_BACK, 'stable'], [['failed'], 'stable'],
  // nobody knows which release users see
  [['deploying', 'halted'], 'unknown'], [['deploying', 'verifying'], 'unknown'],
])('after %j it is %s', async (states, kind) => {
  await staging.left({}, ...states);
  expect((await status()).kind).toBe(kind);
});

it('is changing while a run is at work', async () => {
  await staging.left({}, 'deploying');
  staging.alive.add(2);
  expect((await status()).kind).toBe('changing');
});

it('is the same until a deployment is recorded, or goes on', async () => {
  const record = await staging.left({}, 'deploying');
  const before = await status();
  expect(isSameStatus(before, await status())).toBe(true);
  await staging.ledger.advance(record, { state: 'verifying', note: '', processId: record.processId });
  const after = await status();
  await staging.record({ release: V3, run: { id: 3, attempt: 1 } }, 'verifying');
  expect([isSameStatus(before, after), isSameStatus(after, await status())]).toEqual([false, false]);
});

it('knows the release before Stable, unless that is blocked or the newest record does not say', async () => {
  const first = await staging.record({ release: V1 }, ...TO_STABLE);
  expect(await beforeStable(context(), await status())).toBe('none');
  const second = await staging.record({ release: V2, stable: pointerTo(first), run: { id: 2, attempt: 1 } }, ...TO_STABLE);
  expect(await beforeStable(context(), await status())).toEqual(V1);
  await staging.record({ release: V3, stable: pointerTo(second), run: { id: 3, attempt: 1 } }, ...TO_ROLLED_BACK);
  expect(await beforeStable(context(), await status())).toBe('unknown');
});

describe('the checks of the watch', () => {
  const [health] = new InMemoryEnvironment().manifest.environments[0].healthChecks;
  const named = (name: string, change: object = {}) => ({ ...health, name, ...change }) as HealthCheckManifest;

  it('are those of the environment that are not for deployments only, and its own', () => {
    const healthChecks = [named('health'), named('smoke', { gateOnly: true })];
    const environment = { ...staging.manifest.environments[0], healthChecks, watchChecks: [named('certificate')] };
    expect(watchedChecks(environment).map(({ name }) => name)).toEqual(['health', 'certificate']);
  });

  it('accept any release where it is not known which one is live, also in a group', () => {
    const group = named('either', { kind: 'anyOf', checks: [named('a')] });
    expect(checkOn({ kind: 'stable' }, group)).toEqual(group);
    expect(checkOn({ kind: 'unknown' }, group)).toEqual({ ...group, checks: [{ ...named('a'), release: undefined }] });
  });
});
