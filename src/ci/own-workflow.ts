import { github } from 'projen';
import { checkFileSize } from './github-limits';
import { OurJobs } from './our-jobs';
import { writeOurWay } from './workflow-file';

/** A workflow of ours: without permissions on top, and in our own writing. */
export class OwnWorkflow extends OurJobs {
  /**
   * @param option what the workflow is called where users meet it
   * @param env what all its jobs find in their environment
   */
  constructor(hub: github.GitHub, name: string, option: string, env?: Record<string, string>) {
    super(new github.GithubWorkflow(hub, name, { fileName: `${name}.yml`, env }), option, env);
    writeOurWay(this.workflow, (bytes) => checkFileSize(option, `.github/workflows/${name}.yml`, bytes, this.environments));
  }

  protected starts(events: github.workflows.Triggers): github.workflows.Triggers {
    return events;
  }
}
