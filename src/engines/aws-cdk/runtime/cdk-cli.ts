import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { RuntimeContext } from '../../../runtime/context';
import { environmentWithoutOurs } from '../../../runtime/processes/command-environment';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { callCli, hasBegun } from '../../../runtime/targets/cli-call';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';

export type CdkCliContext = Pick<RuntimeContext, 'clock' | 'directory' | 'environment' | 'execute' | 'interrupted' | 'log' | 'processEnv' | 'root'>;

export interface CdkDeployment {
  /** The folder of the cloud assembly. */
  readonly assembly: string;
  /** The ids of the stacks, dependencies first. */
  readonly stacks: readonly string[];
  readonly concurrency?: number;
  /** The file for the stacks' outputs. */
  readonly outputsFile: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

export interface CdkPreparation {
  /** The folder of the cloud assembly. */
  readonly assembly: string;
  /** The id of the stack. */
  readonly stack: string;
  readonly changeSet: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** Lines of its output that are kept to say why it failed. */
const KEPT_LINES = 200;
const LIST_TIMEOUT_MS = 120_000;

/**
 * Calls the CDK CLI of the project, without a shell. It runs in the folder of the cloud assembly, so that `cdk.json` does not count: its `build`
 * command would build again, and its `hotswap` or `rollback` would deploy in another way. Rejects with `EngineError` and `InterruptedError`.
 */
export class CdkCli {
  constructor(private readonly context: CdkCliContext, private readonly region?: string) {}

  /** Deploys exactly these stacks. */
  public async deploy({ assembly, concurrency, giveUpAt, outputsFile, stacks }: CdkDeployment): Promise<void> {
    await this.run('deploy', assembly, [
      '--require-approval', 'never', '--exclusively', '--progress', 'events', '--outputs-file', outputsFile,
      ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
      ...stacks,
    ], giveUpAt);
  }

  /** Publishes the assets of one stack, and makes a change set of this name, in place of an older one. Executes nothing. */
  public async prepare({ assembly, changeSet, giveUpAt, stack }: CdkPreparation): Promise<void> {
    await this.run('deploy', assembly, [
      '--require-approval', 'never', '--exclusively', '--progress', 'events', '--method', 'prepare-change-set', '--change-set-name', changeSet, stack,
    ], giveUpAt);
  }

  /** Publishes the assets of exactly these stacks that are not published yet. Changes no stack. */
  public async publishAssets(assembly: string, stacks: readonly string[], giveUpAt: number): Promise<void> {
    await this.run('publish-assets', assembly, ['--unstable', 'publish-assets', '--exclusively', ...stacks], giveUpAt);
  }

  /** Reads the cloud assembly, to see whether this CLI knows its version. Calls nothing of AWS. */
  public async read(assembly: string, giveUpAt: number): Promise<void> {
    await this.run('list', assembly, [], Math.min(giveUpAt, this.context.clock.now() + LIST_TIMEOUT_MS), { isQuiet: true });
  }

  /** Its version, for example `2.1031.0`. Calls nothing of AWS. */
  public async version(assembly: string, giveUpAt: number): Promise<string> {
    const lines = await this.run('--version', assembly, [], Math.min(giveUpAt, this.context.clock.now() + LIST_TIMEOUT_MS), { isQuiet: true });
    const version = lines.map((line) => /^(\d+\.\d+\.\d+)/.exec(line)?.[1]).find((found) => found !== undefined);
    if (version === undefined) throw new EngineError('cliMissing', 'this cdk is not the CDK CLI: cdk --version printed no version of it');
    return version;
  }

  private async run(command: string, assembly: string, args: readonly string[], giveUpAt: number, { isQuiet = false } = {}): Promise<string[]> {
    const lines: string[] = [];
    const take = (line: string) => {
      if (!isQuiet) this.context.log.commandOutput(line);
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    };
    const argv = [this.program, command, '--app', assembly, '--ci', '--no-color', '--no-notices', ...args];
    const name = `cdk ${command}`;
    const { result } = await callCli(this.context, { name, argv, env: this.env, cwd: assembly, giveUpAt, capture: { output: take, error: take } });
    if (result.outcome === 'timedOut') throw new EngineError('timeout', `${name} did not end in time`);
    if (result.outcome === 'failed') throw cdkErrorOf(command, lines, !hasBegun(result));
    return lines;
  }

  /** The project's own, or that of a workspace that it belongs to. */
  private get program(): string {
    const { directory, root } = this.context;
    for (let folder = directory; ; folder = dirname(folder)) {
      const program = join(folder, 'node_modules/.bin/cdk');
      if (existsSync(program)) return program;
      if (folder === root || folder === dirname(folder)) return 'cdk';
    }
  }

  private get env(): NodeJS.ProcessEnv {
    const { environment, processEnv } = this.context;
    const env: NodeJS.ProcessEnv = { ...environmentWithoutOurs(processEnv, environment), ...environment.variables };
    const { region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION } = this;
    return { ...env, ...(region !== undefined && { AWS_REGION: region, AWS_DEFAULT_REGION: region, CDK_DEFAULT_REGION: region }), PATH: env.PATH?.split(delimiter).filter((folder) => folder !== '').join(delimiter) };
  }
}

/** What the CLI says. The first that fits counts. */
const TEXTS: readonly (readonly [RegExp, EngineErrorKind])[] = [
  [/CLI is not compatible with the CDK library|schema version mismatch|Maximum schema version supported|Unknown command/i, 'cliMissing'],
  [/Unable to resolve AWS account|Need to perform AWS calls for account .* no credentials|ExpiredToken|security token .* (expired|invalid)|Could not load credentials/i, 'signedOut'],
  [/AccessDenied|is not authorized to perform|UnauthorizedOperation|could not assume role/i, 'accessDenied'],
  [/no space left on device|ENOSPC/i, 'full'],
  [/Throttling|Rate exceeded|TooManyRequests|RequestLimitExceeded/i, 'throttled'],
  [/ServiceUnavailable|InternalFailure|InternalError|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|socket hang up/i, 'unavailable'],
  [/ETIMEDOUT|TimeoutError/i, 'timeout'],
  [/is in an? \w+_IN_PROGRESS state|OperationInProgress|AlreadyExists.*ChangeSet/i, 'conflict'],
];

/** Classifies what the CLI printed. */
export function cdkErrorOf(command: string, lines: readonly string[], isMissing: boolean): EngineError {
  const said = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (isMissing) return new EngineError('cliMissing', safeLine(said.at(-1) ?? 'cdk cannot be started', 300));
  // resources fail for reasons of their own, and a hint names examples
  const printed = said.filter((line) => !/ \| |CloudTrail|cdk diagnose/.test(line)).join('\n');
  const [, kind] = TEXTS.find(([text]) => text.test(printed)) ?? [undefined, 'rejected' as const];
  // the CLI prints what failed after a cross
  const reason = said.find((line) => line.startsWith('❌')) ?? said.find((line) => /error|not compatible/i.test(line)) ?? said.at(-1) ?? 'it printed nothing';
  return new EngineError(kind, `cdk ${command}: ${safeLine(reason.replace(/^[\u274c\s]+/, ''), 400)}`);
}
