import { github } from 'projen';
import { Environment } from '../environment';
import { TriggerManifest } from '../manifest';
import { commandJob, settleJob } from './command-job';
import { asksFor, deployCondition, deployNeeds, DeployNeeds, expression, monitorCondition, notInFork, settleCondition } from './conditions';
import { carrierPermissions, lookout, outputsOf, place, readerPermissions, runsOn } from './job-parts';
import { artifactEnv, checkoutRuntime, runtime, Workplace } from './steps';
import { PLAN_MINUTES, timeouts } from './timeouts';

type Job = github.workflows.Job;

/** Unprivileged, beside the build: shows the plan before anyone approves. */
export function environmentJob(workplace: Workplace, environment: Environment, root: { name: string; trigger: TriggerManifest }): Job {
  const { name } = environment;
  return {
    name: `plan ${name}`,
    if: notInFork(asksFor(root.trigger, root.name)),
    ...runsOn(workplace, environment),
    timeoutMinutes: PLAN_MINUTES,
    permissions: readerPermissions(workplace),
    ...lookout(workplace, environment),
    outputs: outputsOf('plan', ['go', 'release', 'sha', 'stable', 'url', 'config']),
    steps: [
      checkoutRuntime(),
      runtime('plan', `plan ${name}`, `plan ${name}`, artifactEnv(workplace, false), environment.secretHeaders),
    ],
  };
}

/** In the GitHub environment (approval happens here): deploys, verifies, promotes, bakes; on failure goes back at once. */
export function deployJob(workplace: Workplace, environment: Environment, needs: DeployNeeds): Job {
  const { name } = environment;
  const limits = timeouts(environment);
  return commandJob(workplace, environment, {
    name: `deploy ${name}`,
    needs: deployNeeds(environment, needs),
    condition: deployCondition(environment, needs),
    place: name,
    queue: 'deploy',
    minutes: limits.deploy,
    artifacts: { command: `plan ${name} --artifacts`, which: ['release', 'stable'] },
    env: artifactEnv(workplace, needs.build),
    step: { id: 'deploy', name: `deploy ${name}`, command: `deploy ${name}`, minutes: limits.deployStep, outputs: { state: 'state' } },
  });
}

/** A fresh runner without the environment's secrets: the judge. */
export function monitorJob(workplace: Workplace, environment: Environment): Job {
  const { id, name, monitorEnvironment } = environment;
  return {
    name: `confirm ${name}`,
    needs: [`deploy_${id}`],
    if: monitorCondition(environment),
    ...runsOn(workplace, environment),
    timeoutMinutes: timeouts(environment).monitor,
    permissions: carrierPermissions(workplace),
    ...(monitorEnvironment === undefined ? {} : { environment: place(workplace, monitorEnvironment) }),
    outputs: outputsOf('monitor', ['settled', 'state']),
    steps: [
      checkoutRuntime(),
      runtime('monitor', `confirm ${name}`, `monitor ${name}`, toldOf(environment), environment.secretHeaders),
    ],
  };
}

/** Finishes what the ledger shows open: the runner died, the run was cancelled, the judge said no. */
export function rollbackJob(workplace: Workplace, environment: Environment): Job {
  const { id } = environment;
  return settleJob(workplace, environment, {
    needs: [`deploy_${id}`, `monitor_${id}`],
    condition: settleCondition(`deploy_${id}`, `monitor_${id}`),
    stepId: 'rollback',
    env: toldOf(environment),
  });
}

/** Nothing promises that the ledger reads back at once what the deploy job wrote: its result and output say how far the release came. */
function toldOf({ id }: Environment): Record<string, string> {
  return {
    DELIVERY_DEPLOYED: expression(`needs.deploy_${id}.result`),
    DELIVERY_STATE: expression(`needs.deploy_${id}.outputs.state`),
  };
}
