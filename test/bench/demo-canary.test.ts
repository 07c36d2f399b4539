import { canaryClaims, CanaryEnding } from '../../bench/demo-canary';
import { UserResponse } from '../../bench/load-client';
import { RolloutStory } from '../../bench/rollout-story';

const response = (at: number, version: string, status = 200): UserResponse => ({ startedAt: at, endedAt: at + 5, status, version });

const TAKEN_BACK = [
  '##[group]Promote v5: 20 % of the traffic to the blue slot',
  '20 % of the traffic · Canary: 40 requests, 2 errors (5 %) · Stable: 160 requests, 0 errors (0 %) · errors: 80 % of what a rollback needs, 0 % of what a promotion needs',
  'with 20 % of the traffic for at least 5 s: errors: Canary is worse than Stable. As good a release shows this in at most 0.1 % of all canaries',
  '##[endgroup]',
  '##[group]Roll back to v2',
];

function decisionOf(lines: string[], at: number) {
  const story = new RolloutStory();
  lines.forEach((line) => story.read(line, at));
  return story.decision;
}

/** As the demo is meant to go: the first request reaches v5 at 3000, the decision falls at 9000, and Stable has all traffic at 9100. */
const ending = (): CanaryEnding => ({
  version: 'v5',
  state: 'rolledBack',
  beganAt: 1000,
  responses: [response(2000, 'v2'), response(3000, 'v5'), response(3500, 'v5', 500), response(9050, 'v5'), response(9200, 'v2')],
  decision: decisionOf(TAKEN_BACK, 9000),
  restored: { at: 9100, slot: 'green' },
  stable: 'v2',
  last: { at: 9100, slot: 'green' },
});

const broken = (change: Partial<CanaryEnding>) => (
  canaryClaims({ ...ending(), ...change }).filter(({ isKept }) => !isKept).map(({ sentence }) => sentence)
);

test('a canary that is taken back in time keeps every claim, and the time begins with its first request', () => {
  expect(broken({})).toEqual([]);
  expect(canaryClaims(ending())[1]!.sentence).toContain('that took 6.0 s');
});

test('what a slow machine gave up is neither a failure of the canary nor of Stable', () => {
  const slow = (startedAt: number, version?: string): UserResponse => ({ startedAt, endedAt: startedAt + 5000, version, givenUp: { lateMs: 4000 } });
  expect(broken({ responses: [...ending().responses, slow(9300), slow(4000, 'v5')] })).toEqual([]);
  const harmless = [response(3000, 'v5'), slow(4000, 'v5'), response(9200, 'v2')];
  expect(broken({ responses: harmless })).toContainEqual(expect.stringContaining('failed 0 of them'));
});

test.each<[string, string, Partial<CanaryEnding>]>([
  ['it was promoted', 'v5 was compared with Stable', { state: 'stable', decision: undefined }],
  ['a health check took it back, and not the comparison', 'v5 was compared with Stable', {
    decision: decisionOf(TAKEN_BACK.map((line) => line.replace('Canary is worse', '500 in 3 ms')), 9000),
  }],
  ['the decision took too long', 'that took 20.0 s', { decision: decisionOf(TAKEN_BACK, 23_000) }],
  ['no user reached it', 'for ever', { responses: [response(2000, 'v2'), response(9200, 'v2')] }],
  ['no request failed, so nothing was shown', 'failed 0 of them', { responses: [response(3000, 'v5'), response(9200, 'v2')] }],
  ['it kept a share of the traffic', 'Stable has 100 %', { last: { at: 9100, slot: 'green', split: { slot: 'blue', weight: 20 } } }],
  ['a user reached it afterwards', 'Stable has 100 %', { responses: [...ending().responses, response(9300, 'v5')] }],
  ['Stable hung afterwards', 'Stable has 100 %', {
    responses: [...ending().responses, { startedAt: 9300, endedAt: 14_300, error: 'no response within 5 s', givenUp: { lateMs: 300 } }],
  }],
  ['no request came afterwards', 'responded to all 0', { responses: ending().responses.slice(0, -1) }],
  ['Stable never got its traffic back', 'responded to all 0', { restored: undefined }],
])('fails when %s', (_, sentence, change) => {
  expect(broken(change)).toContainEqual(expect.stringContaining(sentence));
});
