/** What rollbacks need of the image and the files that were built, where a release is both. */
import { DriverManifest, EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { restoresFiles, restoresImage, restoringNeedsFiles, restoringNeedsImage } from '../../../src/runtime/deployment/restore-needs';
import { Release } from '../../../src/runtime/release';

const DIGEST = 'a'.repeat(64);
const BOTH: Release = { version: 'v1', sha: 'b'.repeat(40), artifact: { digest: DIGEST }, image: { digest: DIGEST, image: 'ghcr.io/acme/shop' } };

interface Case {
  readonly driver?: Partial<DriverManifest>;
  readonly rollback?: 'driver' | 'bash';
  readonly release?: Release;
}

function needs({ driver, rollback, release = BOTH }: Case): { readonly files: boolean; readonly image: boolean; readonly byHand: readonly string[] } {
  const target = { driver, deploy: { kind: 'bash', line: 'true' }, ...(rollback && { rollback: { kind: rollback } }) };
  const environment = { name: 'production', strategy: { kind: 'redeploy' }, target } as unknown as EnvironmentManifest;
  const manifest = { artifact: { paths: ['dist'] }, image: { repository: 'ghcr.io/acme/shop' } } as unknown as Manifest;
  const stable = { recordId: '1', since: '2026-01-01T00:00:00Z', release };
  return {
    files: restoresFiles({ environment, manifest }, stable, undefined),
    image: restoresImage({ environment, manifest }, stable, undefined),
    byHand: [...(restoringNeedsFiles({ environment }) ? ['files'] : []), ...(restoringNeedsImage({ environment }) ? ['image'] : [])],
  };
}

it.each<[string, Case, ReturnType<typeof needs>]>([
  ['a target that deploys Stable again, for example a CDK app', { driver: { kind: 'awsCdk' } }, { files: true, image: true, byHand: ['files', 'image'] }],
  ['a rollback command, which pulls it', { rollback: 'bash' }, { files: false, image: true, byHand: ['files', 'image'] }],
  ['a service of ECS', { driver: { kind: 'ecs' }, rollback: 'driver' }, { files: false, image: true, byHand: ['files', 'image'] }],
  ['a static site, which goes back to a prefix', { driver: { kind: 'staticSite' }, rollback: 'driver' }, { files: false, image: false, byHand: ['files'] }],
  ['a site of GitHub Pages, which goes back to a commit', { driver: { kind: 'githubPages' }, rollback: 'driver' }, { files: false, image: false, byHand: ['files'] }],
  ['a folder that a controller follows, which goes back to what the history has', { driver: { kind: 'gitOps' }, rollback: 'driver' }, { files: false, image: true, byHand: ['image'] }],
  ['a package, whose tag goes back', { driver: { kind: 'npm' }, rollback: 'driver' }, { files: false, image: false, byHand: ['files'] }],
  ['a function with a zip file, whose alias goes back', { driver: { kind: 'lambda', code: 'a.zip' }, rollback: 'driver' }, { files: false, image: false, byHand: ['files'] }],
  ['hosts, which keep their releases', { driver: { kind: 'servers' }, rollback: 'driver' }, { files: false, image: false, byHand: [] }],
  ['slots of hosts, too', { driver: { kind: 'serverSlots' }, rollback: 'driver' }, { files: false, image: false, byHand: [] }],
  ['containers of hosts, which wait for it', { driver: { kind: 'serverContainers' }, rollback: 'driver' }, { files: false, image: false, byHand: [] }],
  ['slots of Kubernetes, whose shared objects are in the manifests', { driver: { kind: 'kubernetesSlots' }, rollback: 'driver' }, { files: true, image: true, byHand: ['files', 'image'] }],
  ['a Rollout of Kubernetes, too', { driver: { kind: 'kubernetes' }, rollback: 'driver' }, { files: true, image: true, byHand: ['files', 'image'] }],
  ['a function that runs it', { driver: { kind: 'lambda' }, rollback: 'driver' }, { files: false, image: true, byHand: ['files', 'image'] }],
  ['a release that the engine has and no delivery built', { driver: { kind: 'ecs' }, rollback: 'driver', release: { version: 'v0', sha: 'c'.repeat(40), engineId: '7' } },
    { files: false, image: false, byHand: ['files', 'image'] }],
  // the driver names each of its releases
  ['a release that the engine names, too', { driver: { kind: 'awsCdk' }, release: { ...BOTH, engineId: '7' } }, { files: true, image: true, byHand: ['files', 'image'] }],
])('%s', (_, given, wanted) => {
  expect(needs(given)).toEqual(wanted);
});
