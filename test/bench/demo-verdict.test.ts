import { accountOf, claims, doubt, Ending, withResponses } from '../../bench/demo-verdict';
import { UserResponse } from '../../bench/load-client';
import { RolloutStory } from '../../bench/rollout-story';
import { EnvironmentManifest } from '../../src/contract/manifest';

const ENVIRONMENT = { healthChecks: [{ failureThreshold: 2, intervalMs: 1000, timeoutMs: 1000 }] } as unknown as EnvironmentManifest;

const response = (at: number, version?: string, status = 200): UserResponse => ({ startedAt: at, endedAt: at + 5, status, version });

/** Given up after 5 s, in which the client itself was late for so long. */
function givenUp(startedAt: number, lateMs: number): UserResponse {
  return { startedAt, endedAt: startedAt + 5000, error: 'no response within 5 s', givenUp: { lateMs } };
}

const ROLLED_BACK = [
  '##[group]Bake: probe what users see for 2 s',
  '  shop/health: 500 in 3 ms · unhealthy 1 of 2 in a row · 2 s left',
  '  shop/health: 500 in 5 ms · unhealthy 2 in a row · 1 s left',
  'shop/health: 500 in 5 ms (2 in a row)',
  '##[endgroup]',
  '##[group]Roll back to v2',
];

function storyOf(lines: string[], begin: number): RolloutStory {
  const story = new RolloutStory();
  lines.forEach((line, index) => story.read(line, begin + index * 100));
  return story;
}

/** As the demo is meant to go: v3 fails from 3000 on, the decision falls at 3400, users are back at 3500. */
function endings(): Ending[] {
  const { decision } = storyOf(ROLLED_BACK, 3000);
  return [
    { version: 'v1', state: 'stable', beganAt: 1000, responses: [response(1000, 'v1')] },
    { version: 'v2', state: 'stable', beganAt: 2000, responses: [response(2000, 'v2')] },
    { version: 'v3', state: 'rolledBack', beganAt: 2900, responses: [response(3000, 'v3', 500), response(3450, 'v3', 500), response(3510, 'v2')], decision, restored: { at: 3500, slot: 'green' } },
    { version: 'v4', state: 'rolledBack', beganAt: 4000, responses: [response(4000, 'v2')], decision: storyOf(ROLLED_BACK, 4000).decision, restored: { at: 4500, slot: 'green' } },
  ];
}

const broken = (change: (all: Ending[]) => Ending[], live = 'v2') =>
  claims(change(endings()), live, ENVIRONMENT).filter(({ isKept }) => !isKept).map(({ sentence }) => sentence);

describe('the demo\'s verdict', () => {
  it('has nothing against two good releases and two that are rolled back', () => {
    expect(broken((all) => all)).toEqual([]);
  });

  it.each<[string, string, (all: Ending[]) => Ending[], string?]>([
    ['another release is live at the end', 'v2 is live at the end', (all) => all, 'v4'],
    ['the second release was not verified', 'v2 is live at the end', ([one, two, ...rest]) => [one, { ...two, state: 'halted' }, ...rest]],
    ['the third release was kept', 'v3 was detected', ([one, two, three, four]) => [one, two, { ...three, state: 'stable' }, four]],
    ['the fourth release was never left', 'v4 was detected', ([one, two, three, four]) => [one, two, three, { ...four, restored: undefined }]],
    ['a switch lost a request', 'but 1 did: status 502', ([one, two, ...rest]) => [one, { ...two, responses: [...two.responses, response(2100, undefined, 502)] }, ...rest]],
    ['a connection was reset', 'but 1 did: reset', ([one, ...rest]) => [{ ...one, responses: [{ startedAt: 1, endedAt: 2, error: 'reset' }] }, ...rest]],
    ['a service hung on a quiet machine', 'but 1 did: no response within 5 s', ([one, ...rest]) => [
      { ...one, responses: [...one.responses, givenUp(1000, 300)] }, ...rest,
    ]],
    ['a connection was reset on a slow machine', 'no request of 7 failed because of a switch, but 1 did: reset', ([one, ...rest]) => [
      { ...one, responses: [...one.responses, givenUp(1000, 4000), { startedAt: 1, endedAt: 2, error: 'reset' }] }, ...rest,
    ]],
    ['the machine was too slow for every request', 'no request of 0', (all) => (
      all.map((ending) => ({ ...ending, responses: [givenUp(ending.beganAt, 4000)] }))
    )],
    ['no request', 'no request of 0', (all) => all.map((ending) => ({ ...ending, responses: [] }))],
    ['users saw the third release\'s fault for too long', 'within 5.0 s', ([one, two, three, four]) => [
      one, two, { ...three, responses: [...three.responses, response(8000, 'v3', 500)] }, four,
    ]],
    ['the third release did no harm, so nothing was shown', 'v3 itself failed 0 requests', ([one, two, three, four]) => [one, two, { ...three, responses: [] }, four]],
  ])('fails when %s', (...[, sentence, change, live]) => {
    expect(broken(change, live)).toContainEqual(expect.stringContaining(sentence));
  });

  it('counts what a release itself failed apart, and times the detection and the rollback', () => {
    expect(accountOf(endings()[2])).toMatchObject({ detectedMs: 395, backMs: 115, served: 1, otherFailures: [] });
    expect(accountOf(endings()[2]).ownFailures).toHaveLength(2);
  });

  it('holds nothing against a switch that a slow machine may have done, and says so', () => {
    const [one, ...rest] = endings();
    const slow = [{ ...one, responses: [...one.responses, givenUp(1000, 1250), givenUp(1100, 4990)] }, ...rest];
    expect(claims(slow, 'v2', ENVIRONMENT).filter(({ isKept }) => !isKept)).toEqual([]);
    expect(accountOf(slow[0])).toMatchObject({ served: 1, ownFailures: [], otherFailures: [], unknown: slow[0].responses.slice(1) });
    expect(doubt(slow)).toBe('the machine was too slow to tell whether a switch failed requests: 2 of 8 requests got no response within 5 s');
  });

  it('has no doubt where the client had the machine\'s time, whatever it met', () => {
    expect(doubt(endings())).toBeUndefined();
    const [one, ...rest] = endings();
    expect(doubt([{ ...one, responses: [givenUp(1000, 1249), { startedAt: 1, endedAt: 2, error: 'reset' }] }, ...rest])).toBeUndefined();
  });

  it('takes no failure of a release for its own that a slow machine may have done', () => {
    const third = endings()[2];
    expect(accountOf({ ...third, responses: [...third.responses, { ...givenUp(3000, 4000), version: 'v3' }] }).ownFailures).toHaveLength(2);
  });

  it('assigns every response to one release, and leaves out those before the first release', () => {
    const all = [500, 1000, 1999, 2000, 9000].map((at) => response(at));
    const begun = [{ version: 'v1', state: 'stable', beganAt: 100 }, { version: 'v2', state: 'stable', beganAt: 2000 }];
    const times = withResponses(begun, all, { at: 900, slot: 'blue' }).map(({ responses }) => responses.map(({ startedAt }) => startedAt));
    expect(times).toEqual([[1000, 1999], [2000, 9000]]);
  });
});
