/** A push whose response is lost: the branch says what became of it. */
import { GitRemote } from '../../../../../src/runtime/ci/github/branch/git-remote';
import { SYSTEM_CLOCK } from '../../../../../src/runtime/clock';
import { GitServer } from '../../../../../tools/github-api-stand-in/git-server';

let server: GitServer;
beforeEach(async () => {
  server = await GitServer.start(() => 'write');
});
afterEach(() => server.stop());

/** Pushes a first commit; returns whether it is what the branch has. */
function pushed(): Promise<boolean> {
  const options = { serverUrl: server.url, repository: 'acme/shop', branch: 'status', token: 'ghs_secret', env: { PATH: process.env.PATH }, clock: SYSTEM_CLOCK };
  return GitRemote.using(options, async (remote) => remote.push(await remote.commit('a commit', { 'a.txt': 'a' }), undefined));
}

it('is done if the server took it', async () => {
  server.faults.push({ isResponseLost: true });
  expect(await pushed()).toBe(true);
  expect(server.filesOf('status')).toEqual({ 'a.txt': 'a' });
});

it('is a conflict if another commit came first', async () => {
  server.faults.push({ before: () => server.addFiles('status', { 'b.txt': 'b' }) });
  expect(await pushed()).toBe(false);
  expect(server.filesOf('status')).toEqual({ 'b.txt': 'b' });
});
