/** rollback.yml and drill.yml have one set of jobs, which is for the environment that a person chose what that environment's own jobs would be. */
import { Alert, AlertEvent, Delivery, HealthCheck, Lock, Schedule, Strategy, Target, Trigger } from '../../../../src';
import { resolve } from '../../../../tools/github-actions-emulator/expression';
import { deliver, environment, plainProject, synthesize } from '../../../test-project';
import { validate } from '../../../validators/validate';
import { Job, Step } from '../../../validators/workflow';

const url = (name: string) => `https://${name}.example.com/it's{{here}}?a=}}`;
const ENVIRONMENTS = [
  environment('staging', { secrets: ['ONLY_STAGING'] }),
  environment('production', {
    url: url('production'),
    trigger: Trigger.manual(),
    secrets: ['ONLY_PRODUCTION'],
    target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic', migrate: 'migrate', idToken: true }),
    strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }),
    rollbackEnvironment: 'production-rollback',
    monitorEnvironment: 'production-monitor',
    healthChecks: [HealthCheck.http('https://production.example.com', { secretRequestHeaders: { authorization: 'PROBE_TOKEN' } })],
    runsOn: ['self-hosted', 'eu'],
  }),
  environment('lab/eu.1', {
    trigger: Trigger.manual(),
    rollbackEnvironment: 'lab-rollback',
    healthChecks: [HealthCheck.command('./check.sh', { use: undefined })],
    runsOn: ['self-hosted'],
  }),
];
const NAMES = ENVIRONMENTS.map(({ name }) => name);

const project = plainProject();
const delivery: Delivery = deliver(project, {
  artifact: { paths: ['dist'] },
  secrets: ['SHARED'],
  lock: Lock.gitRef(),
  toolchainSteps: [{ id: 'tools', name: 'tools', run: 'true' }, { id: 'more', name: 'more', if: '${{ runner.os != \'Windows\' }}', run: 'true' }],
  alerts: [Alert.webhook('HOOK'), Alert.slack('SLACK', { environments: ['production'], on: [AlertEvent.HALTED] })],
  drill: { environments: ['staging', 'production'], schedule: Schedule.weekly('Tue 03:17') },
  environments: ENVIRONMENTS,
});
const written = synthesize(project);
const { deploy, rollback, drill } = written;

/** As GitHub evaluates it for the environment that was chosen. */
function chosen(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => chosen(name, one));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, chosen(name, one)]));
  if (typeof value !== 'string' || !value.includes('inputs.environment')) return value;
  const secrets = Object.fromEntries(['SHARED', 'ONLY_STAGING', 'ONLY_PRODUCTION', 'PROBE_TOKEN', 'HOOK', 'SLACK'].map((secret) => [secret, `\${{ secrets.${secret} }}`]));
  return resolve(value, { inputs: { environment: name }, secrets, runner: { os: 'Linux' } });
}

/** What GitHub asks of an environment: none where the name is empty. */
function placeOf(place: unknown): unknown {
  return typeof place === 'object' && place !== null && !(place as { name?: unknown }).name ? undefined : place;
}

function idOf(name: string): string {
  return name.replace(/\W/g, '_');
}

function frameOf(job: Job & { 'runs-on'?: unknown }): unknown {
  return { runsOn: job['runs-on'], place: placeOf(job.environment), concurrency: job.concurrency };
}

/** Of the steps that run our commands: the secrets that come with a value. */
function secretsOf({ steps = [] }: Job): Record<string, string[]> {
  return Object.fromEntries(steps.filter(({ run }) => run?.includes('delivery.cjs')).map((step) => [step.id, Object.keys(step.env ?? {}).filter((key) => step.env![key].includes('secrets.')).sort()]));
}

const PAIRS = [
  ['recover of rollback.yml', rollback.jobs.recover, 'rollback'],
  ['monitor of rollback.yml', rollback.jobs.monitor, 'monitor'],
] as const;

describe.each(NAMES)('for %s', (name) => {
  it.each(PAIRS)('%s runs where, after what and with which secrets the job of deploy.yml does', (_title, job, kind) => {
    const own = deploy.jobs[`${kind}_${idOf(name)}`];
    const ours = chosen(name, job) as Job;
    expect(frameOf(ours)).toEqual(frameOf(own));
    expect(ours.name!.replace('recover', 'rollback')).toBe(own.name);
    const rename = ({ recover, ...rest }: Record<string, string[]>) => ({ ...rest, ...(recover && { rollback: recover }) });
    expect(rename(secretsOf(ours))).toEqual(secretsOf(own));
  });

  it('a rollback by hand and a decision have the group of its rollbacks, a drill that of its deploys', () => {
    const group = (job: Job) => (chosen(name, job) as Job).concurrency;
    expect(group(rollback.jobs.rollback)).toEqual(deploy.jobs[`rollback_${idOf(name)}`].concurrency);
    expect(group(rollback.jobs.decision)).toEqual(deploy.jobs[`rollback_${idOf(name)}`].concurrency);
    expect(group(drill.jobs.drill)).toEqual(deploy.jobs[`deploy_${idOf(name)}`].concurrency);
    expect(rollback.jobs.hold.concurrency).toBeUndefined();
  });

  it('the commands get its name as one word', () => {
    const lines = Object.values(rollback.jobs).flatMap(({ steps = [] }) => steps).filter(({ run }) => run?.includes('delivery.cjs'));
    for (const { run } of lines) expect(run).toMatch(/delivery\.cjs [a-z]+ "\$DELIVERY_INPUT_ENVIRONMENT"( |$)/);
    expect(chosen(name, (rollback as { env?: unknown }).env)).toEqual({ DELIVERY_INPUT_ENVIRONMENT: name });
  });

  it('what only its checks need is set up for it alone', () => {
    const isSetUp = (step: Step) => step.if === undefined || Boolean(resolve(step.if, { inputs: { environment: name }, runner: { os: 'Linux' } }));
    const steps = rollback.jobs.monitor.steps!.filter(({ id }) => ['tools', 'more'].includes(id!));
    expect(steps.filter(isSetUp)).toHaveLength(name === 'lab/eu.1' ? 2 : 0);
  });
});

describe.each(['nowhere', 'Production', ''])('for "%s", which is the name of none', (name) => {
  it('no job has an environment, so there are no approvals and environment secrets', () => {
    for (const job of [...Object.values(rollback.jobs), ...Object.values(drill.jobs)]) {
      if (name !== 'Production') expect(placeOf((chosen(name, job) as Job).environment)).toBeUndefined();
    }
  });
});

it('each workflow is one that GitHub takes', async () => {
  for (const name of ['rollback', 'drill']) expect(await validate(written.workflowText(name), `${name}.yml`)).toEqual([]);
});

it('rollback.yml and drill.yml have the same jobs for one environment and for many', () => {
  const jobs = (count: number) => {
    const one = plainProject();
    const names = Array.from({ length: count }, (_, i) => `e${i}`);
    deliver(one, { environments: names.map((name) => environment(name, { trigger: Trigger.manual() })), drill: { environments: names } });
    const { rollback: back, drill: tried } = synthesize(one);
    return [Object.keys(back.jobs), Object.keys(tried.jobs)];
  };
  expect(jobs(40)).toEqual(jobs(1));
});

it('an environment that is added after a job was changed is rejected, and nothing of the change is lost silently', () => {
  const one = deliver(plainProject());
  one.rollbackWorkflow.insertStepBefore('rollback', 'rollback', { id: 'login', name: 'log in', run: './login.sh' });
  expect(() => one.addEnvironment('late', environment('late', { trigger: Trigger.manual() }))).toThrow(
    'rollbackWorkflow job \'rollback\': it was changed before an environment was added, for which the delivery makes it anew. Change it after the last addEnvironment');
});

it('the job that starts the drills may start runs, and nothing else may', () => {
  const writers = Object.entries(drill.jobs).filter(([, { permissions }]) => permissions?.actions === 'write').map(([id]) => id);
  expect(writers).toEqual(['start']);
  expect(drill.jobs.start.permissions).toEqual({ contents: 'read', actions: 'write' });
  expect(drill.jobs.start.steps!.at(-1)!.run).toBe('exec node .projen/delivery.cjs start-drills --environments staging,production');
  expect(delivery.drillWorkflow!.name).toBe('drill');
});
