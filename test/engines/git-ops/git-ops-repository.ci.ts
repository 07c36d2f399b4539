/** The repository of Target.gitOps with git's own server: what people configure, what is in the way of the folder, and what the history says. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, recordOf, wantedOf } from '../../../src/engines/git-ops/runtime/git-ops-record';
import { GitOpsRepository, GitOpsRepositoryOptions, sourceOf } from '../../../src/engines/git-ops/runtime/git-ops-repository';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';

jest.setTimeout(300_000);

const PATH = 'apps/shop';
let server: GitServer;
let home: string;
let options: GitOpsRepositoryOptions;

beforeEach(async () => {
  server = await GitServer.start(() => 'write', 'acme/deployments');
  server.addFiles('main', { 'README.md': 'deployments' });
  home = mkdtempSync(join(tmpdir(), 'delivery-home-'));
  options = {
    serverUrl: server.url,
    repository: 'acme/deployments',
    branch: 'main',
    path: PATH,
    token: 'a-token',
    secret: 'DEPLOYMENTS_TOKEN',
    clock: SYSTEM_CLOCK,
    env: { PATH: process.env.PATH, HOME: home },
    patienceMs: 120_000,
  };
});

afterEach(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Commits a folder with one file, and with the file that names a release. */
async function commit(version: string, text: string, message?: string): Promise<string> {
  return GitOpsRepository.using(options, async (repository) => {
    const head = (await repository.head())!;
    await repository.checkWrite(head);
    const files = new Map([['shop.yaml', await repository.storeText(text)]]);
    const record = recordOf({ version, sha: version.repeat(40) }, await repository.tree(files), '1'.repeat(64));
    const made = await repository.commitAfter(head, await repository.folderWith(record.files, { owner: 'shop', release: record }), message ?? messageOf(PATH, record, false));
    expect(await repository.push(head, made)).toBe(true);
    return made;
  });
}

it('does not depend on what a person configures, nor on a server that pushes several references at once', async () => {
  writeFileSync(join(home, '.gitconfig'), '[safe]\n  bareRepository = explicit\n[push]\n  gpgSign = true\n[core]\n  askPass = false\n'
    + `[url "ssh://git@127.0.0.1:1/"]\n  insteadOf = ${server.url}/\n  pushInsteadOf = ${server.url}/\n`);
  execFileSync('git', ['config', 'receive.advertiseAtomic', 'false'], { cwd: server.folder });
  expect(await commit('1', 'a')).toBe(server.head('main'));
});

it('replaces no link above its folder', async () => {
  server.setTree('main', [`120000 blob ${server.store('elsewhere')}\tapps`]);
  await expect(commit('1', 'a')).rejects.toThrow('apps is a file, a link or a submodule in the branch main, and no folder. Remove it, or choose another path');
});

it('finds a release behind a later commit that names it and holds another one', async () => {
  const first = await commit('1', 'a');
  const squash = await commit('2', 'b', server.messageOf('main'));
  const wanted = wantedOf({ version: '1', sha: '1'.repeat(40) })!;
  const found = await GitOpsRepository.find(options, wanted);
  expect(found).toEqual([squash, first]);
  const folder = await GitOpsRepository.using(options, (repository) => sourceOf(repository, found, wanted));
  expect(folder?.marker?.release?.version).toBe('1');
});
