import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestIn } from './registry-client';
import { IMAGE_BUILD_VARIABLE, COMMAND_VARIABLE } from '../../contract/environment-variables';
import { CommandManifest, IMAGE_BUILD_MS, ImageBuildManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { ConfigurationError, InterruptedError } from '../errors';
import { environmentWithoutOurs } from '../processes/command-environment';
import { Artifact, Release } from '../release';
import { safeLine } from '../reporting/untrusted-text';

type Docker = Extract<ImageBuildManifest, { readonly kind: 'docker' }>;

/**
 * Builds the image of a release, pushes it, and returns it by its digest. The tag is of this build alone: a build that moved the tag of an
 * earlier one would leave that one to the registry's clean-up. Throws `ConfigurationError`.
 */
export async function buildImage(context: RuntimeContext, release: Release): Promise<Artifact> {
  const { build, repository } = context.manifest.image!;
  const tag = tagOf(context, release);
  const digest = build.kind === 'docker'
    ? await buildWithDocker(context, build, { repository, tag, release })
    : await buildWithCommand(context, build.command, { repository, tag, release });
  return { digest, image: repository };
}

/**
 * Makes what only a build on a laptop makes here, because a job has a step of its own for it. Throws `ConfigurationError` if it fails.
 *
 * @param image what the line finds as `DELIVERY_IMAGE`
 */
export async function runBuildLine(context: RuntimeContext, line: string | undefined, image?: string): Promise<void> {
  if (line === undefined) return;
  const env = image === undefined ? undefined : { [COMMAND_VARIABLE.IMAGE]: image };
  await runCommand(context, line, { kind: 'bash', line }, { env });
}

interface Build {
  readonly repository: string;
  readonly tag: string;
  readonly release: Release;
}

function tagOf({ run }: RuntimeContext, { sha }: Release): string {
  return `${sha.slice(0, 12)}-${run.inCi ? `${run.id}.${run.attempt}` : `local-${randomUUID().slice(0, 8)}`}`;
}

async function buildWithDocker(context: RuntimeContext, build: Docker, { release, repository, tag }: Build): Promise<string> {
  const image = `${repository}:${tag}`;
  await runDocker(context, dockerBuild(build, image, release));
  await runDocker(context, ['docker', 'push', image]);
  const printed: string[] = [];
  await runDocker(context, ['docker', 'image', 'inspect', '--format', '{{json .RepoDigests}}', image], printed);
  return pushedDigest(printed.join(''), repository);
}

/** The arguments of `docker build`. Nothing is interpolated into a shell line. */
export function dockerBuild({ args = {}, context, file, platform, stage }: Docker, image: string, { sha }: Release): string[] {
  return [
    'docker', 'build', '--tag', image, '--label', `org.opencontainers.image.revision=${sha}`,
    ...(file === undefined ? [] : ['--file', file]),
    ...(stage === undefined ? [] : ['--target', stage]),
    ...(platform === undefined ? [] : ['--platform', platform]),
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    context,
  ];
}

/**
 * The digest of the manifest that was pushed, as `docker image inspect` prints it. Not what `--iidfile` says, which is the digest of the
 * image's configuration: no registry finds an image by it. Throws `ConfigurationError`.
 */
export function pushedDigest(printed: string, repository: string): string {
  // Docker Hub's images are listed without their registry
  const names = [repository, repository.replace(/^docker\.io\/(library\/)?/, '')];
  const all = [...printed.matchAll(/"([^"@\s]+)@([^"]+)"/g)].filter(([, name]) => names.includes(name!)).map(([, , digest]) => digestIn(digest!));
  const [digest, other] = new Set(all);
  if (digest !== undefined && other === undefined) return digest;
  const fault = digest === undefined ? 'none' : 'several';
  throw new ConfigurationError(`docker push did not end in one digest of ${repository}: docker image inspect lists ${fault} (${safeLine(printed, 200)}). Build and push it with a command of your own: Artifact.image({ command })`);
}

async function buildWithCommand(context: RuntimeContext, command: CommandManifest, { release, repository, tag }: Build): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-image-'));
  const file = join(folder, 'digest');
  try {
    const env = {
      [COMMAND_VARIABLE.VERSION]: release.version,
      [COMMAND_VARIABLE.SHA]: release.sha,
      [IMAGE_BUILD_VARIABLE.REPOSITORY]: repository,
      [IMAGE_BUILD_VARIABLE.TAG]: tag,
      [IMAGE_BUILD_VARIABLE.DIGEST_FILE]: file,
    };
    await runCommand(context, 'the command of Artifact.image', command, { env });
    return writtenDigest(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws `ConfigurationError` unless the file holds one digest. */
function writtenDigest(file: string): string {
  const howTo = `Write the digest that the push printed, sha256: and 64 hexadecimal digits: echo "$digest" > "$${IMAGE_BUILD_VARIABLE.DIGEST_FILE}"`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new ConfigurationError(`the command of Artifact.image wrote no digest. ${howTo}`);
  }
  const digest = digestIn(text);
  if (digest === undefined) throw new ConfigurationError(`the command of Artifact.image wrote "${safeLine(text, 100)}", which is no digest. ${howTo}`);
  return digest;
}

function runDocker(context: RuntimeContext, argv: string[], printed?: string[]): Promise<void> {
  return runCommand(context, `docker ${argv[1]}`, { kind: 'exec', argv }, { printed });
}

interface Running {
  readonly env?: Record<string, string>;
  /** Gets the lines of standard output, instead of the log. */
  readonly printed?: string[];
}

async function runCommand(context: RuntimeContext, name: string, command: CommandManifest, { env, printed }: Running): Promise<void> {
  const { environment, execute, log, processEnv } = context;
  const result = await execute(command, {
    env: { ...environmentWithoutOurs(processEnv, environment), ...env },
    timeoutMs: IMAGE_BUILD_MS,
    ...(printed && { capture: { output: (line: string) => void printed.push(line), error: (line: string) => log.commandOutput(line) } }),
  });
  if (result.outcome === 'interrupted') throw new InterruptedError();
  if (result.outcome === 'succeeded') return;
  const how = result.outcome === 'timedOut' ? 'did not end in time' : result.exitCode === undefined ? `ended with ${result.signal ?? 'an error'}` : `ended with exit code ${result.exitCode}`;
  throw new ConfigurationError(`${name} ${how} (see above), so nothing is deployed.`);
}
