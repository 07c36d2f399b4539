import { isListOf, isObject, isText, parseJson } from '../../../runtime/json-value';

/** What the plan prepared for one stack. */
export interface ReviewedStack {
  readonly stackName: string;
  /** Undefined where the credentials decide. */
  readonly region?: string;
  /** `changeSet`: it is executed. `unchanged`: nothing is. `later`: CloudFormation can prepare it only after another stack is deployed. */
  readonly kind: typeof KINDS[number];
  /** The digest of the template that was shown. */
  readonly template: string;
  /** The last part of the change set's ARN: GitHub drops outputs with an account that is masked. */
  readonly id?: string;
  /** The stack when it was prepared; absent where there was none. */
  readonly status?: string;
  readonly updatedAt?: string;
}

/** What a person approves: an output of the plan, which the deployment gets. */
export interface Review {
  /** The name of its change sets. */
  readonly changeSet: string;
  readonly stacks: readonly ReviewedStack[];
}

const KINDS = ['changeSet', 'unchanged', 'later'] as const;

export function reviewText(review: Review): string {
  return JSON.stringify(review);
}

/** Reads such a text; undefined for another one. */
export function reviewIn(text: string | undefined): Review | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (!isObject(value) || !isText(value.changeSet) || !isListOf(value.stacks, isReviewedStack)) return undefined;
  return { changeSet: value.changeSet, stacks: value.stacks };
}

function isReviewedStack(value: unknown): value is ReviewedStack {
  if (!isObject(value)) return false;
  const { id, kind, region, stackName, status, template, updatedAt } = value;
  const areTexts = [id, region, status, updatedAt].every((one) => one === undefined || isText(one));
  return areTexts && isText(stackName) && isText(template) && KINDS.some((one) => one === kind) && (kind !== 'changeSet' || isText(id));
}

/** The run that a change set belongs to. */
export interface ReviewRun {
  readonly id: number;
  readonly attempt: number;
}

/** The same name for the same attempt of a run and commit: a plan that is repeated finds what it left. */
export function changeSetName(environment: string, { attempt, id }: ReviewRun, sha: string): string {
  return `${prefixOf(environment)}${id}-${attempt}-${sha.slice(0, 7)}`;
}

/** The run of a change set that a plan of this environment made; undefined for others. */
export function runOfChangeSet(environment: string, name: string): ReviewRun | undefined {
  const prefix = prefixOf(environment);
  const [, id, attempt] = (name.startsWith(prefix) ? /^(\d+)-(\d+)-[0-9a-f]{7}$/.exec(name.slice(prefix.length)) : undefined) ?? [];
  return id === undefined ? undefined : { id: Number(id), attempt: Number(attempt) };
}

/** A name has at most 128 letters, digits and hyphens. */
function prefixOf(environment: string): string {
  return `delivery-${environment.replace(/[^A-Za-z0-9]/g, '-').slice(0, 64)}-`;
}
