import { AssetsApi } from './assets-api';
import { CdkCli } from './cdk-cli';
import { AssemblyStack } from './cloud-assembly';
import { StackAssets, stackAssetsIn } from './stack-assets';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';

export interface StableAssets {
  readonly api: AssetsApi;
  readonly assembly: string;
  readonly cdk: CdkCli;
  readonly check: PreflightCheck;
  readonly context: Pick<RuntimeContext, 'clock' | 'environment' | 'log'>;
  /** Where the credentials lead. */
  readonly place: { readonly account: string; readonly region: string };
  readonly release: Release;
  readonly stacks: readonly AssemblyStack[];
}

/** How many requests for assets run at the same time. */
const AT_A_TIME = 4;
/** Names that a message shows. */
const SHOWN = 3;

/**
 * Makes sure that the assets of Stable are published, before the first change: a lifecycle rule or `cdk gc` deletes those that no stack uses.
 * What is gone is published again from Stable's assembly. Rejects with `ConfigurationError` if that fails.
 */
export async function ensureAssets(given: StableAssets): Promise<void> {
  const { check, context: { log }, release: { version } } = given;
  const all = await check.fixed(stackAssetsIn(given.assembly, given.stacks, given.place));
  const total = all.files.length + all.images.length;
  let missing: StackAssets;
  try {
    missing = await missingOf(given, all);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return log.line(`the assets of ${version} could not be looked for; a rollback publishes those that are gone (${error.message})`);
  }
  const names = namesOf(missing);
  if (names.length === 0) return;
  log.line(`${names.length} of ${total} assets of ${version} are gone: ${shown(names)}. Publish them again from its cloud assembly`);
  if (missing.images.length > 0) log.warning(`A container image of ${version} is built again`, 'Its source is the same. What its Dockerfile downloads may differ.');
  const failure = await publishAgain(given);
  const left = namesOf(await check.fixed(missingOf(given, missing)));
  if (left.length > 0) refuse(given, left, failure);
  log.line(`the assets of ${version} are published again`);
}

/** Returns why it failed; what it published is read afterwards. */
async function publishAgain({ assembly, cdk, context: { clock, environment }, stacks }: StableAssets): Promise<EngineError | undefined> {
  try {
    await cdk.publishAssets(assembly, stacks.map(({ id }) => id), clock.now() + environment.strategy.commandTimeoutMs);
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

function refuse({ check, release: { version } }: StableAssets, names: readonly string[], failure: EngineError | undefined): void {
  const what = names.length === 1 ? 'an asset' : `${names.length} assets`;
  check.refuse(
    `app: ${what} of ${version} (${shown(names)}) cannot be published again, so a bad release could not be rolled back: ${failure?.message ?? 'cdk publish-assets ended without them'}`,
    failure?.kind === 'cliMissing'
      ? 'Install a CDK CLI that has the command: npm install --save-dev aws-cdk@latest, or set a newer cdkCliVersion'
      : `Publish them from the cloud assembly of ${version}, where docker runs if images are among them: cdk publish-assets --app FOLDER --unstable publish-assets`,
  );
}

async function missingOf({ api }: StableAssets, { files, images }: StackAssets): Promise<StackAssets> {
  const absent = async <T>(assets: readonly T[], has: (asset: T) => Promise<boolean>) => {
    const found: T[] = [];
    for (let i = 0; i < assets.length; i += AT_A_TIME) {
      const some = assets.slice(i, i + AT_A_TIME);
      const there = await Promise.all(some.map(has));
      found.push(...some.filter((_, at) => !there[at]));
    }
    return found;
  };
  return { files: await absent(files, (asset) => api.hasFile(asset)), images: await absent(images, (asset) => api.hasImage(asset)) };
}

function namesOf({ files, images }: StackAssets): string[] {
  return [...files.map(({ bucket, key }) => `s3://${bucket}/${key}`), ...images.map(({ repository, tag }) => `${repository}:${tag}`)];
}

function shown(names: readonly string[]): string {
  return `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ' and others' : ''}`;
}
