import { DispatchedRun } from '../ci/ci-runtime';

/** The state of the run that an attempt started. */
export type AttemptState =
  /** GitHub has no run of it: it was never started, or was deleted. */
  | { readonly kind: 'missing' }
  /** It is in progress, or waits for an approval. */
  | { readonly kind: 'underWay'; readonly url: string; readonly waits: boolean }
  /** It is over. */
  | { readonly kind: 'over'; readonly url: string; readonly how: string };

/**
 * Finds the run of an attempt and returns its state.
 *
 * @param runs those that were dispatched last, in any order
 * @param request what its name shows
 */
export function attemptState(runs: readonly DispatchedRun[], request: string): AttemptState {
  const run = runs.find(({ title }) => title.includes(request));
  if (!run) return { kind: 'missing' };
  const { conclusion, status, url } = run;
  if (status !== 'completed') return { kind: 'underWay', url, waits: status === 'waiting' };
  return { kind: 'over', url, how: HOW[conclusion ?? ''] ?? `ended with ${conclusion ?? 'nothing'}` };
}

/** For people. A run that succeeded rolled nothing back, because the same deployment is still the newest one. */
const HOW: Record<string, string> = {
  success: 'ended without a rollback',
  failure: 'failed, or was not approved',
  cancelled: 'was cancelled',
  timed_out: 'timed out',
  startup_failure: 'could not be started by GitHub',
};

/** The state of an attempt in words, with the URL of its run. */
export function describeAttempt(state: AttemptState): string {
  switch (state.kind) {
    case 'missing': return 'has no run on GitHub';
    case 'underWay': return `${state.waits ? 'waits for an approval' : 'is under way'}: ${state.url}`;
    case 'over': return `${state.how}: ${state.url}`;
  }
}
