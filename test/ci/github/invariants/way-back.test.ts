/** Changes that take the way back away, or make it wait for people: refused, with the reason. */
import { github, JsonPatch } from 'projen';
import { saidTo } from './rejected';
import { everything, Which } from './weakened-delivery';
import { Delivery } from '../../../../src';
import { weakenedCase } from '../../../../src/ci/github/expressions/cases';
import { conditionOf } from '../../../../src/ci/github/expressions/condition';
import { plainProject } from '../../../test-project';

type Job = github.workflows.Job;

function saidOf(change: (delivery: Delivery) => void, which: Which = 'workflow'): string {
  const delivery = everything(plainProject(), { proof: false });
  change(delivery);
  return saidTo(delivery.project, delivery[which]!.file!.absolutePath);
}

const put = (which: Which, path: string, value: unknown) => saidOf((delivery) => delivery[which]!.file!.addOverride(path, value), which);

const ask: Job = { name: 'ask', runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ id: 'ask', name: 'ask', run: 'true' }] };

/** A job of the user's own that a job of ours needs, near or far. */
function saidOfNeed(which: Which, id: string, environment: unknown, isFar = false): string {
  return saidOf((delivery) => {
    const workflow = delivery[which]!;
    workflow.addJob('ask', { ...ask, environment } as Job);
    if (isFar) workflow.addJob('between', { ...ask, name: 'between', needs: ['ask'] });
    const job = workflow.getJob(id) as Job;
    workflow.updateJob(id, { ...job, needs: [...job.needs ?? [], isFar ? 'between' : 'ask'] });
  }, which);
}

describe('a rollback never waits for people', () => {
  const WAITS = '\'ask\', which asks for the approval of its environment';

  test.each<[string, Which, string, unknown]>([
    ['the rollback by hand', 'rollbackWorkflow', 'rollback', 'production'],
    ['its recovery', 'rollbackWorkflow', 'recover', { name: 'production' }],
    ['an environment that is not known', 'rollbackWorkflow', 'rollback', '${{ inputs.environment }}'],
    ['one of the project\'s own', 'rollbackWorkflow', 'rollback', 'on-call'],
    ['the recovery of a deployment', 'workflow', 'rollback_staging', 'on-call'],
    ['the confirmation of a deployment', 'workflow', 'monitor_staging', 'on-call'],
  ])('%s', (_, which, id, environment) => {
    expect(saidOfNeed(which, id, environment)).toContain(WAITS);
    expect(saidOfNeed(which, id, environment, true)).toContain(WAITS);
  });

  it('may wait for a job that asks nobody', () => {
    expect(saidOfNeed('rollbackWorkflow', 'rollback', undefined)).toBe('nothing');
    expect(saidOfNeed('rollbackWorkflow', 'rollback', undefined, true)).toBe('nothing');
  });

  it('may wait for people before a deployment', () => {
    expect(saidOf(({ workflow }) => {
      workflow.addJob('ask', { ...ask, environment: 'on-call' } as Job);
      const job = workflow.getJob('deploy_staging') as Job;
      workflow.updateJob('deploy_staging', { ...job, needs: [...job.needs!, 'ask'], if: job.if!.replace(' }}', ' && needs.ask.result == \'success\' }}') });
    })).toBe('nothing');
  });
});

describe('the files of a release are kept long enough', () => {
  const upload = (inputs: Record<string, unknown>) => saidOf(({ workflow }) => {
    workflow.patchStep('build', 'upload', { with: { ...workflow.getStep('build', 'upload').with, ...inputs } });
  });

  test.each([1, '1', 6, '${{ vars.DAYS }}', -1, 'many'])('not retention-days: %s', (days) => {
    expect(upload({ 'retention-days': days })).toContain(`has retention-days ${typeof days === 'string' ? `'${days}'` : days}, which breaks the guarantee that a rollback finds the files of the last stable release. Set 7 or more`);
  });

  it('in any letter case', () => {
    expect(upload({ 'Retention-Days': 1 })).toContain('has retention-days 1');
  });

  test.each([0, 7, '30', 90])('retention-days: %s', (days) => {
    expect(upload({ 'retention-days': days })).toBe('nothing');
  });

  it('as the runtime reads them', () => {
    expect(upload({ archive: false })).toContain('says archive');
  });
});

describe('a job that is cancelled has time to recover', () => {
  test.each<[Which, string]>([['workflow', 'deploy_staging'], ['workflow', 'rollback_staging'], ['workflow', 'monitor_staging'], ['rollbackWorkflow', 'rollback'], ['drillWorkflow', 'drill']])('%s %s', (which, id) => {
    expect(put(which, `jobs.${id}.cancel-timeout-minutes`, 0)).toContain('cancel-timeout-minutes: is 0, which breaks the guarantee that a job that was cut off finishes what it left open. Take it out, or set 5 or more');
    expect(put(which, `jobs.${id}.cancel-timeout-minutes`, '${{ 0 }}')).toContain('cancel-timeout-minutes: is');
    expect(put(which, `jobs.${id}.cancel-timeout-minutes`, 10)).toBe('nothing');
  });

  it('unless it changes nothing', () => {
    expect(put('workflow', 'jobs.build.cancel-timeout-minutes', 0)).toBe('nothing');
  });
});

describe('health checks accept no other certificate', () => {
  const UNSAFE = 'with which health checks accept every certificate, which breaks the guarantee that a verdict is about the service that users reach. Set NODE_EXTRA_CA_CERTS';
  const NAME = 'NODE_TLS_REJECT_UNAUTHORIZED';

  test.each<[Which, string, unknown]>([
    ['workflow', 'jobs.deploy_staging.env', '0'], ['workflow', 'jobs.monitor_staging.env', 0], ['workflow', 'jobs.monitor_staging.env', '${{ vars.TLS }}'], ['workflow', 'env', '0'],
    ['workflow', 'jobs.monitor_staging.steps.1.env', '0'], ['monitorWorkflow', 'jobs.watch.env', '0'], ['rollbackWorkflow', 'jobs.rollback.env', '0'],
  ])('%s %s: %s', (which, path, value) => {
    expect(put(which, `${path}.${NAME}`, value)).toContain(UNSAFE);
  });

  it('not by a container, nor by a step before', () => {
    expect(saidOf(({ workflow }) => workflow.file!.patch(JsonPatch.add('/jobs/deploy_staging/container', { image: 'a', options: `-e ${NAME}=0` })))).toContain(UNSAFE);
    expect(saidOf(({ workflow }) => workflow.insertStepBefore('deploy_staging', 'deploy', { id: 'mine', name: 'mine', run: `echo ${NAME}=0 >> $GITHUB_ENV` }))).toContain(`gives ${NAME}`);
  });

  test.each<[string, unknown]>([[NAME, '1'], ['NODE_EXTRA_CA_CERTS', 'ca.pem']])('%s: %s', (name, value) => {
    expect(put('workflow', `jobs.monitor_staging.env.${name}`, value)).toBe('nothing');
  });
});

describe('a condition is not widened by a beginning, a part or an end', () => {
  test.each([
    ['startsWith(github.ref, \'refs/heads/main\')', 'github.ref == \'refs/heads/main\''],
    ['endsWith(github.ref, \'/main\')', 'github.ref == \'refs/heads/main\''],
    ['contains(github.ref, \'refs/heads/main\')', 'github.ref == \'refs/heads/main\''],
    ['contains(github.ref, \'main\')', 'endsWith(github.ref, \'main\')'],
    ['startsWith(github.ref, \'a\')', 'startsWith(github.ref, \'a\') && endsWith(github.ref, \'a\')'],
  ])('%s', (now, before) => {
    expect(weakenedCase(conditionOf(now), conditionOf(before), { needs: [] })).toBeDefined();
    expect(weakenedCase(conditionOf(before), conditionOf(now), { needs: [] })).toBeUndefined();
  });

  it('of a plan', () => {
    expect(saidOf(({ workflow }) => {
      const job = workflow.getJob('environment_staging') as Job;
      workflow.updateJob('environment_staging', { ...job, if: job.if!.replace('github.ref == \'refs/heads/main\'', 'startsWith(github.ref, \'refs/heads/main\')') });
    })).toContain('was weakened');
  });
});
