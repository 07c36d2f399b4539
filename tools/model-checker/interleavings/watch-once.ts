import type { Dispatched } from './request';
import { Command } from '../../../src/runtime/commands/command';
import type { RuntimeContext } from '../../../src/runtime/context';
import { confirm } from '../../../src/runtime/deployment/confirmation';
import { checkKey, DEPLOYMENT_KEY } from '../../../src/runtime/monitoring/alert-entry';
import { AutomaticRollback, AutomaticRollbackOptions, Cause } from '../../../src/runtime/monitoring/automatic-rollback';
import { EnvironmentStatus, environmentStatus, isSameStatus } from '../../../src/runtime/monitoring/environment-status';

/** What a process in the model has beside the rest: the watch starts a workflow. */
export interface Dispatching extends RuntimeContext {
  readonly dispatch: (dispatch: Dispatched) => Promise<void>;
}

/**
 * A scheduled watch with automatic rollback, as far as it decides about deployments: one response is an alert that fires, and
 * alerts are kept nowhere. What it confirms, what it takes back and to which release is the runtime's own code.
 */
export const watch: Pick<Command, 'run'> = {
  run: async ([given]) => {
    const context = given as Dispatching;
    const status = await confirmed(context);
    const cause = await causeIn(context, status);
    if (cause) await rollbackOf(context).consider(cause);
    return cause ? 1 : 0;
  },
};

/** As `EnvironmentWatch` does: what merely lacks its confirmation, and whose run is gone, is confirmed here. */
async function confirmed(context: RuntimeContext): Promise<EnvironmentStatus> {
  const status = await environmentStatus(context);
  if (status.kind !== 'unknown' || status.newest?.state !== 'confirming') return status;
  await confirm(context, status.newest);
  return environmentStatus(context);
}

async function causeIn(context: RuntimeContext, status: EnvironmentStatus): Promise<Cause | undefined> {
  const cause = (key: string): Cause => ({ key, status, why: 'the model', alerts: ALERTS });
  if (status.kind === 'unknown') return cause(DEPLOYMENT_KEY);
  if (status.kind !== 'stable' || !status.stable) return undefined;
  const [check] = context.environment.healthChecks;
  const { outcome } = await context.probe(check!, { release: status.stable.release });
  if (outcome === 'healthy') return undefined;
  // the verdict does not apply to a later deployment
  return isSameStatus(status, await environmentStatus(context)) ? cause(checkKey(check!.name)) : undefined;
}

const ALERTS = { rollbackClaims: () => 0, claimRollback: async () => true } as unknown as Cause['alerts'];

function rollbackOf(context: Dispatching): AutomaticRollback {
  const dispatch: AutomaticRollbackOptions['dispatch'] = {
    // no run was started before
    started: async () => [],
    start: async ({ inputs, workflow }) => {
      await context.dispatch({ release: inputs.release!, from: inputs.from_deployment ?? '' });
      return { url: workflow };
    },
    runUrl: String,
  };
  return new AutomaticRollback({ context, withinMs: Infinity, dispatch });
}
