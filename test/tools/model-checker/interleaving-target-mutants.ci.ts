/** The rules of interleavings-targets.ci.ts see faults of a kind of target, and of the runtime with such a target. */
import { DecisionCode, loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { explore } from '../../../tools/model-checker/interleavings/explorer';
import { sayExploration } from '../../../tools/model-checker/interleavings/tally';
import { TargetFault, TargetKind } from '../../../tools/model-checker/interleavings/target-kinds';
import { TARGETS } from '../../../tools/model-checker/interleavings/target-scenarios';
import { taken } from '../../../tools/model-checker/share';
import { IN_PLACE } from '../../../tools/model-checker/strategies';
import { Mutation } from '../../mutated-runtime';

/** What is cut short is said. */
const MAX_STATES = Number(process.env.TARGET_STATES ?? 4_000);
let code: DecisionCode;
beforeAll(async () => {
  code = await loadDecisionCode();
});

const [redeploy] = IN_PLACE;

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

it.each(taken(PLANTED))('a rule detects it: $name', async ({ fault, kind, mutation, name, scenario: at, seenBy }) => {
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
