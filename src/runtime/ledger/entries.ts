import { Entry } from './ledger';
import { EVENTS, IllegalTransition, isFinal, next, State, STATES } from '../rollout';

/**
 * What a record really went through, from entries in the order they were written.
 * An entry that the rollout's table cannot reach any more came late (a request that was
 * retried, a process that had been paused) and does not count; nothing counts after a final state.
 */
export function travelled(entries: readonly Entry[]): Entry[] {
  const counted: Entry[] = [];
  for (const entry of entries) {
    const last = counted.at(-1);
    if (last && (isFinal(last.state) || !reachable(last.state).has(entry.state))) continue;
    if (last && last.state === entry.state && last.note === entry.note) continue;
    counted.push(entry);
  }
  return counted;
}

const known = new Map<State, ReadonlySet<State>>();

/** The state itself and all that may come after it; a step whose entry was lost may be missing between. */
function reachable(from: State): ReadonlySet<State> {
  const states = known.get(from) ?? new Set<State>(reach(from));
  known.set(from, states);
  return states;
}

function reach(from: State): State[] {
  const found = [from];
  for (const state of found) {
    for (const follower of STATES) {
      if (!found.includes(follower) && follows(state, follower)) found.push(follower);
    }
  }
  return found;
}

function follows(state: State, follower: State): boolean {
  return EVENTS.some((event) => (['redeploy', 'blueGreen'] as const).some((strategy) => [true, false].some((canGoBack) => {
    try {
      return next(state, event, { strategy, canGoBack }) === follower;
    } catch (error) {
      if (error instanceof IllegalTransition) return false;
      throw error;
    }
  })));
}
