import { github } from 'projen';
import { Environment } from '../environment';
import { refuse, show } from '../refusal';
import { checkJobGraph } from './job-graph';

/** By workflow: the jobs that deliveries added, of whatever project. */
const DELIVERYS = new WeakMap<github.GithubWorkflow, Set<string>>();

/** Whether a job is a delivery's, not the project's own. */
export function isDeliverys(workflow: github.GithubWorkflow, id: string): boolean {
  return DELIVERYS.get(workflow)?.has(id) ?? false;
}

/** Our jobs in a workflow. They are known, so that it is noticed when somebody takes one's id. */
export abstract class OurJobs {
  /** By job id: the step that makes a job what it is; if it is gone, somebody took the job's id. */
  private readonly mainSteps = new Map<string, string>();

  /**
   * @param option what the workflow is called where users meet it
   */
  constructor(public readonly workflow: github.GithubWorkflow, protected readonly option: string) {}

  public add(id: string, mainStep: string, job: github.workflows.Job): void {
    if (this.workflow.getJob(id)) this.taken(id);
    this.workflow.addJob(id, job);
    this.mainSteps.set(id, mainStep);
    DELIVERYS.set(this.workflow, (DELIVERYS.get(this.workflow) ?? new Set()).add(id));
  }

  /** Lets the workflow start for what the environments' triggers name, all of them. */
  public abstract listen(events: github.workflows.Triggers): void;

  /** As a person who starts the workflow by hand chooses it. */
  public choiceOf({ name }: Environment): string {
    return name;
  }

  /** What others did to the workflow meanwhile. */
  public check(needs: string[] = []): void {
    checkJobGraph(this.workflow, this.option, needs);
    for (const [id, step] of this.mainSteps) this.checkOwn(id, step);
  }

  private checkOwn(id: string, step: string): void {
    const job = this.workflow.getJob(id);
    if (!job) refuse(this.option, `the delivery's job ${show(id)} was removed`, 'Leave it, or leave the environment out');
    if (!('steps' in job) || !job.steps.some((one) => one.id === step)) this.taken(id);
  }

  private taken(id: string): never {
    refuse(this.option, `the job id ${show(id)} is the delivery's, and another job took it`, 'Give the other job another id');
  }
}
