import { FinalState, isFinal, State } from '../deployment/state-machine';

export interface PathPictureOptions {
  /** The strategy's steps. */
  readonly steps: readonly State[];
  /** Every state the deployment was in, oldest first; the last one is where it stands. */
  readonly path: readonly State[];
  /** For the label, e.g. `3.2 s`. */
  readonly times?: Partial<Record<State, string>>;
}

const LABELS: Record<State, string> = {
  pending: 'begin',
  migrating: 'migrate',
  deploying: 'deploy',
  verifying: 'verify',
  promoting: 'promote',
  baking: 'bake',
  confirming: 'confirm',
  rollingBack: 'roll back',
  stable: 'Stable',
  rolledBack: 'rolled back',
  halted: 'halted',
  failed: 'failed',
  superseded: 'superseded',
};

/** Readable on a light page and on a dark one. */
const STYLES = [
  'classDef taken fill:#1f883d,stroke:#1a7f37,color:#ffffff',
  'classDef bad fill:#cf222e,stroke:#a40e26,color:#ffffff',
  'classDef here fill:#bf8700,stroke:#9a6700,color:#ffffff',
  'classDef ahead fill:none,stroke:#8c959f,color:#8c959f,stroke-dasharray:4 3',
];

/** The path a deployment took, beside the one that was meant, as a Mermaid flowchart. */
export function pathPicture({ steps: planned, path, times = {} }: PathPictureOptions): string {
  const taken = path.filter((state, i) => state !== 'pending' && state !== path[i - 1]);
  const meant: readonly State[] = [...planned, 'confirming', 'stable'];
  const nodes = [...new Set([...meant, ...taken])];
  const steps = pairs(taken);
  const ahead = pairs(meant).filter((step) => !steps.some((other) => same(step, other)));
  return [
    'flowchart LR',
    ...nodes.map((state) => `  ${state}(["${label(state, times[state])}"]):::${style(state, taken)}`),
    ...unique(steps).map(([from, to]) => `  ${from} ==> ${to}`),
    ...ahead.map(([from, to]) => `  ${from} -.-> ${to}`),
    ...STYLES.map((line) => `  ${line}`),
  ].join('\n');
}

function label(state: State, time: string | undefined): string {
  // only what a time is made of: a label is no place for anything else
  return time ? `${LABELS[state]}<br/>${time.replace(/[^\w .]/g, '')}` : LABELS[state];
}

const BAD: readonly FinalState[] = ['rolledBack', 'halted', 'failed'];

function style(state: State, taken: readonly State[]): string {
  if (!taken.includes(state)) return 'ahead';
  if (state === 'rollingBack' || (BAD as readonly State[]).includes(state)) return 'bad';
  return state === taken.at(-1) && !isFinal(state) ? 'here' : 'taken';
}

type Step = readonly [State, State];

function pairs(states: readonly State[]): Step[] {
  return states.slice(1).map((to, i) => [states[i], to] as const);
}

function same(a: Step, b: Step): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function unique(steps: readonly Step[]): Step[] {
  return steps.filter((step, i) => steps.findIndex((other) => same(step, other)) === i);
}
