import { Manifest, TriggerManifest } from '../../../src/contract/manifest';
import { journeyTo } from '../../../tools/rehearsal/journey';
import { RehearsalError } from '../../../tools/rehearsal/scenario';

const BRANCH: TriggerManifest = { kind: 'branch', branch: 'main' };

test('a branch is pushed', () => {
  expect(to('staging', { staging: BRANCH })).toEqual(['staging refs/heads/main']);
});

test('an environment after another one is reached by the same push', () => {
  expect(to('production', { staging: BRANCH, production: { kind: 'after', environment: 'staging' } })).toEqual(['staging refs/heads/main']);
});

test('a tag that requires an environment follows its push', () => {
  expect(to('production', { staging: BRANCH, production: { kind: 'tag', pattern: 'v*', requires: 'staging' } })).toEqual([
    'staging refs/heads/main', 'production refs/tags/v1.0.7',
  ]);
});

test.each([['release/*', 'release/1.0.7'], ['v*.*', 'v1.0.7.0']])('a tag that fits %s: %s', (pattern, tag) => {
  expect(to('production', { production: { kind: 'tag', pattern } })).toEqual([`production refs/tags/${tag}`]);
});

test.each<TriggerManifest>([{ kind: 'tag', pattern: 'v[0-9]*' }, { kind: 'tag', pattern: 'v*', except: 'v1.*' }])('where no tag is found, the pattern is named: %j', (production) => {
  expect(() => to('production', { production })).toThrow(RehearsalError);
});

test.each<[TriggerManifest, string]>([[{ kind: 'manual' }, 'by hand'], [{ kind: 'release' }, 'release workflow']])('what no push deploys is rejected: %j', (trigger, reason) => {
  expect(() => to('production', { production: trigger })).toThrow(reason);
});

test('an unknown environment is named with those that there are', () => {
  expect(() => to('prod', { staging: BRANCH })).toThrow('there is no environment "prod". There is: staging');
});

function to(environment: string, triggers: Readonly<Record<string, TriggerManifest>>): string[] {
  const environments = Object.entries(triggers).map(([name, trigger]) => ({ name, trigger }));
  return journeyTo({ environments } as unknown as Manifest, environment, 7).map((push) => `${push.environment} ${push.ref}`);
}
