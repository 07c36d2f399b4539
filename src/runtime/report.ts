import { ExitCode } from './commands/command';
import { Deployment } from './deployment';
import { Plan } from './plan';
import { State } from './rollout';
import { Surroundings } from './surroundings';

export function exitCodeOf(state: State): ExitCode {
  switch (state) {
    case 'halted': return 3;
    case 'superseded': return 2;
    case 'rollingBack':
    case 'rolledBack':
    case 'failed': return 1;
    default: return 0;
  }
}

export function report(deployment: Deployment, next?: string): void {
  deployment.surroundings.log.line(`${deployment.state}: ${deployment.note} ${next ?? ''}`);
}

export function planReport(surroundings: Surroundings, plan: Plan, reached: Record<string, boolean>, trigger: string): void {
  surroundings.log.line(`${plan.wayBack} ${trigger} ${JSON.stringify(reached)}`);
}
