/** What each job of each workflow is: a table for each property, so that a change of one is one line here. When jobs run: conditions.test.ts. */
import { github } from 'projen';
import { Artifact, ForkPreviews, HealthCheck, Lock, ReleaseIdentity, Schedule, Strategy, Target, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, typescriptProject } from '../../../test-project';
import { evaluate } from '../../../validators/expressions';
import { Job, Step } from '../../../validators/workflow';

const ALL = ['deploy', 'rollback', 'drill', 'monitor', 'plan', 'preview'];

const project = plainProject();
deliver(project, {
  target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic', migrate: 'migrate' }),
  artifact: { buildTask: 'ship', paths: ['dist'] },
  lock: Lock.gitRef(),
  drill: { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') },
  pullRequests: { plan: true },
  previews: {
    url: 'https://pr-{number}.example.com',
    target: Target.commands({ deploy: './ship.sh', remove: './remove.sh' }),
    secrets: ['PREVIEW_KEY'],
    fork: ForkPreviews.afterApproval('forks'),
  },
  monitoring: { heartbeat: 'HEARTBEAT_URL' },
  environments: [
    environment('staging', { strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.staging.example.com' }) }),
    environment('production', {
      trigger: Trigger.tag('v*', { requires: 'staging' }),
      rollbackEnvironment: 'production-rollback',
      monitorEnvironment: 'production-monitor',
      secrets: ['DEPLOY_KEY'],
      healthChecks: [HealthCheck.http('https://production.example.com/health', {
        secretRequestHeaders: { authorization: 'HEALTH_TOKEN' }, release: ReleaseIdentity.json('version'),
      })],
    }),
  ],
});
const written = synthesize(project);

/** By `workflow: job`. */
const JOBS = ALL.flatMap((name) => Object.entries(written.workflow(name).jobs).map(([id, job]) => [`${name}: ${id}`, job] as const));

/** A job without the property is left out. */
function each(valueOf: (job: Job) => unknown): Record<string, unknown> {
  return Object.fromEntries(JOBS.flatMap(([key, job]) => (valueOf(job) === undefined ? [] : [[key, valueOf(job)]])));
}

/** What is said once for an environment's four jobs. */
function ofBoth(jobs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(['staging', 'production'].flatMap((name) => Object.entries(jobs).map(([kind, value]) => [`deploy: ${kind}_${name}`, value])));
}

test('the permissions', () => {
  const [looks, pays, holds] = [
    { contents: 'read', deployments: 'read', actions: 'read' },
    { contents: 'write', deployments: 'write', actions: 'read' },
    { contents: 'read', deployments: 'write', actions: 'read' },
  ];
  const previews = { 'contents': 'read', 'deployments': 'write', 'actions': 'read', 'pull-requests': 'read' };
  const comments = { 'contents': 'read', 'pull-requests': 'write' };
  const watches = { contents: 'read', deployments: 'write', actions: 'write' };
  expect(each(({ permissions }) => permissions)).toEqual({
    'deploy: build': { contents: 'read' },
    ...ofBoth({ environment: looks, deploy: pays, monitor: pays, rollback: pays }),
    'rollback: hold': holds,
    'rollback: rollback': pays,
    'rollback: monitor': pays,
    'rollback: recover': pays,
    'rollback: decision': pays,
    'drill: start': { contents: 'read', actions: 'write' },
    'drill: drill': pays,
    'drill: monitor': pays,
    'drill: recover': pays,
    'monitor: watch': watches,
    'monitor: watch_production': watches,
    'monitor: heartbeat': { contents: 'read' },
    'plan: plan_merge': looks,
    'plan: comment': comments,
    'preview: begin_preview': previews,
    'preview: preview': { contents: 'read' },
    'preview: preview_fork': { contents: 'read' },
    'preview: finish_preview': previews,
    'preview: remove_preview': previews,
    'preview: comment': comments,
    'preview: sweep': { 'contents': 'read', 'deployments': 'read', 'pull-requests': 'read', 'actions': 'write' },
  });
});

test('the jobs that each waits for', () => {
  expect(each(({ needs }) => needs)).toEqual({
    'deploy: deploy_staging': ['build', 'environment_staging'],
    'deploy: monitor_staging': 'deploy_staging',
    'deploy: rollback_staging': ['deploy_staging', 'monitor_staging'],
    // it deploys what staging verified
    'deploy: deploy_production': 'environment_production',
    'deploy: monitor_production': 'deploy_production',
    'deploy: rollback_production': ['deploy_production', 'monitor_production'],
    'rollback: rollback': 'hold',
    'rollback: monitor': 'rollback',
    'rollback: recover': ['rollback', 'monitor'],
    'drill: monitor': 'drill',
    'drill: recover': ['drill', 'monitor'],
    'monitor: heartbeat': ['watch', 'watch_production'],
    'plan: comment': 'plan_merge',
    'preview: preview': 'begin_preview',
    'preview: preview_fork': 'begin_preview',
    'preview: finish_preview': ['begin_preview', 'preview', 'preview_fork'],
    'preview: comment': ['finish_preview', 'begin_preview', 'remove_preview'],
  });
});

test('in a fork no job begins, whatever started the workflow', () => {
  const inputs = { action: 'rollback', environment: 'staging' };
  for (const event_name of ['push', 'schedule', 'workflow_dispatch', 'pull_request']) {
    const event = { repository: { fork: true }, pull_request: { head: { repo: { full_name: 'a/b' } } } };
    const started = { github: { event_name, ref: 'refs/heads/main', repository: 'a/b', event }, inputs };
    expect(each((job) => (job.needs === undefined && evaluate(job.if!, started)) || undefined)).toEqual({});
  }
});

test('the minutes of the jobs, and of the steps that leave time to recover', () => {
  const minutes = (job: Job) => [job['timeout-minutes'], ...job.steps!.flatMap((step) => step['timeout-minutes'] ?? [])];
  // staging's two slots take two commands and two verifications, where production takes one of each
  const [slots, one] = [{ deploy: [90, 65], recover: [54] }, { deploy: [63, 45], recover: [41] }];
  expect(each(minutes)).toEqual({
    'deploy: build': [60],
    'deploy: environment_staging': [10],
    'deploy: deploy_staging': slots.deploy,
    'deploy: monitor_staging': [13],
    'deploy: rollback_staging': slots.recover,
    'deploy: environment_production': [10],
    'deploy: deploy_production': one.deploy,
    'deploy: monitor_production': [13],
    'deploy: rollback_production': one.recover,
    'rollback: hold': [10],
    'rollback: rollback': [74, 49],
    'rollback: monitor': [13],
    'rollback: recover': slots.recover,
    'rollback: decision': [31],
    'drill: start': [10],
    'drill: drill': slots.deploy,
    'drill: monitor': [13],
    'drill: recover': slots.recover,
    'monitor: watch': [14],
    'monitor: watch_production': [14],
    'monitor: heartbeat': [5],
    'plan: plan_merge': [10],
    'plan: comment': [10],
    'preview: begin_preview': [23],
    'preview: finish_preview': [39],
    'preview: preview': [55, 38],
    'preview: preview_fork': [55, 38],
    'preview: remove_preview': [55, 38],
    'preview: comment': [10],
    'preview: sweep': [10],
  });
});

test('the environments, with the URLs that GitHub shows; none records a deployment of GitHub\'s own', () => {
  const place = (name: string, url?: string) => ({ name, ...(url === undefined ? {} : { url }), deployment: false });
  const byHand = (values: object) => `\${{ fromJSON('${JSON.stringify(values)}')[inputs.environment] }}`;
  const [staging, production] = ['https://staging.example.com', 'https://production.example.com'];
  const preview = 'https://pr-${{ github.event.pull_request.number || inputs.number }}.example.com';
  const rollsBack = place(byHand({ staging: 'staging', production: 'production-rollback' }), byHand({ staging, production }));
  const looks = place(byHand({ production: 'production-monitor' }));
  const drills = place(byHand({ staging: 'staging' }), byHand({ staging }));
  expect(each((job) => job.environment)).toEqual({
    'deploy: deploy_staging': place('staging', staging),
    'deploy: rollback_staging': place('staging', staging),
    'deploy: environment_production': place('production-monitor'),
    'deploy: deploy_production': place('production', production),
    'deploy: monitor_production': place('production-monitor'),
    'deploy: rollback_production': place('production-rollback', production),
    'rollback: rollback': rollsBack,
    'rollback: monitor': looks,
    'rollback: recover': rollsBack,
    'rollback: decision': looks,
    'drill: drill': drills,
    'drill: recover': drills,
    'monitor: watch_production': place('production-monitor'),
    'preview: preview': place('preview', preview),
    'preview: preview_fork': place('forks', preview),
    'preview: remove_preview': place('preview', preview),
  });
});

test('the queues', () => {
  const all = (group: string) => ({ group, 'cancel-in-progress': false, 'queue': 'max' });
  const newest = (group: string) => ({ group, 'cancel-in-progress': false });
  const number = '${{ github.event.pull_request.number || inputs.number }}';
  const [deploys, rollbacks] = [all('delivery-deploy-${{ inputs.environment }}'), all('delivery-rollback-${{ inputs.environment }}')];
  expect(each(({ concurrency }) => concurrency)).toEqual({
    'deploy: deploy_staging': all('delivery-deploy-staging'),
    'deploy: rollback_staging': all('delivery-rollback-staging'),
    'deploy: deploy_production': all('delivery-deploy-production'),
    'deploy: rollback_production': all('delivery-rollback-production'),
    'rollback: rollback': rollbacks,
    'rollback: recover': rollbacks,
    'rollback: decision': rollbacks,
    'drill: drill': deploys,
    'drill: recover': rollbacks,
    'monitor: watch': newest('delivery-monitor-staging'),
    'monitor: watch_production': newest('delivery-monitor-production'),
    'plan: plan_merge': newest('delivery-plan-${{ github.event.pull_request.number }}'),
    'plan: comment': newest('delivery-comment-${{ github.event.pull_request.number }}'),
    'preview: comment': all(`delivery-comment-${number}`),
    'preview: sweep': newest('delivery-sweep-previews'),
  });
  // in preview.yml the run, because its jobs belong together; one that starts no job is in no queue
  const { group, ...rest } = written.workflow('preview').concurrency as { readonly group: string };
  expect(rest).toEqual({ 'cancel-in-progress': '${{ github.event_name == \'pull_request\' }}' });
  expect(group).toMatch(/&& format\('delivery-preview-\{0\}', github\.event\.pull_request\.number \|\| inputs\.number\) \|\| format\('delivery-preview-run-\{0\}', github\.run_id\) \}\}$/);
});

test('the outputs, each of the step that makes it', () => {
  const of = (step: string, ...names: string[]) => Object.fromEntries(names.map((name) => [name, `\${{ steps.${step}.outputs.${name} }}`]));
  const confirms = of('monitor', 'completed_attempt', 'state');
  expect(each(({ outputs }) => outputs)).toEqual({
    'deploy: build': { ...of('pack', 'digest'), ...of('upload', 'artifact-id') },
    ...ofBoth({ environment: of('plan', 'go', 'release', 'sha', 'stable', 'url', 'config'), deploy: of('deploy', 'state'), monitor: confirms }),
    'rollback: hold': of('hold', 'release'),
    'rollback: rollback': of('rollback', 'state'),
    'rollback: monitor': confirms,
    'drill: drill': of('drill', 'state'),
    'drill: monitor': confirms,
    'monitor: watch': of('watch', 'verdict'),
    'monitor: watch_production': of('watch', 'verdict'),
    'plan: plan_merge': of('plan', 'comment'),
    'preview: begin_preview': of('begin', 'commit', 'begun_attempt', 'comment'),
    'preview: finish_preview': of('finish', 'comment'),
    'preview: remove_preview': of('remove', 'comment'),
  });
});

test('what is checked out: all of it only where the project\'s commands run', () => {
  const all = [{ 'persist-credentials': false }];
  const runtime = [{ 'sparse-checkout': '.projen', 'persist-credentials': false }];
  const at = (ref: string, [inputs]: object[]) => [{ ...inputs, ref }];
  const reviewed = '${{ github.event.repository.default_branch }}';
  const head = '${{ needs.begin_preview.outputs.commit }}';
  const checkouts = (job: Job) => job.steps!.filter(({ uses }) => uses?.startsWith('actions/checkout@')).map((step) => step.with);
  expect(each(checkouts)).toEqual({
    'deploy: build': all,
    ...ofBoth({ environment: runtime, deploy: all, monitor: runtime, rollback: all }),
    'rollback: hold': runtime,
    'rollback: rollback': all,
    'rollback: monitor': runtime,
    'rollback: recover': all,
    // it resolves the names of commits
    'rollback: decision': [{ ...runtime[0], 'fetch-depth': 0 }],
    'drill: start': runtime,
    'drill: drill': all,
    'drill: monitor': runtime,
    'drill: recover': all,
    'monitor: watch': runtime,
    'monitor: watch_production': runtime,
    'monitor: heartbeat': runtime,
    // the merge, and the branch before it
    'plan: plan_merge': [{ 'fetch-depth': 2, 'persist-credentials': false }],
    'plan: comment': at('${{ github.event.pull_request.base.ref }}', runtime),
    'preview: begin_preview': at(reviewed, runtime),
    'preview: finish_preview': at(reviewed, runtime),
    'preview: preview': at(head, all),
    'preview: preview_fork': [...at(head, all), { ...runtime[0], path: '.delivery-runtime' }],
    'preview: remove_preview': at(reviewed, all),
    'preview: comment': at(reviewed, runtime),
    'preview: sweep': runtime,
  });
});

describe('what a step of the runtime knows', () => {
  const STEPS = JOBS.flatMap(([key, job]) => job.steps!.filter(isOfRuntime).map((step) => [`${key}.${step.id}`, step.env ?? {}] as const));
  const known = (workflow: string) => Object.fromEntries(STEPS.filter(([key]) => key.startsWith(`${workflow}: `))
    .map(([key, { GITHUB_TOKEN: _, ...env }]) => [key.slice(workflow.length + 2), env]));
  const lock = { DELIVERY_JOB: '${{ job.check_run_id }}' };
  const after = (job: string) => ({ ...lock, DELIVERY_DEPLOYED: `\${{ needs.${job}.result }}`, DELIVERY_STATE: `\${{ needs.${job}.outputs.state }}` });
  const secrets = (...names: string[]) => Object.fromEntries(names.map((name) => [name, `\${{ secrets.${name} }}`]));
  const files = { DELIVERY_ARTIFACT_ID: '${{ needs.build.outputs.artifact-id }}', DELIVERY_ARTIFACT_DIGEST: '${{ needs.build.outputs.digest }}' };

  test('the token of the job', () => {
    expect(STEPS.filter(([, env]) => env.GITHUB_TOKEN !== '${{ github.token }}')).toEqual([]);
  });

  test('in deploy.yml: the files of this run, the result of the job before, and the secrets that it needs', () => {
    const [key, token] = [secrets('DEPLOY_KEY', 'HEALTH_TOKEN'), secrets('HEALTH_TOKEN')];
    expect(known('deploy')).toEqual({
      'environment_staging.plan': {},
      'deploy_staging.deploy': { ...lock, ...files },
      'deploy_staging.recover': lock,
      'monitor_staging.monitor': after('deploy_staging'),
      'rollback_staging.rollback': after('deploy_staging'),
      'environment_production.plan': token,
      'deploy_production.deploy': { ...lock, ...key },
      'deploy_production.recover': { ...lock, ...key },
      'monitor_production.monitor': { ...after('deploy_production'), ...token },
      'rollback_production.rollback': { ...after('deploy_production'), ...key },
    });
  });

  test('in rollback.yml: what the person said, and the secrets of the environment that was chosen', () => {
    const ofProduction = (...names: string[]) => Object.fromEntries(names.map((name) => [name, `\${{ contains(fromJSON('["production"]'), inputs.environment) && secrets.${name} || '' }}`]));
    const [key, token] = [ofProduction('DEPLOY_KEY', 'HEALTH_TOKEN'), ofProduction('HEALTH_TOKEN')];
    const [release, reason] = [{ DELIVERY_INPUT_RELEASE: '${{ inputs.release }}' }, { DELIVERY_INPUT_REASON: '${{ inputs.reason }}' }];
    const more = { ...reason, DELIVERY_INPUT_FROM_DEPLOYMENT: '${{ inputs.from_deployment }}', DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE: '${{ inputs.even_if_irreversible && \'true\' || \'\' }}' };
    expect(known('rollback')).toEqual({
      'hold.hold': { ...release, ...more },
      'rollback.rollback': { ...lock, DELIVERY_INPUT_RELEASE: '${{ needs.hold.outputs.release }}', ...more, ...key },
      'rollback.recover': { ...lock, ...key },
      'monitor.monitor': { ...after('rollback'), ...token },
      'recover.recover': { ...after('rollback'), ...key },
      'decision.unblock': { ...lock, ...release, ...reason },
      'decision.adopt': { ...lock, ...release, ...reason, DELIVERY_INPUT_SLOT: '${{ inputs.slot != \'unknown\' && inputs.slot || \'\' }}', DELIVERY_INPUT_FROM: '${{ inputs.from }}', ...token },
      'decision.resolve': { ...lock, ...reason, ...token },
      'decision.unfreeze': { ...lock, ...reason },
    });
    for (const name of ['rollback', 'drill']) expect(written.workflow(name).env).toEqual({ DELIVERY_INPUT_ENVIRONMENT: '${{ inputs.environment }}' });
  });

  test('in drill.yml, monitor.yml and plan.yml', () => {
    expect({ ...known('drill'), ...known('monitor'), ...known('plan') }).toEqual({
      'start.start': {},
      'drill.drill': lock,
      'drill.recover': lock,
      'monitor.monitor': after('drill'),
      'recover.recover': after('drill'),
      'watch.watch': {},
      'watch_production.watch': secrets('HEALTH_TOKEN'),
      'heartbeat.heartbeat': secrets('HEARTBEAT_URL'),
      'plan_merge.plan': {},
      'comment.comment': { DELIVERY_COMMENT: '${{ needs.plan_merge.outputs.comment }}' },
    });
  });

  test('in preview.yml: the pull request, the commit, and whether a preview goes only if it is due', () => {
    const number = 'github.event.pull_request.number || inputs.number';
    const which = { DELIVERY_INPUT_PREVIEW: `preview-\${{ ${number} }}`, DELIVERY_PULL_REQUEST: `\${{ ${number} }}` };
    const key = secrets('PREVIEW_KEY');
    expect(known('preview')).toEqual({
      'begin_preview.begin': { ...which, DELIVERY_COMMIT: '${{ github.event.pull_request.head.sha || inputs.commit }}' },
      'preview.preview': { ...which, ...key },
      'preview_fork.preview': { ...which, ...key },
      'finish_preview.finish': {
        ...which,
        DELIVERY_COMMIT: '${{ needs.begin_preview.outputs.commit }}',
        DELIVERY_DEPLOYED: '${{ needs.preview.result != \'skipped\' && needs.preview.result || needs.preview_fork.result }}',
      },
      'remove_preview.remove': { ...which, DELIVERY_INPUT_IF_DUE: '${{ (github.event_name == \'pull_request\' || inputs.action == \'removeIfDue\') && \'true\' || \'\' }}', ...key },
      'comment.comment': { ...which, DELIVERY_COMMENT: '${{ needs.finish_preview.outputs.comment || needs.begin_preview.outputs.comment || needs.remove_preview.outputs.comment }}' },
      'sweep.sweep': {},
    });
  });
});

describe('what a person fills in', () => {
  interface Input { readonly type: string; readonly required: boolean; readonly default?: string }
  const form = (name: string) => Object.entries((written.workflow(name).on!.workflow_dispatch as { inputs: Record<string, Input> }).inputs)
    .map(([id, { type, required, default: usual }]) => [id, type, required ? 'required' : 'optional', ...(usual === undefined ? [] : [usual])].join(' '));

  test('in rollback.yml, drill.yml and preview.yml', () => {
    expect(form('rollback')).toEqual([
      'environment choice required', 'action choice required rollback', 'release string optional', 'reason string required', 'slot choice optional unknown',
      'even_if_irreversible boolean optional', 'from string optional', 'from_deployment string optional', 'request string optional',
    ]);
    expect(form('drill')).toEqual(['environment choice required', 'request string optional']);
    expect(form('preview')).toEqual(['action choice required remove', 'number string required', 'commit string optional', 'request string optional']);
  });

  test('in monitor.yml: nothing, but a person may start it', () => {
    expect(written.monitor.on).toMatchObject({ workflow_dispatch: {} });
  });

  test('the runs that were started have names of their own', () => {
    const named = (name: string, inputs: Record<string, string>) => written.workflow(name)['run-name']!.replace(/\$\{\{.*?\}\}/g, (text) => String(evaluate(text, { inputs })));
    expect(named('drill', { environment: 'staging', request: '5f0c2a' })).toBe('drill staging (5f0c2a)');
    expect(named('drill', { environment: '', request: '' })).toBe('drill');
    expect(named('preview', { action: 'remove', number: '7', request: '' })).toBe('remove: pull request 7');
  });
});

describe('the files of a release', () => {
  const { steps } = written.deploy.jobs.build;
  const step = (id: string, all: readonly Step[] = steps!) => all.find((one) => one.id === id)!;

  test('are built, packed by bash and kept under a name of this attempt, in this order', () => {
    expect(steps!.map(({ id }) => id)).toEqual(['checkout', 'make', 'pack', 'upload']);
    expect(step('make').run).toMatch(/ ship$/);
    expect(step('pack').shell).toBe('bash');
    expect(step('upload').with).toEqual({ 'name': 'delivery-release-${{ github.run_attempt }}', 'path': '${{ runner.temp }}/delivery/*.tar', 'if-no-files-found': 'error' });
  });

  test('are built again when a release is restored without them', () => {
    expect(written.manifest.artifact).toEqual({ paths: ['dist'], buildLine: step('make').run });
  });

  test('have an hour, and so has an image', () => {
    const image = plainProject();
    deliver(image, { artifact: Artifact.image({ repository: 'ghcr.io/acme/shop' }) });
    expect([written, synthesize(image)].map(({ deploy }) => deploy.jobs.build['timeout-minutes'])).toEqual([60, 60]);
  });

  test('are those of the release in a release workflow, whose artifact may lack their permissions', () => {
    const library = typescriptProject({ release: true });
    deliver(library, { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() })] });
    const { delivery_release: job, environment_staging: plan } = synthesize(library).workflow('release').jobs;
    expect([job['timeout-minutes'], job.permissions]).toEqual([10, { contents: 'read' }]);
    expect(Object.keys(job.outputs!)).toEqual(['release', 'digest', 'artifact-id']);
    expect(step('download', job.steps).with).toEqual({ 'artifact-ids': '${{ needs.release.outputs.artifact_id }}', 'path': 'dist', 'merge-multiple': true });
    expect([step('permissions', job.steps)['continue-on-error'], step('pack', job.steps).shell]).toEqual([true, 'bash']);
    expect(step('plan', plan.steps).env).toMatchObject({
      DELIVERY_ARTIFACT_ID: '${{ needs.delivery_release.outputs.artifact-id }}',
      DELIVERY_ARTIFACT_DIGEST: '${{ needs.delivery_release.outputs.digest }}',
      DELIVERY_RELEASE: '${{ needs.delivery_release.outputs.release }}',
    });
  });
});

test('the manifest has what the jobs deploy: where, when and how', () => {
  const { environments } = written.manifest;
  expect(environments.map(({ name, url, trigger, strategy, secrets }) => ({ name, url, trigger, strategy: strategy.kind, secrets }))).toEqual([
    { name: 'staging', url: 'https://staging.example.com', trigger: { kind: 'branch', branch: 'main' }, strategy: 'blueGreen', secrets: [] },
    { name: 'production', url: 'https://production.example.com', trigger: { kind: 'tag', pattern: 'v*', requires: 'staging' }, strategy: 'redeploy', secrets: ['DEPLOY_KEY'] },
  ]);
});

test('the checkout of all of it has what the project\'s workflows have: large files and submodules', () => {
  const large = plainProject({ downloadLfs: true, checkoutSubmodules: github.CheckoutSubmodules.RECURSIVE });
  deliver(large, { artifact: { paths: ['dist'] } });
  expect(synthesize(large).deploy.jobs.deploy_staging.steps![0].with).toEqual({ 'lfs': true, 'submodules': 'recursive', 'persist-credentials': false });
});

function isOfRuntime({ run }: Step): boolean {
  return run?.includes('delivery.cjs') ?? false;
}
