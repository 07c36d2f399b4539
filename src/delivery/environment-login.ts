import { CloudWatchAlarmCheckManifest } from '../contract/manifest';
import { AwsLogin } from '../login/aws-login';
import { checkLogin, Login } from '../login/login';
import { invalid, show } from '../validation/validation-error';

/** What the sign-in of an environment depends on. */
interface SignedIn {
  readonly name: string;
  readonly monitorEnvironment?: string;
  /** Whether its plan prepares what a person approves. */
  readonly reviewsChanges: boolean;
}

/** The sign-in of an environment, checked against the jobs that use its roles. */
export function environmentLogin(environment: SignedIn, given: Login | undefined): AwsLogin | undefined {
  const option = (name: string) => `environment ${show(environment.name)} ${name}`;
  const login = given === undefined ? undefined : checkLogin(option('login'), given);
  if (environment.reviewsChanges && login?.planRole === undefined) {
    invalid(option(login ? 'login planRole' : 'login'), 'it is missing, and the job that plans prepares change sets: Target.awsCdk has changeSet: ChangeSetMode.REVIEW',
      'Name a role that prepares change sets and executes none: Login.aws({ planRole: \'arn:aws:iam::111122223333:role/plan\', ... })');
  }
  if (!environment.reviewsChanges && login?.planRole !== undefined) {
    invalid(option('login planRole'), 'no job would use it, because no target of the environment prepares changes for the approval', 'Set changeSet: ChangeSetMode.REVIEW in Target.awsCdk, or leave it out');
  }
  const looking = (['readRole', 'planRole'] as const).find((name) => login?.[name] !== undefined);
  if (looking !== undefined && environment.monitorEnvironment === undefined) {
    invalid(option(`login ${looking}`), 'the plan and monitor jobs have no environment, and a role that trusts them would trust every job of the branch',
      `Make an unprotected GitHub environment, and name it: monitorEnvironment: '${environment.name}-monitor'`);
  }
  return login;
}

interface AlarmReader {
  readonly alarms: CloudWatchAlarmCheckManifest[];
  readonly login?: AwsLogin;
  readonly name: string;
}

/** The jobs that probe sign in with the reading role only. */
export function checkAlarmReader({ alarms: [alarm], login, name }: AlarmReader): void {
  if (alarm === undefined || login === undefined || login.readRole !== undefined) return;
  invalid(`environment ${show(name)} healthChecks`, `${show(alarm.name)} reads a CloudWatch alarm, and the plan, monitor and watch jobs are not signed in: login has no readRole`,
    'Add a role that allows cloudwatch:DescribeAlarms: Login.aws({ readRole: \'arn:aws:iam::111122223333:role/look\', ... }), and a monitorEnvironment');
}
