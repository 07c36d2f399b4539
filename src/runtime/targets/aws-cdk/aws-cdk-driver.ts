import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preflightAwsCdk } from './aws-cdk-preflight';
import { CdkCli } from './cdk-cli';
import { AssemblyStack, readAssembly, readJson } from './cloud-assembly';
import { CloudFormationApi, StackPlace } from './cloudformation-api';
import { engineIdOf, StackIdentity, stacksIn, templateDigest } from './stack-identity';
import { selectStacks } from './stack-selection';
import { StackState, stackStep } from './stack-steps';
import { AwsCdkDriverManifest, DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../context';
import { InterruptedError } from '../../errors';
import { Release } from '../../release';
import { AwsCli } from '../aws-cli';
import { EngineError } from '../engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 30_000;
/** Between two looks at a stack that changes. */
const POLL_MS = 5_000;
/** After a call of the CDK that failed without a change of a stack, so often at most. */
const RETRIES = 2;

/**
 * Deploys the stacks of a cloud assembly with the CDK CLI. Before and after each call it reads the stacks from CloudFormation and decides
 * (`stack-steps.ts`): CloudFormation goes on with an update whose process was killed, and knows how it ended.
 */
export class AwsCdkDriver implements TargetDriver {
  public readonly place: string;

  constructor(private readonly context: RuntimeContext, private readonly settings: AwsCdkDriverManifest) {
    this.place = settings.stacks ? `CloudFormation (${settings.stacks.join(', ')})` : 'CloudFormation';
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    const giveUpAt = this.soon;
    const withAssembly = <T>(release: Release, work: (assembly: string) => Promise<T>) => this.withFiles(release, work);
    await preflightAwsCdk({ api: this.api(giveUpAt), awsCli: this.cliFor(), cdk: this.cdk, context, giveUpAt, intent, settings, withAssembly, pause: (why) => this.pause(why) });
  }

  public async checkReachable(): Promise<void> {
    await this.api(this.soon).account();
  }

  public async call(_: DriverCall, { giveUpAt, isRestore, release }: DriverRequest): Promise<string> {
    const assembly = join(this.context.directory, this.settings.assembly);
    const stacks = await this.selected(assembly);
    const wanted = await this.identitiesIn(assembly, stacks);
    const api = this.api(giveUpAt);
    const names = stacks.map(({ stackName }) => stackName).join(', ');
    const before = await this.clear(api, wanted, isRestore);
    for (let attempt = 0; ; attempt++) {
      const failure = await this.deployOnce(assembly, stacks, giveUpAt);
      const after = await this.clear(api, wanted, true, { isSettling: true });
      const isServed = engineIdOf(await this.identitiesOf(api, wanted)) === engineIdOf(wanted);
      const isReady = after.every((state) => state !== undefined && /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(state.status));
      if (isServed && (isReady || !failure)) return `${names} ${before.every((state, i) => state?.status === after[i]?.status) ? 'serve' : 'have'} the templates of ${release.version}`;
      if (!failure) throw new EngineError('conflict', `someone else changed ${names} meanwhile`);
      if (attempt === RETRIES || !['throttled', 'unavailable', 'timeout', 'conflict'].includes(failure.kind)) throw await this.explained(api, failure, wanted);
      await this.pause(failure.message);
    }
  }

  public async identify(release: Release): Promise<string> {
    return this.withFiles(release, async (assembly) => engineIdOf(await this.identitiesIn(assembly, await this.selected(assembly))));
  }

  public async liveRelease(known: () => Promise<readonly Release[]>): Promise<LiveRelease> {
    const named = (await known()).flatMap((release) => {
      const stacks = release.engineId === undefined ? undefined : stacksIn(release.engineId);
      return stacks ? [{ release, stacks, engineId: release.engineId! }] : [];
    });
    const [newest] = named;
    if (!newest) return { kind: 'unknown', why: 'no deployment has recorded yet which stacks belong to the environment' };
    const places = [...new Map(named.flatMap(({ stacks }) => stacks).map((stack) => [engineIdOf([{ ...stack, digest: undefined }]), stack])).values()];
    const api = this.api(this.context.clock.now() + LIVE_PATIENCE_MS);
    try {
      const states = await Promise.all(places.map((place) => api.stack(place)));
      const busy = places.findIndex((_, i) => states[i] !== undefined && /_IN_PROGRESS$/.test(states[i]!.status) && states[i]!.status !== 'REVIEW_IN_PROGRESS');
      if (busy >= 0) return { kind: 'unknown', why: `the stack ${places[busy]!.stackName} is ${states[busy]!.status}` };
      const live = await this.identitiesOf(api, places);
      const served = named.find(({ engineId, stacks }) => engineIdOf(live.filter((one) => stacks.some((stack) => stack.stackName === one.stackName && stack.region === one.region))) === engineId);
      if (!served) return { kind: 'foreign', engineId: engineIdOf(live.filter((one) => newest.stacks.some((stack) => stack.stackName === one.stackName && stack.region === one.region))) };
      const { artifact, sha, version } = served.release;
      return { kind: 'release', engineId: served.engineId, release: { version, sha, ...(artifact && { digest: artifact.digest }) } };
    } catch (error) {
      if (error instanceof EngineError) return { kind: 'unknown', why: error.message };
      throw error;
    }
  }

  /** Calls the CDK. Returns why it failed; what it changed is read afterwards. */
  private async deployOnce(assembly: string, stacks: readonly AssemblyStack[], giveUpAt: number): Promise<EngineError | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'delivery-cdk-'));
    try {
      await this.cdk.deploy({ assembly, stacks: stacks.map(({ id }) => id), concurrency: this.settings.concurrency, outputsFile: join(folder, 'outputs.json'), giveUpAt });
      return undefined;
    } catch (error) {
      if (error instanceof EngineError) return error;
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Waits until no stack changes, and clears away what prevents a deployment. Returns the states, in the order of the stacks. */
  private async clear(api: CloudFormationApi, stacks: readonly StackPlace[], isRestore: boolean, { isSettling = false } = {}): Promise<(StackState | undefined)[]> {
    const states: (StackState | undefined)[] = [];
    for (const stack of stacks) states.push(await this.clearOne(api, stack, isRestore, isSettling));
    return states;
  }

  private async clearOne(api: CloudFormationApi, stack: StackPlace, isRestore: boolean, isSettling: boolean): Promise<StackState | undefined> {
    for (let rollbacks = 0; ;) {
      const state = await api.stack(stack);
      // after a call of the CDK only its end is awaited: the next call decides on what it left
      const next = stackStep({ stackName: stack.stackName, state, isRestore: isRestore && !isSettling, rollbacks });
      if (next.step === 'ready' || (isSettling && next.step === 'fail')) return state;
      if (next.step === 'fail') throw new EngineError('rejected', await this.withFailures(api, stack, `${next.why}. ${next.fix}`));
      if (next.step === 'wait') {
        await this.pause(next.why);
        continue;
      }
      this.context.log.line(`${next.why}: ${{ cancel: 'cancel the update', rollBack: 'roll it back', continueRollback: 'continue its rollback' }[next.step]}`);
      if (next.step !== 'cancel') rollbacks += 1;
      await this.unlessPassed(() => ({ cancel: api.cancelUpdate, rollBack: api.rollBack, continueRollback: api.continueRollback })[next.step as 'cancel'].call(api, stack));
      await this.pause(`${stack.stackName} changes`);
    }
  }

  /** A stack that has moved on refuses the change: its state is read again. */
  private async unlessPassed(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      const isPassed = error instanceof EngineError && (['unavailable', 'timeout', 'conflict'].includes(error.kind) || /ValidationError/.test(error.message));
      if (!isPassed) throw error;
      this.context.log.line(error.message);
    }
  }

  private async explained(api: CloudFormationApi, failure: EngineError, stacks: readonly StackPlace[]): Promise<EngineError> {
    let message = failure.message;
    for (const stack of stacks) message = await this.withFailures(api, stack, message);
    return new EngineError(failure.kind, message);
  }

  /** The stack's failed resources say why; they are extra information. */
  private async withFailures(api: CloudFormationApi, stack: StackPlace, message: string): Promise<string> {
    try {
      const failures = await api.failures(stack);
      return failures.length === 0 ? message : `${message}. ${stack.stackName}: ${failures.join('; ')}`;
    } catch (error) {
      if (error instanceof EngineError) return message;
      throw error;
    }
  }

  private async selected(assembly: string): Promise<readonly AssemblyStack[]> {
    const { problem, stacks } = selectStacks(await readAssembly(assembly), this.settings.stacks);
    if (stacks) return stacks;
    throw new EngineError('rejected', `Target.awsCdk stacks: ${problem}`);
  }

  private async identitiesIn(assembly: string, stacks: readonly AssemblyStack[]): Promise<StackIdentity[]> {
    return Promise.all(stacks.map(async ({ region = this.settings.region, stackName, templateFile }) => (
      { stackName, region, digest: templateDigest(await readJson(assembly, templateFile)) }
    )));
  }

  private async identitiesOf(api: CloudFormationApi, places: readonly StackPlace[]): Promise<StackIdentity[]> {
    return Promise.all(places.map(async ({ region, stackName }) => {
      const template = await api.template({ region, stackName });
      return { stackName, region, digest: template === undefined ? undefined : templateDigest(template) };
    }));
  }

  /** Gives `work` the cloud assembly of a release, unpacked beside the project. */
  private async withFiles<T>({ artifact }: Release, work: (assembly: string) => Promise<T>): Promise<T> {
    const { artifacts, directory, manifest } = this.context;
    if (!manifest.artifact || !artifact) return work(join(directory, this.settings.assembly));
    const folder = await mkdtemp(join(tmpdir(), 'delivery-assembly-'));
    try {
      await artifacts.place(artifact, manifest.artifact.paths, folder);
      return await work(join(folder, this.settings.assembly));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async pause(why: string): Promise<void> {
    const { clock, interrupted, log } = this.context;
    log.line(`${why}; look again in ${POLL_MS / 1000} s`);
    await clock.sleep(POLL_MS, interrupted);
    if (interrupted.aborted) throw new InterruptedError();
  }

  private get cdk(): CdkCli {
    return new CdkCli(this.context, this.settings.region);
  }

  private cliFor(region = this.settings.region): AwsCli {
    return new AwsCli(this.context, region);
  }

  private api(giveUpAt: number): CloudFormationApi {
    return new CloudFormationApi((region) => this.cliFor(region), giveUpAt);
  }

  private get soon(): number {
    return this.context.clock.now() + PATIENCE_MS;
  }
}
