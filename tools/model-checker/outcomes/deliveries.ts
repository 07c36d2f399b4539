import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { github, Project } from 'projen';
import { parse } from 'yaml';
import { WorkflowName } from './workflow-model';
import { Artifact, ChangeSetMode, DeliveryOptions, Login, Schedule, Target, Trigger, Workflow as Place } from '../../../src';
import { Manifest } from '../../../src/contract/manifest';
import { prepareExample } from '../../../test/examples/workspace';
import { deliver, environment, plainProject, synthesize, typescriptProject } from '../../../test/test-project';
import { Workflow } from '../../../test/validators/workflow';
import { OneWayTarget } from '../one-way-target';

/** What a project synthesized. */
export interface SynthesizedDelivery {
  readonly name: string;
  readonly workflows: readonly (readonly [WorkflowName, Workflow])[];
  readonly manifest: Manifest;
}

const OURS: readonly WorkflowName[] = ['deploy', 'rollback', 'drill'];

/** The examples, as `npx projen` leaves them. Needs `npx projen compile`. */
export function examples(root: string): Promise<SynthesizedDelivery[]> {
  const definitions = [['shop', '.projenrc.ts'], ['shop', '.projenrc.demo.ts'], ['python-service', '.projenrc.ts']] as const;
  return Promise.all(definitions.map(async ([example, projenrc], index) => {
    const { repository } = await prepareExample(example, { root: join(root, String(index)), projenrc });
    return read(`examples/${example}/${projenrc}`, repository);
  }));
}

/** Small deliveries that cover what the examples don't. */
export function smallDeliveries(): SynthesizedDelivery[] {
  return [
    small('one environment', {}),
    small('twins, drill', {
      environments: [environment('staging', { rollbackEnvironment: 'staging-rollback', monitorEnvironment: 'staging-monitor' })],
      drill: { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') },
    }),
    small('tags, requires, drill', {
      artifact: { paths: ['dist'] },
      environments: [
        environment('staging'),
        environment('canary', { trigger: Trigger.tag('v*-rc') }),
        environment('production', { trigger: Trigger.tag('v*', { requires: 'staging', except: 'v*-rc' }) }),
      ],
      drill: { environments: ['staging', 'production'] },
    }),
    small('by hand', { environments: [environment('demo', { trigger: Trigger.manual() }), environment('lab', { trigger: Trigger.manual() })] }),
    small('own jobs first', { artifact: { paths: ['dist'] }, needs: ['test'] }, addOwnJobs),
    // the plan prepares what is approved, so it waits for the build
    small('reviewed change sets, an image and files', {
      artifact: Artifact.image({ repository: 'ghcr.io/acme/shop' }),
      environments: [environment('production', {
        trigger: Trigger.tag('v*'),
        target: Target.awsCdk({ app: 'out', stacks: ['Api'], changeSet: ChangeSetMode.REVIEW }),
        monitorEnvironment: 'production-monitor',
        login: Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', planRole: 'arn:aws:iam::111122223333:role/plan', region: 'eu-central-1' }),
      })],
    }),
    small('a target that cannot go back', { target: new OneWayTarget(Target.commands({ deploy: 'true' })), environments: [environment('staging'), environment('registry', { trigger: Trigger.after('staging') })] }),
    small('after', {
      artifact: { paths: ['dist'] },
      environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })],
    }),
  ];
}

/** Those whose jobs joined a workflow of projen's. */
export function joinedDeliveries(): SynthesizedDelivery[] {
  return [
    joined('build', 'in the build workflow', {
      workflow: Place.ofBuild(),
      artifact: { paths: ['dist'] },
      environments: [
        environment('staging'),
        environment('demo', { trigger: Trigger.manual() }),
      ],
    }),
    joined('release', 'in the release workflow', {
      workflow: Place.ofRelease(),
      environments: [environment('staging', { trigger: Trigger.release() })],
    }),
  ];
}

/**
 * In a workflow of the project's own, among jobs that the deployment must wait for (one is added later), that it must not wait for, and that
 * are about pull requests.
 */
export function amongOthers(): SynthesizedDelivery {
  const project: Project = plainProject();
  const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'ci');
  const job = { runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'work', name: 'work', run: 'true' }] };
  workflow.on({ push: {}, pullRequest: {} });
  workflow.addJob('review', { ...job, name: 'review', if: 'github.event_name == \'pull_request\'' });
  workflow.addJob('preview', { ...job, name: 'preview', needs: ['review'] });
  deliver(project, { workflow: Place.named('ci'), environments: [environment('staging'), environment('demo', { trigger: Trigger.manual() })] });
  workflow.addJob('test', { ...job, name: 'test' });
  workflow.addJob('notify', { ...job, name: 'notify', needs: ['test'], if: 'failure()' });
  synthesize(project);
  return read('among jobs of others', project.outdir, ['ci']);
}

/** Where one environment comes after another: more paths than most people want to wait for. */
export function joinedChain(workflow: 'build' | 'release'): SynthesizedDelivery {
  const next = environment('production', { trigger: Trigger.after('staging') });
  const options = workflow === 'build'
    ? { workflow: Place.ofBuild(), artifact: { paths: ['dist'] }, environments: [environment('staging'), next] }
    : { workflow: Place.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() }), next] };
  return joined(workflow, `after, in the ${workflow} workflow`, options);
}

/** Three in a row: the last sees no more of what came before than the second does. */
export function chain(): SynthesizedDelivery {
  return small('after after', {
    environments: [
      environment('staging'),
      environment('canary', { trigger: Trigger.after('staging') }),
      environment('production', { trigger: Trigger.after('canary') }),
    ],
  });
}

function joined(workflow: WorkflowName, name: string, options: Partial<DeliveryOptions>): SynthesizedDelivery {
  const project = typescriptProject({ release: true, releaseToNpm: true });
  deliver(project, options);
  synthesize(project);
  // rollback.yml is as ever
  return read(name, project.outdir, [workflow]);
}

/** In workflows of its own. */
export function small(name: string, options: Partial<DeliveryOptions>, add?: (workflow: github.GithubWorkflow) => void): SynthesizedDelivery {
  const project: Project = plainProject();
  const { workflow } = deliver(project, options);
  add?.(workflow);
  synthesize(project);
  return read(name, project.outdir);
}

/** A job that goes on though one before it was skipped. */
function addOwnJobs(workflow: github.GithubWorkflow): void {
  const job = { runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'work', name: 'work', run: 'true' }] };
  workflow.addJob('lint', { ...job, name: 'lint', if: '${{ github.event_name == \'pull_request\' }}' });
  workflow.addJob('test', { ...job, name: 'test', needs: ['lint'], if: '${{ always() }}' });
}

function read(name: string, folder: string, files = OURS): SynthesizedDelivery {
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');
  const present = files.filter((file) => existsSync(join(folder, '.github/workflows', `${file}.yml`)));
  return {
    name,
    workflows: present.map((file) => [file, parse(text(`.github/workflows/${file}.yml`)) as Workflow] as const),
    manifest: JSON.parse(text('.projen/delivery.json')) as Manifest,
  };
}
