/** A health check that the live release fails, too: it cannot pass, so nothing is changed. */
import { InMemoryEnvironment, SECOND, STAGING, V1, V2 } from './in-memory-environment';
import { HttpCheckManifest } from '../../../src/contract/manifest';
import { Run } from '../../../src/runtime/ci/run';
import { drill } from '../../../src/runtime/commands/drill';
import { RuntimeContext } from '../../../src/runtime/context';
import { makePlan, Plan } from '../../../src/runtime/deployment/plan';
import { fingerprint } from '../../../src/runtime/probing/check-fingerprint';
import { Outcome } from '../../../src/runtime/probing/observation';
import { TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';

const HEALTH = STAGING.healthChecks[0] as HttpCheckManifest;
const READY: HttpCheckManifest = {
  ...HEALTH, name: 'ready', url: 'https://example.com/ready', failureThreshold: 3, json: [{ path: 'status', equals: 'ok' }], release: undefined,
};
const LAPTOP = { id: 5, inCi: false };
const MESSAGE = 'staging: ready (https://example.com/ready): the live release fails this check, too: the check or its URL is wrong. '
  + 'From v1 (aaaaaaa) it got unhealthy, 3 times in a row, and it expects a status of 200 to 299, and "ok" as status of the JSON body. Nothing was changed. '
  + 'Correct the check in .projenrc, run npx projen, and try it: npx projen delivery check staging. '
  + 'If v2 brings what the check asks for, deploy it before you add the check';

let staging: InMemoryEnvironment;
/** What each probe of a check sees, by the check's name; the last one repeats. */
let seen: Record<string, Outcome[]>;
beforeEach(() => {
  seen = {};
  staging = new InMemoryEnvironment({ healthChecks: [HEALTH, READY] });
});

function context(run: Pick<Run, 'id'> & Partial<Run> = LAPTOP, changes: Partial<RuntimeContext> = {}): RuntimeContext {
  const probe: RuntimeContext['probe'] = async ({ name }, { release: { version } }) => {
    const [now, left] = [staging.clock.now(), seen[name] ?? []];
    staging.done.push(`${name} ${version}`);
    const outcome = (left.length > 1 ? left.shift() : left[0]) ?? 'healthy';
    return { startedAt: now, endedAt: now, outcome, saw: outcome, ...(name === 'health' && version === 'v1' && { release: version }) };
  };
  return staging.context(run, { probe, ...changes });
}
const planned = (run?: Pick<Run, 'id'> & Partial<Run>, changes?: Partial<RuntimeContext>): Promise<Plan> => (
  staging.clock.run(makePlan(context(run, changes), staging.history, V2))
);
/** v1 is Stable, verified by these checks. */
const verifiedBy = (...checks: HttpCheckManifest[]) => staging.record({ release: V1, checks: checks.map(fingerprint) }, ...TO_STABLE);

describe('a check that did not verify Stable', () => {
  it.each<[Outcome]>([['unhealthy'], ['unreachable']])('and that Stable fails (%s) is refused before any change, with what it got and what it expects', async (outcome) => {
    await verifiedBy(HEALTH);
    seen.ready = [outcome];
    const { faults } = await planned();
    expect(faults).toEqual([`${MESSAGE.replace('got unhealthy', `got ${outcome}`)}; or: npx projen delivery deploy staging --release v2 --even-if-live-fails`]);
  });

  it('in CI, the message names no option', async () => {
    await verifiedBy(HEALTH);
    seen.ready = ['unhealthy'];
    expect((await planned({ id: 5 })).faults).toEqual([`${MESSAGE}.`]);
  });

  it('is no fault where a person knows that the release brings what it asks for, or that Stable is down', async () => {
    await verifiedBy(HEALTH);
    seen.ready = ['unhealthy'];
    expect((await planned(LAPTOP, { allowsFailingLive: true })).faults).toEqual([]);
  });

  it('is no fault if it passes once, or if only this machine cannot see', async () => {
    await verifiedBy(HEALTH);
    seen.ready = ['unhealthy', 'unreachable', 'healthy'];
    expect((await planned()).faults).toEqual([]);
    seen.ready = ['blind'];
    expect((await planned()).faults).toEqual([]);
  });

  it('stops a drill as well', async () => {
    await verifiedBy(HEALTH);
    seen.ready = ['unhealthy'];
    const work = drill.run([context()], { json: false, flags: {} });
    await expect(staging.clock.run(work)).rejects.toThrow('staging: ready (https://example.com/ready): the live release fails this check, too');
    expect(await staging.attempts()).toEqual(['v1 stable']);
  });

  it('after a rollback, when Stable is live again', async () => {
    const stable = await verifiedBy(HEALTH);
    const pointer = await staging.history.stable();
    expect(pointer).toMatchObject({ recordId: stable.id, checks: [fingerprint(HEALTH)] });
    await staging.record({ release: V2, run: { id: 2, attempt: 1 }, stable: pointer }, ...TO_ROLLED_BACK);
    seen.ready = ['unhealthy'];
    expect((await staging.clock.run(makePlan(context(), staging.history, { version: 'v3', sha: 'c'.repeat(40) }))).faults).toEqual([expect.stringContaining('the live release fails this check, too')]);
  });
});

describe('is not asked', () => {
  const isNotAsked = async () => {
    seen.ready = ['unhealthy'];
    expect((await planned()).faults).toEqual([]);
    expect(staging.done.filter((one) => one === 'ready v1').length).toBeLessThanOrEqual(1);
  };

  it('a check that has verified Stable: Stable is down, and the next release may be the cure', async () => {
    await verifiedBy(HEALTH, READY);
    await isNotAsked();
  });

  it('a check whose times changed, or its name', async () => {
    await verifiedBy(HEALTH, { ...READY, name: 'readiness', intervalMs: 60 * SECOND, deadlineMs: 1, successThreshold: 9, failureThreshold: 9 });
    await isNotAsked();
  });

  it('where nothing is Stable, where another release may be live, or where the record does not say what verified it', async () => {
    await isNotAsked();
    await staging.record({ release: V1 }, ...TO_STABLE);
    await isNotAsked();
    staging = new InMemoryEnvironment({ healthChecks: [HEALTH, READY] });
    await verifiedBy(HEALTH);
    await staging.record({ release: { version: 'v0', sha: 'd'.repeat(40) }, run: { id: 2, attempt: 1 }, stable: await staging.history.stable() }, 'deploying', 'verifying', 'halted');
    await isNotAsked();
  });
});

it.each<[string, Partial<HttpCheckManifest>]>([
  ['URL', { url: 'https://example.com:8443/ready' }], ['condition', { json: [{ path: 'state', equals: 'ok' }] }], ['time limit', { timeoutMs: 1 }],
])('a check with another %s is another one', (_, change) => {
  expect(fingerprint({ ...READY, ...change })).not.toBe(fingerprint(READY));
});
