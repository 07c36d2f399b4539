import { Automata } from './automaton';
import { DecisionCode } from './decision-code';
import { LedgerModel } from './ledger-model';
import { firstAttempt, RunSpec } from './pipeline';
import { RULES, Rules, Violation } from './rules';
import { Scenario, State, System, Transition } from './system';
import { served } from './world-model';

export interface Counterexample extends Violation {
  readonly scenario: string;
  /** Every step from the beginning. */
  readonly steps: readonly string[];
}

export interface Exploration {
  readonly scenario: string;
  readonly states: number;
  readonly transitions: number;
  /** Different ways through the states, from the beginning to where nothing is left to do. */
  readonly interleavings: number;
  /** States without a running process. */
  readonly ends: number;
  /** Different contents of ledger and world among them. */
  readonly outcomes: number;
  /** What users see at the ends, and what is Stable then: `v1, Stable v1`. */
  readonly finals: readonly string[];
  /** Different positions that the real code was in, and how often it was started for them. */
  readonly positions: number;
  readonly starts: number;
  /** Steps of the longest interleaving that was gone. */
  readonly depth: number;
  /** Commands in the window that no lock can close. */
  readonly windows: number;
  /** False where `maxStates` ended it. */
  readonly isComplete: boolean;
  /** The first of each rule. */
  readonly violations: readonly Counterexample[];
}

export interface ExploreOptions {
  readonly maxStates?: number;
  /** `shortest`: the counterexamples are the shortest ones; `deepest`: an end is reached soon. */
  readonly order?: 'shortest' | 'deepest';
  /** @see Automata @default true */
  readonly forgets?: boolean;
  /** Ends at the first violation. */
  readonly untilViolation?: boolean;
}

interface Node {
  readonly state: State;
  readonly number: number;
}

/** No interleaving of these few processes is nearly as long: one that is goes round in circles. */
export const MAX_DEPTH = 600;

/** Goes every way through a scenario, each state once. */
export async function explore(code: DecisionCode, scenario: Scenario, options: ExploreOptions = {}): Promise<Exploration> {
  const exploration = new Explorer(code, scenario, options);
  return exploration.run();
}

class Explorer {
  private readonly rules = new Rules();
  private readonly system: System;
  private readonly seen = new Map<string, number>();
  private readonly came: Array<{ from: number; transition?: Transition; depth: number }> = [];
  private readonly edges: number[][] = [];
  private readonly outcomes = new Set<string>();
  private readonly finals = new Set<string>();
  private readonly violations = new Map<string, Violation & { readonly path: readonly Transition[] }>();
  private readonly epilogueOf: (state: State) => Promise<void>;
  private ends = 0;
  private depth = 0;

  constructor(code: DecisionCode, private readonly scenario: Scenario, private readonly options: ExploreOptions) {
    this.system = new System(code, scenario, this.rules, { automata: new Automata(code, options.forgets), ledger: new LedgerModel(code) });
    this.epilogueOf = epilogues(code, scenario, this.rules, this.system);
  }

  public async run(): Promise<Exploration> {
    const { maxStates = Infinity, order = 'shortest', untilViolation = false } = this.options;
    const work: Node[] = [this.enter(await this.system.initial(), -1)!];
    let transitions = 0;
    let next = 0;
    while (order === 'shortest' ? next < work.length : work.length > 0) {
      const node = order === 'shortest' ? work[next] : work.pop()!;
      if (order === 'shortest') delete work[next++];
      const { all, isQuiet } = this.system.transitions(node.state);
      if (node.state.processes.length === 0) await this.idle(node);
      if (isQuiet) await this.quiet(node);
      for (const transition of all) {
        transitions++;
        const made = this.system.apply(node.state, transition);
        const state = made instanceof Promise ? await made : made;
        const entered = this.enter(state, node.number, transition);
        this.note(node, transition);
        if (entered) work.push(entered);
      }
      if (this.seen.size > maxStates || (untilViolation && this.violations.size > 0)) break;
    }
    const isComplete = order === 'shortest' ? next >= work.length : work.length === 0;
    return {
      scenario: this.scenario.name,
      states: this.seen.size,
      transitions,
      interleavings: isComplete ? waysThrough(this.edges) : NaN,
      ends: this.ends,
      outcomes: this.outcomes.size,
      finals: [...this.finals].sort(),
      positions: this.system.automata.size,
      starts: this.system.automata.starts,
      depth: this.depth,
      windows: this.rules.windows,
      isComplete,
      violations: await Promise.all([...this.violations.values()].map((violation) => this.describe(violation))),
    };
  }

  /** Undefined if the state was visited before. */
  private enter(state: State, from: number, transition?: Transition): Node | undefined {
    const key = this.system.key(state);
    const known = this.seen.get(key);
    const number = known ?? this.seen.size;
    if (from >= 0) this.edges[from].push(number);
    if (known !== undefined) return undefined;
    const depth = from < 0 ? 0 : this.came[from].depth + 1;
    this.depth = Math.max(this.depth, depth);
    this.seen.set(key, number);
    this.edges.push([]);
    this.came.push({ from, transition, depth });
    if (depth < MAX_DEPTH) return { state, number };
    this.rules.fail('ends', `after ${MAX_DEPTH} steps it still goes on`);
    return undefined;
  }

  private async idle(node: Node): Promise<void> {
    await this.rules.idle(this.system, node.state);
    this.note(node);
  }

  private async quiet(node: Node): Promise<void> {
    this.ends++;
    this.finals.add(`${served(node.state.world)}, Stable ${node.state.facts.stable}`);
    this.rules.quiet(this.system, node.state);
    this.note(node);
    const place = this.system.placeKey(node.state);
    if (this.outcomes.has(place)) return;
    this.outcomes.add(place);
    await this.epilogueOf(node.state);
    this.note(node);
  }

  private note(node: Node, transition?: Transition): void {
    for (const { rule, what } of this.rules.drain()) {
      if (!this.violations.has(rule)) this.violations.set(rule, { rule, what, path: this.pathTo(node, transition) });
    }
  }

  private pathTo(node: Node, transition?: Transition): Transition[] {
    const path = transition ? [transition] : [];
    for (let at = node.number; this.came[at].from >= 0; at = this.came[at].from) path.push(this.came[at].transition!);
    return path.reverse();
  }

  private async describe({ rule, what, path }: Violation & { readonly path: readonly Transition[] }): Promise<Counterexample> {
    const steps: string[] = [];
    let state = await this.system.initial();
    for (const transition of path) {
      steps.push(this.system.say(state, transition));
      state = await this.system.apply(state, transition);
    }
    return { scenario: this.scenario.name, rule, what, steps };
  }
}

/** The ways through a graph without circles; NaN where it has one. */
function waysThrough(edges: readonly number[][]): number {
  const incoming = new Int32Array(edges.length);
  edges.forEach((targets) => targets.forEach((target) => incoming[target]++));
  const ways = new Float64Array(edges.length);
  ways[0] = 1;
  const ready = [0];
  let total = 0;
  let done = 0;
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    done++;
    if (edges[node].length === 0) total += ways[node];
    for (const target of edges[node]) {
      ways[target] += ways[node];
      if (--incoming[target] === 0) ready.push(target);
    }
  }
  return done === edges.length ? total : NaN;
}

const AFTERWARDS: readonly RunSpec[] = [
  { name: 'Z', id: 9000, kind: 'deploy', version: 'v9' },
  { name: 'Y', id: 9001, kind: 'rollback', version: 'v9', requested: 'v0' },
];

const NOTHING_FAILS = { losses: 0, rejections: 0, cancellations: 0 };

/** Whatever was left, the next deployment succeeds, and so does the next rollback by hand. */
export function epilogues(code: DecisionCode, scenario: Scenario, rules: Rules, shared: System): (state: State) => Promise<void> {
  const systems = AFTERWARDS.map((run) => ({
    run,
    system: new System(code, { ...scenario, ...NOTHING_FAILS, runs: [...scenario.runs, run], frozen: false }, new Rules(), shared),
  }));
  return async (end) => {
    for (const { run, system } of systems) {
      const wish = run.requested ?? run.version;
      if (run.requested && end.facts.stable === wish && !end.facts.window) continue;
      let state: State = { ...end, ...NOTHING_FAILS, processes: [], runs: [...end.runs, firstAttempt(run)] };
      const steps: string[] = [];
      while (steps.length < MAX_DEPTH) {
        const { all } = system.transitions(state);
        if (all.length === 0) break;
        steps.push(system.say(state, all[0]));
        state = await system.apply(state, all[0]);
      }
      const waited = state.facts.late !== end.facts.late;
      if (served(state.world) === wish && state.facts.stable === wish && !waited) continue;
      const but = `${run.name} wanted ${wish}, and users are on ${served(state.world)}${waited ? '; it waited in vain' : ''}`;
      rules.fail('recovers', [but, ...steps].join('\n    '));
    }
  };
}

export function sayCounterexample({ scenario, rule, what, steps }: Counterexample): string {
  return [scenario, `  ${RULES[rule]}`, `  ${what}`, ...steps.map((step, index) => `  ${String(index + 1).padStart(3)}. ${step}`)].join('\n');
}
