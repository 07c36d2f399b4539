import { github } from 'projen';

/** What projen keeps to itself. */
interface Listening {
  readonly events?: github.workflows.Triggers;
}

/** What starts a workflow by now, as projen knows it. */
export function eventsOf(workflow: github.GithubWorkflow): github.workflows.Triggers {
  return (workflow as unknown as Listening).events ?? {};
}
