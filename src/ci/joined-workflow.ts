import { github } from 'projen';
import { Environment } from '../environment';
import { refuse, show } from '../refusal';
import { joinedEvents } from './joined-events';
import { OurJobs } from './our-jobs';

/** What projen keeps to itself. */
interface Listening {
  readonly events?: github.workflows.Triggers;
}

/** A workflow of the project's own, which our jobs joined: its jobs stay as they are, and it starts for more. */
export class JoinedWorkflow extends OurJobs {
  private wanted: github.workflows.Triggers = {};

  public listen(events: github.workflows.Triggers): void {
    this.wanted = events;
    this.workflow.on(joinedEvents(this.events, events, this.option));
  }

  /** Other projects' jobs may stand in the same workflow. */
  public choiceOf({ title }: Environment): string {
    return title;
  }

  public check(needs: string[]): void {
    super.check(needs);
    const missing = Object.entries(joinedEvents(this.events, this.wanted, this.option))
      .find(([event, what]) => JSON.stringify(what) !== JSON.stringify(this.events[event as keyof github.workflows.Triggers]));
    if (missing) {
      refuse(this.option, `somebody said on(...) after the delivery, and ${show(missing[0])} no longer starts what the environments' triggers name`,
        'Say on(...) before new Delivery(...)');
    }
    checkConcurrency(this.workflow, this.option);
  }

  private get events(): github.workflows.Triggers {
    return (this.workflow as unknown as Listening).events ?? {};
  }
}

/** A deployment that is under way must come to its end. */
export function checkConcurrency({ name, concurrency }: github.GithubWorkflow, option: string): void {
  if (concurrency?.cancelInProgress !== true) return;
  refuse(option, `the workflow ${show(name)} cancels a run when the next one begins, also one that is just deploying`,
    'Leave cancelInProgress out of its concurrencyOptions, or say Workflow.own()');
}
