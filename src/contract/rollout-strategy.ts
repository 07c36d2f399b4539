import { SLOTS } from './workflows';

/** A state between a deployment's record and its confirmation, the migration aside. */
export type RolloutStep = 'deploying' | 'verifying' | 'promoting' | 'baking';

/** Which release the health checks probe: the candidate beside the one that users see, what users see, or both while they share the traffic. */
export type Verified = 'candidate' | 'users' | 'both';

/** A command or a verdict that helps to restore Stable. */
export type RestoreAction = 'deploy' | 'verify' | 'promote';

/**
 * What one strategy differs in, as data: synthesis names it in the manifest, a record of the ledger names it, and the state machine and
 * the phases interpret it. How long it may take is in the manifest (`timeBudget`), because that depends on the options.
 */
export interface RolloutStrategy {
  /** Its name in the manifest and in the ledger, and of its factory: `Strategy.<kind>()`. */
  readonly kind: string;
  /** Its name in summaries. */
  readonly title: string;
  /** In the order in which a deployment passes them. A rollback by hand begins with the first step again, and a drill ends in the last one. */
  readonly steps: readonly ['deploying', ...('verifying' | 'promoting')[], 'baking'];
  /** The step with which users begin to see the release. */
  readonly exposes: 'deploying' | 'promoting';
  /**
   * How promoting moves the traffic: all of it with the target's `promote`, or in steps with its `setWeight`. With weights the step is passed once for
   * each weight; the weights are in the manifest (`weights`), and the last one is 100 %.
   */
  readonly promotes?: 'atOnce' | 'byWeight';
  /** The places that a release can be in beside another one; empty where it replaces the other one. */
  readonly slots: readonly string[];
  /** What the health checks of a step probe; a step that is not listed runs commands only. */
  readonly verifies: {
    readonly deploying?: undefined;
    readonly verifying?: Verified;
    readonly promoting?: 'both';
    readonly baking: 'users';
  };
  /** How Stable is restored where the target has no rollback command. */
  readonly restore: {
    /** While users still see Stable. */
    readonly beforeExposure: readonly RestoreAction[];
    /** When users see the release, and Stable is in a slot of its own. */
    readonly toStableSlot?: readonly RestoreAction[];
    /** When users see the release, and Stable is nowhere else. */
    readonly afresh: readonly RestoreAction[];
  };
}

/** What the state machine, the phases and the guarantees need of a strategy; the key is what the error says. */
export const STRATEGY_RULES = {
  'steps: each step occurs once': ({ steps }) => isUnique(steps),
  'steps: the first one is deploying, the last one baking': ({ steps }) => steps[0] === 'deploying' && steps.at(-1) === 'baking',
  'steps: verifying comes before promoting, so that nothing is promoted that was not verified': ({ steps }) =>
    !steps.includes('promoting') || steps.slice(0, steps.indexOf('promoting')).includes('verifying'),
  'exposes: promoting where it is a step, else deploying': ({ exposes, steps }) => exposes === (steps.includes('promoting') ? 'promoting' : 'deploying'),
  'promotes: at once or by weight where promoting is a step, else not defined': ({ promotes, steps }) => (promotes !== undefined) === steps.includes('promoting'),
  'verifies: verifying and baking where they are steps, promoting by weight, and nothing else': ({ promotes, steps, verifies }) =>
    sameMembers(steps.filter((step) => step === 'verifying' || step === 'baking' || (step === 'promoting' && promotes === 'byWeight')), keysOf(verifies)),
  'verifies: the candidate before the step that exposes the release, both while they share the traffic, what users see after it':
    ({ exposes, steps, verifies }) => steps.every((step, index) => (
      verifies[step] === undefined || verifies[step] === verifiedAt(step, index - steps.indexOf(exposes))
    )),
  'slots: two or more where promoting is a step, else none': ({ slots, steps }) => (steps.includes('promoting') ? slots.length > 1 : slots.length === 0),
  'slots: each one once, and one that rollback.yml offers': ({ slots }) => isUnique(slots) && slots.every((slot) => (SLOTS as readonly string[]).includes(slot)),
  'restore.beforeExposure: nothing with slots, because users never left Stable; in place a deploy': ({ restore, slots }) =>
    sameList(restore.beforeExposure, slots.length > 0 ? [] : ['deploy']),
  'restore.toStableSlot: a promote with slots; not defined in place': ({ restore, slots }) =>
    (slots.length > 0 ? restore.toStableSlot !== undefined && sameList(restore.toStableSlot, ['promote']) : restore.toStableSlot === undefined),
  'restore.afresh: deploy, verify, promote with slots, so that users get only what was verified; in place a deploy': ({ restore, slots }) =>
    sameList(restore.afresh, slots.length > 0 ? ['deploy', 'verify', 'promote'] : ['deploy']),
} as const satisfies Record<string, (strategy: RolloutStrategy) => boolean>;

export type StrategyRule = keyof typeof STRATEGY_RULES;

/** The rules that a strategy breaks. */
export function brokenRules(strategy: RolloutStrategy): StrategyRule[] {
  return keysOf(STRATEGY_RULES).filter((rule) => !STRATEGY_RULES[rule](strategy));
}

/** Returns the strategies. Throws if one of them breaks a rule, or two share a name. */
export function checkedStrategies<Strategies extends readonly RolloutStrategy[]>(strategies: Strategies): Strategies {
  for (const strategy of strategies) {
    const broken = brokenRules(strategy);
    if (broken.length > 0) throw new Error(`the strategy ${JSON.stringify(strategy.kind)} in src/contract/strategies.ts breaks a rule: ${broken.join('; ')}`);
  }
  for (const name of ['kind', 'title'] as const) {
    if (!isUnique(strategies.map((one) => one[name]))) throw new Error(`two strategies in src/contract/strategies.ts have the same ${name}`);
  }
  return strategies;
}

/** @param distance from the step that exposes the release */
function verifiedAt(step: RolloutStep, distance: number): Verified {
  if (distance < 0) return 'candidate';
  return step === 'promoting' ? 'both' : 'users';
}

function keysOf<Key extends string>(table: { readonly [key in Key]?: unknown }): Key[] {
  return Object.keys(table) as Key[];
}

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

function sameMembers(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}

function sameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
