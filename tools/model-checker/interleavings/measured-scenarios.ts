import { A, B, H, lost, Make, scenario, TO_STABLE } from './scenarios';

const HALTS = { analysis: 'promoteIfShown', looks: 'whole' } as const;
const BACK = { analysis: 'rollBack', looks: 'whole' } as const;
/** One health check and one measurement decide; a person cancels while it is measured. */
const CANCELLED = { ...HALTS, cancellations: 1 } as const;

/**
 * Canaries whose steps are measured, twice each: the second measurement is enough for a promotion or a rollback, or shows nothing. Between them
 * the deployment looks whether it is still wanted.
 */
export const MEASURED = {
  measured: scenario('a measured canary', { ...HALTS, runs: [A] }),
  measuredBack: scenario('a measured canary, rolled back without a verdict', { ...BACK, runs: [A] }),
  measuredCancelled: scenario('a measured canary that is cancelled', { ...CANCELLED, runs: [A] }),
  measuredByHand: scenario('a measured canary and a rollback by hand', { ...HALTS, runs: [A, H] }),
  measuredToStable: scenario('a measured canary and a rollback by hand to Stable', { ...HALTS, runs: [A, TO_STABLE] }),
  measuredTwice: scenario('two measured canaries', { ...HALTS, runs: [A, B] }),
  measuredWorkflows: scenario('two measured canaries of two workflows', { ...BACK, runs: [A, B], groups: false }),
  measuredTwiceCancelled: scenario('two measured canaries, one is cancelled', { ...CANCELLED, runs: [A, B] }),
  measuredByHandCancelled: scenario('a measured canary that is cancelled, and a rollback by hand', { ...CANCELLED, runs: [A, H] }),
  measuredLost: lost('A.deploy', { ...HALTS, runs: [A] }),
  measuredLostByHand: lost('A.deploy', { ...HALTS, runs: [A, H] }),
  measuredLostTwice: lost('A.deploy', { ...HALTS, runs: [A, B] }),
} satisfies Record<string, Make>;
