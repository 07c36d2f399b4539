/** What an alert of the watch says people can do. */
import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { nextStep } from '../../../src/runtime/monitoring/alert-notification';

const REMEDY = 'Yank the version, and release a higher one';
const before = { version: 'v1', sha: 'a'.repeat(40) };
const stable = { recordId: '2', since: '2026-01-01T00:00:00Z', release: { version: 'v2', sha: 'b'.repeat(40) } };

function said(noRollback?: string): string {
  const environment = { name: 'pypi', url: 'https://pypi.org/pypi/shop/json', target: { noRollback } } as unknown as EnvironmentManifest;
  return nextStep({ before, environment, manifest: { environments: [environment] } as unknown as Manifest, stable });
}

test('names the release to roll back to', () => {
  expect(said()).toContain('v2 is live, Stable since 2026-01-01T00:00:00Z; to roll back to v1: ');
});

test('says what a person does where the target cannot take a release back, and names no rollback, which would be refused', () => {
  expect(said(REMEDY)).toBe(`Look at https://pypi.org/pypi/shop/json. v2 is live, Stable since 2026-01-01T00:00:00Z. The target cannot take a release back. ${REMEDY}.`);
});
