/** Gates that say less than they seem to: a job that may fail, and a proof that gives up. */
import { github } from 'projen';
import { Delivery, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, warningsOf } from '../../../test-project';

type Job = github.workflows.Job;

const TEST: Job = { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'test', name: 'test', run: 'true' }] };

function joined(jobs: Readonly<Record<string, Partial<Job>>>, change: (delivery: Delivery) => void = () => {}): string[] {
  const project = plainProject();
  const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'ci');
  workflow.on({ push: { branches: ['main'] } });
  for (const [id, job] of Object.entries(jobs)) workflow.addJob(id, { ...TEST, ...job });
  change(deliver(project, { workflow: Workflow.existing(workflow) }));
  return warningsOf(project);
}

describe('a job that may fail is no gate, and that is said', () => {
  const says = (id: string) => expect.stringContaining(`the job '${id}' of the workflow 'ci' has continue-on-error, so it counts as successful when it fails, and what it finds bad is deployed all the same. It is not part of what is proven`);

  it('a test', () => {
    expect(joined({ e2e: { continueOnError: true } })).toEqual([says('e2e')]);
  });

  it('a job before it, and one of a matrix', () => {
    expect(joined({ build: { continueOnError: true }, e2e: { needs: ['build'] }, unit: {} }, ({ workflow }) => workflow.file!.addOverride('jobs.unit.continue-on-error', '${{ matrix.experimental }}')))
      .toEqual([says('build'), says('unit')]);
  });

  it('not one that deployments do not wait for, and not one that says false', () => {
    expect(joined({ e2e: { continueOnError: false }, after: { needs: ['monitor_staging'], continueOnError: true } })).toEqual([]);
  });
});

describe('a proof that gives up says so, and what to do', () => {
  it('with too many environments', () => {
    const project = plainProject();
    deliver(project, { environments: Array.from({ length: 41 }, (_, i) => environment(`e${i}`, { trigger: i === 0 ? Trigger.branch('main') : Trigger.manual() })) });
    expect(warningsOf(project).filter((one) => one.includes('proven'))).toEqual([expect.stringContaining('workflow: the jobs of 41 environments have too many outcomes, so they are not proven, but compared with the delivery\'s own')]);
  });

  it('with too many jobs before a gate', () => {
    const tests = Array.from({ length: 12 }, (_, i) => `test${i}`);
    const warnings = joined({ ...Object.fromEntries(tests.map((id) => [id, {}])), all_green: { needs: tests, if: 'always() && !contains(needs.*.result, \'failure\')' } });
    expect(warnings.filter((one) => one.includes('proven'))).toEqual([expect.stringContaining('Let the jobs before it be one job with a matrix')]);
  });

  it('not where it is proven', () => {
    expect(joined({ test: {} })).toEqual([]);
  });
});
