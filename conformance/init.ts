import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Projen from 'projen';
import type * as Library from '../src';
import { AwsAccount } from './aws/account';
import { ENVIRONMENT, PORT_VARIABLE, PROGRAM } from './place';
import { conformanceWorkflow, Pins, readme } from './workflow';
import { pinned, versionOf } from '../src/ci/github/pins';

/** The files that would be replaced if they exist. */
const FILES = ['.gitignore', '.gitattributes', '.github/workflows/deploy.yml', '.github/workflows/rollback.yml', '.github/workflows/conformance.yml', 'CONFORMANCE.md'];

/**
 * Writes what the measurement needs into a repository that has no files of these names: the workflows that this very version of
 * projen-delivery synthesizes, the one that measures, and this program.
 */
export function init(folder: string, port: number, account?: AwsAccount): void {
  const isOurs = existsSync(join(folder, PROGRAM));
  const taken = FILES.filter((file) => existsSync(join(folder, file)));
  if (taken.length > 0 && !isOurs) {
    throw new Error(`${folder} already contains ${taken.join(', ')}, which this command would replace. Run it in an empty repository.`);
  }
  synthesize(folder, port);
  mkdirSync(join(folder, '.projen'), { recursive: true });
  copyFileSync(__filename, join(folder, PROGRAM));
  writeFileSync(join(folder, '.github/workflows/conformance.yml'), conformanceWorkflow(pins(), account));
  writeFileSync(join(folder, 'CONFORMANCE.md'), readme(port));
  console.log(`The files are in ${folder}. Commit them, push them to the default branch, and start conformance.yml. See CONFORMANCE.md.`);
}

function pins(): Pins {
  return {
    checkout: withVersion('actions/checkout'),
    uploadArtifact: withVersion('actions/upload-artifact'),
    configureAwsCredentials: withVersion('aws-actions/configure-aws-credentials'),
  };
}

function withVersion(action: string): string {
  const uses = pinned(action);
  return `${uses} # ${versionOf(uses)}`;
}

function synthesize(outdir: string, port: number): void {
  // only this command needs them, and the copy in the repository is without them
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded where they are needed, not bundled */
  const { Project, github } = require('projen') as typeof Projen;
  const { Delivery, Duration, HealthCheck, JobKind, ReleaseIdentity, Strategy, Target, Trigger } = require('../lib') as typeof Library;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const project = new Project({ name: 'conformance', outdir });
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  const resume = {
    id: 'resume',
    name: 'start the live release on this runner',
    env: { GITHUB_TOKEN: '${{ github.token }}', [PORT_VARIABLE]: String(port) },
    run: `exec node ${PROGRAM} resume`,
  };
  const url = `http://127.0.0.1:${port}`;
  const delivery = new Delivery(project, {
    target: Target.commands({ deploy: `exec node ${PROGRAM} ship` }),
    setupSteps: [resume],
    environments: [{
      name: ENVIRONMENT,
      trigger: Trigger.manual(),
      url,
      variables: { [PORT_VARIABLE]: String(port) },
      healthChecks: [HealthCheck.http(`${url}/health`, { release: ReleaseIdentity.json('version', { propagation: Duration.seconds(10) }), interval: Duration.seconds(1) })],
      strategy: Strategy.redeploy({ bake: Duration.seconds(5) }),
    }],
  });
  delivery.workflow.insertStepBefore(delivery.jobId(ENVIRONMENT, JobKind.ENVIRONMENT), 'plan', resume);
  delivery.workflow.insertStepBefore(delivery.jobId(ENVIRONMENT, JobKind.MONITOR), 'monitor', resume);
  delivery.rollbackWorkflow.insertStepBefore('monitor', 'monitor', resume);
  project.synth();
}
