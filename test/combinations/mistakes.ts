import { DrawnDelivery } from './deliveries';
import { Draw } from './draw';
import { Delivery, DeliveryOptions, Duration, HealthCheck, JobKind, Login, NamedEnvironment, Strategy, Target, Trigger, Workflow } from '../../src';

/** One thing that is wrong with a delivery that was right. */
export interface Mistake {
  readonly options: DeliveryOptions;
  /** What is done to it when it stands. */
  readonly afterwards?: (delivery: Delivery) => void;
}

interface Kind {
  readonly name: string;
  /** What is said of it. */
  readonly rejection: RegExp;
  make(options: DeliveryOptions): Mistake;
}

export function drawMistake(draw: Draw, { options }: DrawnDelivery): Mistake {
  const { name, rejection, make } = draw.oneOf(KINDS);
  draw.note(`mistake: ${name}`);
  draw.rejection = rejection;
  return make(options);
}

function first(name: string, rejection: RegExp, change: (environment: NamedEnvironment) => object): Kind {
  return { name, rejection, make: (options) => ({ options: { ...options, environments: withFirst(options, change) } }) };
}

function withFirst({ environments = [] }: DeliveryOptions, change: (environment: NamedEnvironment) => object): NamedEnvironment[] {
  return environments.map((one, i) => (i === 0 ? { ...one, ...change(one) } : one));
}

function changed(name: string, rejection: RegExp, change: object): Kind {
  return { name, rejection, make: (options) => ({ options: { ...options, ...change } }) };
}

function afterwards(name: string, rejection: RegExp, act: (delivery: Delivery) => void): Kind {
  return { name, rejection, make: (options) => ({ options, afterwards: act }) };
}

const JOB = { runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ run: 'true' }] };

const KINDS: readonly Kind[] = [
  first('a twin that is the environment itself', /rollbackEnvironment: .* is the environment itself/, ({ name }) => ({ rollbackEnvironment: name.toUpperCase() })),
  first('plain http', /url: .* (is plain http|http)/, () => ({ url: 'http://www.example.com', allowInsecure: false })),
  first('a URL that is none', /environment .* url/, () => ({ url: 'www.example.com' })),
  first('a secret for probes, and no environment to read it from', /the plan and monitor jobs have no environment/, ({ url }) => ({
    monitorEnvironment: undefined, healthChecks: [HealthCheck.http(url, { secretRequestHeaders: { authorization: 'PROBE_TOKEN' } })],
  })),
  first('a reserved variable', /variables: /, () => ({ variables: { DELIVERY_VERSION: '1' } })),
  first('a name that is both', /is a secret as well/, () => ({ variables: { SAME: '1' }, secrets: ['SAME'] })),
  first('blue/green without promote', /Strategy\.blueGreen\(\) moves traffic with the target's promote/, () => ({ strategy: Strategy.blueGreen(), target: Target.commands({ deploy: './ship.sh' }), beforeDeploy: undefined, afterPromote: undefined })),
  first('an alarm that the jobs which probe cannot read', /reads a CloudWatch alarm, and the plan, monitor and watch jobs are not signed in/, ({ url }) => ({
    healthChecks: [HealthCheck.http(url), HealthCheck.cloudWatchAlarm('shop-errors')],
    login: Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', region: 'eu-central-1' }),
  })),
  first('a session that ends before a rollback', /login sessionDuration: 15 min could end before a rollback does/, ({ url }) => ({
    healthChecks: [HealthCheck.http(url)],
    login: Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', region: 'eu-central-1', sessionDuration: Duration.minutes(15) }),
  })),
  first('a role for reading, and no environment that it trusts', /login readRole: the plan and monitor jobs have no environment/, ({ url }) => ({
    monitorEnvironment: undefined,
    healthChecks: [HealthCheck.http(url)],
    login: Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', readRole: 'arn:aws:iam::111122223333:role/read', region: 'eu-central-1' }),
  })),
  first('an unknown environment', /there is no environment 'nowhere'/, () => ({ trigger: Trigger.after('nowhere') })),
  first('an option that there is not', /there is no such option/, () => ({ healtChecks: [] })),
  first('a text for a truth value', /is neither true nor false/, () => ({ allowInsecure: 'false' })),
  first('two checks of one name', /two of them have the name 'same'/, ({ url }) => ({ healthChecks: [HealthCheck.http(url, { name: 'same' }), HealthCheck.http(`${url}/b`, { name: 'same' })] })),
  changed('a job named twice', /needs: 'test' is listed twice/, { needs: ['test', 'test'] }),
  changed('no runner', /it is empty, so no job would ever start/, { runsOn: [] }),
  changed('a drill of nothing', /Delivery drill environments/, { drill: { environments: ['nowhere'] } }),
  changed('a workflow that there is not', /there is no workflow 'nowhere'/, { workflow: Workflow.named('nowhere') }),
  changed('a file outside', /artifact\.paths/, { artifact: { paths: ['../secrets'] } }),
  {
    name: 'two environments of one name',
    rejection: /it is listed twice/,
    make: ({ environments = [], ...options }) => {
      const [one] = environments;
      return { options: { ...options, environments: [...environments, { ...one, trigger: Trigger.after(one.name), name: one.name.toUpperCase() }] } };
    },
  },
  {
    name: 'a job that takes the place of one of ours',
    rejection: /the job id .* is the delivery's, and another job took it/,
    make: (options) => ({
      options,
      afterwards: (delivery) => delivery.workflow.addJob(delivery.jobId(options.environments![0].name, JobKind.DEPLOY), JOB),
    }),
  },
  afterwards('the runtime is removed', /\.projen\/delivery\.cjs was removed/, ({ project }) => project.root.tryRemoveFile('.projen/delivery.cjs')),
  afterwards('the runtime is ignored', /\.gitignore ignores \.projen\/delivery/, ({ project }) => project.root.gitignore.exclude('.projen')),
  afterwards('a job without a runner', /names no runner/, ({ workflow }) => workflow.addJob('idle', { ...JOB, runsOn: [] })),
  afterwards('a need that there is not', /needs a job 'nothing'/, ({ rollbackWorkflow }) => rollbackWorkflow.addJob('report', { ...JOB, needs: ['nothing'] })),
];
