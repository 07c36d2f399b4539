/** The command prints what a role must trust, through the bundled runtime as a real process: offline, without a token, before anything was deployed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoginManifest } from '../../../src/contract/manifest';
import { jobTokens } from '../../../src/runtime/ci/github/dispatch/origin';
import { World } from '../world';

const ROLE = 'arn:aws:iam::111122223333:role/shop/deploy';
const READER = 'arn:aws:iam::111122223333:role/read';
const LOGIN: LoginManifest = {
  kind: 'aws',
  region: 'eu-central-1',
  roles: [
    { arn: ROLE, sessionMs: 5_400_000, environments: ['production', 'production-back'] },
    { arn: READER, sessionMs: 3_600_000, environments: ['production-look'] },
  ],
};
const ISSUER = 'token.actions.githubusercontent.com';

const policy = (subjects: string[], { account = '111122223333', partition = 'aws', issuer = ISSUER, audience = 'sts.amazonaws.com' } = {}) => ({
  Version: '2012-10-17',
  Statement: [{
    Effect: 'Allow',
    Principal: { Federated: `arn:${partition}:iam::${account}:oidc-provider/${issuer}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subjects } },
  }],
});

let world: World;
beforeEach(async () => {
  world = await World.create('redeploy', { login: LOGIN });
  world.git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
});
afterEach(() => world.destroy());

/** Without a network: each request goes to a port where nothing listens. */
const OFFLINE = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', DELIVERY_LEDGER: '' };

async function rolesOf(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, output } = await world.run(['trust', ...args, '--json'], OFFLINE);
  expect(code).toBe(0);
  return JSON.parse(output) as Record<string, unknown>[];
}

it('has a policy for each role, with all environments whose jobs take it', async () => {
  expect(await rolesOf()).toEqual([
    { arn: ROLE, sessionMs: 5_400_000, environments: ['production', 'production-back'], policy: policy(['repo:acme/shop:environment:production', 'repo:acme/shop:environment:production-back']) },
    { arn: READER, sessionMs: 3_600_000, environments: ['production-look'], policy: policy(['repo:acme/shop:environment:production-look']) },
  ]);
});

it('has the role that pushes the image, without a named environment', async () => {
  const pusher = 'arn:aws:iam::111122223333:role/push';
  const login: LoginManifest = { kind: 'aws', region: 'eu-central-1', roles: [{ arn: pusher, sessionMs: 3_600_000, environments: ['build'] }] };
  const repository = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop';
  world.manifest = { ...world.manifest, image: { repository, login, build: { kind: 'docker', context: '.' } } };
  world.change({});
  expect((await rolesOf()).map(({ arn }) => arn)).toEqual([ROLE, READER, pusher]);
  expect((await rolesOf()).at(-1)).toMatchObject({ environments: ['build'], policy: policy(['repo:acme/shop:environment:build']) });
  expect((await rolesOf('production')).map(({ arn }) => arn)).toEqual([ROLE, READER]);
});

it('is what a person pastes: the policy is whole, and the commands name the role', async () => {
  const { code, output } = await world.run(['trust', 'production'], OFFLINE);
  expect(code).toBe(0);
  expect(output).toContain(`${ROLE} must trust the environments production, production-back. `);
  expect(output).toContain(JSON.stringify(policy(['repo:acme/shop:environment:production', 'repo:acme/shop:environment:production-back']), null, 2));
  expect(output).toContain('  aws iam create-role --role-name deploy --path /shop/ --assume-role-policy-document file://trust-deploy.json --max-session-duration 5400\n');
  expect(output).toContain('  aws iam create-role --role-name read --assume-role-policy-document file://trust-read.json --max-session-duration 3600\n');
  expect(output).toContain('  aws iam update-assume-role-policy --role-name deploy --policy-document file://trust-deploy.json');
  expect(output).toContain('  aws iam update-role --role-name deploy --max-session-duration 5400');
  expect(output).toContain('  aws iam update-role --role-name read --max-session-duration 3600');
  expect(output).toContain('  gh api repos/acme/shop --jq \'"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"\'');
});

it('names every environment that shares the role', async () => {
  const [production] = world.manifest.environments;
  const staging = { ...production, name: 'staging', login: { ...LOGIN, roles: [{ arn: ROLE, sessionMs: 7_200_000, environments: ['staging'] }] } };
  const demo = { ...production, name: 'demo', login: undefined };
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify({ ...world.manifest, environments: [production, staging, demo] }));
  const subjects = ['production', 'production-back', 'staging'].map((name) => `repo:acme/shop:environment:${name}`);
  expect(await rolesOf('staging')).toEqual([{ arn: ROLE, sessionMs: 7_200_000, environments: ['production', 'production-back', 'staging'], policy: policy(subjects) }]);
  expect((await rolesOf()).map(({ arn }) => arn)).toEqual([ROLE, READER]);
  const none = await world.run(['trust', 'demo'], OFFLINE);
  expect([none.code, none.output]).toEqual([2, expect.stringContaining('demo has no login')]);
});

it('takes the name with ids, and then needs no hint', async () => {
  const [{ policy: found }] = await rolesOf('production', '--repository', 'acme@12/shop@345');
  expect(found).toEqual(policy(['repo:acme@12/shop@345:environment:production', 'repo:acme@12/shop@345:environment:production-back']));
  expect((await world.run(['trust', '--repository', 'acme@12/shop@345'], OFFLINE)).output).not.toContain('gh api');
});

it.each(['shop', 'acme/shop:environment:x', 'acme/*', 'acme@x/shop'])('rejects %j for a repository: a policy would trust others', async (name) => {
  const { code, output } = await world.run(['trust', '--repository', name], OFFLINE);
  expect([code, output]).toEqual([2, expect.stringContaining('names no repository. Write owner/name or owner@1234/name@5678')]);
});

it('says on a laptop without a remote how the repository is found, and in a job knows it', async () => {
  world.git('remote', 'remove', 'origin');
  const { code, output } = await world.run(['trust'], OFFLINE);
  expect([code, output]).toEqual([2, expect.stringContaining('git knows no remote called origin')]);
  expect(output).toContain('GITHUB_REPOSITORY=owner/name');
  expect(await rolesOf('--repository', 'acme/shop')).toMatchObject([
    { arn: ROLE, policy: policy(['repo:acme/shop:environment:production', 'repo:acme/shop:environment:production-back']) }, { arn: READER },
  ]);
  expect((await rolesOf('--repository', 'acme@12/shop@345'))[1]).toMatchObject({ policy: policy(['repo:acme@12/shop@345:environment:production-look']) });
  const { output: inJob } = await world.run(['trust', '--json'], { ...OFFLINE, GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/other' });
  expect(inJob).toContain('repo:acme/other:environment:production');
});

it('says where nothing signs in', async () => {
  world.change({ login: undefined });
  const { code, output } = await world.run(['trust'], OFFLINE);
  expect([code, output]).toEqual([2, expect.stringContaining('no environment has a login, so no role has to trust anything. Set login: Login.aws({ role, region })')]);
});

it('knows China', async () => {
  const arn = 'arn:aws-cn:iam::111122223333:role/deploy';
  world.change({ login: { kind: 'aws', region: 'cn-north-1', roles: [{ arn, sessionMs: 3_600_000, environments: ['production'] }] } });
  const [{ policy: found }] = await rolesOf();
  expect(found).toEqual(policy(['repo:acme/shop:environment:production'], { partition: 'aws-cn', audience: 'sts.amazonaws.com.cn' }));
});

it.each([
  ['git@github.com:acme/shop.git', ISSUER],
  ['https://acme.ghe.com/acme/shop', 'token.actions.acme.ghe.com'],
  ['https://github.example.com:8443/acme/shop.git', 'github.example.com:8443/_services/token'],
])('the tokens of %s are signed by %s', (url, issuer) => {
  world.git('remote', 'set-url', 'origin', url);
  const tokens = jobTokens({ PATH: process.env.PATH }, world.root);
  expect([tokens.issuer, tokens.repository]).toEqual([issuer, 'acme/shop']);
  expect(jobTokens({ PATH: process.env.PATH }, world.root, 'acme@1/other@2').issuer).toBe(issuer);
});
