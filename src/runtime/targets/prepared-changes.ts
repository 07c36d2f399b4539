import { driverOf } from './driver-registry';
import { EngineError } from './engine-error';
import { PlannedChanges } from './planned-changes';
import { RuntimeContext } from '../context';
import { ArtifactError, ConfigurationError } from '../errors';
import { Release } from '../release';

/** What the plan prepared for the approval, or why it could not. */
export interface Preparation {
  readonly changes: PlannedChanges;
  readonly notes: readonly string[];
  /** What the deployment needs; undefined if there is a fault. */
  readonly review?: string;
  /** A reason not to deploy, with its fix. */
  readonly fault?: string;
}

/**
 * Prepares the changes that a person approves; undefined where the target prepares none. On a laptop no one approves a deployment: its plan prepares nothing.
 */
export async function preparedChanges(context: RuntimeContext, release: Release): Promise<Preparation | undefined> {
  const { clock, environment, run } = context;
  const driver = driverOf(context);
  if (!driver?.prepare || !run.inCi) return undefined;
  try {
    const prepared = await driver.prepare(release, clock.now() + environment.strategy.commandTimeoutMs);
    return prepared && { changes: { kind: 'known', changes: prepared.changes }, notes: prepared.notes, review: prepared.review };
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof ArtifactError || error instanceof ConfigurationError)) throw error;
    const fix = error instanceof EngineError && ['signedOut', 'accessDenied'].includes(error.kind) ? ' Give this job a role that may prepare change sets: planRole in Login.aws.' : '';
    const fault = `the changes could not be prepared for the approval: ${error.message.replace(/\.?$/, '.')}${fix}`;
    return { changes: { kind: 'unknown', why: 'they could not be prepared' }, notes: [], fault };
  }
}
