import { aliasStep } from '../../aws/runtime/lambda-alias';
import { LambdaAliasManifest } from '../manifest';
import { AssemblyStack, readJson } from './cloud-assembly';
import { CloudFormationApi, StackPlace } from './cloudformation-api';
import { aliasesIn, FunctionVersion, isFunction, shownAlias, versionIn } from './lambda-aliases';
import { namedBy, StackIdentity, templateDigest } from './stack-identity';
import { formatDuration } from '../../../contract/duration-text';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError, unlessUncertain, waitFor } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { FastPath } from '../../../runtime/targets/target-driver';
import { LambdaApi } from '../../aws/runtime/lambda-api';

export interface LambdaTrafficOptions {
  readonly aliases: readonly LambdaAliasManifest[];
  readonly api: CloudFormationApi;
  /** The CLI for a region. */
  readonly cliOf: (region?: string) => AwsCli;
  readonly context: Pick<RuntimeContext, 'clock' | 'interrupted' | 'log'>;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** An alias whose stack says at which version it is. */
interface StackAlias extends FunctionVersion {
  readonly alias: string;
  readonly isRetained: boolean;
}

type Alias = Pick<StackAlias, 'alias' | 'functionName' | 'region'>;

/** Before an alias is read again. */
const POLL_MS = 2_000;
/** Beyond it a rollback goes on without the fast path. */
const BACK_MS = 60_000;
const RETAIN = 'Set currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN } on the function';

/**
 * The aliases that a rollback moves back to the versions of Stable before CloudFormation begins. CloudFormation counts in the end: after each deployment
 * and rollback, an alias is where its stack says.
 */
export class LambdaTraffic {
  constructor(private readonly options: LambdaTrafficOptions) {}

  /** Checks that the app has the aliases, and that CloudFormation keeps their versions. Rejects with `ConfigurationError`. */
  public async checkApp(check: PreflightCheck, { version }: Release, assembly: string, stacks: readonly AssemblyStack[]): Promise<void> {
    const templates = await Promise.all(stacks.map(async ({ stackName, templateFile }) => (
      { stackName, template: await check.fixed(readJson(assembly, templateFile)) }
    )));
    for (const wanted of this.options.aliases) {
      const found = templates.flatMap(({ stackName, template }) => aliasesIn(template, stackName, wanted));
      const [first] = found;
      const name = shownAlias(wanted);
      if (!first) check.refuse(`fastPath: in ${version} no stack of the environment has ${name}`, `Add it with fn.addAlias('${wanted.alias}'), or correct fastPath`);
      if (found.some(({ isRetained, movedBy }) => isRetained && movedBy === undefined)) continue;
      if (first.movedBy !== undefined) check.refuse(`fastPath: in ${version} ${first.movedBy} moves traffic of ${name}, too`, 'Remove one of them');
      if (first.versionId === undefined) check.refuse(`fastPath: in ${version} ${name} points at no version of the app`, 'Point it at fn.currentVersion');
      check.refuse(`fastPath: CloudFormation deletes the version of ${name} in ${version} with the next release, so traffic could not be moved back to it`, RETAIN);
    }
  }

  /**
   * Returns where the aliases are in Stable, for the record of the deployment. Undefined where Stable has none that can be moved back.
   * Changes nothing. Rejects with `ConfigurationError`.
   */
  public async noted(check: PreflightCheck, stable: Release): Promise<FastPath | undefined> {
    const { log } = this.options.context;
    const without = (why: string) => log.line(`no fast path back to ${stable.version}: ${why}`);
    const [named] = namedBy([stable]);
    if (!named) return without('the ledger does not name its stacks'), undefined;
    if (!(await check.fixed(this.haveTemplatesOf(named.stacks)))) return without('someone changed its stacks by hand'), undefined;
    const found = await check.fixed(this.inStacks(named.stacks));
    if (found.length === 0) return without('its stacks have no alias of fastPath yet'), undefined;
    const kept = found.filter(({ isRetained }) => isRetained);
    if (kept.length === 0) return without(`CloudFormation deletes its versions. ${RETAIN}: it counts from the next release on`), undefined;
    for (const one of kept) await this.checkThere(check, one);
    return Object.fromEntries(kept.map((one) => [keyOf(one), one.version]));
  }

  /** Moves all traffic back to the versions that were noted. A failure is only logged: CloudFormation restores the aliases, too. */
  public async back(noted: FastPath, release: Release): Promise<void> {
    const { clock, log } = this.options.context;
    const startedAt = clock.now();
    const giveUpAt = Math.min(this.options.giveUpAt, startedAt + BACK_MS);
    for (const [key, version] of Object.entries(noted)) {
      const alias = aliasIn(key);
      if (!alias) continue;
      try {
        if (await this.move({ ...alias, version }, giveUpAt)) log.line(`traffic of ${shown(alias)} is back at version ${version} with ${release.version} after ${formatDuration(clock.now() - startedAt)}`);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        log.warning(`Traffic of ${shown(alias)} was not moved back first`, `${error.message}. CloudFormation restores it.`);
      }
    }
  }

  /** Moves the aliases to where their stacks say: CloudFormation does not notice that an alias was moved. Rejects with `EngineError`. */
  public async reconcile(stacks: readonly StackPlace[]): Promise<void> {
    for (const one of await this.inStacks(stacks)) {
      if (await this.move(one, this.options.giveUpAt)) this.options.context.log.line(`moved ${shown(one)} to version ${one.version}, where its stack has it`);
    }
  }

  /** The first alias that is not where its stack says, for people; undefined if all are. Rejects with `EngineError`. */
  public async strayed(stacks: readonly StackPlace[]): Promise<string | undefined> {
    for (const one of await this.inStacks(stacks)) {
      const now = await this.lambda(one).alias();
      const others = Object.keys(now.weights);
      if (now.version !== one.version || others.length > 0) return `version ${[now.version, ...others].join(' and ')} at ${shown(one)}, where the stack has version ${one.version}`;
    }
    return undefined;
  }

  private async haveTemplatesOf(stacks: readonly StackIdentity[]): Promise<boolean> {
    const templates = await Promise.all(stacks.map((stack) => this.options.api.template(stack)));
    return stacks.every(({ digest }, i) => digest === (templates[i] === undefined ? undefined : templateDigest(templates[i])));
  }

  private async inStacks(places: readonly StackPlace[]): Promise<StackAlias[]> {
    const { aliases, api } = this.options;
    const found: StackAlias[] = [];
    for (const place of places) {
      const template = await api.template(place);
      for (const wanted of aliases) {
        const name = wanted.functionName ?? await this.nameIn(wanted.output!, place);
        for (const { isRetained, versionId } of name === undefined ? [] : aliasesIn(template, place.stackName, wanted)) {
          const at = versionId === undefined ? undefined : versionIn(await api.physicalId(place, versionId) ?? '');
          if (at && isFunction(name!, at.functionName)) found.push({ ...at, alias: wanted.alias, isRetained });
        }
      }
    }
    return found;
  }

  private async nameIn(output: string, { region }: StackPlace): Promise<string | undefined> {
    const [stackName, key] = output.split('.');
    return (await this.options.api.outputs({ stackName: stackName!, region }))[key!];
  }

  private async checkThere(check: PreflightCheck, one: StackAlias): Promise<void> {
    const api = this.lambda(one);
    const create = `aws lambda create-alias --function-name ${one.functionName} --name ${one.alias} --function-version ${one.version}`;
    const now = await check.fixed(api.alias(), `fastPath: ${shown(one)} is gone, though its stack has it. Create it again: ${create}`);
    await check.fixed(api.published(one.version), `fastPath: version ${one.version} of the function ${one.functionName} is gone, so a bad release could not be rolled back at once. Remove the alias ${one.alias} from fastPath for one release`);
    if (aliasStep(now, one.version, undefined) === 'done') return;
    this.options.context.log.line(`someone moved ${shown(one)} by hand to version ${[now.version, ...Object.keys(now.weights)].join(' and ')}; a rollback moves all traffic to version ${one.version}, where the stack has it`);
  }

  /** Returns whether the alias was elsewhere. A change of someone else in between is replaced. */
  private async move(one: Alias & { readonly version: string }, giveUpAt: number): Promise<boolean> {
    const { context } = this.options;
    const api = this.lambda(one, giveUpAt);
    for (let isFirst = true; ; isFirst = false) {
      const now = await api.alias();
      if (aliasStep(now, one.version, undefined) === 'done') return !isFirst;
      if (await unlessUncertain(() => api.moveAlias(one.version, now.revisionId), async (why) => {
        context.log.line(`${why}; read the alias again in ${formatDuration(POLL_MS)}`);
        await waitFor(context, POLL_MS);
      })) return true;
    }
  }

  private lambda({ alias, functionName, region }: Alias, giveUpAt = this.options.giveUpAt): LambdaApi {
    return new LambdaApi(this.options.cliOf(region), { alias, functionName }, giveUpAt);
  }
}

/** A line for the record: `eu-central-1 shop:live`. */
function keyOf({ alias, functionName, region }: Alias): string {
  return `${region} ${functionName}:${alias}`;
}

function aliasIn(key: string): Alias | undefined {
  const [, region, functionName, alias] = /^(\S+) ([^\s:]+):(\S+)$/.exec(key) ?? [];
  return region === undefined || functionName === undefined || alias === undefined ? undefined : { region, functionName, alias };
}

function shown({ alias, functionName }: Alias): string {
  return `the alias ${alias} of the function ${functionName}`;
}
