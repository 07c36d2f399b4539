import { Artifact, Duration, ImageArtifactOptions, Login, Target, Trigger, Workflow } from '../../src';
import { Synthesized, deliver, environment, plainProject, synthesize, typescriptProject } from '../test-project';

const REPOSITORY = 'ghcr.io/acme/shop';
const ECR = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop';
const ROLE = 'arn:aws:iam::111122223333:role/push';

function synthesized(options: Partial<ImageArtifactOptions> = {}): Synthesized {
  const project = plainProject();
  project.addTask('bundle', { exec: 'true' });
  deliver(project, {
    target: Target.commands({ deploy: './ship.sh "$DELIVERY_IMAGE"' }),
    artifact: Artifact.image({ repository: REPOSITORY, ...options }),
    environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*', { requires: 'staging' }) })],
  });
  return synthesize(project);
}

describe('Artifact.image', () => {
  it('is built in one job, which alone may push', () => {
    const { deploy, rollback } = synthesized({ buildTask: 'bundle' });
    const { build, environment_staging: plan, deploy_staging: deployment, monitor_staging: monitor, rollback_staging: recovery } = deploy.jobs;
    expect(build.permissions).toEqual({ contents: 'read', packages: 'write' });
    expect(build.steps!.map(({ id, run }) => [id, run])).toEqual([
      ['checkout', undefined],
      ['make', expect.stringMatching(/^npx projen\S* bundle$/)],
      ['registry-login', 'docker login "$REGISTRY" --username "$REGISTRY_USER" --password-stdin <<< "$REGISTRY_PASSWORD"'],
      ['image', 'exec node .projen/delivery.cjs build'],
      ['registry-logout', 'docker logout "$REGISTRY"'],
    ]);
    // a self-hosted runner keeps what is signed in, also if the build fails
    expect(build.steps!.find(({ id }) => id === 'registry-logout')!.if).toBe('${{ always() }}');
    expect(build.outputs).toEqual({ digest: '${{ steps.image.outputs.digest }}' });
    expect([plan, deployment, recovery].map((job) => (job.permissions as Record<string, string>).packages)).toEqual(['read', 'read', 'read']);
    expect(monitor.permissions).not.toHaveProperty('packages');
    expect(JSON.stringify(rollback.jobs)).not.toMatch(/"packages":"write"/);
  });

  it('reaches the jobs that deploy by its digest', () => {
    const { deploy_staging: { steps }, deploy_production: after } = synthesized().deploy.jobs;
    const { env } = steps!.find(({ id }) => id === 'deploy')!;
    expect(env).toMatchObject({ DELIVERY_ARTIFACT_DIGEST: '${{ needs.build.outputs.digest }}' });
    expect(env).not.toHaveProperty('DELIVERY_ARTIFACT_ID');
    // it deploys what staging verified
    expect(after.steps!.find(({ id }) => id === 'deploy')!.env).not.toHaveProperty('DELIVERY_ARTIFACT_DIGEST');
  });

  it('is in the manifest, with nothing left to resolve', () => {
    expect(synthesized({ context: 'app', dockerfile: 'app/Dockerfile.release', stage: 'web', buildArgs: { B: '2', A: '1' }, platform: 'linux/arm64' }).manifest.image).toEqual({
      repository: REPOSITORY,
      build: { kind: 'docker', context: 'app', file: 'app/Dockerfile.release', stage: 'web', args: { A: '1', B: '2' }, platform: 'linux/arm64' },
    });
    expect(synthesized({ command: './image.sh' }).manifest.image).toEqual({ repository: REPOSITORY, build: { kind: 'command', command: { kind: 'bash', line: './image.sh' } } });
  });

  it('signs in to another registry with a secret, in the build only', () => {
    const { deploy } = synthesized({ repository: 'docker.io/acme/shop', username: 'acme', passwordSecret: 'DOCKER_HUB_TOKEN' });
    expect(deploy.jobs.build.permissions).toEqual({ contents: 'read' });
    expect(deploy.jobs.build.steps!.find(({ id }) => id === 'registry-login')!.env)
      .toEqual({ REGISTRY: 'docker.io', REGISTRY_USER: 'acme', REGISTRY_PASSWORD: '${{ secrets.DOCKER_HUB_TOKEN }}' });
    expect(Object.entries(deploy.jobs).filter(([, job]) => JSON.stringify(job).includes('DOCKER_HUB_TOKEN')).map(([id]) => id)).toEqual(['build']);
  });

  it('signs in to Amazon ECR with a role that trusts the environment of the build alone', () => {
    const { deploy, manifest } = synthesized({ repository: ECR, login: Login.aws({ role: ROLE, region: 'eu-central-1' }), buildEnvironment: 'build', buildTask: 'bundle' });
    const { build } = deploy.jobs;
    expect(build.permissions).toEqual({ 'contents': 'read', 'id-token': 'write' });
    expect(build.environment).toEqual({ name: 'build', deployment: false });
    expect(build.steps!.map(({ id }) => id)).toEqual(['checkout', 'make', 'aws-login', 'registry-login', 'image', 'registry-logout']);
    expect(build.steps!.find(({ id }) => id === 'aws-login')!.with).toEqual({ 'role-to-assume': ROLE, 'aws-region': 'eu-central-1', 'role-duration-seconds': '3600' });
    expect(build.steps!.find(({ id }) => id === 'registry-login')!.run).toBe('aws ecr get-login-password | docker login "$REGISTRY" --username AWS --password-stdin');
    expect(manifest.image!.login).toEqual({ kind: 'aws', region: 'eu-central-1', roles: [{ arn: ROLE, sessionMs: 3_600_000, environments: ['build'] }] });
    expect(Object.entries(deploy.jobs).filter(([, { permissions }]) => 'id-token' in (permissions as object)).map(([id]) => id)).toEqual(['build']);
  });

  it.each<[string, Partial<ImageArtifactOptions>, string]>([
    ['another registry', { repository: REPOSITORY }, "Artifact.image login: 'ghcr.io' is no private registry of AWS. "],
    ['another region', { login: Login.aws({ role: ROLE, region: 'us-east-1' }) }, "Artifact.image login region: it is 'us-east-1', and the registry is in eu-central-1. "],
    ['a reading role', { login: Login.aws({ role: ROLE, readRole: `${ROLE}-read`, region: 'eu-central-1' }) }, 'Artifact.image login readRole: the job that builds uses role only. '],
    ['a planning role', { login: Login.aws({ role: ROLE, planRole: `${ROLE}-plan`, region: 'eu-central-1' }) }, 'Artifact.image login planRole: the job that builds uses role only. '],
    ['a session', { login: Login.aws({ role: ROLE, region: 'eu-central-1', sessionDuration: Duration.hours(2) }) }, 'Artifact.image login sessionDuration: '],
    ['a password', { username: 'AWS', passwordSecret: 'ECR' }, 'Artifact.image login: the job would sign in with a password, too. '],
    ['no environment', { buildEnvironment: undefined }, 'Artifact.image buildEnvironment: it is missing, and a role that trusts a job without an environment would trust every job of the branch. '],
    ['an environment that is no text', { buildEnvironment: 5 as unknown as string }, 'Artifact.image buildEnvironment: 5 is not the name of an environment. '],
    ['an environment that is deployed to', { buildEnvironment: 'Staging' }, "Artifact.image buildEnvironment: 'Staging' belongs to the environment 'staging'. "],
    ['what is no login', { login: ROLE as unknown as Login }, `Artifact.image login: '${ROLE}' is not a Login. `],
    ['an environment without a login', { login: undefined }, 'Artifact.image buildEnvironment: only login needs it, and there is none. '],
  ])('login rejects %s', (_, options, problem) => {
    const login = Login.aws({ role: ROLE, region: 'eu-central-1' });
    expect(() => synthesized({ repository: ECR, login, buildEnvironment: 'build', ...options })).toThrow(problem);
  });

  it('signs in to no registry by itself, where nothing says how', () => {
    const { deploy } = synthesized({ repository: 'registry.example.com:5000/acme/shop' });
    expect(deploy.jobs.build.permissions).toEqual({ contents: 'read' });
    expect(deploy.jobs.build.steps!.map(({ id }) => id)).toEqual(['checkout', 'image']);
  });

  it('may come from a target', () => {
    const { manifest } = (() => {
      const project = plainProject();
      class Containers extends Target {
        public bind() {
          return { ...Target.commands({ deploy: './ship.sh' }).bind({} as never), artifact: Artifact.image({ repository: REPOSITORY }) };
        }
      }
      deliver(project, { target: new Containers() });
      return synthesize(project);
    })();
    expect(manifest.image?.repository).toBe(REPOSITORY);
  });

  it.each<[string, object, string]>([
    ['no repository', { repository: undefined }, 'Artifact.image repository: it is missing. Write the registry\'s host and the name, for example ghcr.io/acme/shop'],
    ['a tag', { repository: 'ghcr.io/acme/shop:latest' }, 'Artifact.image repository: \'ghcr.io/acme/shop:latest\' has a tag or a digest, and each build has its own. Write \'ghcr.io/acme/shop\''],
    ['a digest', { repository: `ghcr.io/acme/shop@sha256:${'a'.repeat(64)}` }, 'has a tag or a digest'],
    ['no registry', { repository: 'acme/shop' }, 'does not name its registry. Write \'docker.io/acme/shop\' if it is on Docker Hub'],
    ['capital letters', { repository: 'ghcr.io/Acme/shop' }, '\'ghcr.io/Acme/shop\' is not a repository (names are in lower case)'],
    ['an expression', { repository: 'ghcr.io/${{ github.repository }}' }, 'is not a repository'],
    ['docker and a command', { command: './image.sh', dockerfile: 'Dockerfile' }, 'Artifact.image dockerfile: docker does not build the image, because command does. Leave one of the two out'],
    ['a context outside of the project', { context: '../app' }, 'Artifact.image context: \'../app\' is not a file or folder inside the project'],
    ['a secret in a build argument', { buildArgs: { TOKEN: '${{ secrets.TOKEN }}' } }, 'Artifact.image buildArgs TOKEN: \'${{ secrets.TOKEN }}\' is an expression, which is never evaluated'],
    ['several platforms', { platform: 'linux/amd64,linux/arm64' }, 'Artifact.image platform: \'linux/amd64,linux/arm64\' is not valid'],
    ['a user without a password', { username: 'acme' }, 'Artifact.image passwordSecret: it is missing'],
    ['a password without a user', { passwordSecret: 'TOKEN' }, 'Artifact.image username: it is missing'],
    ['a task that does not exist', { buildTask: 'bundel' }, 'artifact.buildTask: there is no task \'bundel\'. Did you mean \'bundle\'?'],
    ['an unknown option', { tag: 'latest' }, 'Artifact.image tag: there is no such option'],
  ])('%s fails at synthesis', (_, options, message) => {
    expect(() => synthesized(options as never)).toThrow(message);
  });

  it('is not built by a release workflow', () => {
    const project = typescriptProject({ release: true });
    expect(() => deliver(project, {
      workflow: Workflow.ofRelease(), artifact: Artifact.image({ repository: REPOSITORY }), environments: [environment('staging', { trigger: Trigger.release() })],
    })).toThrow('artifact: projen\'s release workflow publishes files, and no job of it builds the image');
  });
});
