import { Command, textOf } from './command';
import { LoginRoleManifest, Manifest } from '../../contract/manifest';
import { JobTokens } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { DELIVERY } from '../reporting/command-line';

/** A role, and all that trusts it must name: environments may share it. */
interface TrustedRole extends LoginRoleManifest {
  readonly policy: object;
}

export const trust: Command = {
  name: 'trust',
  summary: 'print the trust policies of the cloud roles that the environments sign in with',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: {
    repository: { type: 'string', description: 'the repository as GitHub\'s tokens name it, e.g. acme@1234/shop@5678 (default: owner/name of the remote origin)' },
  },
  examples: [`${DELIVERY} trust`, `${DELIVERY} trust production`, `${DELIVERY} trust production --json`],

  run: async (all, given) => {
    const { ci, manifest, print } = all[0]!;
    const arns = rolesOf(all, given.environment);
    const repository = textOf(given, 'repository');
    if (repository !== undefined) checkRepository(repository);
    const tokens = ci.tokens(repository);
    const roles = arns.map((arn) => trusted(arn, manifest, tokens, repository ?? tokens.repository));
    print(given.json ? JSON.stringify(roles, null, 2) : [...roles.map(describe), ...(repository === undefined ? [hint(tokens.repository)] : [])].join('\n\n'));
    return 0;
  },
};

/** Throws `ConfigurationError` where there is none. */
function rolesOf(all: readonly RuntimeContext[], named: string | undefined): string[] {
  const logins = all.map(({ environment: { login } }) => login);
  if (named === undefined) logins.push(all[0]!.manifest.image?.login);
  const arns = logins.flatMap((login) => login?.roles.map(({ arn }) => arn) ?? []);
  if (arns.length > 0) return [...new Set(arns)];
  throw new ConfigurationError(`${named === undefined ? 'no environment has a' : `${named} has no`} login, so no role has to trust anything. `
    + 'Set login: Login.aws({ role, region }) in the options of the environment.');
}

function trusted(arn: string, { environments, image }: Manifest, tokens: JobTokens, repository: string): TrustedRole {
  const uses = [image?.login, ...environments.map(({ login }) => login)].flatMap((login) => login?.roles.filter((role) => role.arn === arn) ?? []);
  const names = [...new Set(uses.flatMap((role) => role.environments))];
  const subjects = names.map((name) => tokens.subject(repository, name));
  return { arn, sessionMs: Math.max(...uses.map(({ sessionMs }) => sessionMs)), environments: names, policy: policyOf(arn, tokens.issuer, subjects) };
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html */
function policyOf(arn: string, issuer: string, subjects: readonly string[]): object {
  const [, partition, , , account] = arn.split(':');
  return {
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow',
      Principal: { Federated: `arn:${partition}:iam::${account}:oidc-provider/${issuer}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: partition === 'aws-cn' ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com',
          [`${issuer}:sub`]: subjects,
        },
      },
    }],
  };
}

function describe({ arn, environments, policy, sessionMs }: TrustedRole): string {
  const [, path, name] = /:role\/(.*?)([^/]+)$/.exec(arn)!;
  // roles differ in their policies, so each has a file of its own
  const file = `trust-${name}.json`;
  const seconds = Math.max(3600, Math.ceil(sessionMs / 1000));
  return [
    `${arn} must trust the environment${environments.length === 1 ? '' : 's'} ${environments.join(', ')}. Its trust policy (${file}):`,
    JSON.stringify(policy, null, 2),
    'Create the role with it, and with the longest session that the jobs need:',
    `  aws iam create-role --role-name ${name}${path === '' ? '' : ` --path /${path}`} --assume-role-policy-document file://${file} --max-session-duration ${seconds}`,
    'Or change the role, if it exists:',
    [
      `  aws iam update-assume-role-policy --role-name ${name} --policy-document file://${file}`,
      `  aws iam update-role --role-name ${name} --max-session-duration ${seconds}`,
    ].join('\n'),
  ].join('\n\n');
}

/** GitHub adds ids to the names of newer repositories, which no clone knows. */
function hint(repository: string): string {
  return [
    `The policies are for a repository that GitHub's tokens call ${repository}. Tokens of repositories that are newer than June 2026, or opted in, also contain ids,`,
    'and then the sign-in fails with "Not authorized to perform sts:AssumeRoleWithWebIdentity". Get the name with ids, and pass it with --repository:',
    `  gh api repos/${repository} --jq '"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'`,
  ].join('\n');
}

function checkRepository(repository: string): void {
  if (/^[\w.-]+(@\d+)?\/[\w.-]+(@\d+)?$/.test(repository)) return;
  throw new ConfigurationError(`--repository ${JSON.stringify(repository.slice(0, 140))} names no repository. Write owner/name or owner@1234/name@5678.`);
}
