import { github } from 'projen';
import { Environment } from '../environment';
import { TriggerManifest } from '../manifest';
import { asksFor, deployCondition, deployNeeds, DeployNeeds, expression, monitorCondition, notInFork, rollbackCondition } from './conditions';
import { allSecrets, artifactEnv, artifactSteps, checkoutAll, checkoutRuntime, runtime, Workplace } from './steps';
import { PLAN_MINUTES, timeouts } from './timeouts';

type Job = github.workflows.Job;

const { READ, WRITE } = github.workflows.JobPermission;

/** Unprivileged, beside the build: shows the plan before anyone approves. */
export function environmentJob(workplace: Workplace, environment: Environment, root: { name: string; trigger: TriggerManifest }): Job {
  const { name } = environment;
  const outputs = ['go', 'release', 'sha', 'stable', 'url', 'config'];
  return {
    name: `plan ${name}`,
    if: notInFork(asksFor(root.trigger, root.name)),
    ...runsOn(workplace, environment),
    timeoutMinutes: PLAN_MINUTES,
    permissions: { contents: READ, deployments: READ, ...artifactPermission(workplace) },
    ...(environment.secretHeaders.length > 0 ? { environment: place(environment.monitorEnvironment!) } : {}),
    outputs: outputsOf('plan', outputs),
    steps: [
      checkoutRuntime(),
      runtime('plan', `plan ${name}`, `plan ${name}`, artifactEnv(workplace, false), environment.secretHeaders),
    ],
  };
}

/** In the GitHub environment (approval happens here): deploys, verifies, promotes, bakes; on failure goes back at once. */
export function deployJob(workplace: Workplace, environment: Environment, needs: DeployNeeds): Job {
  const { name } = environment;
  const env = artifactEnv(workplace, needs.build);
  const limit = timeouts(environment);
  return {
    name: `deploy ${name}`,
    needs: deployNeeds(environment, needs),
    if: deployCondition(environment, needs),
    ...runsOn(workplace, environment),
    timeoutMinutes: limit.deploy,
    permissions: commandPermissions(workplace, environment),
    environment: place(name, environment.url),
    concurrency: queue('deploy', environment),
    steps: [
      checkoutAll(workplace, !workplace.artifact),
      ...(workplace.artifact ? artifactSteps(environment, env, ['release', 'stable']) : []),
      ...workplace.setupSteps,
      { ...runtime('deploy', `deploy ${name}`, `deploy ${name}`, env, allSecrets(environment)), timeoutMinutes: limit.deployStep },
      {
        ...runtime('settle', `settle ${name}`, `rollback ${name} --settle`, env, allSecrets(environment)),
        if: expression('always() && steps.deploy.conclusion != \'success\''),
      },
    ],
  };
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
    permissions: { contents: READ, deployments: WRITE },
    ...(monitorEnvironment === undefined ? {} : { environment: place(monitorEnvironment) }),
    outputs: outputsOf('monitor', ['settled', 'state']),
    steps: [
      checkoutRuntime(),
      runtime('monitor', `confirm ${name}`, `monitor ${name}`, deployed(id), environment.secretHeaders),
    ],
  };
}

/** Finishes what the ledger shows open: the runner died, the run was cancelled, the judge said no. */
export function rollbackJob(workplace: Workplace, environment: Environment): Job {
  const { id, name } = environment;
  const env = artifactEnv(workplace, false);
  return {
    name: `settle ${name}`,
    needs: [`deploy_${id}`, `monitor_${id}`],
    if: rollbackCondition(environment),
    ...runsOn(workplace, environment),
    timeoutMinutes: timeouts(environment).rollback,
    permissions: commandPermissions(workplace, environment),
    environment: place(environment.rollbackEnvironment ?? name, environment.url),
    concurrency: queue('rollback', environment),
    steps: [
      checkoutAll(workplace, !workplace.artifact),
      ...(workplace.artifact ? artifactSteps(environment, env, ['stable']) : []),
      ...workplace.setupSteps,
      runtime('rollback', `settle ${name}`, `rollback ${name} --settle`, { ...env, ...deployed(id) }, allSecrets(environment)),
    ],
  };
}

/** Nothing promises that the ledger reads back at once what the deploy job wrote: its result says how far the release came. */
function deployed(id: string): Record<string, string> {
  return { DELIVERY_DEPLOYED: expression(`needs.deploy_${id}.result`) };
}

export function runsOn({ hub }: Workplace, { runsOn: labels }: { runsOn?: string[] }): Pick<Job, 'runsOn' | 'runsOnGroup'> {
  return hub.runsOnConfig({ runsOn: labels });
}

/** GitHub's secrets, reviewers and wait timers apply, but the record is ours: GitHub's would be the job's result. */
function place(name: string, url?: string): Record<string, unknown> {
  return { name, ...(url === undefined ? {} : { url }), deployment: false };
}

/** All wait, none is cancelled: a rollback in the queue would vanish. */
function queue(kind: 'deploy' | 'rollback', { name }: Environment): Record<string, unknown> {
  return { 'group': `delivery-${kind}-${name}`, 'cancel-in-progress': false, 'queue': 'max' };
}

function commandPermissions(workplace: Workplace, { target }: Environment): github.workflows.JobPermissions {
  return {
    contents: READ,
    deployments: WRITE,
    ...artifactPermission(workplace),
    ...(target._idToken ? { idToken: WRITE } : {}),
  };
}

/** The artifact may be another run's. */
function artifactPermission({ artifact }: Workplace): github.workflows.JobPermissions {
  return artifact ? { actions: READ } : {};
}

function outputsOf(stepId: string, names: string[]): Record<string, github.workflows.JobStepOutput> {
  return Object.fromEntries(names.map((outputName) => [outputName, { stepId, outputName }]));
}
