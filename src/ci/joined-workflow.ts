import { github } from 'projen';
import { joinedEvents } from './joined-events';
import { eventsOf } from './lost-event';
import { OurJobs } from './our-jobs';

/** A workflow of the project's own, which our jobs joined: its jobs stay as they are, and it starts for more. */
export class JoinedWorkflow extends OurJobs {
  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return joinedEvents(eventsOf(this.workflow), events, this.option);
  }
}
