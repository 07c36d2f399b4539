import { Artifact, DeliveryOptions, Login, NamedEnvironment, Strategy, Target, Trigger } from '../../src';
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
const LISTENER = `arn:aws:elasticloadbalancing:eu-central-1:${ONE}:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2`;
const slots = (blue: string, green: string, listener = LISTENER) => ecs({ service: undefined, blueGreen: { blue, green, listener } });
const blueGreen = Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' });
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
    'the alias live of the function shop, too, so each would replace the other\'s release. Give each environment an alias'],
  ['an alias, login and account', { target: lambda(), login: login(ONE) }, { target: lambda({ region: 'eu-central-1', account: ONE }) }, 'the alias live of the function shop'],
  ['a service', { target: ecs({ region: 'eu-central-1', account: ONE }) }, { target: ecs(), login: login(ONE) }, 'the service web of the cluster shop'],
  ['a service, by the ARN of its cluster', { target: ecs({ cluster: `arn:aws:ecs:eu-central-1:${ONE}:cluster/shop` }) }, { target: ecs(), login: login(ONE) }, 'the service web of the cluster shop'],
  ['a listener', { target: slots('a', 'b'), strategy: blueGreen }, { target: slots('c', 'd'), strategy: blueGreen },
    `the listener ${LISTENER}, too`],
  ['a service of blue/green', { target: slots('a', 'b'), strategy: blueGreen }, { target: slots('b', 'c', LISTENER.replace('f2f7', '0000')), strategy: blueGreen },
    'the service b of the cluster shop, too'],
  ['a service of blue/green, and a service', { target: slots('web', 'b'), strategy: blueGreen }, { target: ecs(), login: login(ONE) }, 'the service web of the cluster shop'],
  ['a distribution', { target: site({ distribution: 'E1A2B3C4D5E6F7' }) }, { target: site({ distribution: 'E1A2B3C4D5E6F7' }), login: login(OTHER) }, 'the distribution E1A2B3C4D5E6F7'],
  ['a prefix below two distributions', { target: site({ prefix: 'site', distribution: 'E1A2B3C4D5E6F7' }) }, { target: site({ prefix: 'site', distribution: 'E2A2B3C4D5E6F7' }) },
    'the prefix site/ of the bucket acme-site, too, so each would replace the other\'s release. Give each environment a distribution and a prefix of its own'],
  ['a prefix', { target: site({ prefix: 'site' }) }, { target: site({ prefix: 'site/' }) }, 'the prefix site/ of the bucket acme-site'],
  ['a site of GitHub Pages', { target: Target.githubPages({ directory: 'dist' }) }, { target: Target.githubPages({ directory: 'dist', branch: 'site' }) },
    'the GitHub Pages site of the repository, too, so each would replace the other\'s release. Publish one environment to GitHub Pages'],
  ['a stack', { target: cdk(), login: login(ONE) }, { target: cdk({ stacks: ['data', 'shop'] }), login: login(ONE) }, 'the stack or stage shop, too'],
  ['a stack of a stage', { target: cdk({ stacks: ['Shop/*'] }), login: login(ONE) }, { target: cdk({ stacks: ['Data', 'Shop/Api'] }), login: login(ONE) }, 'the stack or stage Shop/Api, too'],
  ['a stage, and one of its stacks', { target: cdk({ stacks: ['Shop/Api'] }), login: login(ONE) }, { target: cdk({ stacks: ['Shop'] }), login: login(ONE) }, 'the stack or stage Shop/Api, too'],
  ['all stacks, and one of them', { target: cdk({ stacks: undefined }), login: login(ONE) }, { target: cdk(), login: login(ONE) }, 'the stack or stage shop, too'],
  ['all stacks', { target: cdk({ stacks: undefined }), login: login(ONE) }, { target: cdk({ stacks: undefined }), login: login(ONE) }, 'all stacks of the app, too'],
])('two environments that deploy to one place fail at synthesis: %s', (_, staging, production, message) => {
  expect(() => warningsOf(staging, production)).toThrow(`environment 'production' target: 'staging' deploys ${message}`);
});

it('two environments with one target warn if only the credentials distinguish the places', () => {
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
  ['a stage whose name begins with that of another', { target: cdk({ stacks: ['Shop/*'] }), login: login(ONE) }, { target: cdk({ stacks: ['Shop2/*'] }), login: login(ONE) }],
  ['other stacks', { target: cdk(), login: login(ONE) }, { target: cdk({ stacks: ['shop-production'] }), login: login(ONE) }],
])('%s is another place', (_, staging, production) => {
  expect(warningsOf(staging, production).filter((text) => text.includes('both deploy'))).toEqual([]);
});

describe('the sign-in of a target', () => {
  it.each<[string, Target, Rest, string]>([
    ['the account of the target', lambda({ account: OTHER }), {}, `it is of the account ${ONE}, and the target has account: '${OTHER}', so every deployment would be refused. Name a role of that account`],
    ['the account of a cluster', ecs({ cluster: `arn:aws:ecs:eu-central-1:${OTHER}:cluster/shop` }), {}, `it is of the account ${ONE}, and the target deploys to the account ${OTHER}`],
    ['the account of a listener', slots('a', 'b', LISTENER.replace(ONE, OTHER)), { strategy: blueGreen }, `it is of the account ${ONE}, and the target deploys to the account ${OTHER}`],
  ])('another account than the role fails at synthesis: %s', (_, target, rest, message) => {
    expect(() => warningsOf({ target, login: login(ONE), ...rest }, {})).toThrow(`environment 'staging' login role: ${message}`);
  });

  it.each<[string, Target, Rest]>([
    ['a cluster', ecs({ cluster: `arn:aws:ecs:us-east-1:${ONE}:cluster/shop` }), {}],
    ['a listener', slots('a', 'b', LISTENER.replace('eu-central-1', 'us-east-1')), { strategy: blueGreen }],
  ])('another region than the ARN of %s fails at synthesis, unless the target names it', (_, target, rest) => {
    const message = 'environment \'staging\' login region: it is \'eu-central-1\', and the target deploys to us-east-1. Set region in the target';
    expect(() => warningsOf({ target, login: login(ONE), ...rest }, {})).toThrow(message);
    const named = ecs({ cluster: `arn:aws:ecs:us-east-1:${ONE}:cluster/shop`, region: 'us-east-1' });
    expect(() => warningsOf({ target: named, login: login(ONE) }, { target: named, login: login(OTHER) })).toThrow(`login role: it is of the account ${OTHER}`);
  });

  it('the image of a function in another region than its sign-in fails at synthesis', () => {
    const image = Artifact.image({ repository: `${ONE}.dkr.ecr.us-east-1.amazonaws.com/shop` });
    const project = plainProject();
    deliver(project, { environments: [environment('staging', { target: lambda({ code: undefined, image }), login: login(ONE) })] });
    expect(() => synthesize(project)).toThrow('target image: \'111122223333.dkr.ecr.us-east-1.amazonaws.com/shop\' is in us-east-1, and the function in eu-central-1: Lambda runs images of its own region only');
  });

  it('is a warning where it is missing, unless a step signs in', () => {
    const missing = (options: Partial<DeliveryOptions> = {}, rest: Rest = {}) => {
      const warnings: string[] = [];
      const project = plainProject();
      project.logger.warn = (text: string) => void warnings.push(text);
      deliver(project, { environments: [environment('staging', { target: lambda(), ...rest })], ...options });
      synthesize(project);
      return warnings.filter((text) => text.includes('no login'));
    };
    expect(missing()).toEqual([
      'projen-delivery: the target of \'staging\' calls AWS, and the environment has no login, so only a runner with AWS credentials of its own can deploy. Set login: Login.aws({ role, region })',
    ]);
    expect(missing({}, { login: login(ONE) })).toEqual([]);
    expect(missing({}, { target: Target.npm({ packageName: 'shop' }) })).toEqual([]);
    expect(missing({ setupSteps: [{ id: 'sign-in', name: 'sign in', uses: `aws-actions/configure-aws-credentials@${'a'.repeat(40)}` }] })).toEqual([]);
  });
});

describe('blue/green of a target that verifies the candidate itself', () => {
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

  it('the message for a target without one says what it can use', () => {
    expect(() => warningsOf({ target: cdk(), strategy: Strategy.blueGreen() }, {})).toThrow('and the target has none. Use Strategy.redeploy()');
  });
});
