/**
 * The outcomes are explored with commands as the target. Here: that a target with a driver adds none. Its jobs have the same conditions, needs and
 * outputs, so a promotion in slots on a cluster, an abort of Argo's, a Pages build without an end or a batch that stops half way are the
 * events of a command: it succeeded, failed, or was stopped.
 */
import { Registry, Target } from '../../../src';
import { ENGINES, Kind } from '../../../tools/model-checker/crashes/pipeline';
import { smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';
import { missedEvents } from '../../../tools/model-checker/outcomes/place';
import { jobShapes, ofTarget } from '../../../tools/model-checker/outcomes/target-jobs';
import { AT_ONCE, BY_WEIGHT, IN_PLACE } from '../../../tools/model-checker/strategies';

const PLACE = { deployments: 'https://github.com/acme/deployments' };
const reviewed = smallDeliveries().find(({ name }) => name.startsWith('reviewed change sets'))!;
const kinds = [
  ...[...IN_PLACE, ...AT_ONCE].flatMap((strategy): Kind[] => [{ strategy, engine: 'kubernetes' }, { strategy, engine: 'githubPages' }]),
  ...[...AT_ONCE, ...BY_WEIGHT].flatMap((strategy): Kind[] => [{ strategy, engine: 'argoRollouts' }, { strategy, engine: 'servers' }]),
  ...AT_ONCE.map((strategy): Kind => ({ strategy, engine: 'servers', caddy: true })),
  ...IN_PLACE.flatMap((strategy): Kind[] => [{ strategy, engine: 'containers' }, { strategy, engine: 'gitOps' }]),
];
const named = kinds.map((kind) => [`${kind.engine}${kind.caddy ? ' behind Caddy' : ''}, ${kind.strategy}`, kind] as const);

/** Of commands. A plan that reads the files waits for the build: that is explored with reviewed change sets. */
function explored(kind: Kind, { readsFiles }: { readonly readsFiles: boolean }): ReturnType<typeof jobShapes> {
  const { deploy, rollback } = jobShapes(ofTarget(kind));
  const { environment_production: plan } = deploy!;
  const { condition, needs } = jobShapes(reviewed).deploy!.environment_production!;
  expect(condition).toBe(plan!.condition);
  return { deploy: { ...deploy, environment_production: { ...plan!, ...(readsFiles && { needs }) } }, rollback: rollback! };
}

test.each(named)('%s: its jobs come to nothing that the jobs of commands do not come to', (_, kind) => {
  const shapes = jobShapes(ofTarget(kind, ENGINES[kind.engine!].target(kind, PLACE)));
  expect(shapes).toEqual(explored(kind, { readsFiles: kind.engine === 'githubPages' }));
});

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
