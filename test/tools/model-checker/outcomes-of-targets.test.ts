/**
 * The outcomes are explored with commands as the target. Here: that a target with a driver adds none. Its jobs have the same conditions, needs and
 * outputs, so a promotion in slots on a cluster, an abort of Argo's, a Pages build without an end or a batch that stops half way are the
 * events of a command: it succeeded, failed, or was stopped. Each engine once; with each of its strategies: outcomes-of-targets.ci.ts.
 */
import { explored, PLACE, TARGET_KINDS, testTargets } from './target-outcomes';
import { Registry, Target } from '../../../src';
import { ENGINES, Kind } from '../../../tools/model-checker/crashes/pipeline';
import { missedEvents } from '../../../tools/model-checker/outcomes/place';
import { jobShapes, ofTarget } from '../../../tools/model-checker/outcomes/target-jobs';

testTargets(TARGET_KINDS.filter(({ engine }, index) => TARGET_KINDS.findIndex((one) => one.engine === engine) === index));

test('a registry: its jobs come to nothing that the jobs of commands without a rollback do not come to', () => {
  const kind: Kind = { strategy: 'redeploy', oneWay: true };
  const registry = Target.registry({ registry: Registry.pypi({ packageName: 'acme-shop', directory: 'dist' }) });
  expect(jobShapes(ofTarget(kind, registry))).toEqual(explored(kind, { readsFiles: false }));
});

test('a job with another condition, need or output is noticed', () => {
  const kind: Kind = { strategy: 'redeploy', engine: 'githubPages' };
  const delivery = ofTarget(kind, ENGINES.githubPages.target(kind, PLACE));
  const [, { jobs }] = delivery.workflows[0]!;
  const shapes = jobShapes(delivery);
  const { if: condition, needs } = jobs.deploy_production!;
  for (const changed of [{ if: `${condition} || always()` }, { needs: [...needs ?? [], 'other'] }, { outputs: {} }]) {
    Object.assign(jobs, { deploy_production: { ...jobs.deploy_production, if: condition, needs, ...changed } });
    expect(jobShapes(delivery)).not.toEqual(shapes);
  }
});

test('no event of the state machine is missed: each leads where one leads that is explored', () => {
  expect(missedEvents()).toEqual([]);
  expect(missedEvents('unrecorded')).toEqual(['migrating: unrecorded', 'verifying: unrecorded']);
});
