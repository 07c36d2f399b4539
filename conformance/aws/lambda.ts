import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsContext, AwsMeasurement, until } from './measurement';
import { required } from '../place';

const ALIAS = 'live';
const MOVES_MS = 15_000;
const READY_MS = 300_000;
/** Invocations of the alias after it has moved, one after the other. */
const INVOCATIONS = 15;

/** A function of its own, published three times. */
export const lambda: AwsMeasurement = {
  ids: [
    'lambda-stale-revision-rejected', 'lambda-unchanged-not-published', 'lambda-description-publishes', 'lambda-other-code-not-published',
    'lambda-version-unchanged', 'lambda-alias-moves-at-once',
  ],
  measure: async (context) => {
    const it = new ConformanceFunction(context);
    try {
      await it.create('one');
      const first = await it.publish();
      const unchanged = await it.publish();
      const { RevisionId: stale } = await it.call('create-alias', '--name', ALIAS, '--function-version', first);
      await it.describe('another description');
      const described = await it.publish();
      await it.upload('two');
      const other = await it.rejection('publish-version', '--code-sha256', 'A'.repeat(43) + '=');
      const second = await it.publish();
      const moved = await it.move(second);
      const rejected = await it.rejection('update-alias', '--name', ALIAS, '--function-version', first, '--revision-id', String(stale));
      const { FunctionVersion: after } = await it.call('get-alias', '--name', ALIAS);
      const old = await it.invoke(first);
      return {
        'lambda-unchanged-not-published': { measured: `version ${first}, then version ${unchanged}`, holds: unchanged === first },
        'lambda-description-publishes': { measured: `version ${first}, then version ${described}`, holds: described !== first },
        'lambda-other-code-not-published': { measured: other || 'it is published', holds: other === 'InvalidParameterValueException' },
        'lambda-stale-revision-rejected': { measured: `${rejected || 'accepted'}, the alias is at version ${String(after)}`, holds: rejected === 'PreconditionFailedException' && after === second },
        'lambda-version-unchanged': { measured: `version ${first} responds with ${old}`, holds: old === '"one"' },
        'lambda-alias-moves-at-once': { measured: moved.measured, holds: moved.isOrdered && moved.afterMs <= MOVES_MS },
      };
    } finally {
      await it.delete();
    }
  },
};

class ConformanceFunction {
  constructor(private readonly context: AwsContext) {}

  public call(operation: string, ...args: string[]): Promise<Record<string, unknown>> {
    return this.context.aws.call('lambda', operation, '--function-name', this.context.name, ...args);
  }

  public rejection(operation: string, ...args: string[]): Promise<string> {
    return this.context.aws.rejection('lambda', operation, '--function-name', this.context.name, ...args);
  }

  public async create(returned: string): Promise<void> {
    const role = required(this.context.env, 'CONFORMANCE_FUNCTION_ROLE');
    const args = ['--runtime', 'python3.12', '--handler', 'function.handle', '--role', role, '--zip-file', this.zip(returned)];
    await this.call('create-function', ...args);
    await this.ready();
  }

  public async upload(returned: string): Promise<void> {
    await this.call('update-function-code', '--zip-file', this.zip(returned));
    await this.ready();
  }

  public async describe(description: string): Promise<void> {
    await this.call('update-function-configuration', '--description', description);
    await this.ready();
  }

  public async publish(): Promise<string> {
    return String((await this.call('publish-version')).Version);
  }

  /** The text that the function returns, as JSON. */
  public async invoke(qualifier: string): Promise<string> {
    const file = join(this.context.folder, `response-${qualifier}`);
    const { FunctionError: error } = await this.call('invoke', '--qualifier', qualifier, file);
    return error === undefined ? readFileSync(file, 'utf8').trim() : String(error);
  }

  public async move(version: string): Promise<{ readonly measured: string; readonly afterMs: number; readonly isOrdered: boolean }> {
    await this.call('update-alias', '--name', ALIAS, '--function-version', version);
    const begin = Date.now();
    const invocations: { readonly atMs: number; readonly isNew: boolean }[] = [];
    for (let count = 0; count < INVOCATIONS; count++) {
      // when it begins: the CLI may take seconds to start, and the function, too
      const atMs = Date.now() - begin;
      invocations.push({ isNew: await this.invoke(ALIAS) === '"two"', atMs });
    }
    const first = invocations.findIndex(({ isNew }) => isNew);
    const afterMs = invocations[first]?.atMs ?? Infinity;
    const late = first < 0 ? 0 : invocations.slice(first).filter(({ isNew }) => !isNew).length;
    const measured = first < 0 ? `${INVOCATIONS} invocations reached the old version` : `the invocation that began after ${(afterMs / 1000).toFixed(1)} s reached the new version, then ${late} of ${INVOCATIONS - first} the old one`;
    return { measured, afterMs, isOrdered: first >= 0 && late === 0 };
  }

  public async delete(): Promise<void> {
    await this.call('delete-function');
  }

  /** A change of a function takes a moment, and the next one is rejected until then. */
  private async ready(): Promise<void> {
    await until('the function is ready', READY_MS, () => this.call('get-function-configuration'), ({ LastUpdateStatus: status, State: state }) => (
      (status === undefined || status === 'Successful') && (state === undefined || state === 'Active')
    ));
  }

  private zip(returned: string): string {
    const { folder } = this.context;
    writeFileSync(join(folder, 'function.py'), `def handle(event, context):\n    return '${returned}'\n`);
    execFileSync('python3', ['-m', 'zipfile', '-c', 'function.zip', 'function.py'], { cwd: folder });
    return `fileb://${join(folder, 'function.zip')}`;
  }
}
