import { mkdirSync, readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { actionFor } from './actions';
import { ActionContext } from './actions/action';
import { visibleAt } from './availability';
import { assignmentsOf } from './environment-file';
import { interpolate, resolve } from './expression';
import type { StepReplacement } from './github-actions';
import { JobState } from './job-state';
import { OutputReader } from './output-reader';
import { Annotation, Result } from './run-event';
import { StepProcess } from './step-process';
import { Times } from './times';
import { RunDefaults, Step } from './workflow';

export interface StepRunOptions {
  readonly step: Step;
  /** @default - the step is executed */
  readonly replacement?: StepReplacement;
  readonly stepEnv: Record<string, string>;
  readonly state: JobState;
  readonly defaults: RunDefaults;
  readonly times: Times;
  /** What an action gets of the run around it. */
  readonly context: Pick<ActionContext, 'repository' | 'repositoryName' | 'ref' | 'sha' | 'runId' | 'attempt' | 'token' | 'apiUrl' | 'artifacts' | 'subject' | 'hasIdToken' | 'awsRoles'>;
  readonly onLine: (line: string) => void;
}

/** Programs that run a script. Without `shell` bash is asked for no `pipefail`, and reads the profile's settings. */
const SHELLS: Record<string, string> = {
  bash: 'bash --noprofile --norc -e -o pipefail {0}',
  sh: 'sh -e {0}',
  python: 'python {0}',
};
const UNSPECIFIED_SHELL = 'bash -e {0}';
const SUMMARY_LIMIT = 1024 * 1024;

/** One step on its runner, from its first line to its files. Whether it runs at all was decided before. */
export class StepRun {
  public readonly outputs: Record<string, string> = {};
  private readonly aborting = new AbortController();
  private readonly failures: string[] = [];
  private process: StepProcess | undefined;
  private ending: 'cancelled' | 'timedOut' | undefined;

  constructor(private readonly options: StepRunOptions) {}

  public async execute(): Promise<Result> {
    let minutes = 0;
    let timer: NodeJS.Timeout | undefined;
    try {
      minutes = Number(resolve(this.options.step['timeout-minutes'], this.contexts()) ?? 0);
      if (minutes > 0) timer = setTimeout(() => this.end('timedOut'), minutes * this.options.times.minuteMs);
      const { replacement, step } = this.options;
      if (replacement) this.replace(replacement);
      else await (step.run === undefined ? this.action() : this.script());
    } catch (error) {
      this.failures.push((error as Error).message);
    } finally {
      clearTimeout(timer);
    }
    return this.result(minutes);
  }

  public cancel(): void {
    this.end('cancelled');
  }

  /** The runner is gone. */
  public kill(): void {
    this.aborting.abort();
    this.process?.kill();
  }

  private replace({ act, line }: StepReplacement): void {
    this.options.onLine(line);
    act?.(this.options.state.machine.workspace);
  }

  private end(why: 'cancelled' | 'timedOut'): void {
    if (this.ending) return;
    this.ending = why;
    this.aborting.abort();
    this.process?.cancel();
  }

  /** What a cancelled step's process made of the signal does not matter any more. */
  private result(minutes: number): Result {
    if (this.ending === 'timedOut') this.failures.push(`The action has timed out after ${minutes} minutes.`);
    if (this.ending === 'cancelled') this.failures.splice(0, Infinity, 'The operation was canceled.');
    for (const message of this.failures) this.report('error', message);
    if (this.ending === 'cancelled') return 'cancelled';
    return this.failures.length > 0 ? 'failure' : 'success';
  }

  private async script(): Promise<void> {
    const { step, state, stepEnv, defaults, times } = this.options;
    const { machine } = state;
    const [program, ...argv] = shellOf(step.shell ?? defaults.shell, machine.file('script.sh', interpolate(step.run, this.contexts())));
    const folder = interpolate(step['working-directory'] ?? defaults['working-directory'] ?? '', this.contexts());
    const files = { output: machine.file('set_output'), env: machine.file('set_env'), path: machine.file('add_path'), summary: machine.file('step_summary') };
    const reader = new OutputReader({
      log: this.options.onLine,
      annotate: (annotation) => state.annotations.push(annotation),
      setOutput: (name, value) => { this.outputs[name] = value; },
      fail: (message) => this.failures.push(message),
    }, state.masker);
    const env = state.processEnv(stepEnv, {
      GITHUB_OUTPUT: files.output, GITHUB_ENV: files.env, GITHUB_PATH: files.path, GITHUB_STEP_SUMMARY: files.summary, GITHUB_STATE: machine.file('save_state'),
    });
    this.process = new StepProcess({
      file: program, argv, cwd: resolvePath(machine.workspace, folder), env, times, onLine: (line) => reader.read(line),
    });
    const code = await this.process.ended;
    if (code !== 0) this.failures.push(`Process completed with exit code ${code}.`);
    this.readFiles(files);
  }

  /** Also of a step that failed or was cancelled. */
  private readFiles(files: { output: string; env: string; path: string; summary: string }): void {
    const { state } = this.options;
    const read = (file: string) => readFileSync(file, 'utf8');
    Object.assign(this.outputs, Object.fromEntries(assignmentsOf(read(files.output))));
    for (const [name, value] of assignmentsOf(read(files.env))) {
      if (name.toUpperCase() === 'NODE_OPTIONS') this.report('error', 'Can\'t store NODE_OPTIONS output parameter using \'$GITHUB_ENV\' command.');
      else state.env[name] = value;
    }
    read(files.path).split('\n').filter((line) => line !== '').forEach((folder) => state.addPath(folder));
    const summary = read(files.summary);
    if (Buffer.byteLength(summary) > SUMMARY_LIMIT) this.report('error', '$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k');
    else if (summary !== '') state.summaries.push(state.masker.mask(summary));
  }

  private async action(): Promise<void> {
    const { step, state, stepEnv, context, onLine } = this.options;
    const inputs = Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, interpolate(value, this.contexts())]));
    mkdirSync(state.machine.workspace, { recursive: true });
    await actionFor(step.uses!)!.run({
      ...context,
      input: (name) => (inputs[name] ?? '').trim(),
      workspace: state.machine.workspace,
      env: state.processEnv(stepEnv, {}),
      signal: this.aborting.signal,
      log: (line) => onLine(state.masker.mask(line)),
      warn: (message) => this.report('warning', message),
      setOutput: (name, value) => { this.outputs[name] = value; },
      setEnv: (name, value) => { state.env[name] = value; },
      mask: (value) => state.masker.add(value),
      addPath: (folder) => state.addPath(folder),
    });
  }

  private report(level: Annotation['level'], text: string): void {
    const { state, onLine } = this.options;
    const message = state.masker.mask(text);
    onLine(`##[${level}]${message}`);
    state.annotations.push({ level, message });
  }

  private contexts(): Record<string, unknown> {
    return visibleAt('step', this.options.state.contexts(this.options.stepEnv));
  }
}

function shellOf(shell: string | undefined, script: string): string[] {
  const line = shell === undefined ? UNSPECIFIED_SHELL : SHELLS[shell] ?? shell;
  if (!line.includes('{0}')) throw new Error(`Invalid shell option "${shell}". Shell must be a valid built-in or a format string containing '{0}'`);
  return line.split(' ').filter((word) => word !== '').map((word) => word.replace('{0}', script));
}
