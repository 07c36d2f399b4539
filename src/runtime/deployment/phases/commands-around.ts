import { Request, runTargetCommand } from './command';
import { DeploymentInProgress, PhaseResult } from './phase';
import { CommandManifest } from '../../../contract/manifest';

/** What the command and those around it are asked alike. */
export type Asked = Pick<Request, 'release' | 'slot' | 'rollbackFrom'>;

type Run = () => Promise<PhaseResult>;

/** The environment's `beforeDeploy`, where it has one; unless that fails, what brings the release there. */
export function withBeforeDeploy(deployment: DeploymentInProgress, asked: Asked, deploy: Run): Promise<PhaseResult> {
  return inTurn(deployment, around(deployment, asked, 'beforeDeploy'), deploy);
}

/** What makes a release visible to users; unless that fails, the environment's `afterPromote`, where it has one. */
export function withAfterPromote(deployment: DeploymentInProgress, asked: Asked, expose: Run): Promise<PhaseResult> {
  return inTurn(deployment, expose, around(deployment, asked, 'afterPromote'));
}

function around(deployment: DeploymentInProgress, asked: Asked, name: 'beforeDeploy' | 'afterPromote'): Run | undefined {
  const command: CommandManifest | undefined = deployment.context.environment[name];
  return command && (() => runTargetCommand(deployment, { ...asked, name, command }));
}

/** They are one phase's: if one fails, the phase has failed, and those after it do not run. */
async function inTurn(deployment: DeploymentInProgress, ...runs: (Run | undefined)[]): Promise<PhaseResult> {
  const [first, second] = runs.filter((run) => run !== undefined);
  const done = await first!();
  if (!second || done.event !== 'commandSucceeded') return done;
  deployment.context.log.line(done.note);
  // a process that was taken for lost while it stood still begins nothing more
  await deployment.checkStands();
  const result = await second();
  return { ...result, note: `${done.note}; ${result.note}` };
}
