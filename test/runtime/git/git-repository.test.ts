/** Files on their way into a repository, with real git. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitOpsRepository } from '../../../src/engines/git-ops/runtime/git-ops-repository';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { temporaryFolder } from '../../test-project';

/** As git names a blob with these bytes. */
const idOf = (text: string) => createHash('sha1').update(`blob ${Buffer.byteLength(text)}\0${text}`).digest('hex');

it.each<[string, string]>([
  ['converts line ends', '[core]\n  autocrlf = input\n'],
  ['has attributes for all files', '[core]\n  attributesFile = ~/attributes\n'],
])('are stored byte for byte, although a person\'s git %s', async (_, configuration) => {
  const [home, site] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(home, '.gitconfig'), configuration);
  writeFileSync(join(home, 'attributes'), '* text eol=crlf\n');
  const texts = { 'windows.txt': 'one\r\ntwo\r\n', 'unix.txt': 'one\ntwo\n' };
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(site, path), text);
  const stored = await GitOpsRepository.using({
    serverUrl: 'https://git.invalid',
    repository: 'acme/deployments',
    branch: 'main',
    path: 'apps/shop',
    token: 'a-token',
    secret: 'DEPLOYMENTS_TOKEN',
    clock: SYSTEM_CLOCK,
    env: { PATH: process.env.PATH, HOME: home },
    patienceMs: 120_000,
  }, (repository) => repository.store(site, Object.keys(texts)));
  expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, idOf(text)])));
});
