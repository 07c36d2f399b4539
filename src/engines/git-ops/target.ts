import { Project, Task } from 'projen';
import { GitOpsController } from './git-ops-controller';
import { GitOpsDriverManifest } from './manifest';
import { artifactPaths } from '../../delivery/artifact-paths';
import { TargetBinding, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { isBranch } from '../../validation/branch-name';
import { Duration } from '../../validation/duration';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { webAddress } from '../../validation/url';
import { invalid, show } from '../../validation/validation-error';
import { checkHiddenSecret } from '../../validation/variable-names';

/**
 * Options for a target that writes releases into a git repository that Argo CD or Flux follows. The runtime calls git, which must be installed where
 * the deployment runs.
 */
export interface GitOpsTargetOptions {
  /** The URL of the repository: `https://github.com/acme/deployments`. */
  readonly repository: string;

  /**
   * The folder in the repository that belongs to this target. Each release replaces all its files, and nothing beside it. It is empty or absent at
   * first, or has the file `.projen-delivery` with `{"owner":"<name>"}`.
   */
  readonly path: string;

  /**
   * A folder with YAML or JSON, relative to the project's directory: plain manifests, the output of cdk8s, or a kustomization. It is the delivery's
   * artifact: it is built once, and committed to every environment's repository or folder unchanged.
   */
  readonly manifests: string;

  /**
   * The name of the secret with a token that may write to the repository.
   */
  readonly tokenSecret: string;

  /**
   * The user name that the server expects with the token. GitHub, GitLab and Gitea take any; Bitbucket needs `x-token-auth`.
   *
   * @default 'x-access-token'
   */
  readonly user?: string;

  /**
   * The branch that the controller follows. Nothing is ever forced: it only gets new commits.
   *
   * @default 'main'
   */
  readonly branch?: string;

  /**
   * The task that builds `manifests`, or its name.
   *
   * @default - the files are already there
   */
  readonly buildTask?: string | Task;

  /**
   * What applies the folder to a cluster. The deployment then waits until the cluster serves the commit, and a failed one names the reason.
   *
   * @default - the cluster is not read. A health check of the environment must identify the release (`ReleaseIdentity`), and waits for it
   */
  readonly follows?: GitOpsController;

  /**
   * Who owns the folder, as its file `.projen-delivery` says. Two deliveries of one repository need different names.
   *
   * @default - the names of the project and the environment
   */
  readonly name?: string;
}

const OPTIONS: OptionNames<GitOpsTargetOptions> = {
  repository: true, path: true, manifests: true, tokenSecret: true, user: true, branch: true, buildTask: true, follows: true, name: true,
};
const EXAMPLE = '{ repository: \'https://github.com/acme/deployments\', path: \'apps/shop\', manifests: \'dist\', tokenSecret: \'DEPLOYMENTS_TOKEN\' }';
const FIXES = {
  credentials: 'Remove them, store the token as a secret, and name it in tokenSecret',
  insecure: 'Write https://..., because the token is sent with each request',
};
const NAME = /^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$/;

/** A folder of a repository. The owner's name depends on the environment. */
export function gitOpsTarget(options: GitOpsTargetOptions): (context: TargetContext) => TargetBinding {
  optionsOf('Target.gitOps', options, OPTIONS, EXAMPLE);
  const { branch = 'main', buildTask, follows, name, tokenSecret, user = 'x-access-token' } = options;
  const repository = repositoryOf(options.repository);
  const path = pathOf(options.path);
  if (tokenSecret === undefined) invalid('Target.gitOps tokenSecret', 'it is missing', 'Write tokenSecret: \'DEPLOYMENTS_TOKEN\'');
  checkHiddenSecret('Target.gitOps tokenSecret', 'the given value', tokenSecret);
  if (typeof user !== 'string' || !/^[\w.@+-]{1,100}$/.test(user)) invalid('Target.gitOps user', `${show(user)} is not a user name`, 'Write for example \'x-token-auth\', or leave it out');
  if (typeof branch !== 'string' || !isBranch(branch) || branch.startsWith('refs/')) invalid('Target.gitOps branch', `${show(branch)} is not a valid branch name`, 'Write the name alone, for example \'main\'');
  if (follows !== undefined && !(follows instanceof GitOpsController)) {
    invalid('Target.gitOps follows', `${show(follows)} is not a GitOpsController`, 'Write GitOpsController.flux({ kustomization: \'shop\' }) or GitOpsController.argoCd({ application: \'shop\' })');
  }
  if (name !== undefined && (typeof name !== 'string' || !NAME.test(name))) {
    invalid('Target.gitOps name', `${show(name)} is not valid (lower-case letters, digits and -, at most 100 characters)`, 'Write for example \'shop-production\'');
  }
  const [manifests] = artifactPaths([options.manifests], 'Target.gitOps manifests');
  const kubeconfig = follows?._manifest.cluster.kubeconfigVariable;
  const secrets = [tokenSecret, ...kubeconfig === undefined ? [] : [kubeconfig]];
  return ({ environment, project }) => {
    const driver: GitOpsDriverManifest = {
      kind: 'gitOps', repository, branch, path, manifests: manifests!, name: name ?? nameOf(project, environment), tokenVariable: tokenSecret, user, follows: follows?._manifest,
    };
    return {
      commands: { deploy: TargetCommand._ofDriver('deploy', driver), rollback: TargetCommand._ofDriver('rollback', driver) },
      artifact: { paths: [manifests!], buildTask },
      secrets,
      readSecrets: secrets,
      commandTimeout: Duration.minutes(15),
    };
  };
}

function repositoryOf(repository: string): string {
  const option = 'Target.gitOps repository';
  if (repository === undefined) invalid(option, 'it is missing', 'Write its URL, for example \'https://github.com/acme/deployments\'');
  if (typeof repository === 'string' && (/^ssh:/.test(repository) || /^[\w.-]+@[\w.-]+:/.test(repository))) {
    const [, host, path] = /^(?:ssh:\/\/)?(?:[^@/]+@)?([\w.-]+)(?::\d+)?[:/]+(.+)$/.exec(repository) ?? [];
    invalid(option, `${show(repository)} is an address of ssh, and the target signs in with a token`, `Write '${host === undefined ? 'https://github.com/acme/deployments' : `https://${host}/${path}`}', and name a token in tokenSecret`);
  }
  const { hash, href, pathname, search } = webAddress(option, repository, false, FIXES);
  if (search !== '' || hash !== '' || pathname.replace(/\/+/g, '') === '') invalid(option, `${show(repository)} is not the URL of a repository`, 'Write it as git clone takes it: \'https://github.com/acme/deployments\'');
  return href.replace(/\/+$/, '');
}

function pathOf(path: string): string {
  const option = 'Target.gitOps path';
  if (path === undefined) invalid(option, 'it is missing', 'Write a folder of the repository, for example \'apps/shop\'');
  const plain = typeof path === 'string' ? path.replace(/^\.\//, '').replace(/\/+$/, '') : path;
  if (typeof plain === 'string' && ['', '.'].includes(plain)) {
    invalid(option, `${show(path)} is the root of the repository, and each release replaces all files of the folder`, 'Write a folder of its own, for example \'apps/shop\'');
  }
  const isFolder = typeof plain === 'string' && /^[\w.@+-]+(\/[\w.@+-]+)*$/.test(plain) && plain.length <= 200
    && plain.split('/').every((part) => !/^\.{1,2}$|^\.git$|^-/i.test(part));
  if (!isFolder) invalid(option, `${show(path)} is not a folder inside the repository`, 'Write it with slashes, for example \'apps/shop\'');
  return plain;
}

function nameOf(project: Project, environment: string): string {
  const plain = `${project.name.replace(/^@/, '')}-${environment}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  if (NAME.test(plain)) return plain;
  return invalid('Target.gitOps name', 'the names of the project and the environment make none of at most 100 characters', 'Set name, for example name: \'shop-production\'');
}
