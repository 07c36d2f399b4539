import { Delivery, DeliveryOptions, Duration, ForkPreviews, HealthCheck, PreviewCondition, PreviewOptions, Strategy, Target, Trigger } from '../../src';
import { previewManifest } from '../../src/runtime/previews/preview-context';
import { deliver, environment, plainProject, synthesize } from '../test-project';
import { evaluate } from '../validators/expressions';
import { validate } from '../validators/validate';

const URL = 'https://pr-{number}.preview.example.com';
const removable = Target.commands({ deploy: './deploy.sh', remove: './remove.sh' });

const previews = (options: Partial<PreviewOptions> = {}, more: Partial<DeliveryOptions> = {}) => {
  const project = plainProject();
  deliver(project, { target: removable, previews: { url: URL, ...options }, ...more });
  return synthesize(project);
};

it('preview.yml: seven jobs, each with the permissions that it needs', () => {
  const { on, permissions, jobs } = previews({ fork: ForkPreviews.afterApproval('fork-previews') }).workflow('preview');
  expect((on as { pull_request: unknown }).pull_request).toEqual({ types: ['opened', 'synchronize', 'reopened', 'closed'] });
  expect(Object.keys(on as object).sort()).toEqual(['pull_request', 'schedule', 'workflow_dispatch']);
  expect(permissions).toEqual({});
  const deploys = { 'contents': 'read', 'deployments': 'write', 'actions': 'read', 'pull-requests': 'read' };
  expect(Object.fromEntries(Object.entries(jobs).map(([id, job]) => [id, job.permissions]))).toEqual({
    begin_preview: deploys,
    preview: { contents: 'read' },
    preview_fork: { contents: 'read' },
    finish_preview: deploys,
    remove_preview: deploys,
    comment: { 'contents': 'read', 'pull-requests': 'write' },
    sweep: { 'contents': 'read', 'deployments': 'read', 'pull-requests': 'read', 'actions': 'write' },
  });
  expect(jobs.preview_fork!.environment).toMatchObject({ name: 'fork-previews' });
});

it('a fork is checked out by the sha that a person names, and runs with the runtime of the default branch', () => {
  const { preview_fork: fork } = previews({ fork: ForkPreviews.afterApproval('fork-previews') }).workflow('preview').jobs;
  expect(fork!.steps!.map(({ id }) => id)).toEqual(['checkout', 'checkout-runtime', 'use-runtime', 'preview']);
  expect(fork!.steps![0]!.with).toEqual({ 'ref': '${{ needs.begin_preview.outputs.commit }}', 'persist-credentials': false });
  expect(JSON.stringify(previews().workflow('preview').jobs)).not.toContain('inputs.commit');
});

it.each<[string, Partial<PreviewOptions>]>([
  ['all', {}],
  ['with a label', { onlyWhen: PreviewCondition.label('preview'), expiresAfter: Duration.days(3) }],
  ['with forks', { fork: ForkPreviews.afterApproval('fork-previews') }],
  ['shared', { persistent: true, url: 'https://qa.example.com', onlyWhen: PreviewCondition.label('qa') }],
])('the linters find nothing: %s', async (_, options) => {
  expect(await validate(previews(options).workflowText('preview'), 'preview.yml')).toEqual([]);
});

describe('nothing of a pull request runs beside a token that writes, or with a secret of another job', () => {
  const { jobs } = previews({ secrets: ['PREVIEW_TOKEN'], fork: ForkPreviews.afterApproval('fork-previews') }).workflow('preview');
  const writes = Object.entries(jobs).filter(([, { permissions }]) => Object.values(permissions!).includes('write')).map(([id]) => id);

  test.each(writes)('%s checks out the default branch alone', (id) => {
    const checkouts = jobs[id]!.steps!.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with!.ref)).toEqual(id === 'sweep' ? [undefined] : ['${{ github.event.repository.default_branch }}']);
  });

  it('the jobs that run it cannot write', () => {
    expect(writes.sort()).toEqual(['begin_preview', 'comment', 'finish_preview', 'remove_preview', 'sweep']);
  });

  it('only the jobs that run commands of the target have the secrets of previews', () => {
    expect(Object.entries(jobs).filter(([, job]) => JSON.stringify(job).includes('secrets.')).map(([id]) => id)).toEqual(['preview', 'preview_fork', 'remove_preview']);
  });

  it.each<[string, Partial<PreviewOptions>, string]>([
    ['a check that is a command', { healthChecks: [HealthCheck.command('./check.sh', { name: 'command' })] }, 'one is a command, and the job that verifies a preview runs nothing of a pull request'],
    ['a check with a secret', { healthChecks: [HealthCheck.http('https://pr-{number}.preview.example.com', { secretRequestHeaders: { Authorization: 'TOKEN' } })] }, 'one sends the secret \'TOKEN\''],
  ])('%s is refused', (_, options, message) => {
    expect(() => previews(options)).toThrow(message);
  });
});

describe('which job runs when', () => {
  interface Happens {
    readonly event: 'pull_request' | 'workflow_dispatch' | 'schedule';
    readonly action?: string;
    readonly isFork?: boolean;
    /** The pull request has the label. */
    readonly hasLabel?: boolean;
    /** The label that the event is about. */
    readonly label?: string;
    readonly input?: string;
  }
  const ACTIONS = ['opened', 'synchronize', 'reopened', 'closed', 'labeled', 'unlabeled'];
  const bools = [true, false];
  const all: Happens[] = [
    ...ACTIONS.flatMap((action) => bools.flatMap((isFork) => bools.flatMap((hasLabel) => ['preview', 'other'].map((label): Happens => ({ event: 'pull_request', action, isFork, hasLabel, label }))))),
    ...['remove', 'removeIfDue', 'deployFork'].map((input): Happens => ({ event: 'workflow_dispatch', input })),
    { event: 'schedule' },
  ];
  const jobsOf = (options: Partial<PreviewOptions>) => {
    const { jobs } = previews({ fork: ForkPreviews.afterApproval('fork-previews'), ...options }).workflow('preview');
    return ({ action, event, hasLabel, input = '', isFork, label }: Happens) => Object.entries(jobs).filter(([, job]) => job.needs === undefined && evaluate(String(job.if), {
      github: {
        event_name: event,
        repository: 'acme/shop',
        event: event !== 'pull_request' ? { repository: { fork: false } } : {
          action,
          label: { name: label },
          repository: { fork: false },
          pull_request: { number: 7, state: action === 'closed' ? 'closed' : 'open', labels: hasLabel ? [{ name: 'preview' }] : [], head: { sha: 'a', repo: { full_name: isFork ? 'mallory/shop' : 'acme/shop' } } },
        },
      },
      inputs: { action: input },
    }) === true).map(([id]) => id);
  };

  /** The specification, in other words than the conditions. */
  const expected = ({ action, event, hasLabel, input, isFork, label }: Happens, needsLabel: boolean): string[] => {
    if (event === 'schedule') return ['sweep'];
    if (event === 'workflow_dispatch') return input === 'deployFork' ? ['begin_preview'] : ['remove_preview'];
    if (isFork) return [];
    if (action === 'closed' || (needsLabel && action === 'unlabeled' && label === 'preview')) return ['remove_preview'];
    if (action === 'unlabeled') return needsLabel ? [] : ['begin_preview'];
    if (!needsLabel) return ['begin_preview'];
    return hasLabel && (action !== 'labeled' || label === 'preview') ? ['begin_preview'] : [];
  };

  it.each([['a label is needed', true], ['each pull request has one', false]] as const)('%s: every event, and never two jobs', (_, needsLabel) => {
    const jobs = jobsOf(needsLabel ? { onlyWhen: PreviewCondition.label('preview') } : {});
    for (const happens of all) {
      // without a label GitHub does not start the workflow for labels
      if (!needsLabel && (happens.action ?? '').includes('label')) continue;
      expect([happens, jobs(happens)]).toEqual([happens, expected(happens, needsLabel)]);
    }
  });
});

it('the manifest: a template without a way back, and the command that removes it', () => {
  const { previews: written } = previews({ expiresAfter: Duration.days(7) }).manifest;
  expect(written).toMatchObject({
    environment: { name: 'preview-{number}', url: URL, target: { noRollback: 'Push a commit that fixes it' } },
    remove: { kind: 'bash', line: './remove.sh' },
    expiresAfterMs: 604_800_000,
  });
});

it('every check of an address has the number in its host and its path', () => {
  const numbered = (): PreviewOptions['healthChecks'] => [
    HealthCheck.http('https://pr-{number}.preview.example.com/{number}/health', { name: 'http' }),
    HealthCheck.tcp('pr-{number}.preview.example.com:5432', { name: 'tcp' }),
    HealthCheck.dns('pr-{number}.preview.example.com', { name: 'dns' }),
    HealthCheck.anyOf([HealthCheck.certificate('pr-{number}.preview.example.com', { name: 'certificate' })], { name: 'group' }),
  ];
  const { manifest } = previews({ healthChecks: numbered() });
  expect(JSON.stringify(previewManifest(previews().manifest, 'preview-7', {})!.environments)).toMatch(/"url":"https:\/\/pr-7\.preview\.example\.com"(?!.*[{]number[}])/);
  const [made] = previewManifest(manifest, 'preview-7', {})!.environments;
  expect(made!.healthChecks).toMatchObject([
    { url: 'https://pr-7.preview.example.com/7/health' },
    { address: { host: 'pr-7.preview.example.com', port: 5432 } },
    { host: 'pr-7.preview.example.com' },
    { checks: [{ address: { host: 'pr-7.preview.example.com', port: 443 } }] },
  ]);
  expect(JSON.stringify(made)).not.toContain('number}');
});

it('without previews nothing is written, and the runtime has no part of them', () => {
  const project = plainProject();
  expect(deliver(project).previewWorkflow).toBeUndefined();
  const synthesized = synthesize(project);
  expect(synthesized.manifest.previews).toBeUndefined();
  expect(synthesized.text('.projen/delivery.cjs')).not.toContain('// src/runtime/previews/');
  expect(previews().text('.projen/delivery.cjs')).toContain('// src/runtime/previews/');
});

it('tasks can remove a preview, too, and files are built in the job', () => {
  const project = plainProject();
  project.addTask('tear-down', { exec: 'true' });
  deliver(project, { target: Target.tasks({ deploy: 'ship', remove: 'tear-down' }), artifact: { buildTask: 'ship', paths: ['dist'] }, previews: { url: URL } });
  const { preview, remove_preview: remove } = synthesize(project).workflow('preview').jobs;
  expect(preview!.steps!.map(({ id }) => id)).toContain('make');
  expect(remove!.steps!.map(({ id }) => id)).not.toContain('make');
});

describe('rejections', () => {
  const rejected = (options: unknown, more: Partial<DeliveryOptions> = {}) => expect(() => (
    deliver(plainProject(), { target: removable, previews: options as PreviewOptions, ...more })
  ));

  it.each<[string, unknown, string]>([
    ['no options', true, 'Delivery previews: true is not a set of options'],
    ['one URL for all', { url: 'https://preview.example.com' }, 'is the same for each pull request, so previews would replace each other. Write {number}'],
    ['no removal', { url: URL, target: Target.commands({ deploy: './deploy.sh' }) }, 'it has no command that removes a preview, so each pull request would leave one behind. Set remove in the target'],
    ['a driver', { url: URL, target: Target.lambda({ functionName: 'shop', alias: 'live', code: 'x.zip' }) }, "it deploys with the driver 'lambda', which cannot remove a preview. Give previews a target of their own"],
    ['another strategy', { url: URL, strategy: Strategy.blueGreen(), target: Target.commands({ deploy: 'a', promote: 'b', remove: 'c' }) }, 'Write Strategy.redeploy()'],
    ['a shared one with a number', { url: URL, persistent: true, onlyWhen: PreviewCondition.label('qa') }, 'with persistent: true they share one environment'],
    ['a shared one whose check has a number', { url: 'https://qa.example.com', persistent: true, onlyWhen: PreviewCondition.label('qa'), healthChecks: [HealthCheck.http('https://qa.example.com/{number}')] }, 'contains {number}, which stands for a pull request only in previews of their own'],
    ['a shared one for all', { url: 'https://qa.example.com', persistent: true }, "Set onlyWhen: PreviewCondition.label('qa')"],
    ['a shared one that expires', { url: 'https://qa.example.com', persistent: true, onlyWhen: PreviewCondition.label('qa'), expiresAfter: Duration.days(1) }, 'the environment stays, so nothing is removed'],
    ['a shared one for forks', { url: 'https://qa.example.com', persistent: true, onlyWhen: PreviewCondition.label('qa'), fork: ForkPreviews.afterApproval('x') }, 'only branches of the repository are deployed'],
    ['a label as a text', { url: URL, onlyWhen: 'preview' }, "is not a PreviewCondition. Write PreviewCondition.all() or PreviewCondition.label('preview')"],
    ['forks as a text', { url: URL, fork: 'never' }, 'is not a ForkPreviews. Write ForkPreviews.never()'],
    ['a typo', { url: URL, expireAfter: Duration.days(1) }, 'there is no such option. Did you mean'],
  ])('%s', (_, options, message) => rejected(options).toThrow(message));

  it('a label that a condition would not read as it is', () => expect(() => PreviewCondition.label("it's")).toThrow('is not a label'));

  it('an environment that has the name of a preview', () => {
    rejected({ url: URL }, { environments: [environment('Preview-7', { trigger: Trigger.branch('main') })] }).toThrow('their records would be mixed');
    expect(Delivery).toBeDefined();
  });
});
