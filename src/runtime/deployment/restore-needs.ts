import { RuntimeContext } from '../context';
import { StablePointer } from '../ledger/record';
import { imageOf } from '../release';
import { restoreSteps, strategyOf } from '../strategies/rollout-strategy';

/** The drivers whose place keeps the files of releases. */
const KEEPERS: readonly string[] = ['gitOps', 'servers', 'serverContainers', 'serverSlots'];

type OfEnvironment = Pick<RuntimeContext, 'environment'>;
type Restoring = Pick<RuntimeContext, 'environment' | 'manifest'>;

/** Whether a rollback needs the files of Stable. */
export function restoresFiles(context: Restoring, stable: StablePointer, slot: string | undefined): boolean {
  return context.manifest.artifact !== undefined && (deploysAgain(context, stable, slot) || restoresByFiles(context));
}

/** Whether the driver's own way back reads them: what the slots or a Rollout share is in the manifests only. */
function restoresByFiles({ environment: { target: { driver, noRollback, rollback } } }: OfEnvironment): boolean {
  return rollback?.kind === 'driver' && noRollback === undefined && (driver?.kind === 'kubernetes' || driver?.kind === 'kubernetesSlots');
}

/** Whether the driver's own way back moves users before it reads files. */
export function movesUsersFirst({ environment: { target } }: OfEnvironment): boolean {
  return target.driver?.kind === 'kubernetesSlots';
}

/** Whether a rollback needs the image of Stable. */
export function restoresImage(context: Restoring, stable: StablePointer, slot: string | undefined): boolean {
  // what no delivery built, the engine has
  if (!context.manifest.image || (stable.release.engineId !== undefined && imageOf(stable.release) === undefined)) return false;
  return deploysAgain(context, stable, slot) || (context.environment.target.rollback !== undefined && restoringNeedsImage(context));
}

/** Whether what restores a release pulls its image. A driver that moves back to files, which the engine still has, does not. */
export function restoringNeedsImage(context: OfEnvironment): boolean {
  const { driver, rollback } = context.environment.target;
  // the cluster pulls it again
  if (rollback?.kind !== 'driver' || driver?.kind === 'gitOps') return true;
  return restoringNeedsFiles(context) && driver?.kind !== 'staticSite' && driver?.kind !== 'githubPages' && driver?.kind !== 'npm' && !(driver?.kind === 'lambda' && driver.code !== undefined);
}

/**
 * Whether what restores a release by hand needs its files on this machine. Hosts keep them, also those that no delivery made, or images or
 * containers, and the driver fetches what one of them lacks. A repository that a controller follows has them in its history.
 */
export function restoringNeedsFiles({ environment: { target: { driver, rollback } } }: OfEnvironment): boolean {
  return !(rollback?.kind === 'driver' && KEEPERS.includes(driver?.kind ?? ''));
}

/** Whether a rollback deploys Stable again. */
export function deploysAgain({ environment }: OfEnvironment, stable: StablePointer, slot: string | undefined): boolean {
  if (environment.target.rollback || environment.target.noRollback !== undefined) return false;
  return restoreSteps(strategyOf(environment), { slot, stableSlot: stable.slot, trafficMoved: true }).some(({ action }) => action === 'deploy');
}
