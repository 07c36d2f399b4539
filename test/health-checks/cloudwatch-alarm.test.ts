import { Duration, HealthCheck, HealthCheckUse, InsufficientData, Login, NamedEnvironment } from '../../src';
import { deliver, environment, plainProject, synthesize, warningsOf } from '../test-project';

const ROLE = 'arn:aws:iam::111122223333:role/deploy';
const READER = 'arn:aws:iam::111122223333:role/read';

function rejection(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

function delivered(healthChecks: HealthCheck[], rest: Partial<NamedEnvironment> = {}) {
  const project = plainProject();
  deliver(project, { environments: [environment('staging', { healthChecks: [HealthCheck.http('https://www.example.com'), ...healthChecks], ...rest })] });
  return project;
}

describe('HealthCheck.cloudWatchAlarm', () => {
  it('has times that fit an alarm', () => {
    expect(HealthCheck.cloudWatchAlarm('shop errors')._manifest).toEqual({
      kind: 'cloudWatchAlarm',
      name: 'alarm shop errors',
      url: 'cloudwatch:shop%20errors',
      alarm: 'shop errors',
      liveOnly: true,
      insufficientData: 'inconclusive',
      intervalMs: 10_000,
      timeoutMs: 20_000,
      successThreshold: 3,
      failureThreshold: 3,
      deadlineMs: 360_000,
      propagationMs: 300_000,
    });
  });

  it('has options', () => {
    expect(HealthCheck.cloudWatchAlarm('errors', {
      name: 'errors of the shop',
      region: 'us-east-1',
      insufficientData: InsufficientData.OK,
      recovery: Duration.minutes(2),
      deadline: Duration.minutes(3),
      createdByDeployment: true,
      use: HealthCheckUse.GATE,
    })._manifest).toMatchObject({
      name: 'errors of the shop',
      url: 'cloudwatch:us-east-1/errors',
      region: 'us-east-1',
      insufficientData: 'ok',
      propagationMs: 120_000,
      deadlineMs: 180_000,
      createdByDeployment: true,
      gateOnly: true,
    });
    expect(HealthCheck.cloudWatchAlarm('errors', { deadline: Duration.minutes(1) })._manifest).toMatchObject({ deadlineMs: 60_000, propagationMs: 60_000 });
  });

  it.each<[string, () => unknown, string]>([
    ['an ARN', () => HealthCheck.cloudWatchAlarm('arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop'), 'is an ARN. Write only the name of the alarm: \'shop\''],
    ['no name', () => HealthCheck.cloudWatchAlarm(''), 'HealthCheck.cloudWatchAlarm alarm: \'\' is not the name of an alarm that the AWS CLI takes. Write its name'],
    ['a name that is an option of the CLI', () => HealthCheck.cloudWatchAlarm('--debug'), 'is not the name of an alarm'],
    ['a name that is a file for the CLI', () => HealthCheck.cloudWatchAlarm('file:///etc/passwd'), 'is not the name of an alarm'],
    ['a name of two lines', () => HealthCheck.cloudWatchAlarm('a\nb'), 'is not the name of an alarm'],
    ['half of a character', () => HealthCheck.cloudWatchAlarm('\ud800'), 'is not the name of an alarm'],
    ['another value', () => HealthCheck.cloudWatchAlarm(5 as never), '5 is not the name of an alarm'],
    ['no region', () => HealthCheck.cloudWatchAlarm('a', { region: 'eu' }), 'HealthCheck.cloudWatchAlarm(\'a\') region: \'eu\' is not the name of a region'],
    ['another word for missing data', () => HealthCheck.cloudWatchAlarm('a', { insufficientData: 'ignore' as never }), 'insufficientData: \'ignore\' is not an InsufficientData. Write InsufficientData.'],
    ['a recovery beyond the deadline', () => HealthCheck.cloudWatchAlarm('a', { recovery: Duration.minutes(7) }), 'recovery: 7 min is longer than the check\'s deadline (6 min). Set 6 min or less, or increase deadline'],
    ['no recovery', () => HealthCheck.cloudWatchAlarm('a', { recovery: Duration.seconds(0) }), 'recovery: 0 s is not a positive duration'],
    ['text for a boolean', () => HealthCheck.cloudWatchAlarm('a', { createdByDeployment: 'false' as never }), 'createdByDeployment: \'false\' is neither true nor false'],
  ])('rejects %s', (_, act, message) => expect(rejection(act)).toContain(message));
});

describe('an environment with an alarm', () => {
  const alarm = HealthCheck.cloudWatchAlarm('errors');

  it.each<[string, HealthCheck]>([
    ['a check', alarm],
    ['a member of a group', HealthCheck.allOf([HealthCheck.tcp('db:1'), alarm])],
  ])('whose jobs could not read it is rejected: %s', (_, check) => {
    expect(rejection(() => delivered([check], { login: Login.aws({ role: ROLE, region: 'eu-central-1' }) }))).toBe(
      'environment \'staging\' healthChecks: \'alarm errors\' reads a CloudWatch alarm, and the plan, monitor and watch jobs are not signed in: login has no readRole. '
      + 'Add a role that allows cloudwatch:DescribeAlarms: Login.aws({ readRole: \'arn:aws:iam::111122223333:role/look\', ... }), and a monitorEnvironment',
    );
  });

  it('signs in every job that probes', () => {
    const project = delivered([alarm], { monitorEnvironment: 'staging-monitor', login: Login.aws({ role: ROLE, readRole: READER, region: 'eu-central-1' }) });
    expect(warningsOf(project).filter((text) => text.includes('CloudWatch'))).toEqual([]);
    const { jobs } = synthesize(project).workflow('deploy');
    for (const job of ['environment_staging', 'deploy_staging', 'monitor_staging', 'rollback_staging']) {
      expect(jobs[job].permissions).toMatchObject({ 'id-token': 'write' });
      expect(jobs[job].steps?.map(({ id }) => id)).toContain('aws-login');
    }
  });

  it('and without a login is warned of', () => {
    expect(warningsOf(delivered([alarm]))).toContainEqual(expect.stringContaining(
      'the health check \'alarm errors\' of \'staging\' reads a CloudWatch alarm, and the environment has no login, so only a runner with AWS credentials of its own can. Set login: Login.aws(',
    ));
  });
});
