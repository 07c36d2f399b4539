/** What `alerts` synthesizes: which jobs notify, with which secrets and permissions; and what is rejected. */
import { Project } from 'projen';
import { Alert, AlertEvent, Delivery, HealthCheck, Schedule, Target, Trigger } from '../../src';
import { DeliveryOptions } from '../../src/delivery/delivery-options';
import { deliver, environment, plainProject, Synthesized, synthesize, typescriptProject, warningsOf } from '../test-project';
import { evaluate } from '../validators/expressions';
import { validate } from '../validators/validate';
import { Job, Step, Workflow } from '../validators/workflow';

const anything = (value: unknown) => value as never;

describe('the jobs that may end a deployment', () => {
  it('send notifications as their last step, with any result, without failing; other jobs send none', () => {
    const all = synthesized({ alerts: [Alert.slack('SLACK_WEBHOOK')], drill: { environments: ['staging'] } });
    expect(notifyingJobs(all)).toEqual([
      'deploy/deploy_staging', 'deploy/monitor_staging', 'deploy/rollback_staging',
      'rollback/rollback', 'rollback/monitor', 'rollback/recover', 'rollback/decision',
      'drill/drill', 'drill/monitor', 'drill/recover',
    ]);
    for (const { job } of jobs(all).filter(({ job: one }) => notifyStepOf(one))) {
      const run = expect.stringMatching(/^exec node \.projen\/delivery\.cjs notify (staging|"\$DELIVERY_INPUT_ENVIRONMENT")$/) as string;
      expect(job.steps!.at(-1)).toMatchObject({ run, 'if': '${{ always() }}', 'continue-on-error': true, 'timeout-minutes': 3 });
    }
  });

  it('give the channels\' secrets to that step, and to no other', () => {
    const all = synthesized({ alerts: [Alert.slack('SLACK_WEBHOOK'), Alert.webhook('HOOK', { signingSecret: 'HOOK_KEY' }), Alert.pagerduty('PD_KEY')] });
    const secrets = ['SLACK_WEBHOOK', 'HOOK', 'HOOK_KEY', 'PD_KEY'];
    for (const { job } of jobs(all)) {
      for (const step of job.steps ?? []) {
        const given = secrets.filter((secret) => JSON.stringify(step).includes(`secrets.${secret}`));
        expect([step.id, given]).toEqual([step.id, step.id === 'notify' ? secrets : []]);
      }
    }
  });

  it('notify only the channels of the environment, and none without alerts', () => {
    expect(notifyingJobs(synthesized({}))).toEqual([]);
    const project = plainProject();
    deliver(project, {
      environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })],
      alerts: [Alert.slack('A', { environments: ['production'] }), Alert.slack('B', { environments: ['staging'] })],
    });
    const { deploy } = synthesize(project);
    expect(notifyStepOf(deploy.jobs.deploy_staging)!.env).toEqual({ GITHUB_TOKEN: '${{ github.token }}', B: '${{ secrets.B }}' });
    expect(notifyStepOf(deploy.jobs.deploy_production)!.env).toEqual({ GITHUB_TOKEN: '${{ github.token }}', A: '${{ secrets.A }}' });
  });

  it('may write issues only where an issue is a channel', () => {
    expect(jobs(synthesized({ alerts: [Alert.slack('A')] })).filter(({ job }) => issuesOf(job))).toEqual([]);
    const all = synthesized({ alerts: [Alert.githubIssue()] });
    expect(jobs(all).filter(({ job }) => issuesOf(job)).map(({ name }) => name)).toEqual(notifyingJobs(all));
  });

  it('read the secrets from the twin for monitoring, where there is one', () => {
    const { deploy, rollback } = synthesized({ environments: [environment('staging', { monitorEnvironment: 'eyes' })], alerts: [Alert.slack('A')] });
    const eyes = (name: string) => ({ name, deployment: false });
    expect(deploy.jobs.monitor_staging.environment).toEqual(eyes('eyes'));
    for (const id of ['monitor', 'decision']) expect(rollback.jobs[id].environment).toEqual(eyes('${{ fromJSON(\'{"staging":"eyes"}\')[inputs.environment] }}'));
  });

  it('get what a command needs after their verdict, where they do not have it, and nothing of that can make them red', () => {
    const project = typescriptProject();
    project.addTask('notify', { exec: 'true' });
    deliver(project, {
      alerts: [Alert.command({ task: 'notify', secrets: ['MAIL_KEY'] })],
      toolchainSteps: [{ name: 'set up', uses: `actions/setup-node@${'a'.repeat(40)}`, with: { 'package-manager-cache': false } }, { name: 'more', run: 'true', if: '${{ runner.os == \'Linux\' }}' }],
    });
    const { deploy, manifest } = synthesize(project);
    const steps = deploy.jobs.monitor_staging.steps!;
    expect(steps.map(({ id, name }) => id ?? name)).toEqual(['checkout', 'monitor', 'checkout-project', 'set_up', 'more', 'notify']);
    expect(steps.slice(2).every((step) => step['continue-on-error'] === true)).toBe(true);
    expect(steps[4].if).toBe('${{ always() && (runner.os == \'Linux\') }}');
    expect(evaluate(steps[3].if!, {}, 'failure')).toBe(true);
    // it has it already
    expect(deploy.jobs.deploy_staging.steps!.filter(({ id }) => id === 'checkout-project')).toEqual([]);
    expect(manifest.alerts).toEqual([{
      name: 'command (notify)', kind: 'command', command: { kind: 'exec', argv: ['npx', 'projen', 'notify'] }, on: ['deployed', 'rolledBack', 'halted', 'firing', 'resolved'], secrets: ['MAIL_KEY'],
    }]);
  });

  it('find what their commands need once, where a health check is a command, too, and steps of the user\'s have ids', () => {
    const smokeTest = HealthCheck.command('./smoke-test.sh');
    const { deploy, rollback } = synthesized({
      toolchainSteps: [{ id: 'tool', name: 'tool', run: './install.sh' }, { id: 'use', name: 'use', if: 'steps.tool.outputs.found', run: './use.sh' }],
      alerts: [Alert.command({ line: './notify.sh' })],
      environments: [environment('staging', { healthChecks: [smokeTest] }), environment('production', { trigger: Trigger.after('staging') })],
    });
    const stepsOf = (job: Job) => job.steps!.map(({ id, if: condition }) => [id, condition]);
    const looks = (names: string) => `contains(fromJSON('["${names}"]'), inputs.environment)`;
    expect(stepsOf(deploy.jobs.monitor_staging)).toEqual([
      ['checkout', undefined], ['tool', undefined], ['use', 'steps.tool.outputs.found'], ['monitor', undefined], ['notify', '${{ always() }}'],
    ]);
    const decide = stepsOf(rollback.jobs.decision);
    expect(decide.slice(0, 3)).toEqual([
      ['checkout', undefined], ['tool', `\${{ ${looks('staging')} }}`], ['use', `\${{ ${looks('staging')} && (steps.tool.outputs.found) }}`],
    ]);
    expect(decide.slice(-3)).toEqual([
      ['tool-notify', `\${{ always() && ${looks('production')} }}`],
      ['use-notify', `\${{ always() && ${looks('production')} && (steps.tool-notify.outputs.found) }}`],
      ['notify', '${{ always() }}'],
    ]);
  });

  it.each<[string, Partial<DeliveryOptions>]>([
    ['every channel', {
      alerts: [
        Alert.webhook('HOOK', { signingSecret: 'HOOK_KEY' }), Alert.slack('A'), Alert.teams('B'), Alert.discord('C'), Alert.pagerduty('D'), Alert.githubIssue({ labels: ['incident'] }), Alert.command({ line: './notify.sh', secrets: ['MAIL_KEY'] }),
      ],
      drill: { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') },
    }],
    ['twins', {
      environments: [environment('staging', {
        monitorEnvironment: 'eyes', rollbackEnvironment: 'twin', secrets: ['X'], healthChecks: [HealthCheck.http('https://x.example.com', { secretRequestHeaders: { a: 'PROBE' } })],
      })],
      alerts: [Alert.slack('A')],
    }],
  ])('%s: pass every validator', async (_, options) => {
    const all = synthesized(options);
    for (const name of all.workflows) expect(await validate(all.workflowText(name), `${name}.yml`)).toEqual([]);
  });
});

describe('the manifest', () => {
  it('lists the channels by the names of their secrets', () => {
    const { manifest, text } = synthesized({
      alerts: [Alert.slack('SLACK_WEBHOOK', { on: [AlertEvent.HALTED], environments: ['staging'] }), Alert.githubIssue({ assignees: ['octocat'] }), Alert.pagerduty('PD_KEY')],
    }, (all) => ({ manifest: all.manifest, text: all.text('.projen/delivery.cjs') }));
    expect(manifest.alerts).toEqual([
      { name: 'Slack (SLACK_WEBHOOK)', kind: 'chat', service: 'slack', address: 'SLACK_WEBHOOK', on: ['halted'], environments: ['staging'], secrets: ['SLACK_WEBHOOK'] },
      { name: 'GitHub issue', kind: 'githubIssue', labels: [], assignees: ['octocat'], on: ['deployed', 'rolledBack', 'halted', 'firing', 'resolved'], secrets: [] },
      { name: 'PagerDuty (PD_KEY)', kind: 'pagerduty', routingKey: 'PD_KEY', url: 'https://events.pagerduty.com/v2/enqueue', on: ['deployed', 'rolledBack', 'halted', 'firing', 'resolved'], secrets: ['PD_KEY'] },
    ]);
    expect(text).toContain('notify');
  });
});

describe('refused', () => {
  const whole = (alerts: unknown) => () => deliver(plainProject(), { alerts: anything(alerts) });
  const given = (...alerts: unknown[]) => whole(alerts);

  it.each<[string, () => unknown, string]>([
    ['an address instead of a secret\'s name', () => Alert.slack('https://hooks.slack.com/services/T0/B0/s3cr3t'),
      'Alert.slack secret: it is a URL, which everyone who can read the repository could use. Store it as a secret of the repository and set the name of the secret: Alert.slack(\'SLACK_WEBHOOK\')'],
    ['an ill-formed name', () => Alert.webhook('ALERT-WEBHOOK'),
      'Alert.webhook secret: \'ALERT-WEBHOOK\' is not a name that GitHub accepts for a secret. Use letters, digits and _, not a digit first, and not GITHUB_ first'],
    ['a name of GitHub\'s', () => Alert.teams('GITHUB_TOKEN'),
      'Alert.teams secret: \'GITHUB_TOKEN\' is not a name that GitHub accepts for a secret. Use letters, digits and _, not a digit first, and not GITHUB_ first'],
    ['a name that the delivery sets itself', () => Alert.discord('DELIVERY_HOOK'),
      'Alert.discord secret: \'DELIVERY_HOOK\' is taken: the shell, the CI system or the delivery itself sets it. Use another name, for example APP_DELIVERY_HOOK'],
    ['a routing key instead of a secret\'s name', () => Alert.pagerduty('a123456789abcdef0123456789abcdef'),
      'Alert.pagerduty secret: it looks like the routing key itself, which everyone who can read the repository would see. Store it as a secret of the repository and set the name of the secret: Alert.pagerduty(\'PAGERDUTY_KEY\')'],
    ['PagerDuty without TLS', () => Alert.pagerduty('KEY', { url: 'http://events.example.com' }),
      'Alert.pagerduty url: \'http://events.example.com\' is plain http, so anyone on the network path could read the key. Write https://...'],
    ['an ill-formed name of a signing secret', () => Alert.webhook('HOOK', { signingSecret: '1x' }),
      'Alert.webhook signingSecret: it is not a name that GitHub accepts for a secret. Use letters, digits and _, not a digit first, and not GITHUB_ first'],
    ['no secret at all', () => Alert.slack(anything(undefined)),
      'Alert.slack secret: undefined is not a name that GitHub accepts for a secret. Use letters, digits and _, not a digit first, and not GITHUB_ first'],
    ['an event that there is not', () => Alert.slack('A', { on: anything(['exploded']) }),
      'Alert.slack on: \'exploded\' is not an AlertEvent. Use one of AlertEvent.DEPLOYED, AlertEvent.ROLLED_BACK, AlertEvent.HALTED'],
    ['no event', () => Alert.slack('A', { on: [] }), 'Alert.slack on: it is empty, so no notification would be sent. Add an event, or remove the option'],
    ['no environment', () => Alert.slack('A', { environments: [] }), 'Alert.slack environments: it names none, so no notification would be sent. Name one, or leave it out'],
    ['a login with @', () => Alert.githubIssue({ assignees: ['@octocat'] }), 'Alert.githubIssue assignees: \'@octocat\' is not a GitHub login. Write logins without @'],
    ['a label that would be two', () => Alert.githubIssue({ labels: ['a,b'] }), 'Alert.githubIssue labels: \'a,b\' is not a valid label. Use 1 to 50 characters without a comma'],
    ['a command that is none', () => Alert.command({}), 'Alert.command: neither task nor line is set. Set one of them: Alert.command({ task: \'notify\' })'],
    ['a command that is two', () => Alert.command({ task: 'a', line: 'b' }), 'Alert.command: task and line are both set. Set one of them: Alert.command({ task: \'notify\' })'],
    ['a task that is none', () => Alert.command({ task: anything({}) }), 'Alert.command task: {} is not a task. Write { task: \'notify\' }'],
    ['an expression in a line', () => Alert.command({ line: 'mail ${{ secrets.X }}' }),
      'Alert.command line: \'mail ${{ secrets.X }}\' contains an expression, which is never evaluated. List a secret in secrets and write "$NAME"'],
    ['an event that is misspelt', () => Alert.slack('A', { on: anything([undefined]) }), 'Alert.slack on: undefined is not an AlertEvent. Use one of AlertEvent.DEPLOYED'],
    ['an event that is no list', () => Alert.slack('A', { on: anything(AlertEvent.HALTED) }), 'Alert.slack on: \'halted\' is not a list. Write [\'halted\']'],
    ['environments that are no list', () => Alert.slack('A', { environments: anything('production') }), 'Alert.slack environments: \'production\' is not a list. Write [\'production\']'],
    ...[undefined, null, 1].map((name): [string, () => unknown, string] => (
      [`the environment ${name}`, () => Alert.slack('A', { environments: anything([name]) }), `Alert.slack environments: ${name} is not the name of an environment. Write names as text`]
    )),
    ['labels that are no list', () => Alert.githubIssue({ labels: anything('incident') }), 'Alert.githubIssue labels: \'incident\' is not a list. Write [\'incident\']'],
    ['assignees that are no list', () => Alert.githubIssue({ assignees: anything('octocat') }), 'Alert.githubIssue assignees: \'octocat\' is not a list. Write [\'octocat\']'],
    ['secrets that are no list', () => Alert.command({ line: 'true', secrets: anything('TOKEN') }), 'Alert.command secrets: \'TOKEN\' is not a list. Write [\'TOKEN\']'],
    ...([
      ['slack', () => Alert.slack('A', anything(null))], ['webhook', () => Alert.webhook('A', anything(null))], ['pagerduty', () => Alert.pagerduty('A', anything(null))],
      ['githubIssue', () => Alert.githubIssue(anything(null))], ['command', () => Alert.command(anything(null))],
    ] as const).map(([factory, act]): [string, () => unknown, string] => [`no options of ${factory}`, act, `Alert.${factory} options: null is not a set of options. Write { `]),
    ['an alert that is no list', whole(Alert.slack('A')), 'Delivery alerts: an Alert is not a list. Write [Alert.slack(\'SLACK_WEBHOOK\')]'],
    ['nothing', given(null), 'Delivery alerts: null is not an Alert'],
    ['credentials for PagerDuty', () => Alert.pagerduty('A', { url: 'https://u:hunter2@events.pagerduty.com' }),
      'Alert.pagerduty url: the URL of events.pagerduty.com carries credentials, which everyone who can read the repository would see. Remove them: PagerDuty needs only the routing key'],
    ['what is no alert', given('slack'), 'Delivery alerts: \'slack\' is not an Alert. Write Alert.slack(\'SLACK_WEBHOOK\'), for example'],
    ['the same twice', given(Alert.slack('A'), Alert.slack('A', { on: [AlertEvent.HALTED] })),
      'Delivery alerts: \'Slack (A)\' is listed twice, so each notification would be sent twice. List the events in one of them, or set different environments on each'],
    ['an environment that there is not', () => synthesize(deliver(plainProject(), { alerts: [Alert.slack('A', { environments: ['stagin'] })] }).project),
      'Alert.slack environments: there is no environment \'stagin\'. Did you mean \'staging\'?'],
    ['a task that there is not', () => synthesize(deliver(plainProject(), { alerts: [Alert.command({ task: 'shipp' })] }).project),
      'Alert.command task: there is no task \'shipp\'. Did you mean \'ship\'?'],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  it.each<[string, () => unknown, string]>([
    ['an address', () => Alert.slack('https://hooks.slack.com/s3cr3t'), 'secret: it is a URL'],
    ['an address without its scheme', () => Alert.slack('hooks.slack.com/services/T0/B0/s3cr3t'), 'secret: it is a URL'],
    ['a host', () => Alert.teams('s3cr3t.webhook.office.com'), 'secret: it is a URL'],
    ['something in Base64', () => Alert.webhook('s3cr3t=='), 'secret: it looks like the secret itself'],
    ['something long', () => Alert.discord(`s3cr3t-${'x'.repeat(40)}`), 'secret: it looks like the secret itself'],
    ['a routing key', () => Alert.pagerduty('s3cr3t6789abcdef0123456789abcdef'), 'secret: it looks like the routing key itself'],
    ['a routing key in capitals', () => Alert.pagerduty('R0S3CR3T6789ABCDEF0123456789ABCD'), 'secret: it looks like the routing key itself'],
    ['a key to sign with', () => Alert.webhook('HOOK', { signingSecret: 'whsec_s3cr3t==' }), 'signingSecret: it looks like the key itself'],
    ['a key to sign with that could be a name', () => Alert.webhook('HOOK', { signingSecret: 'whsec_s3cr3t' }), 'signingSecret: it looks like the key itself'],
    ['a key to sign with that could nearly be a name', () => Alert.webhook('HOOK', { signingSecret: '1s3cr3t' }), 'signingSecret: it is not a name'],
    ['a secret header', () => HealthCheck.http('https://x.example.com', { secretRequestHeaders: { authorization: 'Bearer s3cr3t' } }), 'secretRequestHeaders: the value of \'authorization\' is not a name'],
  ])('never shows what may be the secret itself: %s', (_, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/s3cr3t/i) as string }) as Error);
  });
});

describe('one secret in two channels of a kind', () => {
  const [begins, ends] = [{ on: [AlertEvent.HALTED] }, { on: [AlertEvent.DEPLOYED] }];

  it('is accepted if both are notified of different events, and each has its own name', () => {
    const { manifest } = synthesized({ alerts: [Alert.slack('A', begins), Alert.slack('A', { ...ends, environments: ['staging'] }), Alert.teams('A')] });
    expect(manifest.alerts!.map(({ name, on }) => [name, on.length])).toEqual([['Slack (A)', 1], ['Slack (A) #2', 1], ['Teams (A)', 5]]);
  });

  it('is accepted if both are notified of different environments', () => {
    const environments = [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })];
    const { manifest } = synthesized({ environments, alerts: [Alert.slack('A', { environments: ['staging'] }), Alert.slack('A', { environments: ['production'] })] });
    expect(manifest.alerts!.map(({ name }) => name)).toEqual(['Slack (A)', 'Slack (A)']);
  });
});

describe('a channel that opens what nothing would close is warned of', () => {
  const halted = 'PagerDuty (PD_KEY) is notified of AlertEvent.HALTED but not of AlertEvent.DEPLOYED, so its incidents stay open. Add AlertEvent.DEPLOYED to Alert.pagerduty on';
  const firing = 'PagerDuty (PD_KEY) is notified of AlertEvent.FIRING but not of AlertEvent.RESOLVED, so its incidents stay open. Add AlertEvent.RESOLVED to Alert.pagerduty on';

  it('unless another channel for the same people closes it, wherever it is opened', () => {
    const warned = (environments?: string[]) => {
      const project = plainProject();
      deliver(project, { alerts: [Alert.pagerduty('PD_KEY', { on: [AlertEvent.HALTED] }), Alert.pagerduty('PD_KEY', { on: [AlertEvent.DEPLOYED], environments })] });
      return warningsOf(project).filter((warning) => warning.includes('incidents stay open'));
    };
    expect(warned()).toEqual([]);
    expect(warned(['staging'])).toEqual([`projen-delivery: ${halted}`]);
  });

  it.each([
    ['watched', [AlertEvent.HALTED, AlertEvent.FIRING], {}, [halted, firing]],
    ['not watched, so nothing fires', [AlertEvent.HALTED, AlertEvent.FIRING], undefined, [halted]],
    ['another is watched', [AlertEvent.HALTED, AlertEvent.FIRING], { environments: ['production'] }, [halted]],
    ['what closes it is named', [AlertEvent.HALTED, AlertEvent.DEPLOYED], {}, []],
    ['it opens nothing', [AlertEvent.DEPLOYED], {}, []],
    ['everything is named', undefined, {}, []],
  ])('%s', (_, on, monitoring, expected) => {
    const project = plainProject();
    const environments = [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })];
    deliver(project, { environments, monitoring, alerts: [Alert.pagerduty('PD_KEY', { on, environments: ['staging'] }), Alert.slack('A', { on: [AlertEvent.HALTED] })] });
    expect(warningsOf(project).filter((warning) => warning.includes('incidents stay open'))).toEqual(expected.map((warning) => `projen-delivery: ${warning}`));
  });
});

it('a name may be as long as GitHub lets it be', () => {
  const secret = 'THE_INCOMING_WEBHOOK_OF_THE_CHANNEL_OF_THE_PLATFORM_TEAM';
  expect(synthesized({ alerts: [Alert.slack(secret)] }).manifest.alerts).toMatchObject([{ address: secret }]);
});

it('commands that begin alike are two channels', () => {
  const alerts = ['node page-ops.js', 'node notify-shop.js'].map((line) => Alert.command({ line }));
  expect(() => deliver(plainProject(), { alerts })).not.toThrow();
});

it('includes environments and tasks that are added later', () => {
  const project = plainProject();
  const delivery = deliver(project, { alerts: [Alert.command({ task: 'notify', environments: ['production'] })] });
  delivery.addEnvironment('production', environment('production', { trigger: Trigger.tag('v*') }));
  project.addTask('notify', { exec: 'true' });
  expect(notifyingJobs(synthesize(project)).filter((name) => name.startsWith('deploy/'))).toEqual(['deploy/deploy_production', 'deploy/monitor_production', 'deploy/rollback_production']);
});

it('a subproject notifies about its own deployments', () => {
  const root = plainProject();
  const project = new Project({ name: 'api', parent: root, outdir: 'api' });
  project.addTask('ship', { exec: 'true' });
  new Delivery(project, { target: Target.tasks({ deploy: 'ship' }), environments: [environment('staging')], alerts: [Alert.slack('A')] });
  const { jobs: all } = synthesize(root).workflow('deploy_api');
  expect(notifyStepOf(all.deploy_api_staging)!.run).toBe('exec node .projen/delivery.cjs notify staging --project api');
});

function synthesized(options: Partial<DeliveryOptions>): Synthesized;
function synthesized<T>(options: Partial<DeliveryOptions>, read: (all: Synthesized) => T): T;
function synthesized<T>(options: Partial<DeliveryOptions>, read?: (all: Synthesized) => T): Synthesized | T {
  const project = plainProject();
  deliver(project, options);
  const all = synthesize(project);
  return read ? read(all) : all;
}

function jobs(all: Synthesized): { name: string; job: Job }[] {
  return all.workflows.flatMap((workflow) => Object.entries((all.workflow(workflow) as Workflow).jobs).map(([id, job]) => ({ name: `${workflow}/${id}`, job })));
}

function notifyingJobs(all: Synthesized): string[] {
  return jobs(all).filter(({ job }) => notifyStepOf(job)).map(({ name }) => name);
}

function notifyStepOf(job: Job): Step | undefined {
  return job.steps?.find(({ id }) => id === 'notify');
}

function issuesOf(job: Job): boolean {
  return job.permissions?.issues === 'write';
}
