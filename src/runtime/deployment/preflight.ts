import { requireAlarms } from './alarms';
import { formatDuration } from '../../contract/duration-text';
import { ArtifactManifest, secretsOf } from '../../contract/manifest';
import { ArtifactError, ConfigurationError } from '../errors';
import { missingPrograms } from './missing-programs';
import { Standing } from '../ledger/entries';
import { NewRecord, RecordKind } from '../ledger/record';
import { NPX } from './phases/command';
import { movesUsersFirst, restoresFiles, restoresImage, restoringNeedsFiles, restoringNeedsImage } from './restore-needs';
import { environmentWithoutOurs } from '../processes/command-environment';
import { Release } from '../release';
import { FINAL_STATES, State } from './state-machine';
import { RuntimeContext } from '../context';
import { requireImage } from '../images/image-presence';
import { driverOf } from '../targets/driver-registry';
import { EngineError, mayPass } from '../targets/engine-error';
import { FastPath } from '../targets/target-driver';

type PreflightRequest = Pick<NewRecord, 'kind' | 'release' | 'stable' | 'slot'> & { readonly isRollbackPointGone?: boolean };

/**
 * Makes sure before the first change that everything the deployment and its rollback need is on this machine: an outage elsewhere must not
 * prevent a rollback. Returns what the engine's driver noted for it. Throws `ConfigurationError`; then nothing was changed.
 */
export async function preflight(context: RuntimeContext, request: PreflightRequest): Promise<FastPath | undefined> {
  const { log } = context;
  log.group('Prepare: files, secrets and tools for the deployment and its rollback');
  try {
    requirePrograms(context, request.kind);
    requireSecrets(context);
    await requireAlarms(context, request.kind);
    await requireBuilt(context, request);
    await warmUp(context);
    return await requireEngine(context, request);
  } finally {
    log.endGroup();
  }
}

/** The engine accepts the settings, and can restore Stable. */
async function requireEngine(
  context: RuntimeContext, { isRollbackPointGone, kind, release, ...request }: PreflightRequest,
): Promise<FastPath | undefined> {
  const driver = driverOf(context);
  if (!driver) return undefined;
  // the plan warned of what is gone, or of a target that cannot go back
  const stable = isRollbackPointGone || context.environment.target.noRollback !== undefined ? undefined : request.stable;
  const intent = { kind, release, stable: stable?.release, slot: request.slot };
  await driver.preflight(intent);
  const fastPath = await driver.fastPath?.(intent);
  context.log.line(`${driver.place} is ready${stable ? `, and ${stable.release.version} can be restored` : ''}`);
  return fastPath;
}

/** What was built for the release is there, and what a rollback needs. */
async function requireBuilt(context: RuntimeContext, { kind, release, stable, slot, isRollbackPointGone }: PreflightRequest): Promise<void> {
  const { artifact, image } = context.manifest;
  if (image && (kind !== 'rollback' || restoringNeedsImage(context))) await requireImage(context, release);
  if (artifact && (kind !== 'rollback' || restoringNeedsFiles(context))) await requireFiles(context, artifact, release);
  // a rollback by hand that fails is not undone, and the plan warned of what is gone
  if (kind !== 'deploy' || stable === undefined || isRollbackPointGone) return;
  if (restoresImage(context, stable, slot)) await requireImage(context, stable.release);
  if (artifact && restoresFiles(context, stable, slot)) await requireFiles(context, artifact, stable.release);
}

/** Fails at once: a probe without its secret cannot succeed, so the deployment would be halted. */
export function requireProbeSecrets(context: RuntimeContext): void {
  requireValues(context, context.environment.healthChecks.flatMap(secretsOf));
}

function requirePrograms(context: RuntimeContext, kind: RecordKind): void {
  const missing = missingPrograms(context, kind);
  if (missing.length > 0) throw new ConfigurationError(`${missing.join('.\n')}. Nothing was changed.`);
}

function requireSecrets(context: RuntimeContext): void {
  const names = [...new Set([...context.environment.secrets, ...context.environment.healthChecks.flatMap(secretsOf)])];
  requireValues(context, names);
  if (names.length > 0) context.log.line(`secrets: ${names.join(', ')} are set`);
}

function requireValues(context: RuntimeContext, names: string[]): void {
  const { environment, processEnv } = context;
  const missing = names.filter((name) => !processEnv[name]);
  if (missing.length > 0) {
    throw new ConfigurationError(`${environment.name}: no value for ${missing.join(', ')}. Set it as a secret of the environment; nothing was changed.${missing.map((name) => helpFor(context, name)).join('')}`);
  }
}

function helpFor(context: RuntimeContext, name: string): string {
  const help = driverOf(context)?.secretHelp?.(name);
  return help === undefined ? '' : ` ${help}.`;
}

async function requireFiles(context: RuntimeContext, { paths }: ArtifactManifest, release: Release): Promise<void> {
  if (!release.artifact || release.artifact.image !== undefined) {
    throw new ConfigurationError(`no files are known of ${release.version}, though this project deploys ${paths.join(', ')}; nothing was changed.`);
  }
  await provideFiles(context, release);
}

/** Fetches the release's files if they are not here. Throws `ArtifactError`. */
async function provideFiles({ artifacts, clock, log, manifest }: RuntimeContext, { artifact, version }: Release): Promise<void> {
  if (!manifest.artifact || !artifact) return;
  const startedAt = clock.now();
  const isFetched = await artifacts.provide(artifact);
  const fetched = isFetched ? `artifact ${artifact.id} fetched in ${formatDuration(clock.now() - startedAt)}, ` : '';
  log.line(`files of ${version}: ${fetched}sha256 ${artifact.digest.slice(0, 12)} verified`);
}

/** In these states nothing was deployed, so a rollback needs no files. */
const NOTHING_PLACED: readonly State[] = ['pending', 'migrating', ...FINAL_STATES];

/**
 * Makes sure that what the recovery of a deployment needs is on this machine, before the lease is taken. Throws `ArtifactError` if a later
 * attempt may succeed; then the deployment is not changed.
 *
 * @param isDispensable whether to recover it even without its files
 */
export async function preflightRecovery(context: RuntimeContext, { record, state }: Standing, isDispensable: boolean): Promise<void> {
  const { kind, release, slot, stable } = record;
  if (!NOTHING_PLACED.includes(state)) await checkEngine(context, isDispensable || state === 'confirming');
  const toStable = stable && restoresFiles(context, stable, slot) ? stable.release : undefined;
  const restored = kind !== 'rollback' ? toStable : restoringNeedsFiles(context) ? release : undefined;
  if (!restored || NOTHING_PLACED.includes(state)) return;
  try {
    await provideFiles(context, restored);
  } catch (error) {
    // a deployment that lacks only its confirmation rarely needs files
    const goesOn = isDispensable || state === 'confirming' || movesUsersFirst(context);
    if (!(error instanceof ArtifactError) || !(error.isGone || goesOn)) throw error;
    context.log.warning(`The files of ${restored.version} are not here`, error.message);
  }
}

/** A rollback that an unreachable engine fails would be halted for good: the next process may reach it. */
async function checkEngine(context: RuntimeContext, goesOn: boolean): Promise<void> {
  const driver = driverOf(context);
  try {
    await driver?.checkReachable();
  } catch (error) {
    if (!(error instanceof EngineError) || (!goesOn && mayPass(error))) throw error;
    context.log.warning(`${driver!.place} cannot be read`, error.message);
  }
}

async function warmUp({ environment, execute, processEnv, log }: RuntimeContext): Promise<void> {
  const { warmUp: command } = environment.target;
  if (!command) return;
  const env = { ...environmentWithoutOurs(processEnv, environment), ...NPX };
  const result = await execute(command, { env, timeoutMs: environment.strategy.commandTimeoutMs });
  if (result.outcome !== 'succeeded') {
    throw new ConfigurationError(
      `${environment.name}: the target's commands cannot run on this machine (see above); nothing was changed. Add the set-up they need as setupSteps; toolchainSteps replace what is set up by itself.`,
    );
  }
  log.line(`the target's tool is ready (${formatDuration(result.durationMs)})`);
}
