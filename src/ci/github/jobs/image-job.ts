import { github } from 'projen';
import { buildCondition, FILES_OUTPUTS, keep, PackedFiles, packStep } from './build-job';
import { expression } from './conditions';
import { jobEnvironment, outputsOf, runsOn } from './job-settings';
import { awsLoginStep } from './login-steps';
import { checkoutAll, plainSecrets, REGISTRY_LOGIN_STEP, REGISTRY_LOGOUT_STEP, runtime, WorkflowContext } from './steps';
import { BUILD_MINUTES } from './timeouts';
import { commandWords, OPTION } from '../../../contract/command-line';
import { COMMAND_VARIABLE } from '../../../contract/environment-variables';
import { DIGEST, IMAGE_DIGEST } from '../../../contract/outputs';
import { ImageArtifact, PUSH_SESSION_MS } from '../../../delivery/image-artifact';
import { linesIn } from '../toolchains/toolchain';

const { READ, WRITE } = github.workflows.JobPermission;

export interface ImageJobOptions {
  readonly image: ImageArtifact;
  /** The files that are made with the image, if the release has both. */
  readonly files?: PackedFiles;
  readonly setupSteps: github.workflows.JobStep[];
  /** The shell line that builds what the image contains. */
  readonly make?: string;
  readonly runsOn?: string[];
}

/**
 * Builds the release's image once and pushes it, then makes its files, which may name the image or hold files of it. No other job may write to
 * the registry, and what makes the files does not get its credentials.
 */
export function imageJob(
  workflowContext: WorkflowContext, { files, image, make, setupSteps, ...options }: ImageJobOptions, conditions: string[],
): github.workflows.Job {
  const { registryLogin: login } = image;
  const { directory, project } = workflowContext.scope;
  const words = commandWords('build', { options: { [OPTION.PROJECT]: project?.name } });
  return {
    name: 'build the release',
    if: buildCondition(conditions),
    ...runsOn(workflowContext, options),
    timeoutMinutes: BUILD_MINUTES,
    ...(login?.kind === 'aws' ? { environment: jobEnvironment(workflowContext, login.environment) } : {}),
    permissions: { contents: READ, ...(login?.kind === 'jobToken' ? { packages: WRITE } : {}), ...(login?.kind === 'aws' ? { idToken: WRITE } : {}) },
    outputs: files ? { ...FILES_OUTPUTS, [IMAGE_DIGEST]: { stepId: 'image', outputName: DIGEST } } : outputsOf('image', [DIGEST]),
    steps: [
      checkoutAll(workflowContext, false),
      ...setupSteps,
      ...linesIn(directory, make === undefined ? [] : [{ id: 'make', name: 'build', run: make }]),
      ...signIn(image),
      runtime('image', 'build and push the image', words, {}, {}),
      ...signOut(image),
      ...(files ? [...linesIn(directory, filesSteps(image, files)), keep(workflowContext)] : []),
    ],
  };
}

/** What the sign-in to AWS leaves in the environment of all later steps. */
const AWS_VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION', 'AWS_DEFAULT_REGION'];

function filesSteps({ manifest: { repository }, registryLogin }: ImageArtifact, files: PackedFiles): github.workflows.JobStep[] {
  const env = {
    [COMMAND_VARIABLE.IMAGE]: `${repository}@sha256:\${{ steps.image.outputs.${DIGEST} }}`,
    ...(registryLogin?.kind === 'aws' ? Object.fromEntries(AWS_VARIABLES.map((name) => [name, ''])) : {}),
  };
  return [
    ...(files.make === undefined ? [] : [{ id: 'files', name: 'make the files', env, run: files.make }]),
    packStep(files),
  ];
}

/** Where docker keeps the sign-in to Docker Hub: `docker logout docker.io` ends well and leaves it there. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** Before the files are made: that is the user's code, too. And always: a self-hosted runner keeps what is signed in. */
function signOut({ registryLogin: login }: ImageArtifact): github.workflows.JobStep[] {
  if (login === undefined) return [];
  return [{
    id: REGISTRY_LOGOUT_STEP,
    name: 'sign out of the registry',
    if: expression('always()'),
    shell: 'bash',
    env: { REGISTRY: signedInAt(login.registry) },
    run: 'docker logout "$REGISTRY"',
  }];
}

function signedInAt(registry: string): string {
  return registry === 'docker.io' ? DOCKER_HUB : registry;
}

/** After the user's build, which gets no credentials of the registry. */
function signIn({ registryLogin: login }: ImageArtifact): github.workflows.JobStep[] {
  if (login === undefined) return [];
  if (login.kind === 'aws') return [awsLoginStep(login.login, PUSH_SESSION_MS), ecrStep(login.registry)];
  const [user, password] = login.kind === 'jobToken'
    ? ['${{ github.actor }}', '${{ github.token }}']
    : [login.username, plainSecrets([login.passwordSecret])[login.passwordSecret]!];
  return [{
    id: REGISTRY_LOGIN_STEP,
    name: 'sign in to the registry',
    shell: 'bash',
    env: { REGISTRY: login.registry, REGISTRY_USER: user, REGISTRY_PASSWORD: password },
    run: 'docker login "$REGISTRY" --username "$REGISTRY_USER" --password-stdin <<< "$REGISTRY_PASSWORD"',
  }];
}

/** The password of the registry is valid for 12 hours, and never leaves the pipe. */
function ecrStep(registry: string): github.workflows.JobStep {
  return {
    id: REGISTRY_LOGIN_STEP,
    name: 'sign in to the registry',
    shell: 'bash',
    env: { REGISTRY: registry },
    run: 'aws ecr get-login-password | docker login "$REGISTRY" --username AWS --password-stdin',
  };
}
