import { Plot } from './svg-plot';

/** One line of the bench's table. */
export interface Figure {
  readonly what: string;
  /** As a person reads it, with the unit. */
  readonly measured: string;
  /** What the project promises. Absent for a figure that only explains. */
  readonly limit?: string;
  /** Whether the promise is kept; absent where none is made. */
  readonly holds?: boolean;
}

/** For people, below the figures. */
export interface Table {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** One sentence below it. */
  readonly caption: string;
}

export interface Outcome {
  readonly figures: Figure[];
  /** Absent where the figures say it all. */
  readonly table?: Table;
  /** How it was measured, and what is not in it: for people, below the table. */
  readonly notes: string[];
  /** Everything that was measured, for machines. */
  readonly data: unknown;
  readonly plot: Plot;
}

/** What a person chose of a part. */
export interface Choice {
  /** How often it is repeated, if not as usual. */
  readonly trials?: number;
  /** Those of its parts that are measured, if not all. */
  readonly parts?: readonly string[];
}

/** One part of the bench. */
export interface Measurement {
  /** `npm run bench -- a c` chooses by it. */
  readonly letter: string;
  /** Names its files in bench/results. */
  readonly name: string;
  readonly title: string;
  /** How often a simulation is repeated, if a person may choose that: `npm run bench -- k=500`. */
  readonly trials?: { readonly usual: number; readonly what: string };
  /** What can be measured alone, if anything can: `npm run bench -- t=npm,lambda`. The results of the others stay. */
  readonly parts?: readonly string[];
  /** `say` reports the progress. Leaves no process and no file behind, whether it resolves or rejects. */
  run(say: (progress: string) => void, choice?: Choice): Promise<Outcome>;
}

/** A figure with a limit of the same unit. */
export function atMost(what: string, value: number, limit: number, show: (value: number) => string): Figure {
  return { what, measured: show(value), limit: `≤ ${show(limit)}`, holds: value <= limit };
}

export const inMs = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
