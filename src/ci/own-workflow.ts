import { github } from 'projen';
import { checkCharacters, checkFileSize } from './github-limits';
import { OurJobs } from './our-jobs';
import { FinishedWorkflowFile } from './workflow-file';

/** A workflow of ours: without permissions on top, and with remarks for reviewers. */
export class OwnWorkflow extends OurJobs {
  /**
   * @param option what the workflow is called where users meet it
   * @param env what all its jobs find in their environment
   */
  constructor(hub: github.GitHub, name: string, option: string, env?: Record<string, string>) {
    super(new github.GithubWorkflow(hub, name, { fileName: `${name}.yml`, env }), option, env);
    const { file } = this.workflow;
    if (file) new FinishedWorkflowFile(file, (text) => this.checkText(file.path, text));
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return events;
  }

  private checkText(path: string, text: string): void {
    checkFileSize(this.option, path, Buffer.byteLength(text), this.environments);
    checkCharacters(this.option, path, text);
  }
}
