import { matches, PATTERN_LIMIT_MS } from './bounded-pattern';
import type { ProbeResponse, ProbeTarget, ProbeTools } from './probe';
import { lackingIn } from '../../contract/deployment-outputs';
import { formatDuration } from '../../contract/duration-text';
import { COMMAND_VARIABLE } from '../../contract/environment-variables';
import { CommandCheckManifest } from '../../contract/manifest';
import { commandEnvironment } from '../processes/command-environment';
import { masker } from '../reporting/masking';

/** sysexits.h: "temporary failure, user is invited to retry". */
const NO_RESPONSE = 75;
/** Exit codes of a shell for a command that is not executable or not found. */
const NOT_RUN = [126, 127];
/** The time between SIGTERM and SIGKILL, for which the next probe waits. */
const GRACE_MS = 1_000;
/** The limit of the output that is kept. */
const LIMIT = 256 * 1024;

/** Runs the command once and derives the result from its exit code and output. */
export async function probeCommand(check: CommandCheckManifest, target: ProbeTarget, signal: AbortSignal, tools: ProbeTools): Promise<ProbeResponse> {
  const output = new Output();
  const { durationMs, exitCode, outcome, signal: ending } = await tools.run(check.command, {
    env: environmentOf(check, target, tools),
    timeoutMs: check.timeoutMs,
    signal,
    graceMs: GRACE_MS,
    onLine: (line) => output.add(line),
  });
  if (outcome === 'interrupted') throw signal.reason;
  const measured = { latencyMs: durationMs };
  if (outcome === 'timedOut') return { ...measured, outcome: 'unreachable', saw: `did not end within ${formatDuration(check.timeoutMs)}` };
  const said = output.last === undefined ? '' : `: ${output.last}`;
  if (outcome === 'succeeded') return { ...measured, ...checkOutput(check, output, durationMs) };
  if (exitCode === NO_RESPONSE) return { ...measured, outcome: 'unreachable', saw: `exit code ${exitCode}${said}` };
  // the command did not start, or the shell did not find it
  const isRun = exitCode === undefined ? ending !== undefined : !NOT_RUN.includes(exitCode);
  if (!isRun) return { outcome: 'blind', saw: `cannot probe${said || `: exit code ${exitCode}`}` };
  return { ...measured, outcome: 'unhealthy', saw: `${exitCode === undefined ? `stopped by ${ending}` : `exit code ${exitCode}`}${said}` };
}

/** Returns the same environment in all jobs, with or without access to the environment's secrets. */
function environmentOf(
  { secrets }: CommandCheckManifest, { env, release, slot, url }: ProbeTarget, { environment, secretNames }: ProbeTools,
): NodeJS.ProcessEnv {
  const variables = commandEnvironment(env, { environment, release, slot });
  for (const name of Object.keys(variables)) {
    // a secret of another environment may be a plain variable of this one
    const isSecret = secretNames.includes(name) && !(name in environment.variables);
    if (isSecret || name.startsWith('ACTIONS_ID_TOKEN_')) delete variables[name];
  }
  return {
    ...variables,
    ...Object.fromEntries(secrets.map((name) => [name, env[name]])),
    [COMMAND_VARIABLE.URL]: url ?? (lackingIn(environment.url) === undefined ? environment.url : undefined),
    // npx prefers its cache and never prompts
    npm_config_prefer_offline: 'true',
    npm_config_yes: 'true',
  };
}

function checkOutput({ output: pattern }: CommandCheckManifest, output: Output, durationMs: number): Pick<ProbeResponse, 'outcome' | 'saw'> {
  const head = `exit code 0 in ${formatDuration(durationMs)}`;
  if (pattern === undefined) return { outcome: 'healthy', saw: head };
  if (output.isCut) return { outcome: 'unhealthy', saw: `${head}, but its output is longer than ${LIMIT / 1024} KiB, too long for a condition on it` };
  const fits = matches(pattern, output.text);
  if (fits === undefined) return { outcome: 'unhealthy', saw: `${head}, but the pattern took longer than ${PATTERN_LIMIT_MS} ms` };
  return fits ? { outcome: 'healthy', saw: head } : { outcome: 'unhealthy', saw: `${head}, but its output does not match /${pattern}/` };
}

/** The bounded output of a command. */
class Output {
  public isCut = false;
  /** The last non-empty line. */
  public last?: string;
  private readonly masked: string[] = [];
  private readonly lines: string[] = [];
  private length = 0;

  public get text(): string {
    return this.lines.join('\n');
  }

  public add(line: string): void {
    // as in any step: a masked value is hidden from here on
    const [, secret] = /^::add-mask::(.*)$/.exec(line) ?? [];
    if (secret !== undefined) this.masked.push(secret);
    else if (line.trim() !== '') this.last = masker(this.masked)(line.trim());
    this.length += line.length + 1;
    this.isCut = this.length > LIMIT;
    if (!this.isCut) this.lines.push(line);
  }
}
