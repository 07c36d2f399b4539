import { github } from 'projen';
import { DeliveryWorkflow } from './delivery-workflow';
import { eventsOf } from './events-of';
import { joinedEvents } from './joined-events';
import { Environment } from '../../../delivery/environment';

/** A workflow of the project's own, which our jobs joined: its jobs stay as they are, and it starts for more. */
export class JoinedWorkflow extends DeliveryWorkflow {
  constructor(workflow: github.GithubWorkflow, option: string) {
    super(workflow, option, { isOwn: false, env: {} });
  }

  /** Other projects' jobs may stand in the same workflow. */
  public choiceOf({ title }: Environment): string {
    return title;
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return joinedEvents(eventsOf(this.workflow), events, this.option);
  }
}
