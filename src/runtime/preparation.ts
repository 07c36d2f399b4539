import { secretsOf } from '../manifest';
import { NewRecord } from './ledger/ledger';
import { Misconfigured } from './misconfigured';
import { NPX } from './phases/command';
import { deploysAgain } from './plan';
import { environmentWithoutOurs } from './processes/command-environment';
import { Release } from './release';
import { Surroundings } from './surroundings';

type Asked = Pick<NewRecord, 'kind' | 'release' | 'stable' | 'slot'> & { readonly isWayBackGone?: boolean };

/**
 * Before the first change: everything the deployment and its rollback need is on this machine,
 * so that an outage elsewhere cannot cost a rollback. Throws `Misconfigured`; nothing was changed then.
 */
export async function prepare(surroundings: Surroundings, asked: Asked): Promise<void> {
  const { log } = surroundings;
  log.group('Prepare: files, secrets and tools for the way there and back');
  try {
    requireSecrets(surroundings);
    await requireFiles(surroundings, asked.release);
    if (needsStableFiles(surroundings, asked)) await requireFiles(surroundings, asked.stable!.release);
    await warmUp(surroundings);
  } finally {
    log.endGroup();
  }
}

/** A rollback by hand that fails is not undone; and what is gone for good was said in the plan. */
function needsStableFiles(surroundings: Surroundings, { kind, stable, slot, isWayBackGone }: Asked): boolean {
  return kind === 'deploy' && stable !== undefined && !isWayBackGone && deploysAgain(surroundings, stable, slot);
}

/** A probe without its secret would see nothing, and what nobody sees is halted in the end: better to say so at once. */
export function requireProbeSecrets(surroundings: Surroundings): void {
  requireValues(surroundings, surroundings.environment.healthChecks.flatMap(secretsOf));
}

function requireSecrets(surroundings: Surroundings): void {
  const names = [...new Set([...surroundings.environment.secrets, ...surroundings.environment.healthChecks.flatMap(secretsOf)])];
  requireValues(surroundings, names);
  if (names.length > 0) surroundings.log.line(`secrets: ${names.join(', ')} are set`);
}

function requireValues({ environment, processEnv }: Surroundings, names: string[]): void {
  const missing = names.filter((name) => !processEnv[name]);
  if (missing.length > 0) {
    throw new Misconfigured(`${environment.name}: no value for ${missing.join(', ')}. Set it as a secret of the environment; nothing was changed.`);
  }
}

async function requireFiles({ manifest, artifacts, log }: Surroundings, release: Release): Promise<void> {
  if (!manifest.artifact) return;
  if (!release.artifact) {
    throw new Misconfigured(`no files are known of ${release.version}, though this project deploys ${manifest.artifact.paths.join(', ')}; nothing was changed.`);
  }
  await artifacts.verify(release.artifact);
  log.line(`files of ${release.version}: sha256 ${release.artifact.digest.slice(0, 12)} verified`);
}

async function warmUp({ environment, execute, processEnv, log }: Surroundings): Promise<void> {
  const { warmUp: command } = environment.target;
  if (!command) return;
  const env = { ...environmentWithoutOurs(processEnv, environment), ...NPX };
  const result = await execute(command, { env, timeoutMs: environment.strategy.commandTimeoutMs });
  if (result.outcome !== 'succeeded') {
    throw new Misconfigured(
      `${environment.name}: the target's commands cannot run on this machine (see above); nothing was changed. Add the set-up they need as setupSteps.`,
    );
  }
  log.line(`the target's tool is ready (${(result.durationMs / 1000).toFixed(1)} s)`);
}
