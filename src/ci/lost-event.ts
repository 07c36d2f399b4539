import { github } from 'projen';
import { isMap } from './broken-promise';

type Triggers = github.workflows.Triggers;

/** What projen keeps to itself. */
interface Listening {
  readonly events?: Triggers;
}

/** What starts a workflow by now. */
export function eventsOf(workflow: github.GithubWorkflow): Triggers {
  return (workflow as unknown as Listening).events ?? {};
}

/** The event that no longer starts a workflow for all it should: `on()` replaces a whole event. */
export function lostEvent(workflow: github.GithubWorkflow, wanted: Triggers): string | undefined {
  const present = eventsOf(workflow);
  return Object.entries(wanted).find(([event, what]) => !holds(present[event as keyof Triggers], what))?.[0];
}

/** Whether everything that is wanted is there; more may be. */
function holds(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(present) && wanted.every((one) => present.some((other) => holds(other, one)));
  if (isMap(wanted)) return isMap(present) && Object.entries(wanted).every(([key, what]) => holds(present[key], what));
  return present === wanted;
}
