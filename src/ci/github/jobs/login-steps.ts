import { github } from 'projen';
import { JobEnvironment } from './job-environment';
import { andAlso, LOGIN_STEP } from './steps';
import { timeouts } from './timeouts';
import { formatDuration } from '../../../contract/duration-text';
import { LoginManifest } from '../../../contract/manifest';
import { Environment } from '../../../delivery/environment';
import { AwsLogin } from '../../../login/aws-login';
import { invalid, show } from '../../../validation/validation-error';
import { pinned } from '../pins';

/** What a job signs in for: to deploy and roll back, to show and perhaps prepare what is approved, or only to look. */
type Purpose = 'deploy' | 'plan' | 'read';

/** What the role of a job that only looks is taken for: the default maximum of a role. */
const READ_SESSION_MS = 3_600_000;

/** The sign-in of a job. Where the environment is chosen by hand, an expression in `with` looks up its role, so no shell line contains one. */
export function loginSteps(subject: JobEnvironment, purpose: Purpose): github.workflows.JobStep[] {
  const signsIn = (environment: Environment) => roleOf(environment, purpose) !== undefined;
  if (!subject.some(signsIn)) return [];
  const only = subject.only(signsIn);
  const text = (textOf: (environment: Environment) => string | undefined) => (
    subject.text((environment) => (signsIn(environment) ? textOf(environment) : undefined))
  );
  return [{
    ...stepWith({
      role: text((environment) => roleOf(environment, purpose)),
      region: text(({ login }) => login!.region),
      seconds: text((environment) => String((purpose === 'deploy' ? sessionMs(environment) : READ_SESSION_MS) / 1000)),
      audience: text(({ login }) => audienceOf(login!.role)),
    }),
    ...(only === '' ? {} : { if: andAlso(only, undefined) }),
    // without credentials the health checks still say whether the release is good
    ...(purpose === 'read' || (purpose === 'plan' && !subject.some(({ login }) => login?.planRole !== undefined)) ? { continueOnError: true } : {}),
  }];
}

/** The sign-in of a job with one role. */
export function awsLoginStep({ region, role }: Pick<AwsLogin, 'region' | 'role'>, durationMs: number): github.workflows.JobStep {
  return stepWith({ role, region, seconds: String(durationMs / 1000), audience: audienceOf(role) });
}

interface LoginInputs {
  readonly role?: string;
  readonly region?: string;
  readonly seconds?: string;
  readonly audience?: string;
}

function stepWith({ audience, region, role, seconds }: LoginInputs): github.workflows.JobStep {
  return {
    id: LOGIN_STEP,
    name: 'sign in to AWS',
    uses: pinned('aws-actions/configure-aws-credentials'),
    with: { 'role-to-assume': role, 'aws-region': region, 'role-duration-seconds': seconds, ...(audience === undefined ? {} : { audience }) },
  };
}

/** What signing in needs. */
export function loginPermissions(subject: JobEnvironment, purpose: Purpose): github.workflows.JobPermissions {
  return subject.some((environment) => roleOf(environment, purpose) !== undefined) ? { idToken: github.workflows.JobPermission.WRITE } : {};
}

/** The roles, with the names that GitHub's tokens give the environments of the jobs that take them. */
export function loginManifest(environment: Environment): LoginManifest | undefined {
  const { login, monitorEnvironment, name, rollbackEnvironment } = environment;
  if (login === undefined) return undefined;
  const { kind, planRole, readRole, region, role } = login;
  const looking = [readRole, planRole].filter((one) => one !== undefined);
  return {
    kind,
    region,
    roles: [
      { arn: role, sessionMs: sessionMs(environment), environments: [name, ...(rollbackEnvironment === undefined ? [] : [rollbackEnvironment])] },
      ...looking.map((arn) => ({ arn, sessionMs: READ_SESSION_MS, environments: [monitorEnvironment!] })),
    ],
  };
}

function roleOf({ login }: Environment, purpose: Purpose): string | undefined {
  if (purpose === 'deploy') return login?.role;
  return purpose === 'plan' ? login?.planRole ?? login?.readRole : login?.readRole;
}

/** China has an audience of its own. */
function audienceOf(role: string): string | undefined {
  return role.startsWith('arn:aws-cn:') ? 'sts.amazonaws.com.cn' : undefined;
}

/** A session lasts as long as the longest job that needs it may take: a rollback must not lose its credentials. */
function sessionMs(environment: Environment): number {
  const { deploy, recover, rollback } = timeouts(environment);
  const longestMs = Math.max(deploy, recover, rollback) * 60_000;
  const given = environment.login?.sessionMs;
  if (given !== undefined && given < longestMs) {
    const { bakeMs, commandTimeoutMs } = environment.strategy.manifest;
    invalid(`environment ${show(environment.name)} login sessionDuration`,
      `${formatDuration(given, 'exact')} could end before a rollback does: with bake ${formatDuration(bakeMs, 'exact')} and commandTimeout ${formatDuration(commandTimeoutMs, 'exact')} a job may take ${formatDuration(longestMs, 'exact')}`,
      `Set Duration.minutes(${longestMs / 60_000}) or more, or leave it out; or shorten bake, commandTimeout or the health checks' deadline`);
  }
  return given ?? Math.max(READ_SESSION_MS, longestMs);
}
