import { ALLOW_DIRTY, Command, EVEN_IF_LIVE_FAILS, textOf } from './command';
import { ExitCode, OPTION } from '../../contract/command-line';
import { STATE } from '../../contract/outputs';
import { DeployOutcome } from '../ci/run';
import { RuntimeContext } from '../context';
import { publishedOutputs } from '../deployment/outputs';
import { laterRunFault, makePlan, Plan } from '../deployment/plan';
import { changedSince, PlanFile, planFileOf, readPlanFile } from '../deployment/plan-file';
import { requestedRelease } from '../deployment/requested-release';
import { runDeployment } from '../deployment/run-deployment';
import { ConfigurationError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { withoutLocalChanges } from '../release';
import { commandLine, DELIVERY, placeOf } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';
import { safeLine } from '../reporting/untrusted-text';
import { driverOf } from '../targets/driver-registry';
import { plannedChanges } from '../targets/planned-changes';

export const deploy: Command = {
  name: 'deploy',
  summary: 'deploy a release, verify it, and roll it back automatically if it is bad',
  environment: 'required',
  changes: true,
  options: {
    [OPTION.PLAN]: { type: 'string', description: 'deploy only if nothing changed since plan --out wrote this file' },
    [OPTION.PLAN_SHA256]: { type: 'string', description: 'with --plan: deploy only if the file has this SHA-256, which plan printed' },
    ...ALLOW_DIRTY,
    ...EVEN_IF_LIVE_FAILS,
  },
  examples: [`${DELIVERY} deploy staging`, `${DELIVERY} deploy production --release v1.2.3`, `${DELIVERY} deploy production --plan plan.json`],

  run: async ([given], options) => {
    const path = textOf(options, OPTION.PLAN);
    const digest = textOf(options, OPTION.PLAN_SHA256);
    if (digest !== undefined && path === undefined) throw new ConfigurationError(`--${OPTION.PLAN_SHA256} is about a plan file: add --${OPTION.PLAN} FILE`);
    const planned = path === undefined ? undefined : await readPlanFile(path, given, digest);
    const context = planned && !given.run.inCi
      ? { ...given, requestedRelease: given.requestedRelease ?? withoutLocalChanges(planned.release.version) }
      : given;
    const release = await requestedRelease(context);
    return runDeployment(context, async (history) => {
      const plan = await makePlan(context, history, release);
      if (plan.notNow) return nothing(context, 'unchanged', plan.notNow);
      if (plan.alreadyLive) return nothing(context, 'unchanged', alreadyLive(plan, context));
      if (plan.faults.length > 0) throw new ConfigurationError(plan.faults.join('\n'));
      if (plan.frozen) return nothing(context, 'frozen', `nothing is deployed ${plan.frozen}: a freeze is on`);
      const later = await laterRunFault(context, history);
      if (later) throw new ConfigurationError(later);
      if (planned) await requirePlanned(context, history, plan, planned);
      if (plan.changedByHand !== undefined) context.log.warning(`${context.environment.name} was changed by hand`, plan.changedByHand);
      return { kind: 'deploy', ...plan, reason: plan.override };
    });
  },
};

const MOST_CHANGES = 10;

/** Throws `ConfigurationError` if the deployment would not be the one that the file shows. */
async function requirePlanned(context: RuntimeContext, history: EnvironmentHistory, plan: Plan, planned: PlanFile): Promise<void> {
  const now = await planFileOf(context, history, plan, await plannedChanges(context, plan.release));
  const changed = changedSince(planned, now);
  if (changed.length === 0) return context.log.line(`nothing changed since the plan of ${safeLine(planned.plannedAt)}`);
  const { name } = context.environment;
  const shown = changed.slice(0, MOST_CHANGES).map((one) => `- ${safeLine(one)}`);
  const more = changed.length > MOST_CHANGES ? [`- and ${changed.length - MOST_CHANGES} more`] : [];
  throw new ConfigurationError([
    `${name}: this is not what was planned on ${safeLine(planned.plannedAt)}, so ${safeLine(planned.release.version)} was not deployed:`, ...shown, ...more,
    `Read a new plan: ${commandLine('plan', placeOf(context), { [OPTION.RELEASE]: safeLine(planned.release.version), [OPTION.OUT]: 'FILE' })}`,
  ].join('\n'));
}

function nothing(context: RuntimeContext, outcome: DeployOutcome, sentence: string): ExitCode {
  context.outputs.set({ [STATE]: outcome, ...publishedOutputs(context, context.deploymentOutputs) });
  reportNothing(context, sentence);
  return 0;
}

function alreadyLive({ release, stable, unread }: Plan, context: RuntimeContext): string {
  const as = stable?.release.version === release.version ? '' : ` as ${stable?.release.version}`;
  if (unread === undefined) return `${release.version} is already live${as}, verified ${stable?.since}: nothing to do`;
  return `${release.version} is Stable${as}, verified ${stable?.since}: nothing to do. Whether ${driverOf(context)!.place} still serves it could not be read: ${withoutDot(unread)}`;
}

/** What a CLI printed may be a sentence. */
function withoutDot(text: string): string {
  return text.replace(/\.$/, '');
}
