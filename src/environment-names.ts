import { didYouMean } from './did-you-mean';
import { refuse, show } from './refusal';

/** Refuses the first of `given` that is none of `names`, the delivery's environments. */
export function checkEnvironmentNames(option: string, given: readonly string[] | undefined, names: readonly string[]): void {
  const unknown = given?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  refuse(option, `there is no environment ${show(unknown)}`, didYouMean(unknown, names) ?? `There is: ${names.join(', ') || 'none yet'}`);
}
