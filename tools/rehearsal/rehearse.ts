import { availableParallelism } from 'node:os';
import { journeyTo } from './journey';
import { Project } from './project';
import { endingOf, reportOf, tableOf } from './report';
import { allScenarios, describeScenario, RehearsalError, Scenario } from './scenario';
import { Outcome, World } from './world';
import { EnvironmentManifest, Manifest } from '../../src/contract/manifest';

export interface RehearseOptions {
  /** Of the repository. */
  readonly root: string;
  /** @default - the last one that a push reaches */
  readonly environment?: string;
  readonly subproject?: string;
  readonly all: boolean;
  readonly json: boolean;
  readonly scenario: Scenario;
  readonly print: (text: string) => void;
  readonly progress: (text: string) => void;
}

/** Rehearses one scenario, or all of them. Returns the exit code: 1 if a scenario ends unsafe. */
export async function rehearse({ all, environment: named, json, print, progress, root, scenario, subproject }: RehearseOptions): Promise<number> {
  const project = new Project(root, subproject);
  const environment = chosen(project.manifest, named);
  const hasPromote = environment.target.promote !== undefined;
  if (scenario.fault === 'promote-fails' && !hasPromote) throw new RehearsalError(`${environment.name} has no command that promotes, so --fault promote-fails cannot happen`);
  const scenarios = all ? allScenarios({ hasPromote }) : [scenario];
  const about = { notes: [] as readonly string[], replaced: [] as readonly string[] };
  const outcomes = await inWorlds(project, environment.name, scenarios, (world, outcome) => {
    Object.assign(about, { notes: world.notes, replaced: world.replaced.list });
    if (all) progress(`${endingOf(outcome).name.padEnd(12)} ${describeScenario(outcome.scenario)}`);
  });
  if (json) print(JSON.stringify(outcomes.map(asJson), undefined, 2));
  else if (all) print(tableWithNotes(outcomes, environment, about));
  else print(outcomes.map((outcome) => reportOf(outcome, environment, about)).join('\n\n'));
  return outcomes.some((outcome) => endingOf(outcome).name === 'unsafe') ? 1 : 0;
}

function chosen(manifest: Manifest, named: string | undefined): EnvironmentManifest {
  const { environments } = manifest;
  if (named !== undefined) {
    // throws where it cannot be reached
    journeyTo(manifest, named, 1);
    return environments.find(({ name }) => name === named)!;
  }
  const found = [...environments].reverse().find(({ name }) => isReached(manifest, name));
  if (!found) journeyTo(manifest, environments.at(-1)!.name, 1);
  return found!;
}

function isReached(manifest: Manifest, name: string): boolean {
  try {
    return journeyTo(manifest, name, 1).length > 0;
  } catch (error) {
    if (error instanceof RehearsalError) return false;
    throw error;
  }
}

/** Two worlds at a time, if the machine has two cores. A world that a scenario leaves halted is replaced. */
async function inWorlds(
  project: Project, environment: string, scenarios: readonly Scenario[], onOutcome: (world: World, outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async () => {
    let world: World | undefined;
    try {
      while (next < scenarios.length) {
        const index = next++;
        if (world && !world.isClean) {
          await world.close();
          world = undefined;
        }
        if (!world) {
          world = await World.open(project, environment);
          await world.begin();
        }
        outcomes[index] = await world.rehearse(scenarios[index]!);
        onOutcome(world, outcomes[index]!);
      }
    } finally {
      await world?.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism(), scenarios.length) }, work));
  return outcomes;
}

function tableWithNotes(
  outcomes: readonly Outcome[],
  environment: EnvironmentManifest,
  { notes, replaced }: { readonly notes: readonly string[]; readonly replaced: readonly string[] },
): string {
  const unsafe = outcomes.filter((outcome) => endingOf(outcome).name === 'unsafe').length;
  return [
    `Rehearsal of ${environment.name}: ${outcomes.length} scenarios, ${unsafe} unsafe`,
    '',
    tableOf(outcomes),
    '',
    ...(replaced.length > 0 ? [`Not executed: ${replaced.join('; ')}.`] : []),
    ...notes.map((note) => `Note: ${note}.`),
    'Next: delivery rehearse --release <release> --fault <fault> shows one of them in detail.',
  ].join('\n');
}

function asJson(outcome: Outcome): unknown {
  const { calls, delivered, environment, issues, live, phases, run, scenario, seconds, users, version, before } = outcome;
  const jobs = Object.fromEntries(Object.entries(run.jobs).map(([id, { result }]) => [id, result]));
  return {
    ...scenario,
    ...endingOf(outcome),
    environment,
    version,
    before,
    live,
    users,
    run: run.conclusion,
    jobs,
    phases,
    commands: calls,
    notifications: delivered,
    issues,
    seconds,
  };
}
