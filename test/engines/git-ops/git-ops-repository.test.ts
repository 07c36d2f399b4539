/** Which other deliveries of the repository have a folder that overlaps ours, with real git. */
import { MARKER } from '../../../src/engines/git-ops/runtime/git-ops-record';
import { GitOpsRepository } from '../../../src/engines/git-ops/runtime/git-ops-repository';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';
import { temporaryFolder } from '../../test-project';

let server: GitServer;
beforeEach(async () => {
  server = await GitServer.start(() => 'write', 'acme/deployments');
});
afterEach(() => server.stop());

it.each<[string, string, readonly string[]]>([
  ['above', 'apps', ['apps']],
  ['below', 'apps/shop-2/web', ['apps/shop-2/web']],
  ['whose name is the beginning of ours', 'apps/shop', []],
  ['whose name begins as ours', 'apps/shop-20', []],
])('a folder %s', async (_, other, expected) => {
  server.addFiles('main', { [`${other}/${MARKER}`]: '{"owner":"other"}', [`apps/shop-2/${MARKER}`]: '{"owner":"shop"}' });
  const found = await GitOpsRepository.using({
    serverUrl: server.url,
    repository: 'acme/deployments',
    branch: 'main',
    path: 'apps/shop-2',
    token: 'a-token',
    secret: 'DEPLOYMENTS_TOKEN',
    clock: SYSTEM_CLOCK,
    env: { PATH: process.env.PATH, HOME: temporaryFolder() },
    patienceMs: 120_000,
  }, async (repository) => repository.otherFolders((await repository.head())!));
  expect(found).toEqual(expected);
});
