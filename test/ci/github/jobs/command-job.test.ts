/** What the jobs after one that changes something get of it: GitHub does not guarantee that its record can be read at once. */
import { deliver, environment, plainProject, synthesize } from '../../../test-project';

describe.each<[string, string, { readonly monitor: string; readonly recover: string; readonly recoverStep: string }]>([
  ['deploy', 'deploy_staging', { monitor: 'monitor_staging', recover: 'rollback_staging', recoverStep: 'rollback' }],
  ['rollback', 'rollback', { monitor: 'monitor', recover: 'recover', recoverStep: 'recover' }],
  ['drill', 'drill', { monitor: 'monitor', recover: 'recover', recoverStep: 'recover' }],
])('in the workflow %s, after the job %s', (name, tried, { monitor, recover, recoverStep }) => {
  const project = plainProject();
  deliver(project, { environments: [environment('staging')], drill: { environments: ['staging'] } });
  const { jobs } = synthesize(project).workflow(name);
  const passedOn = { DELIVERY_DEPLOYED: `\${{ needs.${tried}.result }}`, DELIVERY_STATE: `\${{ needs.${tried}.outputs.state }}` };

  it.each([['confirms', monitor, 'monitor'], ['recovers', recover, recoverStep]])('the job that %s gets its result and its state', (_, id, step) => {
    const { needs, steps } = jobs[id]!;
    expect(needs).toContain(tried);
    expect(steps!.find((one) => one.id === step)!.env).toMatchObject(passedOn);
  });

  it('it has the state that they get', () => {
    expect(Object.keys(jobs[tried]!.outputs ?? {})).toContain('state');
  });
});
