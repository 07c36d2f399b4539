import { github } from 'projen';
import { DeliveryWorkflow } from './delivery-workflow';
import { CheckedWorkflowFile } from './workflow-file';
import { WrittenWorkflow } from './written-workflow';
import { INPUT } from '../../../contract/workflows';
import { checkCharacters } from '../invariants/github-limits';
import { expression, input } from '../jobs/conditions';

/** A workflow that belongs to the delivery alone: without permissions of its own, and with comments for reviewers. */
export class OwnWorkflow extends DeliveryWorkflow {
  /**
   * @param option the workflow in messages
   * @param env the environment variables of all jobs
   */
  constructor(hub: github.GitHub, name: string, option: string, env?: Record<string, string>) {
    super(new github.GithubWorkflow(hub, name, { fileName: `${name}.yml`, env: env && { ...env } }), option, { isOwn: true, env: { ...env } });
    if (this.workflow.file) CheckedWorkflowFile.of(this.workflow.file).finish();
  }

  /** Names the runs, each with the request by which the command line finds the run that it started. */
  public nameRuns(name: string): void {
    this.workflow.runName = name + BY_REQUEST;
    this.above = { ...this.above, foundBy: BY_REQUEST };
  }

  /** Lets others put the runs into a group in which none is lost. */
  public letRunsWait(): this {
    this.above = { ...this.above, mayWait: true };
    return this;
  }

  /** Puts the runs into a concurrency group. */
  public queueRuns(concurrency: Record<string, unknown>): void {
    // projen has no word for queue, nor for a condition
    this.workflow.file?.addOverride('concurrency', concurrency);
    this.above = { ...this.above, concurrency };
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return events;
  }

  protected checkWritten(written: WrittenWorkflow, text: string | undefined): void {
    super.checkWritten(written, text);
    if (text !== undefined) checkCharacters(this.option, this.workflow.file!.path, text);
  }
}

const BY_REQUEST = expression(`${input(INPUT.REQUEST)} && format(' ({0})', ${input(INPUT.REQUEST)})`);
