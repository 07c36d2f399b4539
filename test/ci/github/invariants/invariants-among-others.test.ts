/**
 * Our jobs' guarantees where others have a say as well: in workflows of the project's own, of its releases and of its subprojects. What
 * a workflow that was there before says for itself is its own.
 */
import { github, JsonPatch, Project } from 'projen';
import { Delivery, DeliveryOptions, JobKind, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, Synthesized, synthesize, typescriptProject, withTasks } from '../../../test-project';
import { validateJoined } from '../../../validators/validate';

type Job = github.workflows.Job;

const TEST_JOB: Job = { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'test', name: 'test', run: 'true' }] };
const update = ({ workflow }: { workflow: github.GithubWorkflow }, id: string, parts: (job: Job) => Partial<Job>) => {
  const job = workflow.getJob(id) as Job;
  workflow.updateJob(id, { ...job, ...parts(job) });
};
/** Another one asks for less. */
const without = (part: string) => ({ if: condition }: Job) => {
  expect(condition).toContain(part);
  return { if: condition!.replace(part, '') };
};

describe('in a workflow of the project\'s own', () => {
  interface Host {
    readonly project: Project;
    readonly ci: github.GithubWorkflow;
  }

  function host(options: github.GithubWorkflowOptions = {}): Host {
    const project = plainProject();
    const ci = new github.GithubWorkflow(github.GitHub.of(project)!, 'ci', options);
    ci.on({ push: { branches: ['main'] } });
    ci.addJob('unit-test', TEST_JOB);
    return { project, ci };
  }

  const join = ({ project }: Host, options: Partial<DeliveryOptions> = {}) => deliver(project, { workflow: Workflow.named('ci'), artifact: { paths: ['dist'] }, ...options });

  it.each<[string, (delivery: Delivery) => void, string]>([
    ['its jobs need not succeed', (it) => update(it, 'deploy_staging', without(' && needs.unit-test.result == \'success\'')),
      'Workflow.named job \'deploy_staging\' if: was weakened: it no longer requires `needs.unit-test.result == \'success\'`, which breaks the guarantee that nothing is deployed'],
    ['a deployment does not wait for them', (it) => update(it, 'deploy_staging', ({ needs }) => ({ needs: needs!.filter((need) => need !== 'unit-test') })), 'needs: lacks \'unit-test\''],
    ['a fork builds', (it) => update(it, 'delivery_release', without('!github.event.repository.fork && ')), 'it no longer requires `!github.event.repository.fork`'],
    ['a confirmation of successful deployments only', ({ workflow }) => workflow.file!.addOverride('jobs.monitor_staging.if', 'success()'), 'the confirmation also runs after a failed'],
    ['a run cancels the one before', ({ workflow }) => workflow.file!.patch(JsonPatch.add('/concurrency', { 'group': 'ci', 'cancel-in-progress': true })),
      'Workflow.named concurrency: the workflow \'ci\' cancels a run when the next one begins, even while it deploys. '
      + 'Take cancel-in-progress out, or let it be ${{ github.event_name == \'pull_request\' }} in a group that ends with ${{ github.ref }}'],
    ['a run of an expression\'s cancels the one before', ({ workflow }) => workflow.file!.patch(JsonPatch.add('/concurrency', { 'group': 'ci', 'cancel-in-progress': '${{ github.ref != \'x\' }}' })),
      'cancels a run when the next one begins'],
    ['its lines run elsewhere', ({ workflow }) => workflow.file!.addOverride('defaults.run.working-directory', 'app'),
      'defaults: are those of the whole workflow, {"run":{"working-directory":"app"}}, which breaks the guarantee that the delivery\'s commands run as they are written. '
      + 'Set them in your own jobs, or before new Delivery(...), whose jobs then have their own'],
    ['its variables say where the ledger is', ({ workflow }) => void Object.assign(workflow, { env: { DELIVERY_LEDGER: 'x' } }), 'Workflow.named env: sets DELIVERY_LEDGER'],
    ['a patch says it', ({ workflow }) => workflow.file!.addOverride('env.DELIVERY_LEDGER', 'x'), 'Workflow.named env: sets DELIVERY_LEDGER'],
  ])('it is refused that %s', (_, change, message) => {
    const at = host();
    change(join(at));
    expect(() => synthesize(at.project)).toThrow(message);
  });

  it('what it says for itself stays, and changes nothing of our jobs', async () => {
    const plain = host();
    join(plain);
    const alone = synthesize(plain.project).workflow('ci');

    const said = host({ env: { CI: 'yes' }, limitConcurrency: true, concurrencyOptions: { group: 'ci' } });
    said.ci.file!.addOverride('permissions', 'read-all');
    said.ci.file!.addOverride('defaults.run', { 'shell': 'pwsh', 'working-directory': 'app' });
    said.ci.file!.addOverride('concurrency.cancel-in-progress', '${{ github.event_name == \'pull_request\' && github.actor != \'me\' }}');
    join(said);
    said.ci.file!.addOverride('jobs.unit-test.if', 'github.actor != \'bot\'');
    const written = synthesize(said.project);
    const { jobs, ...above } = written.workflow('ci');
    expect(above).toMatchObject({ permissions: 'read-all', env: { CI: 'yes' }, defaults: { run: { shell: 'pwsh' } }, concurrency: { group: 'ci' } });
    for (const [id, job] of Object.entries(alone.jobs).filter(([one]) => one !== 'unit-test')) {
      expect([id, jobs[id]]).toEqual([id, { ...job, defaults: { run: { 'shell': 'bash -e {0}', 'working-directory': '.' } } }]);
    }
    expect(jobs['unit-test']).toEqual({ ...alone.jobs['unit-test'], if: 'github.actor != \'bot\'' });
    expect(await validateJoined(written.workflowText('ci'), 'ci.yml')).toEqual([]);
  });

  // the run that comes next says whether it cancels the one that deploys, if both are in the same group
  const OF_PULL_REQUESTS = '${{ github.event_name == \'pull_request\' }}';
  it.each<[string, unknown, boolean]>([
    ['${{ github.workflow }}-${{ github.head_ref || github.run_id }}', true, true],
    ['ci-${{ github.event.pull_request.number || github.run_id }}', true, true],
    ['ci-${{ github.head_ref || github.sha }}', true, false],
    ['ci-${{ github.ref }}', OF_PULL_REQUESTS, true],
    ['${{ github.workflow }}-${{ github.head_ref || github.ref }}', OF_PULL_REQUESTS, true],
    ['ci-${{ github.event.pull_request.number || github.ref }}', OF_PULL_REQUESTS, true],
    ['ci-${{ vars.ORG }}-${{ github.event.number || github.ref }}', OF_PULL_REQUESTS, true],
    ['${{ github.workflow }}', OF_PULL_REQUESTS, false],
    ['ci', OF_PULL_REQUESTS, false],
    ['ci-${{ github.base_ref || github.ref_name }}', OF_PULL_REQUESTS, false],
    // a pull request of a fork's main
    ['ci-${{ github.head_ref || github.ref_name }}', OF_PULL_REQUESTS, false],
    ['ci-${{ github.ref }}', '${{ startsWith(github.ref, \'refs/pull/\') }}', true],
    ['ci-${{ github.ref }}', '${{ github.ref != \'refs/heads/main\' }}', true],
    ['ci', '${{ github.ref != \'refs/heads/main\' }}', false],
    ['ci-${{ github.ref }}', '${{ github.event_name != \'push\' }}', true],
    ['ci-${{ github.ref }}', '${{ github.ref_type == \'branch\' }}', false],
    ['ci-${{ github.ref }}', '${{ github.ref_name != \'next\' }}', false],
    ['ci-${{ github.ref }}', '${{ vars.CANCEL }}', false],
  ])('the group %s, cancel-in-progress: %s: accepted %s', (group, cancels, isAccepted) => {
    const at = host();
    at.ci.on({ pullRequest: {}, mergeGroup: {} });
    at.ci.file!.addOverride('concurrency', { 'group': group, 'cancel-in-progress': cancels });
    join(at, { environments: [environment('staging')] });
    const synthesis = expect(() => synthesize(at.project));
    if (isAccepted) synthesis.not.toThrow();
    else synthesis.toThrow('cancels a run when the next one begins');
  });

  it.each(['schedule', 'pull_request_target'])('a run of %s, which is on the branch itself, cancels what deploys', (event) => {
    const at = host();
    at.ci.file!.addOverride(`on.${event}`, event === 'schedule' ? [{ cron: '17 3 * * *' }] : { types: ['opened'] });
    at.ci.file!.addOverride('concurrency', { 'group': 'ci-${{ github.ref }}', 'cancel-in-progress': '${{ github.event_name != \'push\' }}' });
    join(at, { environments: [environment('staging')] });
    expect(() => synthesize(at.project)).toThrow('cancels a run when the next one begins');
  });

  it('a tag is not on the branch that a group spares', () => {
    const at = host();
    at.ci.file!.addOverride('concurrency', { 'group': 'ci', 'cancel-in-progress': '${{ github.ref != \'refs/heads/main\' }}' });
    join(at, { environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })] });
    expect(() => synthesize(at.project)).toThrow('cancels a run when the next one begins');
  });

  it('no defaults of a job of ours are taken for the workflow\'s', () => {
    const at = host();
    at.ci.file!.addOverride('defaults.run.shell', 'pwsh');
    const delivery = join(at);
    update(delivery, 'deploy_staging', () => ({ defaults: undefined }));
    expect(() => synthesize(at.project)).toThrow('Workflow.named job \'deploy_staging\' defaults: are undefined, which breaks the guarantee that the delivery\'s commands run as they are written');
  });
});

describe('in a release workflow', () => {
  const released = (change: (delivery: Delivery) => void): Synthesized => {
    const project = typescriptProject({ release: true, releaseToNpm: true });
    change(deliver(project, { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() }), environment('production', { trigger: Trigger.after('staging') })] }));
    return synthesize(project);
  };

  it.each<[string, (delivery: Delivery) => void, string]>([
    ['a dry run deploys', (it) => update(it, 'delivery_release', without('!inputs.dry_run && ')),
      'Workflow.ofRelease job \'delivery_release\' if: was weakened: it no longer requires `!inputs.dry_run`, which breaks the guarantee that only the release of this run is deployed, and never in a fork'],
    ['an old tag deploys again', (it) => update(it, 'delivery_release', without(' && needs.release.outputs.tag_exists != \'true\'')), 'only the release of this run is deployed'],
    ['the last publisher is not waited for', (it) => update(it, 'delivery_release', () => ({ needs: ['release'] })), 'needs: lacks \'release_github\''],
    ['files lose their permissions', ({ workflow }) => workflow.removeStep('delivery_release', 'permissions'), 'steps: lack \'permissions\''],
    ['another artifact is taken', ({ workflow }) => workflow.patchStep('delivery_release', 'download', { with: { name: 'mine' } }), 'steps \'download\' with: has another \'artifact-ids\''],
    ['production does not wait for staging', (it) => update(it, 'deploy_production', without(' && needs.monitor_staging.outputs.state == \'stable\'')), 'needs.monitor_staging.outputs.state == \'stable\''],
  ])('it is refused that %s', (_, change, message) => {
    expect(() => released(change)).toThrow(message);
  });

  it('what the plan depends on, too, the deployment need not ask again', () => {
    const written = released((it) => update(it, 'deploy_staging', without(' && needs.delivery_release.result == \'success\''))).workflow('release');
    expect(written.jobs.deploy_staging.if).not.toContain('delivery_release');
  });

  it('what is released may be deployed more seldom, and projen\'s own group stays', () => {
    const written = released((it) => update(it, 'delivery_release', (job) => ({ if: job.if!.replace(/ \}\}$/, ' && vars.OPEN == \'yes\' }}') }))).workflow('release');
    expect(written.jobs.delivery_release.if).toContain('vars.OPEN');
    expect((written as unknown as { concurrency: object }).concurrency).toEqual({ 'group': expect.any(String) as string, 'cancel-in-progress': false });
  });
});

describe('of a subproject', () => {
  const API: Partial<DeliveryOptions> = { onlyIfChanged: ['services/api'], artifact: { buildTask: 'build', paths: ['dist'] }, drill: { environments: ['staging'] } };

  const PATHS = ['services/api', 'services/api/**', '.projen/delivery-api.json'];

  function subproject(change: (delivery: Delivery) => void): () => Synthesized {
    const root = plainProject();
    for (const name of ['api', 'web']) {
      const delivery = deliver(withTasks(new Project({ name, parent: root, outdir: `services/${name}` })), API);
      if (name === 'api') change(delivery);
    }
    return () => synthesize(root);
  }

  it.each<[string, (delivery: Delivery) => void, string]>([
    ['its queue is another\'s', ({ workflow }) => workflow.file!.addOverride('jobs.deploy_api_staging.concurrency.group', 'delivery-deploy-staging'),
      'workflow job \'deploy_api_staging\' concurrency: is {"group":"delivery-deploy-staging","cancel-in-progress":false,"queue":"max"}'],
    ['its commands are another\'s', ({ workflow }) => workflow.patchStep('deploy_api_staging', 'deploy', { run: 'exec node .projen/delivery.cjs deploy staging' }), 'steps \'deploy\' run: is'],
    ['its build works elsewhere', ({ workflow }) => workflow.patchStep('build', 'pack', { workingDirectory: 'services/web' }), 'steps \'pack\' working-directory: is \'services/web\''],
    ['a rollback by hand has no hold', ({ rollbackWorkflow: workflow }) => update({ workflow }, 'rollback', () => ({ if: 'true' })), 'rollbackWorkflow job \'rollback\' if: was weakened'],
    ['a fork drills', ({ drillWorkflow }) => update({ workflow: drillWorkflow! }, 'drill', () => ({ if: 'true' })), 'drillWorkflow job \'drill\' if: was weakened'],
    ['a push to its branch no longer starts it', ({ workflow }) => workflow.on({ push: { branches: ['next'], paths: PATHS } }),
      'workflow on.push.branches: is ["next"], so a push of the branch \'main\' no longer starts the workflow, which breaks the guarantee that every ref that triggers an environment is deployed. Put it back; more may start it'],
    ['its paths no longer start it', ({ workflow }) => workflow.on({ push: { branches: ['main'] } }), 'workflow on.push.paths: lack \'services/api\', so that pushes start it as onlyIfChanged does not say'],
    ['no one can roll back by hand', ({ rollbackWorkflow }) => rollbackWorkflow.on({ workflowDispatch: {} }), 'rollbackWorkflow on.workflow_dispatch.inputs.environment: is undefined, which breaks the guarantee that the run does what was requested'],
    ['drills by hand are impossible', ({ drillWorkflow }) => drillWorkflow!.on({ workflowDispatch: {} }), 'drillWorkflow on.workflow_dispatch.inputs.environment: is undefined'],
  ])('it is refused that %s', (_, change, message) => {
    expect(subproject(change)).toThrow(message);
  });

  it('more may start it', () => {
    const paths = [...PATHS, 'libs/**'];
    const written = subproject(({ workflow }) => workflow.on({ push: { branches: ['next', 'main'], paths }, schedule: [{ cron: '17 3 * * *' }] }))();
    expect(written.workflow('deploy_api').on).toEqual({ push: { branches: ['next', 'main'], paths }, schedule: [{ cron: '17 3 * * *' }] });
  });

  it('a step of the user\'s own set-up may be changed, whatever its name', () => {
    const root = plainProject();
    const api = deliver(withTasks(new Project({ name: 'api', parent: root, outdir: 'api' })), { setupSteps: [{ id: 'plan', run: './plan.sh' }] });
    api.workflow.patchStep(api.jobId('staging', JobKind.DEPLOY), 'plan', { run: './plan.sh --all' });
    expect(synthesize(root).workflow('deploy_api').jobs.deploy_api_staging.steps!.find(({ id }) => id === 'plan')).toMatchObject({ 'run': './plan.sh --all', 'working-directory': 'api' });
  });
});
