import { Duration, HealthCheck, NamedEnvironment, ReleaseIdentity, Strategy, Target, Trigger } from '../../../src';
import { Manifest } from '../../../src/contract/manifest';
import { configurationDifference } from '../../../src/runtime/pull-requests/configuration-difference';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

/** What `npx projen` writes. */
function manifest(production: Partial<NamedEnvironment> = {}, others: NamedEnvironment[] = [environment('staging')]): Manifest {
  const project = plainProject();
  deliver(project, { target: Target.tasks({ deploy: 'ship' }), environments: [...others, environment('production', { trigger: Trigger.after('staging'), ...production })] });
  return synthesize(project).manifest;
}

function check(options: { failureThreshold?: number; path?: string } = {}): Pick<NamedEnvironment, 'healthChecks'> {
  const { path = 'health', ...rest } = options;
  return { healthChecks: [HealthCheck.http(`https://production.example.com/${path}`, { name: 'web', release: ReleaseIdentity.json('version'), interval: Duration.seconds(2), timeout: Duration.seconds(2), ...rest })] };
}

const before = manifest(check());

it('the same manifest: nothing', () => expect(configurationDifference(before, manifest(check()))).toEqual([]));

it('a threshold, and what follows from it', () => {
  // 2 s until the next probe, 2 or 4 more, 2 s for the last one
  expect(configurationDifference(before, manifest(check({ failureThreshold: 5 })))).toEqual([
    { environment: 'production', changes: ['health check web: failureThreshold 3 -> 5', 'worst-case detection 8 s -> 12 s'] },
  ]);
});

it('a bake, a command, a variable, a secret', () => {
  const now = manifest({
    ...check(), strategy: Strategy.redeploy({ bake: Duration.minutes(90) }), variables: { LEVEL: 'debug' }, secrets: ['TOKEN'], afterPromote: 'restore',
  });
  const [{ changes }] = configurationDifference(before, now) as [{ readonly changes: string[] }];
  expect(changes).toContain('bake 15 s -> 1 h 30 min');
  expect(changes).toContain('variable.LEVEL none -> debug');
  expect(changes).toContain('secret: TOKEN added');
  expect(changes).toContainEqual(expect.stringMatching(/^afterPromote none -> .*restore$/));
  expect(changes).toContainEqual(expect.stringMatching(/^worst-case rollback \d+ min/));
  expect(configurationDifference(now, before)[0].changes).toContain('secret: TOKEN removed');
});

it('a check that comes, and one that goes', () => {
  const two = manifest({ healthChecks: [...check().healthChecks!, HealthCheck.tcp('production.example.com:443', { name: 'port' })] });
  expect(configurationDifference(before, two)[0].changes).toContain('health check port is added');
  expect(configurationDifference(two, before)[0].changes).toContain('health check port is removed');
});

it('a trigger, in the words of the plan', () => {
  const now = manifest({ ...check(), trigger: Trigger.tag('v*') });
  expect(configurationDifference(before, now)[0].changes).toContain('trigger after staging, in the same run -> a tag v*');
});

it('an environment that comes, and one that goes', () => {
  const three = manifest(check(), [environment('staging'), environment('qa', { trigger: Trigger.manual() })]);
  expect(configurationDifference(before, three)).toEqual([{ environment: 'qa', changes: ['this environment is new'] }]);
  expect(configurationDifference(three, before)).toEqual([{ environment: 'qa', changes: [expect.stringMatching(/^this environment is removed/)] }]);
});

it('another runtime', () => {
  const with_ = (runtime: Manifest['runtime']) => configurationDifference({ ...before, runtime }, before);
  expect(with_({ ...before.runtime, version: '0.0.1' })[0].changes).toEqual([`projen-delivery 0.0.1 -> ${before.runtime.version}: the jobs run another runtime`]);
  expect(with_({ ...before.runtime, sha256: 'other' })[0].changes).toEqual(['the jobs run another runtime of the same version']);
});

it.each(['schema', 'runtime', 'timeBudget', 'checks', 'alerts'])('a variable called %s is shown like any other one', (name) => {
  const [{ changes }] = configurationDifference(before, manifest({ ...check(), variables: { [name]: 'other' } })) as [{ readonly changes: string[] }];
  expect(changes).toEqual([`variable.${name} none -> other`]);
});

it('a second check of the same name, as only a manifest changed by hand has it, and another order', () => {
  const now = structuredClone(before) as unknown as { environments: { healthChecks: unknown[] }[] };
  const [strict] = now.environments[1]!.healthChecks as { failureThreshold: number }[];
  now.environments[1]!.healthChecks = [{ ...strict!, failureThreshold: 99 }, strict];
  const shown = (base: unknown, head: unknown) => configurationDifference(base, head as Manifest)[0]!.changes;
  expect(shown(before, now)).toEqual(expect.arrayContaining(['health check web: failureThreshold 3 -> 99', 'health check web (2) is added']));
  const two = manifest({ healthChecks: [...check().healthChecks!, HealthCheck.tcp('production.example.com:443', { name: 'port' })] });
  const turned = structuredClone(two) as unknown as { environments: { healthChecks: unknown[] }[] };
  turned.environments[1]!.healthChecks.reverse();
  expect(shown(two, turned)).toEqual(['health check: in another order']);
});

it.each([
  ['no manifest', undefined], ['no JSON object', []], ['no environments', { schema: 1 }], ['environments of another shape', { environments: [{ name: 'production', healthChecks: 7 }, null, 'x'] }],
])('a base with %s is compared as far as it can be', (_, base) => expect(configurationDifference(base, before).length).toBeGreaterThan(0));

it('every setting of a manifest that differs is shown: none is forgotten', () => {
  const paths: string[] = [];
  const walk = (value: unknown, path: string[]): void => {
    if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) walk(one, [...path, key]);
    else paths.push(path.join('\n'));
  };
  walk(before, []);
  // follow from others; projen's marker; the format
  const silent = paths.filter((path) => !/timeBudget|^schema$|^\/\//.test(path)).filter((path) => {
    const changed = structuredClone(before) as unknown as Record<string, unknown>;
    const keys = path.split('\n');
    const last = keys.pop()!;
    const at = keys.reduce<Record<string, unknown>>((value, key) => value[key] as Record<string, unknown>, changed);
    at[last] = typeof at[last] === 'number' ? at[last] + 1 : `${String(at[last])}x`;
    // the times only follow
    return configurationDifference(changed, before).flatMap(({ changes }) => changes).every((change) => change.startsWith('worst-case'));
  });
  expect(silent).toEqual([]);
});
