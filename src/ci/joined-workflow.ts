import { github } from 'projen';
import { Environment } from '../environment';
import { joinedEvents } from './joined-events';
import { eventsOf } from './lost-event';
import { OurJobs } from './our-jobs';

/** A workflow of the project's own, which our jobs joined: its jobs stay as they are, and it starts for more. */
export class JoinedWorkflow extends OurJobs {
  /** Other projects' jobs may stand in the same workflow. */
  public choiceOf({ title }: Environment): string {
    return title;
  }

  public check(needs: readonly string[]): void {
    super.check(needs);
    this.checkHost();
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return joinedEvents(eventsOf(this.workflow), events, this.option);
  }
}
