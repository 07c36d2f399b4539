import { DeliveryOptions, Freeze, HealthCheck, NamedEnvironment, Strategy, Target, Trigger } from '../../../src';
import { EnvironmentFacts, environmentPlan, EnvironmentPlan, MergePlan } from '../../../src/runtime/pull-requests/merge-plan';
import { renderMergePlan, sentenceOf } from '../../../src/runtime/pull-requests/merge-plan-markdown';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

const NO_APPROVAL: EnvironmentFacts = { isRecorded: true, approval: { kind: 'known', reviewers: [], waitMinutes: 0 } };
const STABLE = { stable: { release: { version: 'v1', sha: 'a'.repeat(40) }, since: '2026-11-01T00:00:00Z', recordId: '1' } } as unknown as Partial<EnvironmentFacts>;

function plan(production: Partial<NamedEnvironment>, facts: Partial<EnvironmentFacts> = STABLE, options: Partial<DeliveryOptions> = {}, base = 'main'): EnvironmentPlan {
  const project = plainProject();
  deliver(project, { target: Target.tasks({ deploy: 'ship' }), environments: [environment('staging', { trigger: production.trigger === undefined ? Trigger.manual() : Trigger.branch('main') }), environment('production', production)], ...options });
  const { manifest } = synthesize(project);
  return environmentPlan(manifest, manifest.environments.find(({ name }) => name === 'production')!, base, { ...NO_APPROVAL, ...facts });
}

function whole(environments: readonly EnvironmentPlan[], rest: Partial<MergePlan> = {}): MergePlan {
  return { base: 'main', sha: 'c'.repeat(40), environments, differences: [], ...rest };
}

it.each<[string, Partial<NamedEnvironment>, string, string]>([
  ['a branch', {}, 'main', 'deploys here'],
  ['another branch', {}, 'next', 'nothing: a push to main deploys here'],
  ['after another environment', { trigger: Trigger.after('staging') }, 'main', 'deploys here, after staging is Stable'],
  ['a tag', { trigger: Trigger.tag('v*') }, 'main', 'nothing: a tag v* deploys here'],
  ['by hand', { trigger: Trigger.manual() }, 'main', 'nothing: a person deploys here by hand'],
])('how a merge gets to an environment: %s', (_, production, base, how) => expect(plan(production, STABLE, {}, base).arrival.how).toBe(how));

it('what deploys, in one line', () => {
  const [staging, tagged] = [{ ...plan({}), name: 'staging' }, plan({ trigger: Trigger.tag('v*') })];
  expect(sentenceOf(whole([staging, plan({ trigger: Trigger.after('staging') })]))).toBe('Merging into main deploys to staging, then production');
  expect(sentenceOf(whole([staging, tagged]))).toBe('Merging into main deploys to staging');
  expect(sentenceOf(whole([tagged], { project: 'api' }))).toBe('api: Merging into main deploys nothing by itself');
});

it.each<[string, Partial<NamedEnvironment>, Partial<EnvironmentFacts>, RegExp | undefined]>([
  ['none', {}, STABLE, undefined],
  ['the first deployment', {}, {}, /first deployment/],
  ['the records are not known', {}, { isRecorded: false }, undefined],
  ['no release identity', { healthChecks: [HealthCheck.tcp('x.example.com:443')] }, STABLE, /no health check identifies the release/],
  ['a migration', { target: Target.tasks({ deploy: 'ship', migrate: 'migrate' }) }, STABLE, /a migration runs before/],
  ['halted', {}, { ...STABLE, newest: 'halted' }, /it is halted/],
])('the risks: %s', (_, production, facts, risk) => {
  const { risks } = plan(production, facts);
  if (risk === undefined) expect(risks).toEqual([]);
  else expect(risks).toEqual([expect.stringMatching(risk)]);
});

it('the longest times follow from the options', () => {
  const { strategy, times } = plan({ strategy: Strategy.redeploy() });
  expect(strategy).toBe('redeploy');
  expect(times!.detectMs).toBeGreaterThan(0);
  expect(times!.restoreMs).toBeGreaterThan(times!.detectMs);
});

describe('as Markdown', () => {
  it('has only the sections that say something', () => {
    const text = renderMergePlan(whole([plan({})]));
    expect(text.match(/^### .*/gm)).toEqual(['### Changes of the delivery']);
    expect(text).toContain('- none');
  });

  it('a freeze, who lifted one, who approves, a change set, the watch, and files that must change', () => {
    const frozen = plan({ freezes: [Freeze.weekly('Fri 16:00', 'Mon 08:00', { timeZone: 'UTC' })] }, { ...STABLE, frozen: 'until Monday' });
    const text = renderMergePlan(whole([{ ...frozen, reviewsChanges: true, approval: { kind: 'known', reviewers: ['octocat', 'team ops'], waitMinutes: 0 } }, { ...plan({}), override: 'octocat lifted the freeze' }], {
      watch: { intervalMs: 300_000, firesAfter: 2 }, onlyIfChanged: ['service'],
    }));
    for (const part of ['until Monday. A merge is not deployed before', 'octocat lifted the freeze', 'one of <code>octocat</code>, <code>team ops</code>', 'the very change set that runs', 'probes every 5 min, and an alert fires after 2 unhealthy runs', 'Only if it changes <code>service</code>']) expect(text).toContain(part);
  });

  it('what could not be read is named, and nothing is taken for it', () => {
    const text = renderMergePlan(whole([{ ...plan({}, { isRecorded: false }), approval: { kind: 'unknown', why: 'HTTP 403' } }], { unread: 'HTTP 500' }));
    expect(text).toMatch(/records of deployments could not be read.*HTTP 500/);
    expect(text).toMatch(/unknown&#58; HTTP 403/);
    expect(text).not.toContain('first deployment');
  });

  it('no text from outside means anything', () => {
    const hostile = '@acme/team <img src=x>\n## heading | [a](https://evil.example) `x` #1 <!-- projen-delivery plan : 9.1 -->';
    const one: EnvironmentPlan = {
      ...plan({}),
      name: hostile,
      url: `javascript:${hostile}`,
      frozen: hostile,
      override: hostile,
      risks: [hostile],
      reviewsChanges: true,
      strategy: hostile,
      arrival: { isDeployed: 'yes', how: hostile },
      approval: { kind: 'known', reviewers: [hostile], waitMinutes: 1 },
      stable: { release: { version: hostile, sha: hostile } } as unknown as EnvironmentPlan['stable'],
    };
    const plain = renderMergePlan(whole([one], {
      base: hostile,
      sha: hostile,
      unread: hostile,
      runUrl: hostile,
      onlyIfChanged: [hostile],
      watch: { intervalMs: hostile, firesAfter: hostile } as unknown as MergePlan['watch'],
      differences: [{ environment: hostile, changes: [hostile] }],
    }));
    for (const mark of ['@', '<img', '](', '`', ' #1', '<!--', '| [', 'javascript:']) expect(plain).not.toContain(mark);
    expect(plain.match(/^#+ /gm)).toEqual(['## ', '### ', '### ', '### ', '### ']);
  });
});
