/**
 * What someone changes in our jobs with projen's own API, and how synthesis responds: a guarantee is kept, or the error names it.
 */
import { Component, github, JsonPatch } from 'projen';
import { Delivery, JobKind, Lock, Trigger } from '../../../../src';
import { deliver, environment, plainProject, Synthesized, synthesize, typescriptProject } from '../../../test-project';

type Job = github.workflows.Job;
type Change = (delivery: Delivery) => void;

/** A delivery with everything that jobs may have: an artifact, a twin, a second environment after the first, a drill. */
function delivered(change: Change): () => Synthesized {
  const project = plainProject();
  const delivery = deliver(project, {
    artifact: { paths: ['dist'], buildTask: 'ship' },
    environments: [environment('staging', { rollbackEnvironment: 'staging-twin' }), environment('production', { trigger: Trigger.after('staging') })],
    drill: { environments: ['staging'] },
  });
  change(delivery);
  return () => synthesize(project);
}

function said(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    return (error as Error).message;
  }
  return 'nothing';
}

/** Replaces parts of a job, as `updateJob` does. */
function update(id: string, parts: (job: Job) => Partial<Job>, which: 'workflow' | 'rollbackWorkflow' | 'drillWorkflow' = 'workflow'): Change {
  return (delivery) => {
    const workflow = delivery[which]!;
    const job = workflow.getJob(id) as Job;
    workflow.updateJob(id, { ...job, ...parts(job) });
  };
}

const narrowed = (id: string, more: string, which?: 'rollbackWorkflow' | 'drillWorkflow') => update(id, (job) => ({ if: `${job.if!.replace(/ \}\}$/, '')} && ${more} }}` }), which);
/** As another language may set it. */
const limited = (cancelInProgress: boolean): Change => ({ workflow }) => void Object.assign(workflow, { concurrency: { group: 'all', cancelInProgress } });
const patch = (...patches: JsonPatch[]): Change => ({ workflow }) => workflow.file!.patch(...patches);
const override = (path: string, value: unknown): Change => ({ workflow }) => workflow.file!.addOverride(path, value);
const step = (id: string) => ({ id, name: id, run: 'true' });

describe('a change that breaks a guarantee is rejected, with the guarantee', () => {
  test.each<[string, Change, string]>([
    // events that others cause
    ['pull_request_target in a workflow of ours', override('on.pull_request_target', { branches: ['main'] }),
      'workflow on.pull_request_target: starts the workflow with the repository\'s secrets for pull requests of anyone'],
    ['workflow_run in the rollback\'s', ({ rollbackWorkflow }) => rollbackWorkflow.file!.addOverride('on.workflow_run', { workflows: ['build'], types: ['completed'] }),
      'rollbackWorkflow on.workflow_run: starts the workflow with the repository\'s secrets for pull requests of anyone'],
    ['a default of ours that had none', ({ rollbackWorkflow }) => rollbackWorkflow.file!.addOverride('on.workflow_dispatch.inputs.release.default', 'v1.0.0'),
      'which breaks the guarantee that the run does what was requested. Take it out'],
    // conditions
    ['a condition that is gone', update('deploy_staging', () => ({ if: undefined })),
      'workflow job \'deploy_staging\' if: was weakened: it no longer requires `!cancelled()`, which breaks the guarantee that nothing is deployed unless it was triggered, planned and built, '
      + 'and all earlier jobs succeeded. Keep this part, and add yours with && (...)'],
    ['a part of it that is gone', patch(JsonPatch.replace('/jobs/deploy_staging/if', '${{ !cancelled() && needs.build.result == \'success\' && needs.environment_staging.outputs.go == \'true\' }}')),
      'it no longer requires `needs.environment_staging.result == \'success\'`'],
    ['an alternative to it', update('deploy_staging', (job) => ({ if: `${job.if!.replace(/ \}\}$/, '')} || github.actor == 'me' }}` })), 'was weakened'],
    ['an alternative to all of it, behind what narrows it', narrowed('deploy_staging', 'vars.OPEN == \'yes\' || github.actor == \'me\''), 'was weakened'],
    ['text beside the expression, which is always true', update('deploy_staging', (job) => ({ if: `${job.if} && true` })), 'has text outside of ${{ }}'],
    ['another branch for the plan', override('jobs.environment_staging.if', '${{ !github.event.repository.fork && github.ref == \'refs/heads/next\' }}'),
      'breaks the guarantee that a ref without an environment, or a fork, starts no job'],
    ['forks that build', update('build', () => ({ if: 'github.ref == \'refs/heads/main\'' })), 'it no longer requires `!github.event.repository.fork`'],
    ['a confirmation of only what succeeded', update('monitor_staging', () => ({ if: 'success()' })),
      'workflow job \'monitor_staging\' if: was narrowed: it also requires `success()`, which breaks the guarantee that the confirmation also runs after a failed or cancelled deployment. Leave it as it was'],
    ['a confirmation that runs less often', narrowed('monitor_staging', 'github.actor != \'bot\''), 'was narrowed: it also requires `github.actor != \'bot\'`, which breaks the guarantee that the confirmation also runs after a failed'],
    ['a recovery that runs less often', narrowed('rollback_staging', 'github.actor != \'bot\''), 'breaks the guarantee that each bad deployment is rolled back'],
    ['a rollback by hand without its hold', update('rollback', () => ({ if: 'always()' }), 'rollbackWorkflow'), 'rollbackWorkflow job \'rollback\' if: was weakened: it no longer requires `!cancelled()`'],
    ['a hold for some only', narrowed('hold', 'github.actor == \'me\'', 'rollbackWorkflow'), 'breaks the guarantee that a rollback by hand first stops the deployments in the queue'],
    ['a drill on a fork', update('drill', () => ({ if: 'true' }), 'drillWorkflow'), 'drillWorkflow job \'drill\' if: was weakened'],
    // needs
    ['a need that is gone', update('deploy_production', (job) => ({ needs: job.needs!.filter((need) => need !== 'deploy_staging') })),
      'workflow job \'deploy_production\' needs: lacks \'deploy_staging\', which breaks the guarantee that a job begins only after the jobs that it depends on'],
    ['a need that is not asked', (delivery) => {
      // one that deployments do not wait for by themselves
      delivery.workflow.addJob('lint', { runsOn: ['ubuntu-latest'], permissions: {}, if: 'github.event_name == \'pull_request\'', steps: [step('lint')] });
      update('deploy_staging', (job) => ({ needs: [...job.needs!, 'lint'] }))(delivery);
    }, 'names \'lint\', and the job\'s condition does not require its success, which breaks the guarantee that nothing is deployed unless all jobs before it succeeded. '
      + 'Set the delivery\'s needs: [\'lint\'], or add to the condition: && needs.lint.result == \'success\''],
    // permissions
    ['fewer permissions', override('jobs.deploy_staging.permissions.deployments', 'read'), 'permissions: lack \'deployments: write\', which breaks the guarantee that the result of a deployment is recorded in the ledger'],
    ['all permissions', override('jobs.deploy_staging.permissions', 'write-all'), 'permissions: are \'write-all\', which breaks the guarantee that each job has only the permissions that it needs'],
    ['permissions that are gone', ({ workflow }) => workflow.file!.addDeletionOverride('jobs.monitor_staging.permissions'), 'permissions: are undefined'],
    ['a plan that may write', update('environment_staging', (job) => ({ permissions: { ...job.permissions, packages: github.workflows.JobPermission.WRITE } })),
      'permissions: say \'packages: write\', which breaks the guarantee that the plan, which runs before the approval, changes nothing'],
    // queues
    ['a queue that cancels', override('jobs.deploy_staging.concurrency.cancel-in-progress', true), 'which breaks the guarantee that the deployments of an environment run one at a time, and none is cancelled'],
    ['another queue', update('rollback_staging', () => ({ concurrency: { group: 'mine' } })), 'concurrency: is {"group":"mine"}'],
    ['a confirmation in a queue', update('monitor_staging', () => ({ concurrency: 'mine' })), 'which breaks the guarantee that this job never waits for another run'],
    ['a run that cancels the one before', limited(true), 'workflow concurrency: the workflow \'deploy\' cancels a run when the next one begins, even while it deploys'],
    ['runs one after the other', limited(false), 'workflow concurrency: the workflow \'deploy\' is in the group \'all\': only one of its runs waits, and the next one cancels that, '
      + 'which breaks the guarantee that no waiting deployment is cancelled. Take it out: the delivery\'s jobs have groups of their own, by environment'],
    // environments
    ['no approval', override('jobs.deploy_staging.environment.name', 'staging-twin'), 'environment: is \'staging-twin\', which breaks the guarantee that approval and secrets are those of \'staging\''],
    ['an environment that is gone', update('deploy_staging', () => ({ environment: undefined })), 'environment: is undefined'],
    ['an approval for the confirmation', update('monitor_staging', () => ({ environment: 'staging' })), 'which breaks the guarantee that this job needs no approval'],
    ['GitHub\'s own record', update('deploy_staging', () => ({ environment: { name: 'staging' } })), 'no longer has deployment: false, which breaks the guarantee that the ledger records what is deployed'],
    // times
    ['no limit', ({ workflow }) => workflow.file!.addDeletionOverride('jobs.monitor_staging.timeout-minutes'), 'timeout-minutes: is undefined'],
    ['a longer step in the same time', ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { timeoutMinutes: 40 }), 'steps \'deploy\' timeout-minutes: is 40, which breaks the guarantee that there is time to roll back'],
    // once, and honestly
    ['a matrix', update('deploy_staging', () => ({ strategy: { matrix: { domain: { python: ['3.12', '3.13'] } } } })), 'strategy: runs the job several times, which breaks the guarantee that a release is deployed once'],
    ['a failure that is none', update('deploy_staging', () => ({ continueOnError: true })), 'continue-on-error: is true, which breaks the guarantee that a run that rolled back ends red'],
    ['a step whose failure is none', ({ workflow }) => workflow.patchStep('monitor_staging', 'monitor', { continueOnError: true }), 'steps \'monitor\' continue-on-error: is true'],
    ['an output that is gone', update('monitor_staging', (job) => ({ outputs: { state: job.outputs!.state } })), 'outputs: lack \'completed_attempt\' as it was, which breaks the guarantee that the jobs after it know how far the release came'],
    ['an output of another step', update('environment_staging', (job) => ({ outputs: { ...job.outputs, go: { stepId: 'checkout', outputName: 'go' } } })), 'outputs: lack \'go\''],
    // steps
    ['a step that is gone', ({ workflow }) => workflow.removeStep('deploy_staging', 'recover'), 'workflow job \'deploy_staging\' steps: lack \'recover\', which breaks the guarantee that a job that was cut off finishes what it left open'],
    ['steps in another order', update('deploy_staging', ({ steps }) => ({ steps: [steps.at(-2)!, ...steps.slice(0, -2), steps.at(-1)!] })), 'steps: have \'deploy\' too early'],
    ['another command', ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { run: './ship' }), 'steps \'deploy\' run: is \'./ship\', which breaks the guarantee that the jobs do what the delivery defines'],
    ['a step that is skipped', ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { if: 'false' }), 'steps \'deploy\' if: is \'false\''],
    ['settling only after a failure', ({ workflow }) => workflow.patchStep('deploy_staging', 'recover', { if: 'failure()' }), 'steps \'recover\' if: is \'failure()\', which breaks the guarantee that a job that was cut off finishes what it left open'],
    ['another shell', ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { shell: 'pwsh' }), 'steps \'deploy\' shell: is \'pwsh\''],
    ['another action', ({ workflow }) => workflow.patchStep('build', 'upload', { uses: 'acme/upload@v1' }), 'steps \'upload\' uses: is \'acme/upload@v1\''],
    ['another token', ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { env: {} }), 'steps \'deploy\' env: has another \'GITHUB_TOKEN\''],
    ['credentials that are kept', ({ workflow }) => workflow.patchStep('deploy_staging', 'checkout', { with: { 'persist-credentials': true } }), 'steps \'checkout\' with: has another \'persist-credentials\''],
    ['another commit', ({ workflow }) => workflow.patchStep('deploy_staging', 'checkout', { with: { ...workflow.getStep('deploy_staging', 'checkout').with, ref: 'next' } }),
      'steps \'checkout\' with: says ref, which breaks the guarantee that the release that is recorded is the one that is deployed'],
    // what stands around
    ['another ledger, of a step', ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { env: { ...workflow.getStep('deploy_staging', 'deploy').env, DELIVERY_LEDGER: 'x' } }), 'env: sets DELIVERY_LEDGER'],
    ['another ledger, of a job', update('deploy_staging', () => ({ env: { DELIVERY_LEDGER: 'ledger.json' } })), 'env: sets DELIVERY_LEDGER, which breaks the guarantee that only the ledger and the run determine what is deployed'],
    ['another ledger, of all jobs', override('env.DELIVERY_LEDGER', 'ledger.json'), 'workflow env: sets DELIVERY_LEDGER'],
    ['another folder', update('deploy_staging', () => ({ defaults: { run: { workingDirectory: 'app' } } })), 'defaults: are {"run":{"working-directory":"app"}}, which breaks the guarantee that the delivery\'s commands run as they are written'],
    ['another shell for all', override('defaults.run.shell', 'pwsh'), 'defaults: are those of the whole workflow, {"run":{"shell":"pwsh"}}, which breaks the guarantee that the delivery\'s commands run as they are written'],
    // what GitHub's reader of workflows refuses
    ['a condition in a list', (delivery) => override('jobs.deploy_staging.if', [(delivery.workflow.getJob('deploy_staging') as Job).if])(delivery), 'it is no text, and GitHub starts no workflow that has it there'],
    ['inputs of a step that runs lines', patch(JsonPatch.add('/jobs/deploy_staging/steps/-', { name: 'mine', run: 'true', with: { a: 'b' } })), 'steps \'mine\': has with beside run, and GitHub starts no workflow that has one'],
    ['a shell of a step that uses an action', patch(JsonPatch.add('/jobs/deploy_staging/steps/-', { name: 'mine', uses: 'a/b@v1', shell: 'bash' })), 'steps \'mine\': has shell beside uses'],
    // the whole job
    ['a job that is gone', ({ workflow }) => workflow.removeJob('monitor_production'), 'the delivery\'s job \'monitor_production\' was removed'],
    ['a job that a patch removes', ({ rollbackWorkflow }) => rollbackWorkflow.file!.patch(JsonPatch.remove('/jobs/recover')), 'rollbackWorkflow: the delivery\'s job \'recover\' was removed'],
    ['a job that another took the place of', ({ workflow }) => workflow.addJob('deploy_staging', { runsOn: ['x'], permissions: {}, steps: [step('mine')] }), 'another job took it'],
    ['a job that calls a workflow instead', ({ workflow }) => workflow.updateJob('monitor_production', { uses: './x.yml', permissions: {} }), 'another job took it'],
    ['a whole workflow that replaces ours', ({ rollbackWorkflow }) => rollbackWorkflow.file!.patch(JsonPatch.replace('', { name: 'mine', on: {}, jobs: {} })), 'was removed'],
  ])('%s', (_, change, message) => {
    expect(said(delivered(change))).toContain(message);
  });

  test('less time', () => {
    const { deploy } = delivered(() => {})();
    const minutes = deploy.jobs.deploy_staging['timeout-minutes']!;
    expect(said(delivered(update('deploy_staging', (job) => ({ timeoutMinutes: job.timeoutMinutes! - 1 }))))).toContain(
      `timeout-minutes: is ${minutes - 1}, which breaks the guarantee that nothing hangs, and that there is time to roll back. Set ${minutes} or more`);
  });

  test('a longer step, unless the job is longer, too', () => {
    const job = delivered(() => {})().deploy.jobs.deploy_staging;
    const limit = job['timeout-minutes']!;
    const own = job.steps!.find(({ id }) => id === 'deploy')!['timeout-minutes']!;
    const longer = (more: number, rest: number) => delivered((delivery) => {
      delivery.workflow.patchStep('deploy_staging', 'deploy', { timeoutMinutes: own + more });
      update('deploy_staging', () => ({ timeoutMinutes: limit + rest }))(delivery);
    });
    expect(said(longer(5, 4))).toContain(
      `steps 'deploy' timeout-minutes: is ${own + 5}, which breaks the guarantee that there is time to roll back. Set ${own} or more, and add as much to the job, so that ${limit - own} minutes are left`);
    expect(longer(5, 5)).not.toThrow();
  });

  test('also what a component of the user\'s changes last', () => {
    expect(said(delivered(({ project, workflow }) => {
      new (class extends Component {
        public preSynthesize(): void {
          workflow.file!.addOverride('jobs.deploy_staging.if', 'true');
        }
      })(project);
    }))).toContain('was weakened');
  });

  test('also of jobs that hold a lock', () => {
    const project = plainProject();
    const { workflow } = deliver(project, { lock: Lock.gitRef() });
    workflow.file!.addOverride('jobs.deploy_staging.permissions.contents', 'read');
    expect(said(() => synthesize(project))).toContain('permissions: lack \'contents: write\'');
  });
});

describe('what keeps the guarantees passes', () => {
  test.each<[string, Change, (written: Synthesized) => unknown, unknown]>([
    ['a step before the deploy', ({ workflow }) => workflow.insertStepBefore('deploy_staging', 'deploy', step('login')),
      ({ deploy }) => deploy.jobs.deploy_staging.steps!.map(({ id }) => id).slice(-3), ['login', 'deploy', 'recover']],
    ['steps at both ends', ({ workflow }) => {
      workflow.insertStepBefore('monitor_staging', 'checkout', step('first'));
      workflow.appendStep('monitor_staging', step('last'));
    }, ({ deploy }) => deploy.jobs.monitor_staging.steps!.map(({ id }) => id), ['first', 'checkout', 'monitor', 'last']],
    ['a narrower deploy', narrowed('deploy_staging', '(vars.OPEN == \'yes\' || github.actor == \'me\')'), ({ deploy }) => deploy.jobs.deploy_staging.if, expect.stringContaining('vars.OPEN')],
    ['the same condition in other words', update('deploy_staging', (job) => ({ if: `(vars.OPEN == 'yes') && ( ${job.if!.slice(4, -3).replaceAll(' == ', '==')} )` })), () => 0, 0],
    ['a narrower plan', narrowed('environment_staging', 'vars.OPEN == \'yes\''), () => 0, 0],
    ['a narrower build', narrowed('build', 'vars.OPEN == \'yes\''), () => 0, 0],
    ['a narrower drill', narrowed('drill', 'vars.OPEN == \'yes\'', 'drillWorkflow'), () => 0, 0],
    ['one more need that is asked', (delivery) => {
      // one that deployments do not wait for by themselves
      delivery.workflow.addJob('lint', { runsOn: ['ubuntu-latest'], permissions: {}, needs: ['monitor_staging'], steps: [step('lint')] });
      update('deploy_production', (job) => ({ needs: [...job.needs!, 'lint'] }))(delivery);
      narrowed('deploy_production', 'needs.lint.result == \'success\'')(delivery);
    }, ({ deploy }) => deploy.jobs.deploy_production.needs, expect.arrayContaining(['build', 'environment_production', 'monitor_staging', 'lint'])],
    ['a judge that waits for one more', (delivery) => {
      // one that deployments do not wait for by themselves
      delivery.workflow.addJob('lint', { runsOn: ['ubuntu-latest'], permissions: {}, if: 'github.event_name == \'pull_request\'', steps: [step('lint')] });
      update('monitor_staging', (job) => ({ needs: [...job.needs!, 'lint'] }))(delivery);
    }, () => 0, 0],
    ['one more permission', update('deploy_staging', (job) => ({ permissions: { ...job.permissions, packages: github.workflows.JobPermission.READ } })),
      ({ deploy }) => deploy.jobs.deploy_staging.permissions, { contents: 'read', deployments: 'write', actions: 'read', packages: 'read' }],
    ['other runners', update('deploy_staging', () => ({ runsOn: ['self-hosted'] })), ({ deploy }) => (deploy.jobs.deploy_staging as unknown as Record<string, unknown>)['runs-on'], 'self-hosted'],
    ['a container', update('build', () => ({ container: { image: 'node:20' } })), () => 0, 0],
    ['variables', (delivery) => {
      update('deploy_staging', () => ({ env: { AWS_REGION: 'eu-central-1', DELIVERY_DEBUG: '1' } }))(delivery);
      delivery.workflow.patchStep('deploy_staging', 'deploy', { env: { ...delivery.workflow.getStep('deploy_staging', 'deploy').env, MORE: 'x' } });
    }, ({ deploy }) => deploy.jobs.deploy_staging.env, { AWS_REGION: 'eu-central-1', DELIVERY_DEBUG: '1' }],
    ['an override', override('jobs.deploy_staging.env.AWS_REGION', 'eu-central-1'), ({ deploy }) => deploy.jobs.deploy_staging.env, { AWS_REGION: 'eu-central-1' }],
    ['more time', patch(JsonPatch.replace('/jobs/build/timeout-minutes', 90)), ({ deploy }) => deploy.jobs.build['timeout-minutes'], 90],
    ['more time for a step and its job', ({ workflow }) => {
      const job = workflow.getJob('deploy_staging') as Job;
      const { timeoutMinutes } = workflow.getStep('deploy_staging', 'deploy');
      workflow.updateJob('deploy_staging', { ...job, timeoutMinutes: job.timeoutMinutes! + 10 });
      workflow.patchStep('deploy_staging', 'deploy', { timeoutMinutes: timeoutMinutes! + 10 });
    }, () => 0, 0],
    ['another address', override('jobs.deploy_staging.environment.url', 'https://example.com'), () => 0, 0],
    ['one more output', update('deploy_staging', (job) => ({ outputs: { ...job.outputs, more: { stepId: 'deploy', outputName: 'more' } } })), () => 0, 0],
    ['a build that the next one cancels', update('build', () => ({ concurrency: { 'group': 'build', 'cancel-in-progress': true } })), () => 0, 0],
    ['another version of an action', ({ project }) => github.GitHub.of(project)!.actions.set('actions/checkout', `acme/checkout@${'a'.repeat(40)}`),
      ({ deployText }) => deployText.includes('uses: acme/checkout@'), true],
    ['an action that is pinned by hand', ({ workflow }) => workflow.patchStep('deploy_staging', 'checkout', { uses: `actions/checkout@${'b'.repeat(40)}` }), () => 0, 0],
    ['more to check out', ({ workflow }) => workflow.patchStep('build', 'checkout', { with: { ...workflow.getStep('build', 'checkout').with, lfs: true } }), () => 0, 0],
    ['a build kept for less long', ({ workflow }) => workflow.patchStep('build', 'upload', { with: { ...workflow.getStep('build', 'upload').with, 'retention-days': 30 } }), () => 0, 0],
    ['an environment added later, whose build is the same', (delivery) => {
      update('build', () => ({ env: { FAST: '1' } }))(delivery);
      delivery.addEnvironment('preview', { trigger: Trigger.branch('next'), url: 'https://preview.example.com' });
    }, ({ deploy }) => [deploy.jobs.build.env, deploy.jobs.build.if!.includes('refs/heads/next')], [{ FAST: '1' }, true]],
  ])('%s', (_, change, seen, expected) => {
    const synthesized = delivered(change)();
    expect(seen(synthesized)).toEqual(expected);
  });

  test('a Node project\'s own set-up, changed step by step', () => {
    const project = typescriptProject();
    const delivery = deliver(project);
    const id = delivery.jobId('staging', JobKind.DEPLOY);
    const install = (delivery.workflow.getJob(id) as Job).steps.find(({ run }) => run?.startsWith('npm ci'))!;
    delivery.workflow.patchStep(id, install.id!, { env: { NODE_ENV: 'production' } });
    expect(synthesize(project).deploy.jobs[id].steps!.find((one) => one.id === install.id)!.env).toEqual({ NODE_ENV: 'production' });
  });
});

const NEVER = 'never holds before a deployment to ';

describe('a condition that never holds is rejected, because nothing would be deployed and every run be green', () => {
  const more = (id: string, condition: string): Change => update(id, (job) => ({ if: `\${{ ${job.if!.replace(/^\$\{\{|\}\}$/g, '')} && ${condition} }}` }));
  const withNeed = (condition: string): Change => (delivery) => {
    delivery.workflow.addJob('check', { runsOn: ['ubuntu-latest'], permissions: {}, if: condition, steps: [{ run: 'true' }] });
    update('deploy_production', ({ needs }) => ({ needs: [...needs!, 'check'] }))(delivery);
    more('deploy_production', 'needs.check.result == \'success\'')(delivery);
  };

  it.each<[string, Change, string]>([
    ['false', more('deploy_production', 'false'), 'workflow job \'deploy_production\' if: never holds before a deployment to \'production\', which begins with a tag \'v*\', so nothing would be deployed. '
    + 'Write a condition that can hold. To stop deployments for a time, use a variable (vars.OPEN == \'yes\'), or set freezes'],
    ['another event', more('deploy_production', 'github.event_name == \'pull_request\''), `${NEVER}'production'`],
    ['a branch, for tags', more('deploy_production', 'github.ref == \'refs/heads/main\''), `${NEVER}'production'`],
    ['another branch, in the plan', more('environment_staging', 'github.ref_name == \'next\''), `'environment_staging' if: ${NEVER}'staging'`],
    ['false, in the build', patch(JsonPatch.replace('/jobs/build/if', 'false')), `'build' if: ${NEVER}'staging'`],
    ['one that is not the other\'s, in the build', more('build', 'github.ref_type == \'branch\''), `'build' if: ${NEVER}'production'`],
    ['a need that runs for pull requests', withNeed('github.event_name == \'pull_request\''), `${NEVER}'production'`],
    ['a need that runs for branches', withNeed('github.ref_type == \'branch\''), `${NEVER}'production'`],
    ['nothing that cannot be', more('deploy_production', 'vars.OPEN == \'yes\' && startsWith(github.ref, \'refs/tags/v2\')'), 'nothing'],
    ['a need that runs for tags', withNeed('github.ref_type == \'tag\''), 'nothing'],
    ['what only the person who pushed decides', more('build', 'github.actor != \'bot\''), 'nothing'],
  ])('%s', (_, change, message) => {
    const project = plainProject();
    const delivery = deliver(project, { artifact: { paths: ['dist'] }, needs: [], environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })] });
    change(delivery);
    expect(said(() => synthesize(project))).toContain(message);
  });

  it('of a chain, by what begins it', () => {
    expect(said(delivered(narrowed('deploy_production', 'startsWith(github.ref, \'refs/tags/\')')))).toContain(`${NEVER}'production', which begins with a push to 'main'`);
  });
});
