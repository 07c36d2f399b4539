import { javascript, Project, Task } from 'projen';
import { NpmDriverManifest } from './manifest';
import { JobPermission } from '../../ci/github-types';
import { artifactPaths } from '../../delivery/artifact-paths';
import { HealthCheck } from '../../health-checks/health-check';
import { ReleaseIdentity } from '../../health-checks/release-identity';
import { shellLine } from '../../targets/commands';
import { TargetBinding, TargetCapability, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { Duration } from '../../validation/duration';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { webAddress } from '../../validation/url';
import { invalid, show } from '../../validation/validation-error';
import { checkHiddenSecret } from '../../validation/variable-names';

/**
 * Options for a target that releases a package of a registry of npm. The runtime calls the npm CLI (version 10 or later), which must be
 * installed where the deployment runs.
 *
 * A release is published under a candidate tag, or was published under it by the release workflow. The target installs it into an empty
 * project and runs the smoke command there. Then it moves the tag that users install by.
 */
export interface NpmTargetOptions {
  /**
   * The name of the package.
   *
   * @default - the name of the project's package; required if the project is not a Node project
   */
  readonly packageName?: string;

  /**
   * The folder that holds the package's tarball (`.tgz`), relative to the project's directory. It is the delivery's artifact: the bytes that
   * are in it are the release.
   *
   * @default - the folder in which projen packs the package (`dist/js`)
   */
  readonly directory?: string;

  /**
   * The task that packs the tarball, or its name.
   *
   * @default - it is already there: the release's own build packs it
   */
  readonly buildTask?: string | Task;

  /**
   * The URL of the registry.
   *
   * @default - the registry of the project's package (`https://registry.npmjs.org/`)
   */
  readonly registry?: string;

  /**
   * The tag that users install by. A rollback moves it to the Stable release.
   *
   * @default 'latest'
   */
  readonly distTag?: string;

  /**
   * The tag under which a release is published, before users get it by `distTag`.
   *
   * @default 'next'
   */
  readonly candidateTag?: string;

  /**
   * Who may install a new scoped package. Without it the first version of a scoped package is rejected, because npm would make it private.
   *
   * @default - the access of the project's package
   */
  readonly access?: javascript.NpmAccess;

  /**
   * The shell line that verifies a candidate. It runs in an empty project in which the package is installed; the programs of the package are
   * on the PATH. It gets no secrets. For example `node -e "require('shop')"`, or `shop --version`.
   *
   * @default - the candidate is installed, and no more
   */
  readonly smoke?: string;

  /**
   * Whether the target publishes a version that is not in the registry. Set it to false if only the release workflow may publish.
   *
   * @default true
   */
  readonly publish?: boolean;

  /**
   * Whether `npm publish` signs in by OpenID Connect (npm's trusted publishing; npm 11.5.1 or later). The jobs then get the permission
   * `id-token: write`. Moving a tag needs the token all the same. Requires `publish`.
   *
   * @default false
   */
  readonly trustedPublishing?: boolean;

  /**
   * The name of the secret with a token of the registry that may move tags.
   *
   * @default 'NPM_TOKEN'
   */
  readonly tokenSecret?: string;

  /**
   * The notice that npm shows to those who install a version that was rolled back. The target removes it if the version is released again.
   *
   * @default - a version that was rolled back is not deprecated
   */
  readonly deprecation?: string;

  /**
   * Whether the environment gets a health check of the tag in the registry. Set it to false if the registry cannot be read without a token, or if
   * releases are not named by their version.
   *
   * @default true
   */
  readonly tagCheck?: boolean;
}

const OPTIONS: OptionNames<NpmTargetOptions> = {
  packageName: true,
  directory: true,
  buildTask: true,
  registry: true,
  distTag: true,
  candidateTag: true,
  access: true,
  smoke: true,
  publish: 'boolean',
  trustedPublishing: 'boolean',
  tokenSecret: true,
  deprecation: true,
  tagCheck: 'boolean',
};
const EXAMPLE = '{ smoke: \'node -e "require(\\\'shop\\\')"\' }';
const NPMJS = 'https://registry.npmjs.org/';
/** @see https://github.com/npm/validate-npm-package-name */
const NAME = /^(?=.{1,214}$)(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
/** The CDN of npmjs.com may serve an old response for 5 minutes. */
const PROPAGATION = Duration.minutes(6);

/** What does not depend on the project. */
interface Tags {
  readonly distTag: string;
  readonly candidateTag: string;
}

/** A package of npm. Its name and its registry may depend on the project. */
export function npmTarget(options: NpmTargetOptions): (context: TargetContext) => TargetBinding {
  optionsOf('Target.npm', options, OPTIONS, EXAMPLE);
  const { buildTask, deprecation, publish = true, smoke, tagCheck = true, tokenSecret = 'NPM_TOKEN', trustedPublishing = false } = options;
  const tags = tagsOf(options);
  checkHiddenSecret('Target.npm tokenSecret', 'the given value', tokenSecret);
  if (trustedPublishing && !publish) invalid('Target.npm trustedPublishing', 'the target does not publish', 'Leave it out, or remove publish: false');
  if (deprecation !== undefined && (typeof deprecation !== 'string' || !/^[^\p{Cc}]{1,1000}$/u.test(deprecation) || deprecation.trim() === '')) {
    invalid('Target.npm deprecation', `${show(deprecation)} is not a notice of one line`, 'Write what users should do: \'It was rolled back. Install the version before it.\'');
  }
  const line = smoke === undefined ? undefined : shellLine('Target.npm smoke', smoke);
  if (options.access !== undefined && !Object.values(javascript.NpmAccess).includes(options.access)) {
    invalid('Target.npm access', `${show(options.access)} is not an access of npm`, 'Write NpmAccess.PUBLIC or NpmAccess.RESTRICTED');
  }
  return ({ project }) => {
    const packageName = nameOf(project, options.packageName);
    const registry = registryOf(project, options.registry);
    const [directory] = artifactPaths([options.directory ?? (project instanceof javascript.NodeProject ? project.artifactsJavascriptDirectory : 'dist/js')], 'Target.npm directory');
    checkPackage(project, packageName);
    const driver: NpmDriverManifest = {
      kind: 'npm',
      packageName,
      directory,
      registry,
      ...tags,
      access: options.access ?? accessOf(project, packageName),
      publishes: publish,
      isTrustedPublisher: trustedPublishing,
      tokenVariable: tokenSecret,
      smoke: line,
      deprecation,
    };
    const command = (call: 'deploy' | 'promote' | 'rollback') => TargetCommand._ofDriver(call, driver);
    const check = () => HealthCheck.http(`${registry}${packageName.replace('/', '%2f')}/${tags.distTag}`, {
      name: 'dist-tag', release: ReleaseIdentity.json('version', { propagation: PROPAGATION }), deadline: Duration.minutes(8), interval: Duration.seconds(5),
    });
    return {
      commands: { deploy: command('deploy'), promote: command('promote'), rollback: command('rollback') },
      capabilities: [TargetCapability.SLOTS],
      artifact: { paths: [directory], buildTask },
      secrets: [tokenSecret],
      permissions: trustedPublishing ? { idToken: JobPermission.WRITE } : {},
      commandTimeout: Duration.minutes(15),
      healthChecks: tagCheck ? [check()] : [],
    };
  };
}

function tagsOf({ candidateTag = 'next', distTag = 'latest' }: NpmTargetOptions): Tags {
  for (const [name, tag] of Object.entries({ distTag, candidateTag })) {
    const option = `Target.npm ${name}`;
    const fix = `Write a word: '${name === 'distTag' ? 'latest' : 'next'}'`;
    if (typeof tag !== 'string' || !/^[\w.-]{1,64}$/.test(tag)) invalid(option, `${show(tag)} is not the name of a tag (letters, digits, '.', '_' and '-')`, fix);
    // npm rejects it, because "npm install shop@1.x" means versions
    if (/^[v=]?\d|^[vxX](?:$|\.)/.test(tag)) invalid(option, `${show(tag)} is a range of versions for npm, and no tag`, `${fix}, or for a release line '${`release-${tag}`.slice(0, 64)}'`);
  }
  if (candidateTag === 'latest') invalid('Target.npm candidateTag', '\'latest\' is what everyone installs, so users would get a candidate before it is verified', 'Write \'next\'');
  if (candidateTag === distTag) invalid('Target.npm candidateTag', `${show(candidateTag)} is also distTag, so users would get a candidate before it is verified`, `Write '${distTag}-candidate'`);
  return { distTag, candidateTag };
}

function nameOf(project: Project, given: string | undefined): string {
  const option = 'Target.npm packageName';
  const name = given ?? (project instanceof javascript.NodeProject ? project.package.packageName : undefined);
  if (name === undefined) invalid(option, 'it is missing, and the project is not a Node project', 'Name the package: packageName: \'@acme/shop\'');
  if (typeof name === 'string' && NAME.test(name)) return name;
  invalid(option, `${show(name)} is not the name of a package`, 'Write it as in package.json: \'shop\' or \'@acme/shop\', in lower case and without a version');
}

function registryOf(project: Project, given: string | undefined): string {
  const option = 'Target.npm registry';
  const url = given ?? (project instanceof javascript.NodeProject ? project.package.npmRegistryUrl : NPMJS);
  const { hash, href, pathname, search } = webAddress(option, url, false, {
    credentials: 'Remove them, and store a token as the secret that tokenSecret names', insecure: 'Write https://...: a token is sent there',
  });
  if (search !== '' || hash !== '') invalid(option, `${show(url)} has more than a path`, 'Write only the address, for example \'https://npm.pkg.github.com\'');
  if (/^https?:\/\/(?:www\.)?npmjs\.(?:com|org)\//.test(href)) invalid(option, `${show(url)} is the web site of npm, and not its registry`, `Write '${NPMJS}', or leave it out`);
  return pathname.endsWith('/') ? href : `${href}/`;
}

function accessOf(project: Project, name: string): NpmDriverManifest['access'] {
  return project instanceof javascript.NodeProject && name === project.package.packageName && name.startsWith('@') ? project.package.npmAccess : undefined;
}

/** What npm would reject when the release is built already. */
function checkPackage(project: Project, name: string): void {
  if (!(project instanceof javascript.NodeProject) || name !== project.package.packageName) return;
  const { manifest } = project.package as unknown as { readonly manifest: { readonly private?: unknown } };
  if (manifest.private === true) invalid('Target.npm packageName', `${show(name)} is private: npm publishes no package with "private": true`, 'Remove it from package.json (project.package.addField), or name another package');
}
