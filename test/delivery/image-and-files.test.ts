import { Artifact, DeliveryOptions, ImageArtifactOptions, Login, Target, TargetBinding, Trigger, Workflow } from '../../src';
import { Synthesized, deliver, environment, plainProject, synthesize, typescriptProject } from '../test-project';
import { propertiesOf } from '../validators/properties';

const REPOSITORY = 'ghcr.io/acme/shop';
const ECR = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop';

/** A CDK app whose stacks run an image of the delivery. */
function synthesized(image: Partial<ImageArtifactOptions> = {}, options: Partial<DeliveryOptions> = {}): Synthesized {
  const project = plainProject();
  for (const task of ['bundle', 'synth']) project.addTask(task, { exec: 'true' });
  deliver(project, {
    target: Target.awsCdk({ stacks: ['Api'] }),
    artifact: Artifact.image({ repository: REPOSITORY, buildTask: 'bundle', ...image }),
    environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*', { requires: 'staging' }) })],
    ...options,
  });
  return synthesize(project);
}

const SITE = Target.staticSite({ bucket: 'acme-site', directory: 'dist', buildTask: 'synth' });
const PACKAGE = Target.npm({ packageName: '@acme/shop', buildTask: 'synth' });
const FUNCTION = Target.lambda({ functionName: 'shop', alias: 'live', code: 'dist/function.zip', buildTask: 'synth' });

/** A target that brings these files, and steps that their build needs. */
class Files extends Target {
  constructor(private readonly files: TargetBinding['artifact']) {
    super();
  }

  public bind(): TargetBinding {
    return { ...Target.commands({ deploy: './ship.sh' }).bind({} as never), artifact: this.files };
  }
}

describe('an image with a target that has files', () => {
  it('is pushed first; what makes the files gets its digest, and no credentials', () => {
    const { build } = synthesized().deploy.jobs;
    expect(build.permissions).toEqual({ contents: 'read', packages: 'write' });
    expect(build.steps!.map(({ id, run }) => [id, run?.split('\n')[0]])).toEqual([
      ['checkout', undefined],
      ['make', expect.stringMatching(/^npx projen\S* bundle$/)],
      ['registry-login', expect.stringContaining('docker login')],
      ['image', 'exec node .projen/delivery.cjs build'],
      ['registry-logout', 'docker logout "$REGISTRY"'],
      ['files', expect.stringMatching(/^npx projen\S* synth$/)],
      ['pack', 'mkdir -p "$RUNNER_TEMP/delivery"'],
      ['upload', undefined],
    ]);
    expect(build.steps!.find(({ id }) => id === 'files')!.env).toEqual({ DELIVERY_IMAGE: `${REPOSITORY}@sha256:\${{ steps.image.outputs.digest }}` });
    expect(build.outputs).toEqual({
      'digest': '${{ steps.pack.outputs.digest }}',
      'artifact-id': '${{ steps.upload.outputs.artifact-id }}',
      'image-digest': '${{ steps.image.outputs.digest }}',
    });
  });

  it('reaches the jobs that plan and deploy together with the files', () => {
    const { deploy, rollback } = synthesized();
    const { deploy_staging: deployment, deploy_production: after, environment_staging: plan } = deploy.jobs;
    const built = {
      DELIVERY_ARTIFACT_DIGEST: '${{ needs.build.outputs.digest }}',
      DELIVERY_ARTIFACT_ID: '${{ needs.build.outputs.artifact-id }}',
      DELIVERY_IMAGE_DIGEST: '${{ needs.build.outputs.image-digest }}',
    };
    expect(deployment.steps!.find(({ id }) => id === 'deploy')!.env).toMatchObject(built);
    // it deploys what staging verified
    expect(JSON.stringify(after)).not.toMatch(/DELIVERY_(ARTIFACT|IMAGE)_DIGEST/);
    expect(plan.permissions).toMatchObject({ actions: 'read', packages: 'read' });
    expect(deployment.permissions).toMatchObject({ actions: 'read', packages: 'read' });
    expect(JSON.stringify(rollback.jobs)).not.toMatch(/"packages":"write"/);
    for (const workflow of [deploy, rollback]) expect(propertiesOf(workflow)).toEqual([]);
  });

  it('is in the manifest with the files', () => {
    const { artifact, image } = synthesized().manifest;
    expect(artifact).toEqual({ paths: ['cdk.out'], buildLine: expect.stringMatching(/ synth$/) });
    expect(image).toEqual({ repository: REPOSITORY, build: { kind: 'docker', context: '.' }, buildLine: expect.stringMatching(/ bundle$/) });
  });

  it('signs in to Amazon ECR only until the image is pushed', () => {
    const login = Login.aws({ role: 'arn:aws:iam::111122223333:role/push', region: 'eu-central-1' });
    const { build } = synthesized({ repository: ECR, login, buildEnvironment: 'build' }).deploy.jobs;
    expect(build.steps!.map(({ id }) => id)).toEqual(['checkout', 'make', 'aws-login', 'registry-login', 'image', 'registry-logout', 'files', 'pack', 'upload']);
    expect(build.steps!.find(({ id }) => id === 'files')!.env).toMatchObject({
      AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '', AWS_REGION: '', AWS_DEFAULT_REGION: '',
    });
  });

  // `docker login docker.io` keeps the sign-in under another name, which `docker logout docker.io` does not remove
  it.each([['docker.io', 'https://index.docker.io/v1/'], ['registry.example.com', 'registry.example.com']])('signs out of %s where docker keeps the sign-in', (host, address) => {
    const { build } = synthesized({ repository: `${host}/acme/shop`, username: 'acme', passwordSecret: 'REGISTRY_TOKEN' }).deploy.jobs;
    expect(build.steps!.find(({ id }) => id === 'registry-logout')).toMatchObject({ env: { REGISTRY: address }, run: 'docker logout "$REGISTRY"' });
  });

  it('signs out of no registry that only the setupSteps signed in to', () => {
    const { build } = synthesized({ repository: 'registry.example.com/shop' }).deploy.jobs;
    expect(build.steps!.map(({ id }) => id)).toEqual(['checkout', 'make', 'image', 'files', 'pack', 'upload']);
  });

  it.each([
    ['Target.staticSite', SITE, ['dist']],
    ['Target.npm', PACKAGE, ['dist/js']],
    ['Target.kubernetes', Target.kubernetes({ manifests: 'manifests', buildTask: 'synth', namespace: 'shop' }), ['manifests']],
    ['Target.lambda with a zip', FUNCTION, ['dist/function.zip']],
  ])('%s takes it', (_, target, paths) => {
    const { deploy, manifest } = synthesized({}, { target, environments: [environment('production', { trigger: Trigger.branch('main') })] });
    expect(manifest).toMatchObject({ artifact: { paths }, image: { repository: REPOSITORY } });
    expect(deploy.jobs.build.steps!.map(({ id }) => id)).toContain('files');
  });

  it.each([['Target.ecs', Target.ecs({ cluster: 'shop', service: 'web' })], ['Target.commands', Target.commands({ deploy: './ship.sh' })], ['Target.tasks', Target.tasks({ deploy: 'ship' })]])(
    '%s has no files, and deploys the image beside a site', (_, target) => {
      const { manifest } = synthesized({}, { target, environments: [environment('site', { target: SITE }), environment('service', { trigger: Trigger.after('site') })] });
      expect(manifest).toMatchObject({ artifact: { paths: ['dist'] }, image: { repository: REPOSITORY } });
    });

  it('runs the set-up of both builds, and a step that both need once', () => {
    const node = { id: 'tool', name: 'set up the tool', run: './tool' };
    const steps = (files: typeof node) => synthesized({ setupSteps: [node] }, { target: new Files({ paths: ['dist'], setupSteps: [files] }) }).deploy.jobs.build.steps!;
    expect(steps({ ...node, id: 'other' }).map(({ id }) => id).slice(1, 3)).toEqual(['tool', 'other']);
    expect(steps(node).filter(({ id }) => id === 'tool')).toHaveLength(1);
    expect(() => steps({ ...node, run: './another' })).toThrow("setupSteps: the id 'tool' is that of another step of Artifact.image setupSteps, and both run in the job that builds. Choose another id");
  });

  it.each<[string, () => unknown, string]>([
    ['a second image', () => synthesized({}, { target: new Files(Artifact.image({ repository: ECR })) }),
      "environment 'staging' target artifact: the delivery's options define an artifact, too (an image of 'ghcr.io/acme/shop'), and a delivery has one. "],
    ['other files for another environment', () => synthesized({}, { environments: [environment('staging'), environment('site', { target: SITE })] }),
      'environment \'site\' target artifact: it is ["dist"], which is not what environment \'staging\' target artifact says (["cdk.out"])'],
    ['a task that does not exist', () => synthesized({}, { target: Target.awsCdk({ stacks: ['Api'], buildTask: 'synht' }) }),
      "environment 'staging' target artifact.buildTask: there is no task 'synht'. Did you mean 'synth'?"],
  ])('%s fails at synthesis', (_, synthesis, message) => {
    expect(synthesis).toThrow(message);
  });

  it('files that come too late fail at synthesis', () => {
    const project = plainProject();
    project.addTask('synth', { exec: 'true' });
    const delivery = deliver(project, { target: Target.commands({ deploy: './ship.sh' }), artifact: Artifact.image({ repository: REPOSITORY }) });
    expect(() => delivery.addEnvironment('site', environment('site', { target: SITE }))).toThrow(/which were added before, do without it\. Add this environment first$/);
  });

  it('is not built by a release workflow', () => {
    const project = typescriptProject({ release: true });
    project.addTask('synth', { exec: 'true' });
    expect(() => deliver(project, {
      workflow: Workflow.ofRelease(), target: SITE, artifact: Artifact.image({ repository: REPOSITORY }), environments: [environment('staging', { trigger: Trigger.release() })],
    })).toThrow('artifact: projen\'s release workflow publishes files, and no job of it builds the image');
  });
});
