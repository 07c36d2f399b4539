/** Functions and contexts in conditions, of our jobs and of others: GitHub starts no workflow with one that is not available there. */
import { github } from 'projen';
import { saidTo } from './rejected';
import { everything } from './weakened-delivery';
import { Delivery, Workflow } from '../../../../src';
import { deliver, plainProject } from '../../../test-project';

type Job = github.workflows.Job;

function saidOf(change: (delivery: Delivery) => void): string {
  const delivery = everything(plainProject(), { proof: false });
  change(delivery);
  return saidTo(delivery.project, delivery.workflow.file!.absolutePath);
}

const OWN: Job = { name: 'mine', runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ id: 'mine', name: 'mine', run: 'true' }] };

describe('functions and contexts where they are not available', () => {
  const hash = 'hashFiles(\'package-lock.json\') != \'\'';

  it('hashFiles in the condition of a job of ours', () => {
    expect(saidOf(({ workflow }) => {
      const job = workflow.getJob('deploy_staging') as Job;
      workflow.updateJob('deploy_staging', { ...job, if: job.if!.replace(' }}', ` && ${hash} }}`) });
    })).toContain('hashFiles is for steps, and GitHub starts no workflow that has it there');
  });

  it.each<[string, string]>([
    [hash, 'hashFiles is for steps'], ['env.CI == \'true\'', 'a condition cannot use env there'], ['secrets.TOKEN != \'\'', 'a condition cannot use secrets there'],
    ['steps.a.outcome == \'success\'', 'a condition cannot use steps there'], ['succeeded()', 'there is no function succeeded'], ['a &&', 'GitHub'],
  ])('in the condition of a job of the host: %s', (condition, message) => {
    const said = saidOf(({ workflow }) => workflow.addJob('mine', { ...OWN, if: condition }));
    expect(said).toContain('job \'mine\' if');
    expect(said).toContain(message);
  });

  it('in a workflow that existed before, too', () => {
    const project = plainProject();
    const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'ci');
    workflow.on({ push: { branches: ['main'] } });
    workflow.addJob('mine', { ...OWN, if: hash });
    deliver(project, { workflow: Workflow.existing(workflow) });
    expect(saidTo(project, workflow.file!.absolutePath)).toContain('hashFiles is for steps');
  });

  it.each(['github.actor != \'bot\'', 'needs.build.result == \'success\'', 'vars.OPEN', 'inputs.x', 'always()', '${{ success() }}'])('what is available passes: %s', (condition) => {
    expect(saidOf(({ workflow }) => workflow.addJob('mine', { ...OWN, needs: ['build'], if: condition }))).toBe('nothing');
  });

  it('hashFiles in a step passes', () => {
    expect(saidOf(({ workflow }) => workflow.insertStepBefore('build', 'make', { id: 'mine', name: 'mine', if: hash, run: 'true' }))).toBe('nothing');
  });
});
