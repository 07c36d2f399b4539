import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Github } from './github';
import { MEASURE_ENVIRONMENT, REPORT_TASK, required } from './place';

/** What a job of another run reports to the measurement. */
export interface Report {
  readonly run: number;
  readonly attempt: number;
  readonly name: string;
  readonly values: Record<string, string>;
}

interface ApiDeployment {
  readonly task: string;
  readonly payload: unknown;
}

/** Records what a job saw where the run that measures can read it. Values are `key=value`. */
export async function report(github: Github, env: NodeJS.ProcessEnv, name: string, values: readonly string[]): Promise<void> {
  const payload: Report = {
    run: Number(required(env, 'GITHUB_RUN_ID')),
    attempt: Number(required(env, 'GITHUB_RUN_ATTEMPT')),
    name,
    values: Object.fromEntries(values.map((value) => [value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)])),
  };
  await github.post('/deployments', {
    ref: required(env, 'GITHUB_SHA'), task: REPORT_TASK, environment: MEASURE_ENVIRONMENT, payload, auto_merge: false, required_contexts: [],
  });
  console.log(JSON.stringify(payload));
}

/** Undefined where there is none yet. */
export async function readReport(github: Github, run: number, name: string, attempt?: number): Promise<Report | undefined> {
  const all = await github.list<ApiDeployment>(`/deployments?environment=${MEASURE_ENVIRONMENT}&task=${REPORT_TASK}`);
  return all.map(({ payload }) => (typeof payload === 'string' ? JSON.parse(payload) : payload) as Report)
    .find((one) => one.run === run && one.name === name && (attempt === undefined || one.attempt === attempt));
}

const MASKED = 'conformance-masked-value';

/** Two outputs: the attempt's number, and one that holds a masked value. */
export function setOutputs(env: NodeJS.ProcessEnv): void {
  console.log(`::add-mask::${MASKED}`);
  appendFileSync(required(env, 'GITHUB_OUTPUT'), `attempt=${required(env, 'GITHUB_RUN_ATTEMPT')}\nmasked=${MASKED}\n`);
}

const HEARTBEAT_MS = 50;

/** Receives every signal, obeys none, and records when they came and how long it lived. */
export function hang(file: string): void {
  const write = (what: string) => appendFileSync(file, `${what} ${Date.now()}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => write(signal));
  setInterval(() => write('alive'), HEARTBEAT_MS);
  write('alive');
}

/** The times that `hang` wrote, as values of a report: from SIGINT to SIGTERM, from SIGTERM to the end. */
export function signalsOf(file: string): string[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(' ')) : [];
  const first = (what: string) => Number(lines.find(([name]) => name === what)?.[1] ?? NaN);
  const end = Number(lines.at(-1)?.[1] ?? NaN);
  return [`interruptToTerminateMs=${first('SIGTERM') - first('SIGINT')}`, `terminateToKillMs=${end - first('SIGTERM')}`];
}
