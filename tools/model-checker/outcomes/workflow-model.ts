/** A synthesized workflow, as far as the enumeration looks at it. Conditions and expressions are the YAML's own. */
import { Condition, Needed } from './condition';
import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { Job, Workflow } from '../../../test/validators/workflow';
import { interpolate } from '../../github-actions-emulator/expression';

/** What a job is there for. `build` also takes what a release workflow made. `other`: the user's own, or projen's. */
export type Kind = 'build' | 'plan' | 'deploy' | 'confirm' | 'finish' | 'hold' | 'restore' | 'decision' | 'drill' | 'start' | 'other';

/** `build` and `release` are projen's, `ci` is a project's own, which our jobs joined. */
export type WorkflowName = 'deploy' | 'build' | 'ci' | 'release' | 'rollback' | 'drill';

export interface JobModel {
  readonly id: string;
  readonly index: number;
  readonly kind: Kind;
  /** Which environment it is about; -1 where about none. */
  readonly place: number;
  readonly needs: readonly number[];
  /** All it waits for, near and far. */
  readonly ancestors: readonly number[];
  readonly condition: Condition;
  /** Whether its GitHub environment may have reviewers: the environment itself, not a twin. */
  readonly needsApproval: boolean;
  /** The step that runs its command. */
  readonly mainStep: string;
  /** The job's outputs, out of those of its steps; without unused ones. */
  readonly outputs: (steps: Readonly<Record<string, Readonly<Record<string, string>>>>) => Record<string, string>;
  /** What of the jobs before it its command reads. */
  readonly reported: (needs: Readonly<Record<string, Needed>>) => { readonly deployed?: string; readonly state?: string };
  /** Outputs of other jobs that it looks at. */
  readonly reads: readonly string[];
  /** The condition of the step that recovers in the same job. */
  readonly recover?: Condition;
  /** Of a job that is not ours: what its outputs may say, as far as a condition asks. */
  readonly says: readonly Readonly<Record<string, string>>[];
}

/** The commit that a run is about. */
export const SHA = '3f2a91c';

/** Outputs of projen's jobs, and what they may be; first what a good release or build says. */
const REPORTED: Record<string, readonly string[]> = {
  tag_exists: ['false', 'true'], latest_commit: [SHA, '0a1b2c3'], self_mutation_happened: ['', 'true'],
};

const MAIN_STEPS: Partial<Record<Kind, readonly string[]>> = {
  plan: ['plan'], deploy: ['deploy'], confirm: ['monitor'], finish: ['rollback', 'recover'], hold: ['hold'], restore: ['rollback'], drill: ['drill'], start: ['start'],
};

const DEPLOYING: Record<string, Kind> = { environment: 'plan', deploy: 'deploy', monitor: 'confirm', rollback: 'finish' };

const KINDS: Record<WorkflowName, Record<string, Kind>> = {
  deploy: DEPLOYING,
  build: DEPLOYING,
  ci: DEPLOYING,
  release: DEPLOYING,
  rollback: { hold: 'hold', rollback: 'restore', recover: 'finish', decision: 'decision', monitor: 'confirm' },
  drill: { start: 'start', drill: 'drill', recover: 'finish', monitor: 'confirm' },
};

/** In these, one set of jobs serves every environment that a person can choose. */
const BY_CHOICE: readonly WorkflowName[] = ['rollback', 'drill'];

/** A model for each environment that can be chosen in the workflow; else one of all. */
export function modelsOf(name: WorkflowName, workflow: Workflow, manifest: Manifest): WorkflowModel[] {
  if (!BY_CHOICE.includes(name)) return [new WorkflowModel(name, workflow, manifest)];
  const { inputs } = (workflow.on as { workflow_dispatch: { inputs: { environment: { options: string[] } } } }).workflow_dispatch;
  return inputs.environment.options.map((chosen) => {
    const environments = manifest.environments.filter((one) => one.name === chosen);
    return new WorkflowModel(name, workflow, { ...manifest, environments });
  });
}

/** `rollback.yml staging` */
export function titleOf({ name, environments }: WorkflowModel): string {
  return BY_CHOICE.includes(name) ? `${name}.yml ${environments[0].name}` : `${name}.yml`;
}

export class WorkflowModel {
  public readonly jobs: readonly JobModel[];
  public readonly environments: readonly EnvironmentManifest[];
  /** Whether a condition distinguishes a failed job from a cancelled one; if none does, they are the same for all that follows. */
  public readonly seesFailures: boolean;
  /** By environment: the jobs of the user's own that must succeed before its deployment. */
  public readonly required: readonly (readonly number[])[];
  /** By environment: other jobs that its deployment waits for. They may also be skipped. */
  public readonly awaited: readonly (readonly number[])[];

  /** The outputs that are used. */
  private readonly reads: readonly string[];

  /**
   * @param asItStands the model of the same workflow without the change: what that does not touch is taken from there
   * @param original the workflow before others changed it: what a deployment waited for there must succeed
   */
  constructor(
    public readonly name: WorkflowName,
    workflow: Workflow,
    public readonly manifest: Manifest,
    changed: Change = {},
    asItStands?: WorkflowModel,
    original = workflow,
  ) {
    this.environments = manifest.environments;
    this.reads = readsIn(workflow);
    const ids = inOrder(workflow.jobs);
    const reads = readsIn(Object.values(workflow.jobs).map((job) => job.if));
    const needsOf = (id: string) => needsIn(workflow.jobs[id]).filter((need) => !(changed.job === id && changed.need === need));
    const untouched = asItStands?.jobs.filter((job) => !isTouched(job, changed, ids)) ?? [];
    this.jobs = ids.map((id, index) => (
      untouched.find((job) => job.id === id) ?? { ...this.job(id, index, workflow.jobs[id], ids, needsOf, changed), says: reports(id, reads) }));
    this.seesFailures = this.jobs.some(({ condition }) => /'failure'|'cancelled'|\bfailure\(\)/.test(condition.text ?? ''));
    const waits = (place: number, { jobs }: Workflow) => {
      const needs = this.jobs.filter(({ kind, place: of }) => kind === 'deploy' && of === place).flatMap(({ id }) => needsIn(jobs[id]));
      return this.jobs.filter(({ id, kind }) => kind === 'other' && needs.includes(id)).map(({ index }) => index);
    };
    this.required = this.environments.map((_, place) => waits(place, original));
    this.awaited = this.environments.map((_, place) => waits(place, workflow).filter((index) => !this.required[place].includes(index)));
  }

  public find(kind: Kind, place: number): JobModel | undefined {
    return this.jobs.find((job) => job.kind === kind && job.place === place);
  }

  /** The environment that must be Stable first, in the same run; -1 if none. */
  public before(place: number): number {
    if (place < 0 || KINDS[this.name] !== DEPLOYING) return -1;
    const { trigger } = this.environments[place];
    return trigger.kind === 'after' ? this.environments.findIndex(({ name }) => name === trigger.environment) : -1;
  }

  /** Whether another environment comes after it in the same run. */
  public isBefore(place: number): boolean {
    return this.environments.some((_, other) => this.before(other) === place);
  }

  private job(id: string, index: number, job: Job, ids: string[], needsOf: (id: string) => string[], changed: Change): Omit<JobModel, 'says'> {
    const [kind, place] = this.kindOf(id);
    const steps = job.steps ?? [];
    const mainStep = MAIN_STEPS[kind]?.find((one) => steps.some((step) => step.id === one)) ?? '';
    const conditionOf = (text: string | undefined, step?: string) =>
      new Condition(changed.job === id && changed.step === step && changed.condition !== undefined ? changed.condition.text : text);
    const recover = kind === 'finish' ? undefined : steps.find((step) => step.id === 'recover');
    const ancestors = new Set<string>();
    const visit = (one: string) => needsOf(one).filter((need) => !ancestors.has(need)).forEach((need) => {
      ancestors.add(need);
      visit(need);
    });
    visit(id);
    return {
      id,
      index,
      kind,
      place,
      needs: needsOf(id).map((need) => ids.indexOf(need)),
      ancestors: [...ancestors].map((need) => ids.indexOf(need)),
      condition: conditionOf(job.if),
      needsApproval: this.environments.some(({ name }) => name === interpolate(environmentOf(job) ?? '', { inputs: { environment: this.environments[0].name } })),
      mainStep,
      outputs: writer(Object.entries(job.outputs ?? {}).filter(([name]) => this.reads.includes(`needs.${id}.outputs.${name}`))),
      reads: readsIn(job),
      reported: resultReader(steps.find((step) => step.id === mainStep)?.env ?? {}),
      ...(recover && { recover: conditionOf(recover.if, 'recover') }),
    };
  }

  private kindOf(id: string): [Kind, number] {
    if (id === (this.name === 'deploy' ? 'build' : 'delivery_release')) return ['build', -1];
    if (BY_CHOICE.includes(this.name)) return id in KINDS[this.name] ? [KINDS[this.name][id], 0] : ['other', -1];
    const [, prefix, rest] = /^([a-z]+)_(.*)$/.exec(id) ?? [];
    const place = this.environments.findIndex(({ name }) => name.replace(/[^A-Za-z0-9_]/g, '_') === rest);
    const kind = KINDS[this.name][prefix];
    return kind && place >= 0 ? [kind, place] : ['other', -1];
  }
}

/** All that a model depends on, as text: what it reads of the jobs, and how environments are reached and may go back. Their names do not matter. */
export function meaningOf({ environments, jobs: models, manifest, name }: WorkflowModel, { jobs }: Workflow): string {
  const isByChoice = BY_CHOICE.includes(name);
  const places = environments.map(({ name: place, target: { driver, noRollback }, trigger }) => ({
    place, noRollback: noRollback !== undefined, requires: trigger.kind === 'tag' && trigger.requires !== undefined, ...(!isByChoice && { trigger, driver }),
  }));
  const shapes = Object.entries(jobs).map(([id, job]) => {
    const { if: condition, needs, outputs, steps = [] } = job;
    const own = steps.filter(({ id: step }) => step === 'recover' || Object.values(MAIN_STEPS).some((ids) => ids.includes(step ?? '')))
      .map(({ env: { DELIVERY_DEPLOYED: deployed, DELIVERY_STATE: state } = {}, id: step, if: when }) => ({ step, when, deployed, state }));
    return { id, condition, needs, outputs, needsApproval: models.find((one) => one.id === id)!.needsApproval, own, reads: readsIn(job) };
  });
  const text = JSON.stringify({ name, hasArtifact: !isByChoice && manifest.artifact !== undefined, places, shapes });
  return environments.reduce((all, { name: place }, index) => all.replaceAll(place, `environment ${index}`), text);
}

/** One thing that is not as it stands in the YAML. */
export interface Change {
  readonly job?: string;
  readonly step?: string;
  readonly condition?: { readonly text: string | undefined };
  /** A need that is gone. */
  readonly need?: string;
}

/** A need that is gone also changes what the jobs after it wait for. */
function isTouched({ id, ancestors }: JobModel, { job, need }: Change, ids: readonly string[]): boolean {
  return id === job || (need !== undefined && ancestors.some((index) => ids[index] === job));
}

export function needsIn({ needs }: Job): string[] {
  return needs === undefined ? [] : typeof needs === 'string' ? [needs] : needs;
}

/** Each after those it needs, else as they stand. */
function inOrder(jobs: Record<string, Job>): string[] {
  const ordered: string[] = [];
  const place = (id: string) => {
    if (ordered.includes(id)) return;
    needsIn(jobs[id]).forEach(place);
    ordered.push(id);
  };
  Object.keys(jobs).forEach(place);
  return ordered;
}

function environmentOf({ environment }: Job): string | undefined {
  return typeof environment === 'string' ? environment : environment?.name;
}

/** What is empty is no output. */
function writer(texts: readonly (readonly [string, string])[]): JobModel['outputs'] {
  return remembered((steps) => {
    const contexts = { steps: Object.fromEntries(Object.entries(steps).map(([id, outputs]) => [id, { outputs }])) };
    return Object.fromEntries(texts.map(([name, text]) => [name, interpolate(text, contexts)]).filter(([, value]) => value !== ''));
  });
}

/** Every combination of what a job reports; those of no known job are none. */
function reports(id: string, keys: readonly string[]): Record<string, string>[] {
  const names = Object.keys(REPORTED).filter((name) => keys.includes(`needs.${id}.outputs.${name}`));
  return names.reduce<Record<string, string>[]>((all, name) => all.flatMap((one) => (
    REPORTED[name].map((value) => (value === '' ? one : { ...one, [name]: value })))), [{}]);
}

function readsIn(part: unknown): string[] {
  return JSON.stringify(part).match(/needs\.[\w-]+\.outputs\.[\w-]+/g) ?? [];
}

function resultReader({ DELIVERY_DEPLOYED: deployed, DELIVERY_STATE: state }: Record<string, string>): JobModel['reported'] {
  return remembered((needs) => ({
    ...(deployed !== undefined && { deployed: interpolate(deployed, { needs }) }),
    ...(state !== undefined && { state: interpolate(state, { needs }) }),
  }));
}

/** GitHub's evaluator is asked once for each different question. */
function remembered<Q, A>(compute: (question: Q) => A): (question: Q) => A {
  const known = new Map<string, A>();
  return (question) => {
    const key = JSON.stringify(question);
    const result = known.get(key) ?? compute(question);
    known.set(key, result);
    return result;
  };
}
