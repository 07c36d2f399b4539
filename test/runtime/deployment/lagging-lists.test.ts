/** GitHub may list what was written half a minute late: that turns no job red, and no job takes a record that lags for one that is missing. */
import { InMemoryEnvironment, SECOND, V1, V2 } from './in-memory-environment';
import { monitor } from '../../../src/runtime/commands/monitor';
import { runDeployment } from '../../../src/runtime/deployment/run-deployment';
import { TO_STABLE } from '../ledger/records';

let staging: InMemoryEnvironment;
let errors: string[];
beforeEach(async () => {
  staging = new InMemoryEnvironment();
  errors = [];
  await staging.record({ release: V1 }, ...TO_STABLE);
  await staging.clock.run(staging.clock.sleep(3600 * SECOND));
});

function context(processId: string, deployed = false, interrupted = new AbortController().signal) {
  const made = staging.context({ id: 5, processId, deployed }, { interrupted });
  return { ...made, log: { ...made.log, error: (title: string, text: string) => void errors.push(`${title}: ${text}`) } };
}

const deploys = () => staging.clock.run(runDeployment(context('5.1.deploys'), async (history) => ({ kind: 'deploy', release: V2, stable: await history.stable() })));
const monitors = (deployed = true) => staging.clock.run(monitor.run([context('5.1.monitors', deployed)], { flags: {}, json: false }));

it.each([5, 30, 55])('a deployment becomes Stable although lists lag %i s', async (seconds) => {
  staging.eventLog.lagMs = seconds * SECOND;
  expect([await deploys(), await monitors(), errors]).toEqual([0, 0, []]);
  expect(staging.outputs).toMatchObject({ state: 'stable', completed_attempt: '1' });
  staging.eventLog.lagMs = 0;
  expect(await staging.attempts()).toEqual(['v1 stable', 'v2 stable']);
});

it('a monitor waits for a record that is listed only half a minute after it began', async () => {
  const began = staging.clock.now();
  expect(await deploys()).toBe(0);
  const done = staging.clock.now();
  staging.eventLog.lagMs = done - began + 30 * SECOND;
  expect([await monitors(), errors]).toEqual([0, []]);
  expect(staging.clock.now() - done).toBeGreaterThanOrEqual(30 * SECOND);
  expect(staging.outputs).toMatchObject({ state: 'stable' });
});

it('a record that is never listed is waited for, for a minute, and then the next job reads it again', async () => {
  await deploys();
  staging.eventLog.lagMs = 1800 * SECOND;
  const began = staging.clock.now();
  expect(await monitors()).toBe(1);
  expect(staging.clock.now() - began).toBe(60 * SECOND);
  expect(errors).toEqual(['The record of this deployment is not in the ledger yet: staging: the next job reads it again.']);
});

it('a run that deployed nothing waits for nothing', async () => {
  const began = staging.clock.now();
  expect(await monitors(false)).toBe(0);
  expect(staging.clock.now()).toBe(began);
});

it('a monitor that is interrupted waits no longer', async () => {
  await deploys();
  staging.eventLog.lagMs = 1800 * SECOND;
  const began = staging.clock.now();
  expect(await staging.clock.run(monitor.run([context('5.1.monitors', true, AbortSignal.abort())], { flags: {}, json: false }))).toBe(1);
  expect(staging.clock.now()).toBe(began);
});
