import { github } from 'projen';
import { DeliveryWorkflow } from './delivery-workflow';
import { CheckedWorkflowFile } from './workflow-file';
import { WrittenWorkflow } from './written-workflow';
import { checkCharacters } from '../invariants/github-limits';

/** A workflow of ours: without permissions on top, and with remarks for reviewers. */
export class OwnWorkflow extends DeliveryWorkflow {
  /**
   * @param option what the workflow is called where users meet it
   * @param env what all its jobs find in their environment
   */
  constructor(hub: github.GitHub, name: string, option: string, env?: Record<string, string>) {
    super(new github.GithubWorkflow(hub, name, { fileName: `${name}.yml`, env: env && { ...env } }), option, { isOwn: true, env: { ...env } });
    if (this.workflow.file) CheckedWorkflowFile.of(this.workflow.file).finish();
  }

  /**
   * Names the runs.
   *
   * @param foundBy what of the name they are found by
   */
  public nameRuns(name: string, foundBy: string): void {
    this.workflow.runName = name;
    this.above = { ...this.above, foundBy };
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return events;
  }

  protected checkWritten(written: WrittenWorkflow, text: string | undefined): void {
    super.checkWritten(written, text);
    if (text !== undefined) checkCharacters(this.option, this.workflow.file!.path, text);
  }
}
