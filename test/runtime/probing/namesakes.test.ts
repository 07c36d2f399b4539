import { probeGroup } from '../../../src/runtime/probing/group';
import { namesakesOf, namesCommit } from '../../../src/runtime/probing/namesakes';
import { Observation } from '../../../src/runtime/probing/observation';
import { ProbeTools } from '../../../src/runtime/probing/probe';
import { imageOf, Release } from '../../../src/runtime/release';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const V1: Release = { version: 'v1', sha: A };
const MOVED: Release = { version: 'v1', sha: B };

test.each([
  ['the same commit', V1, []],
  ['another version', { version: 'v2', sha: B }, []],
  ['another commit', MOVED, [MOVED]],
  ['another spelling of the version', { version: 'shop@1', sha: B }, [{ version: 'shop@1', sha: B }]],
  ['a release of which only the name is known', { version: 'v1', sha: '' }, []],
])('%s', (_, other, expected) => {
  expect(namesakesOf(V1, [other, undefined, other])).toEqual(expected);
});

test('only a commit or the digest of an image names a commit', () => {
  const built = { ...V1, artifact: { digest: 'c'.repeat(64), image: 'ghcr.io/acme/shop' } };
  expect(['v1', ' 1 ', 'aaaaaaa', A, imageOf(built)!, B, 'aaaaaa'].map((said) => namesCommit(said, built))).toEqual([false, false, true, true, true, false, false]);
});

test.each(['allOf', 'anyOf'] as const)('%s: of members that say the version and the commit, the one with the commit is what the group saw', async (kind) => {
  const said = ['v1', 'aaaaaaa', 'v1'];
  const checks = said.map((name) => ({ name })) as never;
  const probe = async ({ name }: { readonly name: string }): Promise<Observation> => ({ startedAt: 0, endedAt: 0, outcome: 'healthy', saw: name, release: name });
  const tools = { probe } as unknown as ProbeTools;
  const seen = await probeGroup({ kind, checks } as never, { release: V1, env: {} }, new AbortController().signal, tools);
  expect(seen.release).toBe('aaaaaaa');
});
