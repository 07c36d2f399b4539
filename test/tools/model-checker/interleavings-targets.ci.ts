/** As interleavings.ci.ts, for what differs per kind of target: a pointer that is compared and moved, hosts one by one, an engine that goes on by itself. */
import { DecisionCode, loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { explore, sayCounterexample } from '../../../tools/model-checker/interleavings/explorer';
import { sayExploration, Tally } from '../../../tools/model-checker/interleavings/tally';
import { TargetFault, TargetKind } from '../../../tools/model-checker/interleavings/target-kinds';
import { AT_RANDOM, COMPLETE, TARGETS } from '../../../tools/model-checker/interleavings/target-scenarios';
import { wander } from '../../../tools/model-checker/interleavings/wander';
import { IN_PLACE } from '../../../tools/model-checker/strategies';
import { Mutation } from '../../mutated-runtime';

/** What is cut short is said. */
const MAX_STATES = Number(process.env.TARGET_STATES ?? 4_000);
const WALKS = Number(process.env.TARGET_WALKS ?? 100);
const SEED = Number(process.env.SEED ?? 20261129);
const tally = new Tally();
let code: DecisionCode;
beforeAll(async () => {
  code = await loadDecisionCode();
});
afterAll(() => tally.print());

const [redeploy] = IN_PLACE;

describe.each(Object.entries(TARGETS))('whatever order the steps are in, the rules hold: %s', (_, scenarios) => {
  const isAtRandom = (name: string) => (AT_RANDOM as readonly string[]).includes(name);

  it.each(Object.entries(scenarios).filter(([name]) => isAtRandom(name)))('%s, at random', async (_name, make) => {
    const walked = await wander(code, make(redeploy!), { seed: SEED, walks: WALKS });
    tally.addWalks(walked);
    expect(walked.violations.map(sayCounterexample)).toEqual([]);
  });

  it.each(Object.entries(scenarios).filter(([name]) => !isAtRandom(name)))('%s', async (name, make) => {
    const isToTheEnd = (COMPLETE as readonly string[]).includes(name);
    const exploration = await explore(code, make(redeploy!), isToTheEnd ? {} : { maxStates: MAX_STATES });
    tally.add(exploration);
    expect(exploration.violations.map(sayCounterexample)).toEqual([]);
    if (isToTheEnd) expect(exploration.isComplete).toBe(true);
  });
});

interface Planted {
  readonly name: string;
  readonly kind: TargetKind;
  readonly scenario: 'lost' | 'lostBad';
  /** Of the abstract target. */
  readonly fault?: TargetFault;
  /** Of the runtime. */
  readonly mutation?: Omit<Mutation, 'name'>;
  readonly seenBy: readonly string[];
}

const PLANTED: readonly Planted[] = [
  { name: 'a rollback moves no pointer that is right already', kind: 'pointer', scenario: 'lost', fault: 'noFence', seenBy: ['onceBack', 'end', 'named'] },
  { name: 'a host that has the release counts for all', kind: 'hosts', scenario: 'lostBad', fault: 'firstHost', seenBy: ['end'] },
  {
    name: 'a rollback restores nothing if users see Stable',
    kind: 'engine',
    scenario: 'lost',
    mutation: {
      file: 'deployment/phases/rolling-back.ts',
      find: 'const restored = await failing(() => restore(deployment, stable));',
      replace: `const before = await watch(deployment, { release: stable.release, replaced: { releases: [] }, ready: false });
    if (before.event === 'healthy') return before;
    const restored = await failing(() => restore(deployment, stable));`,
    },
    seenBy: ['onceBack', 'end', 'named'],
  },
];

it.each(PLANTED)('a rule detects it: $name', async ({ fault, kind, mutation, name, scenario: at, seenBy }) => {
  const broken = mutation ? await loadDecisionCode([{ name, ...mutation }]) : code;
  const scenario = { ...TARGETS[kind][at](redeploy!), fault };
  const exploration = await explore(broken, scenario, { untilViolation: true, maxStates: 30_000 });
  process.stdout.write(`  ${name}: ${exploration.violations.map(({ rule }) => rule).join()} (${sayExploration(exploration)})\n`);
  expect(exploration.violations).not.toEqual([]);
  expect(seenBy).toEqual(expect.arrayContaining(exploration.violations.map(({ rule }) => rule)));
});

it('without the kind, that fault of the runtime is not seen: the command is one step', async () => {
  const { mutation, name } = PLANTED.find(({ kind }) => kind === 'engine')!;
  const scenario = { ...TARGETS.engine.lost(redeploy!), target: undefined };
  const { violations } = await explore(await loadDecisionCode([{ name, ...mutation! }]), scenario, { maxStates: MAX_STATES });
  expect(violations).toEqual([]);
});
