import { delimiter } from 'node:path';
import { EngineError } from './engine-error';
import { RuntimeContext } from '../context';
import { InterruptedError } from '../errors';
import { commandEnvironment } from '../processes/command-environment';
import { Release } from '../release';

export interface SmokeCommand {
  readonly context: Pick<RuntimeContext, 'clock' | 'environment' | 'execute' | 'log'>;
  readonly line: string;
  readonly release: Release;
  /** The package and its version, for people. */
  readonly spec: string;
  /** The empty project in which the package is installed. */
  readonly cwd: string;
  /** The process environment, without secrets. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder with the programs of the package, before those of the PATH. */
  readonly programs?: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** Runs the user's smoke command where a package was installed. Rejects with `EngineError` and `InterruptedError`. */
export async function runSmokeCommand({ context, cwd, env, giveUpAt, line, programs, release, spec }: SmokeCommand): Promise<void> {
  const { clock, environment, execute, log } = context;
  log.line(`run the smoke command with ${spec}`);
  const path = programs === undefined ? env.PATH : [programs, env.PATH ?? ''].join(delimiter);
  const result = await execute({ kind: 'bash', line }, {
    env: { ...commandEnvironment(env, { environment, release }), PATH: path }, cwd, timeoutMs: Math.max(1, giveUpAt - clock.now()),
  });
  switch (result.outcome) {
    case 'succeeded': return;
    case 'interrupted': throw new InterruptedError();
    case 'timedOut': throw new EngineError('overdue', 'the smoke command did not end in time');
    case 'failed': throw new EngineError('rejected', `the smoke command failed with ${spec}: ${result.exitCode === undefined ? `stopped by ${result.signal ?? 'a signal'}` : `exit code ${result.exitCode}`}`);
  }
}
