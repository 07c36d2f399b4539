/** A server that takes the connection and says nothing: git, and the process that speaks HTTP for it, end. */
import { GitRemote } from '../../../../../src/runtime/ci/github/branch/git-remote';
import { SYSTEM_CLOCK } from '../../../../../src/runtime/clock';
import { GitServer } from '../../../../../tools/github-api-stand-in/git-server';

test('a push without a response fails after its time limit', async () => {
  const server = await GitServer.start(() => 'write');
  server.faults.push({ before: () => new Promise(() => undefined) });
  // git starts, and asks the server, within this time, on a busy machine, too
  const options = { serverUrl: server.url, repository: 'acme/shop', branch: 'status', token: 'ghs_secret', env: { PATH: process.env.PATH }, clock: SYSTEM_CLOCK, patienceMs: 20_000 };
  const pushed = GitRemote.using(options, async (remote) => remote.push(await remote.commit('a commit', { 'a.txt': 'a' }), undefined));
  await expect(pushed).rejects.toThrow('The branch status could not be written: timed out: no response within 20 s');
  expect(server.pushes).toBe(1);
  await server.stop();
});

test('where there is no git, that is said', async () => {
  const options = { serverUrl: 'http://127.0.0.1:1', repository: 'acme/shop', branch: 'status', token: 'ghs_secret', env: { PATH: '/nowhere' }, clock: SYSTEM_CLOCK };
  await expect(GitRemote.using(options, async (remote) => remote.fetchBranch())).rejects.toThrow('git could not be started (ENOENT). Install it on the machines that runsOn names');
});
