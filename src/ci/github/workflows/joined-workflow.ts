import { github } from 'projen';
import { DeliveryWorkflow } from './delivery-workflow';
import { eventsOf } from './events';
import { Environment } from '../../../delivery/environment';
import { invalid, show } from '../../../validation/validation-error';

/** One of the project's workflows that the delivery joins: its jobs stay unchanged, and it starts on more events. */
export class JoinedWorkflow extends DeliveryWorkflow {
  constructor(workflow: github.GithubWorkflow, option: string) {
    super(workflow, option, { isOwn: false, env: {} });
  }

  /** Several projects may have jobs in the workflow. */
  public choiceOf({ title }: Environment): string {
    return title;
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return joinedEvents(eventsOf(this.workflow), events, this.option);
  }
}

type Triggers = github.workflows.Triggers;
type Inputs = NonNullable<github.workflows.WorkflowDispatchOptions['inputs']>;

/** The choice that starts only the workflow's own jobs. */
const NONE = 'none';

/**
 * Extends the events of a workflow by those of the environments. It still starts on all events that it had; exceptions are left to the
 * jobs' conditions.
 */
function joinedEvents(present: Triggers, wanted: Triggers, option: string): Triggers {
  return {
    ...(wanted.push ? { push: push(present.push, wanted.push) } : {}),
    ...(wanted.workflowDispatch ? { workflowDispatch: dispatch(present.workflowDispatch, wanted.workflowDispatch, option) } : {}),
  };
}

function push(present: Triggers['push'], wanted: github.workflows.PushOptions): github.workflows.PushOptions {
  const positive = (values: string[] | undefined) => values?.filter((value) => !value.startsWith('!'));
  if (present === undefined) return { ...filters('branches', wanted.branches), ...filters('tags', positive(wanted.tags)) };
  if (present?.branches === undefined && present?.tags === undefined) return present;
  return {
    ...present,
    ...filters('branches', union(present.branches, wanted.branches)),
    ...filters('tags', union(present.tags, positive(wanted.tags))),
  };
}

/** Without a choice only the workflow's own jobs run. Another project's delivery may have added the input. */
function dispatch(
  present: Triggers['workflowDispatch'], { inputs: ours = {} }: github.workflows.WorkflowDispatchOptions, option: string,
): github.workflows.WorkflowDispatchOptions {
  const input = ours.environment;
  const theirs: Inputs = present?.inputs ?? {};
  const others = theirs.environment === undefined ? [NONE] : theirs.environment.options ?? [];
  if (!others.includes(NONE)) {
    invalid(option, 'its workflow_dispatch has an input environment already, which the delivery needs for Trigger.manual()', 'Give the other input another name');
  }
  const taken = input?.options?.find((one) => one.toLowerCase() === NONE);
  if (taken !== undefined) {
    invalid(option, `the environment ${show(taken)} has Trigger.manual(), and ${NONE} is what a person chooses who wants no deployment`, 'Give it another name, or use Workflow.own()');
  }
  return {
    ...present,
    inputs: { ...theirs, environment: { ...input, required: false, options: union(others, input?.options), default: NONE } },
  };
}

function union(theirs: string[] | undefined, ours: string[] | undefined): string[] | undefined {
  if (theirs === undefined || ours === undefined) return theirs ?? ours;
  return [...new Set([...theirs, ...ours])];
}

function filters(key: 'branches' | 'tags', values: string[] | undefined): Partial<Record<'branches' | 'tags', string[]>> {
  return values === undefined ? {} : { [key]: values };
}
