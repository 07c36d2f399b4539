// NOTE to the engineer of the leaf modules: the lead wrote this while you were thinking and builds on it. Keep the exported shape; improve the inside where yours is better, write its tests, delete this line.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { CommandManifest, EnvironmentManifest } from '../manifest';
import { Release } from './release';

export interface CommandOptions {
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  readonly graceMs: number;
  readonly signal?: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface CommandResult {
  readonly outcome: 'succeeded' | 'failed' | 'timedOut' | 'interrupted';
  readonly exitCode?: number;
  readonly signal?: string;
  readonly durationMs: number;
}

/**
 * Runs a command of the user's in a process group of its own, which is stopped as a whole:
 * SIGTERM, then SIGKILL. The command ends when its process ends, not when its output does:
 * a server that it starts may keep the pipe open for years.
 */
export async function runUserCommand(command: CommandManifest, options: CommandOptions): Promise<CommandResult> {
  const startedAt = performance.now();
  const [file, ...args] = argvOf(command);
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const lines = [lineReader(options.onLine), lineReader(options.onLine)];
  child.stdout.on('data', lines[0].read);
  child.stderr.on('data', lines[1].read);

  let stopped: 'timedOut' | 'interrupted' | undefined;
  let killer: NodeJS.Timeout | undefined;
  const stop = (why: 'timedOut' | 'interrupted') => {
    if (stopped) return;
    stopped = why;
    signalGroup(child.pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), options.graceMs);
  };
  const onAbort = () => stop('interrupted');
  const timer = setTimeout(() => stop('timedOut'), options.timeoutMs);
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted) onAbort();

  const end = await new Promise<{ exitCode?: number; signal?: string }>((resolve) => {
    child.on('error', (error) => {
      options.onLine(`${file} could not be started: ${error.message}`);
      resolve({ exitCode: 127 });
    });
    child.on('exit', (code, signal) => resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  });
  clearTimeout(timer);
  clearTimeout(killer);
  options.signal?.removeEventListener('abort', onAbort);
  // What ignored SIGTERM in the group is not left behind to undo a rollback later.
  if (stopped) signalGroup(child.pid, 'SIGKILL');
  await drained(child.stdout, child.stderr);
  for (const reader of lines) reader.end();
  return { outcome: stopped ?? (end.exitCode === 0 ? 'succeeded' : 'failed'), ...end, durationMs: Math.round(performance.now() - startedAt) };
}

/** As GitHub runs a `run` step with `shell: bash`. */
function argvOf(command: CommandManifest): string[] {
  return command.kind === 'exec' ? command.argv : ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', command.line];
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, constants.signals[signal]);
  } catch (error) {
    // ESRCH: the whole group is gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What was written before the end is still in the pipe; a server that holds the pipe open is not waited for. */
async function drained(...streams: NodeJS.ReadableStream[]): Promise<void> {
  const closed = Promise.all(streams.map((stream) => new Promise<void>((resolve) => {
    stream.on('end', resolve);
    stream.on('error', resolve);
  })));
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([closed, new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 100);
  })]);
  clearTimeout(timer);
  for (const stream of streams) (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
}

/** Lines longer than this are passed on in pieces. */
const MAX_LINE = 16 * 1024;

function lineReader(onLine: (line: string) => void): { read: (chunk: Buffer) => void; end: () => void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const pass = (text: string) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
    while (rest.length > MAX_LINE) {
      onLine(rest.slice(0, MAX_LINE));
      rest = rest.slice(MAX_LINE);
    }
  };
  return {
    read: (chunk) => pass(decoder.write(chunk)),
    end: () => {
      pass(decoder.end());
      if (rest !== '') onLine(rest.replace(/\r$/, ''));
    },
  };
}

/** What a command is told about the deployment. */
export interface CommandContext {
  readonly environment: EnvironmentManifest;
  /** The release that must be live when the command ends. */
  readonly release: Release;
  readonly slot?: string;
  readonly stable?: Release;
  readonly rollbackFrom?: Release;
  readonly resultFile?: string;
}

/** Ours, and GitHub's for the step: with them a command could act as the delivery or forge its outputs. */
const WITHHELD = [
  'GITHUB_TOKEN', 'GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RUNTIME_URL',
];

/** The environment of a user's command: the machine's, the variables and secrets of the environment, and what the deployment is about. */
export function commandEnvironment(base: NodeJS.ProcessEnv, context: CommandContext): NodeJS.ProcessEnv {
  const { environment, release, slot, stable, rollbackFrom, resultFile } = context;
  const headerSecrets = environment.healthChecks.flatMap(({ secretRequestHeaders }) => Object.values(secretRequestHeaders));
  const withheld = new Set([...WITHHELD, ...headerSecrets.filter((name) => !environment.secrets.includes(name))]);
  const inherited = Object.entries(base).filter(([name]) => !withheld.has(name) && !name.startsWith('DELIVERY_'));
  const told = {
    DEPLOY_ENV: environment.name,
    DELIVERY_VERSION: release.version,
    DELIVERY_SHA: release.sha,
    DELIVERY_SLOT: slot,
    DELIVERY_STABLE_VERSION: stable?.version,
    DELIVERY_ROLLBACK_FROM: rollbackFrom?.version,
    DELIVERY_RESULT: resultFile,
  };
  return {
    ...Object.fromEntries(inherited),
    ...environment.variables,
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
  };
}
