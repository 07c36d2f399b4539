import { randomBytes } from 'node:crypto';

/** A run of the CI system, and which attempt of it. */
export interface RunAttempt {
  readonly id: number;
  readonly attempt: number;
}

/** A new name for this process in what it writes: `<run id>.<attempt>.<random>`. */
export function newProcessId({ id, attempt }: RunAttempt): string {
  return `${id}.${attempt}.${randomBytes(4).toString('hex')}`;
}

/** The run that a process belongs to. */
export function runOfProcess(processId: string): RunAttempt {
  const [id, attempt] = processId.split('.').map(Number);
  return { id, attempt };
}
