import { ALLOW_DIRTY, Command, EVEN_IF_LIVE_FAILS, textOf } from './command';
import { ExitCode, OPTION } from '../../contract/command-line';
import { lackingIn } from '../../contract/deployment-outputs';
import { REVIEW } from '../../contract/outputs';
import { RuntimeContext } from '../context';
import { alarmWarnings } from '../deployment/alarms';
import { missingPrograms } from '../deployment/missing-programs';
import { makePlan, Plan } from '../deployment/plan';
import { planFileOf, writePlanFile } from '../deployment/plan-file';
import { requestedRelease } from '../deployment/requested-release';
import { workingTreeWarnings } from '../deployment/working-tree';
import { EnvironmentHistory } from '../ledger/history';
import { baseline } from '../probing/gate';
import { hasLocalChanges } from '../release';
import { commandLine, DELIVERY, placeOf } from '../reporting/command-line';
import { reportPlan } from '../reporting/report';
import { safeLine } from '../reporting/untrusted-text';
import { firstDeploymentWarnings } from '../targets/live-release';
import { dataWarnings, PlannedChanges, plannedChanges } from '../targets/planned-changes';
import { preparedChanges } from '../targets/prepared-changes';

/** Shows what a deployment would do, and how it would be rolled back, before anyone approves it. Changes nothing that users see. */
export const plan: Command = {
  name: 'plan',
  summary: 'show what a deployment would do, and how it would be rolled back; changes nothing',
  environment: 'required',
  changes: false,
  options: { [OPTION.OUT]: { type: 'string', description: 'write the plan to this file, for deploy --plan' }, ...ALLOW_DIRTY, ...EVEN_IF_LIVE_FAILS },
  examples: [`${DELIVERY} plan production`, `${DELIVERY} plan production --release v1.2.3 --json`, `${DELIVERY} plan production --out plan.json`],

  run: async ([context], given) => {
    const { environment, ledger, run } = context;
    const history = new EnvironmentHistory(ledger, environment.name);
    const release = await requestedRelease(context);
    const made = await makePlan(context, history, release);
    const byHand = made.changedByHand === undefined ? [] : [made.changedByHand];
    // what is not deployed changes nothing
    const isWanted = !made.alreadyLive && made.notNow === undefined;
    const isToBeApproved = isWanted && made.faults.length === 0 && made.frozen === undefined;
    const prepared = isToBeApproved ? await preparedChanges(context, made.release) : undefined;
    const changes = isWanted ? prepared?.changes ?? await plannedChanges(context, made.release) : undefined;
    const first = isToBeApproved && made.stable === undefined ? await firstDeploymentWarnings(context) : [];
    const ofChanges = [...prepared?.notes ?? [], ...dataWarnings(changes)];
    const warnings = [...byHand, ...first, ...ofChanges, ...workingTreeWarnings(context, release), ...await alarmWarnings(context)];
    const faults = [...made.faults, ...(prepared?.fault === undefined ? [] : [prepared.fault])];
    if (prepared?.review !== undefined) context.outputs.set({ [REVIEW]: prepared.review });
    // a job that plans has checked out no scripts, and set up no tools
    const missing = run.inCi || made.alreadyLive ? [] : missingPrograms(context, 'deploy');
    const code = await show(context, { ...made, changes, faults: [...faults, ...missing], warnings });
    const out = textOf(given, OPTION.OUT);
    if (out !== undefined && code === 0) {
      const digest = await writePlanFile(out, await planFileOf(context, history, made, changes));
      const dirty = hasLocalChanges(made.release) ? ` --${OPTION.ALLOW_DIRTY}` : '';
      const failing = context.allowsFailingLive ? ` --${OPTION.EVEN_IF_LIVE_FAILS}` : '';
      const line = `${commandLine('deploy', placeOf(context), { [OPTION.PLAN]: safeLine(out), [OPTION.PLAN_SHA256]: digest })}${dirty}${failing}`;
      context.log.line(`the plan is in ${safeLine(out)}; deploy exactly it: ${line}`);
    }
    return code;
  },
};

async function show(context: RuntimeContext, planned: Plan & { readonly warnings: string[]; readonly changes?: PlannedChanges }): Promise<ExitCode> {
  const { environment, log, outputs } = context;
  const { reached } = await baseline(environment.healthChecks, { release: planned.stable?.release ?? planned.release }, context);
  const go = planned.faults.length === 0 && planned.notNow === undefined && planned.frozen === undefined;
  outputs.set({
    go: String(go),
    release: planned.release.version,
    sha: planned.release.sha,
    stable: planned.stable?.release.version ?? '',
    // the first deployment makes it known
    url: lackingIn(environment.url) === undefined ? environment.url : '',
    config: JSON.stringify(environment.variables),
  });
  reportPlan(context, planned, reached);
  if (planned.notNow) log.notice('Nothing to deploy', planned.notNow);
  else if (planned.frozen) log.notice(`${environment.name} is frozen`, `${planned.frozen}. A rollback is still possible.`);
  for (const fault of planned.faults) log.error(`${environment.name}: not to be deployed`, fault);
  return planned.faults.length > 0 ? 2 : 0;
}
