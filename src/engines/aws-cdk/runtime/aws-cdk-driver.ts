import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsCdkDriverManifest } from '../manifest';
import { AssetsApi } from './assets-api';
import { checkPreparing, preflightAwsCdk, preflightCheck } from './aws-cdk-preflight';
import { CdkCli } from './cdk-cli';
import { ChangeSetApi } from './change-set-api';
import { AssemblyOfRelease, ChangeSetReview, requireReview, reviewOfRun } from './change-set-review';
import { AssemblyStack, readAssembly, readJson } from './cloud-assembly';
import { CloudFormationApi, StackPlace } from './cloudformation-api';
import { DriftApi } from './drift-api';
import { lookForDrift } from './drift-watch';
import { LambdaTraffic } from './lambda-traffic';
import { Review, reviewText } from './review';
import { engineIdOf, liveOf, namedBy, placesOf, StackIdentity, templateDigest } from './stack-identity';
import { lackingOutput, outputsOf, placesWithOutputs } from './stack-outputs';
import { StackProgress } from './stack-progress';
import { selectStacks } from './stack-selection';
import { isChanging, isComplete, isExportInUse } from './stack-steps';
import { byImportance, changedTypes, ImmutableProperties, templateChanges } from './template-changes';
import { DeploymentOutputs } from '../../../contract/deployment-outputs';
import { formatDuration } from '../../../contract/duration-text';
import { DriverCall } from '../../../contract/target-manifest';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { ConfigurationError } from '../../../runtime/errors';
import { Release } from '../../../runtime/release';
import { EngineError, EngineErrorKind, waitFor } from '../../../runtime/targets/engine-error';
import { Drift, DriverRequest, FastPath, Intent, LiveRelease, PlannedChange, PreparedChanges, TargetDriver } from '../../../runtime/targets/target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 30_000;
/** Most types of resources that a plan asks CloudFormation for, a call each. */
const TYPES = 20;
/** Between two looks at a stack that changes. */
const POLL_MS = 2_000;
/** After a call of the CDK that failed without a change of a stack, so often at most. */
const RETRIES = 2;
const RETRIED: readonly EngineErrorKind[] = ['throttled', 'unavailable', 'timeout', 'conflict'];

/**
 * Deploys the stacks of a cloud assembly with the CDK CLI. Before and after each call it reads the stacks from CloudFormation and decides
 * (`stack-steps.ts`): CloudFormation goes on with an update whose process was killed, and knows how it ended.
 */
export class AwsCdkDriver implements TargetDriver {
  public readonly place: string;
  /** What the last line of the log about a wait says. */
  private waitsFor?: string;

  constructor(private readonly context: RuntimeContext, private readonly settings: AwsCdkDriverManifest) {
    this.place = settings.stacks ? `CloudFormation (${settings.stacks.join(', ')})` : 'CloudFormation';
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    const giveUpAt = this.soon;
    await this.check(intent, giveUpAt);
    const { kind, release } = intent;
    const lacking = await this.withFiles(release, async (assembly) => {
      const stacks = await this.selected(assembly);
      if (kind === 'deploy') await requireReview(context, settings, this.reviewing(giveUpAt), { assembly, stacks });
      return lackingOutput(assembly, stacks, this.neededOutputs);
    });
    if (lacking === undefined) return;
    throw new ConfigurationError(`${context.environment.name}: StackOutput: in ${release.version} ${lacking}. Add a CfnOutput to it, or correct StackOutput.of. Nothing was changed.`);
  }

  public async fastPath({ kind, release, stable }: Intent): Promise<FastPath | undefined> {
    const giveUpAt = this.soon;
    const traffic = this.traffic(this.api(giveUpAt), giveUpAt);
    const check = preflightCheck(this.context.environment.name);
    if (!traffic || kind === 'rollback') return undefined;
    await this.withFiles(release, async (assembly) => traffic.checkApp(check, release, assembly, await this.selected(assembly)));
    return stable && traffic.noted(check, stable);
  }

  public async changes(release: Release, giveUpAt: number): Promise<PlannedChange[]> {
    const api = this.api(giveUpAt);
    return this.withFiles(release, async (assembly) => {
      const changes: PlannedChange[] = [];
      for (const { region = this.settings.region, stackName, templateFile } of await this.selected(assembly)) {
        const templates = { deployed: await api.template({ region, stackName }), wanted: await readJson(assembly, templateFile) };
        const types = new Map<string, ImmutableProperties | undefined>();
        for (const type of changedTypes(templates).slice(0, TYPES)) types.set(type, await api.immutableProperties(type, region));
        changes.push(...templateChanges({ ...templates, stackName, immutableOf: (type) => types.get(type) }));
      }
      return byImportance(changes);
    });
  }

  public async prepare(release: Release, giveUpAt: number): Promise<PreparedChanges | undefined> {
    if (this.settings.changeSet !== 'review') return undefined;
    if (this.context.manifest.artifact && !release.artifact) throw new EngineError('signedOut', 'this job runs beside the build, so there is nothing to prepare');
    await this.check({ kind: 'deploy', release }, giveUpAt);
    return this.withFiles(release, async (assembly) => {
      await checkPreparing({ cdk: this.cdk, context: this.context, giveUpAt }, assembly);
      const { changes, notes, review } = await this.reviewing(giveUpAt).prepare(release, { assembly, stacks: await this.selected(assembly) });
      return { changes: byImportance(changes), notes, review: reviewText(review) };
    });
  }

  /** The environment may name stacks of others, and a job that adopts has no assembly. */
  public async outputs(giveUpAt: number): Promise<DeploymentOutputs> {
    const { region } = this.settings;
    const deployed = await this.selected(join(this.context.directory, this.settings.assembly)).catch((error: unknown) => {
      if (error instanceof EngineError) return [];
      throw error;
    });
    const places = deployed.map((stack) => ({ stackName: stack.stackName, region: stack.region ?? region }));
    return outputsOf(this.api(giveUpAt), placesWithOutputs(places, this.neededOutputs, region));
  }

  public async checkReachable(): Promise<void> {
    await this.api(this.soon).account();
  }

  public async call(_: DriverCall, { fastPath, giveUpAt, isRestore, release }: DriverRequest): Promise<string> {
    const assembly = join(this.context.directory, this.settings.assembly);
    const stacks = await this.selected(assembly);
    const wanted = await this.identitiesIn(assembly, stacks);
    const api = this.api(giveUpAt);
    const progress = this.progress(api);
    const names = stacks.map(({ stackName }) => stackName).join(', ');
    const traffic = this.traffic(api, giveUpAt);
    const review = isRestore ? undefined : reviewOfRun(this.context, this.settings);
    if (review) {
      await this.deployReviewed(review, { assembly, stacks }, wanted, giveUpAt);
      await traffic?.reconcile(wanted);
      return `${names} have the templates of ${release.version}, by the change sets that were reviewed`;
    }
    const moveBack = async () => {
      if (isRestore && fastPath) await traffic?.back(fastPath, release);
    };
    await moveBack();
    const before = await Promise.all(wanted.map((stack) => progress.clear(stack, isRestore)));
    // an update that was in progress may have moved it again
    await moveBack();
    let isReversed = false;
    for (let attempt = 0; ; attempt++) {
      const failure = await this.deployOnce(assembly, stacks, giveUpAt);
      const states = failure ? await Promise.all(wanted.map((stack) => progress.waitForEnd(stack))) : [];
      const isServed = engineIdOf(await this.identitiesOf(api, wanted)) === engineIdOf(wanted);
      // CloudFormation has finished what the CDK did not wait for
      if (isServed && states.every((state) => state && isComplete(state))) {
        await traffic?.reconcile(wanted);
        return `${names} have the templates of ${release.version}`;
      }
      if (!failure) throw new EngineError('conflict', `someone else changed ${names} meanwhile`);
      // what CloudFormation itself tried and refused, it would refuse again
      const hasTried = states.some((state, i) => state?.updatedAt !== before[i]?.updatedAt);
      const explained = await progress.explained(failure, wanted);
      if (isRestore && !isReversed && isExportInUse(explained.message)) {
        isReversed = true;
        await this.deployUsersFirst(progress, assembly, stacks, giveUpAt);
        continue;
      }
      if (hasTried || attempt === RETRIES || !RETRIED.includes(failure.kind)) throw explained;
      await this.pause(failure.message);
    }
  }

  public async identify(release: Release): Promise<string> {
    return this.withFiles(release, async (assembly) => engineIdOf(await this.identitiesIn(assembly, await this.selected(assembly))));
  }

  public async liveRelease(known: () => Promise<readonly Release[]>): Promise<LiveRelease> {
    const named = namedBy(await known());
    if (named.length === 0) return { kind: 'unknown', why: 'no deployment has recorded yet which stacks belong to the environment' };
    const places = placesOf(named);
    const giveUpAt = this.context.clock.now() + LIVE_PATIENCE_MS;
    const api = this.api(giveUpAt);
    const states = await Promise.all(places.map(async (place) => ({ ...place, state: await api.stack(place) })));
    // the template of an operation that failed is not what the resources are
    const unclear = states.find(({ state }) => state && (isChanging(state) || state.status.endsWith('_FAILED')));
    if (unclear) return { kind: 'unknown', why: `the stack ${unclear.stackName} is ${unclear.state!.status}` };
    const live = liveOf(named, await this.identitiesOf(api, places));
    const strayed = live.kind === 'release' ? await this.traffic(api, giveUpAt)?.strayed(places) : undefined;
    return strayed === undefined || live.kind !== 'release' ? live : { kind: 'split', shares: `the templates of ${live.release.version}, and ${strayed}` };
  }

  public async drift(live: Release | undefined): Promise<Drift | undefined> {
    const { driftIntervalMs: intervalMs } = this.settings;
    if (intervalMs === undefined) return undefined;
    if (!live) return { kind: 'unknown', why: 'it is not known which release should be live' };
    const [named] = namedBy([live]);
    if (!named) return { kind: 'unknown', why: 'no deployment has recorded yet which stacks belong to the environment' };
    const now = this.context.clock.now();
    return lookForDrift({ api: new DriftApi((region) => this.cliFor(region), now + LIVE_PATIENCE_MS), intervalMs, now, stacks: named.stacks });
  }

  /** Executes what was reviewed. A stack whose change set could not be prepared is deployed with the template that was. */
  private async deployReviewed(review: Review, release: AssemblyOfRelease, wanted: readonly StackIdentity[], giveUpAt: number): Promise<void> {
    const api = this.api(giveUpAt);
    const progress = this.progress(api);
    const isServed = async () => engineIdOf(await this.identitiesOf(api, wanted)) === engineIdOf(wanted);
    try {
      await this.reviewing(giveUpAt).execute(review, release, async (stack) => {
        const failure = await this.deployOnce(release.assembly, [stack], giveUpAt);
        const place = wanted.filter(({ stackName }) => stackName === stack.stackName);
        for (const one of place) await progress.waitForEnd(one);
        if (failure && engineIdOf(await this.identitiesOf(api, place)) !== engineIdOf(place)) throw failure;
      });
    } catch (error) {
      throw error instanceof EngineError ? await progress.explained(error, wanted) : error;
    }
    if (!await isServed()) throw new EngineError('conflict', 'someone else changed the stacks meanwhile');
  }

  /** What a bad release added to a stack and uses in another one must go in the other order: the use first. What fails here is deployed again. */
  private async deployUsersFirst(progress: StackProgress, assembly: string, stacks: readonly AssemblyStack[], giveUpAt: number): Promise<void> {
    this.context.log.line('an export is in use by a stack that is deployed later: deploy the stacks in reverse order first');
    for (const stack of [...stacks].reverse()) {
      await this.deployOnce(assembly, [stack], giveUpAt);
      await progress.waitForEnd({ stackName: stack.stackName, region: stack.region ?? this.settings.region });
    }
  }

  /** Calls the CDK. Returns why it failed; what it changed is read afterwards. */
  private async deployOnce(assembly: string, stacks: readonly AssemblyStack[], giveUpAt: number): Promise<EngineError | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'delivery-cdk-'));
    try {
      const { concurrency } = this.settings;
      await this.cdk.deploy({ assembly, stacks: stacks.map(({ id }) => id), concurrency, outputsFile: join(folder, 'outputs.json'), giveUpAt });
      return undefined;
    } catch (error) {
      if (error instanceof EngineError) return error;
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
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

  private check(intent: Intent, giveUpAt: number): Promise<void> {
    const { context, settings } = this;
    const withAssembly = <T>(release: Release, work: (assembly: string) => Promise<T>) => this.withFiles(release, work);
    const pause = (why: string) => this.pause(why);
    const api = this.api(giveUpAt);
    const assets = new AssetsApi((region) => this.cliFor(region), giveUpAt);
    return preflightAwsCdk({ api, assets, awsCli: this.cliFor(), cdk: this.cdk, context, giveUpAt, intent, settings, withAssembly, pause });
  }

  private reviewing(giveUpAt: number): ChangeSetReview {
    const { context, settings } = this;
    const changeSets = new ChangeSetApi((region) => this.cliFor(region), giveUpAt);
    return new ChangeSetReview({ api: this.api(giveUpAt), cdk: this.cdk, changeSets, context, giveUpAt, pause: (why) => this.pause(why), settings });
  }

  private get neededOutputs(): readonly string[] {
    return this.context.environment.outputs?.names ?? [];
  }

  private async pause(why: string): Promise<void> {
    // a database takes an hour, and one line
    if (why !== this.waitsFor) this.context.log.line(`${why}; look again every ${formatDuration(POLL_MS)}`);
    this.waitsFor = why;
    await waitFor(this.context, POLL_MS);
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

  private progress(api: CloudFormationApi): StackProgress {
    return new StackProgress(api, this.context, (why) => this.pause(why));
  }

  /** Undefined if no alias is moved back first. */
  private traffic(api: CloudFormationApi, giveUpAt: number): LambdaTraffic | undefined {
    const { context, settings: { fastPath: aliases } } = this;
    return aliases && new LambdaTraffic({ aliases, api, cliOf: (region) => this.cliFor(region), context, giveUpAt });
  }

  private get soon(): number {
    return this.context.clock.now() + PATIENCE_MS;
  }
}
