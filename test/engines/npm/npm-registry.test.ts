/** How a package is published. */
import { NpmDriverManifest } from '../../../src/engines/npm/manifest';
import { NpmCli } from '../../../src/engines/npm/runtime/npm-cli';
import { NpmRegistry } from '../../../src/engines/npm/runtime/npm-registry';
import { InMemoryEnvironment, SECOND } from '../../runtime/deployment/in-memory-environment';

/** The arguments of npm. */
async function published(settings: Pick<NpmDriverManifest, 'access'>): Promise<readonly string[]> {
  const context = new InMemoryEnvironment().context({ id: 5 });
  const whole: NpmDriverManifest = {
    kind: 'npm',
    packageName: '@acme/shop',
    directory: 'dist',
    registry: 'https://registry.example.com/',
    distTag: 'latest',
    candidateTag: 'next',
    publishes: true,
    isTrustedPublisher: false,
    tokenVariable: 'NPM_TOKEN',
    ...settings,
  };
  let called: readonly string[] = [];
  const cli = new NpmCli({
    ...context,
    execute: async (command) => {
      called = command.kind === 'exec' ? command.argv : [];
      return { outcome: 'succeeded', durationMs: 0 };
    },
  }, whole);
  await new NpmRegistry(cli, whole, context.clock.now() + 60 * SECOND).publish({ file: 'shop.tgz' });
  return called.slice(1, called.findIndex((one) => one.startsWith('--registry=')));
}

it('under the tag of a candidate, with the access that a new scoped package needs', async () => {
  expect(await published({ access: 'public' })).toEqual(['publish', 'shop.tgz', '--tag', 'next', '--access', 'public']);
});

it('without an access of ours, with that of the package', async () => {
  expect(await published({})).toEqual(['publish', 'shop.tgz', '--tag', 'next']);
});
