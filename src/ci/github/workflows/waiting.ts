import { github } from 'projen';

/** What a job waits for, and how it asks how that went. */
type Waiting = Pick<github.workflows.Job, 'needs' | 'if'>;

/** `now` with `wanted` in place of what we `made` before. What the user added or took away since stays so. */
export function waitingFor(now: Waiting, made: Waiting, wanted: Required<Waiting>): Waiting {
  const [theirs, before] = [[now.needs ?? []].flat(), made.needs ?? []];
  const ours = wanted.needs.filter((need) => theirs.includes(need) || !before.includes(need));
  const added = theirs.filter((need) => !before.includes(need) && !wanted.needs.includes(need));
  const [gone, more] = [before.filter((need) => !wanted.needs.includes(need)), wanted.needs.filter((need) => !before.includes(need))];
  return {
    needs: ours.length === wanted.needs.length && added.length === 0 ? wanted.needs : [...ours, ...added],
    if: now.if === made.if ? wanted.if : asked(now.if, gone, more),
  };
}

/** The user's condition, without what it asks of jobs that are no longer waited for, and with what it must ask of others. */
function asked(condition: string | undefined, gone: readonly string[], more: readonly string[]): string | undefined {
  if (condition === undefined) return undefined;
  const kept = gone.reduce((text, need) => text.replaceAll(` && ${succeeded(need)}`, ''), condition);
  if (more.length === 0) return kept;
  const inside = /^\s*\$\{\{([^]*)\}\}\s*$/.exec(kept)?.[1] ?? kept;
  // beside other text it is always true, which is refused
  return inside.includes('${{') ? kept : `\${{ (${inside.trim()}) && ${more.map(succeeded).join(' && ')} }}`;
}

export function succeeded(need: string): string {
  return `needs.${need}.result == 'success'`;
}
