/** Workflows that are a little wrong, or only different: what the proof (src/ci/github/proof) says, beside what the enumeration of all paths says. */
import { SynthesizedDelivery } from './deliveries';
import { explore } from './exploration';
import { mutantsOf, TestBed } from './mutants';
import { RuleName } from './rules';
import { needsIn, WorkflowModel, WorkflowName } from './workflow-model';
import { ProvenEnvironment } from '../../../src/ci/github/proof/cone';
import { Disproof, disproofOf } from '../../../src/ci/github/proof/proof';
import { deployingEvents } from '../../../src/ci/github/workflows/deploying-events';
import { environmentJobId } from '../../../src/contract/jobs';
import { Manifest, TriggerManifest } from '../../../src/contract/manifest';
import { Job, Workflow } from '../../../test/validators/workflow';

/** The workflows whose jobs are proven. */
export const PROVEN: readonly WorkflowName[] = ['deploy', 'build', 'ci', 'release'];

/** A condition that is narrower than it must be only means that less is deployed, which is for the user to say. */
const LESS: readonly RuleName[] = ['a good release is deployed', 'a requested release can be deployed'];

export interface ChangedWorkflow {
  readonly title: string;
  readonly bed: TestBed;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Each mutation of a condition or need of the jobs that are proven. */
export function changedConditions(bed: TestBed): ChangedWorkflow[] {
  const kinds = new Map(bed.model.jobs.map(({ id, kind }) => [id, kind]));
  const isProven = (id: string) => ['deploy', 'confirm', 'finish'].includes(kinds.get(id) ?? '');
  const mutants = mutantsOf(bed).filter(({ change }) => isProven(change.job!) && change.step === undefined);
  return mutants.map(({ name, change: { job: id, condition, need } }) => {
    const job = bed.workflow.jobs[id!];
    const changed = need === undefined ? { ...job, if: condition!.text } : { ...job, needs: needsIn(job).filter((one) => one !== need) };
    return { title: `${bed.delivery.name}: ${name}`, bed, jobs: { ...bed.workflow.jobs, [id!]: changed } };
  });
}

/** Jobs of the project between two environments, with every mistake in what looks at them. */
export function changedByHost(bed: TestBed, [before, after]: readonly [string, string]): ChangedWorkflow[] {
  const { jobs } = bed.workflow;
  const conditions = [undefined, 'always()', 'failure()', '!cancelled()', `needs.monitor_${before}.result == 'success'`, `needs.deploy_${before}.result == 'success'`, `always() && needs.monitor_${before}.outputs.state == 'stable'`];
  const waiting = [[`deploy_${before}`], [`monitor_${before}`], [`deploy_${before}`, `monitor_${before}`]];
  return conditions.flatMap((condition) => waiting.flatMap((needs) => changesFor(jobs, before, after).map(([title, changed]): ChangedWorkflow => ({
    title: `${bed.delivery.name}: smoke after ${needs.join(', ')} if ${condition}, and ${title}`,
    bed,
    jobs: { ...jobs, smoke: { needs, if: condition, steps: [{ run: 'true' }] }, ...changed },
  }))));
}

function changesFor(jobs: Readonly<Record<string, Job>>, before: string, after: string): [string, Record<string, Job>][] {
  const stable = `needs.monitor_${before}.outputs.state == 'stable'`;
  const waits = (id: string, change: (condition: string) => string): Record<string, Job> => {
    const job = jobs[id];
    return { [id]: { ...job, needs: [...needsIn(job), 'smoke'], if: change(job.if!) } };
  };
  const and = (more: string) => (condition: string) => condition.replace(/ \}\}$/, ` && ${more} }}`);
  const instead = (text: string) => (condition: string) => condition.replace(stable, text);
  return [
    ['nothing waits for it', {}],
    ['the next deployment waits for it', waits(`deploy_${after}`, and('needs.smoke.result == \'success\''))],
    ['the next deployment ignores it', waits(`deploy_${after}`, (condition) => condition)],
    ['the next deployment goes on unless it failed', waits(`deploy_${after}`, and('needs.smoke.result != \'failure\''))],
    ['it stands for the confirmation', waits(`deploy_${after}`, instead('needs.smoke.result == \'success\''))],
    ['it is an alternative to the confirmation', waits(`deploy_${after}`, instead(`(${stable} || needs.smoke.result == 'success')`))],
    ['the confirmation waits for it', waits(`monitor_${after}`, (condition) => condition)],
    ['the confirmation needs its success', waits(`monitor_${after}`, and('needs.smoke.result == \'success\''))],
    ['the rollback waits for it', waits(`rollback_${after}`, (condition) => condition)],
    ['the rollback needs its success', waits(`rollback_${after}`, and('needs.smoke.result == \'success\''))],
    ['the rollback also follows it', waits(`rollback_${after}`, (condition) => condition.replace(/^\$\{\{ (.*) \}\}$/, '$${{ ($1) || needs.smoke.result == \'success\' }}'))],
  ];
}

/** The rule that the enumeration finds broken; undefined if none is. */
export function enumerated({ bed: { workflow, workflowName, model: { manifest }, exploration }, jobs }: ChangedWorkflow): string | undefined {
  const model = new WorkflowModel(workflowName, { ...workflow, jobs }, manifest, undefined, undefined, workflow);
  const ignored = [...exploration.violations.map(({ rule }) => rule), ...LESS];
  return explore(model, { untilFirst: true, attempts: 2, ignored }).violations.at(0)?.rule;
}

/** What the proof finds. */
export function disproved({ bed, jobs }: ChangedWorkflow): Disproof | undefined {
  return disproofOf(jobs, provenEnvironments(bed.delivery, bed.workflow));
}

export function provenEnvironments({ manifest }: Pick<SynthesizedDelivery, 'manifest'>, { jobs }: Workflow): ProvenEnvironment[] {
  return manifest.environments.map(({ name, trigger }): ProvenEnvironment => {
    const [plan, deploy, monitor, rollback] = (['environment', 'deploy', 'monitor', 'rollback'] as const).map((kind) => environmentJobId(kind, idOf(name)));
    const after = trigger.kind === 'after' ? trigger.environment : undefined;
    const others = [plan, ...(after === undefined ? [] : [`deploy_${idOf(after)}`, `monitor_${idOf(after)}`])];
    const root = rootOf(trigger, manifest);
    const starts = deployingEvents(root.trigger, root.name ?? name, { push: { branches: ['main'] }, workflowDispatch: {} });
    const awaited = needsIn(jobs[deploy]).filter((need) => !others.includes(need));
    return { name, after, starts, jobs: { plan, deploy, monitor, rollback }, awaited };
  });
}

function rootOf(trigger: TriggerManifest, manifest: Manifest, name?: string): { readonly trigger: TriggerManifest; readonly name?: string } {
  if (trigger.kind !== 'after') return { trigger, name };
  const before = manifest.environments.find((one) => one.name === trigger.environment)!;
  return rootOf(before.trigger, manifest, before.name);
}

function idOf(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}
