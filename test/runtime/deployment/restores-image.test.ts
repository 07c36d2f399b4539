/** Which rollbacks need the image of Stable in the registry, where a release is an image and files. */
import { DriverManifest, EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { restoresFiles, restoresImage, restoringNeedsImage } from '../../../src/runtime/deployment/plan';
import { Release } from '../../../src/runtime/release';

const DIGEST = 'a'.repeat(64);
const BOTH: Release = { version: 'v1', sha: 'b'.repeat(40), artifact: { digest: DIGEST }, image: { digest: DIGEST, image: 'ghcr.io/acme/shop' } };

interface Case {
  readonly driver?: Partial<DriverManifest>;
  readonly rollback?: 'driver' | 'bash';
  readonly release?: Release;
}

function needs({ driver, rollback, release = BOTH }: Case): { readonly files: boolean; readonly image: boolean; readonly byHand: boolean } {
  const target = { driver, deploy: { kind: 'bash', line: 'true' }, ...(rollback && { rollback: { kind: rollback } }) };
  const environment = { name: 'production', strategy: { kind: 'redeploy' }, target } as unknown as EnvironmentManifest;
  const manifest = { artifact: { paths: ['dist'] }, image: { repository: 'ghcr.io/acme/shop' } } as unknown as Manifest;
  const stable = { recordId: '1', since: '2026-01-01T00:00:00Z', release };
  return {
    files: restoresFiles({ environment, manifest }, stable, undefined),
    image: restoresImage({ environment, manifest }, stable, undefined),
    byHand: restoringNeedsImage({ environment }),
  };
}

it.each<[string, Case, ReturnType<typeof needs>]>([
  ['a target that deploys Stable again, for example a CDK app', { driver: { kind: 'awsCdk' } }, { files: true, image: true, byHand: true }],
  ['a rollback command, which pulls it', { rollback: 'bash' }, { files: false, image: true, byHand: true }],
  ['a service of ECS', { driver: { kind: 'ecs' }, rollback: 'driver' }, { files: false, image: true, byHand: true }],
  ['a static site, which goes back to a prefix', { driver: { kind: 'staticSite' }, rollback: 'driver' }, { files: false, image: false, byHand: false }],
  ['a package, whose tag goes back', { driver: { kind: 'npm' }, rollback: 'driver' }, { files: false, image: false, byHand: false }],
  ['a function with a zip file, whose alias goes back', { driver: { kind: 'lambda', code: 'a.zip' }, rollback: 'driver' }, { files: false, image: false, byHand: false }],
  ['a function that runs it', { driver: { kind: 'lambda' }, rollback: 'driver' }, { files: false, image: true, byHand: true }],
  ['a release that the engine has and no delivery built', { driver: { kind: 'ecs' }, rollback: 'driver', release: { version: 'v0', sha: 'c'.repeat(40), engineId: '7' } },
    { files: false, image: false, byHand: true }],
  // the driver names each of its releases
  ['a release that the engine names, too', { driver: { kind: 'awsCdk' }, release: { ...BOTH, engineId: '7' } }, { files: true, image: true, byHand: true }],
])('%s', (_, given, wanted) => {
  expect(needs(given)).toEqual(wanted);
});
