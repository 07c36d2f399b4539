import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A call that AWS rejected. */
export class AwsRejection extends Error {
  constructor(call: string, public readonly code: string, said: string) {
    super(`${call}: ${code === '' ? said : code}`);
    this.name = 'AwsRejection';
  }
}

/** The AWS CLI, a process per call. */
export class Aws {
  constructor(private readonly env: NodeJS.ProcessEnv, private readonly folder: string) {}

  public async call(service: string, operation: string, ...args: string[]): Promise<Record<string, unknown>> {
    try {
      const { stdout } = await run('aws', [service, operation, ...args, '--output', 'json'], { cwd: this.folder, env: { ...this.env, AWS_PAGER: '' }, timeout: 120_000 });
      return (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
    } catch (error) {
      const { message, stderr } = error as Error & { stderr?: string };
      const [, code = ''] = /An error occurred \((\w+)\)/.exec(stderr ?? '') ?? [];
      throw new AwsRejection(`${service} ${operation}`, code, (stderr ?? '').trim().split('\n').at(-1) || message);
    }
  }

  /** The code of the error, or '' if the call succeeds. */
  public async rejection(...call: [string, string, ...string[]]): Promise<string> {
    try {
      await this.call(...call);
      return '';
    } catch (error) {
      if (error instanceof AwsRejection && error.code !== '') return error.code;
      throw error;
    }
  }
}
