import { Task } from 'projen';
import { artifactPaths } from './artifact-paths';
import { checkEnvironmentName } from './environment-names';
import { JobStep } from '../ci/github-types';
import { ecrOf, ImageManifest, LoginManifest } from '../contract/manifest';
import { AwsLogin } from '../login/aws-login';
import { checkLogin, Login } from '../login/login';
import { shellLine } from '../targets/commands';
import { inKeyOrder, objectOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkHiddenSecret } from '../validation/variable-names';

/**
 * Options for a container image that is built once, pushed once, and deployed by its digest: every environment gets the image that was
 * verified, whatever happens to its tags.
 */
export interface ImageArtifactOptions {
  /**
   * The repository of the image, with the registry's host and without a tag: `ghcr.io/acme/shop`,
   * `111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop`, `docker.io/acme/shop`. The job `build` signs in to `ghcr.io` with its own token,
   * and only this job may push.
   */
  readonly repository: string;

  /**
   * The folder that `docker build` gets, relative to the project's directory.
   *
   * @default '.' without `command`
   */
  readonly context?: string;

  /**
   * The Dockerfile, relative to the project's directory.
   *
   * @default - `Dockerfile` in the context
   */
  readonly dockerfile?: string;

  /**
   * The stage of the Dockerfile to build.
   *
   * @default - the last one
   */
  readonly stage?: string;

  /**
   * Build arguments. They are plain text, and part of the image: no secrets.
   *
   * @default - none
   */
  readonly buildArgs?: Record<string, string>;

  /**
   * The platform of the image, for example `linux/arm64`. For an image of several platforms use `command`.
   *
   * @default - the runner's
   */
  readonly platform?: string;

  /**
   * A shell line that builds and pushes the image, instead of docker: with buildx, Buildah, ko, Jib or Nix. It finds `DELIVERY_IMAGE_REPOSITORY`
   * and `DELIVERY_IMAGE_TAG` (a tag of this build alone), and writes the digest that it pushed (`sha256:...`) into the file
   * `DELIVERY_IMAGE_DIGEST_FILE`.
   *
   * @default - docker builds `context` and pushes the image
   */
  readonly command?: string;

  /**
   * The task that runs before the image is built, or its name: it builds what the image contains.
   *
   * @default - none
   */
  readonly buildTask?: string | Task;

  /**
   * Steps that the build needs in addition to the toolchain, for example the set-up of a builder. They run in the job `build` only.
   *
   * @default - none
   */
  readonly setupSteps?: JobStep[];

  /**
   * The user name for the registry. Needs `passwordSecret`.
   *
   * @default - for `ghcr.io` the actor of the run; for other registries none: `setupSteps` sign in
   */
  readonly username?: string;

  /**
   * The name of a secret of the repository with the password or token for the registry. Only the job `build` gets it.
   *
   * @default - for `ghcr.io` the job's own token
   */
  readonly passwordSecret?: string;

  /**
   * The role that pushes to Amazon ECR. The job `build` signs in with it after `buildTask`, for one hour. The role trusts the
   * `buildEnvironment`: `npx projen delivery trust` prints its trust policy.
   *
   * @default - none
   */
  readonly login?: Login;

  /**
   * The GitHub environment of the job `build`, which the role of `login` trusts. Make one for it alone, without reviewers. The environment's
   * branch and tag rules decide which refs may push.
   *
   * @default - none without `login`
   */
  readonly buildEnvironment?: string;
}

const OPTIONS: OptionNames<ImageArtifactOptions> = {
  repository: true,
  context: true,
  dockerfile: true,
  stage: true,
  buildArgs: true,
  platform: true,
  command: true,
  buildTask: true,
  setupSteps: true,
  username: true,
  passwordSecret: true,
  login: true,
  buildEnvironment: true,
};

/** An image, checked. */
export interface ImageArtifact {
  readonly manifest: ImageManifest;
  readonly buildTask?: string | Task;
  readonly setupSteps: JobStep[];
  readonly registryLogin?: RegistryLogin;
}

/** How the job that builds signs in to the registry. */
export type RegistryLogin =
  | { readonly kind: 'jobToken'; readonly registry: string }
  | { readonly kind: 'password'; readonly registry: string; readonly username: string; readonly passwordSecret: string }
  | { readonly kind: 'aws'; readonly registry: string; readonly login: AwsLogin; readonly environment: string };

/** As long as the job may take, and the default maximum of a role. */
export const PUSH_SESSION_MS = 3_600_000;

/** The registry that the token of a job on GitHub is valid for. */
const GITHUB_REGISTRY = 'ghcr.io';

export function imageArtifact(options: ImageArtifactOptions): ImageArtifact {
  optionsOf('Artifact.image', options, OPTIONS, '{ repository: \'ghcr.io/acme/shop\' }');
  const { buildTask, repository, setupSteps } = options;
  checkRepository(repository);
  const registryLogin = loginOf(options);
  const manifest: ImageManifest = { repository, build: buildOf(options), login: loginManifestOf(registryLogin) };
  return { manifest, buildTask, setupSteps: setupSteps ?? [], registryLogin };
}

/** @see https://github.com/distribution/reference/blob/main/regexp.go */
function checkRepository(repository: string): void {
  const option = 'Artifact.image repository';
  const fix = 'Write the registry\'s host and the name, for example ghcr.io/acme/shop';
  if (typeof repository !== 'string' || repository === '') invalid(option, repository === undefined ? 'it is missing' : `${show(repository)} is not a repository`, fix);
  if (/@|:[^/]*$/.test(repository)) invalid(option, `${show(repository)} has a tag or a digest, and each build has its own`, `Write ${show(repository.replace(/(@.*|:[^/]*)$/, ''))}`);
  const [host, ...name] = repository.split('/');
  if (!/[.:]|^localhost$/.test(host!)) invalid(option, `${show(repository)} does not name its registry`, `Write ${show(`docker.io/${name.length === 0 ? 'library/' : ''}${repository}`)} if it is on Docker Hub`);
  const isValid = /^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?)(:\d{1,5})?$/.test(host!) && name.length > 0 && name.every((part) => /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/.test(part));
  if (!isValid) invalid(option, `${show(repository)} is not a repository (names are in lower case)`, fix);
}

function buildOf({ buildArgs, command, context, dockerfile, platform, stage }: ImageArtifactOptions): ImageManifest['build'] {
  if (command !== undefined) {
    const docker = Object.entries({ buildArgs, context, dockerfile, platform, stage }).find(([, value]) => value !== undefined);
    if (docker) invalid(`Artifact.image ${docker[0]}`, 'docker does not build the image, because command does', 'Leave one of the two out');
    return { kind: 'command', command: { kind: 'bash', line: shellLine('Artifact.image command', command) } };
  }
  return {
    kind: 'docker',
    context: pathOf('context', context ?? '.'),
    file: dockerfile === undefined ? undefined : pathOf('dockerfile', dockerfile),
    stage: stage === undefined ? undefined : word('stage', stage, /^[a-zA-Z0-9][\w.-]*$/, 'app'),
    args: buildArgs === undefined ? undefined : argsOf(buildArgs),
    platform: platform === undefined ? undefined : word('platform', platform, /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'linux/arm64'),
  };
}

function pathOf(name: 'context' | 'dockerfile', path: string): string {
  return path === '.' && name === 'context' ? path : artifactPaths([path], `Artifact.image ${name}`)[0]!;
}

function word(name: string, value: unknown, pattern: RegExp, example: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  invalid(`Artifact.image ${name}`, `${show(value)} is not valid`, `Write it as docker does, for example ${example}`);
}

function argsOf(buildArgs: Record<string, string>): Record<string, string> {
  const option = 'Artifact.image buildArgs';
  for (const [name, value] of Object.entries(objectOf(option, buildArgs, '{ VERSION: \'22\' }'))) {
    word(`buildArgs ${show(name)}`, name, /^[A-Za-z_]\w*$/, 'NODE_VERSION');
    if (typeof value !== 'string' || value.includes('\0')) invalid(`${option} ${name}`, `${show(value)} is not a string`, `Write ${name}: '...'`);
    if (value.includes('${{')) invalid(`${option} ${name}`, `${show(value)} is an expression, which is never evaluated`, 'Write the value itself');
  }
  return inKeyOrder(buildArgs);
}

function loginOf(options: ImageArtifactOptions): RegistryLogin | undefined {
  const { passwordSecret, repository, username } = options;
  const registry = repository.split('/')[0]!;
  if (options.login !== undefined) return awsLoginOf(options, registry, options.login);
  if (options.buildEnvironment !== undefined) invalid('Artifact.image buildEnvironment', 'only login needs it, and there is none', 'Set login, or leave it out');
  if (passwordSecret === undefined && username === undefined) return registry === GITHUB_REGISTRY ? { kind: 'jobToken', registry } : undefined;
  if (passwordSecret === undefined) invalid('Artifact.image passwordSecret', 'it is missing, and username alone signs in to nothing', 'Name a secret of the repository, for example \'REGISTRY_TOKEN\'');
  if (username === undefined) invalid('Artifact.image username', 'it is missing, and the registry asks for it beside the password', 'Set the user, for example \'acme\'');
  if (typeof username !== 'string' || !/^[\w.@$+-]{1,255}$/.test(username)) invalid('Artifact.image username', `${show(username)} is not the name of a user`, 'Write it as in docker login, for example acme');
  checkHiddenSecret('Artifact.image passwordSecret', 'the value', passwordSecret);
  return { kind: 'password', registry, username, passwordSecret };
}

function awsLoginOf({ buildEnvironment, passwordSecret, username }: ImageArtifactOptions, registry: string, given: Login): RegistryLogin {
  const option = 'Artifact.image login';
  const login = checkLogin(option, given);
  const ecr = ecrOf(registry);
  if (!ecr) invalid(option, `${show(registry)} is no private registry of AWS`, 'Leave it out, or push to Amazon ECR');
  if (login.region !== ecr.region) invalid(`${option} region`, `it is ${show(login.region)}, and the registry is in ${ecr.region}`, `Write ${show(ecr.region)}`);
  for (const name of ['readRole', 'planRole'] as const) {
    if (login[name] !== undefined) invalid(`${option} ${name}`, 'the job that builds uses role only', 'Leave it out');
  }
  if (login.sessionMs !== undefined) invalid(`${option} sessionDuration`, 'the job that builds signs in for one hour', 'Leave it out');
  if (passwordSecret !== undefined || username !== undefined) invalid(option, 'the job would sign in with a password, too', 'Leave username and passwordSecret out');
  if (buildEnvironment === undefined) {
    invalid('Artifact.image buildEnvironment', 'it is missing, and a role that trusts a job without an environment would trust every job of the branch',
      'Make an unprotected GitHub environment for the build, and name it: buildEnvironment: \'build\'');
  }
  checkEnvironmentName('Artifact.image buildEnvironment', buildEnvironment);
  return { kind: 'aws', registry, login, environment: buildEnvironment };
}

function loginManifestOf(login: RegistryLogin | undefined): LoginManifest | undefined {
  if (login?.kind !== 'aws') return undefined;
  const { environment, login: { region, role } } = login;
  return { kind: 'aws', region, roles: [{ arn: role, sessionMs: PUSH_SESSION_MS, environments: [environment] }] };
}

interface Deploying {
  readonly name: string;
  readonly target: { readonly needsImage: boolean };
}

/** Rejects a target that deploys an image where the delivery has none. */
export function checkImages(environments: readonly Deploying[], image: ImageArtifact | undefined): void {
  const lacking = image === undefined ? environments.find(({ target }) => target.needsImage) : undefined;
  if (!lacking) return;
  invalid(`environment ${show(lacking.name)} target`, 'it deploys an image, and the delivery has none', 'Set artifact: Artifact.image({ repository: \'ghcr.io/acme/shop\' })');
}
