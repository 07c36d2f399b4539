import { WorkflowPlace } from './workflow';
import { WorkflowKind } from '../contract/manifest';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Names for the workflows that a delivery writes. A workflow named `ship` is written to `.github/workflows/ship.yml`.
 *
 * Names consist of letters, digits and `. _ -`, with at most 50 characters. A name is used unchanged, also in a subproject.
 */
export interface WorkflowNames {
  /**
   * The workflow with the jobs of the environments. Only for `Workflow.own()`.
   *
   * @default 'deploy' (a subproject's: `deploy_<name>`)
   */
  readonly deploy?: string;

  /**
   * The workflow for rollbacks by hand and other decisions of a person.
   *
   * @default 'rollback' (a subproject's: `rollback_<name>`)
   */
  readonly rollback?: string;

  /**
   * The workflow that watches the environments on a schedule. Only with `monitoring`.
   *
   * @default 'monitor' (a subproject's: `monitor_<name>`)
   */
  readonly monitor?: string;

  /**
   * The workflow for drills. Only with `drill`.
   *
   * @default 'drill' (a subproject's: `drill_<name>`)
   */
  readonly drill?: string;

  /**
   * The workflow that plans pull requests. Only with `pullRequests: { plan: true }`.
   *
   * @default 'plan' (a subproject's: `plan_<name>`)
   */
  readonly plan?: string;

  /**
   * The workflow of the previews of pull requests. Only with `previews`.
   *
   * @default 'preview' (a subproject's: `preview_<name>`)
   */
  readonly preview?: string;
}

const NAMES: OptionNames<WorkflowNames> = { deploy: true, rollback: true, monitor: true, drill: true, plan: true, preview: true };

/** The option without which the workflow is not written. */
const NEEDED: Record<WorkflowKind, string> = { deploy: 'workflow: Workflow.own()', rollback: '', monitor: 'monitoring', drill: 'drill', plan: 'pullRequests: { plan: true }', preview: 'previews' };

const OPTION = 'Delivery workflowNames';

/** Throws `ValidationError` for a name that is invalid in a file name, or unused. */
export function checkWorkflowNames(
  names: WorkflowNames | undefined, place: WorkflowPlace,
  has: { readonly drill: boolean; readonly monitoring: boolean; readonly plan: boolean; readonly preview: boolean },
): void {
  if (names === undefined) return;
  optionsOf(OPTION, names, NAMES, '{ rollback: \'go-back\' }', OPTION);
  const isWritten: Record<WorkflowKind, boolean> = { deploy: place.kind === 'own', rollback: true, monitor: has.monitoring, drill: has.drill, plan: has.plan, preview: has.preview };
  for (const [kind, name] of Object.entries(names) as [WorkflowKind, unknown][]) {
    if (name === undefined) continue;
    if (!isWritten[kind]) {
      invalid(`${OPTION}.${kind}`, `this delivery has no ${kind} workflow${kind === 'deploy' ? ' of its own' : ''}`, `Leave it out, or set ${NEEDED[kind]}`);
    }
    checkName(`${OPTION}.${kind}`, name);
  }
}

function checkName(option: string, name: unknown): void {
  const [, withoutExtension] = typeof name === 'string' ? /^(.+)\.ya?ml$/.exec(name) ?? [] : [];
  if (withoutExtension !== undefined) invalid(option, `${show(name)} is the name of a file`, `Write the workflow's name without .yml: ${show(withoutExtension)}`);
  if (typeof name === 'string' && /^[A-Za-z0-9][\w.-]{0,49}$/.test(name) && !name.endsWith('.')) return;
  invalid(option, `${show(name)} cannot be the name of a workflow file`, 'Use letters, digits and . _ -, at most 50, beginning with a letter or a digit');
}

/** Throws `ValidationError` if two workflows of a delivery have the same name. Many file systems ignore letter case. */
export function checkDistinctNames(written: readonly { readonly kind: WorkflowKind; readonly name: string }[]): void {
  for (const [i, { kind, name }] of written.entries()) {
    const other = written.slice(0, i).find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (other) invalid(`${OPTION}.${kind}`, `${show(name)} is the name of the ${other.kind} workflow as well`, 'Give each workflow a name of its own');
  }
}
