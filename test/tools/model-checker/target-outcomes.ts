import { ENGINES, Kind } from '../../../tools/model-checker/crashes/pipeline';
import { smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';
import { jobShapes, ofTarget } from '../../../tools/model-checker/outcomes/target-jobs';
import { AT_ONCE, BY_WEIGHT, IN_PLACE } from '../../../tools/model-checker/strategies';

export const PLACE = { deployments: 'https://github.com/acme/deployments' };
const reviewed = smallDeliveries().find(({ name }) => name.startsWith('reviewed change sets'))!;
/** Each engine, with each strategy that it has steps of its own for. */
export const TARGET_KINDS = [
  ...[...IN_PLACE, ...AT_ONCE].flatMap((strategy): Kind[] => [{ strategy, engine: 'kubernetes' }, { strategy, engine: 'githubPages' }]),
  ...[...AT_ONCE, ...BY_WEIGHT].flatMap((strategy): Kind[] => [{ strategy, engine: 'argoRollouts' }, { strategy, engine: 'servers' }]),
  ...AT_ONCE.map((strategy): Kind => ({ strategy, engine: 'servers', caddy: true })),
  ...IN_PLACE.flatMap((strategy): Kind[] => [{ strategy, engine: 'containers' }, { strategy, engine: 'gitOps' }]),
];
/** The jobs of commands, which are explored. A plan that reads the files waits for the build: that is explored with reviewed change sets. */
export function explored(kind: Kind, { readsFiles }: { readonly readsFiles: boolean }): ReturnType<typeof jobShapes> {
  const { deploy, rollback } = jobShapes(ofTarget(kind));
  const { environment_production: plan } = deploy!;
  const { condition, needs } = jobShapes(reviewed).deploy!.environment_production!;
  expect(condition).toBe(plan!.condition);
  return { deploy: { ...deploy, environment_production: { ...plan!, ...(readsFiles && { needs }) } }, rollback: rollback! };
}

export function testTargets(kinds: readonly Kind[]): void {
  const named = kinds.map((kind) => [`${kind.engine}${kind.caddy ? ' behind Caddy' : ''}, ${kind.strategy}`, kind] as const);

  test.each(named)('%s: its jobs come to nothing that the jobs of commands do not come to', (_, kind) => {
    const shapes = jobShapes(ofTarget(kind, ENGINES[kind.engine!].target(kind, PLACE)));
    expect(shapes).toEqual(explored(kind, { readsFiles: kind.engine === 'githubPages' }));
  });
}
