/**
 * Why an attempt failed that is not the release's fault. Nothing is blocked for it.
 * - `conflict`: someone else changed the same place meanwhile
 * - `overtaken`: another delivery deploys to the same place
 * - `unavailable`: an engine was not reached, or did not let us in, or had no space
 */
export type OutsideFault = 'conflict' | 'overtaken' | 'unavailable';

export const OUTSIDE_FAULTS: readonly OutsideFault[] = ['conflict', 'overtaken', 'unavailable'];
