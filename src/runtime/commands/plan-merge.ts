import { Command, CommandArguments, textOf } from './command';
import { OPTION } from '../../contract/command-line';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { manifestFile } from '../../contract/manifest';
import { COMMENT } from '../../contract/outputs';
import { Approval } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { freezeAt } from '../deployment/freeze';
import { freeze } from '../deployment/plan';
import { ConfigurationError } from '../errors';
import { EventLogError } from '../event-log/event-log';
import { isObject, parseJson } from '../json-value';
import { EnvironmentHistory } from '../ledger/history';
import { commitOf, fileIn } from '../processes/git';
import { fittingComment, fittingSummary } from '../pull-requests/comment-text';
import { configurationDifference } from '../pull-requests/configuration-difference';
import { readChanges } from '../pull-requests/merge-changes';
import { EnvironmentFacts, EnvironmentPlan, environmentPlan, MergePlan } from '../pull-requests/merge-plan';
import { renderMergePlan, sentenceOf } from '../pull-requests/merge-plan-markdown';
import { DELIVERY } from '../reporting/command-line';
import { maskWithin } from '../reporting/masking';
import { safeLine } from '../reporting/untrusted-text';

/** Shows what merging a pull request would deploy where, and what it changes in the delivery's own configuration. It records nothing. */
export const planMerge: Command = {
  name: 'plan-merge',
  summary: 'show what merging this commit would deploy, and what it changes in the delivery; changes nothing',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: { [OPTION.INTO]: { type: 'string', description: 'the branch to merge into (default: that of the pull request)' } },
  examples: [`${DELIVERY} plan-merge --into main`, `${DELIVERY} plan-merge --into main --json`],

  run: async (all, given) => {
    const [context] = all as [RuntimeContext];
    const { ci, log, manifest, mask, outputs, print, run } = context;
    const { base, commit } = baseOf(context, given);
    const before = manifestAt(context, commit);
    const approvals = await approvalsOf(context);
    const facts = await factsOf(all, approvals);
    const plan: MergePlan = maskWithin({
      project: manifest.project?.name,
      base,
      sha: run.sha,
      environments: all.map(({ environment }) => ({
        ...environmentPlan(manifest, environment, base, facts.of(environment.name)), changes: changesOf(context, environment.name),
      })),
      differences: configurationDifference(before, manifest),
      watch: manifest.monitoring && { intervalMs: manifest.monitoring.intervalMs, firesAfter: manifest.monitoring.firesAfter },
      onlyIfChanged: manifest.pullRequests?.onlyIfChanged,
      unread: facts.unread,
      runUrl: run.url,
    }, mask);
    const markdown = renderMergePlan(plan);
    outputs.summary(fittingSummary(markdown));
    // the job that comments runs the runtime of the base
    if (ci.pullRequest) outputs.set({ [COMMENT]: isObject(before) && isObject(before.pullRequests) ? fittingComment(markdown) : '' });
    if (given.json) print(JSON.stringify({ ...plan, sentence: sentenceOf(plan) }, null, 2));
    else if (run.inCi) log.line(`${safeLine(sentenceOf(plan))}.`);
    else print(markdown);
    return 0;
  },
};

/** Undefined where no job reads them. */
function changesOf({ manifest, processEnv }: RuntimeContext, environment: string): EnvironmentPlan['changes'] {
  const lines = processEnv[JOB_VARIABLE.CHANGES];
  if (lines === undefined || !manifest.pullRequests?.changes?.includes(environment)) return undefined;
  const why = 'the job that reads them did not run, as for a pull request of a fork, or it failed: see its log';
  return readChanges(lines).find((one) => one.environment === environment) ?? { changes: { kind: 'unknown', why }, more: 0 };
}

/** Throws `ConfigurationError` if it is not known. */
function baseOf({ ci, root }: RuntimeContext, given: CommandArguments): { readonly base: string; readonly commit: string } {
  const named = textOf(given, OPTION.INTO);
  // GitHub checks out the merge, whose first parent is the branch
  const wanted = named ?? (ci.pullRequest ? 'HEAD^1' : undefined);
  if (wanted === undefined) throw new ConfigurationError(`which branch would it be merged into? Try: ${DELIVERY} plan-merge --into main`);
  const commit = commitOf(root, wanted);
  if (commit !== undefined) return { base: named ?? ci.pullRequest!.base, commit };
  throw new ConfigurationError(`--into ${JSON.stringify(wanted)}: git knows no such commit here. Fetch it, or name another branch`);
}

/** As the branch has it; undefined where it has none. */
function manifestAt({ manifest, root }: RuntimeContext, commit: string): unknown {
  const text = fileIn(root, commit, manifestFile(manifest.project?.name));
  return text === undefined ? undefined : parseJson(text);
}

/** By environment; the reason if they cannot be read. */
async function approvalsOf({ ci }: RuntimeContext): Promise<(environment: string) => Approval> {
  if (!ci.reviewers) return () => ({ kind: 'unknown', why: 'it is read on GitHub' });
  try {
    const approvals = await ci.reviewers();
    return (environment) => approvals.get(environment.toLowerCase()) ?? { kind: 'known', reviewers: [], waitMinutes: 0 };
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    const why = error.message;
    return () => ({ kind: 'unknown', why });
  }
}

interface ReadFacts {
  readonly unread?: string;
  of(environment: string): EnvironmentFacts;
}

/** A plan without the records is better than none: the token of a pull request may not read them. */
async function factsOf(all: readonly RuntimeContext[], approvals: (environment: string) => Approval): Promise<ReadFacts> {
  const facts = new Map<string, EnvironmentFacts>();
  let unread: string | undefined;
  for (const context of all) {
    const { environment: { freezes, name }, clock } = context;
    const approval = approvals(name);
    try {
      if (unread !== undefined) throw new EventLogError(unread);
      const history = new EnvironmentHistory(context.ledger, name);
      const [stable, newest, frozen] = [await history.stable(), await history.newest(), await freeze(context, history)];
      facts.set(name, { approval, isRecorded: true, stable, newest: newest?.state, ...frozen });
    } catch (error) {
      if (!(error instanceof EventLogError)) throw error;
      unread = error.message;
      const window = freezeAt(freezes, clock.now());
      facts.set(name, { approval, isRecorded: false, ...(window && { frozen: `until ${window.untilText}${window.reason ? ` (${window.reason})` : ''}` }) });
    }
  }
  return { unread, of: (name) => facts.get(name)! };
}
