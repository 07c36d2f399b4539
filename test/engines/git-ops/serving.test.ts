import { ControllerState } from '../../../src/engines/git-ops/runtime/controller-state';
import { Serving } from '../../../src/engines/git-ops/runtime/serving';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';

const [OLD, OURS] = ['a'.repeat(40), 'b'.repeat(40)];

/** Waits for a commit while the cluster serves another one with the same folder, or the commit itself. Returns how often a sync was requested. */
async function requestsAt(revision: string, isRestore: boolean): Promise<number> {
  const context = { clock: SYSTEM_CLOCK, log: { line: () => undefined }, interrupted: new AbortController().signal };
  const state: ControllerState = { is: 'served', revision, live: revision, why: '', objects: [] };
  const cluster = { state: () => Promise.resolve(state), requestSync: jest.fn(() => Promise.resolve()) };
  const request = { release: { version: 'v1', sha: OLD }, giveUpAt: SYSTEM_CLOCK.now() + 60_000, isRestore };
  await new Serving(context as never, 'Flux', request as never).wait(cluster as never, OURS, () => Promise.resolve(true));
  return cluster.requestSync.mock.calls.length;
}

it.each([
  ['a rollback requests a sync where Stable is served at an older commit: the controller may have read the bad one already', OLD, true, 1],
  ['a rollback requests none where its own commit is served', OURS, true, 0],
  ['a deployment requests none where the release is served', OLD, false, 0],
])('%s', async (_, revision, isRestore, requests) => {
  expect(await requestsAt(revision, isRestore)).toBe(requests);
});
