import { SynthesizedDelivery, small } from './deliveries';
import { Artifact, Target, Trigger } from '../../../src';
import { environment } from '../../../test/test-project';
import { ENGINES, Kind } from '../crashes/pipeline';
import { OneWayTarget } from '../one-way-target';
import { hasSlots, hasWeights, strategyOf } from '../strategies';

/** A delivery to a target, or to commands that do the same. */
export function ofTarget({ engine, oneWay, strategy }: Kind, target?: Target): SynthesizedDelivery {
  const commands = Target.commands({ deploy: 'true', ...(hasSlots(strategy) && (hasWeights(strategy) ? { setWeight: 'true' } : { promote: 'true' })) });
  const hasImages = engine !== undefined && ENGINES[engine].hasImages === true;
  return small(`${engine}, ${strategy}`, {
    target: target ?? (oneWay ? new OneWayTarget(commands) : commands),
    // a target of files has its own
    ...(hasImages ? { artifact: Artifact.image({ repository: 'ghcr.io/acme/shop' }) } : target === undefined && { artifact: { paths: ['site'] } }),
    environments: [environment('production', { trigger: Trigger.tag('v*'), strategy: strategyOf(strategy) })],
  });
}

export interface JobShape {
  readonly condition?: string;
  readonly needs: unknown;
  readonly outputs: unknown;
  /** Its GitHub environment: whether it may need an approval. */
  readonly place: unknown;
  readonly steps: unknown;
}

/** All that the outcomes of a delivery depend on, by workflow and job: conditions, needs, outputs, and what commands read of other jobs. */
export function jobShapes({ workflows }: SynthesizedDelivery): Record<string, Record<string, JobShape>> {
  return Object.fromEntries(workflows.map(([name, { jobs }]) => [name, Object.fromEntries(Object.entries(jobs).map(([id, job]) => {
    const { environment: place, if: condition, needs, outputs = {}, steps = [] } = job;
    // steps that set something up have no condition of their own, or one of a step before them
    const commands = steps.filter(({ id: step }) => COMMANDS.includes(step ?? ''));
    const shapes = commands.map(({ id: step, if: when, env = {} }) => ({ step, when, deployed: env.DELIVERY_DEPLOYED, state: env.DELIVERY_STATE }));
    return [id, { condition, needs, outputs, place, steps: shapes }];
  }))]));
}

const COMMANDS = ['plan', 'deploy', 'monitor', 'rollback', 'recover', 'hold', 'unblock', 'adopt', 'resolve', 'unfreeze'];
