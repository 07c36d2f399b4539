/** The jobs of a workflow that are not the delivery's: which of them a deployment waits for, and what is said of the others. */
import { Component, github, Project } from 'projen';
import { Delivery, DeliveryOptions, NamedEnvironment, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, typescriptProject } from '../../../test-project';
import { evaluate } from '../../../validators/expressions';
import { Job } from '../../../validators/workflow';

type Change = Partial<github.workflows.Job>;

export function job(change: Change = {}): github.workflows.Job {
  const steps = [{ id: 'test', name: 'test', run: 'true' }];
  return { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps, ...change };
}

interface Result {
  readonly jobs: Record<string, Job>;
  readonly text: string;
  readonly warnings: string[];
}

/** Synthesizes, and gives the warnings about jobs. */
export function synthesized(project: Project, file: string): Result {
  const warnings: string[] = [];
  for (const one of [project.root, ...project.root.subprojects]) {
    jest.spyOn(one.logger, 'warn').mockImplementation((...text: unknown[]) => { warnings.push(text.join(' ')); });
  }
  const result = synthesize(project.root);
  return { jobs: result.workflow(file).jobs, text: result.workflowText(file), warnings: warnings.filter((one) => one.includes('of the workflow')) };
}

export function needsOf({ needs }: Job): string[] {
  return [needs ?? []].flat();
}

/** The jobs of others that a deployment waits for. Its condition must ask how they went. */
export function awaited(jobs: Record<string, Job>, deploy = 'deploy_staging'): string[] {
  const own = /^(build|delivery_release|environment_\w+|deploy_\w+|monitor_\w+)$/;
  const others = needsOf(jobs[deploy]).filter((need) => !own.test(need) || (need === 'build' && jobs.build.name !== 'build the release'));
  for (const need of others) expect(holds(jobs[deploy], { [need]: 'failure' })).toBe(false);
  expect(holds(jobs[deploy], {})).toBe(true);
  return others;
}

/** Whether a deployment begins where all its needs succeeded, but for these. */
function holds(deploy: Job, results: Record<string, string>): boolean {
  const needs = Object.fromEntries(needsOf(deploy).map((need) => [need, { result: results[need] ?? 'success', outputs: { go: 'true', state: 'stable' } }]));
  const status = Object.values(results).includes('failure') ? 'failure' : 'success';
  return evaluate(deploy.if!, { github: { event_name: 'push', ref: 'refs/heads/main' }, inputs: {}, needs }, status) === true;
}

export const TRIGGERS: NamedEnvironment[] = [
  environment('staging'),
  environment('production', { trigger: Trigger.tag('v*') }),
  environment('demo', { trigger: Trigger.manual() }),
];

export type PlaceName = 'a workflow of its own' | 'a workflow that was named' | 'the build workflow' | 'the release workflow';

export interface Place {
  readonly file: string;
  make(options?: Partial<DeliveryOptions>): { readonly project: Project; readonly delivery: Delivery };
}

/** Each workflow that jobs of others can stand in. */
export const PLACES: Record<PlaceName, Place> = {
  'a workflow of its own': {
    file: 'deploy',
    make: (options = {}) => {
      const project = plainProject();
      return { project, delivery: deliver(project, { environments: TRIGGERS, ...options }) };
    },
  },
  'a workflow that was named': {
    file: 'ci',
    make: (options = {}) => {
      const project = plainProject();
      const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'ci');
      workflow.on({ push: {}, pullRequest: {} });
      return { project, delivery: deliver(project, { environments: TRIGGERS, workflow: Workflow.named('ci'), ...options }) };
    },
  },
  'the build workflow': {
    file: 'build',
    make: (options = {}) => {
      const project = typescriptProject();
      return { project, delivery: deliver(project, { environments: TRIGGERS, workflow: Workflow.ofBuild(), ...options }) };
    },
  },
  'the release workflow': {
    file: 'release',
    make: (options = {}) => {
      const project = typescriptProject({ release: true });
      const environments = [environment('staging', { trigger: Trigger.release() }), environment('production', { trigger: Trigger.after('staging') })];
      return { project, delivery: deliver(project, { environments, workflow: Workflow.ofRelease(), ...options }) };
    },
  },
};

/** What each place has already. */
const PRESENT: Partial<Record<PlaceName, string[]>> = { 'the build workflow': ['build'] };

/** Ways to add a job when the delivery is there already. */
export const LATER: Record<string, (delivery: Delivery, id: string, change?: Change) => void> = {
  'after the delivery': (delivery, id, change) => delivery.workflow.addJob(id, job(change)),
  'by a component in its preSynthesize': (delivery, id, change) => {
    new (class extends Component {
      public preSynthesize(): void {
        delivery.workflow.addJob(id, job(change));
      }
    })(delivery.project);
  },
  'by the project itself': (delivery, id, change) => {
    const { project } = delivery;
    const before = project.preSynthesize.bind(project);
    project.preSynthesize = () => {
      before();
      delivery.workflow.addJob(id, job(change));
    };
  },
};

/** What holds for a workflow that has jobs of others. */
export function whatHolds(place: PlaceName): void {
  const { file, make } = PLACES[place];
  const present = PRESENT[place] ?? [];

  it.each(Object.keys(LATER))('a job that is added %s is waited for, by every environment', (way) => {
    const { project, delivery } = make();
    LATER[way](delivery, 'late');
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'late']);
    expect(awaited(jobs, 'deploy_production')).toEqual([...present, 'late']);
    expect(warnings).toEqual([]);
  });

  it('so is one that is changed by hand beside it: what was added to needs and condition stays', () => {
    const { project, delivery } = make();
    const deployJob = delivery.workflow.getJob('deploy_staging') as github.workflows.Job;
    delivery.workflow.updateJob('deploy_staging', { ...deployJob, if: `${deployJob.if!.slice(0, -2)} && github.actor != 'bot' }}` });
    delivery.workflow.addJob('late', job());
    const { jobs } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'late']);
    expect(jobs.deploy_staging.if).toContain('github.actor != \'bot\'');
  });

  it('a job that is removed again is not waited for', () => {
    const { project, delivery } = make();
    delivery.workflow.addJob('gone', job());
    delivery.addEnvironment('later', environment('later', { trigger: Trigger.after('staging') }));
    expect(needsOf(delivery.workflow.getJob('deploy_later') as Job)).toContain('gone');
    delivery.workflow.removeJob('gone');
    expect(awaited(synthesized(project, file).jobs, 'deploy_later')).toEqual(present);
  });

  it('with needs, only those are; the others are listed in one warning', () => {
    const { project, delivery } = make({ needs: ['unit'] });
    delivery.workflow.addJobs({ unit: job(), lint: job(), e2e: job({ needs: ['unit'] }) });
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual(['unit']);
    const unnamed = [...present, 'lint', 'e2e'].map((id) => `'${id}'`).join(', ');
    expect(warnings).toEqual([
      `projen-delivery: no deployment waits for these jobs of the workflow '${file}': ${unnamed}. What they find bad is deployed all the same. Name them in needs`,
    ]);
  });

  it('what a named job needs is waited for with it, and not listed', () => {
    const { project, delivery } = make({ needs: [...present, 'all'] });
    delivery.workflow.addJobs({ unit: job(), lint: job({ needs: ['unit'] }), all: job({ needs: ['lint'], if: 'always()' }) });
    expect(synthesized(project, file).warnings).toEqual([]);
  });

  it('one that only runs when something is bad, or after a deployment, is not waited for, and nothing is said of it', () => {
    const { project, delivery } = make();
    delivery.workflow.addJobs({
      unit: job(),
      failed: job({ if: 'failure()', needs: ['unit'] }),
      expression: job({ if: '${{ failure() }}', needs: ['unit'] }),
      cancelled: job({ if: 'cancelled()', needs: ['unit'] }),
      bad: job({ if: 'always() && needs.unit.result != \'success\'', needs: ['unit'] }),
      any_bad: job({ if: 'always() && contains(needs.*.result, \'failure\')', needs: ['unit'] }),
      after: job({ needs: ['deploy_staging'] }),
      after_any: job({ if: 'always()', needs: ['unit', 'deploy_staging'] }),
      after_that: job({ needs: ['after'] }),
    });
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'unit']);
    expect(warnings).toEqual([]);
  });

  it('one that needs the plan is waited for, by the environment that is planned', () => {
    const { project, delivery } = make();
    delivery.workflow.addJobs({
      reads: job({ needs: ['environment_staging'], env: { CONFIG: '${{ needs.environment_staging.outputs.config }}' } }),
      after_it: job({ needs: ['reads'] }),
      both: job({ needs: ['environment_staging', 'environment_production'] }),
    });
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'reads', 'after_it']);
    expect(awaited(jobs, 'deploy_production')).toEqual(present);
    expect(warnings).toEqual([]);
  });

  it('left out of needs, those are not listed, nor is one that reports or is for pull requests', () => {
    const { project, delivery } = make({ needs: [...present, 'unit'] });
    delivery.workflow.addJobs({
      unit: job(),
      failed: job({ if: 'failure()', needs: ['unit'] }),
      report: job({ if: 'always()', needs: ['unit'] }),
      report_unless: job({ if: '!cancelled()', needs: ['unit'] }),
      after: job({ needs: ['deploy_staging'] }),
      idle: job({ if: 'github.event_name == \'pull_request\'' }),
    });
    expect(synthesized(project, file).warnings).toEqual([]);
  });

  const IDLE: Record<string, string> = {
    pull_request: 'github.event_name == \'pull_request\'',
    otherwise: '${{ startsWith(github.event_name, \'PULL_\') && !cancelled() }}',
    no_fork: 'github.event.pull_request.head.repo.full_name == github.repository',
    never: 'false',
    another_branch: 'github.event_name == \'push\' && github.ref == \'refs/heads/gh-pages\'',
    a_fork: 'github.event.repository.fork',
  };

  it('those that run on nothing that deploys are left out with one warning', () => {
    const { project, delivery } = make();
    delivery.workflow.addJobs({ unit: job(), ...Object.fromEntries(Object.entries(IDLE).map(([id, condition]) => [id, job({ if: condition })])) });
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'unit']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`deployments do not wait for jobs of the workflow '${file}' that never run before them: 'pull_request' on `);
    for (const [id, condition] of Object.entries(IDLE)) {
      expect(warnings[0]).toContain(`'${id}' on `);
      expect(warnings[0]).toContain(`(if: ${condition})`);
    }
  });

  it.each(Object.keys(IDLE))('one that is named and never runs is rejected: %s', (id) => {
    const { project, delivery } = make({ needs: [...present, 'unit', id] });
    delivery.workflow.addJobs({ unit: job(), [id]: job({ if: IDLE[id] }) });
    expect(() => synthesized(project, file)).toThrow(`needs: the job '${id}' never runs before a deployment to 'staging', which begins with `);
  });

  it('a job that needs one that never runs never runs either', () => {
    const { project, delivery } = make();
    delivery.workflow.addJobs({
      idle: job({ if: 'github.event_name == \'pull_request\'' }),
      more: job({ needs: ['idle'] }),
      most: job({ needs: ['more'], if: 'success() || false' }),
      though: job({ needs: ['more'], if: 'always()' }),
      skipped: job({ needs: ['idle'], if: 'always() && needs.idle.result == \'skipped\'' }),
    });
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'though', 'skipped']);
    expect(warnings.join()).toMatch(/'idle' on .*; 'more' on .*; 'most' on .*\(if: success\(\) \|\| false; needs: more\)/);

    const other = make({ needs: [...present, 'more'] });
    other.delivery.workflow.addJobs({ idle: job({ if: 'github.event_name == \'pull_request\'' }), more: job({ needs: ['idle'] }) });
    expect(() => synthesized(other.project, file)).toThrow('needs: the job \'more\' never runs before a deployment to \'staging\'');
  });

  it.each(['named', 'by default'])('those that perhaps run are waited for, without a warning: %s', (way) => {
    const perhaps: Record<string, Change> = {
      variable: { if: 'vars.TESTS == \'on\'' },
      output: { needs: ['unit'], if: 'needs.unit.outputs.changed == \'true\'' },
      message: { if: '!contains(github.event.head_commit.message, \'[skip ci]\')' },
      no_fork: { if: 'github.event.pull_request.head.repo.full_name != \'acme/shop\'' },
      no_pull_request: { if: 'github.event_name != \'pull_request\'' },
      repository: { if: 'github.repository == \'acme/shop\'' },
      always: { if: 'always()', needs: ['unit'] },
      not_cancelled: { if: '!cancelled()' },
    };
    const all = [...present, 'unit', ...Object.keys(perhaps)];
    const { project, delivery } = make(way === 'named' ? { needs: all } : {});
    delivery.workflow.addJobs({ unit: job(), ...Object.fromEntries(Object.entries(perhaps).map(([id, change]) => [id, job(change)])) });
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual(all);
    expect(warnings).toEqual([]);
  });

  it('a named job that only runs when something failed is rejected: then nothing is deployed', () => {
    const { project, delivery } = make({ needs: [...present, 'unit', 'notify'] });
    delivery.workflow.addJobs({ unit: job(), notify: job({ if: 'failure()', needs: ['unit'] }) });
    expect(() => synthesized(project, file)).toThrow(/^needs: the job 'notify' never runs before a deployment to 'staging', which begins with .* \(if: failure\(\); needs: unit\), so nothing would be deployed/);
  });

  it('a condition that an override writes counts', () => {
    const { project, delivery } = make();
    delivery.workflow.addJobs({ unit: job(), idle: job() });
    delivery.workflow.file!.addOverride('jobs.idle.if', 'github.event_name == \'pull_request\'');
    const { jobs, warnings } = synthesized(project, file);
    expect(awaited(jobs)).toEqual([...present, 'unit']);
    expect(warnings).toHaveLength(1);
  });

  it('a job that only an override writes is listed', () => {
    const { project, delivery } = make();
    delivery.workflow.file!.addOverride('jobs.extra', { 'runs-on': 'ubuntu-latest', 'steps': [{ run: 'true' }] });
    expect(synthesized(project, file).warnings).toEqual([expect.stringContaining(`no deployment waits for these jobs of the workflow '${file}': 'extra'.`)]);
  });

  it('a second synthesis writes the same', () => {
    const { project, delivery } = make();
    delivery.workflow.addJob('late', job());
    expect(synthesized(project, file).text).toBe(synthesized(project, file).text);
  });
}
