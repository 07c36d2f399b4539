import { Difference } from '../engine';

/** One condition, or none where Gatus has no equal, and what is not to the letter. */
export interface Condition {
  readonly text?: string;
  readonly difference?: Difference;
}

export function lost(condition: string, why: string): Condition {
  return { difference: { condition, why } };
}
