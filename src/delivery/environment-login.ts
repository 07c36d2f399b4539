import { JobStep } from '../ci/github-types';
import { CloudWatchAlarmCheckManifest, DriverManifest, ecrOf } from '../contract/manifest';
import { isAwsDriver } from '../contract/target-manifest';
import { accountOf, AwsLogin } from '../login/aws-login';
import { checkLogin, Login } from '../login/login';
import { ArnPlace, placeOfArn } from '../validation/aws-name';
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

interface Deployer {
  readonly login?: AwsLogin;
  readonly name: string;
  readonly target: { readonly driver?: DriverManifest };
}

/** Rejects a role whose credentials the target would refuse in every deployment. */
export function checkDeployer({ login, name, target: { driver } }: Deployer): void {
  if (login === undefined || driver === undefined) return;
  const option = `environment ${show(name)} login role`;
  const own = accountOf(login.role);
  const wanted = settingsOf(driver);
  if (wanted.account !== undefined && wanted.account !== own) {
    invalid(option, `it is of the account ${own}, and the target has account: ${show(wanted.account)}, so every deployment would be refused`, 'Name a role of that account, or correct account');
  }
  const arn = arnOf(driver);
  if (arn !== undefined && arn.account !== own) {
    invalid(option, `it is of the account ${own}, and the target deploys to the account ${arn.account}`, 'Name a role of that account, or correct the ARN in the target');
  }
  const region = wanted.region ?? login.region;
  if (arn !== undefined && arn.region !== region) {
    invalid(`environment ${show(name)} login region`, `it is ${show(region)}, and the target deploys to ${arn.region}`, 'Set region in the target, or correct the ARN or the region of login');
  }
}

/** Rejects the image of a function in another region: Lambda runs images of its own region only. */
export function checkFunctionImage({ login, name, target: { driver } }: Deployer, repository: string | undefined): void {
  if (repository === undefined || driver?.kind !== 'lambda' || driver.code !== undefined) return;
  const [image, own] = [ecrOf(repository.split('/')[0]!)?.region, driver.region ?? login?.region];
  if (image === undefined || own === undefined || image === own) return;
  invalid(`environment ${show(name)} target image`, `${show(repository)} is in ${image}, and the function in ${own}: Lambda runs images of its own region only`,
    'Push the image to a repository in the region of the function, or correct region');
}

interface Signing extends Deployer {
  readonly setupSteps: readonly JobStep[];
}

/** Warns of a target that calls AWS in jobs that do not sign in. */
export function loginWarnings(environments: readonly Signing[], setupSteps: readonly JobStep[]): string[] {
  const signsIn = (steps: readonly JobStep[]) => steps.some(({ uses }) => uses?.startsWith('aws-actions/configure-aws-credentials@'));
  const lacking = environments.filter(({ login, setupSteps: own, target: { driver } }) => (
    callsAws(driver) && login === undefined && !signsIn([...setupSteps, ...own])
  ));
  return lacking.map(({ name }) => (
    `the target of ${show(name)} calls AWS, and the environment has no login, so only a runner with AWS credentials of its own can deploy. Set login: Login.aws({ role, region })`
  ));
}

function callsAws(driver: DriverManifest | undefined): boolean {
  return driver !== undefined && (isAwsDriver(driver) || ('eksCluster' in driver && driver.eksCluster !== undefined));
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

/** The account and the region that the options of a target of AWS name. Other engines have neither. */
export function settingsOf(driver: DriverManifest | undefined): Partial<ArnPlace> {
  return {
    account: driver && 'account' in driver ? driver.account : undefined,
    region: driver && 'region' in driver ? driver.region : undefined,
  };
}

/** The account and the region that the ARNs among the settings of a driver name; undefined if there are none. */
export function arnOf(driver: DriverManifest | undefined): ArnPlace | undefined {
  return placeOfArn(driver?.kind === 'ecsBlueGreen' ? driver.listener : driver?.kind === 'ecs' ? driver.cluster : '');
}
