import { Request, runTargetCommand } from './command';
import { DeploymentInProgress, PhaseResult } from './phase';
import { CommandManifest } from '../../../contract/manifest';

/** What the command, `beforeDeploy` and `afterPromote` have in common. */
export type CommandRequest = Pick<Request, 'release' | 'slot' | 'rollbackFrom' | 'timeoutMs'>;

type Run = () => Promise<PhaseResult>;

/** Runs the environment's `beforeDeploy`, if it has one, and then the deployment. */
export function withBeforeDeploy(deployment: DeploymentInProgress, request: CommandRequest, deploy: Run): Promise<PhaseResult> {
  return inTurn(deployment, around(deployment, request, 'beforeDeploy'), deploy);
}

/** Makes a release visible to users, and then runs the environment's `afterPromote`, if it has one. */
export function withAfterPromote(deployment: DeploymentInProgress, request: CommandRequest, expose: Run): Promise<PhaseResult> {
  return inTurn(deployment, expose, around(deployment, request, 'afterPromote'));
}

function around(deployment: DeploymentInProgress, request: CommandRequest, name: 'beforeDeploy' | 'afterPromote'): Run | undefined {
  const command: CommandManifest | undefined = deployment.context.environment[name];
  return command && (() => runTargetCommand(deployment, { ...request, name, command }));
}

/** Runs them as one phase: if one fails, the phase fails, and the next one does not run. */
async function inTurn(deployment: DeploymentInProgress, ...runs: (Run | undefined)[]): Promise<PhaseResult> {
  const [first, second] = runs.filter((run) => run !== undefined);
  const done = await first!();
  if (!second || done.event !== 'commandSucceeded') return done;
  deployment.context.log.line(done.note);
  // a process that lost its lease while it was suspended runs nothing more
  await deployment.checkStands();
  const result = await second();
  return { ...result, note: `${done.note}; ${result.note}` };
}
