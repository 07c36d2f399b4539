import { Command, ExitCode, Given } from './command';
import { theOneNamed } from '../job/named-commit';
import { EnvironmentHistory } from '../ledger/history';
import { deploysAgain, idleSlot, makePlan, Plan } from '../plan';
import { baseline } from '../probing/gate';
import { Artifact } from '../release';
import { releaseAsked } from '../release-asked';
import { reportPlan } from '../reporting/report';
import { Surroundings } from '../surroundings';

/** Shows what a deployment would do, with the way back it found, before anyone approves it. Changes nothing. */
export const plan: Command = {
  name: 'plan',
  summary: 'show what a deployment would do, and the way back; changes nothing',
  environment: 'required',
  changes: false,
  options: {
    artifacts: { type: 'boolean', description: 'only say which artifacts this job must download (--release: to go back to that release)' },
    drill: { type: 'boolean', description: 'with --artifacts: those that a drill needs' },
  },
  examples: ['npx projen delivery plan production', 'npx projen delivery plan production --release v1.2.3 --json'],

  run: async ([surroundings], given) => {
    const { environment, ledger } = surroundings;
    const history = new EnvironmentHistory(ledger, environment.name);
    if (given.flags.artifacts) return artifactsOf(surroundings, history, given);
    return show(surroundings, await makePlan(surroundings, history, await releaseAsked(surroundings)));
  },
};

/** The files of the release this job is about, and those that going back needs: what is not needed cannot fail to be downloaded. */
async function artifactsOf(surroundings: Surroundings, history: EnvironmentHistory, given: Given): Promise<ExitCode> {
  const release = await artifactOfRelease(surroundings, history, given);
  const wayBack = await artifactOfWayBack(surroundings, history);
  surroundings.outputs.set({
    release_artifact_id: release?.id ?? '',
    release_artifact_run: release?.runId ?? '',
    stable_artifact_id: wayBack?.id ?? '',
    stable_artifact_run: wayBack?.runId ?? '',
  });
  return 0;
}

async function artifactOfRelease(surroundings: Surroundings, history: EnvironmentHistory, given: Given): Promise<Artifact | undefined> {
  const { release: asked } = given;
  if (given.flags.drill) return (await history.stable())?.release.artifact;
  if (asked !== undefined) return theOneNamed(asked, await history.verifiedNamed(asked))?.release.artifact;
  return (await makePlan(surroundings, history, await releaseAsked(surroundings))).release.artifact;
}

/** Stable's only where going back means deploying it again; a rollback by hand that was left open goes on to its own release. */
async function artifactOfWayBack(surroundings: Surroundings, history: EnvironmentHistory): Promise<Artifact | undefined> {
  const open = await history.open();
  if (open?.record.kind === 'rollback') return open.record.release.artifact;
  const stable = open ? open.record.stable : await history.stable();
  const { kind } = surroundings.environment.strategy;
  const slot = open ? open.record.slot : kind === 'blueGreen' ? idleSlot(await history.slotWithTraffic()) : undefined;
  return stable && deploysAgain(surroundings, stable, slot) ? stable.release.artifact : undefined;
}

async function show(surroundings: Surroundings, planned: Plan): Promise<ExitCode> {
  const { environment, log, outputs } = surroundings;
  const reached = await baseline(environment.healthChecks, { release: planned.stable?.release ?? planned.release }, surroundings);
  const go = planned.faults.length === 0 && planned.notNow === undefined && planned.frozen === undefined;
  outputs.set({
    go: String(go),
    release: planned.release.version,
    sha: planned.release.sha,
    stable: planned.stable?.release.version ?? '',
    url: environment.url,
    config: JSON.stringify(environment.variables),
  });
  reportPlan(surroundings, planned, reached);
  if (planned.notNow) log.notice('Nothing to deploy', planned.notNow);
  else if (planned.frozen) log.notice(`${environment.name} is frozen`, `${planned.frozen}. A rollback is possible all the same.`);
  for (const fault of planned.faults) log.error(`${environment.name}: not to be deployed`, fault);
  return planned.faults.length > 0 ? 2 : 0;
}
