import { github } from 'projen';
import { Environment } from '../environment';
import { unlessSucceeded } from './conditions';
import { carrierPermissions, place, Queue, queue, runsOn } from './job-parts';
import { allSecrets, artifactEnv, ArtifactsNeeded, artifactSteps, checkoutAll, runtime, Workplace } from './steps';
import { timeouts } from './timeouts';

type Job = github.workflows.Job;

/** A job that runs the user's commands, as far as such jobs differ. */
interface Frame {
  readonly name: string;
  readonly needs?: string[];
  readonly condition: string;
  /** The GitHub environment, whose approval and secrets apply. */
  readonly place: string;
  readonly queue: Queue;
  readonly minutes: number;
  /** The files that must be on the machine before anything is changed. */
  readonly artifacts: ArtifactsNeeded;
  /** For every step that runs a command: where the files are, and which this run's own build made. */
  readonly env: Record<string, string>;
}

export interface CommandJobOptions extends Frame {
  /** What the job does. `minutes` leaves time for settling. */
  readonly step: {
    readonly id: string;
    readonly name: string;
    readonly command: string;
    readonly env?: Record<string, string>;
    readonly minutes: number;
    /** By name. */
    readonly outputs: Record<string, string>;
  };
}

/** Whether nothing is open: what the step itself says, or the one that settles after it. */
export const SETTLED = { settled: 'settled || steps.settle.outputs.settled' };

/** Does something with the user's commands, and settles in the same job what a cancel or a time limit left open. */
export function commandJob(workplace: Workplace, environment: Environment, options: CommandJobOptions): Job {
  const { id, name, command, env, minutes, outputs } = options.step;
  const secrets = allSecrets(environment);
  return {
    ...frame(workplace, environment, options),
    outputs: Object.fromEntries(Object.entries(outputs).map(([output, outputName]) => [output, { stepId: id, outputName }])),
    steps: [
      ...preparation(workplace, options),
      { ...runtime(id, name, command, { ...options.env, ...env }, secrets), timeoutMinutes: minutes },
      { ...settleStep('settle', environment, options.env), if: unlessSucceeded(id) },
    ],
  };
}

export interface SettleJobOptions {
  readonly needs: string[];
  readonly condition: string;
  readonly stepId: 'rollback' | 'settle';
  /** What the jobs before said, if it helps. */
  readonly env?: Record<string, string>;
}

/** A job of its own that finishes what the ledger shows open: its runner is another one, and nobody approves it again where there is a twin. */
export function settleJob(workplace: Workplace, environment: Environment, options: SettleJobOptions): Job {
  const { name } = environment;
  const whole: Frame = {
    ...options,
    name: `settle ${name}`,
    place: environment.rollbackEnvironment ?? name,
    queue: 'rollback',
    minutes: timeouts(environment).settle,
    artifacts: { command: `plan ${name} --artifacts`, which: ['stable'] },
    env: { ...artifactEnv(workplace, false), ...options.env },
  };
  return {
    ...frame(workplace, environment, whole),
    steps: [...preparation(workplace, whole), settleStep(options.stepId, environment, whole.env)],
  };
}

function frame(workplace: Workplace, environment: Environment, { name, needs, condition, place: where, queue: kind, minutes }: Frame): Omit<Job, 'steps'> {
  return {
    name,
    needs,
    if: condition,
    ...runsOn(workplace, environment),
    timeoutMinutes: minutes,
    permissions: {
      ...carrierPermissions(workplace),
      ...(environment.target._idToken ? { idToken: github.workflows.JobPermission.WRITE } : {}),
    },
    environment: place(workplace, where, environment.url),
    concurrency: queue(workplace, kind, environment),
  };
}

/** Everything the commands need is on the machine before anything is changed: a registry outage must not cost a rollback. */
function preparation(workplace: Workplace, { artifacts, env }: Frame) {
  return [
    checkoutAll(workplace, !workplace.artifact),
    ...(workplace.artifact ? artifactSteps({ ...artifacts, env: { ...env, ...artifacts.env } }) : []),
    ...workplace.setupSteps,
  ];
}

function settleStep(id: string, environment: Environment, env: Record<string, string>) {
  return runtime(id, `settle ${environment.name}`, `rollback ${environment.name} --settle`, env, allSecrets(environment));
}
