import { releaseName } from '../../published-files/runtime/release-name';
import { StaticSiteDriverManifest } from '../manifest';
import { originOf } from './distribution-origin';
import { DistributionPointer, DistributionState } from './distribution-pointer';
import { SiteBucket } from './site-bucket';
import { listingOf, newestOf, pathOf } from './static-site-steps';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { LEAST_FOR_UPLOADS } from '../../../runtime/aws/aws-cli-versions';
import { textIn } from '../../../runtime/json-value';
import { Release } from '../../../runtime/release';
import { awsFixes, PreflightCheck, settled } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';

export interface StaticSitePreflight {
  readonly bucket: SiteBucket;
  readonly cli: AwsCli;
  /** Absent where an object names the live release. */
  readonly distribution?: DistributionPointer;
  readonly environment: string;
  readonly giveUpAt: number;
  readonly intent: Intent;
  readonly settings: StaticSiteDriverManifest;
}

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightStaticSite(given: StaticSitePreflight): Promise<void> {
  const { bucket, cli, distribution, environment, giveUpAt, settings } = given;
  const check = new PreflightCheck(environment, 'Target.staticSite', awsFixes('static-site', LEAST_FOR_UPLOADS));
  // together, because each is a process; what is wrong is named in one order
  const caller = cli.read({ service: 'sts', operation: 'get-caller-identity', args: [], query: '{account:Account}', giveUpAt }).then((found) => textIn(found, 'account'));
  const others = Promise.allSettled([bucket.region(), distribution?.state()]);
  const account = await check.awsAccount({ version: cli.version(giveUpAt), account: caller, least: LEAST_FOR_UPLOADS, wanted: settings.account });
  const [region, state] = await others;
  const found = await check.fixed(settled(region), `bucket: there is no bucket ${settings.bucket} that the account ${account} can see. Create it, or correct bucket`);
  if (settings.region !== undefined && found !== '' && found !== settings.region) {
    check.refuse(`region: the bucket ${settings.bucket} is in ${found}, not in ${settings.region}`, 'Correct Target.staticSite region, or leave it out');
  }
  const noDistribution = `distribution: there is no distribution ${settings.distribution} in the account ${account}. Create it, or correct distribution or the sign-in`;
  checkDistribution(check, await check.fixed(settled(state), noDistribution), settings);
  await check.restorable(given.intent, async (needed) => {
    const problem = await problemOf(check, bucket, needed);
    return problem && `bucket: ${settings.bucket} ${problem}`;
  }, 'Restore the objects, or record what is live as Stable');
}

function checkDistribution(check: PreflightCheck, state: DistributionState | undefined, settings: StaticSiteDriverManifest): void {
  if (!state) return;
  const { distribution } = settings;
  if (state.config.Enabled === false) check.refuse(`distribution: ${distribution} is disabled`, 'Enable it');
  const origin = originOf(state.config, settings);
  if (origin.kind === 'problem') check.refuse(`${origin.option}: the distribution ${distribution} cannot be used: ${origin.why}`, origin.fix);
}

async function problemOf(check: PreflightCheck, bucket: SiteBucket, release: Release): Promise<string | undefined> {
  const { artifact, sha, version } = release;
  const shown = `${version} (${sha.slice(0, 7)})`;
  const adopted = pathOf(release);
  if (adopted !== undefined) {
    const folder = adopted === '' ? '' : `${adopted.slice(1)}/`;
    return await check.fixed(bucket.hasAny(folder)) ? undefined : `has no files of ${shown} at ${adopted || '/'}`;
  }
  const name = artifact ? releaseName(release, artifact.digest) : newestOf(await check.fixed(bucket.releases()), sha);
  const record = name === undefined ? undefined : await check.fixed(bucket.record(name));
  if (name === undefined || !record) return `has no complete release of ${shown}`;
  const folder = bucket.folderOf(name);
  const objects = await check.fixed(bucket.objects(folder));
  if (objects.length !== record.files) return `has ${objects.length} of the ${record.files} files of ${shown} in ${folder}`;
  return listingOf(objects) === record.listing ? undefined : `has other files in ${folder} than those that were uploaded for ${shown}: someone changed them`;
}
