/**
 * Change sets that are reviewed, from the first change to the end: the plan is killed at every call of the engine, the deployment at every change and before the call
 * after it. A deployment that dies before a later read leaves the same.
 */
import { ReviewWorld } from './aws-cdk-review-world';
import { CdkFaultKind } from '../../../tools/aws-cdk-stand-in/stand-in';
import { Behaviour } from '../../runtime/world';

jest.setTimeout(1_200_000);

let jobs: ReviewWorld;
afterEach(() => jobs.cdk.world.destroy());

interface Point {
  readonly on: string;
  readonly nth: number;
  readonly how: CdkFaultKind;
}

const CHANGES = /^(cdk (deploy|prepare)|cancel|continue|rollback|execute|delete)/;

/** The calls from the first change on, each with the ways to die there. */
function pointsIn(calls: readonly string[], reads: 'every read' | 'the read after a change'): Point[] {
  const first = calls.findIndex((call) => CHANGES.test(call));
  return calls.flatMap((on, i) => {
    const isRead = !CHANGES.test(on);
    if (i < first || (isRead && reads === 'the read after a change' && !CHANGES.test(calls[i - 1] ?? ''))) return [];
    const nth = calls.slice(0, i + 1).filter((call) => call === on).length;
    const ways: CdkFaultKind[] = isRead ? ['killed'] : ['killed', 'appliedKilled'];
    return ways.map((how) => ({ on, nth, how }));
  });
}

it('the plan: killed at any call, nothing changes for users, and the next attempt prepares what is executed', async () => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  jobs.aws.fails();
  await jobs.plan(jobs.build('v2'));
  const points = pointsIn(jobs.aws.calls, 'every read');
  expect(points.map(({ on }) => on)).toEqual(expect.arrayContaining(['cdk prepare', 'describe-change-set', 'list-change-sets']));
  let [killed, stable] = [0, 'v1'];
  for (const [i, point] of points.entries()) {
    const version = `v${i + 3}`;
    const run = jobs.build(version);
    jobs.aws.fails(point);
    const first = await jobs.plan(run);
    jobs.aws.fails();
    const where = `${point.how} at ${point.on} ${point.nth}`;
    expect([where, jobs.aws.served]).toEqual([where, stable]);
    if (first.code === null) killed += 1;
    const plan = first.code === null ? await jobs.plan(run, 2) : first;
    expect([where, plan.code]).toEqual([where, 0]);
    expect([where, (await jobs.deploy(run, plan, 2)).code]).toEqual([where, 0]);
    await jobs.monitor(run);
    await jobs.cdk.stands(version);
    stable = version;
  }
  expect(killed).toBe(points.length);
});

it.each<[string, Behaviour]>([['a good release', 'good'], ['a bad release', 'bad']])('the deployment of %s: killed at any call, it ends verified, and the next run begins from there', async (_, behaviour) => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  const example = jobs.build('v2', behaviour);
  const plan = await jobs.plan(example);
  jobs.aws.fails();
  const ended = await jobs.deploy(example, plan);
  const points = pointsIn(jobs.aws.calls, 'the read after a change');
  if (ended.code === 0) await jobs.monitor(example);
  expect(points.map(({ on }) => on)).toContain('execute-change-set');
  let killed = 0;
  for (const [i, point] of points.entries()) {
    const before = (await jobs.cdk.status()).stable!.version;
    const version = `v${i + 3}`;
    const run = jobs.build(version, behaviour);
    const prepared = await jobs.plan(run);
    jobs.aws.fails(point);
    const { code } = await jobs.deploy(run, prepared);
    jobs.aws.fails();
    if (code === null) {
      killed += 1;
      await jobs.recover(run);
    } else if (code === 0) {await jobs.monitor(run);}
    const { last, stable } = await jobs.cdk.status();
    const where = `${point.how} at ${point.on} ${point.nth}`;
    expect([where, last?.state === 'stable' || last?.state === 'rolledBack']).toEqual([where, true]);
    expect([where, [before, version].includes(stable!.version)]).toEqual([where, true]);
    await jobs.cdk.stands(stable!.version);
  }
  expect(killed).toBeGreaterThan(points.length / 2);
});
