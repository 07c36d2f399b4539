/** Each condition of ours a little wrong, in every workflow where it stands: which rule notices. */
import { Condition } from './condition';
import { mutationsOf } from './condition-mutations';
import { SynthesizedDelivery } from './deliveries';
import { Exploration, explore, ExploreOptions, Known } from './exploration';
import { isPlainStep, stepFaults } from './step-rules';
import { Change, JobModel, modelsOf, needsIn, WorkflowModel, WorkflowName } from './workflow-model';
import { Workflow } from '../../../test/validators/workflow';

export interface Mutant {
  /** The same mutation of the same condition has the same name, whatever the environments are called. */
  readonly name: string;
  readonly change: Change;
  readonly bed: TestBed;
  /** The environment whose jobs it concerns; -1: all. */
  readonly place: number;
}

/** A workflow of a delivery, and what is known of it as it stands. */
export interface TestBed {
  readonly delivery: SynthesizedDelivery;
  readonly workflowName: WorkflowName;
  readonly workflow: Workflow;
  readonly model: WorkflowModel;
  readonly known: Known;
  /** As it stands. */
  readonly exploration: Exploration;
}

export function testBedsOf(delivery: SynthesizedDelivery, options: Pick<ExploreOptions, 'attempts'> = {}): TestBed[] {
  return delivery.workflows.flatMap(([workflowName, workflow]) => modelsOf(workflowName, workflow, delivery.manifest).map((model) => {
    const known: Known = new Map();
    return { delivery, workflowName, workflow, model, known, exploration: explore(model, { ...options, known }) };
  }));
}

export function mutantsOf(bed: TestBed): Mutant[] {
  return bed.model.jobs.filter(({ kind }) => kind !== 'other').flatMap((one) => {
    const { id, place } = one;
    const job = bed.workflow.jobs[id];
    const needs = needsIn(job);
    const named = namer(bed, one);
    const ofJob = mutationsOf(job.if, needs).map(({ title, text }) => ({ title, change: { job: id, condition: { text } } }));
    const ofNeeds = needs.map((need) => ({ title: `does not need ${need}`, change: { job: id, need } }));
    const ofSteps = (job.steps ?? []).filter((step) => step.if !== undefined && isOurs(id, step.id)).flatMap((step) => mutationsOf(step.if!, [])
      .map(({ title, text }) => ({ title: `step ${step.id}: ${title}`, change: { job: id, step: step.id, condition: { text } } })));
    return [...ofJob, ...ofNeeds, ...ofSteps].map(({ title, change }) => ({ name: named(title), change, bed, place }));
  });
}

/** The rule that notices; undefined if none does. */
export function noticed({ bed, change, place }: Mutant): string | undefined {
  const { workflow, workflowName, known, exploration } = bed;
  if (change.step !== undefined && isPlainStep(change.job!, change.step)) {
    return stepFaults(workflow, (job, step, text) => new Condition(job === change.job && step === change.step ? change.condition!.text : text)).at(0);
  }
  const model = new WorkflowModel(workflowName, workflow, bed.model.manifest, change, bed.model);
  const ignored = exploration.violations.map(({ rule }) => rule);
  return explore(model, { untilFirst: true, attempts: 2, ignored, from: place, known: new Map(known) }).violations.at(0)?.rule;
}

function isOurs(job: string, step: string | undefined): boolean {
  return step === 'recover' || (step !== undefined && isPlainStep(job, step));
}

/** Names of environments, refs and the user's jobs as what they are. */
function namer({ model, workflowName }: TestBed, { id, place, kind }: JobModel): (title: string) => string {
  // they see nothing of the workflow that they stand in
  const where = ['build', 'ci', 'release'].includes(workflowName) && ['confirm', 'finish'].includes(kind) ? 'deploy' : workflowName;
  const [own, before] = [place, place < 0 ? -1 : model.before(place)].map((index) => model.environments[index]?.name.replace(/\W/g, '_'));
  const general = (text: string) => {
    let named = text;
    if (own !== undefined) named = named.replaceAll(`_${own}`, '_X').replaceAll(`'${own}'`, '\'X\'');
    if (before !== undefined) named = named.replaceAll(`_${before}`, '_W');
    return named.replace(/'refs\/(heads|tags)\/[^']*'/g, '\'refs/$1/R\'').replace(/\btest\b/g, 'JOB');
  };
  return (title) => `${where}.yml ${general(id)}: ${general(title)}`;
}
