import { Artifact, Login, NamedEnvironment, Strategy, Target, Trigger } from '../../src';
import { deliver, environment, plainProject, synthesize } from '../test-project';

type Rest = Partial<NamedEnvironment>;

const [ONE, OTHER] = ['111122223333', '999988887777'];
const login = (account: string, region = 'eu-central-1') => Login.aws({ role: `arn:aws:iam::${account}:role/deploy`, region });
/** Its image comes with the delivery. */
const ECS = new Set<Target>();

const lambda = (options: object = {}) => Target.lambda({ functionName: 'shop', alias: 'live', code: 'dist/function.zip', ...options });
const ecs = (options: object = {}) => {
  const target = Target.ecs({ cluster: 'shop', service: 'web', ...options });
  ECS.add(target);
  return target;
};
const site = (options: object = {}) => Target.staticSite({ bucket: 'acme-site', directory: 'dist', ...options });
const cdk = (options: object = {}) => Target.awsCdk({ stacks: ['shop'], app: 'out', ...options });

/** Synthesizes two environments. Returns the warnings. */
function warningsOf(staging: Rest, production: Rest): string[] {
  const warnings: string[] = [];
  const project = plainProject();
  project.logger.warn = (text: string) => void warnings.push(text);
  const artifact = ECS.has(staging.target!) ? Artifact.image({ repository: 'ghcr.io/acme/shop' }) : undefined;
  deliver(project, { artifact, environments: [environment('staging', staging), environment('production', { trigger: Trigger.tag('v*'), ...production })] });
  synthesize(project);
  return warnings;
}

it.each<[string, Rest, Rest, string]>([
  ['an alias, one login', { target: lambda(), login: login(ONE) }, { target: lambda(), login: login(ONE) },
    'the alias live of the function shop is what \'staging\' deploys, too, so each would replace the other\'s release. Give each environment an alias'],
  ['an alias, login and account', { target: lambda(), login: login(ONE) }, { target: lambda({ region: 'eu-central-1', account: ONE }) }, 'the alias live of the function shop'],
  ['a service', { target: ecs({ region: 'eu-central-1', account: ONE }) }, { target: ecs(), login: login(ONE) }, 'the service web of the cluster shop'],
  ['a distribution', { target: site({ distribution: 'E1A2B3C4D5E6F7' }) }, { target: site({ distribution: 'E1A2B3C4D5E6F7' }), login: login(OTHER) }, 'the distribution E1A2B3C4D5E6F7'],
  ['a prefix', { target: site({ prefix: 'site' }) }, { target: site({ prefix: 'site/' }) }, 'the prefix site/ of the bucket acme-site'],
  ['a stack', { target: cdk(), login: login(ONE) }, { target: cdk({ stacks: ['data', 'shop'] }), login: login(ONE) }, 'the stacks data, shop'],
])('two environments that deploy to one place fail at synthesis: %s', (_, staging, production, message) => {
  expect(() => warningsOf(staging, production)).toThrow(`environment 'production' target: ${message}`);
});

it('two environments with one target warn if only the credentials tell the places apart', () => {
  expect(warningsOf({ target: lambda() }, { target: lambda(), login: login(ONE) })).toContain(
    'projen-delivery: \'staging\' and \'production\' both deploy the alias live of the function shop: if their credentials are of one account and region, each replaces '
    + 'the other\'s release. Give each environment an alias or a function of its own. Or set login, or account and region in each target',
  );
});

it.each<[string, Rest, Rest]>([
  ['another account', { target: lambda(), login: login(ONE) }, { target: lambda(), login: login(OTHER) }],
  ['another region', { target: ecs(), login: login(ONE) }, { target: ecs(), login: login(ONE, 'us-east-1') }],
  ['another alias', { target: lambda(), login: login(ONE) }, { target: lambda({ alias: 'next' }), login: login(ONE) }],
  ['the default prefixes', { target: site() }, { target: site() }],
  ['other stacks', { target: cdk(), login: login(ONE) }, { target: cdk({ stacks: ['shop-production'] }), login: login(ONE) }],
])('%s is another place', (_, staging, production) => {
  expect(warningsOf(staging, production).filter((text) => text.includes('both deploy'))).toEqual([]);
});

describe('blue/green of a target that verifies the candidate itself', () => {
  const blueGreen = Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' });

  it.each([['lambda', lambda()], ['staticSite', site()]])('a candidateUrl fails at synthesis: %s', (_, target) => {
    expect(() => warningsOf({ target, strategy: blueGreen }, {})).toThrow(
      'environment \'staging\' candidateUrl: no URL leads to a candidate of this target, so the health checks would probe another release. '
      + 'Leave it out: the target verifies the candidate itself',
    );
  });

  it('a version that nothing invokes is a warning, which names the option', () => {
    const candidate = (target: Target) => warningsOf({ target, strategy: Strategy.blueGreen() }, { target: lambda({ functionName: 'other' }) }).filter((text) => text.includes('candidate'));
    expect(candidate(lambda())).toEqual(['projen-delivery: the candidate on \'staging\' is not invoked before users see it. Set testEvent in Target.lambda']);
    expect(candidate(lambda({ testEvent: { path: '/' } }))).toEqual([]);
  });

  it('a target without one is told what it can use', () => {
    expect(() => warningsOf({ target: cdk(), strategy: Strategy.blueGreen() }, {})).toThrow('and the target has none. Use Strategy.redeploy()');
  });
});
