import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageCode, LambdaCode, zipCode } from './lambda-code';
import { preflightLambda } from './lambda-preflight';
import { descriptionOf, liveOf, publishStep, sharesOf, splitStep, versionOf } from './lambda-steps';
import { DriverCall } from '../../../contract/target-manifest';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { ConfigurationError } from '../../../runtime/errors';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError, overdueAfter, pause, unlessUncertain } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';
import { aliasStep } from '../../aws/runtime/lambda-alias';
import { LambdaApi, PublishedVersion } from '../../aws/runtime/lambda-api';
import { LambdaDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 60_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** Between two looks at a function that changes, or after a call whose result is uncertain. */
const POLL_MS = 1_000;
/** Of a function's error message. */
const MESSAGE_LIMIT = 300;

type SplitRequest = Pick<DriverRequest, 'isRestore' | 'release' | 'stable'> & { readonly weight: number };

/**
 * Publishes a version of a Lambda function and points an alias at it. Each step reads the state, decides (`lambda-steps.ts`) and makes
 * at most one change, with AWS's compare-and-swap (`--revision-id`). So a process that is killed, and a call whose result is unknown,
 * are repeated in the same way.
 */
export class LambdaDriver implements TargetDriver {
  public readonly place: string;
  private readonly cli: AwsCli;

  constructor(private readonly context: RuntimeContext, private readonly settings: LambdaDriverManifest) {
    this.cli = new AwsCli(context, settings.region);
    this.place = `the alias ${settings.alias} of the function ${settings.functionName}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    await preflightLambda({ api: this.api(), cli: this.cli, environment: context.environment.name, giveUpAt: this.soon, intent, settings });
    // with an artifact the file is placed later, and its digest is verified
    const zip = this.zip;
    if (zip === undefined || context.manifest.artifact || intent.kind === 'rollback') return;
    await access(zip).catch(() => { throw new ConfigurationError(`${context.environment.name}: Target.lambda code: ${settings.code} does not exist. Build it first. Nothing was changed.`); });
  }

  public async checkReachable(): Promise<void> {
    await this.api().alias();
  }

  public async call(call: DriverCall, { giveUpAt, isRestore, release, slot, stable, weight = 100 }: DriverRequest): Promise<string> {
    const api = this.api(giveUpAt);
    switch (call) {
      case 'deploy': {
        const version = await this.publish(api, release);
        await this.test(api, version);
        if (slot !== undefined) return `${release.version} is version ${version}`;
        return this.move(api, version, release, { isRestore: false });
      }
      case 'setWeight': return this.setWeight(api, { isRestore, release, stable, weight });
      case 'promote': return this.move(api, await this.existing(api, release), release, { isRestore: false });
      case 'rollback': return this.move(api, await this.existing(api, release), release, { isRestore: true });
    }
  }

  public async liveRelease(): Promise<LiveRelease> {
    const api = this.api(this.context.clock.now() + LIVE_PATIENCE_MS);
    const alias = await api.alias();
    const { description } = await api.published(alias.version);
    return liveOf(alias, description);
  }

  /** Returns the number of the version that holds the release. Publishes one if there is none. */
  private async publish(api: LambdaApi, release: Release): Promise<string> {
    const { log } = this.context;
    const code = await this.codeOf(release);
    let isUnchanged = false;
    for (;;) {
      const [latest, versions] = await Promise.all([api.latest(), api.versions()]);
      const codeSha256 = await code.sha256(api, latest);
      const next = publishStep({ codeSha256, isUnchanged, latest, release, versions });
      if (next.step === 'done') return this.whenActive(api, next.version);
      if (next.step === 'fail') throw new EngineError('rejected', next.why);
      if (next.step === 'wait') {
        await pause(this.context, next.why, POLL_MS);
        continue;
      }
      await unlessUncertain(async () => {
        const description = descriptionOf(release);
        switch (next.step) {
          case 'upload':
            log.line(`upload ${code.shown}`);
            return code.upload(api, next.revisionId);
          case 'describe': return api.describe(description, next.revisionId);
          case 'publish':
            log.line(`publish a version of ${release.version}`);
            isUnchanged = await api.publish(description, codeSha256, next.revisionId) !== description;
        }
      }, (why) => pause(this.context, why, POLL_MS));
    }
  }

  private async whenActive(api: LambdaApi, version: string): Promise<string> {
    for (let seen: string | undefined; ;) {
      const { reason, state } = await api.published(version).catch((error: unknown) => {
        throw overdueAfter(error, seen);
      });
      if (state === 'Failed') throw new EngineError('rejected', `version ${version} failed: ${reason}`);
      if (state !== 'Pending') return version;
      seen = `version ${version} is pending`;
      await pause(this.context, seen, POLL_MS);
    }
  }

  /** Invokes the version itself: users do not see it yet. */
  private async test(api: LambdaApi, version: string): Promise<void> {
    const { testEvent } = this.settings;
    if (testEvent === undefined) return;
    const folder = await mkdtemp(join(tmpdir(), 'delivery-lambda-'));
    try {
      const files = { event: join(folder, 'event'), response: join(folder, 'response') };
      await writeFile(files.event, JSON.stringify(testEvent));
      const error = await api.invoke(version, files);
      if (error === '') return this.context.log.line(`version ${version} responded to the test event`);
      const said = await readFile(files.response, 'utf8').catch(() => '');
      throw new EngineError('rejected', `version ${version} failed with the test event (${error}): ${safeLine(said, MESSAGE_LIMIT)}. Users still see the release before it`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Points the alias at the version. A deployment gives way to someone else's change; a rollback does not. */
  private async move(api: LambdaApi, version: string, release: Release, { isRestore }: { readonly isRestore: boolean }): Promise<string> {
    const { alias } = this.settings;
    let from: string | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const now = await api.alias();
      if (isFirst && !isRestore) from = now.version;
      switch (aliasStep(now, version, from)) {
        case 'done': return isFirst ? `${alias} already points at version ${version} with ${release.version}` : `${alias} points at version ${version} with ${release.version}`;
        case 'elsewhere': throw new EngineError('conflict', `someone else moved ${alias} from version ${from} to version ${now.version} meanwhile`);
        case 'move':
      }
      if (await unlessUncertain(() => api.moveAlias(version, now.revisionId), (why) => pause(this.context, why, POLL_MS))) {
        return now.version === version
          ? `${alias} sends all traffic to version ${version} with ${release.version}`
          : `${alias} moved from version ${now.version} to version ${version} with ${release.version}`;
      }
    }
  }

  /** Splits the traffic between the release and Stable, whose version the alias names until the release gets all of it. */
  private async setWeight(api: LambdaApi, { isRestore, release, stable, weight }: SplitRequest): Promise<string> {
    const { alias } = this.settings;
    if (weight === 100) return this.move(api, await this.existing(api, release), release, { isRestore });
    if (!stable) throw new EngineError('rejected', `no Stable release is recorded that could get the other ${100 - weight} % of the traffic`);
    const versions = await api.versions();
    const base = await this.existing(api, stable, versions);
    if (weight === 0) return this.move(api, base, stable, { isRestore: true });
    const added = await this.existing(api, release, versions);
    const done = `${alias} sends ${weight} % to version ${added} with ${release.version}, and the rest to version ${base} with ${stable.version}`;
    for (;;) {
      const now = await api.alias();
      switch (splitStep(now, { base, added, weight })) {
        case 'done': return done;
        case 'elsewhere': throw new EngineError('conflict', `someone else changed ${alias}: it points at ${sharesOf(now)}, and this canary is about version ${base} and version ${added}`);
        case 'split':
      }
      const split = () => api.splitAlias({ base, added, weight }, now.revisionId);
      if (await unlessUncertain(split, (why) => pause(this.context, why, POLL_MS))) return done;
    }
  }

  private async existing(api: LambdaApi, release: Release, versions?: readonly PublishedVersion[]): Promise<string> {
    const found = versionOf(versions ?? await api.versions(), release);
    if (found) return found.version;
    throw new EngineError('notFound', `the function ${this.settings.functionName} has no version with ${release.version} (${release.sha.slice(0, 7)})`);
  }

  private async codeOf(release: Release): Promise<LambdaCode> {
    const { zip } = this;
    if (zip === undefined) return imageCode(release);
    return zipCode(zip, await this.readZip(zip), this.settings.code!);
  }

  private async readZip(zip: string): Promise<Buffer> {
    try {
      return await readFile(zip);
    } catch (error) {
      throw new EngineError('rejected', `Target.lambda code: ${this.settings.code} cannot be read (${(error as NodeJS.ErrnoException).code}). Build it there`);
    }
  }

  /** Undefined where the function runs an image. */
  private get zip(): string | undefined {
    return this.settings.code === undefined ? undefined : join(this.context.directory, this.settings.code);
  }

  private api(giveUpAt = this.soon): LambdaApi {
    return new LambdaApi(this.cli, this.settings, giveUpAt);
  }

  private get soon(): number {
    return this.context.clock.now() + PATIENCE_MS;
  }
}
