import { DeploymentInProgress, PhaseResult } from './phase';
import { formatDuration } from '../../../contract/duration-text';
import { DriverCall, EnvironmentManifest, TargetCommandManifest } from '../../../contract/manifest';
import { ArtifactError, ConfigurationError, InterruptedError } from '../../errors';
import { OutsideFault } from '../../outside-fault';
import { CommandResultError } from '../../processes/command-result';
import { commandEnvironment, CommandResult } from '../../processes/user-command';
import { Release } from '../../release';
import { unlessEjected } from '../../reporting/command-line';
import { driverOf } from '../../targets/driver-registry';
import { EngineError, outsideFaultOf } from '../../targets/engine-error';
import { describeLive, liveRelease, serves } from '../../targets/live-release';

/** What a command of the target must achieve. */
export interface Request {
  /** For the log: `deploy`, `promote`, `rollback`. */
  readonly name: string;
  readonly command: TargetCommandManifest;
  /** The release that must be live when the command ends. */
  readonly release: Release;
  readonly slot?: string;
  /** The share of the traffic for the slot, in per cent. */
  readonly weight?: number;
  /** Set only in a rollback: the release being left. */
  readonly rollbackFrom?: Release;
  /** The file the command may write its result into. */
  readonly resultFile?: string;
  /** How long it may take. @default - the strategy's time limit of a command */
  readonly timeoutMs?: number;
}

/** What a command needs to know of its deployment. */
export type CommandOf = Pick<DeploymentInProgress, 'context' | 'record' | 'state'>;

/** Turns invalid files or results of a phase into a failed command, so that the rollout continues with its rollback. */
export async function failing(work: () => Promise<PhaseResult>): Promise<PhaseResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ArtifactError || error instanceof CommandResultError) return { event: 'commandFailed', note: error.message };
    throw error;
  }
}

/** npx uses the packages of the warm-up, without the registry and without a prompt. */
export const NPX = { npm_config_prefer_offline: 'true', npm_config_yes: 'true' };

/** EX_TEMPFAIL of sysexits.h: a command says that it failed for something other than the release. */
const TEMPORARY_FAILURE = 75;

/** Runs one command of the target, with the environment's configuration in its process environment. */
export async function runTargetCommand(deployment: CommandOf, request: Request): Promise<PhaseResult> {
  const { environment, execute, processEnv } = deployment.context;
  const timeoutMs = timeLimitOf(deployment, request);
  if (request.command.kind === 'driver') return callDriver(deployment, request, request.command.call);
  const result = await execute(request.command, {
    env: {
      ...commandEnvironment(processEnv, {
        environment,
        release: request.release,
        slot: request.slot,
        weight: request.weight,
        stable: deployment.record.stable?.release,
        rollbackFrom: request.rollbackFrom,
        resultFile: request.resultFile,
      }),
      ...NPX,
    },
    timeoutMs,
  });
  const isOutside = result.outcome === 'failed' && result.exitCode === TEMPORARY_FAILURE;
  return { event: eventOf(result), note: noteOf(request.name, result, timeoutMs), ...(isOutside && { fault: 'unavailable' }) };
}

/** A call of the driver has the result that a command of the target would have: the state machine knows no difference. */
async function callDriver(deployment: CommandOf, request: Request, call: DriverCall): Promise<PhaseResult> {
  const { context, record } = deployment;
  const { name, release, rollbackFrom, slot, weight } = request;
  const { clock, environment } = context;
  const driver = driverOf(context);
  if (!driver) throw new ConfigurationError(`${environment.name}: the manifest names no driver for ${name}. ${unlessEjected('Run npx projen', 'Restore .projen/delivery.json')}.`);
  const startedAt = clock.now();
  const giveUpAt = startedAt + timeLimitOf(deployment, request);
  // a rollback by hand leaves it with its last step, too
  const leaving = record.kind === 'deploy' ? rollbackFrom : record.kind === 'rollback' ? record.leaving : undefined;
  try {
    const done = await driver.call(call, { release, slot, weight, giveUpAt, leaving, stable: record.stable?.release, fastPath: record.fastPath, isRestore: rollbackFrom !== undefined || record.kind === 'rollback' });
    return { event: 'commandSucceeded', note: `${name} succeeded in ${formatDuration(clock.now() - startedAt)}: ${done}` };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const fault = outsideFaultOf(error);
    const note = `${name} failed: ${error.message}`;
    const overtaken = fault && await whyOvertaken(deployment, fault);
    if (overtaken !== undefined) return { event: 'overtaken', note: `${note}; ${overtaken}`, fault };
    return { event: clock.now() >= giveUpAt ? 'timedOut' : 'commandFailed', note, ...(fault && { fault }) };
  }
}

function timeLimitOf({ context }: CommandOf, { timeoutMs }: Request): number {
  return timeoutMs ?? context.environment.strategy.commandTimeoutMs;
}

/** Why nothing more may be changed: restoring Stable would overwrite what someone else put there. */
async function whyOvertaken({ context, record, state }: CommandOf, fault: OutsideFault): Promise<string | undefined> {
  // a rollback that fails is halted in any case
  if (state === 'rollingBack' || fault === 'unavailable') return undefined;
  if (fault === 'overtaken') return 'what the other delivery does there is left alone';
  const live = await liveRelease(context);
  const isNamed = live?.kind === 'release' || live?.kind === 'foreign';
  const isOurs = [record.release, ...(record.stable ? [record.stable.release] : [])].some((release) => serves(live, release));
  return isNamed && !isOurs ? `it serves ${describeLive(live)}, which is left alone` : undefined;
}

function eventOf(result: CommandResult): PhaseResult['event'] {
  switch (result.outcome) {
    case 'succeeded': return 'commandSucceeded';
    case 'failed': return 'commandFailed';
    case 'timedOut': return 'timedOut';
    case 'interrupted': throw new InterruptedError();
  }
}

function noteOf(name: string, result: CommandResult, timeoutMs: number): string {
  switch (result.outcome) {
    case 'succeeded': return `${name} succeeded in ${formatDuration(result.durationMs)}`;
    case 'timedOut': return `${name} did not end within its ${formatDuration(timeoutMs)} and was stopped`;
    default: return `${name} failed: ${result.exitCode === undefined ? `stopped by ${result.signal ?? 'a signal'}` : `exit code ${result.exitCode}`}`;
  }
}

/** The files of `release` where the target's commands expect them, if the project deploys an artifact. */
export async function placeArtifact(deployment: DeploymentInProgress, release: Release): Promise<void> {
  const { artifacts, manifest, directory } = deployment.context;
  if (!manifest.artifact || !release.artifact) return;
  await artifacts.place(release.artifact, manifest.artifact.paths, directory);
  deployment.context.log.line(`placed the files of ${release.version}: ${manifest.artifact.paths.join(', ')} (sha256 ${release.artifact.digest.slice(0, 12)})`);
}

/** Synthesis refuses blue/green without it; a manifest that was changed by hand may lack it all the same. */
export function promoteOf({ name, target }: EnvironmentManifest): TargetCommandManifest {
  if (!target.promote) throw new ConfigurationError(`${name}: blue/green without a promote command. Give the target one${unlessEjected(' and run npx projen', ' in .projen/delivery.json')}.`);
  return target.promote;
}

/** Synthesis rejects a canary without it. */
export function setWeightOf({ name, target }: EnvironmentManifest): TargetCommandManifest {
  if (!target.setWeight) throw new ConfigurationError(`${name}: a canary without a setWeight command. Give the target one${unlessEjected(' and run npx projen', ' in .projen/delivery.json')}.`);
  return target.setWeight;
}
