/** How GitHub reads what was changed: text that is always true is refused as that, and what means the same passes. */
import { github, JsonPatch } from 'projen';
import { saidTo } from './rejected';
import { everything, Which } from './weakened-delivery';
import { Delivery } from '../../../../src';
import { plainProject } from '../../../test-project';

type Job = github.workflows.Job;

function saidOf(change: (delivery: Delivery) => void, which: Which = 'workflow'): string {
  const delivery = everything(plainProject(), { proof: false });
  change(delivery);
  return saidTo(delivery.project, delivery[which]!.file!.absolutePath);
}

const put = (path: string, value: unknown, which: Which = 'workflow') => saidOf((delivery) => delivery[which]!.file!.addOverride(path, value), which);

describe('text around an expression', () => {
  it('is always true, and the message says that', () => {
    const said = saidOf(({ workflow }) => {
      const job = workflow.getJob('deploy_staging') as Job;
      workflow.updateJob('deploy_staging', { ...job, if: `${job.if!} && true` });
    });
    expect(said).toContain('if: has text outside of ${{ }}, which makes it true whatever the expression says, which breaks the guarantee that nothing is deployed unless');
    expect(said).toContain('Write all of it within one ${{ }}');
  });
});

describe('what changes nothing passes', () => {
  it('the name of a GitHub environment in other letter case', () => {
    expect(put('jobs.deploy_staging.environment.name', 'Staging')).toBe('nothing');
    expect(put('jobs.rollback_staging.environment.name', 'STAGING-twin')).toBe('nothing');
    expect(put('jobs.deploy_staging.environment.name', 'staging2')).toContain('approval and secrets are those of \'staging\'');
  });

  it.each<[string, unknown]>([
    ['all wait', { group: 'mine', queue: 'max' }],
    ['all wait, as is said', { 'group': 'mine', 'cancel-in-progress': false, 'queue': 'max' }],
    ['each run has a group of its own', { 'group': 'deploy-${{ github.run_id }}', 'cancel-in-progress': true }],
    ['likewise without a map', '${{ github.workflow }}-${{ github.run_id }}'],
  ])('a concurrency group of deploy.yml: %s', (_, concurrency) => {
    expect(saidOf(({ workflow }) => workflow.file!.patch(JsonPatch.add('/concurrency', concurrency)))).toBe('nothing');
  });

  it.each<[string, unknown]>([
    ['one waits', { group: 'mine' }], ['one by ref waits', 'deploy-${{ github.ref }}'], ['by attempt', '${{ github.run_attempt }}'], ['the next one cancels', { 'group': 'mine', 'cancel-in-progress': true }],
  ])('but not: %s', (_, concurrency) => {
    expect(saidOf(({ workflow }) => workflow.file!.patch(JsonPatch.add('/concurrency', concurrency)))).toContain('concurrency');
  });
});
