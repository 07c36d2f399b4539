import { RunSpec } from './pipeline';
import { A, B, H, lost, Make, scenario } from './scenarios';
import { TargetBehaviour } from './target-kinds';

const WATCH: RunSpec = { name: 'W', id: 180, kind: 'watch', version: 'v1' };

/** A deployment alone, beside a rollback by hand, and with the watch beside them, in a target of this kind; its runner may be lost. */
function of({ target }: Required<Pick<TargetBehaviour, 'target'>>) {
  const named = (make: Make): Make => (strategy) => ({ ...make(strategy), name: `${target}: ${make(strategy).name}` });
  return {
    lost: named(lost('A.deploy', { runs: [A], target })),
    lostBad: named(lost('A.deploy', { runs: [A], target, behaviours: { v2: 'badLive' } })),
    byHand: named(scenario('a deploy and a rollback by hand', { runs: [A, H], target, looks: 'whole' })),
    lostByHand: named(lost('A.deploy', { runs: [A, H], target })),
    lostNewer: named(lost('A.deploy', { target })),
    watched: named(lost('A.deploy', { runs: [A, H, WATCH], target })),
    workflows: named(scenario('two deploys of two workflows', { runs: [A, B], groups: false, looks: 'whole', target })),
  } satisfies Record<string, Make>;
}

export const TARGETS = { pointer: of({ target: 'pointer' }), hosts: of({ target: 'hosts' }), engine: of({ target: 'engine' }) };

type Name = keyof ReturnType<typeof of>;
/** Explored to the end. */
export const COMPLETE = ['byHand', 'workflows'] as const satisfies readonly Name[];
/** Too many states for a bound to come to an end: walked at random. */
export const AT_RANDOM = ['lostByHand', 'lostNewer', 'watched'] as const satisfies readonly Name[];
