import { NpmCli } from './npm-cli';
import { NpmRegistry } from './npm-registry';
import { engineIdOf, identityIn, otherFiles, PackageIdentity, PublishedVersion, versionNamed, versionOf } from './npm-steps';
import { PackageTarball } from './package-tarball';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PreflightCheck, settled } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { NpmDriverManifest } from '../manifest';

export interface NpmPreflight {
  readonly cli: Pick<NpmCli, 'hasToken'>;
  readonly registry: NpmRegistry;
  readonly environment: string;
  readonly intent: Intent;
  readonly settings: NpmDriverManifest;
  /** Whether a health check compares the version in the registry with the release's name. */
  readonly checksTag: boolean;
  /** The tarball of a release, if its files are known. */
  readonly tarballOf: (release: Release) => Promise<PackageTarball | undefined>;
  readonly pause: (why: string) => Promise<void>;
}

/** Which token is needed. */
export function tokenHelp({ distTag, tokenVariable }: Pick<NpmDriverManifest, 'distTag' | 'tokenVariable'>): string {
  return `Trusted publishing (OpenID Connect) can publish, and cannot move the tag ${distTag}. Store a granular access token with the permission "Read and write" for the package, `
    + `and with "Bypass two-factor authentication", as the secret ${tokenVariable} ("Read and write (stage only)" suffices on npmjs.com if someone else publishes). See docs/targets/npm.md`;
}

/** Reads of a version that another job has just published. */
const READS = 15;

/** Checks everything that a release and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightNpm(given: NpmPreflight): Promise<void> {
  const { cli, environment, registry, settings } = given;
  const { registry: url } = settings;
  const token = tokenHelp(settings);
  const check = new PreflightCheck(environment, 'Target.npm', { signedOut: token, accessDenied: token, cliMissing: 'Install npm 10 or later in setupSteps' });
  if (!cli.hasToken) {
    check.refuse(`tokenSecret: the environment variable ${settings.tokenVariable} is empty`, token);
  }
  const [version, user, tags] = await Promise.allSettled([registry.cliVersion(), registry.user(), registry.tags()]);
  checkCli(check, await check.fixed(settled(version)), settings);
  await check.fixed(settled(tags), `registry: ${url} was not found. Correct registry`);
  // a registry may have no whoami; one that rejects the token says so
  if (user.status === 'rejected' && user.reason instanceof EngineError && user.reason.kind === 'signedOut') await check.fixed(settled(user));
  if (user.status === 'rejected' && !(user.reason instanceof EngineError)) throw user.reason;
  const isNew = Object.keys(await settled(tags)).length === 0;
  await checkRelease(check, given, isNew);
  await checkStable(check, given);
}

function checkCli(check: PreflightCheck, version: string, { isTrustedPublisher }: NpmDriverManifest): void {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (!(major >= 10)) check.refuse(`npm ${version} is too old`, 'Install npm 10 or later in setupSteps');
  if (isTrustedPublisher && (major < 11 || (major === 11 && (minor < 5 || (minor === 5 && patch < 1))))) {
    check.refuse(`trustedPublishing: npm ${version} is too old for it`, 'Install npm 11.5.1 or later in setupSteps, with Node 22.14 or later');
  }
}

async function checkRelease(check: PreflightCheck, given: NpmPreflight, isNew: boolean): Promise<void> {
  const { intent: { kind, release }, settings, tarballOf } = given;
  const { packageName } = settings;
  const recorded = identityIn(release);
  const tarball = recorded ? undefined : await check.fixed(filesOf(check, tarballOf(release)));
  if (tarball) checkTarball(check, tarball, given, isNew);
  const version = recorded?.version ?? tarball?.version ?? versionOf(release);
  if (version === undefined) {
    const problem = `directory: ${settings.directory} has no tarball of ${packageName}, and ${release.version} is no version of npm`;
    check.refuse(problem, 'Pack the package there first, or name the release by its version: v1.2.3');
  }
  const mayPublish = settings.publishes && tarball !== undefined && kind !== 'rollback';
  const published = await visible(check, given, version, mayPublish || kind === 'rollback' ? 1 : READS);
  const integrity = recorded?.integrity ?? tarball?.integrity;
  if (published) {
    const why = otherFiles({ packageName, published, integrity });
    if (why !== undefined) check.refuse(`packageName: ${why}`, kind === 'rollback' ? 'Choose another release' : 'A version never changes: release another version');
    if (published.integrity === '') check.refuse(`registry: ${settings.registry} names no sha512 of ${packageName}@${version}`, 'Use a registry that does');
    return;
  }
  if (mayPublish) return;
  if (kind === 'rollback') check.refuse(`registry: ${settings.registry} has no ${packageName}@${version}, so it cannot be restored`, 'Choose another release');
  check.refuse(
    `registry: ${settings.registry} has no ${packageName}@${version}, and ${settings.publishes ? `${settings.directory} has no tarball to publish` : 'publish is false'}`,
    settings.publishes ? 'Pack the package there first' : 'Let the release workflow publish it before, or remove publish: false',
  );
}

/** What was published a moment ago may not show yet. */
async function visible(
  check: PreflightCheck, { pause, registry, settings }: NpmPreflight, version: string, reads: number,
): Promise<PublishedVersion | undefined> {
  for (let left = reads; ; left--) {
    const found = await check.fixed(registry.version(version));
    if (found || left <= 1) return found;
    await pause(`${settings.packageName}@${version} is not in the registry yet`);
  }
}

/** A folder that cannot be released is an error of the configuration. */
async function filesOf<T>(check: PreflightCheck, files: Promise<T>): Promise<T> {
  try {
    return await files;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const [, option, problem] = /^Target\.npm (\w+: )?(.*)$/s.exec(error.message) ?? [undefined, '', error.message];
    const [what, ...fix] = (problem ?? '').split('. ');
    return check.refuse(`${option ?? ''}${what}`, fix.join('. ') || 'Correct it');
  }
}

function checkTarball(check: PreflightCheck, tarball: PackageTarball, given: NpmPreflight, isNew: boolean): void {
  const { checksTag, intent: { release }, settings } = given;
  const { isPrivate, name, publishConfig, version } = tarball;
  const named = versionNamed(release);
  if (isPrivate) check.refuse(`packageName: ${name} is private, and npm publishes no package with "private": true`, 'Remove it from package.json');
  if (named !== undefined && named !== version) {
    check.refuse(`directory: the tarball in ${settings.directory} is ${name}@${version}, and the release is ${release.version}`, 'Set the version in package.json before the package is packed, as the release task of projen does');
  }
  if (named === undefined && checksTag) {
    check.refuse(`tagCheck: the release is named ${release.version}, and the registry knows it as ${version}`, 'Name releases by their version (Trigger.tag, Trigger.release), or set tagCheck: false');
  }
  if (publishConfig.registry !== '' && withSlash(publishConfig.registry) !== settings.registry) {
    check.refuse(`registry: it is ${settings.registry}, and package.json has publishConfig.registry ${publishConfig.registry}`, 'Correct registry, or remove publishConfig.registry');
  }
  if (publishConfig.tag !== '' && publishConfig.tag !== settings.candidateTag) {
    check.refuse(`candidateTag: it is ${settings.candidateTag}, and package.json has publishConfig.tag ${publishConfig.tag}`, 'Remove publishConfig.tag');
  }
  if (isNew && settings.publishes && name.startsWith('@') && settings.access === undefined && publishConfig.access === '') {
    check.refuse(`access: ${name} is a new scoped package, and npm would make it private`, 'Set access: NpmAccess.PUBLIC or NpmAccess.RESTRICTED');
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** The release to go back to is in the registry as it was. */
async function checkStable(check: PreflightCheck, { environment, intent: { kind, stable }, registry, settings }: NpmPreflight): Promise<void> {
  const { packageName, registry: url } = settings;
  if (kind === 'rollback' || !stable) return;
  const version = versionOf(stable);
  const why = 'so a bad release could not be rolled back';
  const fix = `Record what is live as Stable: adopt ${environment} --release VERSION`;
  if (version === undefined) check.refuse(`packageName: the record of the Stable release ${stable.version} names no version of ${packageName}, ${why}`, fix);
  const published = await check.fixed(registry.version(version));
  if (!published) check.refuse(`registry: ${url} has no ${packageName}@${version}, which is Stable, ${why}`, fix);
  const other = otherFiles({ packageName, published, integrity: identityIn(stable)?.integrity });
  if (other !== undefined) check.refuse(`packageName: ${other}, ${why}`, fix);
}

/** The name by which the ledger knows what was published, or will be. */
export async function identify(release: Release, registry: NpmRegistry, tarball: PackageIdentity | undefined): Promise<string | undefined> {
  if (tarball) return engineIdOf(tarball);
  const version = versionOf(release);
  const published = version === undefined ? undefined : await registry.version(version);
  return published && engineIdOf(published);
}
