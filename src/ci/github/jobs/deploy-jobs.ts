import { github } from 'projen';
import { commandJob } from './command-job';
import { deployCondition, deployNeeds, DeployNeeds, notInFork } from './conditions';
import { Subject } from './job-environment';
import { lookout, outputsOf, readerPermissions, runsOnFor } from './job-settings';
import { artifactEnv, lookSteps, Maker, probeSecrets, runtime, Workplace } from './steps';
import { timeouts } from './timeouts';
import { Environment } from '../../../delivery/environment';

type Job = github.workflows.Job;

export interface PlanNeeds {
  /** When it is wanted: the condition of where the chain begins that it stands in. */
  readonly asked: string;
  /** What there must be before there is anything to plan. */
  readonly maker?: Maker;
}

/** Unprivileged, beside the build: shows the plan before anyone approves. */
export function environmentJob(workplace: Workplace, environment: Environment, { asked, maker }: PlanNeeds): Job {
  const { name, title, words } = environment;
  const subject = Subject.of(environment);
  return {
    name: `plan ${title}`,
    ...(maker === undefined ? {} : { needs: [maker.id] }),
    if: notInFork(asked),
    ...runsOnFor(workplace, subject),
    timeoutMinutes: timeouts(environment).plan,
    permissions: readerPermissions(workplace),
    ...lookout(workplace, subject),
    outputs: outputsOf('plan', ['go', 'release', 'sha', 'stable', 'url', 'config']),
    steps: [
      ...lookSteps(workplace, subject),
      runtime('plan', `plan ${name}`, `plan ${words}`, artifactEnv(workplace, maker), probeSecrets(subject)),
    ],
  };
}

/** In the GitHub environment (approval happens here): deploys, verifies, promotes, bakes; on failure goes back at once. */
export function deployJob(workplace: Workplace, environment: Environment, needs: DeployNeeds): Job {
  const { name, title, words } = environment;
  const limits = timeouts(environment);
  return commandJob(workplace, Subject.of(environment), {
    name: `deploy ${title}`,
    needs: deployNeeds(environment, needs),
    condition: deployCondition(environment, needs),
    place: name,
    queue: 'deploy',
    minutes: limits.deploy,
    env: artifactEnv(workplace, needs.maker),
    step: { id: 'deploy', name: `deploy ${name}`, command: `deploy ${words}`, minutes: limits.deployStep },
  });
}
