import { setMaxListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ExitCode, OPTION } from '../contract/command-line';
import { ArtifactStore } from './artifacts/artifact-store';
import { Log } from './ci/log';
import { CI_SECRETS, ciTemporaryFolder, isInCi, openCi, openCiLog } from './ci/open-ci';
import { findRemoteCi, RemoteSearch } from './ci/remote-ci';
import { Cli, runCli } from './cli';
import { SYSTEM_CLOCK } from './clock';
import { CommandArguments, textOf } from './commands/command';
import { RuntimeContext } from './context';
import { USER_VARIABLE } from '../contract/environment-variables';
import { EnvironmentManifest, Manifest, manifestFile, MANIFEST_SCHEMA, secretNames } from '../contract/manifest';
import { checkKnown, fingerprint, mismatchOf } from './deployment/known-manifest';
import { ArtifactError, ConfigurationError, EnvironmentLockedError, InterruptedError, LeaseLostError, OutputError } from './errors';
import { EventLogError } from './event-log/event-log';
import { proxyCredentials } from './http/proxy';
import { lazily } from './lazily';
import './notices';
import { previewContext, previewManifest } from './previews/preview-context';
import { controlled } from './probing/control';
import { probe, Prober, ProbeTools } from './probing/probe';
import { probeCheck } from './probing/probe-check';
import { gitFolder } from './processes/git';
import { runUserCommand } from './processes/user-command';
import { unlessEjected } from './reporting/command-line';
import { masker } from './reporting/masking';
import { noSuchProject, projectsIn, requestedProject } from './requested-project';
import { isStatusOfAll, ProjectOf, statusOfProjects } from './status-of-projects';
import { EngineError } from './targets/engine-error';
import { VERSION } from './version';

/** Between SIGTERM and SIGKILL for a user's command. GitHub itself gives a cancelled step 7.5 s. */
const GRACE_MS = 5_000;

const env = process.env;
const inCi = isInCi(env);
const print = (text: string) => process.stdout.write(`${text}\n`);
const interrupted = new AbortController();
// each probe listens to it, and there may be hundreds at a time
setMaxListeners(0, interrupted.signal);
/** A file with the records of a GitHub run. Only a program that loads this runtime can set it, as tests do: the runtime reads it from no variable. */
const ledgerFile = (globalThis as { readonly [name: symbol]: unknown })[Symbol.for('projen-delivery.ledger')];
/** This process's number among the runs of this machine, once it begins to change something. */
let localRunId: number | undefined;
const words = lazily(() => requestedProject(process.argv.slice(2)));

// the reader of the output is gone: a deployment continues, a status display ends
process.stdout.on('error', () => words().rest[0] === 'status' && process.exit(0));

async function main(): Promise<ExitCode> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  const projects = projectsIn(dirname(manifestPath())).map((name): ProjectOf => ({ name, open: (to) => cliOf(name, to) }));
  if (isStatusOfAll(words(), projects)) return statusOfProjects(words().rest, projects, print);
  return runCli(words().rest, cliOf(words().project, print));
}

/** The command line of a project. */
function cliOf(project: string | undefined, to: (text: string) => void): Cli {
  const manifest = lazily(() => readManifest(project));
  const shared = lazily(() => sharedBy(manifest(), to));
  return {
    print: to,
    isOnLaptop: !inCi,
    // what an upgrade changes, in one line
    get version() {
      return `${VERSION} (manifest schema ${MANIFEST_SCHEMA}, sha256 ${fingerprint(__filename)})`;
    },
    environments: () => manifest().environments.map(({ name }) => name),
    context: async (name, given, remote) => {
      // synthesis leaves previews out where there are none
      const preview = previewManifest?.(manifest(), name, env);
      if (preview === undefined) return contextOf(shared(), find(manifest(), name), given, remote);
      return previewContext(contextOf({ ...shared(), manifest: preview }, preview.environments[0]!, given, remote));
    },
    remote: (permission) => (inCi || env[USER_VARIABLE.LEDGER] ? undefined : findRemoteCi(env, shared().root, permission)),
    beginRun: async ({ ledger }) => {
      if (!inCi) localRunId = await ledger.beginRun?.();
    },
  };
}

/** The common part of all environments, created once, because there may be hundreds. */
interface Shared extends Pick<RuntimeContext, 'manifest' | 'root'> {
  readonly secrets: readonly string[];
  readonly print: (text: string) => void;
}

function sharedBy(manifest: Manifest, to: (text: string) => void): Shared {
  // a secret that is not set, or of another environment, is an empty variable: remove it for commands
  for (const name of secretNames(manifest)) if (env[name] === '') delete env[name];
  return { manifest, root: resolve(dirname(__filename), '..'), secrets: valuesOfSecrets(manifest), print: to };
}

function contextOf(
  { manifest, print: to, root, secrets }: Shared, environment: EnvironmentManifest, given: CommandArguments, remote?: RemoteSearch,
): RuntimeContext {
  const directory = join(root, manifest.project?.directory ?? '');
  const clock = SYSTEM_CLOCK;
  const mask = masker(secrets);
  const ci = openCi({
    env,
    root,
    manifest,
    clock,
    secrets,
    // JSON on standard output is not mixed with the log
    write: (text) => (given.json ? process.stderr : process.stdout).write(text),
    json: given.json,
    interrupted: interrupted.signal,
    localRunId: () => localRunId,
    ledgerFile: inCi && typeof ledgerFile === 'string' ? ledgerFile : undefined,
    remote,
  });
  const ledger = lazily(() => ci.ledger.masked(mask));
  const artifacts = lazily(() => new ArtifactStore(artifactsFolder(root), ci.artifacts.source));
  const run: ProbeTools['run'] = (command, options) => runUserCommand(command, { ...options, cwd: directory, clock, secrets });
  const proberOf = (probed: EnvironmentManifest): Prober => {
    const prober: Prober = (check, target, signal) => probe(check, { ...target, env, secrets }, clock, signal, (...args) => (
      probeCheck(...args, { environment: probed, secretNames: secretNames(manifest), clock, probe: prober, run })
    ));
    return controlled(prober, probed.controlUrl, clock);
  };
  return {
    manifest,
    environment,
    requestedRelease: given.release,
    allowsDirty: given.flags[OPTION.ALLOW_DIRTY] === true,
    allowsFailingLive: given.flags[OPTION.EVEN_IF_LIVE_FAILS] === true,
    planFile: planFileIn(given),
    get run() {
      return ci.run;
    },
    get ledger() {
      return ledger();
    },
    ci,
    clock,
    noticesStarvation: true,
    log: ci.log,
    outputs: ci.outputs,
    mask,
    json: given.json,
    // the runner reads `##[error]` as a command anywhere in a line, also within JSON
    print: (text) => to(given.json ? mask(text).replaceAll('##[', '##\\u005b') : mask(text)),
    probe: proberOf(environment),
    proberOf,
    get artifacts() {
      return artifacts();
    },
    root,
    directory,
    processEnv: env,
    execute: (command, { capture, isOnTheWayOut, signal, ...options }) => runUserCommand(command, {
      cwd: directory,
      ...options,
      clock,
      secrets,
      keepsLines: capture !== undefined && capture.longestLine === undefined,
      longestLine: capture?.longestLine,
      graceMs: GRACE_MS,
      signal: AbortSignal.any([...(isOnTheWayOut ? [] : [interrupted.signal]), ...(signal ? [signal] : [])]),
      onLine: capture?.output ?? ((line) => ci.log.commandOutput(line)),
      onErrorLine: capture?.error,
    }),
    interrupted: interrupted.signal,
    get mismatch() {
      return mismatchOf(__filename, manifest);
    },
  };
}

function planFileIn(given: CommandArguments): string | undefined {
  const file = textOf(given, OPTION.PLAN) ?? textOf(given, OPTION.OUT);
  return file === undefined ? undefined : resolve(file);
}

function manifestPath(project?: string): string {
  return resolve(dirname(__filename), '..', manifestFile(project));
}

/** Throws `ConfigurationError`. */
function readManifest(project: string | undefined): Manifest {
  const manifest = parse(manifestPath(project), project);
  if (manifest?.schema !== MANIFEST_SCHEMA) {
    throw new ConfigurationError(`${manifestFile(project)} has schema ${manifest?.schema}, and this runtime (${VERSION}) reads schema ${MANIFEST_SCHEMA}. ${unlessEjected('Run npx projen and commit both files', 'Restore both files as one commit has them')}.`);
  }
  checkKnown(manifest);
  return manifest;
}

function parse(file: string, project: string | undefined): Manifest | null {
  if (!existsSync(file)) {
    const problem = noSuchProject(project, dirname(file));
    if (problem) throw problem;
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest | null;
  } catch (error) {
    throw new ConfigurationError(`${manifestFile(project)} cannot be read (${error instanceof Error ? error.message : String(error)}). ${unlessEjected('Run npx projen and commit the file', 'Restore it as an older commit has it')}.`);
  }
}

function find(manifest: Manifest, name: string): EnvironmentManifest {
  const environment = manifest.environments.find((one) => one.name === name);
  if (!environment) throw new ConfigurationError(`there is no environment "${name}". There is: ${manifest.environments.map((one) => one.name).join(', ')}`);
  return environment;
}

function valuesOfSecrets(manifest: Manifest): string[] {
  return [...[...CI_SECRETS, ...secretNames(manifest)].flatMap((name) => env[name] ?? []), ...proxyCredentials(env)];
}

/** Also if the manifest cannot be read. */
function secretsAtAll(): string[] {
  try {
    return valuesOfSecrets(readManifest(words().project));
  } catch {
    return [...CI_SECRETS.flatMap((name) => env[name] || []), ...proxyCredentials(env)];
  }
}

/** A job keeps them until it ends; a laptop keeps the files of its releases under .git. */
function artifactsFolder(root: string): string {
  const temporary = ciTemporaryFolder(env);
  if (temporary) return join(temporary, 'delivery');
  const folder = gitFolder(root);
  return folder === undefined ? join(tmpdir(), 'delivery-artifacts') : join(folder, 'delivery', 'artifacts');
}

/** The message of an error, without a stack trace, which does not help users. */
function explain(error: unknown, log: Log): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ConfigurationError || error instanceof ArtifactError) {
    log.error('Not done', message);
    return 2;
  }
  if (error instanceof LeaseLostError) {
    log.error('Lease lost', error.message);
    return 2;
  }
  if (error instanceof EnvironmentLockedError || error instanceof InterruptedError) {
    log.error('Not done', error.message);
    return 1;
  }
  if (error instanceof EngineError) {
    log.error('Not done', `${error.message}. Nothing was changed; run this again.`);
    return 1;
  }
  if (error instanceof OutputError) {
    log.error('Outputs cannot be written', message);
    return 1;
  }
  if (error instanceof EventLogError) {
    log.error('The ledger cannot be used', message);
    return 1;
  }
  const where = env[USER_VARIABLE.DEBUG] && error instanceof Error ? `\n${error.stack}` : ' (DELIVERY_DEBUG=1 shows where)';
  log.error('The runtime failed', `${message}${where}. Please report it with this log.`);
  return 1;
}

async function start(): Promise<void> {
  const code = await main().catch((error: unknown) => {
    return explain(error, openCiLog({ env, write: (text) => process.stderr.write(text), secrets: secretsAtAll() }));
  });
  // A server that a command left behind, or a socket that lingers, must not keep the job alive.
  process.exitCode = code;
  process.stdout.write('', () => process.exit(code));
}

void start();
