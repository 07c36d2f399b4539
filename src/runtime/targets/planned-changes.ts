import { driverOf } from './driver-registry';
import { EngineError } from './engine-error';
import { readFix, withFix } from './read-fix';
import { PlannedChange } from './target-driver';
import { RuntimeContext } from '../context';
import { ArtifactError } from '../errors';
import { Release } from '../release';

/** What a deployment would change in the engine, as far as it can be known. */
export type PlannedChanges =
  | { readonly kind: 'known'; readonly changes: readonly PlannedChange[] }
  | { readonly kind: 'unknown'; readonly why: string };

/** A plan is shown soon: an engine that does not respond is not waited for. */
const PATIENCE_MS = 60_000;

/** Reads them with the driver; undefined where the target's changes are not known before a deployment at all. */
export async function plannedChanges(context: RuntimeContext, release: Release): Promise<PlannedChanges | undefined> {
  const driver = driverOf(context);
  if (!driver?.changes) return undefined;
  if (context.manifest.artifact && !release.artifact) return { kind: 'unknown', why: beside(context) };
  try {
    return { kind: 'known', changes: await driver.changes(release, context.clock.now() + PATIENCE_MS) };
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof ArtifactError)) throw error;
    return { kind: 'unknown', why: withFix(error.message, error instanceof EngineError ? readFix(context, error.kind) : '') };
  }
}

function beside({ environment: { target: { driver } } }: RuntimeContext): string {
  const isOffEks = (driver?.kind === 'kubernetes' || driver?.kind === 'kubernetesSlots') && driver.eksCluster === undefined;
  return `this job runs beside the build, because it is not signed in: set ${isOffEks ? 'kubeconfigSecret and monitorEnvironment' : 'readRole in Login.aws'}`;
}

const LOSSES: readonly PlannedChange['kind'][] = ['removed', 'replaced', 'changedPerhapsReplaced'];

/** Warns of what a rollback does not restore. */
export function dataWarnings(planned: PlannedChanges | undefined): string[] {
  if (planned?.kind !== 'known') return [];
  return planned.changes.filter(({ isStateful, kind }) => isStateful && LOSSES.includes(kind)).map(({ kind, properties, type, what }) => {
    const how = kind === 'removed' ? 'is removed' : `${kind === 'replaced' ? 'is' : 'may be'} replaced (${properties.join(', ')})`;
    return `${what} (${type}) ${how}: a rollback does not restore its data`;
  });
}
